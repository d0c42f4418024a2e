package com.ytempire.platform;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Compares the units that YouTube counted with those that are counted and reserved here. */
final class UnitComparison {
  private final Platform platform;
  private final ReservationProbe reservations;
  private final FaultLog faults;

  UnitComparison(Platform platform, ReservationProbe reservations, FaultLog faults) {
    this.platform = platform;
    this.reservations = reservations;
    this.faults = faults;
  }

  /** Units that YouTube counted and we did not or above the limit; the rest in words. */
  record Result(long over, String words) {}

  /**
   * Every unit that YouTube counted must be counted or reserved here, and none above the limit, on
   * each day that the platform has seen.
   */
  Result compare() throws SQLException {
    long over = 0;
    long spent = 0;
    long held = 0;
    List<String> notCalled = new ArrayList<>();
    try (Connection admin = platform.admin();
        var statement = admin.createStatement();
        ResultSet days =
            statement.executeQuery(
                """
                select bucket, starts_at, sum(spent) as spent, sum(held) as held, max(units) as units
                  from core.quota_accounts join core.quota_windows using (bucket, starts_at)
                 where ends_at - starts_at > interval '1 minute'
                 group by bucket, starts_at order by bucket, starts_at
                """)) {
      while (days.next()) {
        String bucket = days.getString("bucket");
        Instant day = days.getObject("starts_at", OffsetDateTime.class).toInstant();
        long counted = platform.simulator().usage().at(day).getOrDefault(bucket, 0L);
        long ours = days.getLong("spent") + days.getLong("held");
        long excess = Math.max(0, counted - ours) + Math.max(0, counted - days.getLong("units"));
        over += excess;
        if (excess > 0) {
          faults.add(
              Fault.Kind.UNITS,
              "of %s we counted %d units and reserved %d of %d, YouTube counted %d"
                  .formatted(
                      bucket,
                      days.getLong("spent"),
                      days.getLong("held"),
                      days.getLong("units"),
                      counted));
        } else if (bucket.equals(ReservationProbe.BUCKET)) {
          spent += days.getLong("spent");
          held += days.getLong("held");
        } else if (ours > counted) {
          notCalled.add("%d of %s".formatted(ours - counted, bucket));
        }
      }
    }
    over += reservations.check(spent, held);
    return new Result(
        over,
        notCalled.isEmpty()
            ? ""
            : notCalled.stream()
                .collect(
                    Collectors.joining(
                        ", ", " (counted, and not known to be spent by YouTube: ", ")")));
  }
}
