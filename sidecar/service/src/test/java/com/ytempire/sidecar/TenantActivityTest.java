package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Polling;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What a user's database logins may compute. Most tests say themselves how much time passes. */
@Timeout(120)
final class TenantActivityTest {
  private static final String COMPUTING =
      // In the list of columns, where the series is stored nowhere: to write it is no computing.
      "select sum(sqrt(g)) from (select generate_series(1, 10000000000) as g) s";

  private final Platform platform = new Platform(1, 1);
  private final User hostile = user("hostile@example.com");
  private final User modest = user("modest@example.com");
  private final Deque<Connection> connections = new ArrayDeque<>();
  private final Connection observer = soleObserver();
  private Instant now = platform.clock.instant();

  private record User(String id, String login, String password) {}

  private User user(String email) {
    String id = platform.createUser(email);
    JsonNode made =
        platform
            .post("/v1/users/" + id + "/database-login", Platform.OPERATOR_TOKEN, Map.of())
            .expect(201)
            .body();
    return new User(id, made.get("login").stringValue(), made.get("password").stringValue());
  }

  /** Until it is closed the sidecar, whose time does not pass, observes nothing. */
  private Connection soleObserver() {
    try {
      Connection connection = Engines.admin(platform.database);
      try (var statement = connection.createStatement()) {
        statement.execute("select pg_advisory_lock(7365902184418)");
      }
      return connection;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() throws SQLException {
    observer.close();
    for (Connection connection : connections) {
      connection.abort(Runnable::run);
    }
    platform.admin(
        "select pg_terminate_backend(pid, 10000) as ended from pg_stat_activity where usename ~"
            + " '^tenant_'");
    platform.close();
  }

  private Connection connect(User user) throws SQLException {
    return Engines.postgres().connect(platform.database, user.login(), user.password());
  }

  private CompletableFuture<Void> start(User user, String sql) throws SQLException {
    Connection connection = connect(user);
    connections.add(connection);
    return CompletableFuture.runAsync(
        () -> {
          try (var statement = connection.createStatement()) {
            // Reads the catalog, so that the statement itself has no disk to wait for.
            statement.execute("explain " + sql);
            statement.execute(sql);
          } catch (SQLException e) {
            throw new IllegalStateException(e.getSQLState(), e);
          }
        },
        Thread::startVirtualThread);
  }

  /** Several at once, each by a connection of its own; nobody waits for them. */
  private void start(User user, String sql, int statements) throws SQLException {
    for (int i = 0; i < statements; i++) {
      var _ = start(user, sql);
    }
  }

  private void awaitActive(String condition, int statements) {
    Polling.until(
        statements + " active statements",
        () ->
            platform
                    .admin(
                        "select pid from pg_stat_activity where usename ~ '^tenant_' and state ="
                            + " 'active' and "
                            + condition)
                    .size()
                == statements);
  }

  private void awaitComputing(int statements) {
    awaitActive("wait_event is null", statements);
  }

  private boolean isObservedAt(Instant moment) {
    return !platform
        .admin("select 1 as n from sec.tenant_activity where observed_at >= '" + moment + "'")
        .isEmpty();
  }

  /** Observes once more after so much time, of which so much is said to have been observed. */
  private Set<UUID> observe(Duration later, double seconds) throws SQLException {
    now = now.plus(later);
    Set<UUID> paused = new HashSet<>();
    try (var statement = observer.createStatement();
        var rows =
            statement.executeQuery(
                "select user_id from app.observe_tenant_activity('%s', %s)"
                    .formatted(now, seconds))) {
      while (rows.next()) {
        paused.add(rows.getObject(1, UUID.class));
      }
    }
    return paused;
  }

  /** How many seconds a user's statements run until the user has to pause. */
  private int secondsUntilPause(User user, int most) throws SQLException {
    for (int seconds = 1; seconds <= most; seconds++) {
      if (observe(Duration.ofSeconds(1), 1).contains(UUID.fromString(user.id()))) {
        return seconds;
      }
    }
    return Integer.MAX_VALUE;
  }

  /**
   * An observation that meets a statement in a moment of waiting counts nothing: it may take a
   * little longer, never less.
   */
  private static void assertPause(int expected, int seconds) {
    assertTrue(
        seconds >= expected && seconds <= expected + expected / 4, "after " + seconds + " s");
  }

  private void enforce() throws SQLException {
    try (Connection operator = Engines.admin(platform.database);
        var statement = operator.createStatement()) {
      statement.execute(
          "begin; select pg_advisory_xact_lock(7365902184417); select app.enforce_tenant_limits();"
              + " commit");
    }
  }

  private Instant pausedUntil() {
    return Instant.parse(
        String.valueOf(
            platform
                .admin(
                    "select to_char(paused_until at time zone 'UTC',"
                        + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as until from sec.tenant_activity"
                        + " where is_paused")
                .getFirst()
                .get("until")));
  }

  @Test
  void who_computes_too_much_at_once_is_ended_and_refused() throws Exception {
    CompletableFuture<Void> first = start(hostile, COMPUTING);
    CompletableFuture<Void> second = start(hostile, COMPUTING);
    awaitComputing(2);
    assertPause(8, secondsUntilPause(hostile, 20));
    for (CompletableFuture<Void> each : Set.of(first, second)) {
      Throwable ended =
          assertThrows(ExecutionException.class, () -> each.get(60, TimeUnit.SECONDS)).getCause();
      assertEquals("57P01", Objects.requireNonNull(ended).getMessage());
    }
    assertEquals(
        "53300", assertThrows(SQLException.class, () -> connect(hostile).close()).getSQLState());
    connect(modest).close();
    // What puts logins back to their limits does not lift the pause.
    enforce();
    assertEquals(
        "53300", assertThrows(SQLException.class, () -> connect(hostile).close()).getSQLState());
  }

  @Test
  void a_single_statement_may_run_for_its_half_minute() throws Exception {
    start(hostile, COMPUTING, 1);
    awaitComputing(1);
    assertPause(34, secondsUntilPause(hostile, 60));
  }

  @Test
  void a_dashboard_that_refreshes_often_is_left_alone() throws Exception {
    start(modest, COMPUTING, 3);
    awaitComputing(3);
    // Five panels of 150 ms by three connections, every ten seconds.
    for (int refreshes = 0; refreshes < 100; refreshes++) {
      assertEquals(Set.of(), observe(Duration.ofSeconds(10), 0.25));
    }
  }

  @Test
  void a_dashboard_of_slow_queries_may_be_reloaded() throws Exception {
    start(modest, COMPUTING, 3);
    awaitComputing(3);
    for (int refreshes = 0; refreshes < 12; refreshes++) {
      assertEquals(Set.of(), observe(Duration.ofMinutes(5), 0.25));
      // Nine queries of 500 ms by three connections, four times in a row.
      for (int loads = 0; loads < 4; loads++) {
        for (int quarters = 0; quarters < 6; quarters++) {
          assertEquals(Set.of(), observe(Duration.ofMillis(250), 0.25));
        }
        now = now.plusSeconds(1);
      }
    }
  }

  @Test
  void nobody_pauses_for_the_load_of_others() throws Exception {
    start(hostile, COMPUTING, 3);
    start(modest, COMPUTING, 2);
    awaitComputing(5);
    // Two processors for five statements: no more than one of them is the modest user's.
    assertEquals(Integer.MAX_VALUE, secondsUntilPause(modest, 20));
  }

  private void administer(String sql) throws SQLException {
    try (var statement = observer.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void a_clock_set_back_keeps_the_limit_and_lengthens_no_pause() throws Exception {
    start(hostile, COMPUTING, 2);
    awaitComputing(2);
    assertEquals(Set.of(), observe(Duration.ofSeconds(1), 1));
    // The first observation after it counts nothing.
    now = now.minus(Duration.ofHours(3));
    assertPause(8, secondsUntilPause(hostile, 20));
    now = now.minus(Duration.ofHours(3));
    assertEquals(Set.of(), observe(Duration.ZERO, 0.25));
    assertEquals(
        0,
        platform.count(
            "sec.tenant_activity where is_paused or paused_until > '%s'".formatted(now)));
    enforce();
    connect(hostile).close();
  }

  @Test
  void the_sidecars_clock_does_not_empty_the_account_of_a_login() throws Exception {
    administer("update sec.clock_limit set max_ahead = default");
    administer(
        "insert into sec.tenant_activity (user_id, busy, observed_at) values ('%s', 24, clock_timestamp())"
            .formatted(hostile.id()));
    start(hostile, COMPUTING, 1);
    awaitComputing(1);
    now = Instant.now();
    observe(Duration.ofMinutes(50), 0.25);
    assertEquals(1, platform.count("sec.tenant_activity where is_paused or busy > 5"));
  }

  @Test
  void a_statement_that_waits_is_not_counted() throws Exception {
    start(modest, "select pg_sleep(100)", 3);
    awaitActive("wait_event = 'PgSleep'", 3);
    assertEquals(Integer.MAX_VALUE, secondsUntilPause(modest, 60));
  }

  @Test
  void pauses_end_and_double_when_it_happens_again() throws Exception {
    Duration before = Duration.ZERO;
    for (int pauses = 1; pauses <= 7; pauses++) {
      start(hostile, COMPUTING, 2);
      awaitComputing(2);
      int seconds = secondsUntilPause(hostile, 20);
      assertTrue(pauses == 1 ? seconds >= 8 : seconds < 8, pauses + ": " + seconds);
      Duration pause = Duration.between(now, pausedUntil());
      assertEquals(
          pauses == 1
              ? Duration.ofMinutes(2)
              : pauses <= 5 ? before.multipliedBy(2) : Duration.ofHours(1),
          pause);
      before = pause;
      assertEquals(Set.of(), observe(pause, 0.25));
      enforce();
    }
    // Forgotten after an hour.
    assertEquals(Set.of(), observe(Duration.ofMinutes(61), 0.25));
    start(hostile, COMPUTING, 2);
    awaitComputing(2);
    assertPause(8, secondsUntilPause(hostile, 20));
    assertEquals(Duration.ofMinutes(2), Duration.between(now, pausedUntil()));
  }

  @Test
  void the_user_is_notified_and_can_read_it() throws Exception {
    // Few observations are enough, also on a busy machine.
    administer("update sec.tenant_limits set parallel_seconds = 1");
    observer.close();
    start(hostile, COMPUTING, 2);
    awaitComputing(2);
    String token = platform.token("user", hostile.id());
    Polling.until(
        "a notice",
        () -> {
          // A second for each observation: what is allowed to compute all the time grows with time.
          if (isObservedAt(platform.clock.instant())) {
            platform.clock.advance(Duration.ofSeconds(1));
          }
          return !platform
              .get("/v1/users/" + hostile.id() + "/notices", token)
              .expect(200)
              .body()
              .get("notices")
              .isEmpty();
        });
    JsonNode notice =
        platform
            .get("/v1/users/" + hostile.id() + "/notices", token)
            .expect(200)
            .body()
            .get("notices")
            .get(0);
    assertEquals("database-logins-paused", notice.get("kind").stringValue());
    assertTrue(notice.get("message").stringValue().contains("refused until 20"), notice.toString());
    assertEquals(
        1,
        platform
            .admin(
                "select 1 as n from core.audit_log where action = 'user.database-logins-paused' and"
                    + " user_id = '"
                    + hostile.id()
                    + "'")
            .size());
    assertEquals(0, platform.count("core.notices where user_id = '" + modest.id() + "'"));
  }
}
