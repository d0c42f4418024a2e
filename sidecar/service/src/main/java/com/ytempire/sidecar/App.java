package com.ytempire.sidecar;

import com.google.api.client.http.javanet.NetHttpTransport;
import com.ytempire.sidecar.analytics.AnalyticsRoutes;
import com.ytempire.sidecar.billing.Billing;
import com.ytempire.sidecar.billing.BillingRoutes;
import com.ytempire.sidecar.cache.Broadcast;
import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.costs.CostRoutes;
import com.ytempire.sidecar.costs.PlatformCostRoutes;
import com.ytempire.sidecar.costs.PlatformCosts;
import com.ytempire.sidecar.costs.PriceRoutes;
import com.ytempire.sidecar.costs.ProviderTotals;
import com.ytempire.sidecar.dashboards.DashboardRoutes;
import com.ytempire.sidecar.dashboards.Dashboards;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.LoginProbe;
import com.ytempire.sidecar.events.ActivityRecorder;
import com.ytempire.sidecar.events.EventRoutes;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.fairness.Replicas;
import com.ytempire.sidecar.insight.InsightRoutes;
import com.ytempire.sidecar.insight.WeeklyInsight;
import com.ytempire.sidecar.metrics.ChannelFreshness;
import com.ytempire.sidecar.metrics.HubMonitor;
import com.ytempire.sidecar.metrics.MetricRoutes;
import com.ytempire.sidecar.metrics.StoreAccess;
import com.ytempire.sidecar.metrics.YouTubeAccess;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.oauth.ChannelIdentity;
import com.ytempire.sidecar.oauth.ChannelLookup;
import com.ytempire.sidecar.oauth.ConnectRoutes;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.oauth.OwnerConsents;
import com.ytempire.sidecar.oauth.StoredSecretCipher;
import com.ytempire.sidecar.privacy.ExecutionErasures;
import com.ytempire.sidecar.privacy.PolicyJobs;
import com.ytempire.sidecar.privacy.PrivacyRoutes;
import com.ytempire.sidecar.quality.IsolationProbe;
import com.ytempire.sidecar.quality.QualityMonitor;
import com.ytempire.sidecar.quality.QualityRoutes;
import com.ytempire.sidecar.quality.Success;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaMeters;
import com.ytempire.sidecar.quota.QuotaRoutes;
import com.ytempire.sidecar.reports.LinkCipher;
import com.ytempire.sidecar.reports.ReportMails;
import com.ytempire.sidecar.telemetry.DiskSpace;
import com.ytempire.sidecar.telemetry.HealthRoutes;
import com.ytempire.sidecar.telemetry.MetricsServer;
import com.ytempire.sidecar.telemetry.Telemetry;
import com.ytempire.sidecar.tenancy.ApiTokens;
import com.ytempire.sidecar.tenancy.ChannelRoutes;
import com.ytempire.sidecar.tenancy.DatabaseLogins;
import com.ytempire.sidecar.tenancy.Notices;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.TenantAlarm;
import com.ytempire.sidecar.tenancy.UserRoutes;
import com.ytempire.sidecar.tenancy.Users;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Server;
import com.ytempire.sidecar.webhooks.Deliveries;
import com.ytempire.sidecar.webhooks.QuotaWatch;
import com.ytempire.sidecar.webhooks.Subscriptions;
import com.ytempire.sidecar.youtube.GoogleFeeds;
import com.ytempire.sidecar.youtube.GoogleOAuth;
import com.ytempire.sidecar.youtube.GoogleProject;
import com.ytempire.sidecar.youtube.GoogleYouTube;
import com.ytempire.sidecar.youtube.MeteredCalls;
import io.lettuce.core.RedisClient;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the parts of the sidecar together; what {@link Main} runs and tests start. */
public final class App implements AutoCloseable {
  /** What replicas of earlier versions listen to, too. */
  private static final String FAIRNESS_CHANNEL = "turns";

  private static final Logger log = LoggerFactory.getLogger(App.class);
  private static final String HOURLY = "hourly";
  private static final String QUALITY = "quality";
  private static final String SUCCESS = "success";
  private static final String ROLLUP_FILLING = "rollup-filling";
  private static final String ACTIVITIES = "activities";
  private static final String MINUTELY = "minutely";

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Scheduler scheduler = new Scheduler();
  private final Server server;
  private @Nullable MetricsServer metrics;

