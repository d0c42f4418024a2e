package com.ytempire.sidecar.metrics;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * For how long YouTube restates a day, and so how often it is asked for again. Google gives no
 * window; that views settle within about a week, and revenue by the middle of the next month, is
 * what its users see. Each kind of metric has its rule.
 */
enum Restatement {
  /** Counted two days after the day; asked for daily for a week from then. */
  VIEWS(2, "asked for from 2 days after the day, daily for a week: YouTube restates views so long"),

  /**
   * Told a day later, and adjusted until the month is paid: daily for a week, weekly after that,
   * and once more when the middle of the next month has passed.
   */
  REVENUE(
      3,
      "asked for from 3 days after the day, daily for a week, then weekly, and once more after the 15th of the next month, when YouTube has settled the revenue");

  /** How many days after a day its views no longer change. */
  static final int SETTLED_AGE = 9;

  private static final int DAILY_UNTIL_AGE = SETTLED_AGE;
  private static final int SETTLING_DAY_OF_NEXT_MONTH = 15;

  private final int firstAge;
  private final String words;

  Restatement(int firstAge, String words) {
    this.firstAge = firstAge;
    this.words = words;
  }

  /** How many days after a day there can be figures of it. */
  int firstAge() {
    return firstAge;
  }

  /** The rule, for people. */
  String words() {
    return words;
  }

  /**
   * When a day is to be asked for next.
   *
   * @param day YouTube's day
   * @param checked the day on which it was last asked for and stored; null: never
   * @return empty when it was asked for after it had settled
   */
  Optional<LocalDate> next(LocalDate day, @Nullable LocalDate checked) {
    LocalDate first = day.plusDays(firstAge);
    if (checked == null) {
      return Optional.of(first);
    }
    LocalDate settled =
        switch (this) {
          case VIEWS -> day.plusDays(DAILY_UNTIL_AGE);
          case REVENUE -> {
            LocalDate paid =
                YearMonth.from(day).plusMonths(1).atDay(SETTLING_DAY_OF_NEXT_MONTH).plusDays(1);
            yield paid.isAfter(day.plusDays(DAILY_UNTIL_AGE))
                ? paid
                : day.plusDays(DAILY_UNTIL_AGE);
          }
        };
    if (!checked.isBefore(settled)) {
      return Optional.empty();
    }
    if (checked.isBefore(day.plusDays(DAILY_UNTIL_AGE))) {
      LocalDate tomorrow = checked.plusDays(1);
      return Optional.of(tomorrow.isBefore(first) ? first : tomorrow);
    }
    LocalDate nextWeek = checked.plusDays(7);
    return Optional.of(nextWeek.isBefore(settled) ? nextWeek : settled);
  }
}
