package com.ytempire.sidecar.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.testing.Receiver;
import com.ytempire.sidecar.testing.Receiver.Call;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.simulator.Catalog;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Subscribers receive each event after its transaction has committed, and again until they accept
 * it.
 */
final class WebhooksTest {
  private static final Contract CONTRACT = Contract.load();

  private final Platform platform = new Platform(2, 2, Map.of("YTEMPIRE_QUOTA_DATA_SEARCH", "40"));
  private final Receiver receiver = new Receiver();
  private final List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
  private final String one = channels.getFirst().id();
  private String ada = "";
  private String bob = "";
  private String service = "";

  @BeforeEach
  void connect() {
    ada = platform.connectedUser(0);
    bob = platform.connectedUser(1);
    service = platform.token("service", null);
  }

  @AfterEach
  void close() {
    platform.close();
    receiver.close();
  }

  private record NewSubscription(String id, String secret) {}

  private NewSubscription subscribe(String url, @Nullable String userId, String... events) {
    Map<String, Object> body = new LinkedHashMap<>(Map.of("url", url, "events", List.of(events)));
    if (userId != null) {
      body.put("userId", userId);
    }
    Answer made = platform.post("/v1/subscriptions", service, body).expect(201);
    return new NewSubscription(
        made.body().get("subscription").get("subscriptionId").stringValue(), made.text("secret"));
  }

  private Answer subscription(NewSubscription subscribed) {
    return platform.get("/v1/subscriptions/" + subscribed.id(), service);
  }

  private Map<String, Object> video(String userId, String channel, String id, Duration age) {
    return Map.of(
        "kind",
        "video",
        "userId",
        userId,
        "channelId",
        channel,
        "videoId",
        id,
        "title",
        "Title of " + id,
        "publishedAt",
        platform.clock.instant().minus(age).toString());
  }

  private void store(boolean isDryRun, List<Map<String, Object>> rows) {
    platform
        .post("/v1/metrics/store", service, Map.of("rows", rows, "dryRun", isDryRun))
        .expect(200);
  }

  private void upload(String id) {
    store(false, List.of(video(ada, one, id, Duration.ofHours(1))));
  }

  private static Call fitting(Call call) {
    assertEquals(List.of(), CONTRACT.faults("event", call.json()), call.body());
    assertEquals(call.id(), call.text("eventId"));
    return call;
  }

  @Test
  void a_new_video_is_one_signed_event_as_the_contract_has_it() {
    NewSubscription subscribed = subscribe(receiver.url(), null, "new-video");
    store(true, List.of(video(ada, one, "rehearsed11", Duration.ofHours(1))));
    upload("firstvideo1");
    upload("firstvideo1");
    store(
        false,
        List.of(
            video(ada, one, "firstvideo1", Duration.ofHours(1)),
            video(ada, one, "fourdaysold", Duration.ofDays(4)),
            video(
                bob,
                platform.world.accounts().get(1).channels().getFirst().id(),
                "bobsvideo11",
                Duration.ZERO)));
    Call first = fitting(receiver.next());
    assertEquals("firstvideo1", first.text("videoId"));
    assertEquals("Title of firstvideo1", first.text("title"));
    assertEquals(ada, first.text("userId"));
    assertEquals(one, first.text("channelId"));
    assertEquals(platform.clock.instant().getEpochSecond(), first.sentAt());
    assertTrue(first.isSignedWith(subscribed.secret()));
    assertFalse(first.isSignedWith("whsec_" + "A".repeat(44)));
    Call second = fitting(receiver.next());
    assertEquals("bobsvideo11", second.text("videoId"));
    assertEquals(bob, second.text("userId"));
    assertEquals(0, receiver.more());
  }

