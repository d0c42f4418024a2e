package com.ytempire.sidecar.db;

import com.ytempire.sidecar.config.Config.DatabaseAccess;
import com.ytempire.sidecar.fairness.Deadline;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  /** Where this version's migrations are. */
  public static final List<String> MIGRATIONS =
      List.of("classpath:sql/migrations", "classpath:sql/repeatable");

  /**
   * Before Flyway, whose search path would put TimescaleDB's functions into Flyway's own schema.
   */
  private static final String EXTENSION =
      """
      do $$
      begin
        if exists (select from pg_available_extensions where name = 'timescaledb')
           and current_setting('shared_preload_libraries') like '%timescaledb%' then
          create extension if not exists timescaledb schema public;
        end if;
      end $$
      """;

  /** A version before this one cannot tell. */
  private static final String REQUIRE_OPENED_TIMELINE =
      """
      do $$
      begin
        if to_regprocedure('core.require_opened_timeline()') is not null then
          perform core.require_opened_timeline();
        end if;
      end $$
      """;

  private static final String APP_LOGIN = "ytempire_app";

  /** The tenant of waiting work that is nobody's in particular. */
  private static final UUID PLATFORM = new UUID(0, 1);

  /** The tenant of token lookups, which are on the way of every request. */
  private static final UUID AUTHENTICATION = new UUID(0, 2);

  /** A lookup is short, and who waits for it may turn out to be anybody. */
  private static final int AUTHENTICATION_WEIGHT = 8;

  /** Apart from the pool, so that health and meters are answered while all others wait. */
  private static final int RESERVED_CONNECTIONS = 1;

  /** Of the second login, beside the pool: for what concerns the platform. */
  private static final int OPERATOR_CONNECTIONS = 2;

  /** Tenants' logins are held to their limits although every other connection is taken. */
  private static final int ENFORCEMENT_CONNECTIONS = 1;

  private static final Duration HEALTH_TIMEOUT = Duration.ofSeconds(2);

  /** How long an answer about health holds for others who ask. */
  private static final Duration HEALTH_HOLDS = Duration.ofMillis(250);

  /** Whether the current thread's transactions run on the reserved connection. */
  private static final ScopedValue<Boolean> RESERVED = ScopedValue.newInstance();

  private final Transactions transactions;
  private final Transactions reserved;
  private final Transactions operator;
  private final Transactions enforcement;
  private final TenantSwitches switches;
  private final TenantProofs proofs;
  private final DatabaseAccess access;
  private final boolean isIdempotent;
  private final Object healthLock = new Object();
  private @Nullable Health health;

  /** The verifier that was found to be of our password; to find that takes thousands of hashes. */
  private volatile @Nullable String checkedVerifier;

  /** The steps of the enforcement that failed the last time that they ran, of a fixed few. */
  private final Set<String> failedSteps = ConcurrentHashMap.newKeySet();

  private record Health(boolean isUp, Deadline holdsUntil) {}

  private Database(
      Transactions transactions,
      Transactions reserved,
      Transactions operator,
      Transactions enforcement,
      TenantSwitches switches,
      TenantProofs proofs,
      DatabaseAccess access,
      boolean isIdempotent) {
    this.switches = switches;
    this.proofs = proofs;
    this.transactions = transactions;
    this.reserved = reserved;
    this.operator = operator;
    this.enforcement = enforcement;
    this.access = access;
    this.isIdempotent = isIdempotent;
  }

  /**
   * PostgreSQL could not be reached, went away in the middle, or was not done, until the caller's
   * deadline. Whatever was under way has been rolled back, unless the failure {@link #isInDoubt}.
   */
  public static final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final TransientFailure failure;
    private final boolean isInDoubt;

    Unavailable(Throwable cause) {
      this(TransientFailure.CONNECTION, false, cause);
    }

    Unavailable(TransientFailure failure, boolean isInDoubt, Throwable cause) {
      super("PostgreSQL is not available: " + cause.getMessage(), cause);
      this.failure = failure;
      this.isInDoubt = isInDoubt;
    }

    /** Whether the connection broke during the commit, so that nobody knows whether it holds. */
    public boolean isInDoubt() {
      return isInDoubt;
    }

    /** Whether a statement ran until the caller's deadline, and was cancelled then. */
    public boolean isTimedOut() {
      return failure == TransientFailure.TIMED_OUT;
    }

    /** Whether the server's disk has no room. */
    public boolean isDiskFull() {
      return failure == TransientFailure.DISK_FULL;
    }

    TransientFailure failure() {
      return failure;
    }
  }

  /** No connection came free until the caller's deadline, or too many wait; nothing was done. */
  public static final class Busy extends RuntimeException {
    private static final long serialVersionUID = 1;

    Busy(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Migrates to the newest schema if the administrator's password is set, and opens the pool.
   *
   * @throws Unavailable if PostgreSQL cannot be reached
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
    Database database =
        new Database(
            transactions(access, switches, proofs, meters, clock),
            Transactions.open(
                access.url(),
                new Transactions.Login(APP_LOGIN, access.password()),
                "postgres-reserved",
                RESERVED_CONNECTIONS,
                false,
                switches,
                proofs,
                meters,
                clock),
            Transactions.open(
                access.url(),
                new Transactions.Login(
                    OperatorLogin.NAME, OperatorLogin.password(access.password())),
                "postgres-operator",
                OPERATOR_CONNECTIONS,
                false,
                switches,
                proofs,
                meters,
                clock),
            Transactions.open(
                access.url(),
                new Transactions.Login(
                    OperatorLogin.NAME, OperatorLogin.password(access.password())),
                "postgres-enforcement",
                ENFORCEMENT_CONNECTIONS,
                false,
                switches,
                proofs,
                meters,
                clock),
            switches,
            proofs,
            access,
            false);
    try {
      database.requireOwnLogin(database.transactions, APP_LOGIN);
      database.requireOwnLogin(database.operator, OperatorLogin.NAME);
      if (access.adminPassword() == null) {
        database.requireMigrated();
      }
      database.requireIsolation();
      database.readTenantKey(database.operator);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
    return database;
  }

  /** The pool; where it cannot be opened for want of a migration, that is what is said. */
  private static Transactions transactions(
      DatabaseAccess access,
      TenantSwitches switches,
      TenantProofs proofs,
      MeterRegistry meters,
      Clock clock) {
    try {
      return Transactions.open(
          access.url(),
          new Transactions.Login(APP_LOGIN, access.password()),
          "postgres",
          access.poolSize() - RESERVED_CONNECTIONS,
          true,
          switches,
          proofs,
          meters,
          clock);
    } catch (RuntimeException e) {
      if (access.adminPassword() == null) {
        Migration.requireNone(access, APP_LOGIN, MIGRATIONS);
      }
      throw e;
    }
  }

  /**
   * Refuses sessions of another login, such as a superuser, whom no policy binds: a user in the
   * database's address takes the place of the one that the sidecar names.
   */
  private void requireOwnLogin(Transactions pool, String login) {
    String actual =
        pool.run(
            options(),
            handle ->
                handle
                    .createQuery(
                        "select session_user || case current_setting('is_superuser') when 'on' then ', a superuser' else '' end")
                    .mapTo(String.class)
                    .one());
    if (!actual.equals(login)) {
      throw new IllegalStateException(
          "The sidecar is logged in to PostgreSQL as %s, and must be %s. Take user and password out of YTEMPIRE_DATABASE_URL; YTEMPIRE_DATABASE_PASSWORD is enough. If %s itself is a superuser: alter role %s nosuperuser."
              .formatted(actual, login, login, login));
    }
  }

  /** Flyway is asked only when the migrations that ran last are not exactly this version's. */
  private void requireMigrated() {
    String last =
        directory(handle ->
            handle
                .createQuery(
                    "select coalesce((select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'flyway'), '')")
                .mapTo(String.class)
                .one());
    if (!last.equals(MigrationFingerprint.of(MIGRATIONS))) {
      Migration.requireNone(access, APP_LOGIN, MIGRATIONS);
    }
  }

  private void requireIsolation() {
    List<String> faults = isolationFaults();
    if (!faults.isEmpty()) {
      // A database that was made meanwhile is open until it is closed.
      enforceTenantLimits();
      faults = isolationFaults();
    }
    if (!faults.isEmpty()) {
      throw new IllegalStateException(
          "The database does not isolate its users:\n  " + String.join("\n  ", faults));
    }
  }

  /** Migrates to what this version of the sidecar needs. */
  public static void migrate(DatabaseAccess access) {
    migrate(access, MIGRATIONS);
  }

  /**
   * Runs the migrations that are still to run, all of them or none: what fails leaves the version
   * before, with which its sidecars go on. Two that start at once migrate once, by Flyway's lock.
   * Afterwards no tenant's login can connect to another database of the server. A database that was
   * restored is refused until the revocations since were replayed.
   *
   * @param locations where the files are, as Flyway names places
   */
  public static void migrate(DatabaseAccess access, List<String> locations) {
    asAdmin(access, REQUIRE_OPENED_TIMELINE);
    asAdmin(access, EXTENSION);
    Migration.run(access, locations);
    asAdmin(access, REQUIRE_OPENED_TIMELINE);
    asAdmin(
        access,
        "alter role "
            + APP_LOGIN
            + " password '"
            // The verifier, so that no statement carries the password into a log.
            + PasswordUtil.encodeScramSha256(access.password().toCharArray())
            + "'");
    asAdmin(
        access,
        """
        do $$
        begin
          -- A version before this one has none of them.
          if to_regprocedure('app.close_databases()') is not null then
            perform app.close_databases();
            call core.hide_statistics();
          end if;
          if to_regrole('%1$s') is not null then
            alter role %1$s password '%2$s';
          end if;
          grant usage on schema flyway to ytempire_app;
          grant select on flyway.flyway_schema_history to ytempire_app;
        end $$
        """
            .formatted(
                OperatorLogin.NAME,
                PasswordUtil.encodeScramSha256(
                    OperatorLogin.password(access.password()).toCharArray())));
    asAdmin(
        access, "comment on schema flyway is '%s'".formatted(MigrationFingerprint.of(locations)));
  }

  /**
   * Lets retention believe a clock that was moved for a demo or a test. A clock that agrees with
   * the database's within the limit changes nothing.
   */
  public static void liftClockLimit(DatabaseAccess access, Clock clock) {
    asAdmin(
        access,
        """
        do $$
        begin
          if exists (select from sec.clock_limit where '%s'::timestamptz > clock_timestamp() + max_ahead) then
            set local role ytempire_owner;
            update sec.clock_limit set max_ahead = '36525 days';
          end if;
        end $$
        """
            .formatted(clock.instant()));
  }

  /**
   * One transaction as the administrator, who is one at a time: two that start at once would
   * collide.
   */
  private static void asAdmin(DatabaseAccess access, String sql) {
    try (Connection connection =
            DriverManager.getConnection(access.url(), access.adminUser(), access.adminPassword());
        var statement = connection.createStatement()) {
      statement.execute("select pg_advisory_xact_lock(hashtext('ytempire.admin')); " + sql);
    } catch (SQLException e) {
      throw new Unavailable(e);
    }
  }

  /** What may be done with a connection. */
  @FunctionalInterface
  public interface Work<T> {
    T run(Handle handle);
  }

  /**
   * The same database for idempotent work: work that leaves everything as it is when it is run a
   * second time, such as a read, an upsert of the same rows, or a note of a moment. It is also run
   * again when the connection broke during its commit. Without this, such a failure is {@link
   * Unavailable#isInDoubt}.
   */
  public Database idempotent() {
    return new Database(
        transactions, reserved, operator, enforcement, switches, proofs, access, true);
  }

  /**
   * The same database by the second login, for acts that {@link OperatorLogin} alone may do. It has
   * few connections: nothing else belongs there.
   */
  public Database operator() {
    return new Database(
        operator, reserved, operator, enforcement, switches, proofs, access, isIdempotent);
  }

  /** In one transaction that sees the acting tenant's rows and no others. */
  public <T> T asTenant(Work<T> work) {
    UUID tenant = Tenant.current();
    return run(new Transactions.Options(tenant, true, 1, null, isIdempotent, false), work);
  }

  /**
   * As {@link #asTenant}, with everything read as of one moment. The work is run once: it may write
   * elsewhere what it reads.
   */
  public <T> T asTenantSnapshot(Work<T> work) {
    UUID tenant = Tenant.current();
    return run(
        new Transactions.Options(
            tenant, true, 1, TransactionIsolationLevel.REPEATABLE_READ, false, true),
        work);
  }

  /**
   * In one transaction whose tenant is switched by {@link #enter}; each statement sees one tenant's
   * rows.
   */
  public <T> T acrossTenants(Work<T> work) {
    return run(options(), work);
  }

  /** As {@link #acrossTenants}, but all of it is undone before it is answered. */
  public <T> T rehearse(Work<T> work) {
    return run(options(), handle -> Transactions.undone(handle, work));
  }

  /** In one transaction that sees nobody's rows, only the directory's functions. */
  public <T> T directory(Work<T> work) {
    return run(options(), work);
  }

  /**
   * As {@link #directory}, for the short lookup of a token: it waits beside the tenants rather than
   * behind any of them. The work must be idempotent.
   */
  public <T> T authentication(Work<T> work) {
    return run(
        new Transactions.Options(AUTHENTICATION, false, AUTHENTICATION_WEIGHT, null, true, false),
        work);
  }

  /**
   * Runs questions about the platform's own state on a connection that is kept apart, so that they
   * are answered while every other connection is taken. They wait for each other alone, two seconds
   * at most.
   */
  public <T> T onReservedConnection(Supplier<T> questions) {
    try {
      return Deadline.after(HEALTH_TIMEOUT)
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
    FutureTask<T> task =
        new FutureTask<>(
            () -> ScopedValue.where(RESERVED, isReserved).call(() -> deadline.supply(work)));
    Thread.ofVirtual().start(task);
    boolean wasInterrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          wasInterrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Transactions.Options options() {
    return new Transactions.Options(
        Tenant.find().orElse(PLATFORM), false, 1, null, isIdempotent, false);
  }

  private <T> T run(Transactions.Options options, Work<T> work) {
    return (RESERVED.orElse(false) ? reserved : transactions).run(options, work);
  }

  /** From here to the end of the transaction, or the next call, the rows are this user's. */
  public static void enter(Handle handle, UUID userId) {
    TenantSwitches.record(handle, userId);
    handle
        .createQuery("select set_config('app.tenant_id', :tenant, true)")
        .bind("tenant", TenantProofs.prove(handle, userId)[0])
        .mapTo(String.class)
        .one();
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
    return directory(handle ->
        handle
            .createQuery("select fault || ': ' || object from app.isolation_faults()")
            .mapTo(String.class)
            .list());
  }

  /** Whether a query is answered now, or was a moment ago; answers within some seconds. */
  public boolean isUp() {
    // Whoever asks at the same time waits for one answer: a flood of probes is one query.
    synchronized (healthLock) {
      Health last = health;
      if (last == null || last.holdsUntil().hasPassed()) {
        last = new Health(isAnswering(), Deadline.after(HEALTH_HOLDS));
        health = last;
      }
      return last.isUp();
    }
  }

  /**
   * What health says of PostgreSQL: {@code up}, {@code away}, or {@code disk full} for half a
   * minute after its disk had no room for what was to be stored.
   */
  public String health() {
    if (!isUp()) {
      return "away";
    }
    return transactions.isDiskFull() ? "disk full" : "up";
  }

  private boolean isAnswering() {
    try {
      return onReservedConnection(
              () -> directory(handle -> handle.createQuery("select 1").mapTo(Integer.class).one()))
          == 1;
    } catch (Unavailable | Busy e) {
      return false;
    }
  }

  /** Deletes the rows that are past their retention and compresses old ones. */
  public void maintain(Clock clock) {
    operator.run(
        options(),
        handle ->
            handle
                .createQuery("select app.maintain(:now)")
                .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
                .mapTo(String.class)
                .list());
  }

  /**
   * Sets the views of videos that have become 48 hours old and, once a Pacific day, compares the
   * rollups of a tenth of the videos with their days, repairs those that differ, a transaction a
   * user, and logs how many they were. A user whose rollups cannot be repaired is logged, and the
   * others' are repaired.
   */
  public void checkRollups(Clock clock) {
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    operator.run(
        options(),
        handle ->
            handle
                .createQuery("select app.set_views_48h(:now)")
                .bind("now", now)
                .mapTo(String.class)
                .list());
    boolean due =
        operator.run(
            options(),
            handle ->
                handle
                    .createQuery("select app.is_rollup_check_due(:now)")
                    .bind("now", now)
                    .mapTo(Boolean.class)
                    .one());
    if (!due) {
      return;
    }
    List<WrongRollups> wrong =
        operator.run(
            options(),
            handle ->
                handle
                    .createQuery(
                        "select user_id, channel_ids, video_ids from app.list_wrong_rollups(:now)")
                    .bind("now", now)
                    .map((row, context) ->
                        new WrongRollups(
                            row.getObject(1, UUID.class),
                            (String[]) row.getArray(2).getArray(),
                            (String[]) row.getArray(3).getArray()))
                    .list());
    long found = 0;
    long repaired = 0;
    for (WrongRollups each : wrong) {
      found += each.videoIds().length;
      try {
        long done =
            operator.run(
                options(),
                handle ->
                    handle
                        .createQuery("select app.repair_rollups(:user, :channels, :videos, :now)")
                        .bind("user", each.userId())
                        .bindArray("channels", String.class, (Object[]) each.channelIds())
                        .bindArray("videos", String.class, (Object[]) each.videoIds())
                        .bind("now", now)
                        .mapTo(Long.class)
                        .one());
        repaired += done;
      } catch (JdbiException | Busy e) {
        log.warn("rollups of user {} cannot be repaired", each.userId(), e);
      }
    }
    long postponed = found - repaired;
    long repairedInAll = repaired;
    long videos =
        operator.run(
            options(),
            handle ->
                handle
                    .createQuery("select app.note_rollup_check(:now, :repaired, :postponed)")
                    .bind("now", now)
                    .bind("repaired", repairedInAll)
                    .bind("postponed", postponed)
                    .mapTo(Long.class)
                    .findOne()
                    .orElse(0L));
    if (found > 0) {
      log.warn(
          "rollups of {} of {} videos differed from their days: {} repaired, {} left to the next check",
          found,
          videos,
          repaired,
          postponed);
    } else {
      log.info("rollups of {} videos agree with their days", videos);
    }
  }

  /** Videos of a user whose rollups differ from their days; the n-th is of the n-th channel. */
  @SuppressWarnings("ArrayRecordComponent")
  private record WrongRollups(UUID userId, String[] channelIds, String[] videoIds) {}

  /**
   * Ends sessions of tenants' logins that exceed their limits, puts back what a login changed of
   * its own role, or the sidecar's first login of its, drops the roles of retired logins, closes
   * databases of the server that were made since, and reads the key of tenants' proofs anew.
   *
   * @return how often each limit was enforced, by reason; a reason is one of a fixed few
   */
  public Map<String, Long> enforceTenantLimits() {
    Map<String, Long> enforced = new TreeMap<>();
    attempt("reading the key of tenants' proofs", () -> readTenantKey(enforcement));
    attempt(
        "enforcing the limits of tenants' logins",
        () ->
            enforcement
                .run(
                    options(),
                    handle ->
                        handle
                            .createQuery("select reason, count from app.enforce_tenant_limits()")
                            .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
                            .list())
                .forEach(entry -> enforced.merge(entry.getKey(), entry.getValue(), Long::sum)));
    attempt("putting back the login " + APP_LOGIN, () -> restoreOwnLogin(enforced));
    attempt("dropping retired logins", this::dropRetiredLogins);
    attempt(
        "closing databases",
        () ->
            enforcement.run(
                options(),
                handle ->
                    handle.createQuery("select app.close_databases()").mapTo(Long.class).one()));
    return enforced;
  }

  /**
   * Runs a step of the enforcement, whose failure must not stop the others. It is warned of once,
   * until the step succeeds again.
   *
   * @throws Unavailable if PostgreSQL cannot be reached, so that no other step would succeed
   */
  private void attempt(String step, Runnable work) {
    try {
      work.run();
      failedSteps.remove(step);
    } catch (Unavailable e) {
      if (e.failure().isConnectionLost()) {
        throw e;
      }
      warnOnce(step, e);
    } catch (Busy | JdbiException e) {
      warnOnce(step, e);
    }
  }

  private void warnOnce(String step, RuntimeException failure) {
    if (failedSteps.add(step)) {
      log.warn("{} failed, and is tried again every time: {}", step, failure.getMessage());
    }
  }

  /**
   * Puts back what the first login has changed of its own role: its password, and the defaults of
   * its sessions. It has no defaults but the server's.
   */
  private void restoreOwnLogin(Map<String, Long> enforced) {
    OwnLogin login =
        enforcement.run(
            options(),
            handle ->
                handle
                    .createQuery(
                        "select is_readable, verifier, has_settings from app.read_sidecar_login()")
                    .map((row, context) ->
                        new OwnLogin(row.getBoolean(1), row.getString(2), row.getBoolean(3)))
                    .one());
    String verifier = login.verifier();
    boolean isOurs =
        !login.isReadable()
            || (verifier != null
                && (verifier.equals(checkedVerifier)
                    || ScramVerifier.matches(verifier, access.password())));
    if (isOurs && !login.hasSettings()) {
      checkedVerifier = verifier;
      return;
    }
    enforcement.run(
        options(),
        handle ->
            String.valueOf(
                handle
                    .createQuery("select app.restore_sidecar_login(:verifier)")
                    .bind(
                        "verifier",
                        isOurs
                            ? null
                            : PasswordUtil.encodeScramSha256(access.password().toCharArray()))
                    .mapTo(String.class)
                    .one()));
    log.warn(
        "the login {} was changed by itself ({}) and was put back",
        APP_LOGIN,
        isOurs ? "settings" : "password");
    enforced.merge(isOurs ? "settings" : "password", 1L, Long::sum);
  }

  private record OwnLogin(boolean isReadable, @Nullable String verifier, boolean hasSettings) {}

  /** Follows a change of the key of tenants' proofs. */
  private void readTenantKey(Transactions login) {
    proofs.setKey(
        login.run(
            options(),
            handle -> handle.createQuery("select app.tenant_key()").mapTo(byte[].class).one()));
  }

  /**
   * Drops the roles of logins that were revoked or whose user was erased. What one of them owns in
   * another database is dropped there if the administrator's password is set, and otherwise stays
   * for {@link #migrate}.
   */
  public void dropRetiredLogins() {
    List<RetiredLogin> left = retiredLogins();
    if (access.adminPassword() == null
        || left.stream().allMatch(login -> login.database() == null)) {
      return;
    }
    for (RetiredLogin login : left) {
      String database = login.database();
      if (database != null) {
        log.warn(
            "the retired login {} owns objects in the database {}, which are dropped",
            login.login(),
            database);
        dropOwned(access, database, login.login());
      }
    }
    retiredLogins();
  }

  private record RetiredLogin(String login, @Nullable String database) {}

  /** Drops those that can be dropped; returns the others, with a database that holds one up. */
  private List<RetiredLogin> retiredLogins() {
    return operator.run(
        options(),
        handle ->
            handle
                .createQuery("select login, database from app.drop_retired_logins()")
                .map((row, context) -> new RetiredLogin(row.getString(1), row.getString(2)))
                .list());
  }

  private static void dropOwned(DatabaseAccess access, String database, String login) {
    String url =
        access
            .url()
            .replaceFirst(
                "/[^/?]*(\\?|$)", "/" + URLEncoder.encode(database, StandardCharsets.UTF_8) + "$1");
    try (Connection connection =
            DriverManager.getConnection(url, access.adminUser(), access.adminPassword());
        var statement = connection.createStatement()) {
      statement.execute("drop owned by " + statement.enquoteIdentifier(login, true));
    } catch (SQLException e) {
      log.warn(
          "what {} owns in the database {} cannot be dropped: {}", login, database, e.getMessage());
    }
  }

  @Override
  public void close() {
    transactions.close();
    reserved.close();
    operator.close();
    enforcement.close();
  }
}
