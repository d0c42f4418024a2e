package com.ytempire.sidecar.db;

import com.ytempire.sidecar.fairness.Deadline;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Probes whether PostgreSQL answers. Those who ask at the same time, or a moment later, share one
 * query: a flood of probes is no load. Safe to share between threads.
 */
final class DatabaseHealth {
  /** How long an answer holds for others who ask. */
  private static final Duration HOLDS = Duration.ofMillis(250);

  private final BooleanSupplier isAnswering;
  private final BooleanSupplier isDiskFull;
  private @Nullable Answer last;

  private record Answer(boolean isUp, Deadline holdsUntil) {}

  /**
   * Makes one.
   *
   * @param isAnswering runs a query, within some seconds
   * @param isDiskFull whether a transaction failed of a full disk of late
   */
  DatabaseHealth(BooleanSupplier isAnswering, BooleanSupplier isDiskFull) {
    this.isAnswering = isAnswering;
    this.isDiskFull = isDiskFull;
  }

  synchronized boolean isUp() {
    Answer answer = last;
    if (answer == null || answer.holdsUntil().hasPassed()) {
      answer = new Answer(isAnswering.getAsBoolean(), Deadline.after(HOLDS));
      last = answer;
    }
    return answer.isUp();
  }

  String state() {
    if (!isUp()) {
      return "unavailable";
    }
    return isDiskFull.getAsBoolean() ? "disk full" : "up";
  }
}
