package com.ytempire.sidecar.db;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.zaxxer.hikari.HikariDataSource;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.RetryPolicyBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
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
  private final TransactionMeters meters;
  private final TenantSwitches switches;
  private final TenantProofs proofs;

  /**
   * Opens the pool.
   *
   * @param switches where the tenants that are entered are counted
   * @param proofs what proves the tenants that are entered
   */
  Transactions(
      PoolSettings settings,
      TenantSwitches switches,
      TenantProofs proofs,
      MeterRegistry meters,
      Clock clock) {
    this.switches = switches;
    this.proofs = proofs;
    this.pool = settings.open(meters);
    this.permits = new ConnectionPermits(settings.connections(), settings.name(), meters, clock);
    this.meters = new TransactionMeters(meters, settings.name());
    this.jdbi =
        Jdbi.create(pool).installPlugin(new SqlObjectPlugin()).installPlugin(new InstantPlugin());
    jdbi.registerArrayType(String.class, "text");
    jdbi.registerArrayType(UUID.class, "uuid");
    // Parameters may be secrets, and messages are logged.
    jdbi.getConfig(StatementExceptions.class)
        .setMessageRendering(StatementExceptions.MessageRendering.NONE);
  }

  /** Whether a transaction failed of a full disk lately. */
  boolean isDiskFull() {
    Deadline until = diskFull;
    return until != null && !until.hasPassed();
  }

  /**
   * Runs work in a transaction, and again as long as it fails for a transient reason.
   *
   * @throws DatabaseBusy when no permit came until the deadline
   * @throws DatabaseUnavailable when PostgreSQL was unavailable until the deadline, or a statement
   *     still ran then and was cancelled
   * @throws IllegalStateException when the thread already holds a connection: two of them held by
   *     one thread are a deadlock as soon as every thread does so; and when it is interrupted
   */
  <T> T run(TransactionOptions options, Work<T> work) {
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
                meters.countRetry(e.failure());
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

  private <T> T attempt(TransactionOptions options, Work<T> work, Deadline deadline) {
    try (FairScheduler.Permit permit =
        permits.acquire(options.tenant(), options.weight(), deadline)) {
      return ScopedValue.where(HOLDING, true).call(() -> transaction(options, work, deadline));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the database", e);
    }
  }

  private <T> T transaction(TransactionOptions options, Work<T> work, Deadline deadline) {
    boolean[] isCommitting = {false};
    Work<T> noted =
        handle -> {
          switches.count(handle);
          proofs.attach(handle);
          TransactionSettings.begin(handle, options, deadline);
          T result = work.run(handle);
          isCommitting[0] = true;
          return result;
        };
    try {
      T result =
          options.isolation() == null
              ? jdbi.<T, RuntimeException>inTransaction(noted::run)
              : jdbi.<T, RuntimeException>inTransaction(options.isolation(), noted::run);
      meters.count("committed");
      return result;
    } catch (JdbiException e) {
      TransientFailure failure = TransientFailure.of(e, deadline).orElse(null);
      boolean isInDoubt = isCommitting[0] && failure != null && failure.isConnectionLost();
      meters.count(
          isInDoubt ? "in-doubt" : failure == TransientFailure.TIMED_OUT ? "timed-out" : "failed");
      if (failure == TransientFailure.DISK_FULL) {
        diskFull = Deadline.after(DISK_FULL_HOLDS);
      }
      if (failure != null) {
        throw new DatabaseUnavailable(failure, isInDoubt, e);
      }
      throw e;
    } catch (RuntimeException | Error e) {
      meters.count("failed");
      throw e;
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
