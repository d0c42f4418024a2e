package com.ytempire.sidecar;

import com.google.api.client.http.javanet.NetHttpTransport;
import com.ytempire.sidecar.analytics.AnalyticsRoutes;
import com.ytempire.sidecar.cache.Broadcast;
import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.dashboards.DashboardRoutes;
import com.ytempire.sidecar.dashboards.Dashboards;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.fairness.Replicas;
import com.ytempire.sidecar.metrics.ChannelFreshness;
import com.ytempire.sidecar.metrics.HubMonitor;
import com.ytempire.sidecar.metrics.MetricRoutes;
import com.ytempire.sidecar.oauth.AuthorizedYouTube;
import com.ytempire.sidecar.oauth.ChannelIdentity;
import com.ytempire.sidecar.oauth.ChannelLookup;
import com.ytempire.sidecar.oauth.ConnectRoutes;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.oauth.StoredSecretCipher;
import com.ytempire.sidecar.privacy.ExecutionErasures;
import com.ytempire.sidecar.privacy.PolicyJobs;
import com.ytempire.sidecar.privacy.PrivacyRoutes;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.quota.QuotaMeters;
import com.ytempire.sidecar.quota.QuotaRoutes;
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
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the parts of the sidecar together; what {@link Main} runs and tests start. */
public final class App implements AutoCloseable {
  /** What replicas of earlier versions listen to, too. */
  private static final String FAIRNESS_CHANNEL = "turns";

  private static final Logger log = LoggerFactory.getLogger(App.class);
  private static final String HOURLY = "hourly";
  private static final String ROLLUP_FILLING = "rollup-filling";
  private static final String MINUTELY = "minutely";
  private static final Duration REDIS_TIMEOUT = Duration.ofSeconds(5);

  /** Lettuce waits up to half a minute by default, long after Redis is back. */
  private static final Delay REDIS_RECONNECT_DELAY =
      Delay.fullJitter(Duration.ZERO, Duration.ofSeconds(1), 50, TimeUnit.MILLISECONDS);

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
    phases.end("database");
    Contract contract = result(reading);
    GrantCipher cipher = result(unsealing);
    phases.end("contract and keys");
    RedisClient redis = openRedis(config.storage().redis());
    Quota quota =
        opened(
            new Quota(
                redis,
                database,
                config.quotas().limits(),
                config.quotas().sharing(),
                () -> Users.weights(database),
                config.fetching().isStatisticsPooled(),
                clock));
    Cache cache =
        opened(new Cache(redis, cacheCipher(cipher), telemetry::recordRejectedCacheEntry, clock));
    phases.end("redis");
    FairScheduler dataScheduler = scheduler(config.fetching().concurrency(), clock);
    FairScheduler analyticsScheduler = scheduler(config.fetching().concurrency(), clock);
    Broadcast broadcast = opened(new Broadcast(redis, FAIRNESS_CHANNEL));
    Replicas replicas =
        new Replicas(
            Map.of("data", dataScheduler, "analytics", analyticsScheduler), broadcast::say, clock);
    broadcast.listen(replicas::receive);
    NetHttpTransport transport = new NetHttpTransport();
    GoogleProject project = new GoogleProject(clock);
    GoogleYouTube youTube =
        new GoogleYouTube(
            transport,
            config.google(),
            new MeteredCalls(dataScheduler, quota, telemetry::recordCall, project, clock),
            new MeteredCalls(analyticsScheduler, quota, telemetry::recordCall, project, clock),
            clock);
    GoogleFeeds feeds = new GoogleFeeds(transport, config.google(), telemetry::recordCall, clock);
    GoogleOAuth google = new GoogleOAuth(transport, config.google(), project, clock);

    TenantAccess tenantAccess = new TenantAccess(database, clock);
    ApiTokens tokens = new ApiTokens(database, tenantAccess, telemetry::recordRefusedToken, clock);
    @Nullable String operatorToken = config.security().operatorToken();
    if (operatorToken != null) {
      tokens.ensureOperator(operatorToken);
    }
    Grants grants = new Grants(database, cipher, google, clock);
    ChannelIdentity identity = new ChannelIdentity(database, youTube, grants, clock);

