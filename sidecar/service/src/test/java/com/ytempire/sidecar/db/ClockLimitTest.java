package com.ytempire.sidecar.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.Config.DatabaseAccess;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What whoever speaks as the sidecar can delete by naming a false time. */
final class ClockLimitTest {
  private static final String ROWS =
      """
      update sec.clock_limit set max_ahead = default;
      insert into core.users (email, display_name) values ('ada@example.com', 'Ada');
      insert into core.channels (user_id, channel_id, slot, channel_name)
        select user_id, 'UC' || repeat('a', 22), 1, 'x' from core.users;
      insert into core.videos (user_id, video_id, channel_id, title, published_at, updated_at, refreshed_at)
        select user_id, 'aaaaaaaaaaa', 'UC' || repeat('a', 22), 'x', now(), now(), now() - interval '29 days' from core.users;
      insert into core.channel_statistics (user_id, channel_id, observed_at, views, videos)
        select user_id, 'UC' || repeat('a', 22), now() - interval '390 days', 1, 1 from core.users;
      insert into core.webhook_subscriptions (user_id, url, events, secret, created_at, failing_since)
        select user_id, 'https://example.com/', '{sync-finished}', 's', now(), now() - interval '6 days' from core.users;
      insert into core.webhook_deliveries (user_id, subscription_id, event_id, kind, at, data)
        select user_id, subscription_id, user_id, 'sync-finished', now() - interval '2 days', '{}' from core.webhook_subscriptions;
      insert into core.held_batches (user_id, batch_id, channel_id, report, kinds, row_count, size_bytes, content, is_due, fetched_at, expires_at)
        select user_id, user_id, channel_id, 'channel-day', '{channel-day}', 1, 1, 'x', true, now(), now() + interval '3 hours' from core.channels;
      insert into core.fetch_leases (user_id, channel_id, report, holder, leased_until)
        select user_id, channel_id, 'channel-day', 'run', now() + interval '3 hours' from core.channels;
      """;

  private static final String COUNTS =
      """
      select (select count(*) from core.videos) as videos, (select count(*) from core.channel_statistics) as statistics,
             (select count(*) from core.webhook_subscriptions) as subscriptions, (select count(*) from core.webhook_deliveries) as deliveries,
             (select count(*) from core.held_batches) as batches, (select count(*) from core.fetch_leases) as leases
      """;

  private static final Map<String, Object> ALL =
      Map.of(
          "videos",
          1L,
          "statistics",
          1L,
          "subscriptions",
          1L,
          "deliveries",
          1L,
          "batches",
          1L,
          "leases",
          1L);
  private static final Map<String, Object> NONE =
      Map.of(
          "videos",
          0L,
          "statistics",
          0L,
          "subscriptions",
          0L,
          "deliveries",
          0L,
          "batches",
          0L,
          "leases",
          1L);

  private final String database = Engines.migratedDatabase();

  @BeforeEach
  void fill() {
    Engines.asAdmin(database, ROWS);
  }

  private List<Map<String, Object>> asAdmin(String sql) throws SQLException {
    try (Connection admin = Engines.admin(database)) {
      return Platform.rows(admin, sql);
    }
  }

  private void asSidecar(String sql) throws SQLException {
    try (Connection sidecar =
            Engines.postgres().connect(database, "ytempire_app", "the-sidecar-of-the-tests");
        var statement = sidecar.createStatement()) {
      statement.execute(sql);
    }
  }

  private void sweepIn2100() throws SQLException {
    try (Connection operator = Engines.asOperator(database);
        var statement = operator.createStatement()) {
      statement.execute("select app.maintain('2100-01-01')");
    }
    asSidecar("select app.sweep_webhooks('2100-01-01', '2100-01-01')");
    asSidecar("select app.sweep_held_batches('2100-01-01')");
  }

  private DatabaseAccess access() {
    return Config.from(
            Platform.settings(
                database, "redis://127.0.0.1:1", "http://127.0.0.1:1", GrantCipher.newKeyset()))
        .storage()
        .database();
  }

  @Test
  void nothing_is_deleted_before_it_is_due_by_the_databases_clock() throws SQLException {
    sweepIn2100();
    assertEquals(ALL, asAdmin(COUNTS).getFirst());
  }

  @Test
  void leases_of_fetches_end_by_the_databases_clock_alone() throws SQLException {
    Database.liftClockLimit(access(), Clock.offset(Clock.systemUTC(), Duration.ofDays(400)));
    sweepIn2100();
    assertEquals(1L, asAdmin(COUNTS).getFirst().get("leases"));
    Engines.asAdmin(
        database,
        "update core.fetch_leases set leased_until = clock_timestamp() - interval '1 hour'");
    asSidecar("select app.sweep_held_batches('2000-01-01')");
    assertEquals(0L, asAdmin(COUNTS).getFirst().get("leases"));
  }

  @Test
  void the_sidecar_cannot_lift_the_limit() {
    for (String sql :
        List.of(
            "update sec.clock_limit set max_ahead = '36525 days'",
            "set role ytempire_owner",
            "select sec.limited_time('2100-01-01')")) {
      assertEquals(
          "42501", assertThrows(SQLException.class, () -> asSidecar(sql)).getSQLState(), sql);
    }
  }

  @Test
  void the_administrators_moved_clock_lifts_the_limit() throws SQLException {
    Clock clock = Clock.systemUTC();
    Database.liftClockLimit(access(), clock);
    sweepIn2100();
    assertEquals(ALL, asAdmin(COUNTS).getFirst());
    Database.liftClockLimit(access(), Clock.offset(clock, Duration.ofDays(400)));
    sweepIn2100();
    assertEquals(NONE, asAdmin(COUNTS).getFirst());
  }
}
