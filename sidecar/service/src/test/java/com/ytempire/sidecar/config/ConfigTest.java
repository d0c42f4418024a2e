package com.ytempire.sidecar.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.QuotaSettings.Limits.AnalyticsLimits;
import com.ytempire.sidecar.config.QuotaSettings.Limits.DataLimits;
import com.ytempire.sidecar.config.QuotaSettings.Limits.ReportingLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Defaults, the full mapping, and what stops the program. */
final class ConfigTest {
  private static final Map<String, String> LEAST =
      Map.of(
          "YTEMPIRE_DATABASE_ADMIN_PASSWORD", "a",
          "YTEMPIRE_DATABASE_PASSWORD", "b",
          "YTEMPIRE_GOOGLE_CLIENT_ID", "c",
          "YTEMPIRE_GOOGLE_CLIENT_SECRET", "d",
          "YTEMPIRE_GRANT_KEYSET", "e");

  @Test
  void as_many_connections_to_google_stay_open_as_calls_run_at_once() throws IOException {
    String options = Files.readString(Path.of("jvm.options"));
    int calls = Config.from(LEAST).fetching().concurrency().concurrent();
    assertTrue(options.contains("-Dhttp.maxConnections=" + calls + "\n"), options);
  }

  @Test
  void every_setting_has_its_default() {
    assertEquals(
        new Config(
            new HttpSettings(
                "127.0.0.1",
                8080,
                "http://127.0.0.1:8080",
                9464,
                List.of(),
                new HttpSettings.Legal(null, null),
                Duration.ZERO),
            new StorageSettings(
                new DatabaseAccess(
                    "jdbc:postgresql://127.0.0.1:5432/ytempire", "postgres", "a", "b", 16),
                new RedisSettings("redis://127.0.0.1:6379", null),
                50_000,
                192L << 20),
            new SecuritySettings("e", null, 100),
            new GoogleSettings(
                "c",
                "d",
                null,
                Duration.ofSeconds(30),
                new GoogleUrls(
                    "https://accounts.google.com",
                    "https://oauth2.googleapis.com",
                    "https://www.googleapis.com",
                    "https://youtubeanalytics.googleapis.com",
                    "https://youtubereporting.googleapis.com",
                    "https://www.youtube.com",
                    "https://pubsubhubbub.appspot.com/subscribe")),
            new QuotaSettings(
                new QuotaSettings.Limits(
                    new DataLimits(10_000, 100, 100, 10_000),
                    new AnalyticsLimits(100_000, 720, 60),
                    new ReportingLimits(20_000, 60)),
                new QuotaSettings.Sharing(50, 10, Duration.ofHours(4))),
            new FetchSettings(
                false,
                true,
                true,
                new FetchSettings.Concurrency(64, 4, 10_000, 2000, 200),
                Duration.ofMinutes(5)),
            new IntegrationSettings(
                new IntegrationSettings.Webhooks(List.of()), null, null, null, null),
            Duration.ZERO),
        Config.from(LEAST));
  }

