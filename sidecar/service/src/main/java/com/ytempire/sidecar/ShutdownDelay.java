package com.ytempire.sidecar;

import com.ytempire.sidecar.telemetry.HealthRoutes;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time between a sidecar's being not ready any more and its closing: its proxy notices by
 * {@code /health/ready} and sends the next requests elsewhere, while those that come all the same
 * are served.
 */
final class ShutdownDelay implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ShutdownDelay.class);

  private final HealthRoutes health;
  private final Duration delay;

  ShutdownDelay(HealthRoutes health, Duration delay) {
    this.health = health;
    this.delay = delay;
  }

  /** Turns readiness off and waits; returns at once when interrupted. */
  @Override
  public void close() {
    health.stop();
    if (delay.isPositive()) {
      log.info("stopping: not ready any more, and closing in {} s", delay.toSeconds());
      try {
        TimeUnit.NANOSECONDS.sleep(delay.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
