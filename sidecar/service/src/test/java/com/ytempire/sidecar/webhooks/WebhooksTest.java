package com.ytempire.sidecar.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.testing.Receiver.Call;
import com.ytempire.sidecar.web.Contract;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Subscribers receive each event that is theirs after its transaction has committed. */
final class WebhooksTest extends WebhookFixture {
  private static final Contract CONTRACT = Contract.load();

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

  @Test
  void without_a_subscriber_nothing_is_written() {
    upload("firstvideo1");
    assertEquals(0, platform.count("core.webhook_deliveries"));
  }
}
