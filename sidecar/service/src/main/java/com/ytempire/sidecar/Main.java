package com.ytempire.sidecar;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.InvalidSettings;
import com.ytempire.sidecar.telemetry.LogConfigurator;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration and runs. With a word on its command line it is one of the operators'
 * commands instead: {@code grafana}, {@code keyset}, {@code migrate} or {@code token}.
 */
public final class Main {
  private Main() {}

  /** Made when it is first asked for: a command says before that it has no file of lines. */
  private static Logger log() {
    return LoggerFactory.getLogger(Main.class);
  }

  /**
   * Exit status 2: the settings or words cannot be used; 1: a part that is needed is unavailable.
   */
  public static void main(String[] arguments) {
    if (arguments.length > 0) {
      LogConfigurator.omitFile();
      System.exit(Commands.run(System.getenv(), System.out, System.err, Main::clock, arguments));
    }
    App app;
    try {
      Config config = Config.from(System.getenv());
      if (config.storage().database().adminPassword() != null) {
        log()
            .warn(
                "YTEMPIRE_DATABASE_ADMIN_PASSWORD is set: this sidecar migrates at its start and then goes"
                    + " on with a superuser's password in memory. In production ./ytempire migrate migrates.");
      }
      app = App.start(config, clock(config.clockOffset()));
    } catch (InvalidSettings | IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    } catch (RuntimeException e) {
      log().error("the sidecar cannot start: {}", e.getMessage());
      log().debug("because", e);
      System.exit(1);
      return;
    }
    SoftMaxHeap.start();
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  app.close();
                  log().info("stopped");
                }));
    log().info("listening on port {}", app.port());
  }

  /**
   * Returns the product's only clock, moved by {@code YTEMPIRE_CLOCK_OFFSET}, and warns when that
   * is not the machine's time.
   */
  static Clock clock(Duration offset) {
    Clock clock = Clock.offset(Clock.systemUTC(), offset);
    if (!offset.isZero()) {
      log()
          .warn(
              "YTEMPIRE_CLOCK_OFFSET={}: this sidecar takes it to be {}. That is for demos and tests"
                  + " only: quota windows, due times and stored timestamps are wrong for the real Google.",
              offset,
              clock.instant());
    }
    return clock;
  }
}
