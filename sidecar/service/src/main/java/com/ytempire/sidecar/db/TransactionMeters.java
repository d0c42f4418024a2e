package com.ytempire.sidecar.db;

import com.ytempire.sidecar.trace.RequestTrace;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** Counts a pool's transactions and their retries. Safe to share between threads. */
final class TransactionMeters {
  private final MeterRegistry meters;
  private final String pool;
  private final Map<TransientFailure, Counter> retries = new EnumMap<>(TransientFailure.class);

  TransactionMeters(MeterRegistry meters, String pool) {
    this.pool = pool;
    this.meters = meters;
    for (TransientFailure cause : TransientFailure.values()) {
      retries.put(
          cause,
          Counter.builder("ytempire.database.retries")
              .description("Transactions run again after a transient failure")
              .tag("pool", pool)
              .tag("cause", cause.label())
              .register(meters));
    }
  }

  /** Counts a try of a transaction: for a request, or for a job of our own. */
  void count(String outcome) {
    Counter.builder("ytempire.database.transactions")
        .description("Transactions that ended, each try by itself")
        .tag("pool", pool)
        .tag("for", RequestTrace.current().isPresent() ? "request" : "job")
        .tag("outcome", outcome)
        .register(meters)
        .increment();
  }

  /** Counts that a transaction is run again. */
  void countRetry(TransientFailure cause) {
    Objects.requireNonNull(retries.get(cause)).increment();
  }
}
