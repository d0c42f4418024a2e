package com.ytempire.sidecar.youtube;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.config.GoogleSettings;
import com.ytempire.sidecar.config.GoogleUrls;
import com.ytempire.sidecar.config.QuotaSettings.Limits;
import com.ytempire.sidecar.config.QuotaSettings.Sharing;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.quota.Quota;
import com.ytempire.sidecar.testing.Engines;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The only adapter to Google, with a server behind it that says what a test has it say. */
final class StubbedGoogle implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-11-20T18:00:00Z");

  final WireMockServer server =
      new WireMockServer(
          WireMockConfiguration.options()
              .bindAddress("127.0.0.1")
              .jettyHeaderRequestSize(16 * 1024)
              .dynamicPort());
  final List<String> outcomes = new ArrayList<>();
  final GoogleYouTube youTube;
  final GoogleFeeds feeds;
  final GoogleOAuth oauth;
  private final Quota quota;
  private final RedisClient redis;
  private final Database database;

  StubbedGoogle(LocalRedis localRedis) {
    server.start();
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    redis = RedisClient.create(localRedis.url());
    database = Engines.openDatabase();
    quota =
        new Quota(
            redis,
            database,
            new Limits(
                new Limits.DataLimits(100, 100, 100, 100),
                new Limits.AnalyticsLimits(100, 100, 100),
                new Limits.ReportingLimits(100, 100)),
            new Sharing(0, 0, Duration.ZERO),
            Map::of,
            false,
            clock);
    String url = server.baseUrl();
    GoogleSettings settings =
        new GoogleSettings(
            "id",
            "secret",
            "a-key",
            Duration.ofSeconds(5),
            new GoogleUrls(url, url, url, url, url, url, url + "/hub"));
    GoogleProject project = new GoogleProject(clock);
    MeteredCalls calls =
        new MeteredCalls(
            new FairScheduler(4, 4, 100, 100, clock),
            quota,
            (userId, method, outcome, took) -> outcomes.add(method + " " + outcome),
            project,
            clock);
    youTube = new GoogleYouTube(new NetHttpTransport(), settings, calls, calls, clock);
    oauth = new GoogleOAuth(new NetHttpTransport(), settings, project, clock);
    feeds =
        new GoogleFeeds(
            new NetHttpTransport(), settings, (userId, method, outcome, took) -> {}, clock);
  }

  /** A call by a grant that is as good as any. */
  static YouTube.Call call() {
    return call("token");
  }

  static YouTube.Call call(@Nullable String token) {
    return new YouTube.Call(
        UUID.randomUUID(),
        1,
        false,
        token == null ? new YouTube.Credential.ApiKey() : new YouTube.Credential.AccessToken(token),
        NOW.plusSeconds(60),
        new YouTube.Spending());
  }

  long left(Bucket bucket) {
    return quota.report().status(bucket).remaining();
  }

  /** A recorded answer of Google's. */
  static String recorded(String name) {
    try (InputStream file =
        Objects.requireNonNull(StubbedGoogle.class.getResourceAsStream("/google/" + name), name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.stop();
    quota.close();
    redis.shutdown();
    database.close();
  }
}