  private App(Config config, Clock clock) {
    try {
      this.server = wire(config, clock);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Migrates the database, connects to everything and starts to listen.
   *
   * @throws RuntimeException with a sentence for people when a part is away or a setting is of no
   *     use; nothing is left running
   */
  public static App start(Config config, Clock clock) {
    return new App(config, clock);
  }

  /** What all features stand on. */
  private record Core(
      Config config,
      Telemetry telemetry,
      Database database,
      ActivityRecorder activities,
      GrantCipher cipher,
      Quota quota,
      Cache cache,
      Clock clock) {

    private void recordCall(@Nullable UUID userId, String method, String outcome, Duration took) {
      telemetry.recordCall(method, outcome, took);
      activities.recordCall(userId, method, outcome);
    }
  }

  /** Google's services, each by one adapter. */
  private record Google(
      GoogleProject project,
      GoogleYouTube youTube,
      GoogleFeeds feeds,
      GoogleOAuth oauth,
      Replicas replicas) {}

  /** Who may act for whom. */
  private record Access(
      TenantAccess tenants, ApiTokens tokens, DatabaseLogins logins, Grants grants) {}

  /** The features that have jobs beside their routes. */
  private record Features(
      ChannelIdentity identity,
      ChannelFreshness freshness,
      HubMonitor hub,
      QualityMonitor quality,
      Success success,
      ProviderTotals providerTotals,
      Dashboards dashboards,
      Billing billing,
      ExecutionErasures executionErasures,
      MetricRoutes metrics,
      ReportMails reports,
      Deliveries deliveries) {}

  private Server wire(Config config, Clock clock) {
    StartPhases phases = new StartPhases(clock);
    // Neither needs the database, nor the database them.
    CompletableFuture<Contract> reading =
        CompletableFuture.supplyAsync(Contract::load, Thread::startVirtualThread);
    CompletableFuture<GrantCipher> unsealing =
        CompletableFuture.supplyAsync(
            () -> new GrantCipher(config.security().grantKeyset()), Thread::startVirtualThread);
    Telemetry telemetry = opened(new Telemetry());
    Database database =
        opened(Database.open(config.storage().database(), telemetry.registry(), clock));
    ActivityRecorder activities =
        opened(new ActivityRecorder(database, telemetry::recordDroppedEvents, clock));
    phases.end("database");
    Contract contract = result(reading);
    GrantCipher cipher = result(unsealing);
    phases.end("contract and keys");
    RedisClient redis = opened(new RedisConnection(config.storage().redis())).client();
    Quota quota = opened(quota(config, database, redis, clock));
    Cache cache =
        opened(new Cache(redis, cacheCipher(cipher), telemetry::recordRejectedCacheEntry, clock));
    phases.end("redis");
    Core core = new Core(config, telemetry, database, activities, cipher, quota, cache, clock);
    Google google = google(core, redis);
    Access access = access(core, google);
    SecretCipher secretCipher = new StoredSecretCipher(cipher);
    Features features = features(core, google, access, contract, secretCipher);
    List<Endpoint> endpoints = endpoints(core, google, access, features, contract, secretCipher);
    schedule(core, google, access, features);
    metrics =
        opened(
            MetricsServer.start(
                config.http().host(), config.http().metricsPort(), telemetry::scrape));
    phases.end("parts");
    Server started =
        opened(
            Server.start(
                config.http(),
                contract,
                access.tokens(),
                endpoints,
                new ProblemMapper(clock)::map,
                telemetry::recordRequest,
                clock));
    phases.end("http");
    log.info("started: {}", phases);
    return started;
  }

  private static Quota quota(Config config, Database database, RedisClient redis, Clock clock) {
    return new Quota(
        redis,
        database,
        config.quotas().limits(),
        config.quotas().sharing(),
        () -> Users.weights(database),
        config.fetching().isStatisticsPooled(),
        clock);
  }

  private Google google(Core core, RedisClient redis) {
    Clock clock = core.clock();
    Config.Google settings = core.config().google();
    Telemetry telemetry = core.telemetry();
    FairScheduler data = scheduler(core.config().fetching().concurrency(), clock);
    FairScheduler analytics = scheduler(core.config().fetching().concurrency(), clock);
    Broadcast broadcast = opened(new Broadcast(redis, FAIRNESS_CHANNEL));
    Replicas replicas =
        new Replicas(Map.of("data", data, "analytics", analytics), broadcast::say, clock);
    broadcast.listen(replicas::receive);
    AppMeters meters = new AppMeters(telemetry);
    meters.registerCalls("data", data);
    meters.registerCalls("analytics", analytics);
    meters.registerReplicas(replicas);
    QuotaMeters.register(telemetry, core.database(), core.quota().report(), clock);
    NetHttpTransport transport = new NetHttpTransport();
    GoogleProject project = new GoogleProject(clock);
    return new Google(
        project,
        new GoogleYouTube(
            transport,
            settings,
            new MeteredCalls(data, core.quota(), core::recordCall, project, clock),
            new MeteredCalls(analytics, core.quota(), core::recordCall, project, clock),
            clock),
        new GoogleFeeds(transport, settings, core::recordCall, clock),
        new GoogleOAuth(transport, settings, project, clock),
        replicas);
  }

  private static Access access(Core core, Google google) {
    Clock clock = core.clock();
    Database database = core.database();
    TenantAccess tenants = new TenantAccess(database, core.activities(), clock);
    ApiTokens tokens =
        new ApiTokens(database, tenants, core.telemetry()::recordRefusedToken, clock);
    @Nullable String operatorToken = core.config().security().operatorToken();
    if (operatorToken != null) {
      tokens.ensureOperator(operatorToken);
    }
    DatabaseLogins logins =
        new DatabaseLogins(
            database,
            new TenantAccess(database.operator(), clock),
            core.telemetry()::recordEnforcement,
            clock);
    return new Access(
        tenants, tokens, logins, new Grants(database, core.cipher(), google.oauth(), clock));
  }

  private Features features(
      Core core, Google google, Access access, Contract contract, SecretCipher secretCipher) {
    Clock clock = core.clock();
    Database database = core.database();
    Config.Integrations integrations = core.config().integrations();
    ChannelIdentity identity =
        new ChannelIdentity(database, google.youTube(), access.grants(), clock);
    ChannelFreshness freshness = new ChannelFreshness(database, clock);
    HubMonitor hub = new HubMonitor(database, clock);
    new AppMeters(core.telemetry()).registerState(freshness, google.project(), hub);
    AuthorizedYouTube authorized =
        new AuthorizedYouTube(google.youTube(), access.grants(), identity);
    YouTubeAccess youTube =
        new YouTubeAccess(authorized, google.feeds(), core.cache(), core.quota());
    IsolationProbe isolationProbe =
        new IsolationProbe(
            database.operator(),
            access.logins(),
            new LoginProbe(core.config().storage().database().url()),
            clock);
    QualityMonitor quality =
        new QualityMonitor(
            database, authorized, isolationProbe, core.config().fetching().checkInterval(), clock);
    Success success = new Success(database, access.tenants(), clock);
    ProviderTotals providerTotals =
        new ProviderTotals(database.operator(), access.tenants(), clock);
    AppMeters meters = new AppMeters(core.telemetry());
    meters.registerQuality(quality, isolationProbe, success);
    meters.registerCosts(providerTotals);
    return new Features(
        identity,
        freshness,
        hub,
        quality,
        success,
        providerTotals,
        opened(new Dashboards(database.operator(), access.logins(), integrations.grafana(), clock)),
        opened(
            new Billing(database.operator(), integrations.stripe(), core.quota()::reshare, clock)),
        opened(new ExecutionErasures(database.operator(), integrations.n8n(), clock)),
        new MetricRoutes(
            new StoreAccess(database, access.tenants(), core.telemetry()::recordRejectedRows),
            youTube,
            contract,
            core.config(),
            secretCipher,
            clock),
        new ReportMails(
            database,
            access.tenants(),
            linkCipher(core.cipher()),
            WeeklyInsight::sentences,
            core.config(),
            clock),
        opened(
            new Deliveries(
                database,
                core.telemetry()::recordDelivery,
                integrations.webhooks().allowedTargets(),
                secretCipher,
                clock)));
  }

  /** All routes, in the order in which the documentation lists them. */
  private List<Endpoint> endpoints(
      Core core,
      Google google,
      Access access,
      Features features,
      Contract contract,
      SecretCipher secretCipher) {
    Clock clock = core.clock();
    Database database = core.database();
    TenantAccess tenants = access.tenants();
    return Stream.of(
            health(core, google, features).endpoints(),
            access.tokens().endpoints(),
            access.logins().endpoints(),
            new UserRoutes(database, tenants, access.logins(), clock).endpoints(),
            new DashboardRoutes(features.dashboards(), tenants).endpoints(),
            features.reports().endpoints(),
            new Notices(tenants).endpoints(),
            new PrivacyRoutes(
                    database,
                    tenants,
                    access.grants(),
                    core.cache(),
                    features.executionErasures(),
                    List.of(core.quota()::forget, userId -> access.logins().enforce()),
                    clock)
                .endpoints(),
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
                    new AuthorizedYouTube(google.youTube(), access.grants(), features.identity()),
                    core.cache(),
                    core.config().google().apiKey() != null,
                    clock)
                .endpoints(),
            features.metrics().endpoints(),
            new AnalyticsRoutes(tenants, clock).endpoints(),
            new CostRoutes(tenants, contract, clock).endpoints(),
            new PriceRoutes(database.operator(), tenants).endpoints(),
            new PlatformCostRoutes(
                    database.operator(), tenants, new PlatformCosts(database.operator(), clock))
                .endpoints(),
            features.providerTotals().endpoints(),
            new InsightRoutes(new WeeklyInsight(clock), tenants, clock).endpoints(),
            new QualityRoutes(database, tenants, clock).endpoints(),
            features.success().endpoints(),
            new EventRoutes(tenants, core.config().storage().eventsPerUserDay(), clock).endpoints(),
            new BillingRoutes(features.billing(), tenants, clock).endpoints(),
            new QuotaRoutes(
                    core.quota(),
                    (caller, userId, action) -> tenants.use(caller, userId, action, handle -> {}),
                    clock)
                .endpoints(),
            new Subscriptions(database, tenants, features.deliveries(), secretCipher, clock)
                .endpoints())
        .flatMap(List::stream)
        .toList();
  }

  private HealthRoutes health(Core core, Google google, Features features) {
    return new HealthRoutes(
        Map.of(
            "postgresql",
            core.database()::health,
            "redis",
            () -> core.quota().isUp() ? "up" : "unavailable"),
        Map.of(
            "channels",
            features.freshness()::warning,
            "google",
            google.project()::warning,
            "hub",
            features.hub()::warning,
            "disk",
            DiskSpace.ofThisProcess()::warning,
            "jobs",
            scheduler::warning,
            "dashboards",
            features.dashboards()::warning));
  }

  private void schedule(Core core, Google google, Access access, Features features) {
    Clock clock = core.clock();
    Database database = core.database();
    parts.push(scheduler);
    Map<String, Runnable> hourly = new LinkedHashMap<>();
    hourly.put("event-partitions", () -> database.maintainEventPartitions(clock));
    hourly.put("maintenance", () -> database.maintain(clock));
    hourly.put("rollups", () -> database.checkRollups(clock));
    hourly.put("policy-jobs", new PolicyJobs(database, access.grants(), core.cache(), clock)::run);
    hourly.put("platform-costs", new PlatformCosts(database.operator(), clock)::allocate);
    hourly.put("provider-totals", features.providerTotals()::count);
    hourly.put("channel-identities", features.identity()::run);
    hourly.put("execution-erasures-sweep", features.executionErasures()::sweep);
    hourly.put("deliveries-sweep", features.deliveries()::sweep);
    hourly.put("webhook-secrets", features.deliveries()::encryptSecretsAnew);
    hourly.put("upload-secrets", features.metrics()::encryptSecretsAnew);
    scheduler.schedule(HOURLY, Duration.ofMinutes(1), Duration.ofHours(1), hourly);
    Map<String, Runnable> minutely = new LinkedHashMap<>();
    minutely.put("reservations", core.quota()::expireReservations);
    minutely.put("held-batches", features.metrics()::sweepHeldBatches);
    minutely.put("quota-watch", new QuotaWatch(database, core.quota(), clock)::run);
    minutely.put("channel-freshness", features.freshness()::run);
    minutely.put("hub", features.hub()::run);
    minutely.put("uptime", features.success()::noteUptime);
    minutely.put(
        "tenant-alarm",
        new TenantAlarm(database, core.config().security().tenantAlarmMargin(), clock)::run);
    scheduler.schedule(MINUTELY, Duration.ofMinutes(1), Duration.ofMinutes(1), minutely);
    // A thread of its own: it may wait for YouTube.
    scheduler.schedule(
        QUALITY,
        core.config().fetching().checkInterval(),
        core.config().fetching().checkInterval(),
        Map.of(QUALITY, features.quality()::run));
    // So has this: it reads panels of every user.
    scheduler.schedule(
        SUCCESS,
        Duration.ofMinutes(1),
        Duration.ofHours(1),
        Map.of(SUCCESS, features.success()::count));
    scheduler.schedule(ROLLUP_FILLING, Duration.ofMinutes(1), () -> database.fillRollups(clock));
    scheduler.schedule(ACTIVITIES, ActivityRecorder.INTERVAL, core.activities()::run);
    scheduler.schedule("deliveries", Duration.ofSeconds(1), features.deliveries()::run);
    scheduler.schedule("database-logins", Duration.ofSeconds(5), access.logins()::enforce);
    scheduler.schedule(
        "database-login-activity", DatabaseLogins.OBSERVATION_INTERVAL, access.logins()::observe);
    // A thread of its own: Grafana may be slow, and holds up nothing else.
    scheduler.schedule("dashboards", Duration.ofSeconds(15), features.dashboards()::run);
    // So may Stripe be.
    scheduler.schedule("billing", Duration.ofMinutes(1), features.billing()::run);
    // So may the mail server.
    scheduler.schedule("report-verifications", Duration.ofSeconds(15), features.reports()::run);
    scheduler.schedule("n8n-executions", Duration.ofSeconds(2), features.executionErasures()::run);
    scheduler.schedule("replicas", Replicas.PUBLISH_INTERVAL, google.replicas()::publish);
    new AppMeters(core.telemetry()).registerJobs(scheduler);
  }

  /** What a thread beside made, or its failure as if it had been made here. */
  private static <T> T result(CompletableFuture<T> made) {
    try {
      return made.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static Cache.Cipher cacheCipher(GrantCipher cipher) {
    return new Cache.Cipher() {
      @Override
      public byte[] encrypt(String text, String boundTo) {
        return cipher.encrypt(text, boundTo);
      }

      @Override
      public Optional<String> decrypt(byte[] ciphertext, String boundTo) {
        return cipher.decrypt(ciphertext, boundTo);
      }
    };
  }

  private static LinkCipher linkCipher(GrantCipher cipher) {
    return new LinkCipher() {
      @Override
      public byte[] encrypt(String text, String boundTo) {
        return cipher.encrypt(text, boundTo);
      }

      @Override
      public Optional<String> decrypt(byte[] ciphertext, String boundTo) {
        return cipher.decrypt(ciphertext, boundTo);
      }
    };
  }

  private static FairScheduler scheduler(Config.Concurrency settings, Clock clock) {
    return new FairScheduler(
        settings.concurrent(),
        settings.concurrentPerUser(),
        settings.waiting(),
        settings.waitingPerUser(),
        clock);
  }

  /** Fills rollups now. */
  void fillRollups() {
    scheduler.runNow(ROLLUP_FILLING);
  }

  /** Runs the hourly jobs now. */
  public void runJobs() {
    scheduler.runNow(HOURLY);
  }

  /** Runs the jobs of the minute now. */
  public void runMinuteJobs() {
    scheduler.runNow(MINUTELY);
  }

  /** Makes the checks of the data that are due now. */
  public void runQualityChecks() {
    scheduler.runNow(QUALITY);
  }

  /** Counts anew how users do. */
  public void countSuccess() {
    scheduler.runNow(SUCCESS);
  }

  /** Reads the subscriptions that are due now. */
  public void runBilling() {
    scheduler.runNow("billing");
  }

  /** Records the activities that wait now. */
  public void recordActivities() {
    scheduler.runNow(ACTIVITIES);
  }

  /** Runs the job of the dashboards now. */
  void runDashboards() {
    scheduler.runNow("dashboards");
  }

  /** Runs the job that mails links to verify addresses now. */
  public void runReportVerifications() {
    scheduler.runNow("report-verifications");
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  public int port() {
    return server.port();
  }

  /** The port of {@code /metrics}. */
  public int metricsPort() {
    return Objects.requireNonNull(metrics).port();
  }

  /** Stops to listen, lets requests under way finish, then closes what they needed. */
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        log.warn("a part did not close: {}", e.getMessage());
      }
    }
  }
}