    registerCallGauges(telemetry, "data", dataScheduler);
    registerCallGauges(telemetry, "analytics", analyticsScheduler);
    QuotaMeters.register(telemetry, database, quota.report(), clock);
    telemetry.gauge(
        "ytempire.replicas", "Sidecars that hear each other", "heard-by", "this", replicas::count);

    List<Endpoint> endpoints = new ArrayList<>();
    ChannelFreshness freshness = new ChannelFreshness(database, clock);
    HubMonitor hub = new HubMonitor(database, clock);
    DatabaseLogins logins =
        new DatabaseLogins(
            database,
            new TenantAccess(database.operator(), clock),
            telemetry::recordEnforcement,
            clock);
    Dashboards dashboards =
        opened(new Dashboards(database.operator(), logins, config.integrations().grafana(), clock));
    endpoints.addAll(
        new HealthRoutes(
                Map.of("postgresql", database::health, "redis", () -> quota.isUp() ? "up" : "away"),
                Map.of(
                    "channels",
                    freshness::warning,
                    "google",
                    project::warning,
                    "hub",
                    hub::warning,
                    "disk",
                    DiskSpace.ofThisProcess()::warning,
                    "jobs",
                    scheduler::warning,
                    "dashboards",
                    dashboards::warning))
            .endpoints());
    registerStateGauges(telemetry, freshness, project, hub);
    endpoints.addAll(tokens.endpoints());
    ExecutionErasures executionErasures =
        opened(new ExecutionErasures(database.operator(), config.integrations().n8n(), clock));
    endpoints.addAll(logins.endpoints());
    endpoints.addAll(new UserRoutes(database, tenantAccess, logins, clock).endpoints());
    endpoints.addAll(new DashboardRoutes(dashboards, tenantAccess).endpoints());
    endpoints.addAll(new Notices(tenantAccess).endpoints());
    endpoints.addAll(
        new PrivacyRoutes(
                database, tenantAccess, logins, grants, cache, quota, executionErasures, clock)
            .endpoints());
    endpoints.addAll(new ChannelRoutes(database, tenantAccess, clock).endpoints());
    endpoints.addAll(
        new ConnectRoutes(
                database,
                tenantAccess,
                grants,
                cipher,
                google,
                youTube,
                config.http().publicUrl(),
                config.http().legal(),
                clock)
            .endpoints());
    AuthorizedYouTube authorizedYouTube = new AuthorizedYouTube(youTube, grants, identity);
    endpoints.addAll(
        new ChannelLookup(
                tenantAccess, authorizedYouTube, cache, config.google().apiKey() != null, clock)
            .endpoints());
    SecretCipher secretCipher = new StoredSecretCipher(cipher);
    MetricRoutes metricRoutes =
        new MetricRoutes(
            database,
            tenantAccess,
            authorizedYouTube,
            feeds,
            cache,
            contract,
            config,
            quota,
            secretCipher,
            clock);
    endpoints.addAll(metricRoutes.endpoints());
    endpoints.addAll(new AnalyticsRoutes(tenantAccess, clock).endpoints());
    endpoints.addAll(
        new QuotaRoutes(
                quota,
                (caller, userId, action) -> tenantAccess.use(caller, userId, action, handle -> {}),
                clock)
            .endpoints());

    Deliveries deliveries =
        opened(
            new Deliveries(
                database,
                telemetry::recordDelivery,
                config.integrations().webhooks().allowedTargets(),
                secretCipher,
                clock));
    endpoints.addAll(
        new Subscriptions(database, tenantAccess, deliveries, secretCipher, clock).endpoints());

