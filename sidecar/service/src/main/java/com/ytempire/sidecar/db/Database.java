package com.ytempire.sidecar.db;

import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.fairness.Deadline;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.postgresql.util.PSQLException;

/**
 * PostgreSQL, as the sidecar's own login, which sees rows only after it said for whom. Safe to
 * share between threads.
 *
 * <p>Three ways in: {@link #asTenant} for the acting user, {@link #acrossTenants} for a batch that
 * must commit as one though it concerns several users, and {@link #directory} for the few questions
 * that concern no user, or are asked before one is known.
 *
 * <p>Transactions wait for a connection in fair order until the {@link Deadline} of their caller,
 * and are run again when they fail for a transient reason: {@code work} may run more than once, and
 * must do nothing outside of the database that would harm if done twice. A thread holds one
 * connection at most; a transaction inside another is refused.
 */
public final class Database implements AutoCloseable {
  /** The tenant of token lookups, which are on the way of every request. */
  private static final UUID AUTHENTICATION = new UUID(0, 2);

  /** The tenant of lookups of tokens that are probably none. */
  private static final UUID UNVERIFIED_TOKENS = new UUID(0, 3);

  /** The tenant of lookups of the subscriptions that YouTube's hub pushes to. */
  private static final UUID HUB_PUSHES = new UUID(0, 4);

  /** A lookup is short, and who waits for it may turn out to be anybody. */
  private static final int AUTHENTICATION_WEIGHT = 8;

  private static final Duration RESERVED_TIMEOUT = Duration.ofSeconds(2);

  /** Whether the current thread's transactions run on the reserved connection. */
  private static final ScopedValue<Boolean> RESERVED = ScopedValue.newInstance();

  /** The pool of the first login or, in {@link #operator()}, of the second. */
  private final Transactions transactions;

  private final Pools pools;
  private final TenantSwitches switches;
  private final DatabaseHealth health;
  private final LoginEnforcement enforcement;
  private final Maintenance maintenance;
  private final boolean isIdempotent;

  private Database(
      Pools pools, DatabaseAccess access, TenantSwitches switches, TenantProofs proofs) {
    this.transactions = pools.everyday();
    this.pools = pools;
    this.switches = switches;
    this.health = new DatabaseHealth(this::isAnswering, transactions::isDiskFull);
    this.enforcement = new LoginEnforcement(pools.enforcement(), pools.operator(), proofs, access);
    this.maintenance = new Maintenance(pools.operator());
    this.isIdempotent = false;
  }

  /** The same database by other transactions. */
  private Database(Database of, Transactions transactions, boolean isIdempotent) {
    this.transactions = transactions;
    this.pools = of.pools;
    this.switches = of.switches;
    this.health = of.health;
    this.enforcement = of.enforcement;
    this.maintenance = of.maintenance;
    this.isIdempotent = isIdempotent;
  }

  /**
   * Migrates to the newest schema if the administrator's password is set, and opens the pool.
   *
   * @throws DatabaseUnavailable if PostgreSQL cannot be reached
   * @throws IllegalStateException if a session is of another login than the sidecar's or a
   *     superuser's, if the catalog shows that isolation does not hold, or if the administrator's
   *     password is not set and the schema is not this version's
   */
  public static Database open(DatabaseAccess access, Clock clock) {
    return open(access, new SimpleMeterRegistry(), clock);
  }

