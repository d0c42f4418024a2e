package com.ytempire.sidecar.config;

import static com.ytempire.sidecar.config.SettingsReader.PREFIX;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set, by subject, each from an environment variable whose name begins with
 * {@code YTEMPIRE_}; secrets also from a file, by the same name with {@code _FILE}.
 * docs/operations/settings.md has the table. A setting that is not known, missing or malformed
 * stops the program, and all of them are reported at once.
 *
 * @param clockOffset by which the clock of the product differs from the machine's; for demos and
 *     tests only, zero in production
 */
public record Config(
    Http http,
    Storage storage,
    Security security,
    Google google,
    Quotas quotas,
    Fetching fetching,
    Integrations integrations,
    Duration clockOffset) {

  /**
   * Reads the settings.
   *
   * @throws InvalidSettings naming every fault
   */
  public static Config from(Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    Config config = read(reader);
    reader.checkAll();
    return config;
  }

  /** Returns the names of all settings, with the prefix. */
  static Set<String> names() {
    SettingsReader reader = new SettingsReader(Map.of());
    var _ = read(reader);
    return reader.names();
  }

  private static Config read(SettingsReader reader) {
    Config config =
        new Config(
            Http.read(reader),
            Storage.read(reader),
            Security.read(reader),
            Google.read(reader),
            Quotas.read(reader),
            Fetching.read(reader),
            Integrations.read(reader),
            reader.duration("CLOCK_OFFSET"));
    if (config.fetching().isStatisticsPooled() && config.google().apiKey() == null) {
      reader.fault(
          "YTEMPIRE_PUBLIC_STATISTICS=pooled needs YTEMPIRE_GOOGLE_API_KEY, by which everybody's statistics are asked.");
    }
    return config;
  }

  /**
   * What the migration needs: the database with the administrator's password.
   *
   * @throws InvalidSettings naming every fault
   */
  public static DatabaseAccess databaseToMigrate(Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    DatabaseAccess database = DatabaseAccess.read(reader);
    if (database.adminPassword() == null) {
      var _ = reader.secret("DATABASE_ADMIN_PASSWORD");
    }
    reader.check();
    return database;
  }

  /**
   * The keyset alone, for the commands that change it.
   *
   * @throws InvalidSettings without one
   */
  public static String grantKeyset(Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    String keyset = reader.secret("GRANT_KEYSET");
    reader.check();
    return keyset;
  }

  /**
   * The offset of the clock alone, for the operators' commands.
   *
   * @throws InvalidSettings when it is no duration
   */
  public static Duration clockOffset(Map<String, String> environment) {
    SettingsReader reader = new SettingsReader(environment);
    Duration offset = reader.duration("CLOCK_OFFSET");
    reader.check();
    return offset;
  }

  /**
   * Where to listen, and the address at which browsers reach us. Port 0: any free one.
   *
   * @param metricsPort of {@code /metrics} for Prometheus, which the API's port does not have
   * @param trustedProxies whose {@code X-Forwarded-For} is believed; empty: nobody's
   * @param legal what the pages link to
   * @param shutdownDelay how long a stopping sidecar still serves while it is not ready any more,
   *     so that its proxy notices first
   */
  public record Http(
      String host,
      int port,
      String publicUrl,
      int metricsPort,
      List<Network> trustedProxies,
      Legal legal,
      Duration shutdownDelay) {
    private static Http read(SettingsReader reader) {
      return new Http(
          reader.text("HTTP_HOST", "127.0.0.1"),
          reader.number("HTTP_PORT", 8080, 0, 65_535),
          reader.address("PUBLIC_URL", "http://127.0.0.1:8080"),
          reader.number("METRICS_PORT", 9464, 0, 65_535),
          reader.list("TRUSTED_PROXIES", Network::parse),
          new Legal(reader.optionalAddress("PRIVACY_POLICY_URL"), reader.raw("CONTACT")),
          Duration.ofSeconds(reader.number("SHUTDOWN_DELAY_SECONDS", 0, 0, 60)));
    }
  }

  /**
   * Our own pages that the connect page must link to (YouTube's Developer Policies III.A.2).
   *
   * @param privacyPolicyUrl null: the connect page says what it must in short
   */
  public record Legal(@Nullable String privacyPolicyUrl, @Nullable String contact) {}

  /**
   * Where state is kept.
   *
   * @param eventsPerUserDay how many events are recorded of a user on a day (UTC)
   */
  public record Storage(DatabaseAccess database, Redis redis, int eventsPerUserDay) {
    private static Storage read(SettingsReader reader) {
      return new Storage(
          DatabaseAccess.read(reader),
          Redis.read(reader),
          reader.number("EVENTS_PER_USER_DAY", 50_000, 1, 1_000_000_000));
    }
  }

  /**
   * PostgreSQL.
   *
   * @param url JDBC address
   * @param adminUser who migrates: may make roles
   * @param adminPassword null: the database has been migrated, and the sidecar never is its
   *     administrator
   * @param password that the sidecar's own login gets and uses
   * @param poolSize connections, 2 to 100
   */
  public record DatabaseAccess(
      String url, String adminUser, @Nullable String adminPassword, String password, int poolSize) {
    private static final String DEFAULT_URL = "jdbc:postgresql://127.0.0.1:5432/ytempire";

    private static DatabaseAccess read(SettingsReader reader) {
      return new DatabaseAccess(
          reader.text("DATABASE_URL", DEFAULT_URL),
          reader.text("DATABASE_ADMIN_USER", "postgres"),
          reader.optionalSecret("DATABASE_ADMIN_PASSWORD"),
          reader.secret("DATABASE_PASSWORD"),
          reader.number("DATABASE_POOL_SIZE", 16, 2, 100));
    }

    /** Without the secrets, which must not reach a log. */
    @Override
    public String toString() {
      return "DatabaseAccess[" + url + "]";
    }
  }

  /**
   * Redis.
   *
   * @param url {@code redis://} or, with TLS, {@code rediss://}; may have a user's name
   * @param password null: none, or in {@code url}
   */
  public record Redis(String url, @Nullable String password) {
    private static Redis read(SettingsReader reader) {
      String url = reader.optionalSecret("REDIS_URL");
      String password = reader.optionalSecret("REDIS_PASSWORD");
      if (url == null) {
        return new Redis("redis://127.0.0.1:6379", password);
      }
      checkUrl(reader, url, password);
      return new Redis(url, password);
    }

    /** The address may hold a password, which must not be printed. */
    private static void checkUrl(SettingsReader reader, String url, @Nullable String password) {
      String setting = PREFIX + "REDIS_URL";
      try {
        URI uri = new URI(url);
        if (!List.of("redis", "rediss").contains(uri.getScheme()) || uri.getHost() == null) {
          reader.fault(setting + " must be redis://host:port or, with TLS, rediss://host:port.");
        }
        String user = uri.getUserInfo();
        if (password != null && user != null && user.contains(":")) {
          reader.fault(
              "%s has a password and %sREDIS_PASSWORD is set; set one.".formatted(setting, PREFIX));
        }
      } catch (URISyntaxException e) {
        reader.fault(setting + " is no address; write redis://host:port or rediss://host:port.");
      }
    }

    @Override
    public String toString() {
      return "Redis";
    }
  }

  /**
   * Keys, tokens and alarms.
   *
   * @param grantKeyset by which grants are encrypted
   * @param operatorToken null: operators have the tokens that they made
   * @param tenantAlarmMargin how many tenants more than active users may be entered in a minute
   *     before it is noted in the audit log
   */
  public record Security(
      String grantKeyset, @Nullable String operatorToken, int tenantAlarmMargin) {
    private static Security read(SettingsReader reader) {
      return new Security(
          reader.secret("GRANT_KEYSET"),
          reader.optionalSecret("OPERATOR_TOKEN"),
          reader.number("TENANT_ALARM_MARGIN", 100, 0, 1_000_000));
    }

    @Override
    public String toString() {
      return "Security[" + tenantAlarmMargin + "]";
    }
  }

  /**
   * Google's OAuth client and how its services are reached.
   *
   * @param apiKey for what everybody may see; null: none
   * @param timeout of a call
   */
  public record Google(
      String clientId,
      String clientSecret,
      @Nullable String apiKey,
      Duration timeout,
      GoogleUrls urls) {
    private static Google read(SettingsReader reader) {
      return new Google(
          reader.text("GOOGLE_CLIENT_ID", null),
          reader.secret("GOOGLE_CLIENT_SECRET"),
          reader.optionalSecret("GOOGLE_API_KEY"),
          Duration.ofSeconds(reader.number("GOOGLE_TIMEOUT_SECONDS", 30, 1, 600)),
          GoogleUrls.read(reader));
    }

    @Override
    public String toString() {
      return "Google[" + clientId + "]";
    }
  }

  /**
   * The root addresses of Google's services; Google's own by default.
   *
   * @param feed root of the feeds of new videos, and {@code hub} the hub that pushes them
   */
  public record GoogleUrls(
      String accounts,
      String oauth,
      String data,
      String analytics,
      String reporting,
      String feed,
      String hub) {
    private static GoogleUrls read(SettingsReader reader) {
      return new GoogleUrls(
          reader.address("GOOGLE_ACCOUNTS_URL", "https://accounts.google.com"),
          reader.address("GOOGLE_OAUTH_URL", "https://oauth2.googleapis.com"),
          reader.address("GOOGLE_DATA_URL", "https://www.googleapis.com"),
          reader.address("GOOGLE_ANALYTICS_URL", "https://youtubeanalytics.googleapis.com"),
          reader.address("GOOGLE_REPORTING_URL", "https://youtubereporting.googleapis.com"),
          reader.address("GOOGLE_FEED_URL", "https://www.youtube.com"),
          reader.address("GOOGLE_HUB_URL", "https://pubsubhubbub.appspot.com/subscribe"));
    }
  }

  /** Google's quotas, and how they are shared out. */
  public record Quotas(Limits limits, Sharing sharing) {
    private static Quotas read(SettingsReader reader) {
      return new Quotas(Limits.read(reader), Sharing.read(reader));
    }
  }

  /** Units that Google gives the project, a Pacific day or a minute, as its console shows. */
  public record Limits(DataLimits data, AnalyticsLimits analytics, ReportingLimits reporting) {
    /** Units of the Data API a day. */
    public record DataLimits(long general, long search, long upload, long batchGetStats) {}

    /** Queries of the Analytics API. */
    public record AnalyticsLimits(long day, long minute, long userMinute) {}

    /** Calls to the Reporting API. */
    public record ReportingLimits(long day, long minute) {}

    private static Limits read(SettingsReader reader) {
      return new Limits(
          new DataLimits(
              units(reader, "DATA_GENERAL", 10_000),
              units(reader, "DATA_SEARCH", 100),
              units(reader, "DATA_UPLOAD", 100),
              units(reader, "DATA_BATCH_GET_STATS", 10_000)),
          new AnalyticsLimits(
              units(reader, "ANALYTICS_DAY", 100_000),
              units(reader, "ANALYTICS_MINUTE", 720),
              units(reader, "ANALYTICS_USER_MINUTE", 60)),
          new ReportingLimits(
              units(reader, "REPORTING_DAY", 20_000), units(reader, "REPORTING_MINUTE", 60)));
    }

    private static long units(SettingsReader reader, String bucket, int standard) {
      return reader.number("QUOTA_" + bucket, standard, 0, 1_000_000_000);
    }
  }

  /**
   * How a day's units are shared out among the users.
   *
   * @param guaranteedPercent of a bucket, split into the users' guaranteed shares
   * @param interactivePercent kept for calls that a person waits for; both together at most 100
   * @param release how long before the day ends what nobody has claimed begins to be released,
   *     evenly until the end
   */
  public record Sharing(int guaranteedPercent, int interactivePercent, Duration release) {
    private static Sharing read(SettingsReader reader) {
      Sharing sharing =
          new Sharing(
              reader.number("QUOTA_GUARANTEED_PERCENT", 50, 0, 100),
              reader.number("QUOTA_INTERACTIVE_PERCENT", 10, 0, 100),
              Duration.ofHours(reader.number("QUOTA_RELEASE_HOURS", 4, 0, 24)));
      if (sharing.guaranteedPercent() + sharing.interactivePercent() > 100) {
        reader.fault(
            "YTEMPIRE_QUOTA_GUARANTEED_PERCENT and YTEMPIRE_QUOTA_INTERACTIVE_PERCENT are more than 100 together.");
      }
      return sharing;
    }
  }

  /**
   * How YouTube is asked, where Google's policies or documents leave a choice.
   *
   * @param isStatisticsPooled public statistics of all users together by the API key, which saves
   *     calls but may be kept for 30 days only; otherwise each user's by its own grants
   * @param isUploadsPushed whether the hub is asked to push new videos
   * @param isVideoDaysByFilter whether Analytics is asked for many videos and days in one query,
   *     and day by day only where it refuses that; otherwise a day's top videos are asked for, one
   *     day a query
   * @param checkInterval from one run of the checks of what is stored to the next
   */
  public record Fetching(
      boolean isStatisticsPooled,
      boolean isUploadsPushed,
      boolean isVideoDaysByFilter,
      Concurrency concurrency,
      Duration checkInterval) {
    private static Fetching read(SettingsReader reader) {
      return new Fetching(
          reader.choice("PUBLIC_STATISTICS", "by-owner", "pooled").equals("pooled"),
          reader.choice("UPLOADS_PUSH", "on", "off").equals("on"),
          reader.choice("VIDEO_DAYS", "by-filter", "top-videos").equals("by-filter"),
          Concurrency.read(reader),
          Duration.ofSeconds(reader.number("CHECK_INTERVAL_SECONDS", 300, 5, 600)));
    }
  }

  /**
   * Calls to Google at the same time, over all replicas and for one user, to each of its services;
   * and how many may wait at a replica, in all and for each user.
   *
   * @param fetches requests to fetch that a replica serves at the same time
   */
  public record Concurrency(
      int concurrent, int concurrentPerUser, int waiting, int waitingPerUser, int fetches) {
    private static Concurrency read(SettingsReader reader) {
      return new Concurrency(
          reader.number("CALLS_CONCURRENT", 64, 1, 1000),
          reader.number("CALLS_CONCURRENT_PER_USER", 4, 1, 1000),
          reader.number("CALLS_WAITING", 20_000, 1, 1_000_000),
          reader.number("CALLS_WAITING_PER_USER", 2000, 1, 1_000_000),
          reader.number("FETCHES_CONCURRENT", 200, 1, 100_000));
    }
  }

  /**
   * Other services of the platform, and its customers' own.
   *
   * @param n8n null: no erasure reaches its executions
   * @param grafana null: users have no dashboards
   * @param stripe null: users have the tiers that operators give them
   * @param smtp null: no mail is sent
   */
  public record Integrations(
      Webhooks webhooks,
      @Nullable N8n n8n,
      @Nullable Grafana grafana,
      @Nullable Stripe stripe,
      @Nullable Smtp smtp) {
    private static Integrations read(SettingsReader reader) {
      return new Integrations(
          new Webhooks(reader.list("WEBHOOK_ALLOWED_NETWORKS", AllowedTarget::parse)),
          N8n.read(reader),
          Grafana.read(reader),
          Stripe.read(reader),
          Smtp.read(reader));
    }
  }

  /**
   * Where webhooks may be sent.
   *
   * @param allowedTargets outside the public Internet
   */
  public record Webhooks(List<AllowedTarget> allowedTargets) {}

  /**
   * The mail server that takes reports.
   *
   * @param security starttls (required, not only tried), tls from the first byte, or none
   * @param user null: no login
   * @param timeout of connecting, and of each of its answers
   * @param from address of the sender, or {@code Name <address>}
   */
  public record Smtp(
      String host,
      int port,
      String security,
      @Nullable String user,
      @Nullable String password,
      Duration timeout,
      String from) {
    private static final Pattern SENDER =
        Pattern.compile("[^\\p{Cntrl}<>@]*<[^\\s<>@]+@[^\\s<>@]+>|[^\\s<>@]+@[^\\s<>@]+");

    private static @Nullable Smtp read(SettingsReader reader) {
      String host = reader.raw("SMTP_HOST");
      String user = reader.raw("SMTP_USER");
      String password = reader.optionalSecret("SMTP_PASSWORD");
      String from = reader.raw("MAIL_FROM");
      Smtp smtp =
          new Smtp(
              host == null ? "" : host,
              reader.number("SMTP_PORT", 587, 1, 65_535),
              reader.choice("SMTP_SECURITY", "starttls", "tls", "none"),
              user,
              password,
              Duration.ofSeconds(reader.number("SMTP_TIMEOUT_SECONDS", 15, 1, 120)),
              from == null ? "" : from);
      if (host == null) {
        return null;
      }
      if (from == null || !SENDER.matcher(from).matches()) {
        reader.fault(
            "YTEMPIRE_SMTP_HOST needs YTEMPIRE_MAIL_FROM: the sender's address, such as reports@example.com or YTEMPIRE <reports@example.com>.");
      }
      if ((user == null) != (password == null)) {
        reader.fault(
            "YTEMPIRE_SMTP_USER and YTEMPIRE_SMTP_PASSWORD belong together; set both or neither.");
      }
      return smtp;
    }

    @Override
    public String toString() {
      return "Smtp[" + host + ":" + port + "]";
    }
  }

  /**
   * The n8n whose executions an erasure deletes.
   *
   * @param url its root address
   * @param apiKey of its public API
   */
  public record N8n(String url, String apiKey) {
    private static @Nullable N8n read(SettingsReader reader) {
      String url = reader.optionalAddress("N8N_URL");
      String key = reader.optionalSecret("N8N_API_KEY");
      if ((url == null) != (key == null)) {
        reader.fault(
            "YTEMPIRE_N8N_URL and YTEMPIRE_N8N_API_KEY belong together; set both or neither.");
      }
      return url == null || key == null ? null : new N8n(url, key);
    }

    @Override
    public String toString() {
      return "N8n[" + url + "]";
    }
  }

  /**
   * The Stripe account by which users pay for their tiers.
   *
   * @param url root address of its API
   * @param apiKey that may read subscriptions
   * @param webhookSecrets by any of which an event may be signed: two while one is rolled
   * @param prices tier by the id of a price
   * @param grace how long a late payment changes nothing
   */
  public record Stripe(
      String url,
      String apiKey,
      List<String> webhookSecrets,
      Map<String, String> prices,
      Duration grace) {
    private static final Set<String> TIERS = Set.of("starter", "growth", "scale");

    private static @Nullable Stripe read(SettingsReader reader) {
      String key = reader.optionalSecret("STRIPE_API_KEY");
      String secrets = reader.optionalSecret("STRIPE_WEBHOOK_SECRETS");
      List<Map.Entry<String, String>> prices = reader.list("STRIPE_PRICES", Stripe::price);
      String url = reader.address("STRIPE_URL", "https://api.stripe.com");
      Duration grace = Duration.ofDays(reader.number("STRIPE_GRACE_DAYS", 7, 0, 60));
      if ((key == null) != (secrets == null) || (key == null) != prices.isEmpty()) {
        reader.fault(
            "YTEMPIRE_STRIPE_API_KEY, YTEMPIRE_STRIPE_WEBHOOK_SECRETS and YTEMPIRE_STRIPE_PRICES belong together; set all or none.");
      }
      if (key == null || secrets == null) {
        return null;
      }
      Map<String, String> tiers = new TreeMap<>();
      for (Map.Entry<String, String> price : prices) {
        if (tiers.put(price.getKey(), price.getValue()) != null) {
          reader.fault("YTEMPIRE_STRIPE_PRICES has %s twice.".formatted(price.getKey()));
        }
      }
      return new Stripe(url, key, List.of(secrets.split("[,\\s]+")), tiers, grace);
    }

    private static Map.Entry<String, String> price(String text) {
      String[] parts = text.split("=", 2);
      if (parts.length != 2
          || !parts[0].matches("price_[A-Za-z0-9_]{1,250}")
          || !TIERS.contains(parts[1])) {
        throw new IllegalArgumentException(
            "'%s' must be a price and its tier, such as price_123=growth; tiers are starter, growth and scale"
                .formatted(text));
      }
      return Map.entry(parts[0], parts[1]);
    }

    @Override
    public String toString() {
      return "Stripe[" + url + "]";
    }
  }

  /**
   * The Grafana in which users have their dashboards.
   *
   * @param url its root address for us
   * @param publicUrl its root address for browsers
   * @param user a server administrator
   */
  public record Grafana(
      String url, String publicUrl, String user, String password, GrafanaDatabase database) {
    private static @Nullable Grafana read(SettingsReader reader) {
      String url = reader.optionalAddress("GRAFANA_URL");
      String password = reader.optionalSecret("GRAFANA_PASSWORD");
      String publicUrl = reader.optionalAddress("GRAFANA_PUBLIC_URL");
      String user = reader.text("GRAFANA_USER", "admin");
      GrafanaDatabase database = GrafanaDatabase.read(reader);
      if ((url == null) != (password == null)) {
        reader.fault(
            "YTEMPIRE_GRAFANA_URL and YTEMPIRE_GRAFANA_PASSWORD belong together; set both or neither.");
      }
      return url == null || password == null
          ? null
          : new Grafana(url, publicUrl == null ? url : publicUrl, user, password, database);
    }

    @Override
    public String toString() {
      return "Grafana[" + url + "]";
    }
  }

  /**
   * PostgreSQL as Grafana reaches it; where nothing is said, as the sidecar does.
   *
   * @param address host and port
   * @param sslMode disable, require, verify-ca or verify-full
   */
  public record GrafanaDatabase(String address, String name, String sslMode) {
    /** The first host and the database of a JDBC address. */
    private static final Pattern JDBC =
        Pattern.compile("jdbc:postgresql://([^/,?]+)[^/?]*/([^?]+).*");

    private static GrafanaDatabase read(SettingsReader reader) {
      String address = reader.raw("GRAFANA_DATABASE_ADDRESS");
      if (address != null && !address.matches("[A-Za-z0-9.\\[\\]:_-]+:[0-9]{1,5}")) {
        reader.fault(
            "YTEMPIRE_GRAFANA_DATABASE_ADDRESS must be host:port, as Grafana reaches PostgreSQL, not '%s'."
                .formatted(address));
      }
      Matcher own = JDBC.matcher(reader.text("DATABASE_URL", DatabaseAccess.DEFAULT_URL));
      String host = own.matches() ? own.group(1) : "127.0.0.1:5432";
      return new GrafanaDatabase(
          address != null ? address : host.matches(".*:[0-9]+") ? host : host + ":5432",
          own.matches() ? own.group(2) : "ytempire",
          reader.choice("GRAFANA_DATABASE_SSL", "disable", "require", "verify-ca", "verify-full"));
    }
  }
}
