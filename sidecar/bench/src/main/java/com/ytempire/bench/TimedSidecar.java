package com.ytempire.bench;

import com.ytempire.sidecar.App;
import com.ytempire.sidecar.SoftMaxHeap;
import com.ytempire.sidecar.config.Config;
import com.ytempire.simulator.SharedClock;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A sidecar in a process of its own that goes by a clock which the benchmark moves. What the
 * sidecar does every minute and every hour is done whenever that clock has come to another minute
 * or hour.
 */
final class TimedSidecar {
  /**
   * The system property by which what runs every minute and every hour runs by the machine's clock
   * alone, as in production: where the clock jumps and what follows is measured.
   */
  static final String MACHINE_JOBS = "ytempire.bench.machine-jobs";

  private static final long LOOK_EVERY_MILLIS = 50;

  private TimedSidecar() {}

  /** The argument is the clock's file; the settings are in the environment. */
  public static void main(String[] arguments) throws InterruptedException {
    SharedClock clock = SharedClock.open(Path.of(arguments[0]));
    Instant hour = clock.instant().truncatedTo(ChronoUnit.HOURS);
    Instant minute = clock.instant().truncatedTo(ChronoUnit.MINUTES);
    App app = App.start(Config.from(System.getenv()), clock);
    SoftMaxHeap.start();
    if (Boolean.getBoolean(MACHINE_JOBS)) {
      Thread.currentThread().join();
    }
    while (true) {
      Thread.sleep(LOOK_EVERY_MILLIS);
      Instant now = clock.instant();
      if (!minute.equals(now.truncatedTo(ChronoUnit.MINUTES))) {
        minute = now.truncatedTo(ChronoUnit.MINUTES);
        app.runMinuteJobs();
      }
      if (!hour.equals(now.truncatedTo(ChronoUnit.HOURS))) {
        hour = now.truncatedTo(ChronoUnit.HOURS);
        app.runJobs();
      }
    }
  }
}
