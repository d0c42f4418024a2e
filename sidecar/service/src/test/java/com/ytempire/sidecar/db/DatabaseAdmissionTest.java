package com.ytempire.sidecar.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.trace.RequestTrace;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.search.Search;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who gets a connection, in what order, and what becomes of transactions that fail. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DatabaseAdmissionTest {
  private static final UUID ADA = new UUID(1, 1);
  private static final UUID BOB = new UUID(1, 2);

  private final MeterRegistry meters = new SimpleMeterRegistry();

  /** One connection for everybody, and the reserved one. */
  private final Database database = Engines.openDatabase(2, meters);

  private final String name = Engines.nameOf(database);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeAll
  void makeATableWhoseCommitBreaksTheConnectionOnce() {
    Engines.asAdmin(
        name,
        """
        create sequence public.commits;
        create table public.notes (note text primary key);
        create function public.break_first_commit() returns trigger language plpgsql security definer as $$
        begin
          if nextval('public.commits') = 1 then
            perform pg_terminate_backend(pg_backend_pid());
          end if;
          return null;
        end $$;
        create constraint trigger break_first_commit after insert on public.notes
          deferrable initially deferred for each row execute function public.break_first_commit();
        grant select, insert on public.notes to ytempire_app;
        """);
  }

  @AfterAll
  void close() {
    threads.shutdownNow();
    database.close();
  }

  private double gauge(String name) {
    Gauge gauge = meters.get("ytempire.database.permits." + name).tag("pool", "postgres").gauge();
    return gauge.value();
  }

  private double retries(String cause) {
    return meters
        .get("ytempire.database.retries")
        .tag("pool", "postgres")
        .tag("cause", cause)
        .counter()
        .count();
  }

  private void awaitWaiting(int transactions) {
    Polling.until(transactions + " waiting transactions", () -> gauge("waiting") == transactions);
  }

  /** Holds the only connection until the latch is counted down; returns when it is held. */
  private Future<Boolean> hold(CountDownLatch release) throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    Future<Boolean> holder =
        threads.submit(() ->
            database.directory(handle -> {
              held.countDown();
              try {
                release.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return true;
            }));
    held.await();
    return holder;
  }

  private Future<Boolean> read(UUID tenant, List<UUID> order) {
    return threads.submit(
        () -> Tenant.as(tenant, () -> database.asTenant(handle -> order.add(tenant))));
  }

  private Future<Boolean> lookUp(boolean isUnverified, List<Boolean> order) {
    return threads.submit(
        () -> database.authentication(isUnverified, handle -> order.add(isUnverified)));
  }

  private static int one(Handle handle) {
    return handle.createQuery("select 1").mapTo(Integer.class).one();
  }

  private <T> T within(Duration timeout, Work<T> work) throws Exception {
    return Deadline.after(timeout).call(() -> database.directory(work));
  }

  @Test
  void hundreds_of_one_tenant_delay_another_by_one_transaction() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<Boolean> holder = hold(release);
    List<UUID> order = Collections.synchronizedList(new ArrayList<>());
    List<Future<Boolean>> all = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      all.add(read(ADA, order));
    }
    awaitWaiting(500);
    all.add(read(BOB, order));
    awaitWaiting(501);
    release.countDown();
    holder.get();
    for (Future<Boolean> each : all) {
      each.get();
    }
    assertEquals(501, order.size());
    assertTrue(order.indexOf(BOB) <= 1, "Bob came after " + order.indexOf(BOB));
    assertEquals(0, gauge("used"));
  }

  /** Fills the queue of unverified tokens' lookups, behind which another lookup must not wait. */
  private void assertPasses(Function<List<Boolean>, Future<Boolean>> lookup) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<Boolean> holder = hold(release);
    List<Boolean> order = Collections.synchronizedList(new ArrayList<>());
    List<Future<Boolean>> all = new ArrayList<>();
    for (int i = 0; i < ConnectionPermits.MAX_WAITING_PER_TENANT; i++) {
      all.add(lookUp(true, order));
    }
    awaitWaiting(ConnectionPermits.MAX_WAITING_PER_TENANT);
    assertThrows(
        DatabaseBusy.class, () -> database.authentication(true, DatabaseAdmissionTest::one));
    all.add(lookup.apply(order));
    awaitWaiting(ConnectionPermits.MAX_WAITING_PER_TENANT + 1);
    release.countDown();
    holder.get();
    for (Future<Boolean> each : all) {
      each.get();
    }
    assertTrue(order.indexOf(false) <= 1, "it came after " + order.indexOf(false));
  }

  @Test
  void unverified_tokens_do_not_fill_the_queue_of_others() throws Exception {
    assertPasses(order -> lookUp(false, order));
  }

  @Test
  void unverified_tokens_do_not_fill_the_queue_of_hub_pushes() throws Exception {
    assertPasses(order -> threads.submit(() -> database.pushLookup(handle -> order.add(false))));
  }

  @Test
  void whoever_has_no_time_left_is_busy_and_leaves_the_queue() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<Boolean> holder = hold(release);
    assertThrows(
        DatabaseBusy.class, () -> within(Duration.ofMillis(1), DatabaseAdmissionTest::one));
    assertEquals(0, gauge("waiting"));
    release.countDown();
    holder.get();
    assertEquals(1, within(Duration.ofSeconds(30), DatabaseAdmissionTest::one));
  }

  @Test
  void limits_of_logins_are_enforced_while_every_connection_is_taken() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<Boolean> holder = hold(release);
    try {
      assertEquals(
          Map.of(),
          Deadline.after(Duration.ofSeconds(20)).call(() -> database.enforceTenantLimits()));
    } finally {
      release.countDown();
    }
    holder.get();
  }

  @Test
  void health_is_answered_while_every_connection_is_taken() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<Boolean> holder = hold(release);
    assertTrue(database.isUp());
    assertEquals(
        1, database.onReservedConnection(() -> database.directory(DatabaseAdmissionTest::one)));
    release.countDown();
    holder.get();
  }

  @Test
  void permits_come_back_after_failures_and_interrupts() throws Exception {
    assertThrows(
        JdbiException.class, () -> database.directory(handle -> handle.execute("select 1 / 0")));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            database.directory(handle -> {
              throw new IllegalArgumentException("of no use");
            }));
    CountDownLatch release = new CountDownLatch(1);
    Future<Boolean> holder = hold(release);
    Future<Boolean> waiting = read(ADA, new ArrayList<>());
    awaitWaiting(1);
    waiting.cancel(true);
    awaitWaiting(0);
    holder.cancel(true);
    Polling.until("the connection to be returned", () -> gauge("used") == 0);
    assertEquals(1, within(Duration.ofSeconds(30), DatabaseAdmissionTest::one));
  }

  @Test
  void a_thread_holds_one_connection_at_most() {
    assertThrows(
        IllegalStateException.class,
        () -> database.directory(handle -> database.directory(DatabaseAdmissionTest::one)));
  }

  @Test
  void a_deadlock_victim_is_run_again() {
    AtomicInteger runs = new AtomicInteger();
    int answer =
        database.directory(handle -> {
          if (runs.incrementAndGet() == 1) {
            handle.execute("do $$ begin raise exception 'victim' using errcode = '40P01'; end $$");
          }
          return one(handle);
        });
    assertEquals(1, answer);
    assertEquals(2, runs.get());
    assertEquals(1, retries("deadlock"));
  }

  @Test
  void a_transaction_whose_connection_dies_is_run_again() {
    AtomicInteger runs = new AtomicInteger();
    int answer =
        database.directory(handle -> {
          if (runs.incrementAndGet() == 1) {
            Engines.asAdmin(
                name,
                "select pg_terminate_backend("
                    + handle.createQuery("select pg_backend_pid()").mapTo(Integer.class).one()
                    + ")");
          }
          return one(handle);
        });
    assertEquals(1, answer);
    assertEquals(2, runs.get());
  }

  private double transactionsFor(String purpose) {
    return Search.in(meters)
        .name("ytempire.database.transactions")
        .tag("for", purpose)
        .tag("outcome", "committed")
        .counters()
        .stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  @Test
  void a_job_with_a_deadline_is_no_request() {
    double jobs = transactionsFor("job");
    double requests = transactionsFor("request");
    Supplier<Integer> work =
        () ->
            Deadline.after(Duration.ofMinutes(1))
                .supply(() -> database.directory(DatabaseAdmissionTest::one));
    assertEquals(1, work.get());
    assertEquals(jobs + 1, transactionsFor("job"));
    assertEquals(requests, transactionsFor("request"));
    assertEquals(1, RequestTrace.of(null, null).supply(work));
    assertEquals(requests + 1, transactionsFor("request"));
  }

  private double timedOut() {
    return Search.in(meters)
        .name("ytempire.database.transactions")
        .tag("outcome", "timed-out")
        .counters()
        .stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  @Test
  void a_statement_is_cancelled_at_its_callers_deadline() {
    double before = timedOut();
    Work<String> endless =
        handle -> handle.createQuery("select pg_sleep(100000)::text").mapTo(String.class).one();
    DatabaseUnavailable directory =
        assertThrows(DatabaseUnavailable.class, () -> within(Duration.ofSeconds(1), endless));
    assertTrue(directory.isTimedOut());
    DatabaseUnavailable tenants =
        assertThrows(
            DatabaseUnavailable.class,
            () ->
                Deadline.after(Duration.ofSeconds(1))
                    .call(() -> Tenant.as(ADA, () -> database.asTenant(endless))));
    assertTrue(tenants.isTimedOut());
    assertEquals(before + 2, timedOut());
    // The limit was the transaction's own.
    assertEquals(
        "0",
        database.directory(
            handle -> handle.createQuery("show statement_timeout").mapTo(String.class).one()));
  }

  @Test
  void what_would_fail_again_is_not_run_again() {
    AtomicInteger runs = new AtomicInteger();
    assertThrows(
        JdbiException.class,
        () ->
            database.directory(handle -> {
              runs.incrementAndGet();
              return handle.execute("select nothing from nowhere");
            }));
    assertEquals(1, runs.get());
  }

  @Test
  void a_commit_in_doubt_is_repeated_for_idempotent_work_alone() {
    Work<Integer> insert =
        handle ->
            handle.execute("insert into public.notes values ('noted') on conflict do nothing");
    Engines.asAdmin(name, "alter sequence public.commits restart");
    DatabaseUnavailable inDoubt =
        assertThrows(DatabaseUnavailable.class, () -> database.directory(insert));
    assertTrue(inDoubt.isInDoubt());

    Engines.asAdmin(name, "alter sequence public.commits restart; truncate public.notes");
    assertEquals(1, database.idempotent().directory(insert));

    Engines.asAdmin(name, "drop trigger break_first_commit on public.notes");
    assertFalse(
        database
            .directory(handle ->
                handle.createQuery("select note from public.notes").mapTo(String.class).list())
            .isEmpty());
  }

  @Test
  void an_interrupted_caller_gets_a_failure_that_says_so() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Future<Boolean> holder = hold(release);
    CountDownLatch started = new CountDownLatch(1);
    Future<Throwable> failure =
        threads.submit(() -> {
          Thread.currentThread().interrupt();
          started.countDown();
          try {
            database.directory(DatabaseAdmissionTest::one);
            return new AssertionError("it was run");
          } catch (IllegalStateException e) {
            return Thread.currentThread().isInterrupted() ? e : new AssertionError("flag lost", e);
          }
        });
    started.await();
    assertTrue(failure.get() instanceof IllegalStateException, String.valueOf(outcome(failure)));
    release.countDown();
    holder.get();
  }

  private static Throwable outcome(Future<Throwable> failure) throws InterruptedException {
    try {
      return failure.get();
    } catch (ExecutionException e) {
      return e;
    }
  }

  @Test
  void a_job_over_many_rows_is_not_cut_off_after_a_minute() {
    try (Transactions transactions =
        new Transactions(
            new PoolSettings(
                Engines.postgres().url(name),
                new PoolSettings.Login("ytempire_app", "the-sidecar-of-the-tests"),
                "postgres-long",
                1,
                true),
            new TenantSwitches(new SimpleMeterRegistry(), Clock.systemUTC()),
            new TenantProofs(),
            new SimpleMeterRegistry(),
            Clock.systemUTC())) {
      assertEquals(Duration.ofMinutes(1), longestRead(transactions, false));
      assertEquals(Duration.ofMinutes(30), longestRead(transactions, true));
      assertEquals(Duration.ofMinutes(1), longestRead(transactions, false));
      // A caller's deadline comes first.
      assertTrue(
          Deadline.after(Duration.ofSeconds(10))
                  .supply(() -> longestRead(transactions, true))
                  .compareTo(Duration.ofSeconds(20))
              < 0);
    }
  }

  private static Duration longestRead(Transactions transactions, boolean isLong) {
    return transactions.run(
        new TransactionOptions(ADA, false, 1, null, false, false, isLong),
        handle -> {
          try {
            return Duration.ofMillis(handle.getConnection().getNetworkTimeout());
          } catch (SQLException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
