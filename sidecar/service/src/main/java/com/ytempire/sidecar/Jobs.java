package com.ytempire.sidecar;

import com.ytempire.sidecar.costs.PlatformCosts;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Maintenance;
import com.ytempire.sidecar.events.ActivityRecorder;
import com.ytempire.sidecar.fairness.Replicas;
import com.ytempire.sidecar.metrics.MetricRoutes;
import com.ytempire.sidecar.privacy.PolicyJobs;
import com.ytempire.sidecar.tenancy.DatabaseLogins;
import com.ytempire.sidecar.tenancy.TenantAlarm;
import com.ytempire.sidecar.webhooks.QuotaWatch;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The background jobs of a sidecar: what runs every second, minute and hour. */
record Jobs(
    Core core, Google google, Access access, ChannelData channels, Integrations integrations) {
  static final String HOURLY = "hourly";
  static final String MINUTELY = "minutely";
  static final String QUALITY = "quality";
  static final String SUCCESS = "success";
  static final String ROLLUP_FILLING = "rollup-filling";
  static final String ACTIVITIES = "activities";
  static final String DASHBOARDS = "dashboards";
  static final String BILLING = "billing";
  static final String REPORT_VERIFICATIONS = "report-verifications";

  void schedule(Scheduler scheduler) {
    scheduler.schedule(HOURLY, Duration.ofMinutes(1), Duration.ofHours(1), hourly());
    scheduler.schedule(MINUTELY, Duration.ofMinutes(1), Duration.ofMinutes(1), minutely());
    // A thread of its own: it may wait for YouTube.
    scheduler.schedule(
        QUALITY,
        core.config().fetching().checkInterval(),
        core.config().fetching().checkInterval(),
        Map.of(QUALITY, channels.quality()::run));
    // So has this: it reads panels of every user.
    scheduler.schedule(
        SUCCESS,
        Duration.ofMinutes(1),
        Duration.ofHours(1),
        Map.of(SUCCESS, channels.success()::count));
    scheduler.schedule(
        ROLLUP_FILLING,
        Duration.ofMinutes(1),
        () -> core.database().maintenance().fillRollups(core.clock()));
    scheduler.schedule(ACTIVITIES, ActivityRecorder.INTERVAL, core.activities()::run);
    scheduler.schedule("deliveries", Duration.ofSeconds(1), integrations.deliveries()::run);
    scheduler.schedule("database-logins", Duration.ofSeconds(5), access.logins()::enforceAll);
    scheduler.schedule(
        "database-login-activity", DatabaseLogins.OBSERVATION_INTERVAL, access.logins()::observe);
    // A thread of its own: Grafana may be slow, and holds up nothing else.
    scheduler.schedule(DASHBOARDS, Duration.ofSeconds(15), integrations.dashboards()::run);
    // So may Stripe be.
    scheduler.schedule(BILLING, Duration.ofMinutes(1), integrations.billing()::run);
    // So may the mail server.
    scheduler.schedule(REPORT_VERIFICATIONS, Duration.ofSeconds(15), integrations.reports()::run);
    scheduler.schedule(
        "n8n-executions", Duration.ofSeconds(2), integrations.executionErasures()::run);
    scheduler.schedule(
        "fetch-leases", MetricRoutes.LEASE_RENEWAL_INTERVAL, channels.metrics()::renewLeases);
    scheduler.schedule("replicas", Replicas.PUBLISH_INTERVAL, google.replicas()::publish);
    new AppMeters(core.telemetry()).registerJobs(scheduler);
  }

  private Map<String, Runnable> hourly() {
    Clock clock = core.clock();
    Database database = core.database();
    Maintenance maintenance = database.maintenance();
    Map<String, Runnable> hourly = new LinkedHashMap<>();
    hourly.put("event-partitions", () -> maintenance.maintainEventPartitions(clock));
    hourly.put("maintenance", () -> maintenance.maintain(clock));
    hourly.put("rollups", () -> maintenance.checkRollups(clock));
    hourly.put("policy-jobs", new PolicyJobs(database, access.grants(), core.cache(), clock)::run);
    hourly.put("platform-costs", new PlatformCosts(core.operator(), clock)::allocate);
    hourly.put("provider-totals", integrations.providerTotals()::count);
    hourly.put("channel-identities", channels.identity()::run);
    hourly.put("execution-erasures-sweep", integrations.executionErasures()::sweep);
    hourly.put("deliveries-sweep", integrations.deliveries()::sweep);
    hourly.put("webhook-secrets", integrations.deliveries()::encryptSecretsAnew);
    hourly.put("upload-secrets", channels.metrics()::encryptSecretsAnew);
    return hourly;
  }

  private Map<String, Runnable> minutely() {
    Clock clock = core.clock();
    Database database = core.database();
    Map<String, Runnable> minutely = new LinkedHashMap<>();
    minutely.put("reservations", core.quota()::expireReservations);
    minutely.put("held-batches", channels.metrics()::sweepHeldBatches);
    minutely.put("quota-watch", new QuotaWatch(database, core.quota(), clock)::run);
    minutely.put("channel-freshness", channels.freshness()::run);
    minutely.put("hub", channels.hub()::run);
    minutely.put("uptime", channels.success()::noteUptime);
    minutely.put(
        "tenant-alarm",
        new TenantAlarm(database, core.config().security().tenantAlarmMargin(), clock)::run);
    return minutely;
  }
}
