package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.enumValues;
import static org.quicktheories.generators.SourceDSL.integers;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** For how long a day is asked for again. */
final class RestatementTest {
  private static LocalDate day(String text) {
    return LocalDate.parse(text);
  }

  /** The days on which a day is asked for when every one of them is kept. */
  private static List<LocalDate> visits(Restatement rule, LocalDate day) {
    return visits(rule, day, 0);
  }

  private static List<LocalDate> visits(Restatement rule, LocalDate day, int phase) {
    List<LocalDate> visits = new ArrayList<>();
    @Nullable LocalDate last = null;
    for (Optional<LocalDate> next = rule.next(day, last, phase);
        next.isPresent();
        next = rule.next(day, last, phase)) {
      last = next.get();
      visits.add(last);
    }
    return visits;
  }

  @Test
  void views_are_asked_for_daily_for_a_week_and_once_more_a_month_later() {
    List<LocalDate> visits = visits(Restatement.VIEWS, day("2026-11-01"));
    assertEquals(
        day("2026-11-03").datesUntil(day("2026-11-11")).toList(),
        visits.subList(0, visits.size() - 1));
    assertFalse(visits.getLast().isBefore(day("2026-12-01")), visits.toString());
    assertFalse(visits.getLast().isAfter(day("2026-12-06")), visits.toString());
  }

  @Test
  void a_months_views_are_read_again_on_few_dates() {
    for (int phase = 0; phase < Restatement.STRIDE; phase++) {
      Set<LocalDate> dates = new TreeSet<>();
      for (LocalDate day = day("2026-11-01");
          day.isBefore(day("2026-12-01"));
          day = day.plusDays(1)) {
        dates.add(visits(Restatement.VIEWS, day, phase).getLast());
      }
      assertTrue(dates.size() <= 6, "30 days on " + dates);
    }
  }

  @Test
  void revenue_of_videos_is_read_again_after_it_has_settled() {
    for (int phase = 0; phase < Restatement.STRIDE; phase++) {
      List<LocalDate> visits = visits(Restatement.VIDEO_REVENUE, day("2026-10-01"), phase);
      assertEquals(day("2026-11-16").plusDays(phase), visits.getLast());
      assertEquals(8, visits.size(), "no weeks between: " + visits);
    }
  }

  @Test
  void revenue_is_fetched_until_the_next_month_is_half_and_once_later() {
    List<LocalDate> visits = visits(Restatement.REVENUE, day("2026-11-01"));
    assertEquals(day("2026-11-04"), visits.getFirst());
    assertEquals(day("2026-12-16"), visits.getLast());
    assertTrue(visits.contains(day("2026-11-10")), visits.toString());
    assertTrue(visits.contains(day("2026-11-17")), visits.toString());
    assertTrue(visits.size() <= 14, visits.toString());
  }

  @Test
  void a_day_at_the_end_of_a_month_is_settled_by_the_same_rule() {
    assertEquals(day("2026-12-16"), visits(Restatement.REVENUE, day("2026-11-30")).getLast());
    assertEquals(day("2027-01-16"), visits(Restatement.REVENUE, day("2026-12-01")).getLast());
  }

  @Test
  void a_day_that_was_missed_for_long_is_asked_for_once_more() {
    assertEquals(
        Optional.of(day("2026-11-03")), Restatement.VIEWS.next(day("2026-11-01"), null, 0));
    assertEquals(Optional.empty(), Restatement.VIEWS.next(day("2026-11-01"), day("2027-03-01"), 0));
    assertEquals(
        Optional.of(day("2026-12-16")),
        Restatement.REVENUE.next(day("2026-11-01"), day("2026-12-15"), 0));
  }

  @Test
  void every_rule_ends_and_never_asks_twice_on_one_day() {
    qt().withExamples(500)
        .withShrinkCycles(1_000)
        .forAll(
            integers().between(0, 4000),
            enumValues(Restatement.class),
            integers().between(0, Restatement.STRIDE - 1))
        .checkAssert((offset, rule, phase) -> {
          LocalDate day = day("2024-01-01").plusDays(offset);
          List<LocalDate> visits = visits(rule, day, phase);
          for (int i = 1; i < visits.size(); i++) {
            assertTrue(visits.get(i).isAfter(visits.get(i - 1)), visits.toString());
          }
          assertTrue(!visits.getFirst().isBefore(day.plusDays(2)), visits.toString());
          assertTrue(
              visits.getLast().isBefore(day.plusDays(rule.lastAge() - 6)), visits.toString());
        });
  }
}
