package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.Faults;
import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A part is unavailable: what is answered, and that nothing is stored by halves. */
final class OutageTest {
  private static Map<String, Object> channelDay(String userId, String channelId) {
    return Map.of(
        "kind",
        "channel-day",
        "userId",
        userId,
        "channelId",
        channelId,
        "day",
        "2026-11-01",
        "views",
        1);
  }

  private static Map<String, Object> request(String userId, String channelId, String report) {
    return Map.of("userId", userId, "channelId", channelId, "report", report);
  }

  @Test
  void without_redis_no_call_goes_out_and_stored_data_is_readable() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      String service = platform.token("service", null);
      platform
          .post("/v1/metrics/store", service, Map.of("rows", List.of(channelDay(ada, channel))))
          .expect(200);
      Map<String, Long> before = platform.simulator.usage().today();

      platform.redis.close();

      platform
          .post("/v1/quota/check", service, Map.of("bucket", "data.general", "units", 1))
          .expectProblem(503, "unavailable");
      Answer fetched =
          platform.post(
              "/v1/metrics/fetch",
              service,
              Map.of(
                  "requests",
                  List.of(request(ada, channel, "channel-statistics")),
                  "waitSeconds",
                  2));
      JsonNode missed = fetched.expect(200).body().get("notFetched").get(0);
      assertEquals("unavailable", missed.get("reason").stringValue());
      assertTrue(!missed.get("retryAt").isNull(), missed.toString());
      assertEquals(before, platform.simulator.usage().today());
      assertEquals(
          1,
          platform
              .get("/v1/users/" + ada + "/metrics/channel-day", service)
              .expect(200)
              .body()
              .get("rows")
              .size());
      JsonNode health = platform.get("/health/ready", null).expect(503).body();
      assertEquals("unavailable", health.get("checks").get("redis").stringValue());
      assertEquals("up", health.get("checks").get("postgresql").stringValue());
      platform.get("/health/live", null).expect(200);
    }
  }

  @Test
  void a_batch_whose_connection_dies_is_undone_and_stored_again() throws Exception {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      String service = platform.token("service", null);
      List<Map<String, Object>> rows =
          List.of(
              channelDay(ada, channel),
              Map.of(
                  "kind",
                  "video-day",
                  "userId",
                  ada,
                  "channelId",
                  channel,
                  "videoId",
                  "abcdefghijk",
                  "day",
                  "2026-11-01",
                  "views",
                  1));
      try (Connection blocker =
          Engines.postgres()
              .connect(platform.database, LocalPostgres.ADMIN, Engines.postgres().password())) {
        blocker.setAutoCommit(false);
        blocker.createStatement().execute("lock table core.video_days in exclusive mode");
        CompletableFuture<Answer> answer =
            CompletableFuture.supplyAsync(
                () -> platform.post("/v1/metrics/store", service, Map.of("rows", rows)));
        // The channel's row is written by now, the video's waits for the lock.
        String waiting =
            "select pid from pg_stat_activity where usename = 'ytempire_app' and datname = current_database() and wait_event_type = 'Lock'";
        Polling.until("the store at the lock", () -> !platform.admin(waiting).isEmpty());
        platform.admin("select pg_terminate_backend(pid) from (" + waiting + ") w");
        // The batch that was undone is sent again, and waits once more.
        Polling.until("the store at the lock", () -> !platform.admin(waiting).isEmpty());
        assertEquals(0, platform.count("core.channel_days"), "a batch is stored by halves");
        blocker.rollback();
        Answer stored = answer.get(30, TimeUnit.SECONDS).expect(200);
        assertEquals(2, stored.body().get("stored").intValue(), stored.body().toString());
      }
      assertEquals(1, platform.count("core.channel_days"));
      assertEquals(1, platform.count("core.video_days"));
    }
  }

  @Test
  void without_postgresql_all_is_unavailable_and_recovers_by_itself() throws Exception {
    try (Platform platform = new Platform(1, 1)) {
      String service = platform.token("service", null);
      String allow = "alter database " + platform.database + " with allow_connections ";
      Engines.postgres().execute("postgres", allow + "false");
      Engines.postgres()
          .execute(
              "postgres",
              "select pg_terminate_backend(pid) from pg_stat_activity where datname = '"
                  + platform.database
                  + "'");
      Answer answer = platform.get("/v1/users", service, 1).expectProblem(503, "unavailable");
      assertTrue(answer.headers().containsKey("retry-after"), answer.headers().toString());
      assertEquals(
          "unavailable",
          platform
              .get("/health/ready", null)
              .expect(503)
              .body()
              .get("checks")
              .get("postgresql")
              .stringValue());

      Engines.postgres().execute("postgres", allow + "true");
      platform.get("/v1/users", service).expect(200);
    }
  }

  @Test
  void without_google_the_reason_is_reported_and_units_refunded() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      String service = platform.token("service", null);
      // An access token is at hand, so that the call itself meets the outage.
      platform
          .post(
              "/v1/metrics/fetch",
              service,
              Map.of("requests", List.of(request(ada, channel, "recent-uploads"))))
          .expect(200);
      long used = used(platform, service);

      platform.simulator.close();

      JsonNode body =
          platform
              .post(
                  "/v1/metrics/fetch",
                  service,
                  Map.of(
                      "requests",
                      List.of(request(ada, channel, "channel-statistics")),
                      "waitSeconds",
                      0))
              .expect(200)
              .body();
      assertEquals(
          "unavailable",
          body.get("notFetched").get(0).get("reason").stringValue(),
          body.toString());
      assertEquals(0, body.get("results").size());
      assertEquals(used, used(platform, service));
      assertEquals(0, platform.count("core.channel_statistics"));
    }
  }

  @Test
  void when_the_sidecar_is_stopped_a_request_under_way_is_finished_first() throws Exception {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      String service = platform.token("service", null);
      platform.simulator.faults().next(Faults.Kind.SLOW, 1);
      CompletableFuture<Answer> answer =
          CompletableFuture.supplyAsync(() ->
              platform.post(
                  "/v1/metrics/fetch",
                  service,
                  Map.of("requests", List.of(request(ada, channel, "channel-statistics")))));
      Polling.until("a call at YouTube", () -> platform.simulator.faults().waiting() > 0);
      int port = platform.app.port();
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(platform.app::close);
      Polling.until("the closed port", () -> !isListening(port));
      platform.simulator.faults().release();
      assertEquals(1, answer.get(30, TimeUnit.SECONDS).expect(200).body().get("results").size());
      stopped.get(30, TimeUnit.SECONDS);
    }
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static long used(Platform platform, String token) {
    return platform
        .post("/v1/quota/check", token, Map.of("bucket", "data.general", "units", 1))
        .expect(200)
        .body()
        .get("bucket")
        .get("used")
        .longValue();
  }
}
