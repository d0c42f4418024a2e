package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Polling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The script {@code deploy/postgres/priorities.sh} beside a real server. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
final class SessionPrioritiesTest {
  private static final Path SCRIPT = Path.of("../../deploy/postgres/priorities.sh");
  private static final int LOWEST = 19;
  // In the list of columns, where the series is stored nowhere: as a table it would reach the limit
  // of
  // temporary files before the script has seen it on a busy machine.
  private static final String COMPUTING =
      "select sum(sqrt(g)) from (select generate_series(1, 10000000000) as g) s";

  private final Platform platform = new Platform(1, 1);
  private final Deque<Connection> connections = new ArrayDeque<>();

  @TempDir
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  private Process script = new ProcessBuilder("true").start();

  SessionPrioritiesTest() throws IOException {}

  @BeforeEach
  void start() throws IOException {
    assumeTrue(Engines.isEmbedded(), "skipped: the processes of a server that others run");
    Path task = Path.of("/proc/self/task/" + ProcessHandle.current().pid() + "/children");
    assumeTrue(
        Files.isReadable(task), "skipped: this kernel does not list the children of a process");
    script = run(String.valueOf(Engines.postgres().process().pid()));
  }

  private Process run(String process) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", SCRIPT.toString(), process)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile());
    builder.environment().put("PRIORITIES_METERS", folder.resolve("meters.prom").toString());
    // On a busy machine a statement may get less than a login may compute all the time.
    builder.environment().put("PRIORITIES_SHARE", "0");
    return builder.start();
  }

  @AfterEach
  void close() throws SQLException {
    if (!Engines.isEmbedded()) {
      platform.close();
      return;
    }
    script.destroyForcibly();
    for (Connection connection : connections) {
      connection.abort(Runnable::run);
    }
    platform.admin(
        "select pg_terminate_backend(pid, 10000) as ended from pg_stat_activity where usename ~ '^tenant_'");
    platform.close();
  }

  private JsonNode login(String email) {
    return platform
        .post(
            "/v1/users/" + platform.createUser(email) + "/database-login",
            Platform.OPERATOR_TOKEN,
            Map.of())
        .expect(201)
        .body();
  }

  private Connection connect(JsonNode login) throws SQLException {
    Connection connection =
        Engines.postgres()
            .connect(
                platform.database,
                login.get("login").stringValue(),
                login.get("password").stringValue());
    connections.add(connection);
    return connection;
  }

  private void compute(JsonNode login, String settings) throws SQLException {
    Connection connection = connect(login);
    Thread.startVirtualThread(() -> {
      try (var statement = connection.createStatement()) {
        statement.execute(settings + COMPUTING);
      } catch (SQLException e) {
        // It is ended at the end.
      }
    });
  }

  /** The nice values of processes of sessions, of those that have not ended meanwhile. */
  private List<Integer> priorities(String condition) {
    return stats(condition).map(stat -> Integer.parseInt(stat[16])).toList();
  }

  /** Hundredths of a second that the process of a session has computed. */
  private int computed(String condition) {
    return stats(condition)
        .mapToInt(stat -> Integer.parseInt(stat[11]) + Integer.parseInt(stat[12]))
        .sum();
  }

  private Stream<String[]> stats(String condition) {
    return platform
        .admin(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and "
                + condition)
        .stream()
        .flatMap(row -> stat(String.valueOf(row.get("pid"))).stream());
  }

  /** The fields after the name; empty: the process has ended. */
  private static Optional<String[]> stat(String process) {
    try {
      String stat = Files.readString(Path.of("/proc", process, "stat"));
      return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private void awaitLowest(String condition, int processes) {
    Polling.until(
        processes + " processes of the lowest priority",
        () -> {
          List<Integer> found = priorities(condition);
          return found.size() == processes && found.stream().allMatch(nice -> nice == LOWEST);
        });
  }

  private static String of(JsonNode login) {
    return "usename = '" + login.get("login").stringValue() + "'";
  }

  @Test
  void a_login_that_computes_much_has_the_lowest_priority() throws Exception {
    int usual =
        Integer.parseInt(
            stat(String.valueOf(Engines.postgres().process().pid())).orElseThrow()[16]);
    JsonNode hostile = login("hostile@example.com");
    JsonNode modest = login("modest@example.com");
    // All dashboards opened at once: 0.3 seconds, by the system's count.
    try (var statement = connect(modest).createStatement()) {
      while (computed(of(modest)) < 30) {
        statement.execute("select sum(sqrt(g)) from generate_series(1, 50000) g");
      }
    }
    compute(hostile, "");
    awaitLowest(of(hostile), 1);
    // Neither another customer's nor the platform's own.
    assertEquals(List.of(usual), priorities(of(modest)));
    assertTrue(
        priorities("usename !~ '^tenant_'").stream().allMatch(nice -> nice == usual),
        "the platform's sessions");
    // A new session begins with what its login has computed.
    compute(hostile, "");
    awaitLowest(of(hostile), 2);
    Polling.until(
        "a meter",
        () -> {
          try {
            return Files.readString(folder.resolve("meters.prom"))
                .contains("ytempire_postgres_sessions_lowered_total 2");
          } catch (IOException e) {
            return false;
          }
        });
  }

  @Test
  void a_parallel_worker_has_the_priority_of_its_login() throws Exception {
    JsonNode hostile = login("hostile@example.com");
    compute(hostile, "set max_parallel_workers_per_gather = 2; set force_parallel_mode = on; ");
    awaitLowest(of(hostile) + " and leader_pid is not null", 1);
    awaitLowest(of(hostile), 2);
  }

  @Test
  void without_a_server_it_says_so_and_ends() throws Exception {
    Process without = run("4194305");
    assertEquals(1, without.waitFor());
    assertTrue(Files.readString(folder.resolve("output")).contains("there is no process 4194305"));
  }
}
