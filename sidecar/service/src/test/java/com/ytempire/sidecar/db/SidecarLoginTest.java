package com.ytempire.sidecar.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.testing.Engines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What SQL of the sidecar's first login can do to the sidecar and to migrations. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SidecarLoginTest {
  private static void run(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection injected(Database database) throws SQLException {
    return Engines.postgres()
        .connect(Engines.nameOf(database), "ytempire_app", "the-sidecar-of-the-tests");
  }

  private static String refusal(Executable act) {
    return assertThrows(SQLException.class, act).getSQLState();
  }

  @Test
  void what_the_login_changes_of_its_own_role_is_put_back() throws SQLException {
    try (Database database = Engines.openDatabase()) {
      try (Connection injected = injected(database)) {
        run(injected, "alter role ytempire_app password 'taken over'");
        run(injected, "alter role ytempire_app set statement_timeout = '1ms'");
        String name = Engines.nameOf(database);
        assertEquals(
            "28P01",
            refusal(() ->
                Engines.postgres()
                    .connect(name, "ytempire_app", "the-sidecar-of-the-tests")
                    .close()));
        assertEquals(1, database.enforceTenantLimits().get("password"));
      }
      try (Connection after = injected(database);
          var statement = after.createStatement();
          var timeout = statement.executeQuery("show statement_timeout")) {
        assertTrue(timeout.next());
        assertEquals("0", timeout.getString(1));
      }
      assertFalse(database.enforceTenantLimits().containsKey("password"));
    }
  }

  private static DatabaseAccess access(String url) {
    return new DatabaseAccess(url, LocalPostgres.ADMIN, null, "the-sidecar-of-the-tests", 2);
  }

  @Test
  void a_superuser_in_the_databases_address_is_refused() {
    try (Database database = Engines.openDatabase()) {
      String url = Engines.postgres().url(Engines.nameOf(database));
      Database.open(access(url), Clock.systemUTC()).close();
      String superuser =
          "%s%suser=%s&password=%s"
              .formatted(
                  url,
                  url.contains("?") ? "&" : "?",
                  LocalPostgres.ADMIN,
                  Engines.postgres().password());
      IllegalStateException refused =
          assertThrows(
              IllegalStateException.class,
              () -> Database.open(access(superuser), Clock.systemUTC()).close());
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("as postgres, a superuser, and must be ytempire_app"), message);
      assertFalse(message.contains(Engines.postgres().password()), message);
    }
  }

  @Test
  void a_superusers_rights_at_the_sidecars_login_are_refused() throws SQLException {
    try (Database database = Engines.openDatabase()) {
      String name = Engines.nameOf(database);
      Engines.asAdmin(name, "alter role ytempire_app superuser");
      try {
        IllegalStateException refused =
            assertThrows(
                IllegalStateException.class,
                () ->
                    Database.open(access(Engines.postgres().url(name)), Clock.systemUTC()).close());
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.contains("as ytempire_app, a superuser"), message);
      } finally {
        Engines.asAdmin(name, "alter role ytempire_app nosuperuser");
      }
    }
  }

  @Test
  void a_password_that_the_login_removes_is_put_back() throws SQLException {
    try (Database database = Engines.openDatabase()) {
      try (Connection injected = injected(database)) {
        run(injected, "alter role ytempire_app password null");
      }
      assertEquals(1, database.enforceTenantLimits().get("password"));
      injected(database).close();
    }
  }

  @Test
  void a_setting_that_only_a_superuser_may_reset_is_left() throws SQLException {
    try (Database database = Engines.openDatabase()) {
      String name = Engines.nameOf(database);
      String role = "alter role ytempire_app in database " + name;
      Engines.asAdmin(name, role + " set log_min_duration_statement = '1h'");
      assertFalse(database.enforceTenantLimits().containsKey("settings"));
      Engines.asAdmin(name, role + " set statement_timeout = '1h'");
      assertEquals(1, database.enforceTenantLimits().get("settings"));
      assertFalse(database.enforceTenantLimits().containsKey("settings"));
    }
  }

  @Test
  void a_step_of_the_enforcement_that_fails_stops_no_other() throws SQLException {
    try (Database database = Engines.openDatabase()) {
      String name = Engines.nameOf(database);
      for (String function : List.of("read_sidecar_login", "enforce_tenant_limits")) {
        Engines.asAdmin(
            name, "revoke execute on function app." + function + " from ytempire_operator");
      }
      Engines.asAdmin(
          name,
          "do $$ begin execute format('grant connect on database %I to public', current_database()); end $$");
      Engines.asAdmin(
          name,
          "select app.rotate_tenant_key(); delete from sec.tenant_key where ends_at is not null");
      assertTrue(database.enforceTenantLimits().isEmpty());
      assertEquals(List.of(), database.isolationFaults());
      Tenant.as(
          new UUID(0, 7),
          () ->
              database.asTenant(handle ->
                  handle
                      .createQuery("select email from analytics.users")
                      .mapTo(String.class)
                      .list()));
    }
  }

  @Test
  void a_member_of_the_sidecars_login_is_put_out() throws SQLException {
    String guest = "tenant_" + UUID.randomUUID().toString().replace("-", "");
    try (Database database = Engines.openDatabase()) {
      String name = Engines.nameOf(database);
      Engines.asAdmin(
          name,
          "create role " + guest + " login password 'guest'; grant ytempire_reader to " + guest);
      try (Connection injected = injected(database);
          Connection admin = Engines.admin(name);
          Connection guests = Engines.postgres().connect(name, guest, "guest")) {
        assertEquals("42501", refusal(() -> run(injected, "grant ytempire_app to " + guest)));
        // As PostgreSQL 14 lets the login itself.
        admin.setAutoCommit(false);
        run(admin, "grant ytempire_app to " + guest);
        try (var statement = admin.createStatement();
            var faults =
                statement.executeQuery(
                    "select object from app.isolation_faults() where fault like '%act as the sidecar%'")) {
          assertTrue(faults.next());
          assertEquals(guest, faults.getString(1));
        }
        admin.commit();
        run(guests, "set role ytempire_app");
        for (String sql :
            List.of(
                "select * from app.list_users(false, null, 10)",
                "select app.create_webhook_subscription(null, 'https://example.com', '{video.published}', 'x', null, now())",
                "select app.delete_webhook_subscription(gen_random_uuid())",
                "select app.change_webhook_secret(gen_random_uuid(), 'x', 'y')",
                "select app.forget_revocation(gen_random_uuid())")) {
          assertEquals("42501", refusal(() -> run(guests, sql)), sql);
          assertEquals("42501", refusal(() -> run(injected, sql)), sql);
        }
        assertEquals(1, database.isolationFaults().size());
        assertEquals(1, database.enforceTenantLimits().get("membership"));
        assertEquals(List.of(), database.isolationFaults());
        assertEquals("57P01", refusal(() -> run(guests, "select 1")));
      }
      try (Connection guests = Engines.postgres().connect(name, guest, "guest")) {
        assertEquals("42501", refusal(() -> run(guests, "set role ytempire_app")));
      }
      assertEquals(List.of(), database.isolationFaults());
      Engines.asAdmin(name, "drop role " + guest);
    }
  }

  @Test
  void the_login_takes_no_lock_of_a_migration() throws SQLException {
    try (Database database = Engines.openDatabase();
        Connection injected = injected(database)) {
      for (String sql :
          List.of(
              "select pg_advisory_lock(hashtext('ytempire.admin'))",
              "select pg_try_advisory_lock_shared(1, 2)",
              "select pg_advisory_xact_lock(7365902184417)",
              "select lo_from_bytea(0, 'x')",
              "select pg_notify('x', 'y')",
              "create temporary table videos (x int)",
              "begin; lock table flyway.flyway_schema_history in share mode")) {
        assertEquals("42501", refusal(() -> run(injected, sql)), sql);
      }
    }
  }

  @Test
  void a_migration_that_ran_into_a_deadlock_is_retried(@TempDir Path newer)
      throws IOException, SQLException {
    // A sequence counts across rollbacks.
    Files.writeString(
        newer.resolve("V998__newer.sql"),
        "do $$ begin if nextval('public.attempts') < 3 then raise exception 'deadlock detected' using errcode = '40P01'; end if; end $$");
    List<String> locations = new ArrayList<>(Migration.LOCATIONS);
    locations.add("filesystem:" + newer);
    try (Database database = Engines.openDatabase()) {
      String name = Engines.nameOf(database);
      try (Connection admin =
          Engines.postgres().connect(name, LocalPostgres.ADMIN, Engines.postgres().password())) {
        run(admin, "create sequence public.attempts");
        Migration.run(
            new DatabaseAccess(
                Engines.postgres().url(name),
                LocalPostgres.ADMIN,
                Engines.postgres().password(),
                "the-sidecar-of-the-tests",
                2),
            locations);
        try (var statement = admin.createStatement();
            var attempts = statement.executeQuery("select last_value from public.attempts")) {
          assertTrue(attempts.next());
          assertEquals(3, attempts.getLong(1));
        }
      }
    }
  }

  @Test
  void a_transaction_that_the_sidecars_login_leaves_open_is_ended(@TempDir Path newer)
      throws IOException, SQLException {
    Files.writeString(
        newer.resolve("V998__newer.sql"), "alter table core.channel_days add column newer integer");
    List<String> locations = new ArrayList<>(Migration.LOCATIONS);
    locations.add("filesystem:" + newer);
    try (Database database = Engines.openDatabase()) {
      String name = Engines.nameOf(database);
      DatabaseAccess access =
          new DatabaseAccess(
              Engines.postgres().url(name),
              LocalPostgres.ADMIN,
              Engines.postgres().password(),
              "the-sidecar-of-the-tests",
              2);
      try (Connection injected = injected(database)) {
        injected.setAutoCommit(false);
        run(injected, "lock table analytics.youtube_metrics in access exclusive mode");
        Migration.run(access, locations, Duration.ZERO);
        assertEquals("57P01", refusal(() -> run(injected, "select 1")));
      }
    }
  }
}
