package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.Faults;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Calls that wait for a permit, as their callers see them. */
final class WaitingTest {
  private final Platform platform =
      new Platform(
          2, 1, Map.of("YTEMPIRE_CALLS_CONCURRENT", "1", "YTEMPIRE_FETCHES_CONCURRENT", "2"));
  private final String ada = platform.connectedUser(0);
  private final String bob = platform.connectedUser(1);

  @AfterEach
  void close() {
    platform.simulator.faults().release();
    platform.close();
  }

  private Map<String, Object> body(int account, int waitSeconds) {
    return Map.of(
        "requests",
        List.of(
            Map.of(
                "userId",
                account == 0 ? ada : bob,
                "channelId",
                platform.world.accounts().get(account).channels().getFirst().id(),
                "report",
                "channel-statistics")),
        "maxAgeMinutes",
        0,
        "waitSeconds",
        waitSeconds);
  }

  private Answer fetch(int account, int waitSeconds) {
    return platform.post("/v1/metrics/fetch", Platform.OPERATOR_TOKEN, body(account, waitSeconds));
  }

  /** A fetch of Ada's that Google does not answer yet. */
  private CompletableFuture<Answer> slowFetch() {
    platform.simulator.faults().next(Faults.Kind.SLOW, 1);
    CompletableFuture<Answer> slow = CompletableFuture.supplyAsync(() -> fetch(0, 60));
    Polling.until("a call at YouTube", () -> platform.simulator.faults().waiting() > 0);
    return slow;
  }

  /** Sends Bob's fetch, and leaves the answer unread. */
  private Socket send() throws IOException {
    Socket socket = new Socket("127.0.0.1", platform.app.port());
    byte[] body = Platform.JSON.writeValueAsBytes(body(1, 60));
    socket
        .getOutputStream()
        .write(
            "POST /v1/metrics/fetch HTTP/1.1\r\nHost: sidecar\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                .formatted(Platform.OPERATOR_TOKEN, body.length)
                .getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(body);
    socket.getOutputStream().flush();
    return socket;
  }

  private void awaitMeter(String line) {
    Polling.until(
        line, () -> platform.get("/metrics", null).expect(200).body().asString().contains(line));
  }

  @Test
  void rate_limit_headers_are_not_waited_for_past_the_deadline() throws Exception {
    platform.simulator.faults().next(Faults.Kind.SLOW, 1);
    // The request may take an hour, the fetch in it 15 seconds.
    CompletableFuture<Answer> fetching =
        CompletableFuture.supplyAsync(
            () -> platform.post("/v1/metrics/fetch", Platform.OPERATOR_TOKEN, body(0, 15), 3600));
    Polling.until("a call at YouTube", () -> platform.simulator.faults().waiting() > 0);
    try (Connection admin = Engines.admin(platform.database);
        var statement = admin.createStatement()) {
      admin.setAutoCommit(false);
      statement.execute("lock table core.quota_hours in access exclusive mode");
      platform.simulator.faults().release();
      Answer answer = fetching.get(60, TimeUnit.SECONDS).expect(200);
      assertEquals(1, answer.body().get("results").size(), answer.body().toString());
      assertNull(answer.headers().get("ratelimit"), "limits are reported without being known");
      admin.rollback();
    }
  }

  @Test
  void a_disconnected_caller_leaves_the_queue_and_spends_nothing() throws Exception {
    CompletableFuture<Answer> slow = slowFetch();
    Map<String, Long> before = platform.simulator.usage().today();
    try (Socket socket = send()) {
      awaitMeter("ytempire_calls_waiting{api=\"data\"} 1.0");
    }
    awaitMeter("ytempire_calls_waiting{api=\"data\"} 0.0");
    awaitMeter("path=\"/v1/metrics/fetch\",status=\"499\"");
    platform.simulator.faults().release();
    slow.get(30, TimeUnit.SECONDS).expect(200);
    assertEquals(before, platform.simulator.usage().today());
    assertEquals(1, fetch(1, 60).expect(200).body().get("results").size(), "others go on");
  }

  @Test
  void who_stays_is_served_on_the_same_connection_again() throws Exception {
    try (Socket socket = send()) {
      socket.setSoTimeout(30_000);
      assertTrue(
          new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)
              .endsWith(" 200"));
    }
    // A client that keeps its connections: each of these is watched anew.
    for (int i = 0; i < 20; i++) {
      fetch(1, 60).expect(200);
    }
  }

