package com.ytempire.sidecar.db;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.fairness.FairScheduler;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

/**
 * Limits the number of concurrent transactions to the number of pooled connections. Whoever finds
 * no permit waits until its {@link Deadline}; permits go round robin over the tenants that wait and
 * in order of arrival within one, so that a tenant with hundreds of waiting transactions delays
 * another's first by one. One tenant never holds all permits of a larger pool. Safe to share
 * between threads.
 */
final class ConnectionPermits {
  /** Waiting transactions cost a virtual thread and what their request holds in memory. */
  static final int MAX_WAITING = 10_000;

  static final int MAX_WAITING_PER_TENANT = 1_000;

  private final FairScheduler scheduler;
  private final Timer waited;
  private final Counter rejectedByFullQueue;
  private final Counter rejectedByDeadline;

  /**
   * Makes a set of permits.
   *
   * @param permits as many as the pool has connections, at least 1
   * @param pool its name, for the meters
   */
  ConnectionPermits(int permits, String pool, MeterRegistry meters, Clock clock) {
    // A quarter stays free of any one tenant: its slow exports must not take every connection.
    int perTenant = Math.max(1, permits - permits / 4);
    this.scheduler =
        new FairScheduler(permits, perTenant, MAX_WAITING, MAX_WAITING_PER_TENANT, clock);
    Gauge.builder("ytempire.database.permits.limit", () -> permits)
        .description("Transactions that may run at the same time")
        .tag("pool", pool)
        .register(meters);
    Gauge.builder("ytempire.database.permits.used", scheduler::running)
        .description("Transactions that hold a permit")
        .tag("pool", pool)
        .register(meters);
    Gauge.builder("ytempire.database.permits.waiting", scheduler::waiting)
        .description("Transactions that wait for a permit")
        .tag("pool", pool)
        .register(meters);
    this.waited =
        Timer.builder("ytempire.database.permits.wait")
            .description("How long transactions waited for a permit")
            .tag("pool", pool)
            .register(meters);
    this.rejectedByFullQueue = rejected(meters, pool, "queue-full");
    this.rejectedByDeadline = rejected(meters, pool, "deadline");
  }

  private static Counter rejected(MeterRegistry meters, String pool, String reason) {
    return Counter.builder("ytempire.database.permits.rejected")
        .description("Transactions that got no permit")
        .tag("pool", pool)
        .tag("reason", reason)
        .register(meters);
  }

  /**
   * Waits for a permit; close it to return it.
   *
   * @param weight how many transactions of this tenant go for one of another
   * @throws DatabaseBusy when none came until the deadline, or too many wait
   * @throws InterruptedException when the caller's thread is interrupted; it has left the queue
   */
  FairScheduler.Permit acquire(UUID tenant, int weight, Deadline deadline)
      throws InterruptedException {
    long began = System.nanoTime();
    try {
      FairScheduler.Permit permit = scheduler.take(tenant, weight, false, deadline);
      waited.record(Duration.ofNanos(System.nanoTime() - began));
      return permit;
    } catch (FairScheduler.Busy e) {
      (e.isQueueFull() ? rejectedByFullQueue : rejectedByDeadline).increment();
      throw new DatabaseBusy(
          e.isQueueFull()
              ? "Too many requests wait for the database already."
              : "No database connection came free in the time given.",
          e);
    }
  }
}
