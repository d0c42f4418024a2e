package com.ytempire.sidecar.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for a condition that gives no signal, such as a row or an answer over HTTP. */
public final class Polling {
  private static final Duration BOUND = Duration.ofSeconds(60);

  private Polling() {}

  /**
   * Returns when the condition holds.
   *
   * @param expected what is waited for, as the failure names it after a minute
   */
  public static void until(String expected, BooleanSupplier condition) {
    long started = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - started > BOUND.toNanos()) {
        fail("waited %d seconds in vain for %s".formatted(BOUND.toSeconds(), expected));
      }
      Thread.onSpinWait();
    }
  }
}