  @Test
  void every_setting_is_read() {
    Map<String, String> all = new HashMap<>(LEAST);
    all.put("YTEMPIRE_HTTP_HOST", "0.0.0.0");
    all.put("YTEMPIRE_HTTP_PORT", "9");
    all.put("YTEMPIRE_METRICS_PORT", "10");
    all.put("YTEMPIRE_SHUTDOWN_DELAY_SECONDS", "19");
    all.put("YTEMPIRE_TRUSTED_PROXIES", "10.1.0.0/16, ::1");
    all.put("YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS", "10.2.0.0/16:8443, n8n:5678");
    all.put("YTEMPIRE_PUBLIC_URL", "https://data.example.com/");
    all.put("YTEMPIRE_DATABASE_URL", "jdbc:postgresql://db/x");
    all.put("YTEMPIRE_DATABASE_ADMIN_USER", "admin");
    all.put("YTEMPIRE_DATABASE_POOL_SIZE", "3");
    all.put("YTEMPIRE_REDIS_URL", "rediss://cache@r");
    all.put("YTEMPIRE_REDIS_PASSWORD", "the-redis-password");
    all.put("YTEMPIRE_EVENTS_PER_USER_DAY", "20");
    all.put("YTEMPIRE_EXPORT_MEGABYTES", "21");
    all.put("YTEMPIRE_GOOGLE_ACCOUNTS_URL", "http://a");
    all.put("YTEMPIRE_GOOGLE_OAUTH_URL", "http://o");
    all.put("YTEMPIRE_GOOGLE_DATA_URL", "http://d");
    all.put("YTEMPIRE_GOOGLE_ANALYTICS_URL", "http://y");
    all.put("YTEMPIRE_GOOGLE_TIMEOUT_SECONDS", "7");
    all.put("YTEMPIRE_QUOTA_DATA_GENERAL", "1");
    all.put("YTEMPIRE_QUOTA_DATA_SEARCH", "2");
    all.put("YTEMPIRE_QUOTA_DATA_UPLOAD", "3");
    all.put("YTEMPIRE_QUOTA_DATA_BATCH_GET_STATS", "4");
    all.put("YTEMPIRE_QUOTA_ANALYTICS_DAY", "5");
    all.put("YTEMPIRE_QUOTA_ANALYTICS_MINUTE", "6");
    all.put("YTEMPIRE_CALLS_CONCURRENT", "11");
    all.put("YTEMPIRE_CALLS_CONCURRENT_PER_USER", "12");
    all.put("YTEMPIRE_CALLS_WAITING_PER_USER", "13");
    all.put("YTEMPIRE_CALLS_WAITING", "16");
    all.put("YTEMPIRE_FETCHES_CONCURRENT", "17");
    all.put("YTEMPIRE_QUOTA_ANALYTICS_USER_MINUTE", "60");
    all.put("YTEMPIRE_QUOTA_GUARANTEED_PERCENT", "51");
    all.put("YTEMPIRE_QUOTA_INTERACTIVE_PERCENT", "14");
    all.put("YTEMPIRE_QUOTA_RELEASE_HOURS", "15");
    all.put("YTEMPIRE_GOOGLE_REPORTING_URL", "http://r");
    all.put("YTEMPIRE_GOOGLE_FEED_URL", "http://f");
    all.put("YTEMPIRE_GOOGLE_HUB_URL", "http://h");
    all.put("YTEMPIRE_GOOGLE_API_KEY", "k");
    all.put("YTEMPIRE_QUOTA_REPORTING_DAY", "7");
    all.put("YTEMPIRE_QUOTA_REPORTING_MINUTE", "8");
    all.put("YTEMPIRE_PUBLIC_STATISTICS", "pooled");
    all.put("YTEMPIRE_UPLOADS_PUSH", "off");
    all.put("YTEMPIRE_CHECK_INTERVAL_SECONDS", "18");
    all.put("YTEMPIRE_VIDEO_DAYS", "top-videos");
    all.put("YTEMPIRE_PRIVACY_POLICY_URL", "https://example.com/privacy");
    all.put("YTEMPIRE_CONTACT", "help@example.com");
    all.put("YTEMPIRE_N8N_URL", "http://n8n:5678/");
    all.put("YTEMPIRE_N8N_API_KEY", "k");
    all.put("YTEMPIRE_GRAFANA_URL", "http://grafana:3000/");
    all.put("YTEMPIRE_GRAFANA_PUBLIC_URL", "https://dashboards.example.com");
    all.put("YTEMPIRE_GRAFANA_USER", "provisioner");
    all.put("YTEMPIRE_GRAFANA_PASSWORD", "g");
    all.put("YTEMPIRE_GRAFANA_DATABASE_ADDRESS", "postgres:5433");
    all.put("YTEMPIRE_GRAFANA_DATABASE_SSL", "require");
    all.put("YTEMPIRE_STRIPE_URL", "http://stripe:1");
    all.put("YTEMPIRE_STRIPE_API_KEY", "rk");
    all.put("YTEMPIRE_STRIPE_WEBHOOK_SECRETS", "whsec_1, whsec_2");
    all.put("YTEMPIRE_STRIPE_PRICES", "price_1=growth,price_2=scale");
    all.put("YTEMPIRE_STRIPE_GRACE_DAYS", "19");
    all.put("YTEMPIRE_SMTP_HOST", "mail.example.com");
    all.put("YTEMPIRE_SMTP_PORT", "465");
    all.put("YTEMPIRE_SMTP_SECURITY", "tls");
    all.put("YTEMPIRE_SMTP_USER", "reports");
    all.put("YTEMPIRE_SMTP_PASSWORD", "s");
    all.put("YTEMPIRE_SMTP_TIMEOUT_SECONDS", "19");
    all.put("YTEMPIRE_MAIL_FROM", "YTEMPIRE <reports@example.com>");
    all.put("YTEMPIRE_OPERATOR_TOKEN", "t");
    all.put("YTEMPIRE_TENANT_ALARM_MARGIN", "18");
    all.put("YTEMPIRE_CLOCK_OFFSET", "-PT1H30M");
    assertEquals(
        new Config(
            new HttpSettings(
                "0.0.0.0",
                9,
                "https://data.example.com",
                10,
                List.of(Network.parse("10.1.0.0/16"), Network.parse("::1")),
                new HttpSettings.Legal("https://example.com/privacy", "help@example.com"),
                Duration.ofSeconds(19)),
            new StorageSettings(
                new DatabaseAccess("jdbc:postgresql://db/x", "admin", "a", "b", 3),
                new RedisSettings("rediss://cache@r", "the-redis-password"),
                20,
                21L << 20),
            new SecuritySettings("e", "t", 18),
            new GoogleSettings(
                "c",
                "d",
                "k",
                Duration.ofSeconds(7),
                new GoogleUrls(
                    "http://a",
                    "http://o",
                    "http://d",
                    "http://y",
                    "http://r",
                    "http://f",
                    "http://h")),
            new QuotaSettings(
                new QuotaSettings.Limits(
                    new DataLimits(1, 2, 3, 4),
                    new AnalyticsLimits(5, 6, 60),
                    new ReportingLimits(7, 8)),
                new QuotaSettings.Sharing(51, 14, Duration.ofHours(15))),
            new FetchSettings(
                true,
                false,
                false,
                new FetchSettings.Concurrency(11, 12, 16, 13, 17),
                Duration.ofSeconds(18)),
            new IntegrationSettings(
                new IntegrationSettings.Webhooks(
                    List.of(
                        AllowedTarget.parse("10.2.0.0/16:8443"), AllowedTarget.parse("n8n:5678"))),
                new N8nSettings("http://n8n:5678", "k"),
                new GrafanaSettings(
                    "http://grafana:3000",
                    "https://dashboards.example.com",
                    "provisioner",
                    "g",
                    new GrafanaSettings.GrafanaDatabase("postgres:5433", "x", "require")),
                new StripeSettings(
                    "http://stripe:1",
                    "rk",
                    List.of("whsec_1", "whsec_2"),
                    Map.of("price_1", "growth", "price_2", "scale"),
                    Duration.ofDays(19)),
                new SmtpSettings(
                    "mail.example.com",
                    465,
                    "tls",
                    "reports",
                    "s",
                    Duration.ofSeconds(19),
                    "YTEMPIRE <reports@example.com>")),
            Duration.ofMinutes(-90)),
        Config.from(all));
  }

