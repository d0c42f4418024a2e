package com.ytempire.sidecar.quality;

import java.time.LocalDate;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Judges a day of a channel's views by the weeks before it: the logarithm of the day, less what its
 * weekday adds, less the level of the last 14 days, in units of a robust standard deviation. A day
 * is an anomaly at {@link #ALONE} deviations, or at {@link #IN_A_ROW} together with the day before.
 * Medians are not moved by single days, so that a spike does not hide the next one, as it does from
 * means and standard deviations.
 *
 * <p>A day is judged where at least 42 of the 56 days before it are known, with a median of 100
 * views. Days after it are not looked at. Pure: no state, no clock.
 */
public final class AnomalyDetector {
  /** Deviations at which one day is an anomaly. */
  public static final double ALONE = 4.5;

  /** Deviations at which two days in a row, to the same side, are one. */
  public static final double IN_A_ROW = 3.5;

  private static final int HISTORY = 56;
  private static final int LEAST_KNOWN = 42;
  private static final int LEVEL_DAYS = 14;
  private static final int SPREAD_DAYS = 42;
  private static final int LEAST_VIEWS = 100;
  private static final int WEEK = 7;

  /** Makes a median absolute deviation comparable to a standard deviation. */
  private static final double MAD_TO_SIGMA = 1.4826;

  /** Below a tenth nothing is strange, however even a channel was. */
  private static final double LEAST_SPREAD = 0.10;

  private AnomalyDetector() {}

  /**
   * The judgment of a day against what was expected.
   *
   * @param deviations of the day, negative where it is low
   * @param expected views
   * @param low views at {@link #IN_A_ROW} deviations below, the lower edge of the band
   * @param high its upper edge
   * @param isAnomaly whether it is to be told
   */
  public record Judgment(
      LocalDate day,
      double deviations,
      double expected,
      double low,
      double high,
      boolean isAnomaly) {}

  /**
   * Judges a day.
   *
   * @param views by day; days that are not final or not told are left out
   * @return empty: the day or enough of its history is not known
   */
  public static Optional<Judgment> judge(SortedMap<LocalDate, Long> views, LocalDate day) {
    @Nullable Judgment judgment = alone(views, day);
    if (judgment == null) {
      return Optional.empty();
    }
    double deviations = judgment.deviations();
    if (Math.abs(deviations) >= IN_A_ROW && !judgment.isAnomaly()) {
      @Nullable Judgment before = alone(views, day.minusDays(1));
      if (before != null
          && Math.abs(before.deviations()) >= IN_A_ROW
          && Math.signum(before.deviations()) == Math.signum(deviations)) {
        return Optional.of(
            new Judgment(
                day, deviations, judgment.expected(), judgment.low(), judgment.high(), true));
      }
    }
    return Optional.of(judgment);
  }

  private static @Nullable Judgment alone(SortedMap<LocalDate, Long> views, LocalDate day) {
    @Nullable Long value = views.get(day);
    // Index i is i + 1 days before; NaN: not known.
    double[] history = new double[HISTORY];
    Arrays.fill(history, Double.NaN);
    int known = 0;
    for (var each : new TreeMap<>(views.subMap(day.minusDays(HISTORY), day)).entrySet()) {
      history[(int) (day.toEpochDay() - each.getKey().toEpochDay()) - 1] = log(each.getValue());
      known++;
    }
    if (value == null
        || known < LEAST_KNOWN
        || Math.exp(median(history, 0, SPREAD_DAYS)) < LEAST_VIEWS) {
      return null;
    }
    double[] added = weekdays(history);
    double[] even = new double[HISTORY];
    for (int i = 0; i < HISTORY; i++) {
      even[i] = history[i] - added[(i + 1) % WEEK];
    }
    double level = median(even, 0, LEVEL_DAYS);
    double spread = Math.max(LEAST_SPREAD, MAD_TO_SIGMA * deviation(even));
    if (Double.isNaN(level) || Double.isNaN(added[0])) {
      return null;
    }
    double deviations = (log(value) - added[0] - level) / spread;
    double expected = level + added[0];
    return new Judgment(
        day,
        deviations,
        Math.exp(expected),
        Math.exp(expected - IN_A_ROW * spread),
        Math.exp(expected + IN_A_ROW * spread),
        Math.abs(deviations) >= ALONE);
  }

  private static double log(long views) {
    return Math.log(Math.max(1, views));
  }

  /**
   * What each weekday adds to the logarithm: the median over eight weeks of its difference from the
   * median of the seven days that end with it. Index 0 is the weekday of the judged day, index n
   * that of n days before it.
   */
  private static double[] weekdays(double[] history) {
    double[] added = new double[WEEK];
    for (int weekday = 0; weekday < WEEK; weekday++) {
      double[] differences = new double[HISTORY / WEEK];
      int count = 0;
      for (int i = weekday == 0 ? WEEK - 1 : weekday - 1; i + WEEK <= HISTORY; i += WEEK) {
        differences[count++] = history[i] - median(history, i, i + WEEK);
      }
      added[weekday] = median(differences, 0, count);
    }
    return added;
  }

  /** The median absolute deviation of the last days. */
  private static double deviation(double[] even) {
    double middle = median(even, 0, SPREAD_DAYS);
    double[] distances = new double[SPREAD_DAYS];
    for (int i = 0; i < SPREAD_DAYS; i++) {
      distances[i] = Math.abs(even[i] - middle);
    }
    return median(distances, 0, SPREAD_DAYS);
  }

  /** The median of what is known; NaN where nothing is. */
  private static double median(double[] values, int from, int to) {
    double[] known =
        Arrays.stream(values, from, to).filter(value -> !Double.isNaN(value)).sorted().toArray();
    int count = known.length;
    return count == 0 ? Double.NaN : (known[(count - 1) / 2] + known[count / 2]) / 2;
  }
}
