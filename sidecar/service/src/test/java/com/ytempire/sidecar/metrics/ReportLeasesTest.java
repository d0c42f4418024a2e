package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.HeldBatchDao.Key;
import com.ytempire.sidecar.metrics.ReportLeases.ClaimRequest;
import com.ytempire.sidecar.metrics.ReportLeases.ClaimResult;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.simulator.MovedClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long the leases of a run last that fetches at one of two replicas. */
final class ReportLeasesTest {
  private static final UUID ADA = UUID.fromString("5cfe2f74-8f0a-4c58-9f4e-2a3f5e7d9b10");
  private static final Key REPORT = new Key("UCaaaaaaaaaaaaaaaaaaaaaa", "channel-day");
  private static final Map<UUID, ClaimRequest> WISH =
      Map.of(ADA, new ClaimRequest(Set.of(REPORT), Set.of(REPORT)));

  /** The database's time, of which the tests are masters. */
  private Instant time = Instant.parse("2026-11-28T08:00:00Z");

  private final Database database = Engines.openDatabase();

  // Clocks of replicas need not agree.
  private final MovedClock clock = new MovedClock(time.minusSeconds(90));
  private final ReportLeases here =
      new ReportLeases(database, new MovedClock(time.plusSeconds(90)));
  private final ReportLeases there = new ReportLeases(database, clock);

  @BeforeEach
  void connect() {
    Engines.asAdmin(
        Engines.nameOf(database),
        """
        insert into core.users (user_id, email, display_name) values ('%s', 'ada@example.com', 'Ada');
        insert into core.channels (user_id, channel_id, slot, channel_name) select user_id, '%s', 1, 'x' from core.users;
        """
            .formatted(ADA, REPORT.channelId()));
    passSeconds(0);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static ClaimResult claim(ReportLeases replica, String run) {
    return Objects.requireNonNull(replica.claim(run, WISH).get(ADA));
  }

  private void passSeconds(int seconds) {
    time = time.plusSeconds(seconds);
    Engines.asAdmin(
        Engines.nameOf(database),
        "create or replace function app.lease_time() returns timestamptz language sql volatile as $$ select timestamptz '%s' $$"
            .formatted(time));
  }

  @Test
  void a_run_keeps_its_leases_as_long_as_it_fetches() {
    here.beginFetch("one");
    assertEquals(Set.of(REPORT), claim(here, "one").leased());
    for (int renewal = 0; renewal < 10; renewal++) {
      passSeconds(25);
      here.renew();
    }
    passSeconds(25);
    ClaimResult other = claim(there, "two");
    assertEquals(Set.of(), other.leased());
    assertEquals(Map.of(REPORT, clock.instant().plusSeconds(5)), other.elsewhere());
  }

  @Test
  void what_a_replica_fetched_that_died_is_free_after_half_a_minute() {
    here.beginFetch("one");
    assertEquals(Set.of(REPORT), claim(here, "one").leased());
    passSeconds(29);
    there.renew();
    assertEquals(Set.of(), claim(there, "two").leased());
    passSeconds(1);
    assertEquals(Set.of(REPORT), claim(there, "two").leased());
  }

  @Test
  void leases_are_renewed_until_the_last_fetch_of_a_run_is_over() {
    here.beginFetch("one");
    here.beginFetch("one");
    assertEquals(Set.of(REPORT), claim(here, "one").leased());
    here.endFetch("one");
    passSeconds(20);
    here.renew();
    passSeconds(20);
    assertEquals(Set.of(), claim(there, "two").leased());
    here.endFetch("one");
    here.renew();
    passSeconds(10);
    assertEquals(Set.of(REPORT), claim(there, "two").leased());
  }

  @Test
  void renewing_shortens_no_lease_that_waits_for_the_store() {
    here.beginFetch("one");
    assertEquals(Set.of(REPORT), claim(here, "one").leased());
    Engines.asAdmin(
        Engines.nameOf(database),
        "update core.fetch_leases set leased_until = leased_until + interval '150 seconds'");
    here.renew();
    passSeconds(179);
    assertEquals(Set.of(), claim(there, "two").leased());
  }

  @Test
  void a_replica_of_the_version_before_renews_its_leases_during_an_upgrade() {
    assertEquals(Set.of(REPORT), claim(here, "one").leased());
    passSeconds(25);
    Instant theirs = time.minusSeconds(300);
    long renewed =
        database.directory(handle ->
            handle
                .createQuery("select app.renew_fetch_leases(array['one'], :soon, :until)")
                .bind("soon", theirs.plusSeconds(20))
                .bind("until", theirs.plusSeconds(30))
                .mapTo(Long.class)
                .one());
    assertEquals(1, renewed);
    passSeconds(29);
    assertEquals(Set.of(), claim(there, "two").leased());
  }

  @Test
  void a_channel_that_is_being_deleted_holds_up_no_other_claim() throws SQLException {
    Key other = new Key("UCbbbbbbbbbbbbbbbbbbbbbb", "channel-day");
    Engines.asAdmin(
        Engines.nameOf(database),
        "insert into core.channels (user_id, channel_id, is_active, channel_name) values ('%s', '%s', false, 'y')"
            .formatted(ADA, other.channelId()));
    Set<Key> both = Set.of(REPORT, other);
    try (Connection deletion = Engines.admin(Engines.nameOf(database));
        Statement statement = deletion.createStatement()) {
      deletion.setAutoCommit(false);
      statement.execute(
          "select from core.channels where channel_id = '%s' for update"
              .formatted(REPORT.channelId()));
      ClaimResult claimed =
          Objects.requireNonNull(
              here.claim("one", Map.of(ADA, new ClaimRequest(both, both))).get(ADA));
      assertEquals(Set.of(other), claimed.leased());
      assertEquals(Set.of(REPORT), claimed.elsewhere().keySet());
      deletion.rollback();
    }
  }
}
