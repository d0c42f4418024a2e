package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.telemetry.Telemetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gauges of Google's quota for Prometheus: {@code ytempire_quota_limit}, {@code …_remaining} and
 * {@code …_reserved}, in API units, and {@code …_reset_timestamp_seconds}, labeled by bucket. All
 * gauges of a scrape are answered by one read of the ledger, on a reserved connection, at most once
 * a second; NaN when it is unavailable.
 */
public final class QuotaMeters {
  private static final Logger log = LoggerFactory.getLogger(QuotaMeters.class);
  private static final Duration MAX_AGE = Duration.ofSeconds(1);

  private final Database database;
  private final QuotaReport report;
  private final Clock clock;
  private final AtomicReference<@Nullable Snapshot> last = new AtomicReference<>();

  private record Snapshot(Instant takenAt, Map<String, BucketStatus> buckets) {}

  private QuotaMeters(Database database, QuotaReport report, Clock clock) {
    this.database = database;
    this.report = report;
    this.clock = clock;
  }

  /** Registers the gauges of all buckets. */
  public static void register(
      Telemetry telemetry, Database database, QuotaReport report, Clock clock) {
    QuotaMeters meters = new QuotaMeters(database, report, clock);
    Map<String, ToLongFunction<BucketStatus>> units =
        Map.of(
            "limit", BucketStatus::limit,
            "remaining", BucketStatus::remaining,
            "reserved", BucketStatus::reserved);
    for (Bucket bucket : Bucket.values()) {
      units.forEach((meter, unit) ->
          telemetry.gauge(
              "ytempire.quota." + meter,
              "Units of the bucket's window: " + meter,
              "bucket",
              bucket.label(),
              () -> meters.value(bucket, unit)));
      telemetry.gauge(
          "ytempire.quota.reset.timestamp.seconds",
          "When the bucket's units are given anew, in seconds of Unix time",
          "bucket",
          bucket.label(),
          () -> meters.value(bucket, status -> status.resetsAt().getEpochSecond()));
    }
  }

  private double value(Bucket bucket, ToLongFunction<BucketStatus> unit) {
    @Nullable BucketStatus status = statuses().get(bucket.label());
    return status == null ? Double.NaN : unit.applyAsLong(status);
  }

  private Map<String, BucketStatus> statuses() {
    @Nullable Snapshot snapshot = last.get();
    Instant now = clock.instant();
    if (snapshot == null
        || Duration.between(snapshot.takenAt(), now).abs().compareTo(MAX_AGE) >= 0) {
      snapshot = new Snapshot(now, read());
      last.set(snapshot);
    }
    return snapshot.buckets();
  }

  private Map<String, BucketStatus> read() {
    Map<String, BucketStatus> buckets = new HashMap<>();
    try {
      database
          .onReservedConnection(() -> report.status(List.of(Bucket.values())))
          .forEach(status -> buckets.put(status.bucket(), status));
    } catch (QuotaUnavailable | QuotaBusy e) {
      log.debug("no gauges of the quota: {}", e.getMessage());
    }
    return buckets;
  }
}
