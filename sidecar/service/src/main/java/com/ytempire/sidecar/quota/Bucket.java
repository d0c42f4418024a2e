package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.config.QuotaSettings.Limits;
import com.ytempire.sidecar.db.PacificTime;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Google's quota buckets, one set for the whole project. Since 2026-06 the Data API has four a
 * Pacific day (developers.google.com/youtube/v3/determine_quota_cost); Analytics has its own, as
 * the console shows.
 */
public enum Bucket {
  /** Every call of the Data API that has no bucket of its own; a read costs one unit. */
  DATA_GENERAL("data.general"),
  DATA_SEARCH("data.search"),
  DATA_UPLOAD("data.upload"),
  /** {@code videos:batchGetStats}. */
  DATA_BATCH_GET_STATS("data.batchGetStats"),
  ANALYTICS_DAY("analytics.day"),
  ANALYTICS_MINUTE("analytics.minute"),
  /** Of each user by itself. */
  ANALYTICS_USER_MINUTE("analytics.userMinute"),
  REPORTING_DAY("reporting.day"),
  REPORTING_MINUTE("reporting.minute");

  /** Where YouTube's days begin and end. */
  public static final ZoneId PACIFIC = PacificTime.ZONE;

  private final String label;

  Bucket(String label) {
    this.label = label;
  }

  /** As it stands in the contract. */
  public String label() {
    return label;
  }

  /** The bucket of this name in the contract. */
  public static Optional<Bucket> of(String label) {
    for (Bucket bucket : values()) {
      if (bucket.label.equals(label)) {
        return Optional.of(bucket);
      }
    }
    return Optional.empty();
  }

  /** Units a window. */
  long limit(Limits limits) {
    return switch (this) {
      case DATA_GENERAL -> limits.data().general();
      case DATA_SEARCH -> limits.data().search();
      case DATA_UPLOAD -> limits.data().upload();
      case DATA_BATCH_GET_STATS -> limits.data().batchGetStats();
      case ANALYTICS_DAY -> limits.analytics().day();
      case ANALYTICS_MINUTE -> limits.analytics().minute();
      case ANALYTICS_USER_MINUTE -> limits.analytics().userMinute();
      case REPORTING_DAY -> limits.reporting().day();
      case REPORTING_MINUTE -> limits.reporting().minute();
    };
  }

  /** Whether its window is a minute, so that it is worth waiting for. */
  public boolean isPerMinute() {
    return sharing() != Sharing.BY_SHARES;
  }

  /** The rule of who has a claim to its units. */
  enum Sharing {
    /** Each payer has a guaranteed share, the rest is common ({@link Shares}). */
    BY_SHARES,
    /**
     * One for all: whoever comes first. Calls are scheduled fairly, and the next window is near.
     */
    FOR_ALL,
    /** Each payer has the whole limit for itself. */
    FOR_EACH
  }

  Sharing sharing() {
    return switch (this) {
      case DATA_GENERAL,
          DATA_SEARCH,
          DATA_UPLOAD,
          DATA_BATCH_GET_STATS,
          ANALYTICS_DAY,
          REPORTING_DAY ->
          Sharing.BY_SHARES;
      case ANALYTICS_MINUTE, REPORTING_MINUTE -> Sharing.FOR_ALL;
      case ANALYTICS_USER_MINUTE -> Sharing.FOR_EACH;
    };
  }

  /** The window that a moment falls into. A Pacific day has 23 or 25 hours twice a year. */
  Window window(Instant now) {
    if (isPerMinute()) {
      Instant start = now.truncatedTo(ChronoUnit.MINUTES);
      return new Window(this, start, start.plus(1, ChronoUnit.MINUTES));
    }
    LocalDate day = PacificTime.day(now);
    return new Window(
        this,
        day.atStartOfDay(PACIFIC).toInstant(),
        day.plusDays(1).atStartOfDay(PACIFIC).toInstant());
  }

  /** A stretch of time for which a limit holds, from {@code start} until before {@code end}. */
  record Window(Bucket bucket, Instant start, Instant end) {}
}
