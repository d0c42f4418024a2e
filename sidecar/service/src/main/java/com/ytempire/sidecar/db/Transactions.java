package com.ytempire.sidecar.db;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.trace.RequestTrace;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jdbi.v3.sqlobject.SqlObjectPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Runs transactions on pooled connections: each is admitted by a permit, and one that fails for a
 * transient reason is run again, with backoff and jitter, until the {@link Deadline} of its caller.
 * Safe to share between threads.
 *
 * <p>What is run again: work whose transaction was rolled back for certain. Work whose commit was
 * under way when the connection broke may have been committed; it is run again only where the
 * caller has said that it is idempotent.
 */
final class Transactions implements AutoCloseable {
  /** For whoever has bound no deadline: jobs of our own. */
  static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  /**
   * How long the pool may take to open a connection; with a permit in hand nothing else is waited
   * for. A connection that takes longer is asked for again within the deadline, which a longer
   * timeout would overrun.
   */
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);

  /**
   * Longest that a statement outlives the deadline: what ends a request, such as the settlement of
   * its units, is short and begins just before it.
   */
  private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(1);

  /**
   * How much longer than a statement may run its answer is waited for: a connection that is half
   * dead carries neither the answer nor that the statement was cancelled. Not shorter, because a
   * commit may have to wait for a slow disk, and one whose answer is not heard is in doubt.
   */
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(5);

  /** Longest that an answer of the server is waited for; jobs of our own have no other limit. */
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

  /**
   * The same of jobs over many rows. Cut off, such a job would begin anew the next time, and be cut
   * off again.
   */
  private static final Duration LONG_READ_TIMEOUT = Duration.ofMinutes(30);

  private static final Duration FIRST_DELAY = Duration.ofMillis(50);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(2);
  private static final double JITTER = 0.5;

  /** Whether the current thread holds a connection. */
  private static final ScopedValue<Boolean> HOLDING = ScopedValue.newInstance();

  /** How long a full disk is reported after a transaction has failed of it. */
  private static final Duration DISK_FULL_HOLDS = Duration.ofSeconds(30);

  private volatile @Nullable Deadline diskFull;
  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final ConnectionPermits permits;
  private final MeterRegistry meters;
  private final TenantSwitches switches;
  private final TenantProofs proofs;
  private final Map<TransientFailure, Counter> retries = new EnumMap<>(TransientFailure.class);

  /**
   * How a transaction is run.
   *
   * @param tenant on whose account it waits
   * @param isEntered whether the rows are that tenant's from the start
   * @param weight how many permits it gets for one of another
   * @param isolation null: the server's default
   * @param isIdempotent whether it may be run again after it was perhaps committed
   * @param isOnce whether it must not be run again at all, because it also writes elsewhere
   * @param isLong whether a statement may take longer than others' answers are waited for, where
   *     the caller has no deadline
   */
  record Options(
      UUID tenant,
      boolean isEntered,
      int weight,
      @Nullable TransactionIsolationLevel isolation,
      boolean isIdempotent,
      boolean isOnce,
      boolean isLong) {
    /** The tenant of waiting work that is nobody's in particular. */
    private static final UUID PLATFORM = new UUID(0, 1);

    /** Not long. */
    Options(
        UUID tenant,
        boolean isEntered,
        int weight,
        @Nullable TransactionIsolationLevel isolation,
        boolean isIdempotent,
        boolean isOnce) {
      this(tenant, isEntered, weight, isolation, isIdempotent, isOnce, false);
    }

    /** Options of work whose rows are nobody's until it enters a tenant itself. */
    static Options withoutTenant(boolean isIdempotent) {
      return new Options(Tenant.find().orElse(PLATFORM), false, 1, null, isIdempotent, false);
    }

    /** Options of a job over many rows, whose answer may take longer than that of any request. */
    static Options ofLongJob() {
      return new Options(PLATFORM, false, 1, null, false, false, true);
    }
  }

  /** A login of PostgreSQL. */
  record Login(String name, String password) {
    @Override
    public String toString() {
      return name;
    }
  }

  private Transactions(
      HikariDataSource pool,
      ConnectionPermits permits,
      TenantSwitches switches,
      TenantProofs proofs,
      MeterRegistry meters) {
    this.switches = switches;
    this.proofs = proofs;
    this.pool = pool;
    this.permits = permits;
    this.jdbi =
        Jdbi.create(pool).installPlugin(new SqlObjectPlugin()).installPlugin(new InstantPlugin());
    jdbi.registerArrayType(String.class, "text");
    jdbi.registerArrayType(UUID.class, "uuid");
    // Parameters may be secrets, and messages are logged.
    jdbi.getConfig(StatementExceptions.class)
        .setMessageRendering(StatementExceptions.MessageRendering.NONE);
    this.meters = meters;
    for (TransientFailure cause : TransientFailure.values()) {
      retries.put(
          cause,
          Counter.builder("ytempire.database.retries")
              .description("Transactions run again after a transient failure")
              .tag("pool", pool.getPoolName())
              .tag("cause", cause.label())
              .register(meters));
    }
  }

  /** Whether a transaction failed of a full disk lately. */
  boolean isDiskFull() {
    Deadline until = diskFull;
    return until != null && !until.hasPassed();
  }

  /** Counts a try of a transaction: for a request, or for a job of our own. */
  private void count(String outcome) {
    Counter.builder("ytempire.database.transactions")
        .description("Transactions that ended, each try by itself")
        .tag("pool", pool.getPoolName())
        .tag("for", Deadline.isBound() ? "request" : "job")
        .tag("outcome", outcome)
        .register(meters)
        .increment();
  }

  /**
   * A pool of so many connections, opened as they are needed, as the sidecar's own login.
   *
   * @param isChecked whether to fail when the first connection cannot be opened; otherwise it is
   *     opened by a thread of the pool
   * @param switches where the tenants that are entered are counted
   * @param proofs what proves the tenants that are entered
   */
  static Transactions open(
      String url,
      Login login,
      String name,
      int connections,
      boolean isChecked,
      TenantSwitches switches,
      TenantProofs proofs,
      MeterRegistry meters,
      Clock clock) {
    HikariConfig hikari = new HikariConfig();
    hikari.setPoolName(name);
    hikari.setJdbcUrl(url);
    hikari.setUsername(login.name());
    hikari.setPassword(login.password());
    hikari.setMaximumPoolSize(connections);
    hikari.setMinimumIdle(1);
    if (!isChecked) {
      hikari.setInitializationFailTimeout(-1);
    }
    hikari.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    hikari.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
    // Parameters take the type that the statement wants, nulls too.
    hikari.addDataSourceProperty("stringtype", "unspecified");
    hikari.addDataSourceProperty("ApplicationName", "ytempire-sidecar");
    hikari.addDataSourceProperty("socketTimeout", String.valueOf(READ_TIMEOUT.toSeconds()));
    return new Transactions(
        new HikariDataSource(hikari),
        new ConnectionPermits(connections, name, meters, clock),
        switches,
        proofs,
        meters);
  }

  /**
   * Runs work in a transaction, and again as long as it fails for a transient reason.
   *
   * @throws DatabaseBusy when no permit came until the deadline
   * @throws DatabaseUnavailable when PostgreSQL was away until the deadline, or a statement still
   *     ran then and was cancelled
   * @throws IllegalStateException when the thread already holds a connection: two of them held by
   *     one thread are a deadlock as soon as every thread does so; and when it is interrupted
   */
  <T> T run(Options options, Work<T> work) {
    if (HOLDING.isBound()) {
      throw new IllegalStateException("a transaction inside a transaction");
    }
    Deadline deadline = Deadline.currentOr(DEFAULT_TIMEOUT);
    Duration longest = deadline.remaining();
    if (options.isOnce() || longest.compareTo(FIRST_DELAY) <= 0) {
      return attempt(options, work, deadline);
    }
    RetryPolicyBuilder<Object> policy =
        RetryPolicy.builder()
            .handleIf(failure ->
                failure instanceof DatabaseUnavailable e
                    && (options.isIdempotent() || !e.isInDoubt()))
            .withMaxAttempts(-1)
            .withBackoff(FIRST_DELAY, LONGEST_DELAY)
            .withJitter(JITTER)
            .withMaxDuration(longest)
            .onRetry(event -> {
              if (event.getLastException() instanceof DatabaseUnavailable e) {
                Objects.requireNonNull(retries.get(e.failure())).increment();
              }
            });
    try {
      return Failsafe.with(policy.build()).get(() -> attempt(options, work, deadline));
    } catch (FailsafeException e) {
      if (e.getCause() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for the database", e);
      }
      throw e;
    }
  }

  private <T> T attempt(Options options, Work<T> work, Deadline deadline) {
    try (FairScheduler.Permit permit =
        permits.acquire(options.tenant(), options.weight(), deadline)) {
      return ScopedValue.where(HOLDING, true).call(() -> transaction(options, work, deadline));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the database", e);
    }
  }

  private <T> T transaction(Options options, Work<T> work, Deadline deadline) {
    boolean[] isCommitting = {false};
    Work<T> noted =
        handle -> {
          switches.count(handle);
          proofs.attach(handle);
          begin(handle, options, deadline);
          T result = work.run(handle);
          isCommitting[0] = true;
          return result;
        };
    try {
      T result =
          options.isolation() == null
              ? jdbi.<T, RuntimeException>inTransaction(noted::run)
              : jdbi.<T, RuntimeException>inTransaction(options.isolation(), noted::run);
      count("committed");
      return result;
    } catch (JdbiException e) {
      TransientFailure failure = TransientFailure.of(e, deadline).orElse(null);
      boolean isInDoubt = isCommitting[0] && failure != null && failure.isConnectionLost();
      count(
          isInDoubt ? "in-doubt" : failure == TransientFailure.TIMED_OUT ? "timed-out" : "failed");
      if (failure == TransientFailure.DISK_FULL) {
        diskFull = Deadline.after(DISK_FULL_HOLDS);
      }
      if (failure != null) {
        throw new DatabaseUnavailable(failure, isInDoubt, e);
      }
      throw e;
    } catch (RuntimeException | Error e) {
      count("failed");
      throw e;
    }
  }

  /**
   * Says whose the rows are and how long each statement may run, in one round trip: as long as was
   * left when the transaction began, since PostgreSQL 15 cannot limit a transaction as a whole.
   * Jobs of our own, which have bound no deadline, take the time that they need.
   */
  private static void begin(Handle handle, Options options, Deadline deadline) {
    long millis = 0;
    if (Deadline.isBound()) {
      // Rounded up, so that what it cancels is cancelled after the deadline.
      millis = Math.max(SHORTEST_TIMEOUT.toMillis(), deadline.remaining().toMillis() + 1);
      Duration longest = Duration.ofMillis(millis).plus(ANSWER_MARGIN);
      if (longest.compareTo(READ_TIMEOUT) < 0) {
        limitReads(handle, longest);
      }
    } else if (options.isLong()) {
      limitReads(handle, LONG_READ_TIMEOUT);
    }
    String timeout = Deadline.isBound() ? "set_config('statement_timeout', :timeout, true)" : "";
    String tenant = options.isEntered() ? "set_config('app.tenant_id', :tenant, true)" : "";
    RequestTrace trace = RequestTrace.current().orElse(null);
    // What PostgreSQL logs of these statements says which request they are of.
    String application = trace == null ? "" : "set_config('application_name', :application, true)";
    String settings =
        Stream.of(timeout, tenant, application)
            .filter(setting -> !setting.isEmpty())
            .collect(Collectors.joining(", "));
    if (settings.isEmpty()) {
      return;
    }
    var query = handle.createQuery("select " + settings);
    if (trace != null) {
      query.bind("application", trace.applicationName());
    }
    if (!timeout.isEmpty()) {
      query.bind("timeout", String.valueOf(millis));
    }
    if (!tenant.isEmpty()) {
      query.bind("tenant", TenantProofs.prove(handle, options.tenant())[0]);
      TenantSwitches.record(handle, options.tenant());
    }
    query.mapTo(String.class).one();
  }

  /** The pool gives the connection its own limit back when the transaction has ended. */
  private static void limitReads(Handle handle, Duration longest) {
    try {
      // The driver sets it at once and needs no thread.
      handle.getConnection().setNetworkTimeout(Runnable::run, (int) longest.toMillis());
    } catch (SQLException e) {
      throw new ConnectionException(e);
    }
  }

  /** Runs work whose transaction is undone in any case. */
  static <T> T undone(Handle handle, Work<T> work) {
    handle.savepoint("undone");
    try {
      return work.run(handle);
    } finally {
      handle.rollbackToSavepoint("undone");
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
