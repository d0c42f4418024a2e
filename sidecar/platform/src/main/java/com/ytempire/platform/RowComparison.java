package com.ytempire.platform;

import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.World;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares the stored rows with what the simulated YouTube showed. */
final class RowComparison {
  /** The first sync of a channel looks back further than this. */
  private static final int DAYS_COMPARED = 20;

  private final Platform platform;
  private final FaultLog faults;

  RowComparison(Platform platform, FaultLog faults) {
    this.platform = platform;
    this.faults = faults;
  }

  /**
   * Compares the rows of the first users of the world; returns what was found in words.
   *
   * @param users how many have been synced
   */
  String check(int users) throws Exception {
    long compared = 0;
    long wrong = 0;
    long missing = 0;
    MovedClock clock = new MovedClock(platform.began());
    World truth = platform.settings().world(clock);
    Set<String> notDue =
        truth.accounts().stream()
            .skip(users)
            .flatMap(account -> account.channels().stream())
            .map(Catalog.Channel::id)
            .collect(Collectors.toSet());
    LocalDate from = platform.world().today().minusDays(DAYS_COMPARED);
    long doubled;
    try (Connection admin = platform.admin()) {
      for (Map.Entry<String, TruthCheck.Comparison> each :
          new TruthCheck(admin, truth, clock)
              .run(from, platform.world().now(), notDue, true)
              .entrySet()) {
        TruthCheck.Comparison found = each.getValue();
        compared += found.compared();
        wrong += found.wrong();
        missing += found.missing();
        if (found.wrong() + found.missing() > 0) {
          faults.add(
              Fault.Kind.ROWS,
              "%s: %d wrong, %d missing: %s"
                  .formatted(each.getKey(), found.wrong(), found.missing(), found.examples()));
        }
      }
      doubled = doubled(admin);
    }
    if (doubled > 0) {
      faults.add(Fault.Kind.ROWS, "%d rows are there twice".formatted(doubled));
    }
    return "%,d rows compared, %d lost, %d wrong, %d doubled"
        .formatted(compared, missing, wrong, doubled);
  }

  /** Rows that users see of the same thing more than once. */
  private static long doubled(Connection admin) throws SQLException {
    try (var statement = admin.createStatement();
        ResultSet result =
            statement.executeQuery(
                """
                select (select count(*) - count(distinct (user_id, channel_id, day)) from core.channel_days)
                     + (select count(*) - count(distinct (user_id, video_id, day)) from core.video_days)
                     + (select count(*) - count(distinct (user_id, channel_id, observed_at)) from core.channel_statistics)
                     + (select count(*) - count(distinct (user_id, video_id, observed_at)) from core.video_statistics)
                     + (select count(*) - count(distinct (user_id, channel_id, source, day)) from core.traffic_source_days)
                """)) {
      result.next();
      return result.getLong(1);
    }
  }
}
