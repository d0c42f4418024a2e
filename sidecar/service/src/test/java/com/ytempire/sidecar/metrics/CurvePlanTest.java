package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.quota.Bucket;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When retention curves are due, and how many queries that makes in a tick, a day and a week. */
final class CurvePlanTest {
  /** Midnight in California, ten days before the clocks are set back. */
  private static final Instant START = Instant.parse("2026-10-22T07:00:00Z");

  private static final Duration TICK = Duration.ofMinutes(15);
  private static final int DAYS = 28;
  private static final int TOP = 20;

  private final Planner planner = new Planner(new UploadPlan(false));

  private static List<String> channels(int count) {
    Random random = new Random(7);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add("UC" + Long.toString(random.nextLong(), 36));
    }
    return ids;
  }

  /** Queries of a channel that finds candidates at every time, by tick. */
  private Map<Instant, Integer> queries(String id, Duration every, int days) {
    Map<LocalDate, Instant> checks = new HashMap<>();
    Map<Instant, Integer> queries = new TreeMap<>();
    Instant end = START.plus(Duration.ofDays(days));
    for (Instant now = START; now.isBefore(end); now = now.plus(every)) {
      DuePart due =
          planner.due(
              Report.RETENTION,
              SlowReportsPlanTest.channel(id, null, Map.of(Report.RETENTION, checks)),
              now);
      if (due.isDue()) {
        queries.put(
            now, ChannelSlots.shareOfWeek(Report.RETENTION, id, CurvePlan.openDay(id, now), TOP));
        checks.put(PlanDao.ANSWERED_TO_PLAN, now);
        checks.put(due.days().getFirst(), now.plusSeconds(5));
      } else {
        assertTrue(due.nextDueAt() != null && due.nextDueAt().isAfter(now), due.toString());
      }
    }
    return queries;
  }

  @Test
  void twenty_curves_a_week_are_at_most_three_a_day() {
    for (String id : channels(50)) {
      for (LocalDate first = LocalDate.of(2026, 10, 22);
          first.isBefore(LocalDate.of(2026, 11, 22));
          first = first.plusDays(1)) {
        int week = 0;
        for (LocalDate day = first; day.isBefore(first.plusDays(7)); day = day.plusDays(1)) {
          int share = ChannelSlots.shareOfWeek(Report.RETENTION, id, day, TOP);
          assertTrue(share == 2 || share == 3, share + " on " + day);
          week += share;
        }
        assertEquals(TOP, week, id + " from " + first);
      }
    }
    assertEquals(3, Schedule.ByVideo.RETENTION.maxVideosPerDay());
  }

  @Test
  void curves_of_250_channels_make_no_burst_in_any_tick_or_day() {
    Map<Instant, Integer> byTick = new TreeMap<>();
    Map<LocalDate, Integer> byDay = new TreeMap<>();
    for (String id : channels(250)) {
      queries(id, TICK, 15)
          .forEach((tick, queries) -> {
            byTick.merge(tick, queries, Integer::sum);
            byDay.merge(LocalDate.ofInstant(tick, Bucket.PACIFIC), queries, Integer::sum);
          });
    }
    // The first tick has what was left of the day before, as after an outage: CurveRateLimit
    // spreads it.
    byTick.remove(START);
    byTick.forEach((tick, queries) -> assertTrue(queries <= 40, queries + " at " + tick));
    byDay.remove(LocalDate.ofInstant(START, Bucket.PACIFIC));
    byDay.forEach(
        (day, queries) -> assertTrue(queries > 680 && queries <= 740, queries + " on " + day));
    assertEquals(714, byDay.values().stream().mapToInt(each -> each).average().orElseThrow(), 3);
  }

  @Test
  void curves_are_due_at_each_run_of_a_workflow_that_runs_once_a_day() {
    for (String id : channels(50)) {
      Map<Instant, Integer> queries = queries(id, Duration.ofDays(1), DAYS);
      assertEquals(DAYS, queries.size(), id);
      assertEquals(DAYS / 7 * TOP, queries.values().stream().mapToInt(each -> each).sum(), id);
    }
  }

  @Test
  void one_run_a_day_sends_one_minutes_curves_of_those_due() {
    CurveRateLimit limit = new CurveRateLimit(720, Schedule.ByVideo.RETENTION.maxVideosPerDay());
    // On each day all are due, once.
    Instant run = START.plus(Duration.ofDays(1));
    int due = 0;
    int sent = 0;
    int channel = 0;
    for (String id : channels(250)) {
      int queries = queries(id, Duration.ofDays(1), 2).getOrDefault(run, 0);
      due += queries;
      UUID userId = new UUID(0, channel++ / 5);
      sent += limit.tryTake(userId, queries, run) ? queries : 0;
    }
    assertTrue(due > 680, due + " are due");
    // A channel has all of its own or none.
    assertTrue(sent > 57 && sent <= 60, sent + " are sent");
  }

  @Test
  void a_curve_of_another_period_that_is_stored_by_hand_is_not_the_days_plan() {
    String id = channels(1).getFirst();
    Instant now = START.plus(Duration.ofHours(21));
    LocalDate last = WeekPlan.settled(now);
    Instant asked = now.minusSeconds(2);
    assertTrue(isDueAfter(id, last.minusDays(1), asked, now), "another period");
    assertFalse(isDueAfter(id, last, asked, now), "the period");
    assertFalse(isDueAfter(id, last.minusWeeks(1), asked, now), "the period that ended today");
  }

  @Test
  void a_curve_of_the_period_that_is_stored_by_hand_is_not_the_days_plan() {
    String id = channels(1).getFirst();
    Instant now = START.plus(Duration.ofHours(21));
    LocalDate last = WeekPlan.settled(now);
    assertTrue(isDueAfter(id, last, null, now), "the plan never asked");
    assertTrue(isDueAfter(id, last, now.minus(Duration.ofDays(1)), now), "it asked yesterday");
  }

  /** Whether curves are due when one was stored just before, and the plan asked at a time. */
  private boolean isDueAfter(String id, LocalDate end, @Nullable Instant asked, Instant now) {
    Map<LocalDate, Instant> checks = new HashMap<>(Map.of(end, now.minusSeconds(1)));
    if (asked != null) {
      checks.put(PlanDao.ANSWERED_TO_PLAN, asked);
    }
    return planner
        .due(
            Report.RETENTION,
            SlowReportsPlanTest.channel(id, null, Map.of(Report.RETENTION, checks)),
            now)
        .isDue();
  }

  @Test
  void the_first_sync_of_a_channel_asks_for_no_curves() {
    LocalDate connected = LocalDate.ofInstant(START, Bucket.PACIFIC);
    for (String id : channels(50)) {
      KnownChannel channel = SlowReportsPlanTest.channel(id, START, Map.of());
      Instant first = START;
      while (!planner.due(Report.RETENTION, channel, first).isDue()) {
        first = first.plus(TICK);
      }
      LocalDate day = LocalDate.ofInstant(first, Bucket.PACIFIC);
      assertEquals(connected.plusDays(1), day, id);
      assertFalse(
          first.isBefore(ChannelSlots.backgroundOpens(id, day)), "with the day's other reports");
    }
  }

  @Test
  void periods_are_the_newest_four_weeks_that_youtube_has_settled() {
    for (int day = 0; day < 14; day++) {
      Instant now = START.plus(Duration.ofDays(day)).plus(Duration.ofHours(21));
      DuePart due =
          planner.due(
              Report.RETENTION,
              SlowReportsPlanTest.channel(channels(1).getFirst(), null, Map.of()),
              now);
      LocalDate last = due.days().getFirst();
      long age = LocalDate.ofInstant(now, Bucket.PACIFIC).toEpochDay() - last.toEpochDay();
      assertEquals(DayOfWeek.SUNDAY, last.getDayOfWeek());
      assertTrue(age >= Restatement.SETTLED_AGE && age < Restatement.SETTLED_AGE + 7, "age " + age);
      assertEquals(last.minusDays(27), due.days().getLast());
    }
  }
}
