package com.ytempire.sidecar.config;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set, each from an environment variable whose name begins with {@code
 * YTEMPIRE_}; secrets also from a file, by the same name with {@code _FILE}.
 * docs/operations/settings.md has the table. A setting that is not known, missing or malformed
 * stops the program, and all of them are reported at once.
 *
 * @param tenantAlarmMargin how many tenants more than active users may be entered in a minute
 *     before it is noted in the audit log
 * @param clockOffset by which the clock of the product differs from the machine's; for demos and
 *     tests only, zero in production
 */
public record Config(
    Http http,
    DatabaseAccess database,
    Redis redis,
    Google google,
    String grantKeyset,
    Limits limits,
    Sharing sharing,
    FetchSettings fetching,
    Concurrency concurrency,
    Legal legal,
    Webhooks webhooks,
    @Nullable N8n n8n,
    @Nullable Grafana grafana,
    @Nullable String operatorToken,
    int tenantAlarmMargin,
    Duration clockOffset) {

  private static final String DATABASE_URL = "jdbc:postgresql://127.0.0.1:5432/ytempire";

  /** The first host and the database of a JDBC address. */
  private static final Pattern JDBC =
      Pattern.compile("jdbc:postgresql://([^/,?]+)[^/?]*/([^?]+).*");

  /** Without the secrets, which must not reach a log. */
  @Override
  public String toString() {
    return "Config["
        + http
        + ", "
        + database
        + ", "
        + google
        + ", "
        + limits
        + ", "
        + concurrency
        + "]";
  }

  /**
   * Where to listen, and the address at which browsers reach us. Port 0: any free one.
   *
   * @param metricsPort of {@code /metrics} for Prometheus, which the API's port does not have
   * @param trustedProxies whose {@code X-Forwarded-For} is believed; empty: nobody's
   */
  public record Http(
      String host, int port, String publicUrl, int metricsPort, List<Network> trustedProxies) {}

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
    @Override
    public String toString() {
      return "Redis";
    }
  }

  /**
   * Google's OAuth client and the root addresses of its services; Google's own by default.
   *
   * @param feedUrl root of the feeds of new videos, and {@code hubUrl} the hub that pushes them
   * @param apiKey for what everybody may see; null: none
   */
  public record Google(
      String clientId,
      String clientSecret,
      String accountsUrl,
      String oauthUrl,
      String dataUrl,
      String analyticsUrl,
      String reportingUrl,
      String feedUrl,
      String hubUrl,
      @Nullable String apiKey,
      Duration timeout) {
    @Override
    public String toString() {
      return "Google[" + clientId + "]";
    }
  }

  /** Units that Google gives the project, a Pacific day or a minute, as its console shows. */
  public record Limits(
      long dataGeneral,
      long dataSearch,
      long dataUpload,
      long dataBatchGetStats,
      long analyticsDay,
      long analyticsMinute,
      long analyticsUserMinute,
      long reportingDay,
      long reportingMinute) {}

  /**
   * How a day's units are shared out among the users.
   *
   * @param guaranteedPercent of a bucket, split into the users' guaranteed shares
   * @param interactivePercent kept for calls that a person waits for; both together at most 100
   * @param release how long before the day ends what nobody has claimed begins to be released,
   *     evenly until the end
   */
  public record Sharing(int guaranteedPercent, int interactivePercent, Duration release) {}

  /**
   * How YouTube is asked, where Google's policies or documents leave a choice.
   *
   * @param pooledStatistics public statistics of all users together by the API key, which saves
   *     calls but may be kept for 30 days only; otherwise each user's by its own grants
   * @param pushedUploads whether the hub is asked to push new videos
   * @param videoDaysByFilter whether Analytics is asked for many videos and days in one query, and
   *     day by day only where it refuses that; otherwise a day's top videos are asked for, one day
   *     a query
   */
  public record FetchSettings(
      boolean pooledStatistics, boolean pushedUploads, boolean videoDaysByFilter) {}

  /**
   * Our own pages that the connect page must link to (YouTube's Developer Policies III.A.2).
   *
   * @param privacyPolicyUrl null: the connect page says what it must in short
   */
  public record Legal(@Nullable String privacyPolicyUrl, @Nullable String contact) {}

  /**
   * Calls to Google at the same time, over all replicas and for one user, to each of its services;
   * and how many may wait at a replica, in all and for each user.
   *
   * @param fetches requests to fetch that a replica serves at the same time
   */
  public record Concurrency(
      int concurrent, int concurrentPerUser, int waiting, int waitingPerUser, int fetches) {}

  /**
   * Where webhooks may be sent.
   *
   * @param allowedTargets outside the public Internet
   */
  public record Webhooks(List<AllowedTarget> allowedTargets) {}

  /**
   * The n8n whose executions an erasure deletes.
   *
   * @param url its root address
   * @param apiKey of its public API
   */
  public record N8n(String url, String apiKey) {
    @Override
    public String toString() {
      return "N8n[" + url + "]";
    }
  }

  /**
   * The Grafana in which users have their dashboards.
   *
   * @param url its root address for us
   * @param publicUrl its root address for browsers
   * @param user a server administrator
   * @param databaseAddress host and port of PostgreSQL as Grafana reaches it
   * @param sslMode of its connections to PostgreSQL: disable, require, verify-ca or verify-full
   */
  public record Grafana(
      String url,
      String publicUrl,
      String user,
      String password,
      String databaseAddress,
      String databaseName,
      String sslMode) {
    @Override
    public String toString() {
      return "Grafana[" + url + "]";
    }
  }

  /** What is wrong with the settings, a line each. */
  public static final class Invalid extends RuntimeException {
    private static final long serialVersionUID = 1;

    Invalid(List<String> faults) {
      super("The settings cannot be used:\n  " + String.join("\n  ", faults));
    }
  }

  /**
   * Reads the settings.
   *
   * @throws Invalid naming every fault
   */
  public static Config from(Map<String, String> environment) {
    Reader reader = new Reader(environment);
    Config config = read(reader);
    reader.finish();
    return config;
  }

  /** Returns the names of all settings, with the prefix. */
  static Set<String> names() {
    Reader reader = new Reader(Map.of());
    var _ = read(reader);
    return reader.known;
  }

  private static Config read(Reader reader) {
    Config config =
        new Config(
            new Http(
                reader.text("HTTP_HOST", "127.0.0.1"),
                reader.number("HTTP_PORT", 8080, 0, 65_535),
                reader.address("PUBLIC_URL", "http://127.0.0.1:8080"),
                reader.number("METRICS_PORT", 9464, 0, 65_535),
                reader.list("TRUSTED_PROXIES", Network::parse)),
            database(reader),
            reader.redis(),
            new Google(
                reader.text("GOOGLE_CLIENT_ID", null),
                reader.secret("GOOGLE_CLIENT_SECRET"),
                reader.address("GOOGLE_ACCOUNTS_URL", "https://accounts.google.com"),
                reader.address("GOOGLE_OAUTH_URL", "https://oauth2.googleapis.com"),
                reader.address("GOOGLE_DATA_URL", "https://www.googleapis.com"),
                reader.address("GOOGLE_ANALYTICS_URL", "https://youtubeanalytics.googleapis.com"),
                reader.address("GOOGLE_REPORTING_URL", "https://youtubereporting.googleapis.com"),
                reader.address("GOOGLE_FEED_URL", "https://www.youtube.com"),
                reader.address("GOOGLE_HUB_URL", "https://pubsubhubbub.appspot.com/subscribe"),
                reader.optionalSecret("GOOGLE_API_KEY"),
                Duration.ofSeconds(reader.number("GOOGLE_TIMEOUT_SECONDS", 30, 1, 600))),
            reader.secret("GRANT_KEYSET"),
            new Limits(
                reader.number("QUOTA_DATA_GENERAL", 10_000, 0, 1_000_000_000),
                reader.number("QUOTA_DATA_SEARCH", 100, 0, 1_000_000_000),
                reader.number("QUOTA_DATA_UPLOAD", 100, 0, 1_000_000_000),
                reader.number("QUOTA_DATA_BATCH_GET_STATS", 10_000, 0, 1_000_000_000),
                reader.number("QUOTA_ANALYTICS_DAY", 100_000, 0, 1_000_000_000),
                reader.number("QUOTA_ANALYTICS_MINUTE", 720, 0, 1_000_000_000),
                reader.number("QUOTA_ANALYTICS_USER_MINUTE", 60, 0, 1_000_000_000),
                reader.number("QUOTA_REPORTING_DAY", 20_000, 0, 1_000_000_000),
                reader.number("QUOTA_REPORTING_MINUTE", 60, 0, 1_000_000_000)),
            new Sharing(
                reader.number("QUOTA_GUARANTEED_PERCENT", 50, 0, 100),
                reader.number("QUOTA_INTERACTIVE_PERCENT", 10, 0, 100),
                Duration.ofHours(reader.number("QUOTA_RELEASE_HOURS", 4, 0, 24))),
            new FetchSettings(
                reader.choice("PUBLIC_STATISTICS", "by-owner", "pooled").equals("pooled"),
                reader.choice("UPLOADS_PUSH", "on", "off").equals("on"),
                reader.choice("VIDEO_DAYS", "by-filter", "top-videos").equals("by-filter")),
            new Concurrency(
                reader.number("CALLS_CONCURRENT", 16, 1, 1000),
                reader.number("CALLS_CONCURRENT_PER_USER", 4, 1, 1000),
                reader.number("CALLS_WAITING", 20_000, 1, 1_000_000),
                reader.number("CALLS_WAITING_PER_USER", 2000, 1, 1_000_000),
                reader.number("FETCHES_CONCURRENT", 200, 1, 100_000)),
            new Legal(reader.optionalAddress("PRIVACY_POLICY_URL"), reader.raw("CONTACT")),
            new Webhooks(reader.list("WEBHOOK_ALLOWED_NETWORKS", AllowedTarget::parse)),
            reader.n8n(),
            reader.grafana(),
            reader.optionalSecret("OPERATOR_TOKEN"),
            reader.number("TENANT_ALARM_MARGIN", 100, 0, 1_000_000),
            reader.duration("CLOCK_OFFSET"));
    if (config.fetching().pooledStatistics() && config.google().apiKey() == null) {
      reader.faults.add(
          "YTEMPIRE_PUBLIC_STATISTICS=pooled needs YTEMPIRE_GOOGLE_API_KEY, by which everybody's statistics are asked.");
    }
    if (config.sharing().guaranteedPercent() + config.sharing().interactivePercent() > 100) {
      reader.faults.add(
          "YTEMPIRE_QUOTA_GUARANTEED_PERCENT and YTEMPIRE_QUOTA_INTERACTIVE_PERCENT are more than 100 together.");
    }
    return config;
  }

  /**
   * What the migration needs: the database with the administrator's password.
   *
   * @throws Invalid naming every fault
   */
  public static DatabaseAccess databaseToMigrate(Map<String, String> environment) {
    Reader reader = new Reader(environment);
    DatabaseAccess database = database(reader);
    if (database.adminPassword() == null) {
      reader.secret("DATABASE_ADMIN_PASSWORD");
    }
    if (!reader.faults.isEmpty()) {
      throw new Invalid(reader.faults);
    }
    return database;
  }

  private static DatabaseAccess database(Reader reader) {
    return new DatabaseAccess(
        reader.text("DATABASE_URL", DATABASE_URL),
        reader.text("DATABASE_ADMIN_USER", "postgres"),
        reader.optionalSecret("DATABASE_ADMIN_PASSWORD"),
        reader.secret("DATABASE_PASSWORD"),
        reader.number("DATABASE_POOL_SIZE", 16, 2, 100));
  }

  /**
   * The keyset alone, for the commands that change it.
   *
   * @throws Invalid without one
   */
  public static String grantKeyset(Map<String, String> environment) {
    Reader reader = new Reader(environment);
    String keyset = reader.secret("GRANT_KEYSET");
    if (!reader.faults.isEmpty()) {
      throw new Invalid(reader.faults);
    }
    return keyset;
  }

  /**
   * The offset of the clock alone, for the operators' commands.
   *
   * @throws Invalid when it is no duration
   */
  public static Duration clockOffset(Map<String, String> environment) {
    Reader reader = new Reader(environment);
    Duration offset = reader.duration("CLOCK_OFFSET");
    if (!reader.faults.isEmpty()) {
      throw new Invalid(reader.faults);
    }
    return offset;
  }

  /** Takes settings one by one and remembers what was wrong. */
  private static final class Reader {
    private static final String PREFIX = "YTEMPIRE_";

    /** A century; no calendar arithmetic of ours leaves its range within it. */
    private static final Duration CLOCK_OFFSET_LIMIT = Duration.ofDays(36_525);

    private final Map<String, String> environment;
    private final Set<String> known =
        new TreeSet<>(
            // Read by LogConfigurator, and by the operators' commands.
            Set.of(
                "YTEMPIRE_LOG_FOLDER",
                "YTEMPIRE_URL",
                "YTEMPIRE_API_TOKEN",
                "YTEMPIRE_API_TOKEN_FILE"));
    private final List<String> faults = new ArrayList<>();

    Reader(Map<String, String> environment) {
      this.environment = environment;
    }

    private @Nullable String raw(String name) {
      known.add(PREFIX + name);
      String value = environment.get(PREFIX + name);
      return value == null || value.isBlank() ? null : value.strip();
    }

    String text(String name, @Nullable String standard) {
      String value = raw(name);
      if (value != null) {
        return value;
      }
      if (standard == null) {
        faults.add(PREFIX + name + " is missing.");
        return "";
      }
      return standard;
    }

    String address(String name, String standard) {
      String value = text(name, standard);
      try {
        URI uri = new URI(value);
        if (!List.of("http", "https").contains(uri.getScheme()) || uri.getHost() == null) {
          faults.add(PREFIX + name + " is no http or https address: " + value);
        }
      } catch (URISyntaxException e) {
        faults.add(PREFIX + name + " is no address: " + e.getMessage());
      }
      return value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
    }

    Redis redis() {
      String setting = PREFIX + "REDIS_URL";
      String url = optionalSecret("REDIS_URL");
      String password = optionalSecret("REDIS_PASSWORD");
      if (url == null) {
        return new Redis("redis://127.0.0.1:6379", password);
      }
      // It may hold a password, which must not be printed.
      try {
        URI uri = new URI(url);
        if (!List.of("redis", "rediss").contains(uri.getScheme()) || uri.getHost() == null) {
          faults.add(setting + " must be redis://host:port or, with TLS, rediss://host:port.");
        }
        String user = uri.getUserInfo();
        if (password != null && user != null && user.contains(":")) {
          faults.add(
              "%s has a password and %sREDIS_PASSWORD is set; set one.".formatted(setting, PREFIX));
        }
      } catch (URISyntaxException e) {
        faults.add(setting + " is no address; write redis://host:port or rediss://host:port.");
      }
      return new Redis(url, password);
    }

    @Nullable N8n n8n() {
      String url = optionalAddress("N8N_URL");
      String key = optionalSecret("N8N_API_KEY");
      if ((url == null) != (key == null)) {
        faults.add(
            "YTEMPIRE_N8N_URL and YTEMPIRE_N8N_API_KEY belong together; set both or neither.");
      }
      return url == null || key == null ? null : new N8n(url, key);
    }

    @Nullable Grafana grafana() {
      String url = optionalAddress("GRAFANA_URL");
      String password = optionalSecret("GRAFANA_PASSWORD");
      String publicUrl = optionalAddress("GRAFANA_PUBLIC_URL");
      String user = text("GRAFANA_USER", "admin");
      String databaseAddress = raw("GRAFANA_DATABASE_ADDRESS");
      String sslMode =
          choice("GRAFANA_DATABASE_SSL", "disable", "require", "verify-ca", "verify-full");
      if ((url == null) != (password == null)) {
        faults.add(
            "YTEMPIRE_GRAFANA_URL and YTEMPIRE_GRAFANA_PASSWORD belong together; set both or neither.");
      }
      if (databaseAddress != null
          && !databaseAddress.matches("[A-Za-z0-9.\\[\\]:_-]+:[0-9]{1,5}")) {
        faults.add(
            "YTEMPIRE_GRAFANA_DATABASE_ADDRESS must be host:port, as Grafana reaches PostgreSQL, not '%s'."
                .formatted(databaseAddress));
      }
      if (url == null || password == null) {
        return null;
      }
      Matcher database = JDBC.matcher(text("DATABASE_URL", DATABASE_URL));
      String host = database.matches() ? database.group(1) : "127.0.0.1:5432";
      return new Grafana(
          url,
          publicUrl == null ? url : publicUrl,
          user,
          password,
          databaseAddress != null
              ? databaseAddress
              : host.matches(".*:[0-9]+") ? host : host + ":5432",
          database.matches() ? database.group(2) : "ytempire",
          sslMode);
    }

    @Nullable String optionalAddress(String name) {
      return raw(name) == null ? null : address(name, "");
    }

    /** One of a few words; the first when left out. */
    String choice(String name, String... words) {
      String value = raw(name);
      if (value == null || List.of(words).contains(value)) {
        return value == null ? words[0] : value;
      }
      faults.add(
          "%s%s must be one of: %s; not '%s'."
              .formatted(PREFIX, name, String.join(", ", words), value));
      return words[0];
    }

    /** What is separated by commas; none when left out. */
    <T> List<T> list(String name, Function<String, T> parse) {
      String value = raw(name);
      List<T> parsed = new ArrayList<>();
      for (String text : value == null ? List.<String>of() : List.of(value.split(",", -1))) {
        try {
          parsed.add(parse.apply(text.strip()));
        } catch (IllegalArgumentException e) {
          faults.add("%s%s: %s.".formatted(PREFIX, name, e.getMessage()));
        }
      }
      return List.copyOf(parsed);
    }

    int number(String name, int standard, int least, int most) {
      String value = raw(name);
      if (value == null) {
        return standard;
      }
      try {
        int number = Integer.parseInt(value);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      faults.add(
          "%s%s must be a whole number from %d to %d, not '%s'."
              .formatted(PREFIX, name, least, most, value));
      return standard;
    }

    /** An ISO-8601 duration, positive or negative; zero when left out. */
    Duration duration(String name) {
      String value = raw(name);
      try {
        Duration duration = value == null ? Duration.ZERO : Duration.parse(value);
        if (duration.abs().compareTo(CLOCK_OFFSET_LIMIT) <= 0) {
          return duration;
        }
      } catch (DateTimeParseException e) {
        // reported below
      }
      faults.add(
          "%s%s must be an ISO-8601 duration of at most %d days either way, such as PT36H or -PT90M, not '%s'."
              .formatted(PREFIX, name, CLOCK_OFFSET_LIMIT.toDays(), value));
      return Duration.ZERO;
    }

    String secret(String name) {
      String value = optionalSecret(name);
      if (value == null) {
        faults.add(
            "%s%s is missing; %s%s_FILE may name a file that holds it."
                .formatted(PREFIX, name, PREFIX, name));
        return "";
      }
      return value;
    }

    @Nullable String optionalSecret(String name) {
      String value = raw(name);
      String file = raw(name + "_FILE");
      if (value != null && file != null) {
        faults.add(
            "%s%s and %s%s_FILE are both set; set one.".formatted(PREFIX, name, PREFIX, name));
      }
      if (file == null) {
        return value;
      }
      try {
        return Files.readString(Path.of(file)).strip();
      } catch (IOException e) {
        faults.add("%s%s_FILE: cannot read %s.".formatted(PREFIX, name, file));
        return "";
      }
    }

    void finish() {
      environment.keySet().stream()
          .filter(name -> name.startsWith(PREFIX) && !known.contains(name))
          .sorted()
          .forEach(name ->
              faults.add(name + " is not a setting; docs/operations/settings.md lists them."));
      if (!faults.isEmpty()) {
        throw new Invalid(faults);
      }
    }
  }
}
