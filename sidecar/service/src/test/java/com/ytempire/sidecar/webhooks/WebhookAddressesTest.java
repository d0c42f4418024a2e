package com.ytempire.sidecar.webhooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.testing.Receiver;
import com.ytempire.sidecar.testing.Receiver.Call;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whatever an address does, it holds nobody else up, and each event is sent until it is taken. */
final class WebhookAddressesTest extends WebhookFixture {
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

  /** A delivery is marked in its tenant's transaction, its subscription in a later one. */
  private void awaitRecovered(NewSubscription subscribed) {
    Polling.until(
        "the end of the failures",
        () -> subscription(subscribed).expect(200).body().get("failingSince").isNull());
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
}
