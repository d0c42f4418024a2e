package com.ytempire.sidecar.tenancy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.Catalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What a hostile customer can do with a PostgreSQL login besides reading, and what ends it. */
@Timeout(120)
final class DatabaseLoginsTest {
  private Platform platform;
  private Catalog.Account account;
  private String user;
  private Login login;

  private record Login(String name, String password) {}

  @BeforeEach
  void start() {
    platform = new Platform(1, 1);
    account = platform.world.accounts().getFirst();
    user = platform.createUser(account.email());
    login = create();
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private String path(String rest) {
    return "/v1/users/" + user + rest;
  }

  private Login create() {
    JsonNode made =
        platform
            .post(path("/database-login"), Platform.OPERATOR_TOKEN, Map.of())
            .expect(201)
            .body();
    return new Login(made.get("login").stringValue(), made.get("password").stringValue());
  }

  private Connection connect(String database, Login as) throws SQLException {
    return Engines.postgres().connect(database, as.name(), as.password());
  }

  private Connection connect() throws SQLException {
    return connect(platform.database, login);
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** As the administrator. */
  private void administer(String database, String sql) throws SQLException {
    Engines.postgres().execute(database, sql);
  }

  private void limit(String setting) throws SQLException {
    administer(platform.database, "update sec.tenant_limits set " + setting);
  }

  /** Blocks until the server has ended the session: a statement that waits for ever fails then. */
  private static String endOf(Connection connection) {
    SQLException end =
        assertThrows(
            SQLException.class,
            () -> {
              while (true) {
                run(connection, "select 1");
              }
            });
    return String.valueOf(end.getMessage());
  }

  private boolean exists(Login role) {
    return !platform
        .admin("select 1 as n from pg_roles where rolname = '" + role.name() + "'")
        .isEmpty();
  }

  /** Where another session drops at the moment, a request leaves the role to the job. */
  private void awaitDropped(Login role) {
    Polling.until("the role " + role.name() + " to be dropped", () -> !exists(role));
  }

  private void erase() {
    platform.delete(path("?confirm=" + account.email()), Platform.OPERATOR_TOKEN).expect(200);
  }

  private void enforce() throws SQLException {
    try (Connection sidecar = Engines.admin(platform.database)) {
      // The function returns at once while another session enforces.
      run(
          sidecar,
          "begin; select pg_advisory_xact_lock(7365902184417); select app.enforce_tenant_limits(); commit");
    }
  }

  @Test
  void a_limit_that_cannot_be_enforced_fails_its_job_alone() throws SQLException {
    try (Database database = Engines.openDatabase()) {
      DatabaseLogins logins =
          new DatabaseLogins(
              database,
              new TenantAccess(database, platform.clock),
              (reason, count) -> {},
              platform.clock);
      logins.enforceAll();
      administer(
          Engines.nameOf(database), "alter function app.close_databases() rename to close_none");
      assertEquals(
          "not done: closing databases",
          assertThrows(IllegalStateException.class, logins::enforceAll).getMessage());
      logins.enforce();
    }
  }

  @Test
  void logins_that_another_session_leaves_for_a_minute_fail_the_job() throws SQLException {
    try (Database database = Engines.openDatabase();
        Connection other = Engines.admin(Engines.nameOf(database))) {
      DatabaseLogins logins =
          new DatabaseLogins(
              database,
              new TenantAccess(database, platform.clock),
              (reason, count) -> {},
              platform.clock);
      run(
          other,
          "insert into sec.retired_login (role_name) values ('tenant_00000000000000000000000000000bad')");
      run(other, "select pg_advisory_lock(7365902184419)");
      logins.enforceAll();
      assertEquals(Set.of(), database.failedEnforcements(), "it is being done");
      run(other, "update sec.retired_login set retired_at = now() - interval '61 seconds'");
      // A request answers all the same.
      logins.enforce();
      assertEquals(
          "not done: dropping retired logins",
          assertThrows(IllegalStateException.class, logins::enforceAll).getMessage());
      try (Connection third = Engines.admin(Engines.nameOf(database))) {
        assertEquals(
            List.of(
                Map.of(
                    "login",
                    "",
                    "error",
                    "another session drops retired logins, and some have been there for a minute")),
            Platform.rows(
                third,
                "select coalesce(login, '') as login, error from app.drop_retired_logins(0)"));
      }
      run(other, "select pg_advisory_unlock(7365902184419)");
      logins.enforceAll();
      assertEquals(List.of(), Platform.rows(other, "select role_name from sec.retired_login"));
    }
  }

  // ---- other databases ----

  @Test
  void a_login_cannot_connect_to_any_other_database() throws SQLException {
    for (Map<String, Object> other :
        platform.admin(
            "select datname as name from pg_database where datallowconn and datname !~ '^test'")) {
      SQLException refused =
          assertThrows(
              SQLException.class, () -> connect(String.valueOf(other.get("name")), login).close());
      assertEquals("42501", refused.getSQLState(), other + ": " + refused.getMessage());
    }
  }

  @Test
  void a_database_made_later_is_a_fault_until_it_is_closed() throws SQLException {
    String later = Engines.freshDatabase();
    administer("postgres", "create role later_user login password 'later'");
    String faults = platform.admin("select * from app.cluster_faults()").toString();
    // The job may have been faster.
    assertTrue(faults.equals("[]") || faults.contains("on database " + later), faults);
    platform.patch(path(""), Platform.OPERATOR_TOKEN, Map.of("isActive", true)).expect(200);
    assertEquals(List.of(), platform.admin("select * from app.cluster_faults()"));
    assertEquals(
        "42501",
        assertThrows(SQLException.class, () -> connect(later, login).close()).getSQLState());
    administer("postgres", "drop owned by later_user; drop role later_user");
  }

  @Test
  void logins_that_are_no_tenants_keep_their_databases() throws SQLException {
    administer("postgres", "create role other_program login password 'other'");
    administer("postgres", "create role named_program login password 'named'");
    String theirs = Engines.freshDatabase();
    administer("postgres", "revoke all on database " + theirs + " from public");
    administer("postgres", "grant create, connect on database " + theirs + " to named_program");
    administer("postgres", "grant connect, temporary on database " + theirs + " to public");
    try {
      platform.patch(path(""), Platform.OPERATOR_TOKEN, Map.of("isActive", true)).expect(200);
      assertEquals(
          "42501",
          assertThrows(SQLException.class, () -> connect(theirs, login).close()).getSQLState());
      try (Connection program = Engines.postgres().connect(theirs, "other_program", "other")) {
        run(program, "create temporary table of_their_own (x int)");
      }
      try (Connection program = Engines.postgres().connect(theirs, "named_program", "named")) {
        run(program, "create schema of_their_own; create temporary table of_their_own (x int)");
      }
    } finally {
      for (String role : List.of("other_program", "named_program")) {
        administer(theirs, "drop owned by " + role);
        administer("postgres", "drop owned by %1$s; drop role %1$s".formatted(role));
      }
    }
  }

  // ---- connections ----

  @Test
  void a_user_has_two_logins_and_a_third_is_refused() {
    Login second = create();
    platform
        .post(path("/database-login"), Platform.OPERATOR_TOKEN, Map.of())
        .expectProblem(409, "too-many-database-logins");
    platform.delete(path("/database-logins/" + second.name()), Platform.OPERATOR_TOKEN).expect(204);
    create();
  }

  @Test
  void a_login_too_many_is_refused_before_it_is_made() {
    create();
    // Whatever follows the check would fail otherwise.
    platform.execute("alter function app.provision_tenant_login(text) rename to provision_kept");
    platform
        .post(path("/database-login"), Platform.OPERATOR_TOKEN, Map.of())
        .expectProblem(409, "too-many-database-logins");
  }

  @Test
  void one_customer_leaves_room_for_the_sidecar_to_start() throws SQLException {
    List<Connection> hoarded = new ArrayList<>();
    try {
      for (Login each : List.of(login, create())) {
        SQLException refused =
            assertThrows(
                SQLException.class,
                () -> {
                  while (true) {
                    hoarded.add(connect(platform.database, each));
                  }
                });
        assertEquals("53300", refused.getSQLState(), refused.getMessage());
      }
      assertEquals(6, hoarded.size());
      platform.restart();
      platform.get(path(""), Platform.OPERATOR_TOKEN).expect(200);
    } finally {
      for (Connection connection : hoarded) {
        connection.close();
      }
    }
  }

  @Test
  void idle_tenant_sessions_end_when_connections_run_short() throws SQLException {
    try (Connection idle = connect()) {
      run(idle, "select 1");
      limit("reserved_connections = 10000");
      assertTrue(endOf(idle).contains("administrator command"));
      limit("reserved_connections = 30");
    }
  }

  @Test
  void whoever_holds_most_sessions_loses_them_first() throws SQLException {
    String other = platform.createUser("other@example.com");
    JsonNode made =
        platform
            .post("/v1/users/" + other + "/database-login", Platform.OPERATOR_TOKEN, Map.of())
            .expect(201)
            .body();
    Login modest = new Login(made.get("login").stringValue(), made.get("password").stringValue());
    List<Connection> hoarded = new ArrayList<>();
    try (Connection single = connect(platform.database, modest)) {
      // The longest idle of all.
      run(single, "select 1");
      for (Login each : List.of(login, create())) {
        for (int i = 0; i < 3; i++) {
          hoarded.add(connect(platform.database, each));
          run(hoarded.getLast(), "select 1");
        }
      }
      try (Connection sidecar = Engines.admin(platform.database)) {
        run(sidecar, "begin; select pg_advisory_xact_lock(7365902184417)");
        // Two short; the sidecar's pool may open or close one meanwhile.
        administer(
            platform.database,
            """
            update sec.tenant_limits
               set reserved_connections = current_setting('max_connections')::integer
                     - current_setting('superuser_reserved_connections')::integer
                     - (select count(*) from pg_stat_activity where backend_type = 'client backend') + 2
            """);
        run(sidecar, "select app.enforce_tenant_limits()");
        limit("reserved_connections = 30");
        run(sidecar, "commit");
      }
      assertEquals(1, Platform.rows(single, "select 1 as n").size());
      assertTrue(endOf(hoarded.getFirst()).contains("administrator command"));
      assertEquals(1, Platform.rows(hoarded.getLast(), "select 1 as n").size());
    } finally {
      for (Connection connection : hoarded) {
        connection.close();
      }
    }
  }

  // ---- time and locks ----

  @Test
  void a_transaction_left_idle_is_ended_though_its_timeout_is_lifted() throws SQLException {
    try (Connection idle = connect()) {
      run(idle, "set idle_in_transaction_session_timeout = 0; set statement_timeout = 0");
      run(idle, "begin; select * from analytics.users");
      limit("idle_transaction_seconds = 0");
      assertTrue(endOf(idle).contains("administrator command"));
    }
  }

  @Test
  void a_long_statement_is_ended_though_its_timeout_is_lifted() throws SQLException {
    limit("statement_seconds = 1");
    try (Connection busy = connect()) {
      run(busy, "set statement_timeout = 0");
      SQLException ended =
          assertThrows(SQLException.class, () -> run(busy, "select pg_sleep(100000)"));
      assertEquals("57P01", ended.getSQLState());
    }
  }

  // ---- disk ----

  @Test
  void a_sort_cannot_write_more_temporary_files_than_allowed() throws SQLException {
    limit("temporary_megabytes = 4");
    enforce();
    try (Connection hostile = connect()) {
      assertThrows(SQLException.class, () -> run(hostile, "set temp_file_limit = -1"));
      run(hostile, "set work_mem = '64kB'");
      SQLException full =
          assertThrows(
              SQLException.class,
              () ->
                  run(
                      hostile,
                      "select count(*) from (select n from generate_series(1, 3000000) n order by md5(n::text)) x"));
      assertEquals("53400", full.getSQLState(), full.getMessage());
    }
  }

  @Test
  void temporary_files_beyond_the_limit_end_a_session() throws SQLException {
    try (Connection hostile = connect()) {
      run(hostile, "set work_mem = '64kB'");
      // Below the limit of a process; the files stay as long as the cursor.
      run(
          hostile,
          "begin; declare sorted cursor for select n from generate_series(1, 300000) n order by md5(n::text); fetch 1 from sorted");
      limit("temporary_megabytes = 1");
      assertTrue(endOf(hostile).contains("administrator command"));
    }
    Polling.until(
        "the meter of limits that were enforced",
        () ->
            String.valueOf(platform.get("/metrics", null).expect(200).body().stringValue())
                .contains("ytempire_database_logins_enforced_total{reason=\"temporary-files\"}"));
  }

  // ---- what a login may change of itself ----

  @Test
  void what_a_login_changes_of_its_own_role_is_put_back() throws SQLException {
    try (Connection hostile = connect()) {
      String role = login.name();
      run(hostile, "set default_transaction_read_only = off");
      run(hostile, "alter role " + role + " reset all");
      run(hostile, "alter role " + role + " set work_mem = '2GB'");
      run(hostile, "alter role " + role + " in database postgres set work_mem = '2GB'");
      run(hostile, "alter role " + role + " password 'changed-by-the-tenant'");
    }
    enforce();
    assertThrows(
        SQLException.class,
        () -> connect(platform.database, new Login(login.name(), "changed-by-the-tenant")).close());
    try (Connection again = connect()) {
      assertEquals(
          List.of(Map.of("statement_timeout", "30s")),
          Platform.rows(again, "show statement_timeout"));
      assertEquals(List.of(Map.of("work_mem", "4MB")), Platform.rows(again, "show work_mem"));
    }
    assertEquals(
        1,
        platform
            .admin(
                "select 1 as n from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where r.rolname = '"
                    + login.name()
                    + "'")
            .size());
  }

  // ---- what plans and the server's views tell ----

  private static final String NOBODY = "00000000-0000-4000-8000-000000000000";

  /** A plan with its costs and counts, in which what was asked for is masked. */
  private static String plan(
      Connection reader, String options, String view, String condition, String value)
      throws SQLException {
    return Platform.rows(
            reader,
            "explain (%s) select * from analytics.%s where %s"
                .formatted(options, view, condition.formatted(value)))
        .toString()
        .replace(value, "?");
  }

  @Test
  void a_plan_says_nothing_of_another_user() throws SQLException {
    String other = platform.createUser("other@example.com");
    administer(
        platform.database,
        """
        insert into core.channels (user_id, channel_id, slot, channel_name) values ('%1$s', 'UCoooooooooooooooooooooo', 1, 'x');
        insert into core.video_days (user_id, channel_id, video_id, day, views, created_at, updated_at)
          select '%1$s', 'UCoooooooooooooooooooooo', 'ooooooooooo', date '2020-01-01' + n, 123456789, now(), now()
            from generate_series(1, 3000) n;
        insert into core.users (email, display_name) select n || '@crowd.example', 'x' from generate_series(1, 2000) n;
        analyze
        """
            .formatted(other));
    try (Connection reader = connect()) {
      run(reader, "set enable_seqscan = off");
      for (String options : List.of("costs", "analyze, timing off, summary off")) {
        for (List<String> asked :
            List.of(
                List.of("users", "email = '%s'", "other@example.com", "nobod@example.com"),
                List.of("users", "email < '%s'", "other@example.com", "nobod@example.com"),
                List.of("users", "user_id = '%s'", other, NOBODY),
                List.of("video_metrics", "user_id = '%s'", other, NOBODY),
                List.of(
                    "video_metrics",
                    "channel_id = '%s'",
                    "UCoooooooooooooooooooooo",
                    "UCnobodynobodynobodyno00"),
                List.of("video_metrics", "video_id = '%s'", "ooooooooooo", "nobodyvideo"),
                List.of("video_metrics", "views = %s", "123456789", "987654321"))) {
          assertEquals(
              plan(reader, options, asked.get(0), asked.get(1), asked.get(3)),
              plan(reader, options, asked.get(0), asked.get(1), asked.get(2)),
              asked.toString());
        }
      }
    }
  }

  @Test
  void a_plan_of_any_view_says_nothing_of_another_user() throws SQLException {
    String other = platform.createUser("other@example.com");
    administer(
        platform.database,
        """
        insert into core.channels (user_id, channel_id, slot, channel_name) values ('%1$s', 'UCoooooooooooooooooooooo', 1, 'x');
        insert into core.videos (user_id, video_id, channel_id, title, published_at, refreshed_at)
          select '%1$s', 'oooooooo' || lpad(n::text, 3, '0'), 'UCoooooooooooooooooooooo', 'x', now(), now() from generate_series(1, 900) n;
        insert into core.video_days (user_id, channel_id, video_id, day, views, created_at, updated_at)
          select '%1$s', 'UCoooooooooooooooooooooo', 'oooooooo' || lpad(n::text, 3, '0'), '2026-01-05', 5, now(), now() from generate_series(1, 900) n;
        insert into core.costs (user_id, at, category, provider, amount_usd, basis, external_id)
          select '%1$s', now(), 'voice', 'x', 1, 'metered', n::text from generate_series(1, 3000) n;
        insert into core.refused_videos (user_id, channel_id, video_id, refused_at)
          select '%1$s', 'UCoooooooooooooooooooooo', 'v' || n, now() from generate_series(1, 3000) n;
        insert into core.dimension_days (user_id, channel_id, dimension, dimension_value, day, views, created_at, updated_at)
          select '%1$s', 'UCoooooooooooooooooooooo', 'deviceType', 'v' || n, '2026-01-05', 1, now(), now() from generate_series(1, 3000) n;
        insert into core.backfills (user_id, channel_id, report, first_day, reached) values ('%1$s', 'UCoooooooooooooooooooooo', 'channel-day', '2020-01-01', '2020-02-01');
        select core.check_rollups('2026-01-06');
        analyze
        """
            .formatted(other));
    List<Map<String, Object>> views =
        platform.admin(
            """
            select c.relname as name, array_to_string(array_agg(a.attname::text), ',') as columns
              from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname in ('user_id', 'channel_id', 'video_id')
             where c.relnamespace = 'analytics'::regnamespace and c.relkind = 'v' group by 1 order by 1\
            """);
    assertTrue(views.size() > 15, views.toString());
    try (Connection reader = connect()) {
      for (Map<String, Object> view : views) {
        String name = String.valueOf(view.get("name"));
        for (String column : String.valueOf(view.get("columns")).split(",")) {
          List<String> asked =
              switch (column) {
                case "user_id" -> List.of(other, NOBODY);
                case "channel_id" ->
                    List.of("UCoooooooooooooooooooooo", "UCnobodynobodynobodyno00");
                default -> List.of("oooooooo001", "nobodyvideo");
              };
          for (String options : List.of("costs", "analyze, timing off, summary off")) {
            String condition = column + " = '%s'";
            assertEquals(
                plan(reader, options, name, condition, asked.get(1)),
                plan(reader, options, name, condition, asked.get(0)),
                name + "." + column);
          }
        }
      }
    }
  }

  @Test
  void a_login_sees_no_other_logins_sessions_or_sizes() throws SQLException {
    try (Connection reader = connect()) {
      for (String sql :
          List.of(
              "select * from pg_roles",
              "select * from pg_auth_members",
              "select * from pg_db_role_setting",
              "select * from pg_stat_activity",
              "select * from pg_stat_user_tables",
              "select * from pg_stat_database",
              "select * from pg_locks",
              "select pg_database_size(current_database())",
              "select pg_total_relation_size(c.oid) from pg_class c where relname = 'channel_days'")) {
        assertEquals(
            "42501",
            assertThrows(SQLException.class, () -> run(reader, sql), sql).getSQLState(),
            sql);
      }
    }
  }

  // ---- deactivation and revocation ----

  @Test
  void a_deactivated_users_logins_end_and_come_back_with_the_user() throws SQLException {
    try (Connection open = connect()) {
      assertEquals(1, Platform.rows(open, "select * from analytics.users").size());
      platform.patch(path(""), Platform.OPERATOR_TOKEN, Map.of("isActive", false)).expect(200);
      endOf(open);
    }
    assertEquals("28000", assertThrows(SQLException.class, () -> connect().close()).getSQLState());
    platform.patch(path(""), Platform.OPERATOR_TOKEN, Map.of("isActive", true)).expect(200);
    connect().close();
  }

  @Test
  void logins_are_listed_and_revoked_with_their_sessions() throws SQLException {
    String stranger = platform.createUser("stranger@example.com");
    String token = platform.token("user", user);
    assertEquals(
        "[{\"login\":\"" + login.name() + "\"}]",
        platform.get(path("/database-logins"), token).expect(200).body().get("logins").toString());
    String strangers = platform.token("user", stranger);
    platform
        .delete("/v1/users/" + stranger + "/database-logins/" + login.name(), strangers)
        .expectProblem(404, "unknown-database-login");
    platform
        .delete(path("/database-logins/" + login.name()), strangers)
        .expectProblem(404, "unknown-user");
    try (Connection open = connect()) {
      run(open, "select 1");
      platform.delete(path("/database-logins/" + login.name()), token).expect(204);
      endOf(open);
    }
    awaitDropped(login);
    assertEquals(
        "[]",
        platform.get(path("/database-logins"), token).expect(200).body().get("logins").toString());
  }

  private void assertNoMoreToday() {
    Platform.Answer refusal =
        platform
            .post(path("/database-login"), Platform.OPERATOR_TOKEN, Map.of())
            .expectProblem(409, "too-many-database-logins");
    assertTrue(refusal.text("detail").contains("today"), refusal.toString());
    assertEquals(
        platform.clock.instant().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS),
        Instant.parse(refusal.text("retryAt")));
  }

  /** Each login that is revoked leaves an entry in the list of revocations. */
  @Test
  void logins_made_in_a_day_are_limited_whether_they_are_there_or_not() throws SQLException {
    limit("logins_a_day = 3");
    for (int made = 1; made < 3; made++) {
      platform
          .delete(path("/database-logins/" + login.name()), Platform.OPERATOR_TOKEN)
          .expect(204);
      login = create();
    }
    platform.delete(path("/database-logins/" + login.name()), Platform.OPERATOR_TOKEN).expect(204);
    assertNoMoreToday();
    assertEquals(3, platform.count("core.revocations where kind = 'login'"));
    String other = platform.createUser("other@example.com");
    platform
        .post("/v1/users/" + other + "/database-login", Platform.OPERATOR_TOKEN, Map.of())
        .expect(201);
    administer(platform.database, "update sec.login_days set day = day - 1");
    login = create();
  }

  // ---- erasure ----

  @Test
  void erasure_ends_although_the_login_has_default_privileges() throws SQLException {
    try (Connection hostile = connect()) {
      run(hostile, "set default_transaction_read_only = off");
      run(hostile, "alter default privileges grant select on tables to public");
    }
    erase();
    awaitDropped(login);
  }

  @Test
  void erasure_ends_although_the_login_holds_its_own_role() throws SQLException {
    Login second = create();
    try (Connection hostile = connect()) {
      run(hostile, "set default_transaction_read_only = off");
      // Which a role could do itself before PostgreSQL forbade it in 15's minor releases.
      administer(platform.database, "grant " + login.name() + " to " + second.name());
      run(hostile, "begin");
      run(hostile, "alter role " + login.name() + " set work_mem = '1MB'");
      run(hostile, "alter role " + login.name() + " password 'x'");
      run(hostile, "select * from analytics.users");
      erase();
      endOf(hostile);
    }
    platform
        .patch(
            "/v1/users/" + platform.createUser("next@example.com"),
            Platform.OPERATOR_TOKEN,
            Map.of("isActive", true))
        .expect(200);
    awaitDropped(login);
    awaitDropped(second);
    platform.get(path(""), Platform.OPERATOR_TOKEN).expectProblem(404, "unknown-user");
  }

  @Test
  void erasure_drops_what_the_login_owns_in_another_database() throws SQLException {
    platform.restartAsAdministrator();
    // As a cluster may be that had its databases open before.
    administer("postgres", "grant connect on database postgres to " + login.name());
    try (Connection elsewhere = connect("postgres", login)) {
      run(elsewhere, "set default_transaction_read_only = off");
      run(elsewhere, "alter default privileges grant select on tables to public");
      run(elsewhere, "select lo_create(0)");
    }
    erase();
    awaitDropped(login);
    Polling.until("no retired login", () -> platform.count("sec.retired_login") == 0);
  }

  @Test
  void the_sidecar_starts_without_the_administrators_password() throws Exception {
    Map<String, String> settings =
        Platform.settings(
            platform.database, platform.redis.url(), platform.simulator.url(), platform.keyset);
    settings.remove("YTEMPIRE_DATABASE_ADMIN_PASSWORD");
    try (App app = App.start(Config.from(settings), platform.clock)) {
      app.runJobs();
      assertTrue(app.port() > 0);
    }
    settings.put("YTEMPIRE_DATABASE_URL", Engines.postgres().url(Engines.freshDatabase()));
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class, () -> App.start(Config.from(settings), platform.clock));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("./ytempire migrate"), refused.getMessage());
  }
}
