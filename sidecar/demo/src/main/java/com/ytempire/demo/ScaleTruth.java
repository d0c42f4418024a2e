package com.ytempire.demo;

import com.ytempire.platform.Http;
import com.ytempire.platform.TruthCheck;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.World;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Compares what {@code ./ytempire test --scale} has stored with the simulated YouTube: rows that
 * are lost, doubled or wrong, and units of quota.
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
      doubled(admin);
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
        long counted = theirs.get(buckets.getString("bucket")).longValue();
        ScaleCheck.print(
            counted <= ours
                && ours - counted <= CALLS_AT_ONCE * INTERRUPTIONS
                && ours <= buckets.getLong("most"),
            "units of %s: %,d counted here, %,d by YouTube"
                .formatted(buckets.getString("bucket"), ours, counted));
      }
    }
  }

  private static void doubled(Connection admin) throws SQLException {
    for (String key :
        List.of(
            "channel_days (user_id, channel_id, day)",
            "video_days (user_id, video_id, day)",
            "channel_statistics (user_id, channel_id, observed_at)",
            "video_statistics (user_id, video_id, observed_at)",
            "traffic_source_days (user_id, channel_id, source, day)")) {
      String[] parts = key.split(" ", 2);
      try (var statement = admin.createStatement();
          ResultSet counts =
              statement.executeQuery(
                  "select count(*), count(distinct %s) from core.%s"
                      .formatted(parts[1], parts[0]))) {
        counts.next();
        long rows = counts.getLong(1);
        ScaleCheck.print(
            rows == counts.getLong(2),
            "%s: %,d rows, %d doubled".formatted(parts[0], rows, rows - counts.getLong(2)));
      }
    }
  }
}
