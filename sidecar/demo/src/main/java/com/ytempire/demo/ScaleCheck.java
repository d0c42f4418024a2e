package com.ytempire.demo;

import com.ytempire.platform.Checks;
import com.ytempire.platform.Http;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * What {@code ./ytempire test --scale} does while parts of the stack die: a schedule that starts
 * the sync in n8n, and writes whose acknowledgements are noted; and how it learns that every
 * channel has its rows.
 */
final class ScaleCheck {
  /** The database, through the proxy that knows which server is the primary. */
  static final String DATABASE = "jdbc:postgresql://database:5432/ytempire";

  private static final Duration TICK = Duration.ofMinutes(1);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration WRITE = Duration.ofMillis(500);

  /** Executions of the sync that may be unfinished at once: workers have a bound of memory. */
  private static final int UNFINISHED_MAX = 3;

  private ScaleCheck() {}

  /**
   * Starts the sync every minute, as a schedule would, unless too many executions of it are
   * unfinished; until the process is ended. Prints each execution's id.
   */
  static void tick(StackOperator operator) {
    while (true) {
      try {
        if (operator.unfinished().size() < UNFINISHED_MAX) {
          System.out.println("execution " + operator.sync());
        }
        LockSupport.parkNanos(TICK.toNanos());
      } catch (RuntimeException e) {
        // n8n is away, or its database.
        System.out.println("no tick at %s: %s".formatted(Instant.now(), e.getMessage()));
        LockSupport.parkNanos(POLL.toNanos());
      }
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
   * Waits until every channel has all its rows, as long as their number grows, and prints whether
   * it came to that.
   *
   * @param stall how long nothing may come before this gives up
   */
  static void awaitRows(String administratorPassword, Duration stall) {
    int fewest = Integer.MAX_VALUE;
    Instant fell = Instant.now();
    String found = "";
    while (Duration.between(fell, Instant.now()).compareTo(stall) < 0) {
      try {
        List<String> incomplete = incomplete(administratorPassword);
        if (incomplete.isEmpty()) {
          print(true, "no channel lacks rows");
          return;
        }
        found = "%d channels lack rows: %s".formatted(incomplete.size(), incomplete);
        if (incomplete.size() < fewest) {
          fewest = incomplete.size();
          fell = Instant.now();
        }
      } catch (SQLException e) {
        found = "the database does not answer: " + e.getMessage();
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    print(false, found);
  }

  private static List<String> incomplete(String administratorPassword) throws SQLException {
    List<String> incomplete = new ArrayList<>();
    try (Connection admin =
            DriverManager.getConnection(DATABASE, "postgres", administratorPassword);
        var statement = admin.createStatement();
        ResultSet rows = statement.executeQuery(Checks.INCOMPLETE_CHANNELS)) {
      while (rows.next()) {
        incomplete.add(rows.getString(1));
      }
    }
    return incomplete;
  }

  /** Prints a line that the test reads: what was found, and whether it holds. */
  static void print(boolean holds, String line) {
    System.out.println((holds ? "ok " : "WRONG ") + line);
  }
}
