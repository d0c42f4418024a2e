package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.tenancy.Connection;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When slowly moving reports are due, and what they cost together. */
final class SlowReportsPlanTest {
  private static final UUID USER = UUID.fromString("00000000-0000-0000-0000-000000000001");

  /** Over both switches of daylight saving time, and over the hours around midnight. */
  private static final Instant START = Instant.parse("2026-10-20T10:00:00Z");

  private static final List<Report> SLOW =
      Stream.of(Report.values())
          .filter(report -> !(report.schedule() instanceof Schedule.Rule))
          .filter(report -> !(report.schedule() instanceof Schedule.ByDay))
          .toList();

  private static KnownChannel channel(String id, Map<Report, Map<LocalDate, Instant>> checks) {
    return channel(id, null, checks);
  }

  private static KnownChannel channel(
      String id, @Nullable Instant connectedAt, Map<Report, Map<LocalDate, Instant>> checks) {
    return new KnownChannel(
        new PlanDao.Source(
            USER,
            id,
            new PlanDao.Source.Access(Connection.CONNECTED.label(), true, connectedAt),
            new PlanDao.Source.Revenue(false, null, null),
            new PlanDao.Source.Statistics(null, null, false),
            new PlanDao.Source.Uploads(null, false, null, null, null, null, null)),
        checks,
        List.of());
  }

  private static int queries(Report report) {
    return switch (report.query().form()) {
      case DETAILS, CURVE -> 2;
      default -> 1;
    };
  }

  @Test
  void all_slow_reports_cost_a_query_a_channel_and_day_spread_over_the_week() {
    int channels = 50;
    int days = 56;
    Planner planner = new Planner(new UploadPlan(false));
    long[] byDay = new long[days];
    Random random = new Random(7);
    for (int c = 0; c < channels; c++) {
      Map<Report, Map<LocalDate, Instant>> checks = new EnumMap<>(Report.class);
      String id = "UC" + Long.toString(random.nextLong(), 36);
      for (int hour = 0; hour < days * 24; hour++) {
        Instant now = START.plus(Duration.ofHours(hour));
        for (Report report : SLOW) {
          DuePart due = planner.due(report, channel(id, checks), now);
          if (due.isDue()) {
            byDay[hour / 24] += queries(report);
            checks
                .computeIfAbsent(report, each -> new HashMap<>())
                .put(report.checkDay(due.days().getFirst()), now);
          }
        }
      }
    }
    double all = 0;
    for (int day = 0; day < days; day++) {
      // From the first day on.
      assertTrue(
          byDay[day] <= 1.6 * channels,
          "%d queries of %d channels on day %d".formatted(byDay[day], channels, day));
      all += day < 14 ? 0 : byDay[day];
    }
    assertEquals(1.0, all / channels / (days - 14), 0.05);
  }

  @Test
  void a_channel_connected_today_has_no_slow_report_until_tomorrow() {
    Planner planner = new Planner(new UploadPlan(false));
    LocalDate connected = LocalDate.ofInstant(START, Bucket.PACIFIC);
    Random random = new Random(7);
    for (int c = 0; c < 50; c++) {
      KnownChannel channel = channel("UC" + Long.toString(random.nextLong(), 36), START, Map.of());
      for (Report report : SLOW) {
        Instant first = START;
        while (!planner.due(report, channel, first).isDue()) {
          first = first.plus(Duration.ofHours(1));
        }
        LocalDate day = LocalDate.ofInstant(first, Bucket.PACIFIC);
        assertTrue(day.isAfter(connected), report + " on the day of connecting");
        assertTrue(!day.isAfter(connected.plusDays(15)), report + " on " + day);
      }
    }
  }

  @Test
  void each_day_is_read_again_after_youtube_has_settled_it() {
    Planner planner = new Planner(new UploadPlan(false));
    for (Report report : List.of(Report.CONTENT_TYPE_DAY, Report.DEVICE_TYPE_DAY)) {
      Map<Report, Map<LocalDate, Instant>> checks = new EnumMap<>(Report.class);
      Map<LocalDate, Integer> lastAge = new HashMap<>();
      for (int hour = 0; hour < 80 * 24; hour++) {
        Instant now = START.plus(Duration.ofHours(hour));
        DuePart due = planner.due(report, channel("UCaaaaaaaaaaaaaaaaaaaaaa", checks), now);
        if (due.isDue()) {
          LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
          due.days()
              .forEach(day ->
                  lastAge.merge(day, (int) (today.toEpochDay() - day.toEpochDay()), Math::max));
          checks
              .computeIfAbsent(report, each -> new HashMap<>())
              .put(report.checkDay(due.days().getFirst()), now);
        }
      }
      LocalDate first = LocalDate.of(2026, 10, 1);
      for (LocalDate day = first; day.isBefore(first.plusDays(60)); day = day.plusDays(1)) {
        Integer age = lastAge.get(day);
        assertTrue(age != null && age >= Restatement.SETTLED_AGE, report + " " + day + " " + age);
      }
    }
  }

