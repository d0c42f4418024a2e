package com.ytempire.sidecar.testing;

import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * A sidecar as a process of its own, whose clock began at the moment that {@code -Dclock.start}
 * says; without it, at the machine's.
 */
public final class ReplicaMain {
  private ReplicaMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    Clock clock = Clock.systemUTC();
    String start = System.getProperty("clock.start");
    if (start != null) {
      clock = Clock.offset(clock, Duration.between(clock.instant(), Instant.parse(start)));
    }
    App app = App.start(Config.from(System.getenv()), clock);
    System.out.println("listening on port " + app.port());
    Thread.currentThread().join();
  }
}
