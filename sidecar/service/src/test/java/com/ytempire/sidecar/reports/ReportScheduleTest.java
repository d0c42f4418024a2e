package com.ytempire.sidecar.reports;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import com.ytempire.sidecar.reports.ReportSchedule.Due;
import com.ytempire.sidecar.reports.ReportSchedule.LastRun;
import com.ytempire.sidecar.tenancy.TimeZones;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a report is due. */
final class ReportScheduleTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final LocalTime NINE = LocalTime.of(9, 0);
  private static final Instant YEAR = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration TICK = Duration.ofMinutes(15);

  /**
   * With gaps and doubled hours on both hemispheres, of half an hour, and at midnight; and none.
   */
  private static final List<ZoneId> ZONES =
      List.of(
          BERLIN,
          ZoneId.of("America/Los_Angeles"),
          ZoneId.of("Australia/Lord_Howe"),
          ZoneId.of("Africa/Cairo"),
          ZoneId.of("America/Santiago"),
          ZoneId.of("Asia/Kolkata"),
          ZoneId.of("Asia/Kathmandu"),
          ZoneId.of("Pacific/Kiritimati"),
          ZoneId.of("Pacific/Pago_Pago"));

  private static Optional<Due> daily(String now, @Nullable LastRun last) {
    return ReportSchedule.due(ReportKind.DAILY, BERLIN, NINE, Instant.parse(now), last);
  }

  @Test
  void a_report_is_due_from_its_local_time_on_for_six_hours() {
    assertEquals(Optional.empty(), daily("2026-11-20T07:59:59Z", null));
    Due due = new Due(LocalDate.of(2026, 11, 20), Instant.parse("2026-11-20T08:00:00Z"));
    assertEquals(Optional.of(due), daily("2026-11-20T08:00:00Z", null));
    assertEquals(Optional.of(due), daily("2026-11-20T13:59:59Z", null));
    assertEquals(Optional.empty(), daily("2026-11-20T14:00:00Z", null), "6 hours late");
  }

  @Test
  void a_time_in_the_gap_moves_forward_and_the_first_of_two_counts() {
    LocalTime half = LocalTime.of(2, 30);
    assertEquals(
        Optional.of(Instant.parse("2026-03-29T01:30:00Z")),
        ReportSchedule.due(
                ReportKind.DAILY, BERLIN, half, Instant.parse("2026-03-29T01:30:00Z"), null)
            .map(Due::dueAt),
        "03:30 in summer time");
    assertEquals(
        Optional.of(Instant.parse("2026-10-25T00:30:00Z")),
        ReportSchedule.due(
                ReportKind.DAILY, BERLIN, half, Instant.parse("2026-10-25T01:30:00Z"), null)
            .map(Due::dueAt),
        "02:30 in summer time");
  }

  @Test
  void weeks_begin_on_monday_and_months_on_the_first() {
    assertEquals(
        Optional.of(LocalDate.of(2026, 11, 23)),
        ReportSchedule.due(
                ReportKind.WEEKLY,
                BERLIN,
                LocalTime.of(8, 0),
                Instant.parse("2026-11-23T07:00:00Z"),
                null)
            .map(Due::period));
    assertEquals(
        Optional.empty(),
        ReportSchedule.due(
            ReportKind.WEEKLY,
            BERLIN,
            LocalTime.of(8, 0),
            Instant.parse("2026-11-24T07:00:00Z"),
            null),
        "on Tuesday");
    assertEquals(
        Optional.of(LocalDate.of(2026, 12, 1)),
        ReportSchedule.due(
                ReportKind.MONTHLY, BERLIN, NINE, Instant.parse("2026-12-01T08:00:00Z"), null)
            .map(Due::period));
  }

  @Test
  void a_report_of_late_evening_is_still_due_after_midnight() {
    assertEquals(
        Optional.of(LocalDate.of(2026, 11, 20)),
        ReportSchedule.due(
                ReportKind.DAILY,
                BERLIN,
                LocalTime.of(23, 0),
                Instant.parse("2026-11-21T01:00:00Z"),
                null)
            .map(Due::period));
  }

  @Test
  void a_failed_report_stays_due_and_a_sent_one_does_not() {
    Due due = new Due(LocalDate.of(2026, 11, 20), Instant.parse("2026-11-20T07:00:00Z"));
    assertEquals(
        Optional.of(due),
        daily("2026-11-20T12:59:59Z", new LastRun(due.period(), due.dueAt(), false)));
    assertEquals(
        Optional.empty(),
        daily("2026-11-20T13:00:00Z", new LastRun(due.period(), due.dueAt(), false)),
        "6 hours after it was first due");
    assertEquals(
        Optional.empty(),
        daily("2026-11-20T12:00:00Z", new LastRun(due.period(), due.dueAt(), true)));
  }

  /** Runs a clock through 400 days of ticks and notes what is sent. */
  private static List<Due> year(
      ReportKind kind, LocalTime time, int startMinutes, IntFunction<ZoneId> zoneOfDay) {
    List<Due> sent = new ArrayList<>();
    @Nullable LastRun last = null;
    Instant start = YEAR.plus(Duration.ofMinutes(startMinutes));
    for (int tick = 0; tick < 400 * 96; tick++) {
      Instant now = start.plus(TICK.multipliedBy(tick));
      Optional<Due> due = ReportSchedule.due(kind, zoneOfDay.apply(tick / 96), time, now, last);
      if (due.isPresent()) {
        sent.add(due.get());
        last = new LastRun(due.get().period(), due.get().dueAt(), true);
      }
    }
    return sent;
  }

  @Test
  void every_day_has_one_report_in_every_zone_across_all_changes_of_the_clock() {
    qt().withExamples(25)
        .forAll(
            integers().between(0, ZONES.size() - 1),
            integers().between(0, 24 * 60 - 1),
            integers().between(0, 14))
        .checkAssert((zone, minute, start) -> {
          LocalTime time = LocalTime.ofSecondOfDay(minute * 60L);
          List<Due> sent = year(ReportKind.DAILY, time, start, day -> ZONES.get(zone));
          for (int i = 1; i < sent.size(); i++) {
            assertEquals(
                sent.get(i - 1).period().plusDays(1), sent.get(i).period(), "no day is left out");
          }
          assertEquals(400, sent.size(), 1, "the first may be of the evening before");
        });
  }

  @Test
  void every_monday_and_every_first_has_one_report() {
    qt().withExamples(25)
        .forAll(integers().between(0, ZONES.size() - 1), integers().between(0, 24 * 60 - 1))
        .checkAssert((zone, minute) -> {
          LocalTime time = LocalTime.ofSecondOfDay(minute * 60L);
          List<Due> weeks = year(ReportKind.WEEKLY, time, 0, day -> ZONES.get(zone));
          weeks.forEach(due -> assertEquals(DayOfWeek.MONDAY, due.period().getDayOfWeek()));
          for (int i = 1; i < weeks.size(); i++) {
            assertEquals(weeks.get(i - 1).period().plusWeeks(1), weeks.get(i).period());
          }
          List<Due> months = year(ReportKind.MONTHLY, time, 0, day -> ZONES.get(zone));
          for (int i = 1; i < months.size(); i++) {
            assertEquals(months.get(i - 1).period().plusMonths(1), months.get(i).period());
          }
        });
  }

  @Test
  void whoever_travels_never_gets_two_for_a_date_or_within_twenty_hours() {
    qt().withExamples(25)
        .forAll(
            lists().of(integers().between(0, ZONES.size() - 1)).ofSize(400),
            integers().between(0, 24 * 60 - 1))
        .checkAssert((zones, minute) -> {
          LocalTime time = LocalTime.ofSecondOfDay(minute * 60L);
          List<Due> sent =
              year(ReportKind.DAILY, time, 0, day -> ZONES.get(zones.get(Math.min(day, 399))));
          HashSet<LocalDate> dates = new HashSet<>();
          for (int i = 0; i < sent.size(); i++) {
            assertEquals(true, dates.add(sent.get(i).period()), "a date once");
            if (i > 0) {
              Duration apart = Duration.between(sent.get(i - 1).dueAt(), sent.get(i).dueAt());
              assertEquals(
                  true, apart.compareTo(ReportSchedule.MIN_DISTANCE) >= 0, apart.toString());
            }
          }
        });
  }

  @Test
  void who_moves_to_an_earlier_zone_waits_for_the_next_date() {
    LastRun auckland =
        new LastRun(LocalDate.of(2026, 5, 10), Instant.parse("2026-05-09T21:00:00Z"), true);
    ZoneId honolulu = ZoneId.of("Pacific/Honolulu");
    assertEquals(
        Optional.empty(),
        ReportSchedule.due(
            ReportKind.DAILY, honolulu, NINE, Instant.parse("2026-05-10T19:00:00Z"), auckland));
    assertEquals(
        Optional.of(LocalDate.of(2026, 5, 11)),
        ReportSchedule.due(
                ReportKind.DAILY, honolulu, NINE, Instant.parse("2026-05-11T19:00:00Z"), auckland)
            .map(Due::period));
    assertEquals(ZoneOffset.UTC, TimeZones.zone("Mars/Olympus"));
  }
}