    parts.push(scheduler);
    Map<String, Runnable> hourly = new LinkedHashMap<>();
    hourly.put("maintenance", () -> database.maintain(clock));
    hourly.put("rollups", () -> database.checkRollups(clock));
    hourly.put("policy-jobs", new PolicyJobs(database, grants, cache, clock)::run);
    hourly.put("channel-identities", identity::run);
    hourly.put("execution-erasures-sweep", executionErasures::sweep);
    hourly.put("deliveries-sweep", deliveries::sweep);
    hourly.put("webhook-secrets", deliveries::encryptSecretsAnew);
    hourly.put("upload-secrets", metricRoutes::encryptSecretsAnew);
    scheduler.schedule(HOURLY, Duration.ofMinutes(1), Duration.ofHours(1), hourly);
    Map<String, Runnable> minutely = new LinkedHashMap<>();
    minutely.put("reservations", quota::expireReservations);
    minutely.put("held-batches", metricRoutes::sweepHeldBatches);
    minutely.put("quota-watch", new QuotaWatch(database, quota, clock)::run);
    minutely.put("channel-freshness", freshness::run);
    minutely.put("hub", hub::run);
    minutely.put(
        "tenant-alarm",
        new TenantAlarm(database, config.security().tenantAlarmMargin(), clock)::run);
    scheduler.schedule(MINUTELY, Duration.ofMinutes(1), Duration.ofMinutes(1), minutely);
    scheduler.schedule(ROLLUP_FILLING, Duration.ofMinutes(1), () -> database.fillRollups(clock));
    scheduler.schedule("deliveries", Duration.ofSeconds(1), deliveries::run);
    scheduler.schedule("database-logins", Duration.ofSeconds(5), logins::enforce);
    scheduler.schedule(
        "database-login-activity", DatabaseLogins.OBSERVATION_INTERVAL, logins::observe);
    // A thread of its own: Grafana may be slow, and holds up nothing else.
    scheduler.schedule("dashboards", Duration.ofSeconds(15), dashboards::run);
    scheduler.schedule("n8n-executions", Duration.ofSeconds(2), executionErasures::run);
    scheduler.schedule("replicas", Replicas.PUBLISH_INTERVAL, replicas::publish);
    registerJobGauges(telemetry);
    metrics =
        opened(
            MetricsServer.start(
                config.http().host(), config.http().metricsPort(), telemetry::scrape));
    phases.end("parts");
    Server started =
        opened(
            Server.start(
                config.http().host(),
                config.http().port(),
                contract,
                tokens,
                endpoints,
                new ProblemMapper(clock)::map,
                telemetry::recordRequest,
                config.http().trustedProxies(),
                clock));
    phases.end("http");
    log.info("started: {}", phases);
    return started;
  }

  private RedisClient openRedis(Config.Redis settings) {
    ClientResources resources =
        ClientResources.builder().reconnectDelay(REDIS_RECONNECT_DELAY).build();
    parts.push(() -> resources.shutdown().await());
    RedisClient redis = new LazyRedisClient(resources, redisUri(settings));
    parts.push(redis::shutdown);
    redis.setOptions(
        ClientOptions.builder()
            // A command that waits for Redis to come back would be answered long after its caller
            // left.
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .socketOptions(SocketOptions.builder().connectTimeout(REDIS_TIMEOUT).build())
            .build());
    return redis;
  }

  private static void registerCallGauges(Telemetry telemetry, String api, FairScheduler calls) {
    telemetry.gauge(
        "ytempire.calls.waiting",
        "Calls to Google that wait for a permit",
        "api",
        api,
        calls::waiting);
    telemetry.gauge(
        "ytempire.calls.running", "Calls to Google under way", "api", api, calls::running);
  }

  private static void registerStateGauges(
      Telemetry telemetry, ChannelFreshness freshness, GoogleProject project, HubMonitor hub) {
    telemetry.gauge(
        "ytempire.channels.stale",
        "Percent of the connected channels without statistics of the last 6 hours",
        "of",
        "connected",
        freshness::stalePercent);
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

  private void registerJobGauges(Telemetry telemetry) {
    scheduler
        .jobs()
        .forEach(job ->
            telemetry.gauge(
                "ytempire.jobs.failures",
                "Runs of a job that failed in a row",
                "job",
                job,
                () -> scheduler.failures(job)));
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

  private static RedisURI redisUri(Config.Redis settings) {
    RedisURI uri = RedisURI.create(settings.url());
    @Nullable String password = settings.password();
    if (password != null) {
      RedisCredentials credentials =
          RedisCredentials.just(URI.create(settings.url()).getUserInfo(), password);
      uri.setCredentialsProvider(RedisCredentialsProvider.from(() -> credentials));
    }
    uri.setTimeout(REDIS_TIMEOUT);
    return uri;
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

  /** Runs the job of the dashboards now. */
  void runDashboards() {
    scheduler.runNow("dashboards");
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
