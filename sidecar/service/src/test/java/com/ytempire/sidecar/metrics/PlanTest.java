package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.oauth.StoredSecretCipher;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Faults;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Only what is due is fetched, by the cheapest way there is, and nothing that is due is lost. */
final class PlanTest {
  private static final List<String> REPORTS =
      List.of(
          "channel-statistics",
          "recent-uploads",
          "video-statistics",
          "video-details",
          "channel-day",
          "channel-revenue-day",
          "video-day",
          "video-revenue-day",
          "traffic-source-day");

  private static List<Map<String, Object>> requests(
      Platform platform, Map<String, Integer> accounts, List<String> reports) {
    List<Map<String, Object>> requests = new ArrayList<>();
    accounts.forEach((user, account) ->
        platform
            .world
            .accounts()
            .get(account)
            .channels()
            .forEach(channel ->
                reports.forEach(report ->
                    requests.add(
                        Map.of("userId", user, "channelId", channel.id(), "report", report)))));
    return requests;
  }

  private static JsonNode due(Platform platform, List<Map<String, Object>> requests) {
    return platform
        .post(
            "/v1/metrics/fetch",
            Platform.OPERATOR_TOKEN,
            Map.of("requests", requests, "onlyDue", true))
        .expect(200)
        .body();
  }

  /** Asked of YouTube as it stands, whatever is at hand. */
  private static JsonNode fetch(Platform platform, List<Map<String, Object>> requests) {
    return platform
        .post(
            "/v1/metrics/fetch",
            Platform.OPERATOR_TOKEN,
            Map.of("requests", requests, "maxAgeMinutes", 0))
        .expect(200)
        .body();
  }

  private static JsonNode store(Platform platform, List<JsonNode> rows) {
    JsonNode stored =
        platform
            .post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", rows))
            .expect(200)
            .body();
    assertEquals(0, stored.get("rejected").intValue(), stored.toString());
    return stored;
  }

  private static Set<String> notDue(JsonNode fetched, List<Map<String, Object>> requests) {
    Set<String> reports = new TreeSet<>();
    fetched
        .get("notDue")
        .forEach(each ->
            reports.add(
                String.valueOf(requests.get(each.get("request").intValue()).get("report"))));
    return reports;
  }

