package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.enumValues;
import static org.quicktheories.generators.SourceDSL.integers;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** For how long a day is asked for again. */
final class RestatementTest {
  private static LocalDate day(String text) {
    return LocalDate.parse(text);
  }

  /** The days on which a day is asked for when every one of them is kept. */
  private static List<LocalDate> visits(Restatement rule, LocalDate day) {
    List<LocalDate> visits = new ArrayList<>();
    @Nullable LocalDate last = null;
    for (Optional<LocalDate> next = rule.next(day, last);
        next.isPresent();
        next = rule.next(day, last)) {
      last = next.get();
      visits.add(last);
    }
    return visits;
  }

  @Test
  void viewsAreAskedForDailyForAWeekFromTheSecondDay() {
    assertEquals(
        day("2026-11-03").datesUntil(day("2026-11-11")).toList(),
        visits(Restatement.VIEWS, day("2026-11-01")));
  }

  @Test
  void revenueIsAskedForUntilTheMiddleOfTheNextMonthAndOnceAfterIt() {
    List<LocalDate> visits = visits(Restatement.REVENUE, day("2026-11-01"));
    assertEquals(day("2026-11-04"), visits.getFirst());
    assertEquals(day("2026-12-16"), visits.getLast());
    assertTrue(visits.contains(day("2026-11-10")), visits.toString());
    assertTrue(visits.contains(day("2026-11-17")), visits.toString());
    assertTrue(visits.size() <= 14, visits.toString());
  }

  @Test
  void aDayAtTheEndOfAMonthIsSettledByTheSameRule() {
    assertEquals(day("2026-12-16"), visits(Restatement.REVENUE, day("2026-11-30")).getLast());
    assertEquals(day("2027-01-16"), visits(Restatement.REVENUE, day("2026-12-01")).getLast());
  }

  @Test
  void aDayThatWasMissedForLongIsAskedForOnceMore() {
    assertEquals(Optional.of(day("2026-11-03")), Restatement.VIEWS.next(day("2026-11-01"), null));
    assertEquals(Optional.empty(), Restatement.VIEWS.next(day("2026-11-01"), day("2027-03-01")));
    assertEquals(
        Optional.of(day("2026-12-16")),
        Restatement.REVENUE.next(day("2026-11-01"), day("2026-12-15")));
  }

  @Test
  void everyRuleEndsAndNeverAsksTwiceOnOneDay() {
    qt().withExamples(500)
        .withShrinkCycles(1_000)
        .forAll(integers().between(0, 4000), enumValues(Restatement.class))
        .checkAssert((offset, rule) -> {
          LocalDate day = day("2024-01-01").plusDays(offset);
          List<LocalDate> visits = visits(rule, day);
          for (int i = 1; i < visits.size(); i++) {
            assertTrue(visits.get(i).isAfter(visits.get(i - 1)), visits.toString());
          }
          assertTrue(!visits.getFirst().isBefore(day.plusDays(2)), visits.toString());
          assertTrue(visits.getLast().isBefore(day.plusDays(50)), visits.toString());
        });
  }
}
