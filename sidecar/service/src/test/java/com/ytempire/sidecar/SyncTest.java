package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Usage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Fetching and storing in one call. */
final class SyncTest {
  private static final List<String> REPORTS = List.of("channel-statistics", "channel-day");

  private final Platform platform = new Platform(2, 2);
  private final List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
  private String ada = "";
  private String service = "";

  @BeforeEach
  void user() {
    ada = platform.connectedUser(0);
    service = platform.token("service", null);
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private JsonNode sync(Map<String, Object> more, List<Map<String, Object>> users) {
    Map<String, Object> body = new LinkedHashMap<>(Map.of("users", users));
    body.putAll(more);
    return platform.post("/v1/metrics/sync", service, body).expect(200).body();
  }

  private List<Map<String, Object>> all() {
    return List.of(Map.of("userId", ada));
  }

  private static int sum(JsonNode result, String count) {
    return StreamSupport.stream(result.get("channels").spliterator(), false)
        .mapToInt(channel -> channel.get(count).intValue())
        .sum();
  }

  @Test
  void a_sync_stores_all_active_channels_and_answers_no_rows() {
    JsonNode result = sync(Map.of("reports", REPORTS), all());
    assertEquals(2, result.get("channels").size());
    assertEquals("[]", result.get("notFetched").toString());
    long stored = platform.count("core.channel_days") + platform.count("core.channel_statistics");
    assertEquals(stored, sum(result, "created"));
    assertTrue(stored > 100, "days of 90 days");
    assertFalse(result.toString().contains("views"), result.toString());
    assertEquals(1, result.get("unitsSpent").get("data.general").intValue(), "of both channels");
    assertEquals(0, platform.count("core.held_batches where stored_at is null"));
  }

  @Test
  void a_second_sync_stores_what_is_due_and_counts_the_rest() {
    JsonNode unused = sync(Map.of("reports", REPORTS), all());
    JsonNode again = sync(Map.of("reports", REPORTS), all());
    assertEquals(0, sum(again, "created"));
    assertEquals(4, sum(again, "notDue"));
    assertEquals("{}", again.get("unitsSpent").toString());
    platform.clock.advance(Duration.ofMinutes(16));
    assertEquals(2, sum(sync(Map.of("reports", REPORTS), all()), "created"), "statistics");
  }

  @Test
  void a_sync_of_days_fetches_them_again_and_counts_what_changed() {
    Map<String, Object> days =
        Map.of(
            "reports", List.of("channel-day"), "startDate", "2026-11-01", "endDate", "2026-11-07");
    List<Map<String, Object>> one =
        List.of(Map.of("userId", ada, "channelIds", List.of(channels.getFirst().id())));
    assertEquals(7, sum(sync(days, one), "created"));
    JsonNode again = sync(days, one);
    assertEquals(7, sum(again, "unchanged"));
    assertEquals(1, again.get("channels").size());
  }

  @Test
  void a_period_longer_than_a_report_takes_is_fetched_in_parts() {
    JsonNode result =
        sync(
            Map.of(
                "reports",
                List.of("video-day"),
                "startDate",
                "2026-10-01",
                "endDate",
                "2026-11-05"),
            List.of(Map.of("userId", ada, "channelIds", List.of(channels.getFirst().id()))));
    assertEquals("[]", result.get("notFetched").toString());
    assertEquals(
        sum(result, "created"),
        platform.count("core.video_days where day between '2026-10-01' and '2026-11-05'"));
    assertTrue(platform.count("core.video_days where day = '2026-10-01'") > 0);
    assertTrue(platform.count("core.video_days where day = '2026-11-05'") > 0);
  }

  @Test
  void what_is_missed_comes_back_and_the_rest_is_stored() {
    platform.simulator.usage().limit(Usage.Bucket.ANALYTICS_DAY, 0);
    JsonNode result = sync(Map.of("reports", REPORTS), all());
    assertEquals(2, sum(result, "created"), "statistics");
    assertEquals(2, sum(result, "missed"));
    JsonNode missed = result.get("notFetched").get(0);
    assertEquals("quota-exhausted", missed.get("reason").stringValue());
    assertEquals("channel-day", missed.get("report").stringValue());
    assertTrue(missed.get("retryAt").isString());
  }

  @Test
  void unknown_users_and_users_without_channels_are_named() {
    String bob = platform.createUser("bob@example.com");
    String nobody = "00000000-0000-4000-8000-000000000000";
    JsonNode result = sync(Map.of(), List.of(Map.of("userId", bob), Map.of("userId", nobody)));
    assertEquals("[]", result.get("channels").toString());
    assertEquals(
        List.of(
            "inactive: The user has no active channel.",
            "unknown-channel: There is no user " + nobody + "."),
        StreamSupport.stream(result.get("notFetched").spliterator(), false)
            .map(
                each -> each.get("reason").stringValue() + ": " + each.get("message").stringValue())
            .toList());
    JsonNode foreign =
        sync(
            Map.of("reports", REPORTS),
            List.of(Map.of("userId", bob, "channelIds", List.of(channels.getFirst().id()))));
    assertEquals("unknown-channel", foreign.get("notFetched").get(0).get("reason").stringValue());
  }

  @Test
  void reports_that_are_not_stored_are_refused() {
    platform
        .post("/v1/metrics/sync", service, Map.of("users", all(), "reports", List.of("top-videos")))
        .expectProblem(400, "invalid-request");
    platform
        .post(
            "/v1/metrics/sync",
            platform.token("user", ada),
            Map.of("users", all(), "reports", REPORTS))
        .expectProblem(403, "forbidden");
  }
}
