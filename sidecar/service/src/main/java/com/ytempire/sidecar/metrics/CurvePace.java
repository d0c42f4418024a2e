package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.Instant;

/**
 * Limits the queries for retention curves that a replica sends in a minute, of all its channels
 * together, to a part of Analytics' quota of the minute, so that after an outage, when many are due
 * at once, the other reports do not wait for them. Replicas do not share it: two send twice as
 * many. Safe to share between threads.
 */
final class CurvePace {
  /** Of so many queries of a minute one may be for a curve. */
  private static final int PART = 12;

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final long limit;
  private long minute;
  private long taken;

  /**
   * Makes the pace of a replica.
   *
   * @param minuteQuota queries of Analytics that the project may send in a minute
   * @param batchSize the queries that a channel sends at once at most; there is always room for
   *     them
   */
  CurvePace(long minuteQuota, int batchSize) {
    this.limit = Math.max(batchSize, minuteQuota / PART);
  }

  /** Takes queries of the current minute; false: there are not so many left, and none is taken. */
  synchronized boolean tryTake(int queries, Instant now) {
    long current = now.getEpochSecond() / MINUTE.toSeconds();
    if (current != minute) {
      minute = current;
      taken = 0;
    }
    if (taken + queries > limit) {
      return false;
    }
    taken += queries;
    return true;
  }
}
