package com.ytempire.sidecar;

import com.ytempire.sidecar.analytics.AnalyticsRoutes;
import com.ytempire.sidecar.billing.BillingRoutes;
import com.ytempire.sidecar.costs.CostRoutes;
import com.ytempire.sidecar.costs.PlatformCostRoutes;
import com.ytempire.sidecar.costs.PlatformCosts;
import com.ytempire.sidecar.costs.PriceRoutes;
import com.ytempire.sidecar.dashboards.DashboardRoutes;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.events.EventRoutes;
import com.ytempire.sidecar.insight.InsightRoutes;
import com.ytempire.sidecar.insight.WeeklyInsight;
import com.ytempire.sidecar.oauth.ChannelLookup;
import com.ytempire.sidecar.oauth.ConnectRoutes;
import com.ytempire.sidecar.oauth.OwnerConsents;
import com.ytempire.sidecar.privacy.ExportRoutes;
import com.ytempire.sidecar.privacy.PrivacyRoutes;
import com.ytempire.sidecar.quality.IncidentRoutes;
import com.ytempire.sidecar.quality.QualityRoutes;
import com.ytempire.sidecar.quota.QuotaRoutes;
import com.ytempire.sidecar.telemetry.DiskSpace;
import com.ytempire.sidecar.telemetry.HealthRoutes;
import com.ytempire.sidecar.tenancy.ChannelRoutes;
import com.ytempire.sidecar.tenancy.Notices;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.UserRoutes;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.webhooks.Subscriptions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Everything that can be requested, in the order in which the documentation lists it. */
record Endpoints(
    Core core, Google google, Access access, ChannelData channels, Integrations integrations) {

  List<Endpoint> all(HealthRoutes health) {
    return join(health.endpoints(), ofUsers(), ofChannels(), ofAnalytics(), ofPlatform());
  }

  HealthRoutes health(Scheduler scheduler) {
    return new HealthRoutes(
        Map.of(
            "postgresql",
            core.database()::health,
            "redis",
            () -> core.quota().isUp() ? "up" : "unavailable"),
        Map.of(
            "channels",
            channels.freshness()::warning,
            "google",
            google.project()::warning,
            "hub",
            channels.hub()::warning,
            "disk",
            DiskSpace.ofThisProcess()::warning,
            "jobs",
            scheduler::warning,
            "dashboards",
            integrations.dashboards()::warning));
  }

  private List<Endpoint> ofUsers() {
    Clock clock = core.clock();
    Database database = core.database();
    TenantAccess tenants = access.tenants();
    return join(
        access.tokens().endpoints(),
        access.logins().endpoints(),
        new UserRoutes(database, tenants, access.logins(), clock).endpoints(),
        new DashboardRoutes(integrations.dashboards(), tenants).endpoints(),
        integrations.reports().endpoints(),
        new Notices(tenants).endpoints(),
        new ExportRoutes(database, tenants, core.config().storage().exportBytes(), clock)
            .endpoints(),
        new PrivacyRoutes(
                database,
                tenants,
                access.grants(),
                core.cache(),
                integrations.executionErasures(),
                List.of(core.quota()::forget, userId -> access.logins().enforce()),
                clock)
            .endpoints());
  }

  private List<Endpoint> ofChannels() {
    Clock clock = core.clock();
    Database database = core.database();
    TenantAccess tenants = access.tenants();
    return join(
        new ChannelRoutes(database, tenants, clock).endpoints(),
        new ConnectRoutes(
                database,
                tenants,
                access.grants(),
                core.cipher(),
                new OwnerConsents(
                    database, access.grants(), google.oauth(), google.youTube(), clock),
                core.config().http(),
                clock)
            .endpoints(),
        new ChannelLookup(
                tenants,
                channels.youTube(),
                core.cache(),
                core.config().google().apiKey() != null,
                clock)
            .endpoints(),
        channels.metrics().endpoints());
  }

  private List<Endpoint> ofAnalytics() {
    Clock clock = core.clock();
    TenantAccess tenants = access.tenants();
    return join(
        new AnalyticsRoutes(tenants, clock).endpoints(),
        new CostRoutes(tenants, core.contract(), clock).endpoints(),
        new PriceRoutes(core.operator(), tenants).endpoints(),
        new PlatformCostRoutes(core.operator(), tenants, new PlatformCosts(core.operator(), clock))
            .endpoints(),
        integrations.providerTotals().endpoints(),
        new InsightRoutes(new WeeklyInsight(clock), tenants, clock).endpoints(),
        new QualityRoutes(tenants, clock).endpoints(),
        new IncidentRoutes(core.database(), tenants, clock).endpoints(),
        channels.success().endpoints());
  }

  private List<Endpoint> ofPlatform() {
    Clock clock = core.clock();
    TenantAccess tenants = access.tenants();
    return join(
        new EventRoutes(tenants, core.config().storage().eventsPerUserDay(), clock).endpoints(),
        new BillingRoutes(integrations.billing(), tenants, clock).endpoints(),
        new QuotaRoutes(
                core.quota(),
                (caller, userId, action) -> tenants.use(caller, userId, action, handle -> {}),
                clock)
            .endpoints(),
        new Subscriptions(
                core.database(), tenants, integrations.deliveries(), core.secretCipher(), clock)
            .endpoints());
  }

  @SafeVarargs
  private static List<Endpoint> join(List<Endpoint>... lists) {
    return Stream.of(lists).flatMap(List::stream).toList();
  }
}
