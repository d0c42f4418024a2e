package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.oauth.GrantCipher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files of sql/tests on PostgreSQL 15, after the migrations as Flyway runs them. */
final class SqlTest {
  private static final Path FOLDER = Path.of("../sql/tests");

  private static String migrated() {
    String database = Engines.freshDatabase();
    Database.migrate(
        Config.from(
                Platform.settings(
                    database, "redis://127.0.0.1:1", "http://127.0.0.1:1", GrantCipher.newKeyset()))
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
  void isolationAndBehaviourHoldOnPlainPostgres() throws Exception {
    String database = migrated();
    try (Connection connection = admin(database)) {
      run(connection, "isolation.sql");
      run(connection, "behaviour.sql");
      assertTrue(
          Platform.rows(connection, "select engine from sec.storage").toString().contains("plain"));
    }
  }

  @Test
  void theIsolationFileTurnsRedWhenAGuardIsTakenAway() throws Exception {
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
            "update sec.login_role set kind = 'service'; create or replace function sec.tenant() returns uuid language sql stable security definer"
                + " as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$")) {
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
  void migratingTwiceChangesNothing() throws Exception {
    String database = migrated();
    Database.migrate(
        Config.from(
                Platform.settings(
                    database, "redis://127.0.0.1:1", "http://127.0.0.1:1", GrantCipher.newKeyset()))
            .database());
    try (Connection connection = admin(database)) {
      assertTrue(
          Platform.rows(
                  connection, "select 1 as n from flyway.flyway_schema_history where not success")
              .isEmpty());
    }
  }
}