  @Test
  void all_faults_are_reported_at_once() {
    InvalidSettings invalid =
        assertThrows(
            InvalidSettings.class,
            () ->
                Config.from(
                    Map.of(
                        "YTEMPIRE_HTTP_PROT",
                        "1",
                        "YTEMPIRE_HTTP_PORT",
                        "many",
                        "YTEMPIRE_PUBLIC_URL",
                        "ftp://x",
                        "YTEMPIRE_PUBLIC_STATISTICS",
                        "pooled",
                        "YTEMPIRE_UPLOADS_PUSH",
                        "maybe",
                        "YTEMPIRE_CLOCK_OFFSET",
                        "two hours",
                        "YTEMPIRE_GOOGLE_CLIENT_ID",
                        "c")));
    String message = String.valueOf(invalid.getMessage());
    for (String part :
        new String[] {
          "YTEMPIRE_HTTP_PROT is not a setting",
          "YTEMPIRE_HTTP_PORT must be",
          "YTEMPIRE_PUBLIC_URL",
          "YTEMPIRE_PUBLIC_STATISTICS=pooled needs YTEMPIRE_GOOGLE_API_KEY",
          "YTEMPIRE_UPLOADS_PUSH must be one of: on, off; not 'maybe'",
          "YTEMPIRE_CLOCK_OFFSET must be an ISO-8601 duration",
          "YTEMPIRE_GRANT_KEYSET is missing"
        }) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void secrets_come_from_files_too_and_are_never_printed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "from a file\n");
    Map<String, String> settings = new HashMap<>(LEAST);
    settings.remove("YTEMPIRE_GOOGLE_CLIENT_SECRET");
    settings.put("YTEMPIRE_GOOGLE_CLIENT_SECRET_FILE", file.toString());
    Config config = Config.from(settings);
    assertEquals("from a file", config.google().clientSecret());
    Config secretive =
        Config.from(
            Map.of(
                "YTEMPIRE_DATABASE_ADMIN_PASSWORD",
                "s3cret",
                "YTEMPIRE_DATABASE_PASSWORD",
                "s3cret",
                "YTEMPIRE_GOOGLE_CLIENT_ID",
                "c",
                "YTEMPIRE_GOOGLE_CLIENT_SECRET",
                "s3cret",
                "YTEMPIRE_GRANT_KEYSET",
                "s3cret",
                "YTEMPIRE_REDIS_URL",
                "redis://:s3cret@r",
                "YTEMPIRE_GOOGLE_API_KEY",
                "s3cret",
                "YTEMPIRE_OPERATOR_TOKEN",
                "s3cret"));
    assertFalse(
        secretive.toString().contains("s3cret")
            || secretive.google().toString().contains("s3cret")
            || secretive.storage().redis().toString().contains("s3cret")
            || secretive.storage().database().toString().contains("s3cret"));
    settings.put("YTEMPIRE_GOOGLE_CLIENT_SECRET", "twice");
    assertThrows(InvalidSettings.class, () -> Config.from(settings));
    settings.remove("YTEMPIRE_GOOGLE_CLIENT_SECRET");
    settings.put("YTEMPIRE_GOOGLE_CLIENT_SECRET_FILE", folder.resolve("absent").toString());
    assertThrows(InvalidSettings.class, () -> Config.from(settings));
  }

  @Test
  void a_redis_address_of_no_use_is_reported_without_its_password() {
    for (String url : List.of("http://:s3cret@r", "redis://:s3cret@", "redis:// s3cret")) {
      Map<String, String> settings = new HashMap<>(LEAST);
      settings.put("YTEMPIRE_REDIS_URL", url);
      String why =
          String.valueOf(
              assertThrows(InvalidSettings.class, () -> Config.from(settings), url).getMessage());
      assertTrue(why.contains("YTEMPIRE_REDIS_URL") && !why.contains("s3cret"), why);
    }
    Map<String, String> twice = new HashMap<>(LEAST);
    twice.put("YTEMPIRE_REDIS_URL", "redis://user:one@r");
    twice.put("YTEMPIRE_REDIS_PASSWORD", "another");
    assertThrows(InvalidSettings.class, () -> Config.from(twice));
  }

  @Test
  void every_setting_is_documented_and_no_other() throws IOException {
    String page = Files.readString(Path.of("../../docs/operations/settings.md"));
    Set<String> documented =
        Pattern.compile("(?m)^\\| `(YTEMPIRE_[A-Z0-9_]+)` \\|")
            .matcher(page)
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> read =
        Config.names().stream()
            .filter(name -> !name.endsWith("_FILE"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(read, documented);
  }
}