  private static TypedRow row(Map<String, Object> fields) {
    RowKind kind = RowKind.DIMENSION_PERIOD;
    @Nullable Object[] values = new @Nullable Object[kind.fields().size()];
    fields.forEach((field, value) -> values[kind.indexOf(field)] = value);
    return new TypedRow(kind, USER, values);
  }

  @Test
  void only_whole_weeks_of_the_whole_channel_count_as_a_slow_report() {
    Map<String, Object> week =
        Map.of(
            "channelId",
            "UCaaaaaaaaaaaaaaaaaaaaaa",
            "dimension",
            "country",
            "value",
            "DE",
            "startDate",
            LocalDate.of(2026, 10, 26),
            "endDate",
            LocalDate.of(2026, 11, 1),
            "views",
            7L);
    assertTrue(Report.GEOGRAPHY.isCheckedBy(row(week)));
    assertFalse(Report.DEMOGRAPHICS.isCheckedBy(row(week)), "another dimension");
    for (Map<String, Object> other :
        List.<Map<String, Object>>of(
            Map.of("videoId", "dQw4w9WgXcQ"),
            Map.of("startDate", LocalDate.of(2026, 10, 25)),
            Map.of(
                "startDate", LocalDate.of(2026, 10, 27), "endDate", LocalDate.of(2026, 11, 2)))) {
      Map<String, Object> changed = new HashMap<>(week);
      changed.putAll(other);
      assertFalse(Report.GEOGRAPHY.isCheckedBy(row(changed)), other.toString());
    }
  }

  @Test
  void weeks_that_were_missed_are_fetched_on_any_later_day() {
    Planner planner = new Planner(new UploadPlan(false));
    LocalDate stored = LocalDate.of(2026, 9, 6);
    Map<LocalDate, Instant> checked = new HashMap<>(Map.of(stored, START));
    // Seven weeks later, on whatever day.
    for (int day = 0; day < 7; day++) {
      Instant now = START.plus(Duration.ofDays(day));
      DuePart due =
          planner.due(
              Report.GEOGRAPHY,
              channel("UCaaaaaaaaaaaaaaaaaaaaaa", Map.of(Report.GEOGRAPHY, checked)),
              now);
      assertTrue(due.isDue(), "on day " + day);
      assertEquals(stored.plusWeeks(1), due.days().getFirst());
    }
    Instant now = START.plus(Duration.ofDays(6));
    int weeks = 0;
    for (; ; weeks++) {
      DuePart due =
          planner.due(
              Report.GEOGRAPHY,
              channel("UCaaaaaaaaaaaaaaaaaaaaaa", Map.of(Report.GEOGRAPHY, checked)),
              now);
      if (!due.isDue()) {
        break;
      }
      checked.put(due.days().getFirst(), now);
      assertTrue(weeks < 8, "it never ends");
    }
    assertTrue(weeks >= 4, weeks + " weeks");
    for (LocalDate week = stored; checked.size() > 1; week = week.plusWeeks(1)) {
      assertTrue(checked.containsKey(week), "a hole at " + week);
      checked.remove(week);
    }
  }

  @Test
  void periods_are_whole_weeks_that_youtube_has_settled() {
    Planner planner = new Planner(new UploadPlan(false));
    for (int hour = 0; hour < 7 * 24; hour++) {
      Instant now = START.plus(Duration.ofHours(hour));
      for (Report report : List.of(Report.GEOGRAPHY, Report.DEMOGRAPHICS)) {
        DuePart due = planner.due(report, channel("UCaaaaaaaaaaaaaaaaaaaaaa", Map.of()), now);
        if (due.isDue()) {
          LocalDate last = due.days().getFirst();
          assertEquals(DayOfWeek.SUNDAY, last.getDayOfWeek());
          assertEquals(
              report == Report.GEOGRAPHY ? 6 : 27,
              last.toEpochDay() - due.days().getLast().toEpochDay());
          assertTrue(
              !last.plusDays(Restatement.SETTLED_AGE)
                  .isAfter(LocalDate.ofInstant(now, Bucket.PACIFIC)));
        }
      }
    }
  }
}
