package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Limits the queries for retention curves per minute: all of them to a twelfth of Analytics' quota
 * of the minute, those of a user to a quarter of that, so that other reports do not wait after an
 * outage. Each replica counts for itself. Safe to share between threads.
 */
final class CurveRateLimit {
  /** Of so many queries of a minute one may be for a curve. */
  private static final int QUOTA_DIVISOR = 12;

  /** Of so many queries for curves in a minute one may be a user's. */
  private static final int USER_DIVISOR = 4;

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final long limit;
  private final long userLimit;

  /** What users took in the current minute: no more users than the limit. */
  private final Map<UUID, Long> takenByUser = new HashMap<>();

  private long minute;
  private long taken;

  /**
   * Makes the limit of a replica.
   *
   * @param minuteQuota queries of Analytics that the project may send in a minute
   * @param batchSize the queries that a channel sends at once at most; there is always room for
   *     them
   */
  CurveRateLimit(long minuteQuota, int batchSize) {
    this.limit = Math.max(batchSize, minuteQuota / QUOTA_DIVISOR);
    this.userLimit = Math.max(batchSize, limit / USER_DIVISOR);
  }

  /**
   * Takes queries of the current minute for a user; false: there are not so many left, and none is
   * taken.
   *
   * @param now the time; of a minute before the current one, as of a thread that read the clock
   *     before another did and comes after it, it counts to the current one
   */
  synchronized boolean tryTake(UUID userId, int queries, Instant now) {
    long current = now.getEpochSecond() / MINUTE.toSeconds();
    if (current > minute) {
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
