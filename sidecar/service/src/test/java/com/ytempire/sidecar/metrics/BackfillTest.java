package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.World;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A channel's history back to a day of the user's choice. */
final class BackfillTest {
  private static final List<String> REPORTS =
      List.of("channel-day", "channel-revenue-day", "traffic-source-day");

  /** Days of a part. */
  private static final int PART_DAYS = 90;

  private final Platform platform = new Platform(1, 1);

  private String path(String user) {
    return "/v1/users/%s/channels/%s/backfill"
        .formatted(user, platform.world.accounts().getFirst().channels().getFirst().id());
  }

  /** A tick of the sync; answers how many rows were stored. */
  private int tick(String user) {
    String channel = platform.world.accounts().getFirst().channels().getFirst().id();
    JsonNode fetched =
        platform
            .post(
                "/v1/metrics/fetch",
                Platform.OPERATOR_TOKEN,
                Map.of(
                    "onlyDue",
                    true,
                    "requests",
                    REPORTS.stream()
                        .map(report ->
                            Map.of("userId", user, "channelId", channel, "report", report))
                        .toList()))
            .expect(200)
            .body();
    assertEquals(0, fetched.get("notFetched").size(), fetched.toString());
    List<JsonNode> rows = new ArrayList<>();
    fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));
    if (!rows.isEmpty()) {
      platform.post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", rows)).expect(200);
    }
    return rows.size();
  }

  /** Ticks until nothing more is fetched. */
  private void settle(String user) {
    int ticks = 0;
    while (tick(user) > 0) {
      ticks++;
      assertTrue(ticks < 40, "it never settles");
    }
  }

  private int daysLeft(String user) {
    int left = 0;
    for (JsonNode report :
        platform.get(path(user), Platform.OPERATOR_TOKEN).expect(200).body().get("reports")) {
      left += report.get("daysLeft").intValue();
    }
    return left;
  }

  @Test
  void history_is_fetched_back_to_the_day_chosen_a_part_a_day() {
    try (platform) {
      String ada = platform.connectedUser(0);
      platform.clock.advance(Duration.ofHours(12));
      settle(ada);
      LocalDate today = platform.world.today();
      LocalDate start = today.minusDays(89 + 100);
      JsonNode begun =
          platform
              .post(path(ada), Platform.OPERATOR_TOKEN, Map.of("startDate", start.toString()))
              .expect(200)
              .body();
      assertEquals(3, begun.get("reports").size(), begun.toString());
      assertEquals(3 * 100, daysLeft(ada));
      int before = daysLeft(ada);
      int days = 0;
      while (daysLeft(ada) > 0) {
        long queries = platform.simulator.usage().methods().getOrDefault("reports.query", 0L);
        settle(ada);
        assertTrue(before - daysLeft(ada) <= PART_DAYS, "more than a part on one day");
        assertEquals(0, tick(ada), "a second part on one day");
        assertTrue(
            platform.simulator.usage().methods().getOrDefault("reports.query", 0L) - queries <= 10);
        before = daysLeft(ada);
        platform.clock.advance(Duration.ofDays(1));
        days++;
        assertTrue(days < 30, "it never ends: " + daysLeft(ada));
      }
      assertEquals(
          1,
          platform.count(
              "(select 1 from core.channel_days having min(day) <= '%s') d"
                  .formatted(start.plusDays(1))));
      platform.delete(path(ada), Platform.OPERATOR_TOKEN).expect(204);
      assertEquals(0, platform.count("core.backfills"));
    }
  }

  @Test
  void statistics_come_with_every_tick_of_a_backfill() {
    try (platform) {
      String ada = platform.connectedUser(0);
      platform.clock.advance(Duration.ofHours(12));
      settle(ada);
      start(ada, platform.world.today().minusDays(89 + 400));
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      List<Map<String, Object>> requests = new ArrayList<>();
      requests.add(Map.of("userId", ada, "channelId", channel, "report", "channel-statistics"));
      REPORTS.forEach(
          report -> requests.add(Map.of("userId", ada, "channelId", channel, "report", report)));
      int left = daysLeft(ada);
      for (int tick = 0; tick < 96; tick++) {
        platform.clock.advance(Duration.ofMinutes(15));
        JsonNode fetched =
            platform
                .post(
                    "/v1/metrics/fetch",
                    Platform.OPERATOR_TOKEN,
                    Map.of("onlyDue", true, "requests", requests))
                .expect(200)
                .body();
        List<JsonNode> rows = new ArrayList<>();
        fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));
        assertTrue(
            rows.stream()
                .anyMatch(row -> row.get("kind").stringValue().equals("channel-statistics")),
            "no statistics at tick " + tick);
        JsonNode spent = fetched.get("unitsSpent").get("analytics.day");
        assertTrue(
            spent == null || spent.intValue() <= REPORTS.size() + 1,
            "at tick " + tick + ": " + spent);
        platform
            .post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", rows))
            .expect(200);
      }
      assertTrue(daysLeft(ada) < left, "the backfill stands still");
    }
  }

  private void start(String user, LocalDate day) {
    platform
        .post(path(user), Platform.OPERATOR_TOKEN, Map.of("startDate", day.toString()))
        .expect(200);
  }

  /** Ticks a day after the other until nothing is left, for so many days at most. */
  private void finish(String user, int most) {
    for (int day = 0; daysLeft(user) > 0; day++) {
      assertTrue(day < most, "it never ends: " + daysLeft(user));
      settle(user);
      platform.clock.advance(Duration.ofDays(1));
    }
  }

  @Test
  void a_backfill_to_before_the_channels_birth_ends() {
    try (platform) {
      String ada = platform.connectedUser(0);
      platform.clock.advance(Duration.ofHours(12));
      settle(ada);
      LocalDate start = platform.world.today().minusDays(89 + 400);
      start(ada, start);
      // Five parts of each of three reports, and some that end where the channel begins.
      finish(ada, 3 * 6 + 2);
      assertEquals(
          0,
          platform.count(
              "core.channel_days where day < (select min(day) from core.traffic_source_days) - 2"),
          "zeros from before the channel's first day");
    }
  }

  @Test
  void a_part_whose_newest_days_are_empty_is_passed() {
    try (platform) {
      LocalDate today = platform.world.today();
      platform.world.silence(today.minusDays(113), today.minusDays(86));
      String ada = platform.connectedUser(0);
      platform.clock.advance(Duration.ofHours(12));
      settle(ada);
      start(ada, platform.world.today().minusDays(89 + 30));
      finish(ada, 6);
      assertTrue(
          platform.count(
                  "core.traffic_source_days where day < '%s'".formatted(today.minusDays(113)))
              > 0,
          "the days before the empty ones");
    }
  }

  @Test
  void a_refused_part_of_a_backfill_is_passed_and_blocks_no_daily_report() {
    try (platform) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      // Half an hour before YouTube's next day.
      platform.clock.advance(
          Duration.between(
                  platform.clock.instant(),
                  platform.world.today().plusDays(2).atStartOfDay(World.PACIFIC).toInstant())
              .minusMinutes(30));
      settle(ada);
      start(ada, platform.world.today().minusDays(89 + 100));
      platform.simulator.faults().poison(channel);
      for (String report : REPORTS) {
        platform
            .post(
                "/v1/metrics/fetch",
                Platform.OPERATOR_TOKEN,
                Map.of(
                    "onlyDue",
                    true,
                    "requests",
                    List.of(Map.of("userId", ada, "channelId", channel, "report", report))))
            .expect(200);
      }
      assertEquals(
          1,
          platform.count(
              "core.backfills where advanced_at is not null and reached = first_day + 10"));
      platform.simulator.faults().heal(channel);
      // When the day's work opens the refusal would still be remembered.
      platform.clock.advance(Duration.ofHours(5));
      assertTrue(tick(ada) > 0);
      platform.clock.advance(Duration.ofHours(17));
      finish(ada, 8);
    }
  }

  @Test
  void no_backfill_starts_for_a_disconnected_channel() {
    try (platform) {
      String ada = platform.connectedUser(0);
      platform
          .delete(path(ada).replace("/backfill", "/connection"), Platform.OPERATOR_TOKEN)
          .expect(204);
      assertTrue(
          platform
              .post(path(ada), Platform.OPERATOR_TOKEN, Map.of("startDate", "2025-01-01"))
              .expectProblem(409, "channel-inactive")
              .text("detail")
              .contains("was disconnected"));
      assertEquals(0, platform.count("core.backfills"));
    }
  }

  @Test
  void a_backfill_starts_no_later_than_today_and_no_earlier_than_youtube() {
    try (platform) {
      String ada = platform.connectedUser(0);
      for (String day : List.of("2004-01-01", "2036-01-01")) {
        platform
            .post(path(ada), Platform.OPERATOR_TOKEN, Map.of("startDate", day))
            .expectProblem(400, "invalid-request");
      }
      platform
          .post(
              path(ada).replaceAll("channels/[^/]*", "channels/UCnobodynobodynobodynobo"),
              Platform.OPERATOR_TOKEN,
              Map.of("startDate", "2025-01-01"))
          .expectProblem(404, "unknown-channel");
    }
  }
}
