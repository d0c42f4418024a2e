package com.ytempire.sidecar.quality;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The declared checks of the data: what each measures, how often, and from which values on it warns
 * and opens an incident. A new check is one more constant, its measure in {@link QualityDao}, and
 * its name in {@code schemas/quality-check-name.json}.
 */
public enum Check {
  /** Minutes since the newest statistics of a connected channel, which come every 15. */
  FRESHNESS("freshness", Cadence.EVERY_RUN, "minutes", BadSide.HIGH, "20", "45"),

  /** Percent of the last 28 days that can be known which YouTube told. */
  COMPLETENESS("completeness", Cadence.DAILY, "percent", BadSide.LOW, "98", "95"),

  /** Percent of a channel's views, or of its revenue, that the days of its videos have. */
  VIDEO_COVERAGE("video-coverage", Cadence.DAILY, "percent", BadSide.LOW, "98", "95"),

  /** Percent by which revenue asked again differs from what is stored. */
  REVENUE("revenue-reconciliation", Cadence.BY_CALLS, "percent", BadSide.HIGH, "0.5", "1"),

  /** Percent by which the growth of lifetime views differs from the days: two counters. */
  VIEWS("view-verification", Cadence.DAILY, "percent", BadSide.HIGH, "3", "5"),

  /** Stored figures that cannot be, and rows that the database refused. */
  VALIDITY("validity", Cadence.DAILY, "figures", BadSide.HIGH, "1", "1"),

  /** Deviations of a day's views from what was expected; {@link AnomalyDetector} judges. */
  ANOMALIES("anomalies", Cadence.DAILY, "deviations", BadSide.HIGH, "3.5", "4.5"),

  /** Views that show a user rows of others. */
  ISOLATION("isolation", Cadence.DAILY, "views", BadSide.HIGH, "1", "1"),

  /** Videos whose rollup is not the sum of their days. */
  ROLLUPS("rollups", Cadence.DAILY, "videos", BadSide.HIGH, "1", "1");

  /** The interval at which a check is due. */
  enum Cadence {
    /** At each run of the monitor. */
    EVERY_RUN,
    /** Once a Pacific day; hourly while its incident is open. */
    DAILY,
    /** Once a day for each channel, by calls to YouTube that are spread over the day. */
    BY_CALLS
  }

  /** The side of its thresholds on which a value is bad. */
  private enum BadSide {
    LOW,
    HIGH
  }

  private final String label;
  private final Cadence cadence;
  private final String unit;
  private final BadSide bad;
  private final BigDecimal warn;
  private final BigDecimal error;

  Check(String label, Cadence cadence, String unit, BadSide bad, String warn, String error) {
    this.label = label;
    this.cadence = cadence;
    this.unit = unit;
    this.bad = bad;
    this.warn = new BigDecimal(warn);
    this.error = new BigDecimal(error);
  }

  /** As it stands in the contract, in the database, and as a label of Prometheus. */
  public String label() {
    return label;
  }

  Cadence cadence() {
    return cadence;
  }

  /** What its values count. */
  String unit() {
    return unit;
  }

  /** From which value on it warns. */
  BigDecimal warnAt() {
    return warn;
  }

  /** From which value on it opens an incident. */
  BigDecimal errorAt() {
    return error;
  }

  /**
   * The level of a value by the thresholds.
   *
   * @param value null: there was nothing to judge by, which is {@link Level#UNKNOWN}
   */
  Level judge(@Nullable BigDecimal value) {
    if (value == null) {
      return Level.UNKNOWN;
    }
    return isAt(value, error) ? Level.ERROR : isAt(value, warn) ? Level.WARN : Level.OK;
  }

  private boolean isAt(BigDecimal value, BigDecimal threshold) {
    int compared = value.compareTo(threshold);
    // A percentage of 98 is still 98: low values are bad below, high ones from the threshold on.
    return bad == BadSide.LOW ? compared < 0 : compared >= 0;
  }

  /** Whether the first value is worse than the second; a known one is worse than none. */
  boolean isWorse(@Nullable BigDecimal value, @Nullable BigDecimal than) {
    if (value == null || than == null) {
      return value != null;
    }
    return bad == BadSide.LOW ? value.compareTo(than) < 0 : value.compareTo(than) > 0;
  }

  /** The check of this name; empty: there is none, as of an older version. */
  static Optional<Check> find(String label) {
    return Arrays.stream(values()).filter(check -> check.label.equals(label)).findFirst();
  }
}
