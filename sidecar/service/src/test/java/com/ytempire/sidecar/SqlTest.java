package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The files of sql/tests on a real server, after the migrations as Flyway runs them. */
final class SqlTest {
  private static final Path FOLDER = Path.of("../../sql/tests");

  private static String migrated() {
    String database = Engines.freshDatabase();
    Database.migrate(
        Config.from(
                Platform.settings(
                    database, "redis://127.0.0.1:1", "http://127.0.0.1:1", GrantCipher.newKeyset()))
            .storage()
            .database());
    return database;
  }

  private static void run(Connection connection, String file) throws SQLException, IOException {
    try (var statement = connection.createStatement()) {
      statement.execute(Files.readString(FOLDER.resolve(file)));
    }
  }

  private static Connection admin(String database) throws SQLException {
    return Engines.postgres().connect(database, LocalPostgres.ADMIN, Engines.postgres().password());
  }

  @Test
  void isolation_and_behaviour_hold() throws Exception {
    String database = migrated();
    try (Connection connection = admin(database)) {
      run(connection, "isolation.sql");
      run(connection, "behaviour.sql");
      run(connection, "analytics.sql");
      List<Map<String, Object>> engine =
          Platform.rows(connection, "select engine from sec.storage");
      System.out.println("SQL tests ran on engine " + engine);
      assertEquals(Engines.isEmbedded(), engine.toString().contains("plain"), engine.toString());
    }
  }

  @Test
  void another_engine_shows_the_same_rows_one_by_one() throws Exception {
    assumeFalse(
        Engines.isEmbedded(),
        "no server with TimescaleDB's Apache edition is named in YTEMPIRE_TEST_POSTGRES; .github/CONTRIBUTING.md says how");
    Map<String, List<Map<String, Object>>> there = halfAYear(migrated(), Engines.postgres());
    try (LocalPostgres plain = LocalPostgres.start(Engines.folder("plain"), 0)) {
      plain.createDatabase("plain");
      Database.migrate(
          new DatabaseAccess(
              plain.url("plain"), LocalPostgres.ADMIN, plain.password(), "unused", 2));
      Map<String, List<Map<String, Object>>> here = halfAYear("plain", plain);
      assertTrue(here.size() >= 20, here.keySet().toString());
      here.forEach((view, rows) -> assertEquals(rows, there.get(view), view));
    }
  }

  /**
   * What each of two users sees in each view, after half a year; without what is drawn at random.
   */
  private static Map<String, List<Map<String, Object>>> halfAYear(
      String database, LocalPostgres server) throws SQLException, IOException {
    Map<String, List<Map<String, Object>>> shown = new TreeMap<>();
    try (Connection connection = server.connect(database, LocalPostgres.ADMIN, server.password())) {
      run(connection, "half_a_year.sql");
      List<Map<String, Object>> users =
          Platform.rows(
              connection,
              "select sec.prove_tenant(user_id) as entered from core.users order by email");
      List<Map<String, Object>> views =
          Platform.rows(
              connection,
              "select relname as name from pg_class where relnamespace = 'analytics'::regnamespace and relkind = 'v'");
      try (var statement = connection.createStatement()) {
        statement.execute("set session authorization ytempire_app");
        for (int user = 0; user < users.size(); user++) {
          statement.execute(
              "select set_config('app.tenant_id', '%s', false)"
                  .formatted(users.get(user).get("entered")));
          for (Map<String, Object> view : views) {
            shown.put(
                view.get("name") + " of user " + user,
                Platform.rows(
                    connection,
                    "select (to_jsonb(t) - array['user_id', 'updated_at', 'refreshed_at', 'created_at'])::text as row from analytics.%s t order by 1"
                        .formatted(view.get("name"))));
          }
        }
      }
    }
    return shown;
  }

  @Test
  void the_isolation_file_fails_when_a_guard_is_removed() throws Exception {
    for (String damage :
        List.of(
            "grant select on core.channel_days to ytempire_app; grant usage on schema core to ytempire_app",
            "grant insert (user_id), update (user_id) on analytics.youtube_metrics to ytempire_app",
            "create or replace view analytics.youtube_metrics as select user_id, channel_id, day as date, views, engaged_views, watch_time_minutes,"
                + " average_view_duration_seconds, average_view_percentage, likes, comments, shares, subscribers_gained, subscribers_lost, revenue_usd,"
                + " ad_revenue_usd, gross_revenue_usd, monetized_playbacks, playback_based_cpm_usd, ad_impressions, cpm_usd, created_at, updated_at"
                + " from core.channel_days",
            "alter view analytics.youtube_metrics reset (security_barrier)",
            "drop policy tenant on core.users; create policy tenant on core.users using (true) with check (true)",
            "alter table core.users no force row level security; alter table core.users disable row level security",
            "alter table core.channel_days drop constraint channel_days_of_own_channel",
            "do $$ begin execute (select format('alter function %s security definer', min(oid::regprocedure::text)) from pg_proc"
                + " where pronamespace = 'analytics'::regnamespace); end $$",
            "alter function sec.tenant() leakproof",
            "update sec.login_role set kind = 'service'; create or replace function sec.tenant() returns uuid language sql stable security definer"
                + " as $$ select nullif(left(current_setting('app.tenant_id', true), 36), '')::uuid $$")) {
      String database = migrated();
      try (Connection connection = admin(database)) {
        try (var statement = connection.createStatement()) {
          statement.execute(damage);
        }
        boolean red = false;
        try {
          run(connection, "isolation.sql");
        } catch (SQLException e) {
          red = true;
        }
        assertTrue(red, "still green after: " + damage);
      }
    }
  }

  @Test
  void migrating_twice_changes_nothing() throws Exception {
    String database = migrated();
    Database.migrate(
        Config.from(
                Platform.settings(
                    database, "redis://127.0.0.1:1", "http://127.0.0.1:1", GrantCipher.newKeyset()))
            .storage()
            .database());
    try (Connection connection = admin(database)) {
      assertTrue(
          Platform.rows(
                  connection, "select 1 as n from flyway.flyway_schema_history where not success")
              .isEmpty());
    }
  }
}