  @Test
  void a_caller_without_time_is_answered_when_to_retry() throws Exception {
    CompletableFuture<Answer> slow = slowFetch();
    JsonNode missed = fetch(1, 0).expect(200).body().get("notFetched").get(0);
    assertEquals("busy", missed.get("reason").stringValue());
    assertEquals(
        platform.clock.instant().plusSeconds(30).toString(), missed.get("retryAt").stringValue());
    platform.simulator.faults().release();
    slow.get(30, TimeUnit.SECONDS).expect(200);
  }

  @Test
  void a_fetch_beyond_the_limit_waits_until_its_deadline_and_is_then_busy() throws Exception {
    CompletableFuture<Answer> slow = slowFetch();
    try (Socket waiting = send()) {
      awaitMeter("ytempire_calls_waiting{api=\"data\"} 1.0");
      Answer full = fetch(1, 0).expectProblem(429, "busy");
      assertEquals(List.of("6"), full.headers().get("retry-after"));
      CompletableFuture<Answer> patient = CompletableFuture.supplyAsync(() -> fetch(1, 60));
      platform.simulator.faults().release();
      slow.get(30, TimeUnit.SECONDS).expect(200);
      assertEquals(1, patient.get(30, TimeUnit.SECONDS).expect(200).body().get("results").size());
    }
  }

  @Test
  void a_statement_that_waits_for_a_lock_ends_at_the_deadline() throws Exception {
    try (Connection admin = Engines.admin(platform.database);
        var statement = admin.createStatement()) {
      statement.execute("begin; lock table core.channels in access exclusive mode");
      Answer late =
          platform
              .get("/v1/users/" + ada + "/channels", Platform.OPERATOR_TOKEN, 1)
              .expectProblem(503, "unavailable");
      assertTrue(late.text("detail").contains("Prefer: wait"), late.text("detail"));
      assertEquals(List.of("6"), late.headers().get("retry-after"));
      assertEquals(
          List.of(),
          Platform.rows(
              admin,
              "select query from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock' and query like '%from analytics.channels%'"));
      awaitMeter("outcome=\"timed-out\"");
      statement.execute("rollback");
    }
    platform.get("/v1/users/" + ada + "/channels", Platform.OPERATOR_TOKEN, 60).expect(200);
  }

  @Test
  void a_fetch_is_answered_at_its_deadline_while_google_is_silent() {
    platform.simulator.faults().next(Faults.Kind.SLOW, 1);
    JsonNode missed = fetch(0, 2).expect(200).body().get("notFetched").get(0);
    assertEquals(1, platform.simulator.faults().waiting(), "Google has not answered");
    assertEquals("busy", missed.get("reason").stringValue());
    assertEquals(
        "YouTube did not answer in the time given. Wait longer, or ask for less at once.",
        missed.get("message").stringValue());
    assertEquals(30, missed.get("retryAfterSeconds").intValue());
  }

  @Test
  void headers_state_what_is_left_of_the_buckets_spent_from() {
    Answer fetched = fetch(0, 60).expect(200);
    assertEquals(
        List.of("\"data.general\";q=10000;w=86400"), fetched.headers().get("ratelimit-policy"));
    assertEquals(
        List.of("\"data.general\";r=9997;t=50400"),
        fetched.headers().get("ratelimit"),
        "two consents and this");
  }
}
