package com.ytempire.sidecar.quality;

import com.ytempire.sidecar.quality.QualityDao.RevenueDay;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares a channel's stored revenue with what YouTube says of the same days now: the last closed
 * month, the days that have settled, and the month so far. Pure.
 */
final class RevenueReconciliation {
  /** Days younger than this are still restated from day to day. */
  static final int FINAL_AGE = 4;

  private static final int SETTLED_AGE = 10;
  private static final int SETTLED_DAYS = 28;

  /** A month is paid, and read once more, in the middle of the next one. */
  private static final int CLOSED_ON_DAY = 18;

  /** Below this, rounding is what differs. */
  private static final BigDecimal LEAST_USD = BigDecimal.ONE;

  private static final BigDecimal HUNDRED = new BigDecimal(100);

  private RevenueReconciliation() {}

  /** The first day that is to be asked for: of the last month that is closed. */
  static LocalDate first(LocalDate today) {
    return closedMonth(today).atDay(1);
  }

  /** The last day that is to be asked for. */
  static LocalDate last(LocalDate today) {
    return today.minusDays(FINAL_AGE);
  }

  private static YearMonth closedMonth(LocalDate today) {
    return YearMonth.from(today).minusMonths(today.getDayOfMonth() >= CLOSED_ON_DAY ? 1 : 2);
  }

  /**
   * The greatest difference of the three periods in percent; those of up to a dollar count as none.
   *
   * @param stored days whose revenue is stored
   * @param youTube days that YouTube answered; it leaves out days without any
   * @return empty: no period has stored days
   */
  static Optional<BigDecimal> difference(
      Iterable<RevenueDay> stored, Map<LocalDate, BigDecimal> youTube, LocalDate today) {
    TreeMap<LocalDate, BigDecimal> ours = new TreeMap<>();
    stored.forEach(day -> ours.put(day.day(), day.revenueUsd()));
    if (ours.isEmpty()) {
      return Optional.empty();
    }
    YearMonth closed = closedMonth(today);
    LocalDate settled = today.minusDays(SETTLED_AGE);
    // A day that is not stored yet, before or behind what is, is a matter of completeness.
    LocalDate first = ours.firstKey();
    LocalDate last = ours.lastKey();
    BigDecimal worst = BigDecimal.ZERO;
    boolean any = false;
    for (LocalDate[] period :
        new LocalDate[][] {
          {closed.atDay(1), closed.atEndOfMonth()},
          {settled.minusDays(SETTLED_DAYS - 1), settled},
          {YearMonth.from(today).atDay(1), last(today)}
        }) {
      LocalDate from = period[0].isBefore(first) ? first : period[0];
      LocalDate until = period[1].isAfter(last) ? last : period[1];
      if (!from.isAfter(until)) {
        any = true;
        worst = worst.max(percent(sum(ours, from, until), sum(youTube, from, until)));
      }
    }
    return any ? Optional.of(worst) : Optional.empty();
  }

  private static BigDecimal sum(Map<LocalDate, BigDecimal> days, LocalDate from, LocalDate until) {
    BigDecimal sum = BigDecimal.ZERO;
    for (LocalDate day : new TreeSet<>(days.keySet()).subSet(from, until.plusDays(1))) {
      sum = sum.add(days.get(day));
    }
    return sum;
  }

  private static BigDecimal percent(BigDecimal ours, BigDecimal theirs) {
    BigDecimal difference = ours.subtract(theirs).abs();
    if (difference.compareTo(LEAST_USD) <= 0) {
      return BigDecimal.ZERO;
    }
    return difference
        .multiply(HUNDRED)
        .divide(ours.abs().max(theirs.abs()), 2, RoundingMode.HALF_UP);
  }
}
