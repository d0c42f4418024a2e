package com.ytempire.sidecar;

import com.ytempire.sidecar.costs.ProviderTotals;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.fairness.Replicas;
import com.ytempire.sidecar.metrics.ChannelFreshness;
import com.ytempire.sidecar.metrics.HubMonitor;
import com.ytempire.sidecar.quality.Check;
import com.ytempire.sidecar.quality.IsolationProbe;
import com.ytempire.sidecar.quality.QualityMonitor;
import com.ytempire.sidecar.quality.Success;
import com.ytempire.sidecar.telemetry.Telemetry;
import com.ytempire.sidecar.tenancy.Connection;
import com.ytempire.sidecar.youtube.GoogleProject;
import java.util.Locale;

/** Registers the gauges of parts that know no telemetry. */
final class AppMeters {
  private final Telemetry telemetry;

  AppMeters(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  void registerCalls(String api, FairScheduler calls) {
    telemetry.gauge(
        "ytempire.calls.waiting",
        "Calls to Google that wait for a permit",
        "api",
        api,
        calls::waiting);
    telemetry.gauge(
        "ytempire.calls.running", "Calls to Google under way", "api", api, calls::running);
  }

  void registerReplicas(Replicas replicas) {
    telemetry.gauge(
        "ytempire.replicas",
        "Sidecars that receive what each other publish",
        "heard-by",
        "this",
        replicas::count);
  }

  void registerState(ChannelFreshness freshness, GoogleProject project, HubMonitor hub) {
    telemetry.gauge(
        "ytempire.channels.stale",
        "Percent of the connected channels without statistics of the last 6 hours",
        "of",
        "connected",
        freshness::stalePercent);
    for (Connection connection : Connection.values()) {
      telemetry.gauge(
          "ytempire.channels",
          "Active channels, by the state of their connection to YouTube",
          "state",
          connection.label(),
          () -> freshness.channels(connection));
    }
    telemetry.gauge(
        "ytempire.google.apis.disabled",
        "APIs of Google that are not enabled in the Google project",
        "by",
        "this",
        project::disabledApis);
    telemetry.gauge(
        "ytempire.google.testing",
        "1 while Google gives grants that end after 7 days",
        "by",
        "this",
        project::isInTesting);
    telemetry.gauge(
        "ytempire.uploads.hub.silent",
        "Channels whose new videos YouTube's hub did not push",
        "of",
        "connected",
        hub::silentChannels);
  }

  void registerQuality(QualityMonitor quality, IsolationProbe probe, Success success) {
    for (Check check : Check.values()) {
      telemetry.gauge(
          "ytempire.quality.incidents",
          "Users with an open incident of a check of the data",
          "check",
          check.label(),
          () -> quality.open(check));
    }
    telemetry.gauge(
        "ytempire.quality.isolation.faults",
        "What the database's catalog shows to be wrong with isolation",
        "by",
        "this",
        quality::isolationFaults);
    telemetry.gauge(
        "ytempire.quality.isolation.leaks",
        "What the database logins of two users could see or do of each other",
        "by",
        "this",
        probe::leaks);
    telemetry.gauge(
        "ytempire.quality.isolation.probe.timestamp.seconds",
        "When the logins of two users were last tried, in seconds of Unix time; 0: not since the start; NaN: there are no two",
        "by",
        "this",
        probe::timestampSeconds);
    for (Success.Gauge gauge : Success.Gauge.values()) {
      telemetry.gauge(
          "ytempire.success",
          "Counts and shares of users, and how the platform does",
          "measure",
          gauge.name().toLowerCase(Locale.ROOT).replace('_', '-'),
          () -> success.gauge(gauge));
    }
  }

  void registerCosts(ProviderTotals totals) {
    telemetry.gauge(
        "ytempire.costs.totals.outside.limit",
        "Comparisons of the cost ledger with providers' totals, of this month and the two before, that are more than 2 % apart",
        "by",
        "this",
        totals::outsideLimit);
  }

  void registerJobs(Scheduler scheduler) {
    scheduler
        .jobs()
        .forEach(job -> {
          telemetry.gauge(
              "ytempire.jobs.failures",
              "Runs of a job that failed in a row",
              "job",
              job,
              () -> scheduler.failures(job));
          telemetry.gauge(
              "ytempire.jobs.success.timestamp.seconds",
              "When a job last ended well, or the start if it has not since, in seconds of Unix time",
              "job",
              job,
              () -> scheduler.succeededAtSeconds(job));
        });
  }
}
