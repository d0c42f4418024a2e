package com.ytempire.demo;

import com.ytempire.platform.Checks;
import com.ytempire.platform.Http;
import com.ytempire.platform.TruthCheck;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.World;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * What {@code ./ytempire test --scale} does while parts of the stack die: n8n's ticks, writes whose
 * acknowledgements are noted, and the comparison with the simulated YouTube afterwards.
 */
final class ScaleCheck {
  private static final String YOUTUBE = "http://youtube:8080";
  private static final String DATABASE = "jdbc:postgresql://database:5432/ytempire";
  private static final Duration TICK = Duration.ofSeconds(5);
  private static final Duration WRITE = Duration.ofMillis(500);
  private static final int DAYS_COMPARED = 20;

  /** Calls that the sidecars make at once, by default, and that a death may interrupt. */
  private static final long CALLS_AT_ONCE = 16;

  /** A sidecar and the primary; a worker calls nobody but sidecars. */
  private static final long INTERRUPTIONS = 2;

  private ScaleCheck() {}

  /** Starts the sync, and again when it has ended, until the process is ended. */
  static void tick(StackOperator operator) {
    String execution = "";
    String status = "none";
    while (true) {
      try {
        if (execution.isEmpty() || !Set.of("new", "running", "waiting").contains(status)) {
          execution = operator.sync();
        }
        String now = operator.status(execution);
        if (!now.equals(status)) {
          System.out.println("execution " + execution + " " + now);
        }
        status = now;
      } catch (RuntimeException e) {
        // n8n is away, or its database; the next tick tries again.
        System.out.println("no tick: " + e.getMessage());
      }
      LockSupport.parkNanos(TICK.toNanos());
    }
  }

  /** Creates users until the process is ended, and prints the id of each that was acknowledged. */
  static void write(String operatorToken) {
    Http operator = new Http(StackOperator.SIDECAR, operatorToken);
    for (int number = 0; ; number++) {
      try {
        JsonNode user =
            operator.post(
                "/v1/users",
                Http.map(
                    "email",
                    "written-%d@example.org".formatted(number),
                    "displayName",
                    "Written " + number));
        System.out.println("written " + user.get("userId").stringValue());
      } catch (RuntimeException e) {
        System.out.println("refused " + Instant.now() + " " + e.getMessage());
      }
      LockSupport.parkNanos(WRITE.toNanos());
    }
  }

  /**
   * Waits until every channel has all its rows, and prints what is missing when the time is over.
   */
  static void awaitRows(String administratorPassword, Duration most) throws SQLException {
    Instant began = Instant.now();
    while (true) {
      List<String> incomplete = new ArrayList<>();
      try (Connection admin =
              DriverManager.getConnection(DATABASE, "postgres", administratorPassword);
          var statement = admin.createStatement();
          ResultSet rows = statement.executeQuery(Checks.INCOMPLETE_CHANNELS)) {
        while (rows.next()) {
          incomplete.add(rows.getString(1));
        }
      }
      Duration waited = Duration.between(began, Instant.now());
      if (incomplete.isEmpty() || waited.compareTo(most) > 0) {
        print(
            incomplete.isEmpty(),
            "%d channels lack rows after %d s %s"
                .formatted(incomplete.size(), waited.toSeconds(), incomplete));
        return;
      }
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    }
  }

  /**
   * Compares what is stored with a world, and the units with those that the simulated YouTube has
   * counted; prints a line each, those that are wrong with {@code WRONG}.
   *
   * @param clock of the world, at the moment at which the one that was asked was made
   */
  static void verify(World world, MovedClock clock, String administratorPassword)
      throws SQLException {
    Instant now = Instant.now();
    try (Connection admin =
        DriverManager.getConnection(DATABASE, "postgres", administratorPassword)) {
      units(admin);
      doubled(admin);
      LocalDate from = LocalDate.ofInstant(now, World.PACIFIC).minusDays(DAYS_COMPARED);
      Map<String, TruthCheck.Comparison> found =
          new TruthCheck(admin, world, clock).run(from, now, Set.of(), true);
      found.forEach((what, rows) ->
          print(
              rows.wrong() + rows.missing() == 0 && rows.compared() > 0,
              "%s: %,d compared, %d wrong, %d missing %s"
                  .formatted(
                      what, rows.compared(), rows.wrong(), rows.missing(), rows.examples())));
    }
  }

  /** Every unit that YouTube counted is counted here; beyond that only what a death interrupted. */
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
        print(
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
        print(
            rows == counts.getLong(2),
            "%s: %,d rows, %d doubled".formatted(parts[0], rows, rows - counts.getLong(2)));
      }
    }
  }

  private static void print(boolean holds, String line) {
    System.out.println((holds ? "ok " : "WRONG ") + line);
  }
}