  @Test
  void a_subscriber_whose_answer_never_ends_holds_nothing_up() throws Exception {
    BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      List<Socket> open = Collections.synchronizedList(new ArrayList<>());
      Thread.ofVirtual()
          .start(() -> {
            try {
              while (true) {
                Socket socket = server.accept();
                open.add(socket);
                BufferedReader in =
                    new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                  if (line.startsWith("webhook-id: ")) {
                    arrived.add(line);
                  }
                }
                // The body of the answer begins, and goes on for ever.
                socket
                    .getOutputStream()
                    .write(
                        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nx"
                            .getBytes(StandardCharsets.US_ASCII));
              }
            } catch (IOException e) {
              // the test has ended
            }
          });
      subscribe("http://127.0.0.1:" + server.getLocalPort(), null, "new-video");
      upload("firstvideo1");
      assertNotNull(arrived.poll(20, TimeUnit.SECONDS), "the first event was not sent");
      upload("secondvide1");
      assertNotNull(arrived.poll(20, TimeUnit.SECONDS), "the first answer held up the second");
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void the_batches_of_one_sync_are_one_event_with_their_sum() {
    subscribe(receiver.url(), ada, "sync-finished");
    for (int batch = 0; batch < 3; batch++) {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        rows.add(video(ada, one, "vid%d%d".formatted(batch, i) + "xxxxxx", Duration.ofDays(9)));
      }
      rows.add(video(ada, one, "vid00xxxxxx", Duration.ofDays(9)));
      store(false, rows);
      platform.clock.advance(Duration.ofSeconds(29));
    }
    assertEquals(0, receiver.more());
    platform.clock.advance(Duration.ofSeconds(2));
    Call call = fitting(receiver.next());
    assertEquals(15, call.json().get("stored").intValue());
    assertEquals(
        3, call.json().get("updated").intValue() + call.json().get("unchanged").intValue());
    assertEquals("wfTest", call.text("workflowId"));
    assertEquals("42", call.text("executionId"));
    // What comes later is a sync of its own.
    store(false, List.of(video(ada, one, "muchlater11", Duration.ofDays(9))));
    platform.clock.advance(Duration.ofSeconds(31));
    Call later = fitting(receiver.next());
    assertEquals(1, later.json().get("stored").intValue());
    assertNotEquals(call.id(), later.id());
  }

  @Test
  void a_delivery_is_retried_with_the_same_id_also_after_a_restart() {
    NewSubscription subscribed = subscribe(receiver.url(), null, "new-video");
    receiver.answer(503);
    upload("firstvideo1");
    Call refused = receiver.next();
    awaitFailing(subscribed);
    assertEquals("answered 503", subscription(subscribed).text("lastError"));
    assertEquals(1, subscription(subscribed).body().get("waiting").intValue());
    platform.restart();
    receiver.answer(204);
    platform.clock.advance(Duration.ofSeconds(6));
    Call taken = receiver.next();
    assertEquals(refused.id(), taken.id());
    assertEquals(refused.body(), taken.body());
    assertTrue(taken.isSignedWith(subscribed.secret()));
    assertNotEquals(refused.signature(), taken.signature());
    awaitWaiting(subscribed, 0);
    awaitRecovered(subscribed);
    platform.clock.advance(Duration.ofHours(1));
    upload("secondvideo");
    assertEquals("secondvideo", receiver.next().text("videoId"));
  }

  /** The sidecar notes what an address said after it has said it. */
  private void awaitFailing(NewSubscription subscribed) {
    Polling.until(
        "a failure of the subscription",
        () -> !subscription(subscribed).expect(200).body().get("lastError").isNull());
  }

  /** A delivery is marked in its tenant's transaction, its subscription in a later one. */
  private void awaitRecovered(NewSubscription subscribed) {
    Polling.until(
        "the end of the failures",
        () -> subscription(subscribed).expect(200).body().get("failingSince").isNull());
  }

  private void awaitWaiting(NewSubscription subscribed, int wanted) {
    Polling.until(
        wanted + " events that are due",
        () -> subscription(subscribed).expect(200).body().get("waiting").intValue() == wanted);
  }

  @Test
  void what_a_replica_took_and_never_finished_is_sent_by_another() {
    subscribe(receiver.url(), null, "new-video");
    receiver.answer(500);
    upload("firstvideo1");
    Call sent = receiver.next();
    platform.app.close();
    // As one that died had left it: taken for two minutes, and nothing more.
    platform.admin(
        "update core.webhook_deliveries set due_at = '%s', attempts = 1 returning 1 as n"
            .formatted(platform.clock.instant().plus(Duration.ofMinutes(2))));
    receiver.answer(200);
    platform.restart();
    platform.clock.advance(Duration.ofMinutes(3));
    assertEquals(sent.id(), receiver.next().id());
  }

  @Test
  void a_users_subscription_receives_no_event_of_another() {
    subscribe(receiver.url(), bob, "new-video");
    upload("adasvideo11");
    store(
        false,
        List.of(
            video(
                bob,
                platform.world.accounts().get(1).channels().getFirst().id(),
                "bobsvideo11",
                Duration.ZERO)));
    assertEquals("bobsvideo11", receiver.next().text("videoId"));
    assertEquals(0, receiver.more());
  }

  @Test
  void an_address_that_is_dead_holds_nobody_else_up() {
    NewSubscription dead = subscribe("http://127.0.0.1:1/nobody", null, "new-video");
    subscribe(receiver.url(), null, "new-video");
    for (int i = 0; i < 25; i++) {
      upload("manyvideo%02d".formatted(i));
    }
    Set<String> heard = new TreeSet<>();
    for (int i = 0; i < 25; i++) {
      heard.add(receiver.next().text("videoId"));
    }
    assertEquals(25, heard.size());
    awaitFailing(dead);
    assertEquals(25, subscription(dead).body().get("waiting").intValue());
    // It rests: what is due to it is not even tried.
    assertEquals(
        1,
        platform
            .admin(
                "select max(attempts) as n from core.webhook_deliveries d join core.webhook_subscriptions s using (subscription_id) where s.url like '%:1/nobody'")
            .getFirst()
            .get("n"));
  }

  @Test
  void an_endpoint_that_stays_down_is_called_less_and_less_often() {
    NewSubscription subscribed = subscribe("http://127.0.0.1:1/nobody", null, "new-video");
    upload("firstvideo1");
    for (int failures = 1; failures <= 4; failures++) {
      String row =
          "core.webhook_subscriptions where subscription_id = '%s' and failures = %d"
              .formatted(subscribed.id(), failures);
      Polling.until(row, () -> platform.count(row) > 0);
      Duration rest = Duration.ofSeconds(5L << (failures - 1));
      assertEquals(
          1,
          platform.count(row + " and rests_until = '" + platform.clock.instant().plus(rest) + "'"),
          "after " + failures);
      platform.clock.advance(rest);
    }
  }

  @Test
  void a_subscriber_that_resumes_receives_its_events_at_once() {
    NewSubscription subscribed = subscribe(receiver.url(), null, "new-video");
    receiver.refuse("awayvideo01");
    upload("awayvideo01");
    assertEquals("awayvideo01", receiver.next().text("videoId"));
    String row =
        "core.webhook_subscriptions where subscription_id = '%s' and failures = 1"
            .formatted(subscribed.id());
    Polling.until(row, () -> platform.count(row) > 0);
    receiver.refuse("nothing");
    platform
        .post("/v1/subscriptions/" + subscribed.id() + "/resume", Platform.OPERATOR_TOKEN, Map.of())
        .expect(200);
    // The clock stands still: no pause can have ended.
    assertEquals("awayvideo01", receiver.next().text("videoId"));
    platform
        .post(
            "/v1/subscriptions/" + UUID.randomUUID() + "/resume", Platform.OPERATOR_TOKEN, Map.of())
        .expectProblem(404, "unknown-subscription");
  }

  @Test
  void a_subscriber_resumed_during_a_failing_call_rests_briefly() {
    NewSubscription subscribed = subscribe(receiver.url(), null, "new-video");
    receiver.refuse("awayvideo01");
    upload("awayvideo01");
    receiver.next();
    for (int failures = 1; failures <= 5; failures++) {
      String row = "core.webhook_subscriptions where failures = " + failures;
      Polling.until(row, () -> platform.count(row) > 0);
      // The receiver answers the fifth only after the subscriber has resumed, as n8n does that was
      // asked before it had its address.
      CountDownLatch release = failures == 5 ? receiver.beSlow() : new CountDownLatch(0);
      platform.clock.advance(Deliveries.pause(failures));
      if (failures == 5) {
        String claimed = "core.webhook_deliveries where attempts = 6";
        Polling.until(claimed, () -> platform.count(claimed) > 0);
        platform
            .post(
                "/v1/subscriptions/" + subscribed.id() + "/resume",
                Platform.OPERATOR_TOKEN,
                Map.of())
            .expect(200);
        release.countDown();
      }
      assertEquals("awayvideo01", receiver.next().text("videoId"));
    }
    String resting = "core.webhook_subscriptions where failures = 1 and resumed_at is not null";
    Polling.until(resting, () -> platform.count(resting) > 0);
    receiver.refuse("nothing");
    platform.clock.advance(Duration.ofSeconds(5));
    assertEquals("awayvideo01", receiver.next().text("videoId"));
  }

  @Test
  void an_address_that_is_slow_holds_nobody_else_up() {
    try (Receiver slow = new Receiver()) {
      CountDownLatch release = slow.beSlow();
      subscribe(slow.url(), null, "new-video");
      upload("firstvideo1");
      slow.awaitArrival();
      subscribe(receiver.url(), null, "new-video");
      for (int i = 0; i < 3; i++) {
        upload("nextvideo%02d".formatted(i));
        assertEquals("nextvideo%02d".formatted(i), receiver.next().text("videoId"));
      }
      assertEquals(0, slow.more());
      release.countDown();
      assertEquals("firstvideo1", slow.next().text("videoId"));
      assertEquals("nextvideo00", slow.next().text("videoId"));
    }
  }

  @Test
  void an_event_that_is_never_taken_does_not_stop_the_others() {
    subscribe(receiver.url(), null, "new-video");
    receiver.refuse("poisonvideo");
    upload("poisonvideo");
    assertEquals("poisonvideo", receiver.next().text("videoId"));
    for (String good : List.of("goodvideo01", "goodvideo02", "goodvideo03")) {
      // The round is over: otherwise it would have the address rest from the moment after.
      Polling.until(
          "the end of the round",
          () ->
              platform.count(
                      "core.webhook_subscriptions where rests_until > '"
                          + platform.clock.instant()
                          + "'")
                  > 0);
      upload(good);
      platform.clock.advance(Duration.ofMinutes(20));
      String heard = receiver.next().text("videoId");
      while (heard.equals("poisonvideo")) {
        heard = receiver.next().text("videoId");
      }
      assertEquals(good, heard);
    }
  }

  @Test
  void an_address_that_is_gone_ends_its_subscription() {
    NewSubscription subscribed = subscribe(receiver.url(), null, "new-video");
    receiver.answer(410);
    upload("firstvideo1");
    receiver.next();
    Polling.until("the end of the subscription", () -> subscription(subscribed).status() != 200);
    subscription(subscribed).expectProblem(404, "unknown-subscription");
    assertEquals(0, platform.count("core.webhook_deliveries"));
  }

  /** Its deletion waits for nobody; what is stored meanwhile waits for the deletion. */
  @Test
  void a_subscription_deleted_meanwhile_does_not_fail_a_store() throws Exception {
    NewSubscription videos = subscribe(receiver.url(), ada, "new-video");
    NewSubscription syncs = subscribe(receiver.url(), ada, "sync-finished");
    try (Connection admin = Engines.admin(platform.database);
        Statement statement = admin.createStatement();
        ExecutorService caller = Executors.newSingleThreadExecutor()) {
      admin.setAutoCommit(false);
      statement.execute(
          "delete from core.webhook_subscriptions where subscription_id in ('%s', '%s')"
              .formatted(videos.id(), syncs.id()));
      Future<?> stored = caller.submit(() -> upload("firstvideo1"));
      Polling.until(
          "the store at the lock, or its end",
          () ->
              stored.isDone()
                  || !platform
                      .admin(
                          "select pid from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock'")
                      .isEmpty());
      admin.commit();
      stored.get();
    }
    assertEquals(0, platform.count("core.webhook_deliveries"));
  }

  @Test
  void delivery_ends_after_three_days_and_a_subscription_after_a_week() {
    NewSubscription subscribed = subscribe(receiver.url(), null, "new-video");
    receiver.answer(500);
    upload("firstvideo1");
    receiver.next();
    awaitFailing(subscribed);
    platform.clock.advance(Duration.ofDays(2));
    platform.app.runJobs();
    assertEquals(1, platform.count("core.webhook_deliveries"));
    platform.clock.advance(Duration.ofDays(2));
    platform.app.runJobs();
    assertEquals(0, platform.count("core.webhook_deliveries"));
    assertTrue(
        platform
            .get("/metrics", null)
            .body()
            .asString()
            .contains("ytempire_webhooks_deliveries_total{outcome=\"given-up\"} 1"));
    subscription(subscribed).expect(200);
    platform.clock.advance(Duration.ofDays(4));
    platform.app.runJobs();
    subscription(subscribed).expectProblem(404, "unknown-subscription");
  }

  @Test
  void connecting_and_losing_a_channel_publish_events() {
    subscribe(receiver.url(), ada, "channel-connected", "reconnect-needed");
    platform.connect(ada, one, one);
    Call connected = fitting(receiver.next());
    assertEquals("channel-connected", connected.text("kind"));
    assertEquals(one, connected.text("channelId"));
    assertEquals(channels.getFirst().title(), connected.text("channelName"));
    platform.simulator.faults().killGrant(one);
    for (int i = 0; i < 2; i++) {
      platform
          .post(
              "/v1/metrics/fetch",
              service,
              Map.of(
                  "maxAgeMinutes",
                  0,
                  "requests",
                  List.of(Map.of("userId", ada, "channelId", one, "report", "channel-day"))))
          .expect(200);
    }
    Call dead = fitting(receiver.next());
    assertEquals("reconnect-needed", dead.text("kind"));
    assertTrue(dead.text("message").contains("Connect it again"));
    assertEquals(0, receiver.more());
  }

  @Test
  void a_user_with_a_low_quota_gets_one_event_a_day() {
    subscribe(receiver.url(), null, "quota-low");
    // Of 40 searches a day 20 are guaranteed, 10 to each, 4 are for people, and 16 are common.
    platform.app.runMinuteJobs();
    reserve(ada, 25);
    platform.app.runMinuteJobs();
    platform.app.runMinuteJobs();
    Call low = fitting(receiver.next());
    assertEquals(ada, low.text("userId"));
    assertEquals("data.search", low.text("bucket"));
    assertEquals(10, low.json().get("guaranteed").intValue());
    assertEquals(25, low.json().get("used").intValue());
    assertEquals(1, low.json().get("available").intValue());
    assertEquals("2026-11-21T08:00:00Z", low.text("resetsAt"));
    platform.clock.advance(Duration.ofDays(1));
    reserve(ada, 26);
    platform.app.runMinuteJobs();
    Call next = fitting(receiver.next());
    assertEquals("2026-11-22T08:00:00Z", next.text("resetsAt"));
    assertEquals(0, receiver.more());
  }

  private void reserve(String userId, int units) {
    platform
        .post(
            "/v1/quota/reservations",
            service,
            Map.of("bucket", "data.search", "units", units, "userId", userId, "leaseMinutes", 600))
        .expect(201);
  }

  @Test
  void there_are_a_thousand_subscriptions_at_most() {
    platform.execute(
        "insert into core.webhook_subscriptions (url, events, secret, created_at) select 'https://example.com/', '{sync-finished}', 's', now() from generate_series(1, 999)");
    Map<String, Object> one =
        Map.of("url", receiver.url(), "events", List.of("new-video"), "userId", ada);
    String id =
        platform
            .post("/v1/subscriptions", service, one)
            .expect(201)
            .body()
            .at("/subscription/subscriptionId")
            .asString();
    platform.post("/v1/subscriptions", service, one).expectProblem(409, "too-many-subscriptions");
    platform.delete("/v1/subscriptions/" + id, service).expect(204);
    platform.post("/v1/subscriptions", service, one).expect(201);
  }

  @Test
  void at_most_200_subscriptions_are_for_one_user_or_for_all() {
    platform.execute(
        "insert into core.webhook_subscriptions (user_id, url, events, secret, created_at) select u, 'https://example.com/', '{sync-finished}', 's', now() from generate_series(1, 199), unnest(array[null, '%s'::uuid]) u"
            .formatted(ada));
    Map<String, Object> ofAll = Map.of("url", receiver.url(), "events", List.of("new-video"));
    Map<String, Object> ofAda =
        Map.of("url", receiver.url(), "events", List.of("new-video"), "userId", ada);
    Map<String, Object> ofBob =
        Map.of(
            "url",
            receiver.url(),
            "events",
            List.of("new-video"),
            "userId",
            platform.createUser("another@example.com"));
    platform.post("/v1/subscriptions", service, ofAll).expect(201);
    platform.post("/v1/subscriptions", service, ofAll).expectProblem(409, "too-many-subscriptions");
    platform.post("/v1/subscriptions", service, ofAda).expect(201);
    platform.post("/v1/subscriptions", service, ofAda).expectProblem(409, "too-many-subscriptions");
    platform.post("/v1/subscriptions", service, ofBob).expect(201);
  }

  @Test
  void a_sample_of_each_kind_comes_at_once_and_says_that_it_is_one() {
    Set<String> kinds =
        Set.of("sync-finished", "reconnect-needed", "channel-connected", "quota-low", "new-video");
    Answer made =
        platform
            .post(
                "/v1/subscriptions",
                service,
                Map.of("url", receiver.url(), "events", kinds, "userId", ada, "sendSample", true))
            .expect(201);
    Set<String> heard = new TreeSet<>();
    for (int i = 0; i < kinds.size(); i++) {
      Call sample = fitting(receiver.next());
      assertTrue(sample.json().get("isSample").booleanValue());
      assertTrue(sample.isSignedWith(made.text("secret")));
      assertEquals(ada, sample.text("userId"));
      heard.add(sample.text("kind"));
    }
    assertEquals(new TreeSet<>(kinds), heard);
    // Of all users: somebody who is there, so that the nodes after it find what they look for.
    platform
        .post(
            "/v1/subscriptions",
            service,
            Map.of("url", receiver.url(), "events", List.of("new-video"), "sendSample", true))
        .expect(201);
    Call anybodys = fitting(receiver.next());
    platform
        .get(
            "/v1/users/%s/channels/%s"
                .formatted(anybodys.text("userId"), anybodys.text("channelId")),
            service)
        .expect(200);
  }

  /** Subscribes to new videos of Ada, of which one is sent at once. */
  private Answer subscribeWithSample() {
    return platform.post(
        "/v1/subscriptions",
        service,
        Map.of(
            "url",
            receiver.url(),
            "events",
            List.of("new-video"),
            "userId",
            ada,
            "sendSample",
            true));
  }

  @Test
  void a_subscription_whose_sample_cannot_be_made_is_not_stored() {
    platform.execute("alter view analytics.videos rename to videos_elsewhere");
    Answer failed = subscribeWithSample();
    platform.execute("alter view analytics.videos_elsewhere rename to videos");
    assertTrue(failed.status() >= 500, failed.body().toString());
    assertEquals(0, platform.count("core.webhook_subscriptions"));
  }

  @Test
  void a_sample_of_a_new_video_is_the_newest_one_stored() {
    String two = channels.get(1).id();
    store(
        false,
        List.of(
            video(ada, one, "oldervideo1", Duration.ofDays(200)),
            video(ada, two, "newestvid01", Duration.ofDays(100))));
    subscribeWithSample().expect(201);
    Call sample = fitting(receiver.next());
    assertEquals("newestvid01", sample.text("videoId"));
    assertEquals(two, sample.text("channelId"));
    assertTrue(sample.json().get("isSample").booleanValue());
  }

  @Test
  void no_event_is_delivered_of_an_erased_user_or_disconnected_channel() {
    receiver.answer(500);
    NewSubscription subscribed = subscribe(receiver.url(), null, "new-video");
    upload("firstvideo1");
    receiver.next();
    awaitFailing(subscribed);
    platform.delete("/v1/users/%s/channels/%s/connection".formatted(ada, one), service).expect(204);
    receiver.answer(200);
    platform.clock.advance(Duration.ofMinutes(1));
    String two = channels.get(1).id();
    store(false, List.of(video(ada, two, "othervideo1", Duration.ZERO)));
    assertEquals("othervideo1", receiver.next().text("videoId"));
    awaitWaiting(subscribed, 1);
    platform
        .delete(
            "/v1/users/" + ada + "?confirm=" + platform.world.accounts().getFirst().email(),
            service)
        .expect(200);
    assertEquals(0, platform.count("core.webhook_deliveries"));
    assertEquals(1, platform.count("core.webhook_subscriptions"));
  }

  @Test
  void no_secret_is_listed_and_a_users_own_token_may_not_subscribe() {
    NewSubscription subscribed = subscribe(receiver.url(), ada, "new-video");
    Answer listed = platform.get("/v1/subscriptions", service).expect(200);
    assertEquals(1, listed.body().get("subscriptions").size());
    assertFalse(listed.body().toString().contains(subscribed.secret()));
    assertFalse(listed.body().toString().contains("whsec"));
    String adas = platform.token("user", ada);
    platform
        .post(
            "/v1/subscriptions",
            adas,
            Map.of("url", receiver.url(), "events", List.of("new-video")))
        .expectProblem(403, "forbidden");
    platform.get("/v1/subscriptions", adas).expectProblem(403, "forbidden");
    platform.delete("/v1/subscriptions/" + subscribed.id(), adas).expectProblem(403, "forbidden");
    platform.delete("/v1/subscriptions/" + subscribed.id(), service).expect(204);
    platform
        .delete("/v1/subscriptions/" + subscribed.id(), service)
        .expectProblem(404, "unknown-subscription");
  }

  @Test
  void an_unusable_url_and_an_unknown_user_are_rejected() {
    for (String url : List.of("http://name:secret@127.0.0.1/x", "http:///x", "https://a b")) {
      platform
          .post("/v1/subscriptions", service, Map.of("url", url, "events", List.of("new-video")))
          .expectProblem(400, "invalid-request");
    }
    platform
        .post(
            "/v1/subscriptions",
            service,
            Map.of(
                "url",
                receiver.url(),
                "events",
                List.of("new-video"),
                "userId",
                "3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d"))
        .expectProblem(404, "unknown-user");
    assertEquals(0, platform.count("core.webhook_subscriptions"));
  }

  @Test
  void a_private_address_is_refused_at_creation() {
    for (String url :
        List.of(
            "http://10.0.0.1/hook",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]:8080/",
            "http://8.8.8.8:25/")) {
      platform
          .post("/v1/subscriptions", service, Map.of("url", url, "events", List.of("new-video")))
          .expectProblem(400, "invalid-request");
    }
    assertEquals(0, platform.count("core.webhook_subscriptions"));
  }

  @Test
  void a_name_of_a_private_address_is_never_connected_to() {
    try (Platform strict =
        new Platform(1, 1, Map.of("YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS", "elsewhere.example:5678"))) {
      String user = strict.connectedUser(0);
      String token = strict.token("service", null);
      String id =
          strict
              .post(
                  "/v1/subscriptions",
                  token,
                  Map.of(
                      "url",
                      receiver.url().replace("127.0.0.1", "localhost"),
                      "events",
                      List.of("new-video")))
              .expect(201)
              .body()
              .get("subscription")
              .get("subscriptionId")
              .stringValue();
      strict
          .post(
              "/v1/metrics/store",
              token,
              Map.of(
                  "rows",
                  List.of(
                      video(
                          user,
                          strict.world.accounts().getFirst().channels().getFirst().id(),
                          "firstvideo1",
                          Duration.ZERO))))
          .expect(200);
      Polling.until(
          "a failure of the subscription",
          () -> {
            assertEquals(0, receiver.more(), "it was called");
            return !strict.get("/v1/subscriptions/" + id, token).body().get("lastError").isNull();
          });
      assertEquals(
          "address not allowed", strict.get("/v1/subscriptions/" + id, token).text("lastError"));
    }
    assertEquals(0, receiver.more());
  }

  /** Waits for the other end to hang up, no longer than this; zero: not at all. */
  private static boolean hangsUp(Socket socket, Duration pause) throws IOException {
    if (pause.isZero()) {
      return false;
    }
    socket.setSoTimeout((int) pause.toMillis());
    try {
      while (socket.getInputStream().read() >= 0) {
        // The request.
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  /**
   * Takes the first delivery of each connection, and hangs up on the second when it has read it.
   *
   * @param ids of the deliveries that came
   */
  private static void takeOneEach(ServerSocket server, Collection<String> ids) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              Socket socket = server.accept();
              Thread.ofVirtual()
                  .start(() -> {
                    try (socket) {
                      BufferedReader in =
                          new BufferedReader(
                              new InputStreamReader(
                                  socket.getInputStream(), StandardCharsets.US_ASCII));
                      readDelivery(in, ids);
                      socket
                          .getOutputStream()
                          .write(
                              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                                  .getBytes(StandardCharsets.US_ASCII));
                      readDelivery(in, ids);
                    } catch (IOException e) {
                      // the sidecar has hung up
                    }
                  });
            }
          } catch (IOException e) {
            // the test has ended
          }
        });
  }

  private static void readDelivery(BufferedReader in, Collection<String> ids) throws IOException {
    String id = "";
    int length = 0;
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      if (line.startsWith("webhook-id: ")) {
        id = line.substring(12);
      } else if (line.startsWith("Content-Length: ")) {
        length = Integer.parseInt(line.substring(16));
      }
    }
    for (int i = 0; i < length; i++) {
      if (in.read() < 0) {
        throw new EOFException();
      }
    }
    ids.add(id);
  }

  @Test
  void a_connection_that_breaks_counts_as_an_attempt() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      List<String> ids = Collections.synchronizedList(new ArrayList<>());
      takeOneEach(server, ids);
      NewSubscription subscribed =
          subscribe("http://127.0.0.1:" + server.getLocalPort(), null, "new-video");
      upload("firstvideo1");
      Polling.until("the first delivery", () -> !ids.isEmpty());
      awaitWaiting(subscribed, 0);
      // On the connection that is kept.
      upload("secondvide2");
      Polling.until(
          "a failure of the subscription",
          () -> {
            assertTrue(ids.size() <= 2, "sent again without being counted: " + ids);
            return !subscription(subscribed).body().get("lastError").isNull();
          });
      assertEquals("not reachable", subscription(subscribed).text("lastError"));
      assertEquals(2, ids.size(), ids.toString());
      // The schedule sends it again.
      platform.clock.advance(Duration.ofSeconds(6));
      awaitWaiting(subscribed, 0);
      assertEquals(ids.get(1), ids.get(2), ids.toString());
    }
  }

  /** Answers every connection with a status line and then this, again and again. */
  private static void answerForever(ServerSocket server, String text, Duration pause) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              Socket socket = server.accept();
              Thread.ofVirtual()
                  .start(() -> {
                    try (socket) {
                      OutputStream out = socket.getOutputStream();
                      out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
                      while (!hangsUp(socket, pause)) {
                        out.write(text.getBytes(StandardCharsets.US_ASCII));
                      }
                    } catch (IOException e) {
                      // the sidecar has hung up
                    }
                  });
            }
          } catch (IOException e) {
            // the test has ended
          }
        });
  }

  @Test
  void a_dripping_head_ends_at_the_deadline() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      answerForever(server, "x", Duration.ofMillis(200));
      NewSubscription subscribed =
          subscribe("http://127.0.0.1:" + server.getLocalPort(), null, "new-video");
      upload("firstvideo1");
      awaitFailing(subscribed);
      assertEquals("timed out", subscription(subscribed).text("lastError"));
    }
  }

  @Test
  void a_head_without_end_is_cut_off() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      answerForever(server, "x-more: " + "x".repeat(1000) + "\r\n", Duration.ZERO);
      NewSubscription subscribed =
          subscribe("http://127.0.0.1:" + server.getLocalPort(), null, "new-video");
      upload("firstvideo1");
      awaitFailing(subscribed);
      assertEquals("not reachable", subscription(subscribed).text("lastError"));
    }
  }

  @Test
  void a_redirect_is_not_followed() {
    try (Receiver inside = new Receiver()) {
      receiver.redirect(inside.url());
      NewSubscription subscribed = subscribe(receiver.url(), null, "new-video");
      upload("firstvideo1");
      receiver.next();
      awaitFailing(subscribed);
      assertEquals("answered 307", subscription(subscribed).text("lastError"));
      assertEquals(0, inside.more());
    }
  }

  @Test
  void without_a_subscriber_nothing_is_written() {
    upload("firstvideo1");
    assertEquals(0, platform.count("core.webhook_deliveries"));
  }
}
