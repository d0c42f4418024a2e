package com.ytempire.sidecar.metrics;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rule by which YouTube restates a day, and so how often the day is asked for again. Google
 * gives no window; that views settle within about a week, lose invalid traffic for up to 30 days
 * more (support.google.com/youtube/answer/10285842), and that revenue settles by the middle of the
 * next month, is what its users see. Each kind of metric has its rule.
 *
 * <p>Many days share one query, so that what costs is on how many dates anything is asked. Late
 * re-reads therefore fall on every {@link #STRIDE}th date, at a phase of the channel's own.
 */
enum Restatement {
  /**
   * Counted two days after the day; asked for daily for a week from then, and once a month later.
   */
  VIEWS(
      2,
      "asked for from 2 days after the day, daily for a week, and once more 30 to 35 days after it, when YouTube has taken off invalid traffic"),

  /**
   * Reported a day later, and adjusted until the month is paid: daily for a week, weekly after
   * that, and once more when the middle of the next month has passed.
   */
  REVENUE(
      3,
      "asked for from 3 days after the day, daily for a week, then weekly, and once more after the 15th of the next month, when YouTube has settled the revenue"),

  /** Revenue of videos: as that of channels, without the weeks between, which cost many queries. */
  VIDEO_REVENUE(
      3,
      "asked for from 3 days after the day, daily for a week, and once more from the 16th to the 21st of the next month, when YouTube has settled the revenue");

  /** Dates from one late re-read of a channel to the next; each covers as many days. */
  static final int STRIDE = 6;

  /** How many days after a day its views change only where invalid traffic is taken off. */
  static final int SETTLED_AGE = 9;

  private static final int DAILY_UNTIL_AGE = SETTLED_AGE;
  private static final int INVALID_TRAFFIC_AGE = 30;
  private static final int SETTLING_DAY_OF_NEXT_MONTH = 15;

  /** A re-read falls on age 52 at the latest; a week more for platforms that stood still. */
  private static final int LAST_AGE = 59;

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

  /** For how many days after a day it may be asked for again. */
  int lastAge() {
    return LAST_AGE;
  }

  /** Whether it is a rule of revenue. */
  boolean isRevenue() {
    return this != VIEWS;
  }

  /** The rule, for people. */
  String words() {
    return words;
  }

  /**
   * When a day is to be asked for next.
   *
   * @param day YouTube's day
   * @param checked the day on which it was last asked for and answered; null: never
   * @param phase of the channel, 0 to {@link #STRIDE} - 1
   * @return empty when it was asked for after it had settled
   */
  Optional<LocalDate> next(LocalDate day, @Nullable LocalDate checked, int phase) {
    LocalDate first = day.plusDays(firstAge);
    if (checked == null) {
      return Optional.of(first);
    }
    LocalDate daily = day.plusDays(DAILY_UNTIL_AGE);
    LocalDate settled = settled(day, phase);
    if (settled.isBefore(daily)) {
      settled = daily;
    }
    if (!checked.isBefore(settled)) {
      return Optional.empty();
    }
    if (checked.isBefore(daily)) {
      LocalDate tomorrow = checked.plusDays(1);
      return Optional.of(tomorrow.isBefore(first) ? first : tomorrow);
    }
    LocalDate nextWeek = checked.plusDays(7);
    return Optional.of(this == REVENUE && nextWeek.isBefore(settled) ? nextWeek : settled);
  }

  /** The date from which a day's figures stand. */
  private LocalDate settled(LocalDate day, int phase) {
    LocalDate paid = YearMonth.from(day).plusMonths(1).atDay(SETTLING_DAY_OF_NEXT_MONTH + 1);
    return switch (this) {
      case VIEWS -> {
        LocalDate clean = day.plusDays(INVALID_TRAFFIC_AGE);
        yield clean.plusDays(Math.floorMod(phase - clean.toEpochDay(), (long) STRIDE));
      }
      case REVENUE -> paid;
      case VIDEO_REVENUE -> paid.plusDays(phase);
    };
  }
}
