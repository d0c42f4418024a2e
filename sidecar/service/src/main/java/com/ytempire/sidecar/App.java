package com.ytempire.sidecar;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.telemetry.HealthRoutes;
import com.ytempire.sidecar.telemetry.MetricsServer;
import com.ytempire.sidecar.telemetry.Telemetry;
import com.ytempire.sidecar.web.Server;
import java.time.Clock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the parts of the sidecar together; what {@link Main} runs and tests start. */
public final class App implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(App.class);

  private final Parts parts = new Parts();
  private final Scheduler scheduler;
  private final Server server;
  private @Nullable MetricsServer metrics;

  private App(Config config, Clock clock) {
    this.scheduler = new Scheduler(clock);
    try {
      this.server = wire(config, clock);
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /**
   * Migrates the database, connects to everything and starts to listen.
   *
   * @throws RuntimeException with a sentence for people when a part is unavailable or a setting is
   *     of no use; nothing is left running
   */
  public static App start(Config config, Clock clock) {
    return new App(config, clock);
  }

  private Server wire(Config config, Clock clock) {
    StartPhases phases = new StartPhases(clock);
    Core core = Core.open(config, parts, phases, clock);
    Google google = Google.open(core, parts);
    Access access = Access.open(core, google);
    ChannelData channels = ChannelData.open(core, google, access);
    Integrations integrations = Integrations.open(core, access, parts);
    Endpoints endpoints = new Endpoints(core, google, access, channels, integrations);
    HealthRoutes health = endpoints.health(scheduler);
    parts.opened(scheduler);
    new Jobs(core, google, access, channels, integrations).schedule(scheduler);
    Telemetry telemetry = core.telemetry();
    metrics =
        parts.opened(
            MetricsServer.start(
                config.http().host(), config.http().metricsPort(), telemetry::scrape));
    phases.end("parts");
    Server started =
        parts.opened(
            Server.start(
                config.http(),
                core.contract(),
                access.tokens(),
                endpoints.all(health),
                new ProblemMapper(clock)::map,
                telemetry::recordRequest,
                clock));
    // Closed first.
    parts.opened(new ShutdownDelay(health, config.http().shutdownDelay()));
    phases.end("http");
    log.info("started: {}", phases);
    return started;
  }

  /** Fills rollups now. */
  void fillRollups() {
    scheduler.runNow(Jobs.ROLLUP_FILLING);
  }

  /** Runs the hourly jobs now. */
  public void runJobs() {
    scheduler.runNow(Jobs.HOURLY);
  }

  /** Runs the jobs of the minute now. */
  public void runMinuteJobs() {
    scheduler.runNow(Jobs.MINUTELY);
  }

  /** Makes the checks of the data that are due now. */
  public void runQualityChecks() {
    scheduler.runNow(Jobs.QUALITY);
  }

  /** Counts anew how users do. */
  public void countSuccess() {
    scheduler.runNow(Jobs.SUCCESS);
  }

  /** Reads the subscriptions that are due now. */
  public void runBilling() {
    scheduler.runNow(Jobs.BILLING);
  }

  /** Records the activities that wait now. */
  public void recordActivities() {
    scheduler.runNow(Jobs.ACTIVITIES);
  }

  /** Runs the job of the dashboards now. */
  void runDashboards() {
    scheduler.runNow(Jobs.DASHBOARDS);
  }

  /** Runs the job that mails links to verify addresses now. */
  public void runReportVerifications() {
    scheduler.runNow(Jobs.REPORT_VERIFICATIONS);
  }

  public int port() {
    return server.port();
  }

  /** The port of {@code /metrics}. */
  public int metricsPort() {
    return Objects.requireNonNull(metrics).port();
  }

  /**
   * Is not ready any more, waits for the proxy to notice, stops to listen, lets requests under way
   * finish, then closes what they needed.
   */
  @Override
  public void close() {
    parts.close();
  }
}
