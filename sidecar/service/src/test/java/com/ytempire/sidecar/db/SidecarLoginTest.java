package com.ytempire.sidecar.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.Engines;
import com.ytempire.sidecar.config.Config.DatabaseAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
              "begin; lock table flyway.flyway_schema_history in share mode")) {
        assertEquals("42501", refusal(() -> run(injected, sql)), sql);
      }
    }
  }

  @Test
  void a_transaction_that_the_sidecars_login_leaves_open_is_ended(@TempDir Path newer)
      throws IOException, SQLException {
    Files.writeString(
        newer.resolve("V998__newer.sql"), "alter table core.channel_days add column newer integer");
    List<String> locations = new ArrayList<>(Database.MIGRATIONS);
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
