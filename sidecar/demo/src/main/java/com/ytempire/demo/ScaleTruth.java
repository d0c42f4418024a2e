package com.ytempire.demo;

import com.ytempire.platform.Http;
import com.ytempire.platform.TruthCheck;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.Usage;
import com.ytempire.simulator.World;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Compares what {@code ./ytempire test --scale} has stored with the simulated YouTube: rows that
 * are lost or wrong, and units of quota. Primary keys keep rows from being doubled.
 */
final class ScaleTruth {
  private static final String YOUTUBE = "http://youtube:8080";
  private static final int DAYS_COMPARED = 20;

  /** Calls to each of Google's services that run at once, by default and over all sidecars. */
  private static final long CALLS_AT_ONCE = 64;

  /** A sidecar and the primary; a worker calls nobody but sidecars. */
  private static final long INTERRUPTIONS = 2;

  private ScaleTruth() {}

  /**
   * Compares all of it; prints a line each.
   *
   * @param world made with the seed and at the moment of the one that was asked, by {@code clock}
   */
  static void verify(World world, MovedClock clock, String administratorPassword)
      throws SQLException {
    Instant now = Instant.now();
    try (Connection admin =
        DriverManager.getConnection(ScaleCheck.DATABASE, "postgres", administratorPassword)) {
      units(admin);
      LocalDate from = LocalDate.ofInstant(now, World.PACIFIC).minusDays(DAYS_COMPARED);
      Map<String, TruthCheck.Comparison> found =
          new TruthCheck(admin, world, clock).run(from, now, Set.of(), true);
      found.forEach((what, rows) ->
          ScaleCheck.print(
              rows.wrong() + rows.missing() == 0 && rows.compared() > 0,
              "%s: %,d compared, %d wrong, %d missing %s"
                  .formatted(
                      what, rows.compared(), rows.wrong(), rows.missing(), rows.examples())));
    }
  }

  /**
   * Every unit that YouTube counted is counted here, none above the limit, and beyond that only
   * what was taken for a call that a death kept from being made.
   */
  private static void units(Connection admin) throws SQLException {
    JsonNode theirs = new Http(YOUTUBE, null).get("/_simulator/usage");
    Set<String> uncounted = new TreeSet<>(theirs.propertyNames());
    uncounted.removeIf(
        bucket -> !Usage.Bucket.isOfDay(bucket) || theirs.path(bucket).asLong(0) == 0);
    int compared = 0;
    try (var statement = admin.createStatement();
        ResultSet buckets =
            statement.executeQuery(
                """
                select bucket, sum(spent + held) as units, max(units) as most
                  from core.quota_accounts join core.quota_windows using (bucket, starts_at)
                 where ends_at - starts_at > interval '1 minute' and now() >= starts_at and now() < ends_at
                 group by bucket having sum(spent + held) > 0 order by bucket
                """)) {
      while (buckets.next()) {
        long ours = buckets.getLong("units");
        String bucket = buckets.getString("bucket");
        long counted = theirs.path(bucket).asLong(0);
        uncounted.remove(bucket);
        compared++;
        ScaleCheck.print(
            counted <= ours
                && ours - counted <= CALLS_AT_ONCE * INTERRUPTIONS
                && ours <= buckets.getLong("most"),
            "units of %s: %,d counted here, %,d by YouTube".formatted(bucket, ours, counted));
      }
    }
    ScaleCheck.print(
        compared > 0 && uncounted.isEmpty(),
        "buckets of a day: %d compared, counted by YouTube alone: %s"
            .formatted(compared, uncounted));
  }
}
