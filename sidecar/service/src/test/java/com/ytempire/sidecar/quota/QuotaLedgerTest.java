package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.config.QuotaSettings.Limits;
import com.ytempire.sidecar.config.QuotaSettings.Sharing;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.quota.Bucket.Window;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.MovedClock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Takes that share a transaction, on a real PostgreSQL that goes away. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class QuotaLedgerTest {
  private static final UUID ADA = new UUID(0, 10);
  private static final UUID BOB = new UUID(0, 11);
  private static final Payer ADAS = Payer.user(ADA, false);
  private static final Payer BOBS = Payer.user(BOB, false);
  private static final Instant NOW = Instant.parse("2026-11-20T18:00:00Z");

  private final MovedClock clock = new MovedClock(NOW);
  private final Window day = Bucket.DATA_GENERAL.window(NOW);

  private QuotaLedger ledger(Database database, long limit) {
    QuotaLedger ledger =
        new QuotaLedger(
            database,
            new Limits(
                new Limits.DataLimits(limit, limit, limit, limit),
                new Limits.AnalyticsLimits(limit, limit, limit),
                new Limits.ReportingLimits(limit, limit)),
            new Sharing(50, 10, Duration.ofHours(4)),
            () -> Map.of(ADA, 1, BOB, 1),
            false,
            clock);
    ledger.reallot(day);
    return ledger;
  }

  private List<Debit> own(Payer payer, long units) {
    return List.of(new Debit(new Account(day, payer.account()), units));
  }

  private Map<String, Long> spent(QuotaLedger ledger) {
    return ledger.standings(List.of(day)).stream()
        .filter(each -> each.spent() > 0)
        .collect(
            Collectors.toMap(
                QuotaLedgerDao.Standing::account,
                QuotaLedgerDao.Standing::spent,
                Long::sum,
                TreeMap::new));
  }

  private record Take(Payer payer, long units) {}

  /** Takes in one transaction: they wait while another one is held up. */
  private List<Future<Optional<Account>>> takeTogether(
      Database database, QuotaLedger ledger, ExecutorService threads, List<Take> takes)
      throws Exception {
    List<Future<Optional<Account>>> answers = new ArrayList<>();
    try (Connection admin = Engines.admin(Engines.nameOf(database))) {
      admin.setAutoCommit(false);
      try (var statement = admin.createStatement()) {
        statement.execute("select from core.quota_accounts for update");
        Future<Optional<Account>> first =
            threads.submit(() -> ledger.take(BOBS, own(BOBS, 1), null, null));
        QuotaTest.awaitLockWait(admin);
        for (Take take : takes) {
          int before = ledger.waitingTakes(Bucket.DATA_GENERAL);
          answers.add(
              threads.submit(
                  () -> ledger.take(take.payer(), own(take.payer(), take.units()), null, null)));
          Polling.until("a waiting take", () -> ledger.waitingTakes(Bucket.DATA_GENERAL) != before);
        }
        admin.commit();
        assertEquals(Optional.empty(), first.get());
      }
    }
    return answers;
  }

  @Test
  void one_of_a_group_is_refused_and_the_others_get_their_units() throws Exception {
    try (Database database = Engines.openDatabase();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      QuotaLedger ledger = ledger(database, 100);
      List<Future<Optional<Account>>> answers =
          takeTogether(
              database,
              ledger,
              threads,
              List.of(
                  new Take(ADAS, 20), new Take(ADAS, 10), new Take(ADAS, 5), new Take(BOBS, 3)));
      assertEquals(Optional.empty(), answers.get(0).get());
      assertEquals(
          Optional.of(new Account(day, ADA.toString())), answers.get(1).get(), "5 of 25 are left");
      assertEquals(Optional.empty(), answers.get(2).get());
      assertEquals(Optional.empty(), answers.get(3).get());
      assertEquals(Map.of(ADA.toString(), 25L, BOB.toString(), 4L), spent(ledger));
    }
  }

  @Test
  void users_open_their_accounts_of_a_minute_in_one_transaction() throws Exception {
    try (Database database = Engines.openDatabase();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection admin = Engines.admin(Engines.nameOf(database))) {
      QuotaLedger ledger = ledger(database, 100);
      Window minute = Bucket.ANALYTICS_USER_MINUTE.window(NOW);
      List<Future<Map<Account, Long>>> answers = new ArrayList<>();
      List<Account> accounts = new ArrayList<>();
      for (int user = 0; user <= 20; user++) {
        accounts.add(new Account(minute, new UUID(1, user).toString()));
      }
      admin.setAutoCommit(false);
      try (var statement = admin.createStatement()) {
        statement.execute("lock table core.quota_accounts in share mode");
        for (int user = 0; user <= 20; user++) {
          List<Account> own = List.of(accounts.get(user));
          answers.add(threads.submit(() -> ledger.balances(own)));
          if (user == 0) {
            QuotaTest.awaitLockWait(admin);
          }
          int waiting = user;
          Polling.until("a waiting opening", () -> ledger.waitingOpenings() == waiting);
        }
        admin.commit();
        for (int user = 0; user <= 20; user++) {
          assertEquals(Map.of(accounts.get(user), 100L), answers.get(user).get());
        }
        try (ResultSet opened =
            statement.executeQuery(
                "select count(*), count(distinct xmin::text) from core.quota_accounts where bucket = 'analytics.userMinute'")) {
          assertTrue(opened.next());
          assertEquals(21, opened.getInt(1));
          assertEquals(2, opened.getInt(2), "the first one's, and that of all who waited for it");
        }
      }
    }
  }

  @Test
  void an_account_that_is_open_is_opened_again_with_what_it_has_left() {
    try (Database database = Engines.openDatabase()) {
      QuotaLedger ledger = ledger(database, 100);
      Window minute = Bucket.ANALYTICS_USER_MINUTE.window(NOW);
      Account adas = new Account(minute, ADAS.account());
      Account bobs = new Account(minute, BOBS.account());
      assertEquals(Map.of(adas, 100L), ledger.balances(List.of(adas)));
      assertEquals(Optional.empty(), ledger.take(ADAS, List.of(new Debit(adas, 60)), null, null));
      assertEquals(Map.of(adas, 40L, bobs, 100L), ledger.balances(List.of(adas, bobs)));
      ledger.close(minute);
      assertEquals(Map.of(adas, 0L), ledger.balances(List.of(adas)), "Google has closed it");
    }
  }

  @Test
  void a_group_whose_commit_is_in_doubt_is_taken_once() throws Exception {
    try (Database database = Engines.openDatabase();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      QuotaLedger ledger = ledger(database, 100);
      Engines.asAdmin(
          Engines.nameOf(database),
          """
          create sequence public.commits;
          create function public.break_second_commit() returns trigger language plpgsql security definer as $$
          begin
            if (select count(distinct xmin::text) from core.quota_takes) = 2 and nextval('public.commits') = 1 then
              perform pg_terminate_backend(pg_backend_pid());
            end if;
            return null;
          end $$;
          create constraint trigger break_second_commit after insert on core.quota_takes
            deferrable initially deferred for each row execute function public.break_second_commit();
          """);
      List<Future<Optional<Account>>> answers =
          takeTogether(
              database,
              ledger,
              threads,
              List.of(new Take(ADAS, 2), new Take(BOBS, 3), new Take(ADAS, 4)));
      for (Future<Optional<Account>> each : answers) {
        assertEquals(Optional.empty(), each.get());
      }
      assertEquals(Map.of(ADA.toString(), 6L, BOB.toString(), 4L), spent(ledger));
      try (Connection admin = Engines.admin(Engines.nameOf(database));
          var statement = admin.createStatement();
          ResultSet commits = statement.executeQuery("select is_called from public.commits")) {
        assertTrue(commits.next() && commits.getBoolean(1), "no commit was broken");
      }
    }
  }

  @Test
  void units_are_refunded_though_the_deadline_of_their_call_has_passed() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    // One connection, besides the reserved one.
    try (Database database = Engines.openDatabase(2, meters);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      QuotaLedger ledger = ledger(database, 100);
      assertEquals(Optional.empty(), ledger.take(ADAS, own(ADAS, 1), null, null));
      CountDownLatch isHeld = new CountDownLatch(1);
      CountDownLatch mayEnd = new CountDownLatch(1);
      threads.submit(() ->
          database.directory(handle -> {
            isHeld.countDown();
            try {
              mayEnd.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return true;
          }));
      isHeld.await();
      Future<?> refund =
          threads.submit(
              () -> Deadline.after(Duration.ZERO).run(() -> ledger.refund(ADAS, own(ADAS, 1))));
      Gauge waiting =
          meters.get("ytempire.database.permits.waiting").tag("pool", "postgres").gauge();
      Polling.until(
          "the refund to wait for a connection", () -> waiting.value() > 0 || refund.isDone());
      mayEnd.countDown();
      refund.get();
      assertEquals(Map.of(), spent(ledger));
    }
  }

  /** One take as the SQL function is given it; parts by account and units. */
  private record SqlTake(UUID id, String payer, boolean isReservation, Map<String, Long> parts) {}

  private static List<Integer> takeAll(
      Database database, List<SqlTake> takes, String bucket, Instant startsAt, Instant at) {
    List<Integer> partTakes = new ArrayList<>();
    List<String> accounts = new ArrayList<>();
    List<Long> units = new ArrayList<>();
    for (int i = 0; i < takes.size(); i++) {
      int take = i + 1;
      takes
          .get(i)
          .parts()
          .forEach((account, count) -> {
            partTakes.add(take);
            accounts.add(account);
            units.add(count);
          });
    }
    String[] buckets = new String[units.size()];
    Arrays.fill(buckets, bucket);
    String[] starts = new String[units.size()];
    Arrays.fill(starts, startsAt.toString());
    return database.directory(handle ->
        handle
            .attach(LedgerTakeDao.class)
            .take(
                takes.stream().map(SqlTake::id).toArray(UUID[]::new),
                takes.stream().map(SqlTake::payer).toArray(String[]::new),
                takes.stream()
                    .map(take -> take.isReservation() ? take.id() : null)
                    .toArray(UUID[]::new),
                takes.stream()
                    .map(take -> take.isReservation() ? at.plusSeconds(900).toString() : null)
                    .toArray(String[]::new),
                partTakes.toArray(Integer[]::new),
                buckets,
                starts,
                accounts.toArray(String[]::new),
                units.toArray(Long[]::new),
                at));
  }

  private static OffsetDateTime time(Instant at) {
    return at.atOffset(ZoneOffset.UTC);
  }

  /** Well below the minute after which an answer is not waited for in any case. */
  @Test
  @Timeout(value = 45, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void a_connection_that_carries_nothing_holds_a_bucket_until_the_deadline() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    try (Database direct = Engines.openDatabase();
        StallingProxy proxy =
            new StallingProxy(
                URI.create(Engines.postgres().url("postgres").substring("jdbc:".length()))
                    .getPort());
        Database database =
            Database.open(
                new DatabaseAccess(
                    "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/" + Engines.nameOf(direct),
                    LocalPostgres.ADMIN,
                    null,
                    "the-sidecar-of-the-tests",
                    4),
                meters,
                Clock.systemUTC())) {
      QuotaLedger ledger = ledger(database, 100);
      assertEquals(Optional.empty(), ledger.take(ADAS, own(ADAS, 1), null, null));
      // A connection that were still being opened would be given up after a minute only.
      Polling.until(
          "a connection in each pool",
          () ->
              meters.get("hikaricp.connections.idle").gauges().stream()
                  .allMatch(idle -> idle.value() >= 1));
      proxy.stall();
      assertThrows(
          QuotaUnavailable.class,
          () ->
              Deadline.after(Duration.ofSeconds(1))
                  .call(() -> ledger.take(ADAS, own(ADAS, 1), null, null)));
      proxy.awaitGivenUp();
      // Whoever comes next has a connection that works.
      assertEquals(
          Optional.empty(),
          Deadline.after(Duration.ofSeconds(40))
              .call(() -> ledger.take(BOBS, own(BOBS, 1), null, null)));
    }
  }

  @Test
  void a_take_asked_for_again_is_granted_once() {
    try (Database database = Engines.openDatabase()) {
      QuotaLedger ledger = ledger(database, 100);
      SqlTake early = new SqlTake(UUID.randomUUID(), "p", false, Map.of(ADA.toString(), 20L));
      SqlTake late = new SqlTake(UUID.randomUUID(), "p", false, Map.of(ADA.toString(), 5L));
      assertEquals(List.of(0), takeAll(database, List.of(early), "data.general", day.start(), NOW));
      assertEquals(
          List.of(0, 0, 1),
          takeAll(
              database,
              List.of(
                  early,
                  late,
                  new SqlTake(UUID.randomUUID(), "p", false, Map.of(ADA.toString(), 1L))),
              "data.general",
              day.start(),
              NOW));
      assertEquals(Map.of(ADA.toString(), 25L), spent(ledger));
    }
  }

  /** Everything that the ledger has noted of a window and an hour, but for ids. */
  private static String noted(Connection admin, Instant startsAt, Instant hour)
      throws SQLException {
    try (var statement =
        admin.prepareStatement(
            """
            select coalesce((select jsonb_agg(array[account, spent::text, held::text] order by account)
                               from core.quota_accounts where starts_at = ?::timestamptz)::text, '') || ' '
                || coalesce((select jsonb_agg(array[account, payer, units::text] order by account, payer, units)
                               from core.quota_reservations where starts_at = ?::timestamptz)::text, '') || ' '
                || coalesce((select jsonb_agg(array[payer, units::text] order by payer)
                               from core.quota_borrowings where starts_at = ?::timestamptz)::text, '') || ' '
                || coalesce((select sum(units) from core.quota_hours where hour = ?::timestamptz)::text, '')
            """)) {
      for (int i = 1; i <= 3; i++) {
        statement.setString(i, startsAt.toString());
      }
      statement.setString(4, hour.toString());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  @Test
  void a_group_takes_what_its_takes_would_one_after_the_other() throws Exception {
    Random random = new Random(20_261_127);
    Instant one = NOW;
    Instant other = NOW.plus(Duration.ofDays(1));
    try (Database database = Engines.openDatabase();
        Connection admin = Engines.admin(Engines.nameOf(database));
        var statement = admin.createStatement()) {
      for (Instant startsAt : List.of(one, other)) {
        statement.execute(
            """
            insert into core.quota_windows values ('data.general', '%1$s', '%1$s'::timestamptz + interval '1 day', 1000);
            insert into core.quota_accounts values ('data.general', '%1$s', 'ada', 40), ('data.general', '%1$s', 'bob', 60),
              ('data.general', '%1$s', 'common', 200), ('data.general', '%1$s', 'interactive', 30);
            """
                .formatted(startsAt));
      }
      int refused = 0;
      for (int group = 0; group < 40; group++) {
        List<SqlTake> takes = new ArrayList<>();
        for (int i = random.nextInt(1, 9); i > 0; i--) {
          Map<String, Long> parts = new TreeMap<>();
          String payer = random.nextBoolean() ? "ada" : "bob";
          for (String account : List.of(payer, "common", "interactive", "nobody")) {
            if (random.nextInt(account.equals("nobody") ? 30 : 2) == 0) {
              parts.put(account, random.nextLong(1, 6));
            }
          }
          takes.add(new SqlTake(UUID.randomUUID(), payer, random.nextInt(3) == 0, parts));
        }
        takes.removeIf(take -> take.parts().isEmpty());
        if (takes.isEmpty()) {
          continue;
        }
        List<Integer> together = takeAll(database, takes, "data.general", one, one);
        List<Integer> singly = new ArrayList<>();
        for (SqlTake take : takes) {
          singly.add(takeSingly(database, take, other));
        }
        assertEquals(singly, together, "group " + group + ": " + takes);
        refused += (int) together.stream().filter(answer -> answer > 0).count();
      }
      assertTrue(refused > 10, refused + " takes were refused");
      assertEquals(noted(admin, other, other), noted(admin, one, one));
    }
  }

  /** As replicas of the version before take. */
  private static int takeSingly(Database database, SqlTake take, Instant at) {
    String parts =
        take.parts().entrySet().stream()
            .map(part ->
                "{\"bucket\": \"data.general\", \"starts_at\": \"%s\", \"account\": \"%s\", \"units\": %d}"
                    .formatted(at, part.getKey(), part.getValue()))
            .collect(Collectors.joining(", ", "[", "]"));
    return database.directory(handle ->
        handle
            .createQuery("select app.quota_take(:payer, :parts::jsonb, :at, :id, :expiresAt)")
            .bind("payer", take.payer())
            .bind("parts", parts)
            .bind("at", time(at))
            .bind("id", take.isReservation() ? UUID.randomUUID() : null)
            .bind("expiresAt", take.isReservation() ? time(at.plusSeconds(900)) : null)
            .mapTo(Integer.class)
            .one());
  }

  @Test
  void no_unit_is_lost_or_taken_twice_when_the_database_is_killed(@TempDir Path folder)
      throws Exception {
    try (LocalPostgres postgres = LocalPostgres.start(folder.resolve("postgres"), 0)) {
      postgres.createDatabase("ytempire");
      DatabaseAccess access =
          new DatabaseAccess(
              postgres.url("ytempire"),
              LocalPostgres.ADMIN,
              postgres.password(),
              "the-sidecar-of-the-tests",
              8);
      try (Database database = Database.open(access, Clock.systemUTC());
          ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        QuotaLedger ledger = ledger(database, 1_000_000);
        int callers = 32;
        int takesEach = 40;
        CountDownLatch some = new CountDownLatch(callers * takesEach / 4);
        List<Future<Integer>> all = new ArrayList<>();
        for (int caller = 0; caller < callers; caller++) {
          Payer payer = caller % 2 == 0 ? ADAS : BOBS;
          all.add(
              threads.submit(() -> {
                int taken = 0;
                for (int take = 0; take < takesEach; take++) {
                  Optional<Account> refused =
                      Deadline.after(Duration.ofMinutes(2))
                          .supply(() -> ledger.take(payer, own(payer, 1), null, null));
                  taken += refused.isEmpty() ? 1 : 0;
                  some.countDown();
                }
                return taken;
              }));
        }
        some.await();
        postgres.kill();
        postgres.restart();
        int taken = 0;
        for (Future<Integer> each : all) {
          taken += each.get();
        }
        assertEquals(callers * takesEach, taken);
        assertEquals(
            taken, spent(ledger).values().stream().mapToLong(Long::longValue).sum(), "as noted");
      }
    }
  }
}