  @Test
  void statistics_are_missed_when_new_videos_cannot_be_looked_for() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Map<String, Object>> requests =
          requests(platform, Map.of(user, 0), List.of("recent-uploads", "video-statistics"));
      platform.simulator.faults().feedsAway(true);
      platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 100);
      JsonNode missed = due(platform, requests);
      assertEquals(0, missed.get("results").size(), missed.toString());
      List<String> reasons = new ArrayList<>();
      missed.get("notFetched").forEach(each -> reasons.add(each.get("reason").stringValue()));
      assertEquals(List.of("unavailable", "unavailable"), reasons);
      platform.simulator.faults().feedsAway(false);
      platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 0);
      assertEquals(2, due(platform, requests).get("results").size());
    }
  }

  @Test
  void what_was_stored_is_not_due_until_it_can_have_changed() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      List<Map<String, Object>> requests = requests(platform, Map.of(ada, 0), REPORTS);
      JsonNode first = due(platform, requests);
      assertEquals(0, first.get("notFetched").size(), first.get("notFetched").toString());
      store(platform, Platform.fetchedRows(first));
      // History comes in parts.
      for (List<JsonNode> part = Platform.fetchedRows(due(platform, requests));
          !part.isEmpty();
          part = Platform.fetchedRows(due(platform, requests))) {
        store(platform, part);
      }

      JsonNode again = due(platform, requests);
      assertFalse(again.get("unitsSpent").has("data.general"), again.get("unitsSpent").toString());
      assertTrue(
          notDue(again, requests)
              .containsAll(Set.of("channel-statistics", "recent-uploads", "video-statistics")),
          again.get("notDue").toString());

      // The newest day is not there yet: it is asked for now and then, not at every tick.
      List<Map<String, Object>> days = requests(platform, Map.of(ada, 0), List.of("channel-day"));
      due(platform, days);
      assertEquals("{}", due(platform, days).get("unitsSpent").toString());

      platform.clock.advance(Duration.ofMinutes(15));
      JsonNode tick = due(platform, requests);
      assertEquals(
          1L,
          tick.get("unitsSpent").get("data.general").longValue(),
          tick.get("unitsSpent").toString());
      assertFalse(notDue(tick, requests).contains("channel-statistics"));
    }
  }

  @Test
  void what_was_fetched_and_not_stored_stays_due_at_no_cost() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      List<Map<String, Object>> requests =
          requests(platform, Map.of(ada, 0), List.of("channel-day", "video-day"));
      List<JsonNode> lost = Platform.fetchedRows(due(platform, requests));
      JsonNode again = due(platform, requests);
      assertEquals(lost, Platform.fetchedRows(again));
      assertEquals("{}", again.get("unitsSpent").toString());
    }
  }

  @Test
  void days_are_fetched_again_while_restated_and_revisions_are_kept() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      List<Map<String, Object>> requests =
          requests(platform, Map.of(ada, 0), List.of("channel-day", "channel-revenue-day"));
      store(platform, Platform.fetchedRows(due(platform, requests)));
      assertEquals(0, platform.count("core.metric_revisions"), "late figures restate nothing");
      Set<String> seen = new TreeSet<>();
      for (int day = 0; day < 3; day++) {
        platform.clock.advance(Duration.ofDays(1));
        List<JsonNode> rows = Platform.fetchedRows(due(platform, requests));
        rows.stream()
            .filter(row -> row.has("views"))
            .forEach(row -> seen.add(row.get("day").stringValue()));
        store(platform, rows);
      }
      // Older days have settled, or come in a first time, back to ninety days ago.
      assertTrue(seen.contains("2026-11-18"), seen.toString());
      assertTrue(seen.contains("2026-11-13"), seen.toString());
      assertTrue(platform.count("core.metric_revisions") > 10);
      assertEquals(
          0,
          platform.count(
              "core.metric_revisions where changes::text like '%\"views\"%' and day < revised_at::date - 12"),
          "views of older days are not asked for any more");
    }
  }

  @Test
  void an_answer_from_before_midnight_is_no_check_of_today() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      List<Map<String, Object>> requests = requests(platform, Map.of(ada, 0), List.of("video-day"));
      Instant midnight = platform.world.today().plusDays(1).atStartOfDay(World.PACIFIC).toInstant();
      platform.clock.advance(
          Duration.between(platform.clock.instant(), midnight.minus(Duration.ofMinutes(30))));
      store(platform, Platform.fetchedRows(due(platform, requests)));

      // Every channel's hour of asking has passed, and the answer is not six hours old.
      platform.clock.advance(Duration.ofHours(5));
      List<JsonNode> today = Platform.fetchedRows(due(platform, requests));

      assertFalse(today.isEmpty());
      for (JsonNode row : today) {
        Catalog.Video video = platform.world.video(row.get("videoId").stringValue()).orElseThrow();
        assertEquals(
            platform.world.videoDay(video, LocalDate.parse(row.get("day").stringValue())).views(),
            row.get("views").longValue(),
            row.toString());
      }
    }
  }

  @Test
  void the_plan_says_what_is_due_and_why() {
    try (Platform platform = new Platform(1, 2)) {
      String ada = platform.connectedUser(0);
      JsonNode plan =
          platform
              .get("/v1/users/" + ada + "/plan", platform.token("user", ada))
              .expect(200)
              .body();
      assertEquals("by-owner", plan.get("publicStatistics").stringValue());
      assertEquals(2, plan.get("channels").size());
      for (JsonNode report : plan.get("channels").get(0).get("reports")) {
        assertFalse(report.get("why").stringValue().isEmpty(), report.toString());
        if (report.get("report").stringValue().equals("channel-revenue-day")) {
          assertTrue(report.get("why").stringValue().contains("15th"), report.toString());
          assertTrue(report.get("days").size() > 20, report.toString());
        }
      }
    }
  }

  @Test
  void pooled_statistics_take_one_call_and_are_marked_for_30_days() {
    try (Platform platform =
        new Platform(
            4,
            5,
            Map.of(
                "YTEMPIRE_PUBLIC_STATISTICS",
                "pooled",
                "YTEMPIRE_GOOGLE_API_KEY",
                Simulator.API_KEY))) {
      Map<String, Integer> users = new HashMap<>();
      for (int account = 0; account < 4; account++) {
        users.put(platform.connectedUser(account), account);
      }
      JsonNode body = due(platform, requests(platform, users, List.of("channel-statistics")));
      assertEquals("{\"data.general\":1}", body.get("unitsSpent").toString());
      assertEquals(20, Platform.fetchedRows(body).size());
      store(platform, Platform.fetchedRows(body));
      assertEquals(20, platform.count("core.channel_statistics where without_grant"));
      platform.clock.advance(Duration.ofDays(31));
      platform.app.runJobs();
      assertEquals(0, platform.count("core.channel_statistics"));
    }
  }

  @Test
  void concurrent_requests_share_calls_whatever_the_workflow() throws Exception {
    try (Platform platform = new Platform(1, 5)) {
      String ada = platform.connectedUser(0);
      long before = platform.simulator.usage().methods().getOrDefault("channels.list", 0L);
      List<Future<Answer>> answers = new ArrayList<>();
      try (ExecutorService items = Executors.newVirtualThreadPerTaskExecutor()) {
        for (Map<String, Object> request :
            requests(platform, Map.of(ada, 0), List.of("channel-statistics"))) {
          answers.add(
              items.submit(() ->
                  platform.post(
                      "/v1/metrics/fetch",
                      Platform.OPERATOR_TOKEN,
                      Map.of("requests", List.of(request), "maxAgeMinutes", 0))));
        }
      }
      long units = 0;
      for (Future<Answer> answer : answers) {
        JsonNode body = answer.get().expect(200).body();
        assertEquals(1, body.get("results").size());
        units +=
            body.get("unitsSpent").properties().stream()
                .mapToLong(bucket -> bucket.getValue().longValue())
                .sum();
      }
      long calls = platform.simulator.usage().methods().getOrDefault("channels.list", 0L) - before;
      assertTrue(calls < 5, calls + " calls for five requests");
      assertEquals(calls, units, "each unit is reported to one caller");
    }
  }

  @Test
  void one_bad_video_does_not_fail_the_other_49() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      List<String> ids =
          platform.world.videos(channel).stream().limit(50).map(Catalog.Video::id).toList();
      platform.simulator.faults().poison(ids.get(33));
      JsonNode body =
          fetch(
              platform,
              List.of(
                  Map.of(
                      "userId",
                      ada,
                      "channelId",
                      channel.id(),
                      "report",
                      "video-statistics",
                      "videoIds",
                      ids)));
      assertEquals(49, Platform.fetchedRows(body).size());
      assertTrue(
          body.get("unitsSpent").get("data.batchGetStats").longValue() <= 13,
          body.get("unitsSpent").toString());
    }
  }

  @Test
  void what_google_refuses_for_good_is_not_asked_at_every_tick() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      platform
          .simulator
          .faults()
          .poison(platform.world.accounts().getFirst().channels().getFirst().id());
      List<Map<String, Object>> requests =
          requests(platform, Map.of(ada, 0), List.of("channel-day"));
      for (int tick = 0; tick < 8; tick++) {
        JsonNode missed = due(platform, requests).get("notFetched").get(0);
        assertEquals("refused", missed.get("reason").stringValue());
        platform.clock.advance(Duration.ofMinutes(15));
      }
      assertEquals(1L, platform.simulator.usage().methods().get("reports.query"));
      platform.clock.advance(Duration.ofHours(6));
      due(platform, requests);
      assertEquals(2L, platform.simulator.usage().methods().get("reports.query"));
    }
  }

  @Test
  void videos_that_are_named_travel_together_by_day() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      List<String> ids =
          platform.world.videos(channel).stream()
              .filter(video -> video.publishedAt().isBefore(Instant.parse("2026-11-10T00:00:00Z")))
              .limit(8)
              .map(Catalog.Video::id)
              .toList();
      Map<String, Object> request =
          Map.of(
              "userId",
              ada,
              "channelId",
              channel.id(),
              "report",
              "video-day",
              "videoIds",
              ids,
              "startDate",
              "2026-11-10",
              "endDate",
              "2026-11-14");
      JsonNode together = fetch(platform, List.of(request));
      assertEquals(
          "{\"analytics.day\":1,\"data.general\":1}",
          together.get("unitsSpent").toString(),
          "a query for all, and a unit to learn whose they are");
      assertEquals(8 * 5, Platform.fetchedRows(together).size());
      // A deleted video makes Analytics refuse the whole query.
      platform.simulator.faults().poison(ids.get(2));
      JsonNode without = fetch(platform, List.of(request));
      assertEquals(7 * 5, Platform.fetchedRows(without).size());
    }
  }

  @Test
  void what_analytics_would_refuse_costs_nothing_and_is_explained() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      Map<String, Object> top = Map.of("userId", ada, "channelId", channel, "report", "top-videos");
      for (Map<String, Object> more :
          List.<Map<String, Object>>of(
              Map.of("metrics", List.of("adImpressions"), "sortBy", "adImpressions"),
              Map.of("metrics", List.of("likes")),
              Map.of("report", "channel-day", "sortBy", "views"),
              Map.of("report", "retention"),
              Map.of("report", "channel-statistics", "metrics", List.of("views")))) {
        Map<String, Object> request = new HashMap<>(top);
        request.putAll(more);
        JsonNode body = fetch(platform, List.of(request));
        assertEquals(
            "refused", body.get("notFetched").get(0).get("reason").stringValue(), more.toString());
        assertEquals("{}", body.get("unitsSpent").toString());
      }
    }
  }

  @Test
  void top_videos_bring_the_metric_that_they_are_sorted_by() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      for (List<String> metrics : List.of(List.<String>of(), List.of("views"))) {
        Map<String, Object> top = new HashMap<>();
        top.putAll(Map.of("userId", ada, "channelId", channel, "report", "top-videos"));
        top.putAll(Map.of("sortBy", "estimatedRevenue", "limit", 3));
        if (!metrics.isEmpty()) {
          top.put("metrics", metrics);
        }
        List<JsonNode> rows = Platform.fetchedRows(fetch(platform, List.of(top)));
        assertEquals(3, rows.size());
        rows.forEach(row -> assertTrue(row.has("estimatedRevenue") && row.has("views")));
      }
    }
  }

  @Test
  void reports_of_a_period_and_of_one_video_come_as_rows() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      String video =
          platform.world.videos(channel).stream()
              .filter(each -> each.publishedAt().isBefore(Instant.parse("2026-11-10T00:00:00Z")))
              .findFirst()
              .orElseThrow()
              .id();
      Map<String, Object> base = Map.of("userId", ada, "channelId", channel.id());
      List<Map<String, Object>> requests = new ArrayList<>();
      for (Map<String, Object> more :
          List.<Map<String, Object>>of(
              Map.of("report", "top-videos", "limit", 7, "sortBy", "estimatedMinutesWatched"),
              Map.of("report", "retention", "videoIds", List.of(video)),
              Map.of(
                  "report",
                  "video-day",
                  "videoIds",
                  List.of(video),
                  "startDate",
                  "2026-11-10",
                  "endDate",
                  "2026-11-14"),
              Map.of("report", "thumbnail-day", "startDate", "2026-11-01", "endDate", "2026-11-03"),
              Map.of(
                  "report",
                  "traffic-source-day",
                  "startDate",
                  "2026-11-01",
                  "endDate",
                  "2026-11-01"))) {
        Map<String, Object> request = new HashMap<>(base);
        request.putAll(more);
        requests.add(request);
      }
      // The first time a job is made for thumbnails; a little later its files are there.
      fetch(platform, List.of(requests.get(3)));
      platform.clock.advance(Duration.ofMinutes(5));
      JsonNode results = fetch(platform, requests).get("results");
      assertEquals(7, results.get(0).get("rows").size());
      assertEquals(1, results.get(0).get("rows").get(0).get("rank").intValue());
      assertEquals(100, results.get(1).get("rows").size());
      assertEquals(5, results.get(2).get("rows").size());
      Set<String> days = new TreeSet<>();
      results.get(3).get("rows").forEach(row -> days.add(row.get("day").stringValue()));
      assertEquals(
          Set.of("2026-11-01", "2026-11-02", "2026-11-03"), days, results.get(3).toString());
      assertEquals(8, results.get(4).get("rows").size());
      JsonNode refused =
          platform
              .post(
                  "/v1/metrics/store",
                  Platform.OPERATOR_TOKEN,
                  Map.of("rows", List.of(results.get(0).get("rows").get(0))))
              .body();
      assertEquals(1, refused.get("rejected").intValue(), "sums of a period are not stored");
    }
  }

  @Test
  void a_better_file_replaces_what_was_stored_of_its_day() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = platform.world.accounts().getFirst().channels().getFirst().id();
      // Every seventh day of the year is restated a week later: 2026-11-18 is the 322nd.
      Map<String, Object> request =
          Map.of(
              "userId",
              ada,
              "channelId",
              channel,
              "report",
              "thumbnail-day",
              "startDate",
              "2026-11-18",
              "endDate",
              "2026-11-18");
      List<Long> impressions = new ArrayList<>();
      // The first fetch makes the job, whose files come later.
      JsonNode made = fetch(platform, List.of(request));
      assertTrue(Platform.fetchedRows(made).isEmpty(), made.toString());
      platform.clock.advance(Duration.ofMinutes(5));
      for (int file = 0; file < 2; file++) {
        JsonNode body = fetch(platform, List.of(request));
        assertFalse(Platform.fetchedRows(body).isEmpty(), body.toString());
        platform.clock.advance(Duration.ofMinutes(5));
        store(platform, Platform.fetchedRows(body));
        impressions.add(
            Long.parseLong(
                String.valueOf(
                    platform
                        .admin("select sum(impressions) as n from core.thumbnail_days")
                        .getFirst()
                        .get("n"))));
        platform.clock.advance(Duration.ofDays(8));
      }
      assertTrue(impressions.get(1) > impressions.get(0), impressions.toString());
    }
  }

  @Test
  void by_plan_each_thumbnail_file_is_read_once_and_a_better_one_again() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      List<Map<String, Object>> requests =
          requests(platform, Map.of(ada, 0), List.of("thumbnail-day"));
      for (int tick = 0; tick < 96 * 4; tick++) {
        List<JsonNode> rows = Platform.fetchedRows(due(platform, requests));
        if (!rows.isEmpty()) {
          store(platform, rows);
        }
        platform.clock.advance(Duration.ofMinutes(15));
      }
      long days = platform.count("core.day_checks where report = 'thumbnail-day'");
      long downloads = platform.simulator.usage().methods().getOrDefault("media.download", 0L);
      assertTrue(days >= 30, days + " days");
      assertTrue(downloads >= days && downloads <= days + 2, downloads + " for " + days + " days");
    }
  }

  @Test
  void breaks_in_a_metrics_meaning_are_listed_for_every_user() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      JsonNode breaks =
          platform
              .get("/v1/users/" + ada + "/metric-breaks", platform.token("user", ada))
              .expect(200)
              .body()
              .get("breaks");
      assertEquals("2025-03-31", breaks.get(0).get("day").stringValue());
      assertEquals("any", breaks.get(1).get("videoFormat").stringValue());
      // Not 2026-08-27, when the revision history said so.
      assertEquals("2026-08-24", breaks.get(1).get("day").stringValue());
      assertEquals("views", breaks.get(1).get("metric").stringValue());
      assertEquals("averageViewDuration", breaks.get(2).get("metric").stringValue());
      assertEquals(3, breaks.size());
    }
  }

  private static Platform withHub() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    return new Platform(
        1,
        2,
        Map.of(
            "YTEMPIRE_UPLOADS_PUSH",
            "on",
            "YTEMPIRE_HTTP_PORT",
            String.valueOf(port),
            "YTEMPIRE_PUBLIC_URL",
            "http://127.0.0.1:" + port));
  }

  @Test
  void pushed_videos_are_counted_once_and_at_the_next_tick() throws Exception {
    try (Platform platform = withHub()) {
      String ada = platform.connectedUser(0);
      List<Map<String, Object>> requests =
          requests(platform, Map.of(ada, 0), List.of("recent-uploads", "video-statistics"));
      store(platform, Platform.fetchedRows(due(platform, requests)));
      Polling.until(
          "the hub's confirmation",
          () -> platform.count("core.upload_watches where lease_until is not null") == 2);
      long known = platform.count("core.videos");
      platform.clock.advance(Duration.ofHours(13));
      assertTrue(platform.simulator.push() >= 1, "nothing was pushed");
      long found = platform.count("core.videos") - known;
      assertTrue(found >= 1, "nothing was found");
      platform.simulator.push();
      assertEquals(found, platform.count("core.videos") - known, "pushed twice, kept once");
      platform.simulator.usage().forgetMethods();
      JsonNode tick = due(platform, requests);
      assertEquals(
          null, platform.simulator.usage().methods().get("feed"), "the feed is not needed");
      assertTrue(Platform.fetchedRows(tick).size() >= found, tick.toString());
      // Half of the lease has passed: it is asked for again.
      platform.clock.advance(Duration.ofDays(6));
      due(platform, requests);
      assertEquals(2L, platform.simulator.usage().methods().get("hub.subscribe"));
    }
  }

  @Test
  void unsigned_pushes_and_foreign_subscriptions_are_rejected() throws Exception {
    try (Platform platform = withHub()) {
      String ada = platform.connectedUser(0);
      due(platform, requests(platform, Map.of(ada, 0), List.of("recent-uploads")));
      String id =
          String.valueOf(
              platform
                  .admin("select subscription_id::text as id from core.upload_watches limit 1")
                  .getFirst()
                  .get("id"));
      long videos = platform.count("core.videos");
      String push = "/v1/uploads/push/" + id;
      platform
          .send("POST", push, null, "<feed xmlns=\"http://www.w3.org/2005/Atom\"/>")
          .expect(204);
      assertEquals(videos, platform.count("core.videos"));
      platform
          .get(push + "?hub.mode=subscribe&hub.topic=http://elsewhere&hub.challenge=x", null)
          .expect(404);
      platform.get(push + "?hub.mode=unsubscribe&hub.topic=x&hub.challenge=x", null).expect(404);
      String stranger = "/v1/uploads/push/3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d";
      platform.send("POST", stranger, null, "x").expect(404);
      platform.send("POST", push, null, "x".repeat(200_000)).expect(413);
    }
  }

  @Test
  void a_push_with_a_time_that_cannot_be_stored_is_left_out() throws Exception {
    try (Platform platform = withHub()) {
      String ada = platform.connectedUser(0);
      due(platform, requests(platform, Map.of(ada, 0), List.of("recent-uploads")));
      Map<String, Object> watch =
          platform
              .admin(
                  "select subscription_id::text as id, channel_id, secret from core.upload_watches limit 1")
              .getFirst();
      String entry =
          """
          <entry><yt:videoId>%s</yt:videoId><yt:channelId>%s</yt:channelId>
          <title>A title</title><published>%s</published></entry>
          """;
      String feed =
          "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:yt=\"http://www.youtube.com/xml/schemas/2015\">"
              + entry.formatted("year0000000", watch.get("channel_id"), "0000-01-01T00:00:00Z")
              + entry.formatted("year2026abc", watch.get("channel_id"), "2026-11-01T00:00:00Z")
              + "</feed>";
      Mac mac = Mac.getInstance("HmacSHA256");
      String secret =
          new StoredSecretCipher(new GrantCipher(platform.keyset))
              .decrypt(
                  String.valueOf(watch.get("secret")),
                  "upload-secret:%s:%s".formatted(ada, watch.get("channel_id")))
              .orElseThrow();
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      String signature =
          HexFormat.of().formatHex(mac.doFinal(feed.getBytes(StandardCharsets.UTF_8)));
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(
                          URI.create(platform.url("/v1/uploads/push/" + watch.get("id"))))
                      .header("X-Hub-Signature", "sha256=" + signature)
                      .POST(HttpRequest.BodyPublishers.ofString(feed))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertEquals(204, answer.statusCode(), answer.body());
      assertEquals(1, platform.count("core.videos where video_id = 'year2026abc'"));
      assertEquals(0, platform.count("core.videos where video_id = 'year0000000'"));
    }
  }

  @Test
  void the_feed_replaces_the_hub_and_the_playlist_the_feed() throws Exception {
    try (Platform platform = withHub()) {
      platform.simulator.faults().hubAway(true);
      String ada = platform.connectedUser(0);
      List<Map<String, Object>> requests =
          requests(platform, Map.of(ada, 0), List.of("recent-uploads"));
      store(platform, Platform.fetchedRows(due(platform, requests)));
      long known = platform.count("core.videos");
      platform.simulator.usage().forgetMethods();
      platform.clock.advance(Duration.ofHours(16));
      store(platform, Platform.fetchedRows(due(platform, requests)));
      assertEquals(2L, platform.simulator.usage().methods().get("feed"));
      assertEquals(null, platform.simulator.usage().methods().get("playlistItems.list"));
      assertTrue(platform.count("core.videos") > known, "the feed listed nothing new");
      platform.simulator.faults().feedsAway(true);
      platform.clock.advance(Duration.ofHours(2));
      due(platform, requests);
      assertEquals(2L, platform.simulator.usage().methods().get("playlistItems.list"));
    }
  }
}
