package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Limits the queries for retention curves that a replica sends in a minute, of all its channels
 * together, to a part of Analytics' quota of the minute, so that after an outage, when many are due
 * at once, the other reports do not wait for them; and those of each user, so that one leaves most
 * of it to others. Replicas do not share it: two send twice as many. Safe to share between threads.
 */
final class CurvePace {
  /** Of so many queries of a minute one may be for a curve. */
  private static final int PART = 12;

  /** Of so many queries for curves one may be a user's. */
  private static final int USER_PART = 4;

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final long limit;
  private final long userLimit;

  /** What users took in the current minute: no more users than the limit. */
  private final Map<UUID, Long> takenByUser = new HashMap<>();

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
    this.userLimit = Math.max(batchSize, limit / USER_PART);
  }

  /**
   * Takes queries of the current minute for a user; false: there are not so many left, and none is
   * taken.
   */
  synchronized boolean tryTake(UUID userId, int queries, Instant now) {
    long current = now.getEpochSecond() / MINUTE.toSeconds();
    if (current != minute) {
      minute = current;
      taken = 0;
      takenByUser.clear();
    }
    if (queries == 0) {
      return true;
    }
    long ofUser = takenByUser.getOrDefault(userId, 0L) + queries;
    if (taken + queries > limit || ofUser > userLimit) {
      return false;
    }
    taken += queries;
    takenByUser.put(userId, ofUser);
    return true;
  }
}
