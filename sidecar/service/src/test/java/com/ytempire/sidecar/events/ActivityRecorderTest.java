package com.ytempire.sidecar.events;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.events.ActivityRecorder.Limits;
import com.ytempire.sidecar.tenancy.ActivityLog.Kind;
import com.ytempire.sidecar.tenancy.ActivityLog.Origin;
import com.ytempire.sidecar.testing.Engines;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What is recorded of what the sidecar says of itself, and what is lost. */
@TestInstance(Lifecycle.PER_CLASS)
final class ActivityRecorderTest {
  private static final Map<String, Integer> COUNTS = Map.of("stored", 3);

  private final Database database = Engines.openDatabase();
  private final String name = Engines.nameOf(database);
  private final Map<String, Integer> dropped = new TreeMap<>();
  private UUID user = new UUID(0, 0);

  @BeforeEach
  void makeUser() {
    dropped.clear();
    user = createUser();
  }

  @AfterAll
  void close() {
    database.close();
  }

  private UUID createUser() {
    return database.directory(handle ->
        handle
            .createQuery(
                "select app.create_user(:email, 'x', 'starter', 10000, 'UTC', '2026-01-01')")
            .bind("email", UUID.randomUUID() + "@example.com")
            .mapTo(UUID.class)
            .one());
  }

  private ActivityRecorder recorder(int events, int eventsOfUser, Duration timeout) {
    return new ActivityRecorder(
        database,
        (reason, count) -> {
          if (count > 0) {
            dropped.merge(reason, count, Integer::sum);
          }
        },
        new Limits(events, eventsOfUser, timeout),
        Clock.systemUTC());
  }

  private String text(String sql) {
    try (Connection admin = Engines.admin(name);
        var statement = admin.createStatement();
        var rows = statement.executeQuery(sql.formatted(user))) {
      rows.next();
      return String.valueOf(rows.getString(1));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private String stored() {
    return text("select count(*) from core.events where user_id = '%s'");
  }

  @Test
  void activities_keep_counts_and_execution_and_are_counted_by_hour() {
    ActivityRecorder recorder = recorder(10, 10, Duration.ofSeconds(30));
    recorder.record(Kind.METRICS_STORED, user, new Origin("wf", "42"), COUNTS);
    recorder.record(Kind.METRICS_STORED, user, Origin.NONE, COUNTS);
    recorder.run();
    assertEquals(
        "metrics.stored ytempire/sidecar wf 42 {\"stored\": 3}; metrics.stored ytempire/sidecar {\"stored\": 3}",
        text(
            "select string_agg(concat_ws(' ', kind, source, workflow_id, execution_id, data), '; ' order by workflow_id) from core.events where user_id = '%s'"));
    assertEquals(
        "metrics.stored 2",
        text(
            "select string_agg(distinct kind, ' ') || ' ' || sum(events) from core.event_hours where user_id = '%s'"));
    assertEquals(Map.of(), dropped);
    recorder.run();
    assertEquals("2", stored(), "each is recorded once");
  }

  @Test
  void calls_to_google_between_two_batches_are_one_event() {
    ActivityRecorder recorder = recorder(2, 10, Duration.ofSeconds(30));
    for (int i = 0; i < 1_000; i++) {
      recorder.recordCall(user, "videos.list", i % 10 == 0 ? "unreachable" : "ok");
    }
    recorder.recordCall(user, "channels.list", "ok");
    recorder.recordCall(null, "feed", "ok");
    recorder.run();
    assertEquals(
        "{\"videos.list\": {\"ok\": 900, \"unreachable\": 100}, \"channels.list\": {\"ok\": 1}}",
        text("select data::text from core.events where user_id = '%s'"));
    assertEquals(Map.of(), dropped);
  }

  @Test
  void what_finds_no_room_is_lost_and_counted() {
    ActivityRecorder recorder = recorder(5, 3, Duration.ofSeconds(30));
    UUID other = createUser();
    for (int i = 0; i < 10; i++) {
      recorder.record(Kind.METRICS_STORED, user, Origin.NONE, COUNTS);
      recorder.record(Kind.METRICS_STORED, other, Origin.NONE, COUNTS);
    }
    assertEquals(Map.of("full", 15), dropped, "3 of one user, then 2 of the other, then none");
    recorder.run();
    assertEquals(
        "5",
        text(
            "select count(*) from core.events where kind = 'metrics.stored' and user_id in ('%s', '"
                + other
                + "')"));
    recorder.record(Kind.METRICS_STORED, user, Origin.NONE, COUNTS);
    recorder.run();
    assertEquals(Map.of("full", 15), dropped, "there is room again");
  }

  @Test
  void a_database_that_does_not_answer_costs_the_batch_and_no_error() throws SQLException {
    ActivityRecorder recorder = recorder(10, 10, Duration.ofMillis(500));
    recorder.record(Kind.METRICS_STORED, user, Origin.NONE, COUNTS);
    try (Connection admin = Engines.admin(name);
        var statement = admin.createStatement()) {
      admin.setAutoCommit(false);
      statement.execute("select 1 from core.users where user_id = '%s' for update".formatted(user));
      recorder.run();
      admin.rollback();
    }
    assertEquals(Map.of("unavailable", 1), dropped);
    assertEquals("0", stored());
  }

  @Test
  void nothing_is_recorded_of_a_user_that_was_erased_meanwhile() {
    ActivityRecorder recorder = recorder(10, 10, Duration.ofSeconds(30));
    recorder.record(Kind.METRICS_STORED, user, Origin.NONE, COUNTS);
    Engines.asAdmin(name, "delete from core.users where user_id = '%s'".formatted(user));
    recorder.run();
    assertEquals(Map.of("unknown-user", 1), dropped);
    assertEquals("0", stored());
  }
}