  /**
   * As {@link #open(DatabaseAccess, Clock)}.
   *
   * @param meters where the pool, its permits and its transactions are counted
   */
  public static Database open(DatabaseAccess access, MeterRegistry meters, Clock clock) {
    if (access.adminPassword() != null) {
      migrate(access);
      liftClockLimit(access, clock);
    }
    TenantSwitches switches = new TenantSwitches(meters, clock);
    TenantProofs proofs = new TenantProofs();
    Pools pools = Pools.open(access, switches, proofs, meters, clock);
    Database database = new Database(pools, access, switches, proofs);
    try {
      new StartChecks(database.pools, database.enforcement, access).run();
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
    return database;
  }

  /** Migrates to what this version of the sidecar needs. */
  public static void migrate(DatabaseAccess access) {
    migrate(access, Migration.LOCATIONS);
  }

  /**
   * Runs the migrations that are still to run, all of them or none.
   *
   * @param locations where the files are, as Flyway names places
   */
  public static void migrate(DatabaseAccess access, List<String> locations) {
    DatabaseAdmin.migrate(access, locations);
  }

  /**
   * Lets retention believe a clock that was moved for a demo or a test. A clock that agrees with
   * the database's within the limit changes nothing.
   */
  public static void liftClockLimit(DatabaseAccess access, Clock clock) {
    DatabaseAdmin.liftClockLimit(access, clock);
  }

  /**
   * The same database for idempotent work: work that leaves everything as it is when it is run a
   * second time, such as a read, an upsert of the same rows, or a note of a moment. It is also run
   * again when the connection broke during its commit. Without this, such a failure is {@link
   * DatabaseUnavailable#isInDoubt}.
   */
  public Database idempotent() {
    return new Database(this, transactions, true);
  }

  /**
   * The same database by the second login, for acts that {@link OperatorLogin} alone may do. It has
   * few connections: nothing else belongs there.
   */
  public Database operator() {
    return new Database(this, pools.operator(), isIdempotent);
  }

  /** In one transaction that sees the acting tenant's rows and no others. */
  public <T> T asTenant(Work<T> work) {
    UUID tenant = Tenant.current();
    return run(new TransactionOptions(tenant, true, 1, null, isIdempotent, false), work);
  }

  /**
   * As {@link #asTenant}, for a job over so many rows that a statement may take minutes: what has
   * no deadline is otherwise cut off after one, and would begin anew at each run.
   */
  public <T> T asTenantInJob(Work<T> work) {
    UUID tenant = Tenant.current();
    return run(new TransactionOptions(tenant, true, 1, null, isIdempotent, false, true), work);
  }

  /** As {@link #asTenant}, without a result. */
  public void useTenant(VoidWork work) {
    asTenant(work.toWork());
  }

  /**
   * As {@link #useTenant}, with everything read as of one moment. The work is run once: it may
   * write elsewhere what it reads.
   */
  public void useTenantSnapshot(VoidWork work) {
    UUID tenant = Tenant.current();
    run(
        new TransactionOptions(
            tenant, true, 1, TransactionIsolationLevel.REPEATABLE_READ, false, true),
        work.toWork());
  }

  /**
   * In one transaction whose tenant is switched by {@link #enter}; each statement sees one tenant's
   * rows.
   */
  public <T> T acrossTenants(Work<T> work) {
    return run(options(), work);
  }

  /** As {@link #acrossTenants}, without a result. */
  public void useTenants(VoidWork work) {
    acrossTenants(work.toWork());
  }

  /** As {@link #acrossTenants}, but all of it is undone before it is answered. */
  public <T> T rehearse(Work<T> work) {
    return run(options(), handle -> Transactions.undone(handle, work));
  }

  /** In one transaction that sees nobody's rows, only the directory's functions. */
  public <T> T directory(Work<T> work) {
    return run(options(), work);
  }

  /** As {@link #directory}, without a result. */
  public void useDirectory(VoidWork work) {
    directory(work.toWork());
  }

  /**
   * As {@link #directory}, for the short lookup of a token: it waits beside the tenants rather than
   * behind any of them. The work must be idempotent.
   *
   * @param isUnverified whether it comes from where many unknown tokens do: such lookups wait in a
   *     queue of their own, as those of one tenant
   */
  public <T> T authentication(boolean isUnverified, Work<T> work) {
    return isUnverified
        ? lookUp(UNVERIFIED_TOKENS, 1, work)
        : lookUp(AUTHENTICATION, AUTHENTICATION_WEIGHT, work);
  }

  /**
   * As {@link #authentication}, for the short lookup of the subscription that a push of YouTube's
   * hub names. All of them wait in a queue of their own, as those of one tenant: neither unknown
   * tokens nor made-up pushes hold up the other.
   */
  public <T> T pushLookup(Work<T> work) {
    return lookUp(HUB_PUSHES, 1, work);
  }

  private <T> T lookUp(UUID tenant, int weight, Work<T> work) {
    return run(new TransactionOptions(tenant, false, weight, null, true, false), work);
  }

  /**
   * Runs questions about the platform's own state on a connection that is kept apart, so that they
   * are answered while every other connection is taken. They wait for each other alone, two seconds
   * at most.
   */
  public <T> T onReservedConnection(Supplier<T> questions) {
    try {
      return Deadline.after(RESERVED_TIMEOUT)
          .call(() -> ScopedValue.where(RESERVED, true).call(questions::get));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Runs work to its end although the current thread is interrupted meanwhile, and keeps the
   * interrupt for afterwards. Interrupting a virtual thread closes the connection that it waits for
   * (JEP 444): the pool loses it, and nobody knows what became of a commit. For short work of no
   * tenant; the deadline holds.
   */
  public <T> T uninterrupted(Supplier<T> work) {
    Deadline deadline = Deadline.currentOr(Transactions.DEFAULT_TIMEOUT);
    boolean isReserved = RESERVED.orElse(false);
    return UninterruptedWork.run(
        () -> ScopedValue.where(RESERVED, isReserved).call(() -> deadline.supply(work)));
  }

  private TransactionOptions options() {
    return TransactionOptions.withoutTenant(isIdempotent);
  }

  private <T> T run(TransactionOptions options, Work<T> work) {
    return (RESERVED.orElse(false) ? pools.reserved() : transactions).run(options, work);
  }

  /** From here to the end of the transaction, or the next call, the rows are this user's. */
  public static void enter(Handle handle, UUID userId) {
    TenantSwitches.record(handle, userId);
    TransactionSettings.set(
        handle, Map.of(TransactionSettings.TENANT, TenantProofs.prove(handle, userId)[0]));
  }

  /**
   * These users as tenants, in their order, for a function of the database that enters one after
   * the other; each is good in this handle's session alone. Counts them as entered.
   */
  public static String[] tenants(Handle handle, UUID... userIds) {
    TenantSwitches.record(handle, userIds);
    return TenantProofs.prove(handle, userIds);
  }

  /** The count of tenants that are entered. */
  public TenantSwitches tenantSwitches() {
    return switches;
  }

  /** Whether a statement failed because of the constraint of this name. */
  public static boolean violates(JdbiException failure, String constraint) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof PSQLException e
          && e.getServerErrorMessage() != null
          && constraint.equals(e.getServerErrorMessage().getConstraint())) {
        return true;
      }
    }
    return false;
  }

