package com.ytempire.sidecar.analytics;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Named periods of Pacific days. All end with a day whose figures YouTube has completed. */
enum Period {
  /** The newest 7 complete days. */
  LAST_7_DAYS,
  /** The newest 28 complete days. */
  LAST_28_DAYS,
  /** The newest 30 complete days. */
  LAST_30_DAYS,
  /** The newest 90 complete days. */
  LAST_90_DAYS,
  /** The newest 365 complete days. */
  LAST_365_DAYS,
  /** The newest week from Monday to Sunday all of whose days are complete. */
  LAST_WEEK,
  /** From the first of the month of the latest complete day to that day. */
  THIS_MONTH,
  /** The newest calendar month all of whose days are complete. */
  LAST_MONTH,
  /** From 1 January of the year of the latest complete day to that day. */
  YEAR_TO_DATE;

  /**
   * Days until YouTube has completed a day with its revenue, as {@code delayDays} of {@code
   * schemas/report.json} has it.
   */
  static final int DELAY_DAYS = 4;

  /** Days from one to another, both included. */
  record Days(LocalDate from, LocalDate to) {}

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Period> of(String label) {
    return Arrays.stream(values()).filter(period -> period.label().equals(label)).findFirst();
  }

  static String labels() {
    return Arrays.stream(values()).map(Period::label).collect(Collectors.joining(", "));
  }

  /**
   * The days of this period.
   *
   * @param today the Pacific day
   */
  Days days(LocalDate today) {
    LocalDate latest = today.minusDays(DELAY_DAYS);
    return switch (this) {
      case LAST_7_DAYS -> new Days(latest.minusDays(6), latest);
      case LAST_28_DAYS -> new Days(latest.minusDays(27), latest);
      case LAST_30_DAYS -> new Days(latest.minusDays(29), latest);
      case LAST_90_DAYS -> new Days(latest.minusDays(89), latest);
      case LAST_365_DAYS -> new Days(latest.minusDays(364), latest);
      case LAST_WEEK -> {
        LocalDate end = latest.with(TemporalAdjusters.previousOrSame(DayOfWeek.SUNDAY));
        yield new Days(end.minusDays(6), end);
      }
      case THIS_MONTH -> new Days(latest.withDayOfMonth(1), latest);
      case LAST_MONTH -> {
        LocalDate next = latest.plusDays(1);
        LocalDate end = next.getDayOfMonth() == 1 ? latest : latest.withDayOfMonth(1).minusDays(1);
        yield new Days(end.withDayOfMonth(1), end);
      }
      case YEAR_TO_DATE -> new Days(latest.withDayOfYear(1), latest);
    };
  }
}
