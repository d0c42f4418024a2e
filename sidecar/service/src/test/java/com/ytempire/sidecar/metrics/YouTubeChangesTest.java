package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Faults;
import com.ytempire.simulator.VideoVisibility;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * What changes at YouTube behind our back: videos vanish, channels change hands, accounts are
 * closed, the hub falls silent. Each test says what the user sees, what is kept, what is asked next
 * and what it costs.
 */
final class YouTubeChangesTest {
  private static final List<String> DATA_REPORTS =
      List.of("channel-statistics", "recent-uploads", "video-statistics", "video-details");
  private static final Duration TICK = Duration.ofMinutes(15);

  private static List<Map<String, Object>> requests(
      String user, List<Catalog.Channel> channels, List<String> reports) {
    List<Map<String, Object>> requests = new ArrayList<>();
    channels.forEach(channel ->
        reports.forEach(report ->
            requests.add(Map.of("userId", user, "channelId", channel.id(), "report", report))));
    return requests;
  }

  /** A tick of the sync: fetches what is due and stores it. */
  private static JsonNode tick(Platform platform, List<Map<String, Object>> requests) {
    JsonNode fetched =
        platform
            .post(
                "/v1/metrics/fetch",
                Platform.OPERATOR_TOKEN,
                Map.of("requests", requests, "onlyDue", true))
            .expect(200)
            .body();
    List<JsonNode> rows = new ArrayList<>();
    fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));
    if (!rows.isEmpty()) {
      platform.post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", rows)).expect(200);
    }
    return fetched;
  }

  /** Fetches one report as it stands at YouTube, whatever is cached. */
  private static JsonNode fetch(Platform platform, String user, String channel, String report) {
    return platform
        .post(
            "/v1/metrics/fetch",
            Platform.OPERATOR_TOKEN,
            Map.of(
                "requests",
                List.of(Map.of("userId", user, "channelId", channel, "report", report)),
                "maxAgeMinutes",
                0))
        .expect(200)
        .body();
  }

  private static String reason(JsonNode fetched) {
    return fetched.get("notFetched").get(0).get("reason").stringValue();
  }

  private static long units(Platform platform) {
    Map<String, Long> today = platform.simulator.usage().today();
    return today.getOrDefault("data.general", 0L) + today.getOrDefault("data.batchGetStats", 0L);
  }

  private static Map<String, Object> video(Platform platform, Catalog.Video video) {
    return platform
        .admin("select * from core.videos where video_id = '" + video.id() + "'")
        .getFirst();
  }

  /** A channel's newest video that everybody sees and that is in no way odd. */
  private static Catalog.Video newest(Platform platform, Catalog.Channel channel) {
    return platform.world.publicVideos(channel).stream()
        .filter(each ->
            platform.world.oddity(each) == VideoVisibility.Oddity.NONE
                && platform.world.deletedAt(each).isEmpty())
        .findFirst()
        .orElseThrow();
  }

  /** As {@link #newest}, of those that YouTube may not be behind with any more. */
  private static Catalog.Video settled(Platform platform, Catalog.Channel channel) {
    return platform.world.publicVideos(channel).stream()
        .filter(each ->
            platform.world.oddity(each) == VideoVisibility.Oddity.NONE
                && platform.world.deletedAt(each).isEmpty()
                && each.publishedAt().isBefore(platform.clock.instant().minus(Duration.ofHours(50)))
                && each.publishedAt().isAfter(platform.clock.instant().minus(Duration.ofDays(5))))
        .findFirst()
        .orElseThrow();
  }

  /** Has a deleted video missed until it is given up. */
  private static void giveUp(
      Platform platform, List<Map<String, Object>> requests, Catalog.Video video) {
    platform.world.delete(video);
    for (int hours : List.of(1, 7, 25)) {
      platform.clock.advance(Duration.ofHours(hours));
      tick(platform, requests);
    }
    assertNotNull(video(platform, video).get("gone_at"));
  }

  private static JsonNode channel(Platform platform, String user, Catalog.Channel channel) {
    return platform
        .get("/v1/users/%s/channels/%s".formatted(user, channel.id()), Platform.OPERATOR_TOKEN)
        .expect(200)
        .body();
  }

  private static String health(Platform platform) {
    return platform.get("/health/ready", null).body().toString();
  }

  // ---- videos that vanish ----

  @Test
  void a_deleted_video_is_given_up_after_three_misses_and_erased() {
    try (Platform platform = new Platform(1, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      Catalog.Video deleted = settled(platform, channels.getLast());
      platform.world.delete(deleted);
      platform.clock.advance(Duration.ofHours(1));
      tick(platform, requests);
      assertEquals(1, video(platform, deleted).get("misses"));
      Object first = video(platform, deleted).get("first_missed_at");
      platform.clock.advance(TICK);
      tick(platform, requests);
      assertEquals(1, video(platform, deleted).get("misses"), "asked again at the next tick");
      platform.clock.advance(Duration.ofHours(6));
      tick(platform, requests);
      assertEquals(2, video(platform, deleted).get("misses"));
      assertNull(video(platform, deleted).get("gone_at"));
      platform.clock.advance(Duration.ofHours(24));
      tick(platform, requests);
      assertEquals(3, video(platform, deleted).get("misses"));
      assertEquals(first, video(platform, deleted).get("first_missed_at"));
      assertNotNull(video(platform, deleted).get("gone_at"));
      long others = platform.count("core.videos where gone_at is null");
      // It was a mistake? Three days are left. Then nothing is kept of it, and all of the others.
      platform.clock.advance(Duration.ofDays(2));
      platform.app.runJobs();
      assertEquals(1, platform.count("core.videos where video_id = '" + deleted.id() + "'"));
      platform.clock.advance(Duration.ofDays(2));
      platform.app.runJobs();
      for (String table : List.of("videos", "video_statistics", "video_statistics_days")) {
        assertEquals(
            0,
            platform.count("core.%s where video_id = '%s'".formatted(table, deleted.id())),
            table);
      }
      assertEquals(others, platform.count("core.videos where gone_at is null"));
    }
  }

  @Test
  void days_of_an_erased_video_are_not_stored_until_it_is_shown_again() {
    try (Platform platform = new Platform(1, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      Catalog.Video erased = settled(platform, channels.getLast());
      assertEquals(List.of("stored", "stored", "stored"), storeDays(platform, user, erased));
      assertEquals(1, platform.count("core.reach_days where impressions = 70 and clicks = 7"));
      giveUp(platform, requests, erased);
      platform.clock.advance(Duration.ofDays(4));
      platform.app.runJobs();
      assertEquals(0, rowsOf(platform, erased));
      assertEquals(0, platform.count("core.reach_days"), "its share of the channel's sums");
      assertEquals(1, platform.count("core.erased_videos"));

      // Google still answers its days, and a report file still has it.
      assertEquals(
          List.of("unchanged", "unchanged", "unchanged"), storeDays(platform, user, erased));
      assertEquals(0, rowsOf(platform, erased));
      Catalog.Video other = settled(platform, channels.getLast());
      assertEquals(List.of("stored", "stored", "stored"), storeDays(platform, user, other));

      // It was published again.
      platform.world.restore(erased);
      JsonNode details =
          platform
              .post(
                  "/v1/metrics/fetch",
                  Platform.OPERATOR_TOKEN,
                  Map.of(
                      "requests",
                      List.of(
                          Map.of(
                              "userId",
                              user,
                              "channelId",
                              erased.channel().id(),
                              "report",
                              "video-details",
                              "videoIds",
                              List.of(erased.id()))),
                      "maxAgeMinutes",
                      0))
              .expect(200)
              .body();
      List<Object> rows = new ArrayList<>();
      details.get("results").get(0).get("rows").forEach(rows::add);
      rows.addAll(days(user, erased));
      JsonNode stored =
          platform
              .post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", rows))
              .expect(200)
              .body();
      assertEquals(4, stored.get("stored").intValue(), stored.toString());
      assertEquals(0, platform.count("core.erased_videos"));
    }
  }

  @Test
  void erased_videos_are_forgotten_after_90_days_and_with_their_channel() {
    try (Platform platform = new Platform(1, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      for (Catalog.Channel channel : channels) {
        platform.execute(
            """
            insert into core.erased_videos select user_id, channel_id, sha256(n::text::bytea), '%s'::timestamptz - n * interval '1 minute'
              from core.channels, generate_series(1, 2003) n where channel_id = '%s'
            """
                .formatted(platform.clock.instant(), channel.id()));
      }
      platform.app.runJobs();
      assertEquals(4006, platform.count("core.erased_videos"), "a report file may have them");
      disconnect(platform, user, channels.getFirst());
      platform.clock.advance(Duration.ofDays(7));
      platform.app.runJobs();
      assertEquals(2003, platform.count("core.erased_videos"));
      platform.clock.advance(Duration.ofDays(54));
      platform.app.runJobs();
      assertEquals(2000, platform.count("core.erased_videos"), "the newest 2,000 of a channel");
      platform.clock.advance(Duration.ofDays(30));
      platform.app.runJobs();
      assertEquals(0, platform.count("core.erased_videos"));
    }
  }

  /** Rows of a video that Analytics and a file of the Reporting API answer. */
  private static List<Map<String, Object>> days(String user, Catalog.Video video) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Map<String, Object> figures :
        List.<Map<String, Object>>of(
            Map.of("kind", "video-day", "views", 7),
            Map.of("kind", "thumbnail-day", "impressions", 70, "clickThroughRate", 0.1),
            Map.of("kind", "video-day", "estimatedRevenue", "0.07", "day", "2026-11-16"))) {
      Map<String, Object> row =
          new HashMap<>(
              Map.of(
                  "userId",
                  user,
                  "channelId",
                  video.channel().id(),
                  "videoId",
                  video.id(),
                  "day",
                  "2026-11-15"));
      row.putAll(figures);
      rows.add(row);
    }
    return rows;
  }

  private static List<String> storeDays(Platform platform, String user, Catalog.Video video) {
    return platform
        .post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", days(user, video)))
        .expect(200)
        .body()
        .get("rows")
        .valueStream()
        .map(row -> row.get("outcome").stringValue())
        .toList();
  }

  private static long rowsOf(Platform platform, Catalog.Video video) {
    long rows = 0;
    for (String table :
        List.of("videos", "video_days", "video_totals", "video_weeks", "thumbnail_days")) {
      rows += platform.count("core.%s where video_id = '%s'".formatted(table, video.id()));
    }
    return rows;
  }

  @Test
  void a_video_that_was_given_up_is_asked_for_daily_and_may_come_back() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, List.of("video-details"));
      tick(platform, requests(user, channels, DATA_REPORTS));
      Catalog.Video video = settled(platform, channels.getFirst());
      giveUp(platform, requests(user, channels, DATA_REPORTS), video);
      Object gone = video(platform, video).get("gone_at");
      platform.clock.advance(Duration.ofHours(25));
      tick(platform, requests);
      assertEquals(4, video(platform, video).get("misses"), "asked a day later");
      assertEquals(gone, video(platform, video).get("gone_at"), "erased no later for it");
      platform.clock.advance(TICK);
      tick(platform, requests);
      platform.world.restore(video);
      platform.clock.advance(Duration.ofHours(25));
      tick(platform, requests);
      assertNull(video(platform, video).get("gone_at"));
      assertNull(video(platform, video).get("first_missed_at"));
    }
  }

  @Test
  void videos_of_a_channel_that_is_taken_down_for_a_while_are_kept() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, List.of("video-details"));
      tick(platform, requests(user, channels, DATA_REPORTS));
      platform.simulator.faults().takeDown(channels.getFirst().id());
      for (int day = 0; day < 40; day++) {
        platform.clock.advance(Duration.ofDays(1));
        tick(platform, requests);
      }
      assertEquals(0, platform.count("core.videos where misses > 0 or gone_at is not null"));
    }
  }

  @Test
  void gone_videos_of_a_channel_whose_owner_cannot_be_asked_are_not_erased() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      Catalog.Video video = settled(platform, channels.getFirst());
      giveUp(platform, requests, video);
      platform.execute("update core.channels set identity_missed_at = now()");
      platform.clock.advance(Duration.ofDays(4));
      platform.app.runJobs();
      assertEquals(1, platform.count("core.videos where video_id = '" + video.id() + "'"));
    }
  }

  @Test
  void a_video_that_was_given_up_and_is_listed_again_is_back() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      Catalog.Video video = settled(platform, channels.getFirst());
      giveUp(platform, requests, video);
      platform.world.restore(video);
      platform.clock.advance(Duration.ofHours(1));
      tick(platform, requests);
      assertNull(video(platform, video).get("gone_at"));
    }
  }

  @Test
  void a_video_that_is_there_but_refused_or_odd_is_never_missed() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      Catalog.Video refused = settled(platform, channels.getFirst());
      // Its figures are refused with 400, alone and with others, and its details are there.
      platform.simulator.faults().poison(refused.id());
      for (int tick = 0; tick < 5; tick++) {
        platform.clock.advance(Duration.ofHours(25));
        tick(platform, requests);
      }
      assertEquals(0, video(platform, refused).get("misses"));
      assertNull(video(platform, refused).get("gone_at"));
    }
  }

  @Test
  void a_new_video_that_is_not_shown_is_asked_for_at_every_tick() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      Catalog.Video video = newest(platform, channels.getFirst());
      assertTrue(video.publishedAt().isAfter(platform.clock.instant().minus(Duration.ofHours(40))));
      platform.world.delete(video);
      for (int tick = 0; tick < 3; tick++) {
        platform.clock.advance(TICK);
        tick(platform, requests);
      }
      assertEquals(0, video(platform, video).get("misses"));
      platform.world.restore(video);
      long before = platform.count("core.video_statistics where video_id = '" + video.id() + "'");
      platform.clock.advance(TICK);
      tick(platform, requests);
      assertEquals(
          before + 1,
          platform.count("core.video_statistics where video_id = '" + video.id() + "'"));
    }
  }

  @Test
  void a_private_video_is_not_taken_for_deleted() {
    try (Platform platform = new Platform(1, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      // One of each channel: whichever grant asks for all, the other's is not shown to it.
      List<Catalog.Video> hidden =
          channels.stream().map(channel -> newest(platform, channel)).toList();
      hidden.forEach(platform.world::hide);
      platform.clock.advance(Duration.ofHours(1));
      tick(platform, requests);
      // Their channels' feeds say that they were removed, as they do of deleted ones.
      hidden.forEach(each -> assertNotNull(video(platform, each).get("first_missed_at")));
      for (int tick = 0; tick < 5; tick++) {
        platform.clock.advance(Duration.ofHours(7));
        tick(platform, requests);
      }
      for (Catalog.Video each : hidden) {
        assertEquals(0, video(platform, each).get("misses"));
        assertNull(video(platform, each).get("gone_at"));
        // Its owner sees its figures all the same.
        assertTrue(
            platform.count("core.video_statistics where video_id = '" + each.id() + "'") >= 4);
      }
      hidden.forEach(platform.world::show);
      platform.clock.advance(Duration.ofHours(7));
      tick(platform, requests);
      hidden.forEach(each -> assertNull(video(platform, each).get("first_missed_at")));
    }
  }

  @Test
  void a_video_without_a_view_count_is_unknown_and_not_gone() {
    try (Platform platform = new Platform(1, 5)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      Catalog.Video odd = nextWith(VideoVisibility.Oddity.NO_VIEW_COUNT, platform, channels);
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      for (int i = 0; i < 5; i++) {
        tick(platform, requests);
        platform.clock.advance(Duration.ofHours(7));
      }
      assertEquals(0, video(platform, odd).get("misses"));
      assertNull(video(platform, odd).get("gone_at"));
      assertEquals(0, platform.count("core.video_statistics where video_id = '" + odd.id() + "'"));
      assertTrue(platform.count("core.video_statistics") > 100, "the others have their figures");
    }
  }

  @Test
  void a_broadcast_without_a_length_is_asked_for_again() {
    try (Platform platform = new Platform(1, 5)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      Catalog.Video upcoming = nextWith(VideoVisibility.Oddity.UPCOMING, platform, channels);
      JsonNode details = fetchDetails(platform, user, upcoming);
      assertTrue(details.get("durationSeconds").isNull(), details.toString());
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      assertNull(video(platform, upcoming).get("duration_seconds"));
      platform.clock.advance(Duration.ofHours(7));
      tick(platform, requests);
      assertEquals(upcoming.durationSeconds(), video(platform, upcoming).get("duration_seconds"));
    }
  }

  /** Moves the clock to when the next such video has been published. */
  private static Catalog.Video nextWith(
      VideoVisibility.Oddity oddity, Platform platform, List<Catalog.Channel> channels) {
    while (true) {
      platform.clock.advance(Duration.ofHours(1));
      Optional<Catalog.Video> found =
          channels.stream()
              .flatMap(channel -> platform.world.publicVideos(channel).stream())
              .filter(each ->
                  platform.world.oddity(each) == oddity
                      && platform.world.deletedAt(each).isEmpty()
                      && each.publishedAt()
                          .isAfter(platform.clock.instant().minus(Duration.ofHours(1))))
              .findFirst();
      if (found.isPresent()) {
        return found.get();
      }
    }
  }

  private static JsonNode fetchDetails(Platform platform, String user, Catalog.Video video) {
    return platform
        .post(
            "/v1/metrics/fetch",
            Platform.OPERATOR_TOKEN,
            Map.of(
                "requests",
                List.of(
                    Map.of(
                        "userId",
                        user,
                        "channelId",
                        video.channel().id(),
                        "report",
                        "video-details",
                        "videoIds",
                        List.of(video.id())))))
        .expect(200)
        .body()
        .get("results")
        .get(0)
        .get("rows")
        .get(0);
  }

  @Test
  void an_answer_that_is_none_gives_no_video_up() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests = requests(user, channels, DATA_REPORTS);
      tick(platform, requests);
      platform.simulator.faults().next(Faults.Kind.HTML, 100);
      for (int i = 0; i < 4; i++) {
        platform.clock.advance(Duration.ofHours(25));
        assertTrue(tick(platform, requests).get("notFetched").size() > 0);
      }
      assertEquals(0, platform.count("core.videos where misses > 0 or gone_at is not null"));
    }
  }

  // ---- channels without videos ----

  @Test
  void empty_cleared_and_gone_channels_cost_no_unit_a_tick() {
    try (Platform platform = new Platform(3, 2)) {
      List<Catalog.Channel> without =
          platform.world.accounts().stream()
              .flatMap(account -> account.channels().stream())
              .filter(platform.world::isWithoutVideos)
              .toList();
      assertEquals(2, without.size(), "one that is empty and one that was cleared");
      List<Map<String, Object>> requests = new ArrayList<>();
      for (Catalog.Channel each : without) {
        String user = platform.createUser(each.id() + "@example.com");
        platform.addChannel(user, each.id());
        assertEquals(200, platform.connect(user, each.id(), each.id()).statusCode());
        requests.addAll(requests(user, List.of(each), DATA_REPORTS));
      }
      // The third loses its videos while we look.
      Catalog.Channel gone = platform.world.accounts().getLast().channels().getFirst();
      String user = platform.createUser("gone@example.com");
      platform.addChannel(user, gone.id());
      platform.connect(user, gone.id(), gone.id());
      requests.addAll(requests(user, List.of(gone), DATA_REPORTS));
      JsonNode first = tick(platform, requests);
      assertEquals(0, first.get("notFetched").size(), first.toString());
      assertEquals(3, platform.count("core.channel_statistics"), "all three are reached");
      platform.world.clear(gone);
      for (int hours : List.of(1, 6, 25, 25, 7, 25)) {
        platform.clock.advance(Duration.ofHours(hours));
        tick(platform, requests);
      }
      assertEquals(
          0,
          platform.count(
              "core.videos where gone_at is null and published_at > timestamp '2026-11-10'"));
      for (int period = 0; period < 3; period++) {
        platform.clock.advance(Duration.ofHours(3));
        tick(platform, requests);
        int calls = platform.simulator.faults().calls();
        for (int tick = 0; tick < 8; tick++) {
          platform.clock.advance(TICK);
          JsonNode quiet = tick(platform, requests);
          assertEquals(0, quiet.get("notFetched").size(), quiet.toString());
          assertEquals("{}", quiet.get("unitsSpent").toString(), "at tick " + tick);
        }
        assertEquals(calls, platform.simulator.faults().calls(), "of all APIs");
        platform.clock.advance(Duration.ofHours(1));
      }
    }
  }

  @Test
  void a_channel_without_videos_left_keeps_its_days() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      List<Map<String, Object>> requests =
          requests(
              user,
              List.of(channel),
              Stream.concat(DATA_REPORTS.stream(), Stream.of("channel-day")).toList());
      tick(platform, requests);
      assertTrue(platform.count("core.videos") > 0);
      List<Map<String, Object>> days =
          platform.admin("select day, views from core.channel_days order by day");
      assertTrue(days.size() > 80, days.size() + " days");
      platform.world.clear(channel);
      // The user sees a channel with no videos, and nothing fails.
      platform.clock.advance(Duration.ofHours(1));
      JsonNode fetched = tick(platform, requests);
      assertEquals(0, fetched.get("notFetched").size(), fetched.toString());
      assertEquals(
          0,
          fetch(platform, user, channel.id(), "channel-statistics")
              .at("/results/0/rows/0/videos")
              .intValue());
      // The youngest is looked for 48 hours longer.
      for (int hours : List.of(6, 25, 25, 25, 25, 25, 25)) {
        platform.clock.advance(Duration.ofHours(hours));
        tick(platform, requests);
      }
      platform.clock.advance(Duration.ofDays(4));
      platform.app.runJobs();
      tick(platform, requests);
      // Totals and days are kept, of the videos nothing.
      assertEquals(
          0,
          platform.count(
              "core.videos where published_at > timestamptz '%s' - interval '30 days'"
                  .formatted(platform.clock.instant())));
      List<Map<String, Object>> kept =
          platform.admin(
              "select day, views from core.channel_days where day <= '%s' order by day"
                  .formatted(days.getLast().get("day")));
      assertEquals(
          days.stream().map(row -> row.get("day")).toList(),
          kept.stream().map(row -> row.get("day")).toList());
      assertEquals("connected", channel(platform, user, channel).get("connection").stringValue());
      // Asked next: its totals, for a unit; no video.
      platform.simulator.usage().forgetMethods();
      platform.clock.advance(Duration.ofHours(3));
      tick(platform, requests);
      assertEquals(
          0L, platform.simulator.usage().methods().getOrDefault("videos.batchGetStats", 0L));
      assertEquals(1L, platform.simulator.usage().methods().get("channels.list"));
    }
  }

  /** Channels of which there is nothing to fetch. */
  private enum IdleChannel {
    /** Never had a video. */
    EMPTY,
    /** Has none left since before it was connected. */
    CLEARED,
    /** Loses all of them after they were fetched. */
    GONE,
    /** Its YouTube account was closed. */
    CLOSED,
    /** Nobody watches it, and its newest video is two months old. */
    QUIET
  }

  private static Catalog.Channel idle(Platform platform, IdleChannel kind) {
    List<Catalog.Channel> all =
        platform.world.accounts().stream().flatMap(each -> each.channels().stream()).toList();
    return switch (kind) {
      case EMPTY ->
          all.stream()
              .filter(each -> platform.world.isWithoutVideos(each))
              .filter(each -> platform.world.publishedVideos(each).isEmpty())
              .findFirst()
              .orElseThrow();
      case CLEARED ->
          all.stream()
              .filter(each -> platform.world.isWithoutVideos(each))
              .filter(each -> !platform.world.publishedVideos(each).isEmpty())
              .findFirst()
              .orElseThrow();
      case CLOSED -> platform.world.closingChannels().getFirst();
      case GONE, QUIET -> platform.world.accounts().getLast().channels().getFirst();
    };
  }

  @ParameterizedTest
  @EnumSource
  void a_channel_with_nothing_to_fetch_costs_no_unit_a_tick(IdleChannel kind) {
    try (Platform platform = new Platform(3, 2)) {
      Catalog.Channel channel = idle(platform, kind);
      if (kind == IdleChannel.QUIET) {
        LocalDate today = platform.world.today();
        platform.world.silence(today.minusDays(60), today.plusDays(30));
        platform.world.stopUploads(channel, platform.clock.instant().minus(Duration.ofDays(60)));
      }
      String user = platform.createUser(kind + "@example.com");
      platform.addChannel(user, channel.id());
      platform.connect(user, channel.id(), channel.id());
      List<Map<String, Object>> requests =
          requests(
              user,
              List.of(channel),
              Stream.of(Report.values())
                  .filter(
                      report -> report.isSynced() && report.schedule() != Schedule.Rule.DAILY_FILE)
                  .map(Report::label)
                  .toList());
      tick(platform, requests);
      if (kind == IdleChannel.GONE) {
        platform.world.clear(channel);
      }
      // Gone videos are given up and erased, and the last days with views are settled.
      for (int hours = 6; hours <= 14 * 24; hours += 6) {
        platform.clock.advance(Duration.ofHours(6));
        tick(platform, requests);
        if (hours % 24 == 0) {
          platform.app.runJobs();
        }
      }
      platform.clock.advance(
          Duration.between(
              platform.clock.instant(),
              platform.world.today().plusDays(1).atStartOfDay(World.PACIFIC).toInstant()));
      Map<String, Long> units = new TreeMap<>();
      Map<Integer, String> paid = new TreeMap<>();
      for (int tick = 0; tick < 96; tick++) {
        JsonNode spent = tick(platform, requests).get("unitsSpent");
        spent
            .properties()
            .forEach(each -> units.merge(each.getKey(), each.getValue().longValue(), Long::sum));
        if (!spent.isEmpty()) {
          paid.put(tick, spent.toString());
        }
        platform.clock.advance(TICK);
      }
      if (kind == IdleChannel.CLOSED) {
        assertEquals(Map.of(), paid);
      }
      String costs = "%s in %s".formatted(units, paid);
      // Totals every three hours and the uploads playlist once; each report of Analytics once, all
      // at the channel's own minute of the day but for traffic sources, half a day later.
      assertTrue(units.getOrDefault("data.general", 0L) <= 9, costs);
      assertTrue(units.getOrDefault("analytics.day", 0L) <= 6, costs);
      assertEquals(
          Set.of(),
          units.keySet().stream()
              .filter(bucket -> !Set.of("data.general", "analytics.day").contains(bucket))
              .collect(Collectors.toSet()),
          costs);
      assertTrue(paid.size() <= 11, paid.size() + " of 96 ticks cost something: " + costs);
    }
  }

  @Test
  void a_channel_is_looked_at_at_every_tick_again_when_its_totals_move() {
    try (Platform platform = new Platform(1, 1)) {
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      LocalDate today = platform.world.today();
      platform.world.silence(today.minusDays(60), today.plusDays(10));
      platform.world.stopUploads(channel, platform.clock.instant().minus(Duration.ofDays(60)));
      String user = platform.connectedUser(0);
      List<Map<String, Object>> requests =
          requests(user, List.of(channel), List.of("channel-statistics"));
      for (int hours = 0; hours < 48; hours += 6) {
        assertFalse(tick(platform, requests).get("unitsSpent").isEmpty(), hours + " hours");
        platform.clock.advance(Duration.ofHours(6));
      }
      tick(platform, requests);
      platform.clock.advance(TICK);
      assertTrue(tick(platform, requests).get("unitsSpent").isEmpty(), "of two days the same");
      platform.world.endSilence(platform.world.today());
      platform.clock.advance(Duration.ofHours(3));
      for (int tick = 0; tick < 4; tick++) {
        assertFalse(tick(platform, requests).get("unitsSpent").isEmpty(), "at tick " + tick);
        platform.clock.advance(TICK);
      }
    }
  }

  // ---- channels that change hands ----

  @Test
  void a_channel_that_changed_its_owner_is_marked_kept_and_not_asked_for() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      tick(platform, requests(user, List.of(channel), DATA_REPORTS));
      long videos = platform.count("core.videos");
      platform.simulator.faults().changeOwner(channel.id());
      long before = units(platform);
      assertEquals("refused", reason(fetch(platform, user, channel.id(), "channel-day")));
      assertEquals(before + 1, units(platform), "the channel was not verified by one unit");
      assertEquals(
          "connected",
          channel(platform, user, channel).get("connection").stringValue(),
          "one answer without a channel ends no grant");
      platform.clock.advance(Duration.ofHours(6));
      assertEquals("reconnect-needed", reason(fetch(platform, user, channel.id(), "channel-day")));
      JsonNode seen = channel(platform, user, channel);
      assertEquals("reconnect-needed", seen.get("connection").stringValue());
      assertEquals("owner-changed", seen.get("connectionReason").stringValue());
      assertFalse(seen.get("eraseAfter").isNull());
      assertEquals(videos, platform.count("core.videos"), "kept until it is to be erased");
      JsonNode notices =
          platform
              .get("/v1/users/" + user + "/notices", Platform.OPERATOR_TOKEN)
              .body()
              .get("notices");
      assertEquals(1, notices.size());
      assertTrue(notices.get(0).get("message").stringValue().contains("no longer owns"));
      int calls = platform.simulator.faults().calls();
      assertEquals("reconnect-needed", reason(fetch(platform, user, channel.id(), "channel-day")));
      assertEquals(calls, platform.simulator.faults().calls());
      // Its new owner connects it.
      platform.connect(user, channel.id(), channel.id());
      assertTrue(channel(platform, user, channel).get("connectionReason").isNull());
    }
  }

  @Test
  void a_refusal_without_a_reason_ends_no_grant_and_is_verified_once_in_hours() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      platform.simulator.usage().forgetMethods();
      for (int i = 0; i < 5; i++) {
        platform.simulator.faults().next(Faults.Kind.FORBIDDEN, 1);
        assertEquals("refused", reason(fetch(platform, user, channel.id(), "channel-statistics")));
      }
      assertEquals("connected", channel(platform, user, channel).get("connection").stringValue());
      assertEquals(6L, platform.simulator.usage().methods().get("channels.list"));
    }
  }

  @Test
  void a_closed_account_is_marked_and_the_others_go_on() {
    try (Platform platform = new Platform(1, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      tick(platform, requests(user, channels, DATA_REPORTS));
      long kept = platform.count("core.videos");
      assertTrue(kept > 0);
      for (Catalog.Channel closed : channels) {
        platform.simulator.faults().closeAccount(closed.id());
        long before = units(platform);
        fetch(platform, user, closed.id(), "channel-statistics");
        assertTrue(units(platform) <= before + 1, "it costs one unit to know");
        int calls = platform.simulator.faults().calls();
        assertEquals("reconnect-needed", reason(fetch(platform, user, closed.id(), "channel-day")));
        assertEquals(calls, platform.simulator.faults().calls(), "nothing more is asked");
        JsonNode seen = channel(platform, user, closed);
        assertEquals("reconnect-needed", seen.get("connection").stringValue());
        assertEquals("account-closed", seen.get("connectionReason").stringValue());
        if (closed.equals(channels.getFirst())) {
          JsonNode other = fetch(platform, user, channels.getLast().id(), "channel-statistics");
          assertEquals(1, other.get("results").size(), other.toString());
        }
      }
      assertEquals(kept, platform.count("core.videos"), "kept until it is to be erased");
      assertEquals(2, platform.count("core.channels where erase_after is not null"));
      assertEquals(2, platform.count("core.notices where message like '%closed or suspended%'"));
    }
  }

  @Test
  void an_account_that_closes_after_connecting_says_so_and_is_let_be() {
    try (Platform platform = new Platform(3, 2)) {
      Catalog.Channel closing = platform.world.closingChannels().getFirst();
      Catalog.Account account =
          platform.world.accounts().stream()
              .filter(each -> each.channels().contains(closing))
              .findFirst()
              .orElseThrow();
      String user = platform.connectedUser(platform.world.accounts().indexOf(account));
      assertEquals("connected", channel(platform, user, closing).get("connection").stringValue());
      JsonNode first =
          tick(platform, requests(user, account.channels(), List.of("channel-day", "video-day")));
      assertTrue(
          first
              .get("notFetched")
              .valueStream()
              .allMatch(each ->
                  each.get("channelId").stringValue().equals(closing.id())
                      && each.get("reason").stringValue().equals("reconnect-needed")),
          first.toString());
      JsonNode seen = channel(platform, user, closing);
      assertEquals("reconnect-needed", seen.get("connection").stringValue());
      assertEquals("account-closed", seen.get("connectionReason").stringValue());
      long calls = closedCalls(platform);
      assertTrue(
          calls >= 1 && calls <= 2, calls + " calls of two reports, which may go side by side");
      platform.clock.advance(Duration.ofDays(1));
      tick(platform, requests(user, account.channels(), List.of("channel-day", "video-day")));
      assertEquals(
          0, platform.count("core.channel_days where channel_id = '%s'".formatted(closing.id())));
      assertEquals(0L, closedCalls(platform), "of the next day");
      // Its owner settled it with YouTube.
      platform.connect(user, closing.id(), closing.id());
      tick(platform, requests(user, List.of(closing), List.of("channel-day")));
      assertTrue(
          platform.count("core.channel_days where channel_id = '%s'".formatted(closing.id())) > 0);
    }
  }

  /** Analytics queries that the simulated YouTube refused since midnight for their grant. */
  private static long closedCalls(Platform platform) {
    Instant midnight = platform.world.today().atStartOfDay(World.PACIFIC).toInstant();
    return platform.simulator.usage().unauthorizedAt(midnight).getOrDefault("analytics.day", 0L);
  }

  @Test
  void titles_are_refreshed_in_30_days_and_chosen_names_kept() {
    try (Platform platform = new Platform(1, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      platform.execute(
          "update core.channels set channel_name = 'Former title', youtube_title = 'Former title'");
      platform
          .patch(
              "/v1/users/%s/channels/%s".formatted(user, channels.getLast().id()),
              Platform.OPERATOR_TOKEN,
              Map.of("channelName", "My second one"))
          .expect(200);
      platform.simulator.usage().forgetMethods();
      platform.clock.advance(Duration.ofDays(24));
      platform.app.runJobs();
      assertNull(platform.simulator.usage().methods().get("channels.list"), "too early");
      platform.clock.advance(Duration.ofDays(2));
      platform.app.runJobs();
      platform.app.runJobs();
      assertEquals(2L, platform.simulator.usage().methods().get("channels.list"));
      assertEquals(
          channels.getFirst().title(),
          channel(platform, user, channels.getFirst()).get("channelName").stringValue());
      assertEquals(
          "My second one",
          channel(platform, user, channels.getLast()).get("channelName").stringValue());
    }
  }

  @Test
  void the_owner_of_a_channel_is_verified_again_without_being_asked_for() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      platform.simulator.faults().changeOwner(channel.id());
      platform.clock.advance(Duration.ofDays(26));
      platform.app.runJobs();
      platform.clock.advance(Duration.ofHours(5));
      platform.app.runJobs();
      assertEquals("connected", channel(platform, user, channel).get("connection").stringValue());
      platform.clock.advance(Duration.ofHours(1));
      platform.app.runJobs();
      assertEquals(
          "owner-changed", channel(platform, user, channel).get("connectionReason").stringValue());
    }
  }

  @Test
  void an_account_without_a_channel_for_a_moment_keeps_its_grant() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      platform.execute("update core.channels set identity_missed_at = '2026-01-01'");
      platform.app.runJobs();
      assertEquals("connected", channel(platform, user, channel).get("connection").stringValue());
      assertEquals(0, platform.count("core.channels where identity_missed_at is not null"));
    }
  }

  @Test
  void channels_that_fail_do_not_keep_others_from_being_verified() {
    try (Platform platform = new Platform(2, 5)) {
      String ada = platform.connectedUser(0);
      platform.connectedUser(1);
      platform.clock.advance(Duration.ofDays(26));
      // Nobody can decrypt Ada's grants, and she fills the list with her channels' like.
      platform.execute(
          "update core.oauth_grants set refresh_token_encrypted = 'x' where user_id = '%s'"
              .formatted(ada));
      platform.execute(
          "update core.channels set identity_verified_at = null where user_id = '%s'"
              .formatted(ada));
      platform.app.runJobs();
      assertEquals(
          5,
          platform.count(
              "core.channels where identity_verified_at > identity_attempted_at - interval '1 hour'"));
      assertEquals(10, platform.count("core.channels where identity_attempted_at is not null"));
    }
  }

  @Test
  void channels_that_were_tried_and_of_inactive_users_are_listed_last_or_not() {
    try (Platform platform = new Platform(2, 5)) {
      String ada = platform.connectedUser(0);
      String bob = platform.connectedUser(1);
      platform.execute(
          "update core.channels set identity_verified_at = case when user_id = '%s' then '2026-01-01'::timestamptz end, identity_attempted_at = case when user_id = '%s' then '2026-02-01'::timestamptz end"
              .formatted(ada, bob));
      assertEquals(
          5,
          platform.count(
              "(select * from app.channels_to_identify('2026-11-01') limit 5) d where user_id = '%s'"
                  .formatted(ada)));
      platform.execute(
          "update core.users set is_active = false where user_id = '%s'".formatted(ada));
      assertEquals(5, platform.count("app.channels_to_identify('2026-11-01')"));
    }
  }

  @Test
  void a_chosen_name_survives_upgrade_verification_and_reconnection() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      // As it stands after an upgrade.
      platform.execute(
          "update core.channels set channel_name = 'Mine', youtube_title = null, identity_verified_at = null");
      platform.app.runJobs();
      assertEquals(1, platform.count("core.channels where youtube_title is not null"));
      assertEquals("Mine", channel(platform, user, channel).get("channelName").stringValue());
      platform.connect(user, channel.id(), channel.id());
      assertEquals("Mine", channel(platform, user, channel).get("channelName").stringValue());
      disconnect(platform, user, channel);
      platform.execute("update core.channels set youtube_title = null");
      platform.connect(user, channel.id(), channel.id());
      assertEquals("Mine", channel(platform, user, channel).get("channelName").stringValue());
    }
  }

  // ---- grants ----

  @Test
  void disconnecting_one_channel_does_not_end_its_siblings() {
    try (Platform platform = new Platform(1, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      disconnect(platform, user, channels.getFirst());
      assertEquals(1, platform.count("core.pending_revocations"), "revoked, or not known any more");
      // Access tokens have run out: the sibling's grant must be good at Google still.
      platform.clock.advance(Duration.ofHours(2));
      JsonNode other = fetch(platform, user, channels.getLast().id(), "channel-statistics");
      assertEquals(1, other.get("results").size(), other.toString());
      // With the last one all are revoked.
      disconnect(platform, user, channels.getLast());
      assertEquals(0, platform.count("core.pending_revocations"));
    }
  }

  @Test
  void a_grant_kept_for_its_siblings_is_forgotten_in_a_week() {
    try (Platform platform = new Platform(1, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      disconnect(platform, user, channels.getFirst());
      platform.clock.advance(Duration.ofDays(7));
      platform.app.runJobs();
      assertEquals(0, platform.count("core.pending_revocations"));
      assertEquals(
          1,
          fetch(platform, user, channels.getLast().id(), "channel-statistics")
              .get("results")
              .size());
    }
  }

  private static void disconnect(Platform platform, String user, Catalog.Channel channel) {
    platform
        .delete(
            "/v1/users/%s/channels/%s/connection".formatted(user, channel.id()),
            Platform.OPERATOR_TOKEN)
        .expect(204);
  }

  @ParameterizedTest
  @EnumSource(Faults.TokenAnswer.class)
  void only_a_grant_that_google_calls_invalid_is_dead(Faults.TokenAnswer answer) {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      platform.clock.advance(Duration.ofHours(2));
      platform.simulator.faults().answerTokens(answer);
      JsonNode fetched = fetch(platform, user, channel.id(), "channel-statistics");
      String connection = channel(platform, user, channel).get("connection").stringValue();
      switch (answer) {
        case ORDINARY -> assertEquals(1, fetched.get("results").size());
        case INVALID_RAPT -> assertEquals("reconnect-needed", reason(fetched));
        case ORG_INTERNAL -> assertEquals("refused", reason(fetched));
        case EMPTY, EMPTY_SUCCESS, HTML -> assertEquals("unavailable", reason(fetched));
      }
      assertEquals(
          answer == Faults.TokenAnswer.INVALID_RAPT ? "reconnect-needed" : "connected", connection);
    }
  }

  @Test
  void an_app_in_testing_is_reported_to_the_operator() {
    try (Platform platform = new Platform(1, 1)) {
      platform.simulator.faults().testing(true);
      assertFalse(health(platform).contains("Testing"));
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      assertTrue(health(platform).contains("Testing"), health(platform));
      assertTrue(
          platform
              .get("/metrics", null)
              .body()
              .asString()
              .contains("ytempire_google_testing{by=\"this\"} 1.0"));
      platform.clock.advance(Duration.ofDays(7));
      assertEquals(
          "reconnect-needed", reason(fetch(platform, user, channel.id(), "channel-statistics")));
      // The operator publishes the app; the next consent is for good.
      platform.simulator.faults().testing(false);
      platform.connect(user, channel.id(), channel.id());
      assertFalse(health(platform).contains("Testing"));
    }
  }

  @Test
  void a_clock_that_is_five_minutes_off_costs_a_call_and_no_data() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      AtomicReference<Duration> wrong = new AtomicReference<>(Duration.ZERO);
      platform.app.close();
      platform.app = App.start(Config.from(platform.settings()), offset(platform.clock, wrong));
      for (Duration off : List.of(Duration.ofMinutes(-5), Duration.ofMinutes(5))) {
        wrong.set(Duration.ZERO);
        assertEquals(
            1, fetch(platform, user, channel.id(), "channel-statistics").get("results").size());
        // The token has run out at Google; by a clock that was set back it has not.
        wrong.set(off);
        platform.clock.advance(Duration.ofMinutes(61));
        JsonNode late = fetch(platform, user, channel.id(), "channel-statistics");
        assertEquals(1, late.get("results").size(), late.toString());
        assertEquals(
            off.isNegative() ? 2 : 1,
            late.get("unitsSpent").get("data.general").intValue(),
            late.toString());
        assertEquals("connected", channel(platform, user, channel).get("connection").stringValue());
      }
    }
  }

  private static Clock offset(Clock clock, AtomicReference<Duration> by) {
    return new Clock() {
      @Override
      public Instant instant() {
        return clock.instant().plus(by.get());
      }

      @Override
      public ZoneId getZone() {
        return clock.getZone();
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
      }
    };
  }

  // ---- the project, and what stands in between ----

  @Test
  void an_api_that_is_not_enabled_is_one_alert_and_costs_no_units() {
    try (Platform platform = new Platform(1, 5)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests =
          requests(user, channels, List.of("channel-statistics", "recent-uploads"));
      platform.simulator.faults().next(Faults.Kind.API_DISABLED, 1000);
      JsonNode first = tick(platform, requests);
      assertEquals("unavailable", reason(first));
      assertTrue(health(platform).contains("YouTube Data API v3 is not enabled"), health(platform));
      int calls = platform.simulator.faults().calls();
      for (int i = 0; i < 3; i++) {
        platform.clock.advance(Duration.ofMinutes(4));
        JsonNode again = tick(platform, requests);
        assertEquals("{}", again.get("unitsSpent").toString());
      }
      assertEquals(calls, platform.simulator.faults().calls());
      // A quarter of an hour later one call asks whether it is enabled by now.
      platform.clock.advance(Duration.ofMinutes(5));
      tick(platform, requests);
      assertEquals(calls + 1, platform.simulator.faults().calls());
      for (Catalog.Channel each : channels) {
        assertEquals("connected", channel(platform, user, each).get("connection").stringValue());
      }
      platform.simulator.faults().next(Faults.Kind.API_DISABLED, 0);
      platform.clock.advance(Duration.ofMinutes(16));
      // The first call finds out; what waited for it comes at the next tick at the latest.
      tick(platform, requests);
      platform.clock.advance(TICK);
      assertEquals(0, tick(platform, requests).get("notFetched").size());
      assertFalse(health(platform).contains("is not enabled"));
    }
  }

  @Test
  void an_api_that_is_disabled_for_ten_minutes_costs_one_call_and_no_channel() {
    try (Platform platform = new Platform(3, 2)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      platform.clock.advance(Duration.ofHours(26));
      long before = platform.simulator.usage().today().getOrDefault("reporting.day", 0L);
      for (Catalog.Channel channel : channels) {
        JsonNode missed = fetch(platform, user, channel.id(), "thumbnail-day");
        assertEquals("unavailable", reason(missed));
        assertTrue(missed.toString().contains("its operator has to enable it"), missed.toString());
      }
      assertEquals(before + 1, platform.simulator.usage().today().get("reporting.day"));
      assertTrue(
          platform
              .get("/health/ready", null)
              .body()
              .at("/warnings/google")
              .asString()
              .contains("YouTube Reporting API is not enabled"));
      assertEquals(0, platform.count("core.channels where connection <> 'connected'"));
      assertEquals(0, platform.count("core.notices"));
      platform.clock.advance(Duration.ofMinutes(15));
      for (Catalog.Channel channel : channels) {
        JsonNode after = fetch(platform, user, channel.id(), "thumbnail-day");
        assertEquals(0, after.get("notFetched").size(), after.toString());
      }
      assertTrue(platform.get("/health/ready", null).body().at("/warnings/google").isMissingNode());
    }
  }

  @Test
  void a_page_of_html_with_success_is_no_answer_and_costs_one_unit() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      Catalog.Channel channel = platform.world.accounts().getFirst().channels().getFirst();
      platform.simulator.faults().next(Faults.Kind.HTML, 10);
      JsonNode fetched = fetch(platform, user, channel.id(), "channel-statistics");
      assertEquals("unavailable", reason(fetched));
      JsonNode missed = fetched.get("notFetched").get(0);
      assertTrue(missed.get("message").stringValue().contains("HTML"), missed.toString());
      assertFalse(missed.get("retryAt").isNull());
      assertEquals("{\"data.general\":1}", fetched.get("unitsSpent").toString());
      assertEquals("connected", channel(platform, user, channel).get("connection").stringValue());
    }
  }

  // ---- the hub ----

  @Test
  void a_hub_that_falls_silent_is_noticed_and_feeds_are_read_until_it_pushes() throws Exception {
    try (Platform platform = withHub()) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests =
          requests(user, channels, List.of("recent-uploads", "video-statistics"));
      tick(platform, requests);
      Polling.until(
          "the hub's confirmation",
          () -> platform.count("core.upload_watches where lease_until is not null") == 1);
      platform.simulator.faults().losePushes(true);
      platform.clock.advance(Duration.ofHours(25));
      platform.simulator.push();
      assertFalse(reads(platform, requests), "the feed was read although the hub is trusted");
      assertEquals(1, platform.count("core.upload_watches where hub_silent_since is not null"));
      platform.app.runMinuteJobs();
      assertTrue(health(platform).contains("hub did not push"), health(platform));
      assertTrue(
          platform
              .get("/metrics", null)
              .body()
              .asString()
              .contains("ytempire_uploads_hub_silent{of=\"connected\"} 1.0"));
      for (int hour = 0; hour < 3; hour++) {
        platform.clock.advance(Duration.ofHours(1));
        assertTrue(reads(platform, requests), "the feed was not read");
      }
      // It pushes again, so it is trusted again.
      platform.simulator.faults().losePushes(false);
      platform.clock.advance(Duration.ofHours(13));
      assertTrue(platform.simulator.push() >= 1);
      assertFalse(reads(platform, requests));
      platform.app.runMinuteJobs();
      assertFalse(health(platform).contains("hub did not push"));
    }
  }

  /** Whether a tick reads the feed. */
  private static boolean reads(Platform platform, List<Map<String, Object>> requests) {
    platform.simulator.usage().forgetMethods();
    tick(platform, requests);
    return platform.simulator.usage().methods().containsKey("feed");
  }

  @Test
  void a_tombstone_that_the_hub_pushes_makes_a_video_be_asked_for() throws Exception {
    try (Platform platform = withHub()) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests =
          requests(user, channels, List.of("recent-uploads", "video-details"));
      tick(platform, requests);
      platform.clock.advance(Duration.ofHours(7));
      tick(platform, requests);
      Polling.until(
          "the hub's confirmation",
          () -> platform.count("core.upload_watches where lease_until is not null") == 1);
      platform.simulator.push();
      // Too old for statistics: nothing else would ask for it for weeks.
      platform.execute("update core.videos set published_at = published_at - interval '40 days'");
      Catalog.Video deleted = newest(platform, channels.getFirst());
      platform.clock.advance(Duration.ofMinutes(1));
      platform.world.delete(deleted);
      platform.clock.advance(Duration.ofMinutes(1));
      assertTrue(platform.simulator.push() >= 1);
      assertNotNull(video(platform, deleted).get("first_missed_at"));
      assertEquals(0, video(platform, deleted).get("misses"));
      tick(platform, requests);
      assertEquals(1, video(platform, deleted).get("misses"));
    }
  }

  @Test
  void a_tombstone_in_the_feed_makes_a_video_be_asked_for() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = platform.world.accounts().getFirst().channels();
      List<Map<String, Object>> requests =
          requests(user, channels, List.of("recent-uploads", "video-details"));
      tick(platform, requests);
      platform.clock.advance(Duration.ofHours(7));
      tick(platform, requests);
      // Too old for statistics: nothing else would ask for it for weeks.
      Catalog.Video deleted = newest(platform, channels.getFirst());
      platform.execute("update core.videos set published_at = published_at - interval '40 days'");
      platform.world.delete(deleted);
      platform.clock.advance(Duration.ofHours(2));
      tick(platform, requests);
      assertNotNull(video(platform, deleted).get("first_missed_at"));
      platform.clock.advance(TICK);
      tick(platform, requests);
      assertEquals(1, video(platform, deleted).get("misses"));
    }
  }

  private static Platform withHub() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    return new Platform(
        1,
        1,
        Map.of(
            "YTEMPIRE_UPLOADS_PUSH",
            "on",
            "YTEMPIRE_HTTP_PORT",
            String.valueOf(port),
            "YTEMPIRE_PUBLIC_URL",
            "http://127.0.0.1:" + port));
  }
}