  /** What the catalog shows to be wrong with isolation, a line each; empty when all is well. */
  public List<String> isolationFaults() {
    return StartChecks.isolationFaults(transactions);
  }

  /** Whether a query is answered now, or was a moment ago; answers within some seconds. */
  public boolean isUp() {
    return health.isUp();
  }

  /**
   * What health says of PostgreSQL: {@code up}, {@code unavailable}, or {@code disk full} for half
   * a minute after its disk had no room for what was to be stored.
   */
  public String health() {
    return health.state();
  }

  private boolean isAnswering() {
    try {
      return onReservedConnection(
              () -> directory(handle -> handle.createQuery("select 1").mapTo(Integer.class).one()))
          == 1;
    } catch (DatabaseUnavailable | DatabaseBusy e) {
      return false;
    }
  }

  /** The jobs over all users' rows. */
  public Maintenance maintenance() {
    return maintenance;
  }

  /**
   * Observes what tenants' database logins compute, which must happen several times a second; ends
   * the sessions of users beyond their limits and refuses their logins for a while.
   *
   * @param now by the sidecar's clock
   * @param sinceLast how long ago this replica observed before
   * @return the users who have to pause from now on
   */
  public List<PausedUser> observeTenantActivity(Instant now, Duration sinceLast) {
    return enforcement.observe(now, sinceLast);
  }

  /**
   * Enforces the limits of tenants' logins and what the sidecar's own may be.
   *
   * @return how often each limit was enforced, by reason; a reason is one of a fixed few
   */
  public Map<String, Long> enforceTenantLimits() {
    return enforcement.enforce();
  }

  /** The steps of {@link #enforceTenantLimits} that failed when they last ran, in words. */
  public Set<String> failedEnforcements() {
    return enforcement.failed();
  }

  @Override
  public void close() {
    pools.close();
  }
}
