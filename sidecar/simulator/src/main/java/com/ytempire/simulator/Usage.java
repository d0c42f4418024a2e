package com.ytempire.simulator;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts units as Google does, a request each whether it succeeds or not, and refuses when a bucket
 * is empty. Safe to share.
 */
public final class Usage {
  /** Google's buckets and their limits by default: of a Pacific day, or of a minute. */
  public enum Bucket {
    DATA_GENERAL("data.general", 10_000),
    DATA_BATCH_GET_STATS("data.batchGetStats", 10_000),
    DATA_SEARCH("data.search", 100),
    ANALYTICS_DAY("analytics.day", 100_000),
    ANALYTICS_MINUTE("analytics.minute", 720),
    REPORTING_DAY("reporting.day", 20_000),
    REPORTING_MINUTE("reporting.minute", 60);

    private final String label;
    private final long limit;

    Bucket(String label, long limit) {
      this.label = label;
      this.limit = limit;
    }

    public String label() {
      return label;
    }

    /**
     * Whether a bucket's units are of a Pacific day, so that they can be compared later; those of a
     * minute are over by then.
     *
     * @param label its name in the contract, also of one that the sidecar alone counts
     */
    public static boolean isOfDay(String label) {
      return !label.endsWith(".minute") && !label.endsWith(".userMinute");
    }
  }

  private final Clock clock;
  private final Map<Bucket, Long> limits = new EnumMap<>(Bucket.class);
  private final Map<String, Long> spent = new HashMap<>();
  private final Map<String, Long> unauthorized = new HashMap<>();
  private final Map<String, Long> byMethod = new TreeMap<>();
  private final Map<String, Long> queries = new TreeMap<>();

  Usage(Clock clock) {
    this.clock = clock;
    for (Bucket bucket : Bucket.values()) {
      limits.put(bucket, bucket.limit);
    }
  }

  /** Sets another limit, to see a bucket run dry. */
  public synchronized void limit(Bucket bucket, long units) {
    limits.put(bucket, units);
  }

  synchronized void spend(Bucket bucket) {
    String key = key(bucket);
    if (isUsedUp(bucket)) {
      throw switch (bucket) {
        case DATA_GENERAL -> GoogleError.quotaExceeded();
        case DATA_SEARCH -> GoogleError.bucketExceeded("Search queries", "day");
        case DATA_BATCH_GET_STATS -> GoogleError.bucketExceeded("Video batch stats", "day");
        case ANALYTICS_DAY -> GoogleError.bucketExceeded("Queries", "day");
        case ANALYTICS_MINUTE -> GoogleError.bucketExceeded("Queries", "minute");
        case REPORTING_DAY -> GoogleError.reportingExceeded("FreeQuotaRequestsPerDayPerProject");
        case REPORTING_MINUTE ->
            GoogleError.reportingExceeded("FreeQuotaRequestsPerMinutePerProject");
      };
    }
    spent.merge(key, 1L, Long::sum);
  }

  /** As {@link #spend(Bucket)}, and notes by which method. */
  synchronized void spend(Bucket bucket, String method) {
    spend(bucket);
    byMethod.merge(method, 1L, Long::sum);
  }

  /** Calls since {@link #forgetMethods}, by method. */
  public synchronized Map<String, Long> methods() {
    return new TreeMap<>(byMethod);
  }

  /** Notes what a query of Analytics asks for. */
  synchronized void query(String shape) {
    queries.merge(shape, 1L, Long::sum);
  }

  /** Queries of Analytics since {@link #forgetMethods}, by what they ask for. */
  public synchronized Map<String, Long> queries() {
    return new TreeMap<>(queries);
  }

  /** Counts methods and queries from nought again. */
  public synchronized void forgetMethods() {
    byMethod.clear();
    queries.clear();
  }

  /** Notes a call that no bucket is charged for. */
  synchronized void free(String method) {
    byMethod.merge(method, 1L, Long::sum);
  }

  /** Whether the next call to this bucket would be refused. */
  public synchronized boolean isUsedUp(Bucket bucket) {
    return spent.getOrDefault(key(bucket), 0L) >= limits.getOrDefault(bucket, 0L);
  }

  /** Units counted today (this minute, for the bucket of the minute), by bucket. */
  public Map<String, Long> today() {
    return at(clock.instant());
  }

  /** Units counted in the windows that a moment falls into, by bucket. */
  public synchronized Map<String, Long> at(Instant moment) {
    Map<String, Long> units = new TreeMap<>();
    for (Bucket bucket : Bucket.values()) {
      units.put(bucket.label(), spent.getOrDefault(key(bucket, moment), 0L));
    }
    return units;
  }

  /**
   * Notes a call that was refused for its credentials. It is not charged here; whether Google does
   * is not documented, and a careful client counts it.
   */
  synchronized void unauthorized(Bucket bucket) {
    unauthorized.merge(key(bucket), 1L, Long::sum);
  }

  /** Calls refused for their credentials in the windows that a moment falls into, by bucket. */
  public synchronized Map<String, Long> unauthorizedAt(Instant moment) {
    Map<String, Long> calls = new TreeMap<>();
    for (Bucket bucket : Bucket.values()) {
      calls.put(bucket.label(), unauthorized.getOrDefault(key(bucket, moment), 0L));
    }
    return calls;
  }

  private String key(Bucket bucket) {
    return key(bucket, clock.instant());
  }

  private static String key(Bucket bucket, Instant moment) {
    Object window =
        bucket == Bucket.ANALYTICS_MINUTE || bucket == Bucket.REPORTING_MINUTE
            ? moment.truncatedTo(ChronoUnit.MINUTES).atOffset(ZoneOffset.UTC)
            : LocalDate.ofInstant(moment, World.PACIFIC);
    return bucket.label() + " " + window;
  }
}
