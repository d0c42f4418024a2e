package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the sidecar's migration and its quota make of a database that was restored. */
final class RestoreTest {
  @Test
  void a_restored_database_is_refused_until_its_replay() throws SQLException {
    String database = Engines.migratedDatabase();
    DatabaseAccess access = asAdministrator(database);
    // A restore begins another timeline.
    run(database, "update sec.opened_timeline set timeline_id = timeline_id + 1");
    RuntimeException refusal = assertThrows(RuntimeException.class, () -> Database.migrate(access));
    assertTrue(
        String.valueOf(refusal.getMessage()).contains("./ytempire backup replay"),
        refusal.toString());
    run(database, "select core.open_timeline()");
    Database.migrate(access);
  }

  @Test
  void a_migration_revokes_what_the_restored_version_did_not_know() throws SQLException {
    String database = Engines.migratedDatabase();
    run(
        database,
        """
        set session authorization ytempire_app;
        select app.create_user('ada@example.com', 'Ada', 'starter', 10000, 'UTC', now());
        reset session authorization;
        insert into core.report_recipients (user_id, email, created_at)
        select user_id, name || '@example.com', now() from core.users, unnest('{kept,removed}'::text[]) as name;
        insert into sec.postponed_revocations
        select jsonb_build_object('revocation_id', gen_random_uuid(), 'kind', 'recipient', 'recorded_at', now(), 'details', '{}'::jsonb,
                                  'subject', core.revocation_subject('recipient', recipient_id::text))
          from core.report_recipients where email = 'removed@example.com'
        """);
    Database.migrate(asAdministrator(database));
    try (Connection admin = Engines.admin(database)) {
      assertEquals(
          "[{email=kept@example.com}]",
          Platform.rows(admin, "select email from core.report_recipients").toString());
      assertEquals(List.of(), Platform.rows(admin, "select entry from sec.postponed_revocations"));
    }
  }

  @Test
  void a_restore_counts_every_bucket_of_a_day_as_used() throws SQLException {
    String database = Engines.migratedDatabase();
    run(database, "select core.close_quota_day('2026-11-25T18:00:00Z')");
    Set<String> daily =
        Arrays.stream(Bucket.values())
            .filter(bucket -> !bucket.isPerMinute())
            .map(Bucket::label)
            .collect(Collectors.toSet());
    try (Connection admin = Engines.admin(database)) {
      assertEquals(
          daily,
          Set.copyOf(
              Platform.rows(
                      admin, "select bucket from core.quota_windows where closed_at is not null")
                  .stream()
                  .map(row -> String.valueOf(row.get("bucket")))
                  .toList()));
    }
  }

  @Test
  void a_bucket_of_which_nobody_took_has_nothing_left_after_a_restore() {
    try (Platform platform = new Platform(1, 1)) {
      platform.execute("select core.close_quota_day('%s')".formatted(platform.clock.instant()));
      JsonNode buckets =
          platform.get("/v1/quota", Platform.OPERATOR_TOKEN).expect(200).body().get("buckets");
      Set<String> closed = new HashSet<>();
      for (JsonNode bucket : buckets) {
        if (bucket.get("remaining").longValue() == 0) {
          closed.add(bucket.get("bucket").stringValue());
        }
      }
      assertEquals(
          Arrays.stream(Bucket.values())
              .filter(bucket -> !bucket.isPerMinute())
              .map(Bucket::label)
              .collect(Collectors.toSet()),
          closed);
    }
  }

  private static DatabaseAccess asAdministrator(String database) {
    return new DatabaseAccess(
        Engines.postgres().url(database),
        LocalPostgres.ADMIN,
        Engines.postgres().password(),
        "the-sidecar-of-the-tests",
        2);
  }

  private static void run(String database, String sql) throws SQLException {
    try (Connection admin = Engines.admin(database);
        var statement = admin.createStatement()) {
      statement.execute(sql);
    }
  }
}
