package com.ytempire.sidecar.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.Catalog;
import io.lettuce.core.RedisClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Export, erasure, and what Google's policies have us do as time goes by. */
final class PrivacyTest {
  private static final String OPERATOR = Platform.OPERATOR_TOKEN;
  private static final List<String> REPORTS =
      List.of(
          "channel-statistics",
          "recent-uploads",
          "video-statistics",
          "channel-day",
          "video-day",
          "device-type-day",
          "geography");

  private final Platform platform = new Platform(2, 2);
  private final Catalog.Account account = platform.world.accounts().getFirst();
  private final String one = account.channels().get(0).id();
  private final String two = account.channels().get(1).id();
  private String ada = "";
  private String bob = "";
  private String service = "";

  @BeforeEach
  void twoConnectedUsersWithRows() {
    ada = platform.connectedUser(0);
    bob = platform.connectedUser(1);
    service = platform.token("service", null);
    for (String user : List.of(ada, bob)) {
      for (var channel : platform.world.accounts().get(user.equals(ada) ? 0 : 1).channels()) {
        fetchAndStore(user, channel.id());
      }
    }
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private void fetchAndStore(String user, String channel) {
    JsonNode fetched =
        platform
            .post(
                "/v1/metrics/fetch",
                service,
                Map.of(
                    "requests",
                    REPORTS.stream()
                        .map(report ->
                            Map.of("userId", user, "channelId", channel, "report", report))
                        .toList()))
            .expect(200)
            .body();
    List<JsonNode> rows = new ArrayList<>();
    fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));
    rows.add(
        Platform.JSON.valueToTree(
            Map.of(
                "kind",
                "retention-point",
                "userId",
                user,
                "channelId",
                channel,
                "videoId",
                "curvevideo1",
                "startDate",
                "2026-10-05",
                "endDate",
                "2026-11-01",
                "elapsedVideoTimeRatio",
                0.5,
                "audienceWatchRatio",
                0.4)));
    JsonNode stored =
        platform.post("/v1/metrics/store", service, Map.of("rows", rows)).expect(200).body();
    assertEquals(0, stored.get("rejected").intValue(), stored.toString());
  }

  private Answer channel(String channelId) {
    return platform.get("/v1/users/%s/channels/%s".formatted(ada, channelId), OPERATOR).expect(200);
  }

  private void disconnect(String channelId) {
    platform
        .delete("/v1/users/%s/channels/%s/connection".formatted(ada, channelId), OPERATOR)
        .expect(204);
  }

  private List<String> notices() {
    List<String> kinds = new ArrayList<>();
    platform
        .get("/v1/users/" + ada + "/notices", OPERATOR)
        .expect(200)
        .body()
        .get("notices")
        .forEach(notice -> kinds.add(notice.get("kind").stringValue()));
    return kinds;
  }

  /** Rows of a channel in every private table that has a channel column, by table. */
  private Map<String, Long> rowsOf(String channelId) {
    Map<String, Long> counts = new TreeMap<>();
    for (Map<String, Object> table :
        platform.admin(
            "select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'channel_id'"
                + " where c.relnamespace = 'core'::regnamespace and c.relkind = 'r' and c.relname <> 'channels'")) {
      long count =
          platform.count("core." + table.get("name") + " where channel_id = '" + channelId + "'");
      if (count > 0) {
        counts.put(String.valueOf(table.get("name")), count);
      }
    }
    return counts;
  }

  private int visible(String channelId) {
    int rows = 0;
    for (String kind :
        List.of(
            "channel-day",
            "video-day",
            "channel-statistics",
            "video-statistics",
            "video",
            "dimension-day",
            "dimension-period",
            "retention-point")) {
      rows +=
          platform
              .get("/v1/users/%s/metrics/%s?channelId=%s".formatted(ada, kind, channelId), OPERATOR)
              .expect(200)
              .body()
              .get("rows")
              .size();
    }
    return rows;
  }

  @Test
  void a_disconnected_channel_is_hidden_at_once_and_erased_in_a_week() {
    int twos = visible(two);
    assertTrue(visible(one) > 0 && visible(two) > 0, "nothing was stored");
    disconnect(one);
    assertEquals(0, visible(one));
    assertEquals(twos, visible(two));
    assertTrue(rowsOf(one).containsKey("channel_days"), "kept for a while");
    Instant erasedAt = Instant.parse(channel(one).text("eraseAfter"));
    assertTrue(
        !erasedAt.isAfter(platform.clock.instant().plus(Duration.ofDays(7))), erasedAt.toString());
    Answer refused =
        platform.post(
            "/v1/metrics/store",
            service,
            Map.of(
                "rows",
                List.of(
                    Map.of(
                        "kind",
                        "channel-day",
                        "userId",
                        ada,
                        "channelId",
                        one,
                        "day",
                        "2026-11-01",
                        "views",
                        1))));
    assertEquals(1, refused.expect(200).body().get("rejected").intValue());

    platform.clock.advance(Duration.ofDays(6));
    platform.app.runJobs();
    assertEquals(Map.of("notices", 2L), rowsOf(one));
    assertEquals(one, channel(one).text("channelName"), "the title came from YouTube");
    assertTrue(channel(one).body().get("eraseAfter").isNull());
    assertEquals(List.of("channel-disconnected", "channel-erased"), notices());
    assertTrue(rowsOf(two).size() > 3, rowsOf(two).toString());
  }

  @Test
  void a_channel_connected_again_in_time_is_shown_again_with_all_it_had() {
    int before = visible(one);
    disconnect(one);
    platform.clock.advance(Duration.ofDays(5));
    assertEquals(200, platform.connect(ada, one, one).statusCode());
    platform.clock.advance(Duration.ofDays(3));
    platform.app.runJobs();
    assertEquals(before, visible(one));
    assertTrue(channel(one).body().get("eraseAfter").isNull());
  }

  @Test
  void a_grant_that_nobody_used_is_verified_within_thirty_days() {
    platform.simulator.faults().killGrant(two);
    platform.clock.advance(Duration.ofDays(29));
    platform.app.runJobs();
    assertEquals("connected", channel(one).text("connection"));
    assertEquals("reconnect-needed", channel(two).text("connection"));
    assertEquals(
        List.of(),
        platform.admin(
            "select channel_id from core.oauth_grants g join core.channels c using (user_id, channel_id)"
                + " where c.connection = 'connected' and verified_at < '"
                + platform.clock.instant().minus(Duration.ofDays(1))
                + "'"));
  }

  @Test
  void a_dead_grant_is_announced_once_and_its_data_erased_in_30_days() {
    platform.simulator.faults().killGrant(one);
    for (int i = 0; i < 3; i++) {
      platform
          .post(
              "/v1/metrics/fetch",
              service,
              Map.of(
                  "maxAgeMinutes",
                  0,
                  "requests",
                  List.of(Map.of("userId", ada, "channelId", one, "report", "channel-day"))))
          .expect(200);
    }
    assertEquals(List.of("reconnect-needed"), notices());
    assertTrue(visible(one) > 0, "what was fetched stays in sight while it may be connected again");
    platform.clock.advance(Duration.ofDays(28));
    platform.app.runJobs();
    assertTrue(rowsOf(one).containsKey("channel_days"), rowsOf(one).toString());
    platform.clock.advance(Duration.ofDays(1));
    platform.app.runJobs();
    platform.app.runJobs();
    assertEquals(Map.of("notices", 2L), rowsOf(one));
    assertEquals("not-connected", channel(one).text("connection"));
  }

  @Test
  void a_revocation_that_google_did_not_take_is_tried_again() {
    platform.simulator.faults().refuseRevocations(true);
    disconnect(one);
    // While another channel is connected, revoking would end its grant as well.
    disconnect(two);
    assertEquals(2, platform.count("core.pending_revocations"));
    assertEquals(0, platform.count("core.oauth_grants where channel_id = '" + one + "'"));
    platform.app.runJobs();
    assertEquals(2, platform.count("core.pending_revocations"));
    platform.simulator.faults().refuseRevocations(false);
    platform.app.runJobs();
    assertEquals(0, platform.count("core.pending_revocations"));
  }

  @Test
  void public_statistics_are_erased_after_30_days_and_own_ones_stay() {
    Instant then = platform.clock.instant();
    platform
        .post(
            "/v1/metrics/store",
            service,
            Map.of(
                "rows",
                List.of(
                    Map.of(
                        "kind",
                        "channel-statistics",
                        "userId",
                        ada,
                        "channelId",
                        one,
                        "observedAt",
                        then.minusSeconds(60).toString(),
                        "views",
                        7,
                        "videos",
                        1,
                        "withoutGrant",
                        true),
                    Map.of(
                        "kind",
                        "video-statistics",
                        "userId",
                        ada,
                        "channelId",
                        one,
                        "videoId",
                        "publicvideo",
                        "observedAt",
                        then.minusSeconds(60).toString(),
                        "views",
                        7,
                        "withoutGrant",
                        true))))
        .expect(200);
    long owners = platform.count("core.channel_statistics where without_grant is not true");
    long titles = platform.count("core.videos");
    platform.app.runJobs();
    assertEquals(1, platform.count("core.channel_statistics where without_grant"));
    assertEquals(
        0,
        platform.count("core.video_statistics_days where video_id = 'publicvideo'"),
        "public figures were rolled up");
    platform.clock.advance(Duration.ofDays(15));
    fetchAndStore(ada, one);
    platform.clock.advance(Duration.ofDays(16));
    platform.app.runJobs();
    assertEquals(0, platform.count("core.channel_statistics where without_grant"));
    assertEquals(0, platform.count("core.video_statistics where without_grant"));
    assertTrue(
        platform.count("core.channel_statistics") > owners, "the owners' own statistics are gone");
    long left = platform.count("core.videos");
    assertTrue(left > 0 && left < titles, left + " of " + titles + " titles are left");
    assertEquals(0, platform.count("core.videos where channel_id <> '" + one + "'"));
  }

  private HttpResponse<byte[]> export(String user, String token)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(platform.url("/v1/users/" + user + "/export")))
              .header("Authorization", "Bearer " + token)
              .build(),
          BodyHandlers.ofByteArray());
    }
  }

  private static Map<String, String> unzipped(byte[] zip) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        files.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return files;
  }

  @Test
  void files_of_an_export_are_as_old_as_it_is() throws Exception {
    LocalDateTime now = LocalDateTime.ofInstant(platform.clock.instant(), ZoneOffset.UTC);
    byte[] zip = export(ada, platform.token("user", ada)).body();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      int files = 0;
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        // ZIP counts in steps of two seconds.
        assertTrue(
            Duration.between(entry.getTimeLocal(), now).abs().toSeconds() < 2, entry.toString());
        files++;
      }
      assertTrue(files > 5, "the archive has " + files + " files");
    }
  }

  @Test
  void text_that_a_spreadsheet_would_calculate_is_neutralized() throws Exception {
    String user = platform.createUser("formulas@example.com");
    for (String name : List.of("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "plain =1")) {
      platform.patch("/v1/users/" + user, OPERATOR, Map.of("displayName", name)).expect(200);
      String csv =
          String.valueOf(
              unzipped(export(user, platform.token("user", user)).body()).get("users.csv"));
      assertTrue(csv.contains((name.equals("plain =1") ? "," : ",'") + name + ","), csv);
    }
  }

  @Test
  void an_export_under_way_has_no_file_to_leave_behind() throws Exception {
    String token = platform.token("user", ada);
    try (Connection admin = Engines.admin(platform.database);
        var statement = admin.createStatement()) {
      admin.setAutoCommit(false);
      statement.execute("lock table core.video_days in access exclusive mode");
      var answer = CompletableFuture.supplyAsync(() -> exportStatus(ada, token));
      while (platform
          .admin(
              "select 1 as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'copy %'")
          .isEmpty()) {
        assertFalse(answer.isDone(), "the export did not wait for the lock");
      }
      try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
        assertEquals(
            List.of(),
            files
                .filter(file -> file.getFileName().toString().startsWith("ytempire-export"))
                .toList());
      }
      admin.rollback();
      assertEquals(200, answer.get());
    }
  }

  private int exportStatus(String user, String token) {
    try {
      return export(user, token).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Test
  void the_export_holds_every_row_of_the_user_and_nobody_elses() throws Exception {
    String token = platform.token("user", ada);
    HttpResponse<byte[]> answer = export(ada, token);
    assertEquals(200, answer.statusCode());
    assertEquals("application/zip", answer.headers().firstValue("content-type").orElse(""));
    Map<String, String> files = unzipped(answer.body());
    assertEquals(
        platform.count("core.video_days where user_id = '" + ada + "'"),
        files.getOrDefault("video_metrics.csv", "").lines().count() - 1);
    assertEquals(
        platform.count("core.channel_days where user_id = '" + ada + "'"),
        files.getOrDefault("youtube_metrics.csv", "").lines().count() - 1);
    for (Map.Entry<String, String> each :
        Map.of(
                "dimension_days", "dimension_metrics.csv",
                "dimension_periods", "dimension_periods.csv",
                "retention_points", "retention_curves.csv")
            .entrySet()) {
      long rows = platform.count("core." + each.getKey() + " where user_id = '" + ada + "'");
      assertTrue(rows > 0, "nothing is stored in " + each.getKey());
      assertEquals(rows, files.getOrDefault(each.getValue(), "").lines().count() - 1, each::getKey);
    }
    assertTrue(
        files.getOrDefault("users.csv", "").contains(account.email()), files.get("users.csv"));
    assertTrue(files.keySet().containsAll(Set.of("README.txt", "audit_log.csv", "videos.csv")));
    files.forEach((name, text) -> {
      assertFalse(text.contains(bob), name + " holds rows of another user");
      assertFalse(text.contains("refresh_token"), name + " holds grants");
    });
    assertEquals(404, export(bob, token).statusCode());
  }

  @Test
  void an_erased_user_is_gone_everywhere_and_others_keep_all() throws Exception {
    String token = platform.token("user", ada);
    JsonNode login =
        platform.post("/v1/users/" + ada + "/database-login", token, Map.of()).expect(201).body();
    platform.app.runJobs();
    platform.app.recordActivities();
    Map<String, Long> bobs = everythingOf(bob);
    assertTrue(everythingOf(ada).size() >= 9, everythingOf(ada).toString());
    platform.delete("/v1/users/" + ada, token).expectProblem(400, "invalid-request");
    platform
        .delete("/v1/users/" + ada + "?confirm=someone@example.com", token)
        .expectProblem(400, "invalid-request");
    assertTrue(everythingOf(ada).size() >= 9, "something was erased without a confirmation");

    try (Connection open =
        Engines.postgres()
            .connect(
                platform.database,
                login.get("login").stringValue(),
                login.get("password").stringValue())) {
      // By a workflow, whose acts are written down: nor does that leave a row of the user's.
      Answer erased =
          platform.delete("/v1/users/" + ada + "?confirm=" + account.email(), service).expect(200);
      assertEquals("not-configured", erased.text("n8nExecutions"));
      assertTrue(isEnded(open), "an open session of the user's login outlived the user");
    }
    assertEquals(Map.of(), everythingOf(ada));
    assertEquals(bobs, everythingOf(bob));
    // Where another session drops roles at the moment, the job drops this one.
    Polling.until(
        "the role of the user's login to be dropped",
        () ->
            platform.count("pg_roles where rolname = '" + login.get("login").stringValue() + "'")
                == 0);
    platform.get("/v1/users/" + ada, token).expectProblem(401, "unauthenticated");
    platform.get("/v1/users/" + ada, OPERATOR).expectProblem(404, "unknown-user");
    assertEquals(
        1, platform.count("core.audit_log where user_id is null and action = 'user.erased'"));
    RedisClient redis = RedisClient.create(platform.redis.url());
    try (var connection = redis.connect()) {
      List<String> keys = connection.sync().keys("*" + ada + "*");
      assertEquals(List.of(), keys);
      assertFalse(connection.sync().keys("*" + bob + "*").isEmpty(), "the other's cache is gone");
    } finally {
      redis.shutdown();
    }
    assertEquals(0, platform.count("core.pending_revocations"));
    // The same person may begin anew.
    platform.createUser(account.email());
  }

  private static boolean isEnded(Connection connection) {
    try (var statement = connection.createStatement()) {
      statement.execute("select 1");
      return false;
    } catch (SQLException e) {
      return true;
    }
  }

  /** Rows of a user in every private table, by table. */
  private Map<String, Long> everythingOf(String user) {
    Map<String, Long> counts = new TreeMap<>();
    for (Map<String, Object> table :
        platform.admin(
            "select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                + " join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'"
                + " where n.nspname in ('core', 'sec') and c.relkind = 'r'")) {
      String name = String.valueOf(table.get("name"));
      long count = platform.count(name + " where user_id = '" + user + "'");
      if (count > 0) {
        counts.put(name, count);
      }
    }
    return counts;
  }
}
