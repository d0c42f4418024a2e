package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Faults;
import com.ytempire.simulator.VideoVisibility;
import com.ytempire.simulator.World;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Days of Analytics by plan: few queries, and whatever YouTube answers is an answer. */
final class AnalyticsPlanTest {
  private static final String MONETARY =
      "https://www.googleapis.com/auth/yt-analytics-monetary.readonly";

  private static Catalog.Channel channel(Platform platform, int account) {
    return platform.world.accounts().get(account).channels().getFirst();
  }

  private static Map<String, Object> request(
      String user, String channel, String report, Map<String, Object> more) {
    Map<String, Object> request =
        new HashMap<>(Map.of("userId", user, "channelId", channel, "report", report));
    request.putAll(more);
    return request;
  }

  private static JsonNode due(Platform platform, String user, String channel, String... reports) {
    List<Map<String, Object>> requests = new ArrayList<>();
    for (String report : reports) {
      requests.add(request(user, channel, report, Map.of()));
    }
    return platform
        .post(
            "/v1/metrics/fetch",
            Platform.OPERATOR_TOKEN,
            Map.of("requests", requests, "onlyDue", true))
        .expect(200)
        .body();
  }

  private static JsonNode fetch(Platform platform, Map<String, Object> request) {
    return platform
        .post(
            "/v1/metrics/fetch",
            Platform.OPERATOR_TOKEN,
            Map.of("requests", List.of(request), "maxAgeMinutes", 0))
        .expect(200)
        .body();
  }

  /** Fetches and stores until nothing is due. */
  private static void catchUp(Platform platform, String user, String channel, String... reports) {
    for (int tick = 0; tick < 10; tick++) {
      JsonNode fetched = due(platform, user, channel, reports);
      assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
      if (Platform.fetchedRows(fetched).isEmpty()) {
        return;
      }
      platform.storeFetched(Platform.OPERATOR_TOKEN, fetched);
    }
    throw new AssertionError("something is due for ever");
  }

  private static long queries(JsonNode fetched) {
    JsonNode spent = fetched.get("unitsSpent").get("analytics.day");
    return spent == null ? 0 : spent.longValue();
  }

  private static Set<String> videos(JsonNode fetched) {
    return Platform.fetchedRows(fetched).stream()
        .map(row -> row.get("videoId").stringValue())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> days(JsonNode fetched) {
    return Platform.fetchedRows(fetched).stream()
        .map(row -> row.get("day").stringValue())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void many_days_of_many_videos_take_one_query_a_day() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      JsonNode first = due(platform, ada, channel, "video-day");
      assertEquals(2, queries(first), "the videos that draw views, and their days");
      assertTrue(days(first).size() >= 11, days(first).toString());
      assertTrue(
          Platform.fetchedRows(first).size() > 300, Platform.fetchedRows(first).size() + " rows");
      platform.storeFetched(Platform.OPERATOR_TOKEN, first);
      catchUp(platform, ada, channel, "video-day");
      for (int day = 0; day < 3; day++) {
        platform.clock.advance(Duration.ofDays(1));
        JsonNode next = due(platform, ada, channel, "video-day");
        assertEquals(1, queries(next), next.get("unitsSpent").toString());
        assertTrue(days(next).size() >= 7, days(next).toString());
        platform.storeFetched(Platform.OPERATOR_TOKEN, next);
      }
    }
  }

  @Test
  void days_of_a_month_ago_are_read_in_the_query_of_the_week() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      catchUp(platform, ada, channel, "video-day");
      Set<Integer> ages = new TreeSet<>();
      int queries = 0;
      // Every sixth day some of them are due.
      for (int day = 0; day < 8; day++) {
        platform.clock.advance(Duration.ofDays(1));
        JsonNode fetched = due(platform, ada, channel, "video-day");
        queries += (int) queries(fetched);
        LocalDate today = platform.world.today();
        for (String each : days(fetched)) {
          ages.add((int) ChronoUnit.DAYS.between(LocalDate.parse(each), today));
        }
        platform.storeFetched(Platform.OPERATOR_TOKEN, fetched);
      }
      assertTrue(
          queries <= 9, queries + " of 8 days and, after a week, the videos that draw views");
      assertTrue(ages.stream().anyMatch(age -> age >= 30), ages.toString());
      // Days between that are not due came with them, and are left alone.
      assertTrue(ages.stream().noneMatch(age -> age > 9 && age < 30), ages.toString());
    }
  }

  @Test
  void a_video_that_is_younger_than_the_days_is_not_named() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      Catalog.Video young = platform.world.publicVideos(channel).getFirst();
      assertTrue(young.publishedAt().isAfter(platform.clock.instant().minus(Duration.ofDays(1))));
      platform.storeFetched(
          Platform.OPERATOR_TOKEN, due(platform, ada, channel.id(), "recent-uploads"));
      assertEquals(1, platform.count("core.videos where video_id = '" + young.id() + "'"));
      platform.simulator.faults().poison(young.id());
      JsonNode fetched = due(platform, ada, channel.id(), "video-day");
      assertEquals(2, queries(fetched), "the videos that draw views, and their days");
      assertEquals(0, platform.count("core.refused_videos"));
    }
  }

  @Test
  void a_video_that_not_even_its_owner_is_shown_costs_no_query() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      String[] reports = {"recent-uploads", "video-statistics", "video-day"};
      platform.storeFetched(Platform.OPERATOR_TOKEN, due(platform, ada, channel.id(), reports));
      Catalog.Video deleted =
          platform.world.publicVideos(channel).stream()
              .filter(each ->
                  platform.world.oddity(each) == VideoVisibility.Oddity.NONE
                      && each.publishedAt()
                          .isBefore(platform.clock.instant().minus(Duration.ofHours(50))))
              .findFirst()
              .orElseThrow();
      platform.world.delete(deleted);
      platform.simulator.faults().poison(deleted.id());
      platform.clock.advance(Duration.ofHours(7));
      platform.storeFetched(
          Platform.OPERATOR_TOKEN, due(platform, ada, channel.id(), "video-statistics"));
      assertEquals(
          1, platform.count("core.videos where misses = 1 and video_id = '" + deleted.id() + "'"));
      platform.clock.advance(Duration.ofHours(17));
      JsonNode fetched = due(platform, ada, channel.id(), "video-day");
      assertEquals(1, queries(fetched), fetched.get("unitsSpent").toString());
      assertTrue(
          Platform.fetchedRows(fetched).size() > 300,
          Platform.fetchedRows(fetched).size() + " rows");
      assertEquals(0, platform.count("core.refused_videos"));
    }
  }

  @Test
  void the_videos_of_a_large_filter_all_arrive() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      List<JsonNode> known =
          Platform.fetchedRows(
              due(platform, ada, channel.id(), "video-day", "recent-uploads", "video-statistics"));
      assertFalse(known.isEmpty());
      // More than an address of 2,048 characters holds, and the owner's whole catalogue.
      platform.execute(
          platform.world.videos(channel).stream()
              .map(video ->
                  "('%s', '%s', '%s', 't', '%s', 1, now())"
                      .formatted(ada, video.id(), channel.id(), video.publishedAt()))
              .collect(
                  Collectors.joining(
                      ", ",
                      "insert into core.videos (user_id, video_id, channel_id, title, published_at, duration_seconds, refreshed_at) values ",
                      " on conflict do nothing")));
      assertTrue(platform.count("core.videos") > 150, platform.count("core.videos") + " videos");
      platform.clock.advance(Duration.ofDays(1));
      JsonNode fetched = due(platform, ada, channel.id(), "video-day");
      assertEquals(1, queries(fetched));
      assertTrue(Platform.fetchedRows(fetched).size() > 300, fetched.toString());
    }
  }

  @Test
  void every_video_that_drew_views_is_among_those_asked_for() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      for (JsonNode row : Platform.fetchedRows(due(platform, ada, channel.id(), "video-day"))) {
        Catalog.Video video = platform.world.video(row.get("videoId").stringValue()).orElseThrow();
        LocalDate day = LocalDate.parse(row.get("day").stringValue());
        assertEquals(platform.world.videoDay(video, day).views(), row.get("views").longValue());
      }
      platform.clock.advance(Duration.ofDays(1));
      LocalDate day = LocalDate.parse("2026-11-12");
      Set<String> watched =
          platform.world.videos(channel).stream()
              .filter(video -> platform.world.videoDay(video, day).views() > 0)
              .map(Catalog.Video::id)
              .collect(Collectors.toCollection(TreeSet::new));
      Set<String> reported =
          Platform.fetchedRows(due(platform, ada, channel.id(), "video-day")).stream()
              .filter(row -> row.get("day").stringValue().equals(day.toString()))
              .map(row -> row.get("videoId").stringValue())
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(watched, reported);
    }
  }

  @Test
  void where_videos_together_are_refused_they_are_asked_for_day_by_day() {
    try (Platform platform = new Platform(1, 1)) {
      platform.simulator.faults().videosByDay(false);
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      JsonNode first = due(platform, ada, channel, "video-day");
      assertEquals(0, first.get("notFetched").size(), first.get("notFetched").toString());
      assertEquals(1, days(first).size(), days(first).toString());
      platform.storeFetched(Platform.OPERATOR_TOKEN, first);
      JsonNode second = due(platform, ada, channel, "video-day");
      assertEquals(1, queries(second), "it is not tried again at every tick");
      // A week later it is.
      platform.simulator.faults().videosByDay(true);
      platform.clock.advance(Duration.ofDays(8));
      assertTrue(days(due(platform, ada, channel, "video-day")).size() > 5);
    }
  }

  @Test
  void a_video_that_analytics_refuses_is_looked_for_once() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      String dead = platform.world.videos(channel).get(5).id();
      platform.simulator.faults().poison(dead);
      JsonNode first = due(platform, ada, channel.id(), "video-day");
      assertTrue(queries(first) > 5 && queries(first) < 25, queries(first) + " queries");
      assertTrue(
          Platform.fetchedRows(first).size() > 300, Platform.fetchedRows(first).size() + " rows");
      assertTrue(
          Platform.fetchedRows(first).stream()
              .noneMatch(row -> row.get("videoId").stringValue().equals(dead)));
      assertEquals(1, platform.count("core.refused_videos where video_id = '" + dead + "'"));
      platform.storeFetched(Platform.OPERATOR_TOKEN, first);
      JsonNode second = due(platform, ada, channel.id(), "video-day");
      assertEquals(1, queries(second), "it is remembered");
    }
  }

  @Test
  void of_two_reports_of_a_channel_one_looks_for_a_refused_video() {
    try (Platform platform = new Platform(8, 1)) {
      int account = 0;
      while (!channel(platform, account).monetized()) {
        account++;
      }
      String user = platform.connectedUser(account);
      Catalog.Channel channel = channel(platform, account);
      catchUp(platform, user, channel.id(), "channel-revenue-day");
      platform.simulator.faults().poison(platform.world.videos(channel).get(5).id());
      JsonNode first = due(platform, user, channel.id(), "video-day", "video-revenue-day");
      assertEquals(2, first.get("results").size(), first.get("notFetched").toString());
      assertTrue(queries(first) > 5 && queries(first) <= 25, queries(first) + " queries");
    }
  }

  @Test
  void too_many_refusals_leave_no_fragment_of_a_day() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      List<Catalog.Video> videos = platform.world.videos(channel);
      // The first, the middle and the last id are asked alone; half of the others are dead.
      List<String> ids = videos.stream().limit(60).map(Catalog.Video::id).sorted().toList();
      for (int i = ids.size() / 2 + 4; i < ids.size() - 1; i++) {
        platform.simulator.faults().poison(ids.get(i));
      }
      JsonNode first = due(platform, ada, channel.id(), "video-day");
      assertTrue(queries(first) > 30, queries(first) + " queries");
      assertEquals(0, first.get("notFetched").size(), first.get("notFetched").toString());
      // One day, with every video that the channel had views of on it.
      assertEquals(1, days(first).size(), days(first).toString());
      try (Platform whole = new Platform(1, 1)) {
        whole.simulator.faults().videosByDay(false);
        assertEquals(
            videos(due(whole, whole.connectedUser(0), channel.id(), "video-day")), videos(first));
      }
      assertTrue(platform.count("core.refused_videos") > 5);
      platform.storeFetched(Platform.OPERATOR_TOKEN, first);
      platform.clock.advance(Duration.ofMinutes(15));
      long again = queries(due(platform, ada, channel.id(), "video-day"));
      // Day by day: days that YouTube does not have yet, and one that it has.
      assertTrue(again <= 4, again + " queries at the next tick");
    }
  }

  /** A user whose first channel has a quiet day among the last ones, and that day. */
  private record QuietDay(int account, Catalog.Channel channel, LocalDate day) {}

  private static QuietDay quiet(Platform platform) {
    LocalDate today = platform.world.today();
    for (int account = 0; account < platform.world.accounts().size(); account++) {
      Catalog.Channel channel = channel(platform, account);
      for (int age = 5; age < 12; age++) {
        if (platform.world.isQuiet(channel, today.minusDays(age))) {
          return new QuietDay(account, channel, today.minusDays(age));
        }
      }
    }
    throw new AssertionError("no channel of this world has a quiet day");
  }

  @Test
  void a_day_without_views_is_zero_and_not_asked_for_again() {
    try (Platform platform = new Platform(60, 1)) {
      QuietDay quiet = quiet(platform);
      String user = platform.connectedUser(quiet.account());
      String[] reports = {"channel-day", "traffic-source-day", "video-day"};
      catchUp(platform, user, quiet.channel().id(), reports);
      String ofDay = " where day = '" + quiet.day() + "'";
      assertEquals(1, platform.count("core.channel_days" + ofDay + " and views = 0"));
      assertEquals(
          1,
          platform.count(
              "core.channel_days" + ofDay + " and average_view_duration_seconds is null"),
          "an average of nothing is unknown");
      assertEquals(0, platform.count("core.traffic_source_days" + ofDay));
      assertEquals(0, platform.count("core.video_days" + ofDay));
      for (String report : reports) {
        assertEquals(
            1,
            platform.count("core.day_checks" + ofDay + " and report = '" + report + "'"),
            report);
      }
      platform.clock.advance(Duration.ofMinutes(15));
      JsonNode again = due(platform, user, quiet.channel().id(), reports);
      assertEquals(0, queries(again), again.get("unitsSpent").toString());
    }
  }

  @Test
  void a_day_that_youtube_has_not_finished_is_asked_for_twice_a_day() {
    try (Platform platform = new Platform(8, 1)) {
      LocalDate today = platform.world.today();
      int account = 0;
      while (platform.world.lastDay(channel(platform, account), false).equals(today.minusDays(2))) {
        account++;
      }
      String user = platform.connectedUser(account);
      String channel = channel(platform, account).id();
      catchUp(platform, user, channel, "channel-day");
      long before =
          Objects.requireNonNull(platform.simulator.usage().methods().get("reports.query"));
      LocalDate newest = today.minusDays(2);
      assertEquals(0, platform.count("core.channel_days where day = '" + newest + "'"));
      List<Integer> asked = new ArrayList<>();
      for (int tick = 0; tick < 96; tick++) {
        JsonNode fetched = due(platform, user, channel, "channel-day");
        if (queries(fetched) > 0) {
          asked.add(tick);
        }
        platform.storeFetched(Platform.OPERATOR_TOKEN, fetched);
        platform.clock.advance(Duration.ofMinutes(15));
      }
      long after =
          Objects.requireNonNull(platform.simulator.usage().methods().get("reports.query"));
      assertTrue(after - before <= 2, after - before + " queries in the 24 hours");
      int last = 0;
      for (int tick : asked) {
        assertTrue(tick - last <= 13 * 4, asked.toString());
        last = tick;
      }
      assertEquals(1, platform.count("core.channel_days where day = '" + newest + "'"));
    }
  }

  /** The ticks of a day at which {@code channel-day} is asked for beside traffic sources. */
  private static List<Integer> ticksOfChannelDay(
      Platform platform, String user, String channel, int finishedAt) {
    List<Integer> asked = new ArrayList<>();
    for (int tick = 0; tick < 96; tick++) {
      if (tick == finishedAt) {
        platform.world.finishDays(channel(platform, 0), platform.world.today().minusDays(2));
      }
      platform.storeFetched(
          Platform.OPERATOR_TOKEN, due(platform, user, channel, "traffic-source-day"));
      JsonNode fetched = due(platform, user, channel, "channel-day");
      if (queries(fetched) > 0) {
        asked.add(tick);
      }
      platform.storeFetched(Platform.OPERATOR_TOKEN, fetched);
      platform.clock.advance(Duration.ofMinutes(15));
    }
    return asked;
  }

  @Test
  void a_day_is_asked_for_again_once_traffic_sources_show_its_end() {
    // From midnight in California.
    try (Platform platform = new Platform(1, 1, Map.of(), Instant.parse("2026-11-20T08:00:00Z"))) {
      Catalog.Channel channel = channel(platform, 0);
      String user = platform.connectedUser(0);
      catchUp(platform, user, channel.id(), "channel-day", "traffic-source-day");
      // To days that YouTube finishes a day later.
      while (!platform.world.lastDay(channel, false).equals(platform.world.today().minusDays(3))) {
        ticksOfChannelDay(platform, user, channel.id(), -1);
      }
      LocalDate day = platform.world.today().minusDays(2);
      assertEquals(
          1, ticksOfChannelDay(platform, user, channel.id(), -1).size(), "nothing was finished");
      assertEquals(0, platform.count("core.channel_days where day = '" + day + "'"));
      while (!platform.world.lastDay(channel, false).equals(platform.world.today().minusDays(3))) {
        ticksOfChannelDay(platform, user, channel.id(), -1);
      }
      day = platform.world.today().minusDays(2);
      List<Integer> asked = ticksOfChannelDay(platform, user, channel.id(), 4 * 5);
      assertEquals(2, asked.size(), asked + ": it was finished at five in the morning");
      assertTrue(asked.getLast() - asked.getFirst() <= 4 * 11 + 1, asked.toString());
      assertEquals(1, platform.count("core.channel_days where day = '" + day + "'"));
    }
  }

  @Test
  void a_stored_figure_is_not_zeroed_by_a_day_that_is_missing() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      catchUp(platform, ada, channel, "channel-day");
      LocalDate day = platform.world.today().minusDays(6);
      assertEquals(1, platform.count("core.channel_days where views > 0 and day = '" + day + "'"));
      platform.world.silence(day, day);
      platform.clock.advance(Duration.ofDays(1));
      catchUp(platform, ada, channel, "channel-day");
      assertEquals(1, platform.count("core.channel_days where views > 0 and day = '" + day + "'"));
      assertEquals(0, queries(due(platform, ada, channel, "channel-day")), "asked for ever");
    }
  }

  @Test
  void no_day_before_a_channels_first_one_is_zero() {
    try (Platform platform = new Platform(1, 1)) {
      LocalDate today = platform.world.today();
      platform.world.silence(today.minusDays(300), today.minusDays(40));
      String ada = platform.connectedUser(0);
      catchUp(platform, ada, channel(platform, 0).id(), "channel-day");
      assertEquals(
          0, platform.count("core.channel_days where day <= '" + today.minusDays(40) + "'"));
    }
  }

  @Test
  void revenue_that_was_not_answered_is_not_zero() {
    try (Platform platform = new Platform(1, 1)) {
      LocalDate day = platform.world.today().minusDays(8);
      platform.world.silence(day, day);
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      platform.simulator.faults().dropMonetaryScope(channel);
      JsonNode quiet =
          Platform.fetchedRows(
                  fetch(
                      platform,
                      request(
                          ada,
                          channel,
                          "channel-day",
                          Map.of("metrics", List.of("views", "estimatedRevenue")))))
              .stream()
              .filter(row -> row.get("day").stringValue().equals(day.toString()))
              .findFirst()
              .orElseThrow();
      assertEquals(0, quiet.get("views").longValue());
      assertFalse(quiet.has("estimatedRevenue"), quiet.toString());
    }
  }

  @Test
  void revenue_is_zero_only_where_a_newer_day_has_some() {
    try (Platform platform = new Platform(4, 1)) {
      int account = 0;
      while (!channel(platform, account).monetized()) {
        account++;
      }
      LocalDate today = platform.world.today();
      platform.world.silence(today.minusDays(9), today);
      platform.world.silence(today.minusDays(20), today.minusDays(20));
      String user = platform.connectedUser(account);
      catchUp(platform, user, channel(platform, account).id(), "channel-revenue-day");
      assertEquals(
          0, platform.count("core.channel_days where day >= '" + today.minusDays(9) + "'"));
      assertEquals(
          1,
          platform.count(
              "core.channel_days where revenue_usd = 0 and day = '%s'"
                  .formatted(today.minusDays(20))));
    }
  }

  @Test
  void a_quiet_channel_is_tried_without_percentages_once_a_week() {
    try (Platform platform = new Platform(1, 1)) {
      LocalDate today = platform.world.today();
      platform.world.silence(today.minusDays(400), today.plusDays(30));
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      assertEquals(2, queries(due(platform, ada, channel, "channel-day")));
      for (int day = 1; day < 7; day++) {
        platform.clock.advance(Duration.ofDays(1));
        assertEquals(1, queries(due(platform, ada, channel, "channel-day")), "on day " + day);
      }
      platform.clock.advance(Duration.ofDays(1));
      assertEquals(2, queries(due(platform, ada, channel, "channel-day")));
    }
  }

  @Test
  void an_empty_report_file_is_read_once() {
    try (Platform platform = new Platform(30, 1)) {
      LocalDate today = platform.world.today();
      int account = 0;
      while (today
          .minusDays(20)
          .datesUntil(today.minusDays(3))
          .noneMatch(hasEmptyFile(platform, account))) {
        account++;
      }
      String user = platform.connectedUser(account);
      Catalog.Channel channel = channel(platform, account);
      for (int tick = 0; tick < 96 * 4; tick++) {
        platform.storeFetched(
            Platform.OPERATOR_TOKEN, due(platform, user, channel.id(), "thumbnail-day"));
        platform.clock.advance(Duration.ofMinutes(15));
      }
      LocalDate empty =
          today
              .minusDays(20)
              .datesUntil(today.minusDays(3))
              .filter(hasEmptyFile(platform, account))
              .findFirst()
              .orElseThrow();
      assertEquals(0, platform.count("core.thumbnail_days where day = '" + empty + "'"));
      assertEquals(
          1,
          platform.count(
              "core.day_checks where report = 'thumbnail-day' and day = '" + empty + "'"));
      long days = platform.count("core.day_checks where report = 'thumbnail-day'");
      long downloads =
          Objects.requireNonNull(platform.simulator.usage().methods().get("media.download"));
      assertTrue(downloads <= days + 2, downloads + " downloads for " + days + " days");
    }
  }

  @Test
  void a_file_that_cannot_be_read_costs_no_other_and_is_read_once() {
    try (Platform platform = new Platform(1, 1)) {
      LocalDate spoiled = platform.world.today().minusDays(4);
      platform.simulator.faults().spoilFiles(spoiled);
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      String[] reports = {"thumbnail-day", "country-day"};
      for (int tick = 0; tick < 96 * 2; tick++) {
        JsonNode fetched = due(platform, ada, channel, reports);
        assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
        platform.storeFetched(Platform.OPERATOR_TOKEN, fetched);
        platform.clock.advance(Duration.ofMinutes(15));
      }
      for (String report : reports) {
        String checks = "core.day_checks where report = '" + report + "' and day ";
        assertEquals(1, platform.count(checks + "= '" + spoiled + "'"), report);
        assertTrue(platform.count(checks + "< '" + spoiled + "'") > 3, report);
      }
      long days =
          platform.count("core.day_checks where report in ('thumbnail-day', 'country-day')");
      long downloads =
          Objects.requireNonNull(platform.simulator.usage().methods().get("media.download"));
      assertTrue(downloads <= days + 4, downloads + " downloads for " + days + " days");
    }
  }

  @Test
  void a_file_that_breaks_off_costs_no_other_and_is_read_again() {
    try (Platform platform = new Platform(1, 1)) {
      Catalog.Channel channel = channel(platform, 0);
      LocalDate broken = platform.world.today().minusDays(4);
      assertFalse(platform.world.hasEmptyFile(channel, broken));
      platform.simulator.faults().breakFiles(broken);
      String ada = platform.connectedUser(0);
      String[] reports = {"thumbnail-day", "country-day"};
      readFilesOfADay(platform, ada, channel, reports);
      for (String report : reports) {
        String checks = "core.day_checks where report = '" + report + "' and day ";
        assertEquals(0, platform.count(checks + "= '" + broken + "'"), report);
        assertTrue(platform.count(checks + "< '" + broken + "'") > 3, report);
      }
      assertEquals(0, platform.count("core.thumbnail_days where day = '" + broken + "'"));
      // A caller who names the day is refused, after four downloads, and gets no half of a file.
      platform.simulator.usage().forgetMethods();
      JsonNode missed =
          platform
              .post(
                  "/v1/metrics/fetch",
                  Platform.OPERATOR_TOKEN,
                  Map.of(
                      "requests",
                      List.of(
                          Map.of(
                              "userId", ada,
                              "channelId", channel.id(),
                              "report", "thumbnail-day",
                              "startDate", broken.toString(),
                              "endDate", broken.toString()))))
              .expect(200)
              .body()
              .get("notFetched")
              .get(0);
      assertEquals("unavailable", missed.get("reason").stringValue());
      assertTrue(missed.get("message").stringValue().contains("breaks off"), missed.toString());
      assertEquals(4L, platform.simulator.usage().methods().get("media.download"));
      platform.simulator.faults().repairFiles(broken);
      readFilesOfADay(platform, ada, channel, reports);
      for (String report : reports) {
        assertEquals(
            1,
            platform.count(
                "core.day_checks where report = '%s' and day = '%s'".formatted(report, broken)));
      }
    }
  }

  @Test
  void a_file_of_50_megabytes_is_read_once_without_being_held() {
    try (Platform platform = new Platform(1, 1)) {
      Catalog.Channel channel = channel(platform, 0);
      LocalDate large = platform.world.today().minusDays(4);
      int lines = 1_100_000;
      AtomicLong heldBefore = new AtomicLong(Long.MAX_VALUE);
      AtomicLong held = new AtomicLong();
      platform
          .simulator
          .faults()
          .enlargeFiles(large, lines, () -> held.addAndGet(usedHeap() - heldBefore.get()));
      String ada = platform.connectedUser(0);
      heldBefore.set(usedHeap());
      JsonNode fetched = due(platform, ada, channel.id(), "thumbnail-day");
      for (int tick = 0; tick < 96 && Platform.fetchedRows(fetched).isEmpty(); tick++) {
        platform.clock.advance(Duration.ofMinutes(15));
        fetched = due(platform, ada, channel.id(), "thumbnail-day");
      }
      // Of the file, 50 MB and more, nothing but its largest lines: 5,000 are 2 MB.
      assertTrue(held.get() < 25L << 20, held.get() + " bytes more than before were held");
      assertNotEquals(0, held.get(), "the file was not sent");
      // The user sees the videos that were shown the most, and no failure.
      assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
      List<JsonNode> ofDay =
          Platform.fetchedRows(fetched).stream()
              .filter(row -> row.get("day").stringValue().equals(large.toString()))
              .toList();
      assertEquals(5_000, ofDay.size());
      assertEquals(
          lines - 4_999L,
          ofDay.stream().mapToLong(row -> row.get("impressions").longValue()).min().orElseThrow());
      platform.storeFetched(Platform.OPERATOR_TOKEN, fetched);
      assertEquals(5_000, platform.count("core.thumbnail_days where day = '" + large + "'"));
      // It costs what every file does, and is not asked for again.
      assertEquals(
          platform.count("core.day_checks where report = 'thumbnail-day'"),
          platform.simulator.usage().methods().get("media.download"));
      readFilesOfADay(platform, ada, channel, "thumbnail-day");
      held.set(0);
      readFilesOfADay(platform, ada, channel, "thumbnail-day");
      assertEquals(0, held.get(), "the file was downloaded once more");
    }
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void readFilesOfADay(
      Platform platform, String user, Catalog.Channel channel, String... reports) {
    for (int tick = 0; tick < 96; tick++) {
      platform.storeFetched(Platform.OPERATOR_TOKEN, due(platform, user, channel.id(), reports));
      platform.clock.advance(Duration.ofMinutes(15));
    }
  }

  @Test
  void top_videos_without_a_curve_make_place_for_others() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      catchUp(platform, ada, channel, "video-day");
      platform
          .admin(
              "select video_id from core.video_days group by video_id order by sum(views) desc limit 6")
          .forEach(row -> platform.simulator.faults().poison(String.valueOf(row.get("video_id"))));
      for (int day = 0; day < 28; day++) {
        platform.storeFetched(Platform.OPERATOR_TOKEN, due(platform, ada, channel, "retention"));
        platform.clock.advance(Duration.ofDays(1));
      }
      assertTrue(platform.count("(select distinct video_id from core.retention_points) v") >= 2);
    }
  }

  @Test
  void a_curve_that_is_missed_by_plan_names_its_video() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      catchUp(platform, ada, channel, "video-day");
      Set<String> videos = new TreeSet<>();
      platform
          .admin("select distinct video_id from core.video_days")
          .forEach(row -> videos.add(String.valueOf(row.get("video_id"))));
      platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 100);
      // A channel's curves have one day of the week.
      JsonNode fetched = due(platform, ada, channel, "retention");
      for (int day = 1; day < 7 && !fetched.get("notDue").isEmpty(); day++) {
        platform.clock.advance(Duration.ofDays(1));
        fetched = due(platform, ada, channel, "retention");
      }
      assertMissed("unavailable", videos, fetched);
      platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 0);
      videos.forEach(platform.simulator.faults()::poison);
      assertMissed("refused", videos, due(platform, ada, channel, "retention"));
      JsonNode remembered = due(platform, ada, channel, "retention");
      assertEquals(0, queries(remembered), "it is remembered");
      assertMissed("refused", videos, remembered);
    }
  }

  private static void assertMissed(String reason, Set<String> videos, JsonNode fetched) {
    JsonNode missed = fetched.get("notFetched").path(0);
    assertEquals(reason, missed.path("reason").asString(""), fetched::toString);
    assertTrue(videos.contains(missed.path("videoId").asString("")), missed::toString);
  }

  private static java.util.function.Predicate<LocalDate> hasEmptyFile(
      Platform platform, int account) {
    return day -> platform.world.hasEmptyFile(channel(platform, account), day);
  }

  @Test
  void a_blanked_answer_is_asked_for_again_without_percentages() {
    try (Platform platform = new Platform(1, 1)) {
      platform.simulator.faults().blankPercentages(true);
      String ada = platform.connectedUser(0);
      JsonNode fetched = due(platform, ada, channel(platform, 0).id(), "channel-day");
      assertEquals(2, queries(fetched));
      assertTrue(days(fetched).size() > 80, days(fetched).toString());
      assertFalse(Platform.fetchedRows(fetched).getFirst().has("averageViewPercentage"));
      assertTrue(Platform.fetchedRows(fetched).getFirst().has("engagedViews"));
    }
  }

  @Test
  void without_the_monetary_scope_the_other_metrics_are_kept() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      String channel = channel(platform, 0).id();
      Map<String, Object> mixed =
          request(
              ada, channel, "top-videos", Map.of("metrics", List.of("views", "estimatedRevenue")));
      platform.simulator.faults().dropMonetaryScope(channel);
      JsonNode refusedByGoogle = fetch(platform, mixed);
      assertTrue(
          Platform.fetchedRows(refusedByGoogle).getFirst().has("views"),
          refusedByGoogle.toString());
      assertFalse(Platform.fetchedRows(refusedByGoogle).getFirst().has("estimatedRevenue"));
      assertEquals(2, queries(refusedByGoogle));
      assertEquals(
          1,
          platform.count("core.channels where connection = 'connected'"),
          "a missing scope ends no grant");

      platform.execute(
          "update core.oauth_grants set scopes = array_remove(scopes, '" + MONETARY + "')");
      JsonNode known = fetch(platform, mixed);
      assertTrue(Platform.fetchedRows(known).getFirst().has("views"), known.toString());
      assertEquals(1, queries(known), "what is known to be missing is not asked for");
      JsonNode revenueOnly =
          fetch(
              platform,
              request(ada, channel, "channel-day", Map.of("metrics", List.of("estimatedRevenue"))));
      assertEquals("wrong-scope", revenueOnly.get("notFetched").get(0).get("reason").stringValue());
      assertEquals(0, queries(revenueOnly));
    }
  }

  @Test
  void of_a_channel_without_revenue_the_other_metrics_are_kept() {
    try (Platform platform = new Platform(20, 1)) {
      int account = 0;
      while (channel(platform, account).monetized()) {
        account++;
      }
      String user = platform.connectedUser(account);
      JsonNode fetched =
          fetch(
              platform,
              request(
                  user,
                  channel(platform, account).id(),
                  "channel-day",
                  Map.of("metrics", List.of("views", "estimatedRevenue"))));
      assertTrue(Platform.fetchedRows(fetched).getFirst().has("views"), fetched.toString());
      assertEquals(1, platform.count("core.channels where not monetised"));
    }
  }

  @Test
  void a_first_sync_takes_five_queries_a_monetized_channel() {
    try (Platform platform = new Platform(4, 2)) {
      List<Map<String, Object>> requests = new ArrayList<>();
      int expected = 0;
      for (int account = 0; account < 4; account++) {
        String user = platform.connectedUser(account);
        for (Catalog.Channel channel : platform.world.accounts().get(account).channels()) {
          if (platform.world.closesAfterConnecting(channel)) {
            continue;
          }
          // Days, traffic sources, videos that draw views, their days, revenue; why there is none.
          expected += channel.monetized() ? 5 : 6;
          // No days of no videos.
          expected -= platform.world.publishedVideos(channel).isEmpty() ? 1 : 0;
          // Weekly reports begin the day after.
          for (Report report : Report.of(Report.Provider.ANALYTICS)) {
            if (report.isSynced()) {
              requests.add(request(user, channel.id(), report.label(), Map.of()));
            }
          }
        }
      }
      JsonNode fetched =
          platform
              .post(
                  "/v1/metrics/fetch",
                  Platform.OPERATOR_TOKEN,
                  Map.of("requests", requests, "onlyDue", true))
              .expect(200)
              .body();
      assertEquals(expected, queries(fetched), fetched.get("unitsSpent").toString());
    }
  }

  @Test
  void a_first_sync_asks_once_whether_there_is_revenue() {
    try (Platform platform = new Platform(20, 1)) {
      int account = 0;
      while (channel(platform, account).monetized()) {
        account++;
      }
      String user = platform.connectedUser(account);
      String channel = channel(platform, account).id();
      String[] reports = {"channel-revenue-day", "video-revenue-day"};
      assertEquals(2, queries(due(platform, user, channel, reports)), "revenue, then views");
      platform.clock.advance(Duration.ofMinutes(15));
      assertEquals(0, queries(due(platform, user, channel, reports)));
    }
  }

  @Test
  void a_video_without_views_for_60_days_costs_nothing() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      Catalog.Video old = platform.world.videos(channel).getLast();
      assertTrue(old.publishedAt().isBefore(platform.clock.instant().minus(Duration.ofDays(100))));
      // It is known, with a day of when it was watched.
      platform.storeFetched(
          Platform.OPERATOR_TOKEN,
          fetch(
              platform,
              request(ada, channel.id(), "video-details", Map.of("videoIds", List.of(old.id())))));
      LocalDate watched = platform.world.today().minusDays(90);
      platform
          .post(
              "/v1/metrics/store",
              Platform.OPERATOR_TOKEN,
              Map.of(
                  "rows",
                  List.of(
                      Map.of(
                          "kind",
                          "video-day",
                          "userId",
                          ada,
                          "channelId",
                          channel.id(),
                          "videoId",
                          old.id(),
                          "day",
                          watched.toString(),
                          "views",
                          7))))
          .expect(200);
      // The user sees an answer without a figure, for one query, and the first time for one more:
      // whether percentages blanked it.
      Map<String, Object> request =
          request(
              ada,
              channel.id(),
              "video-day",
              Map.of(
                  "videoIds",
                  List.of(old.id()),
                  "startDate",
                  platform.world.today().minusDays(60).toString(),
                  "endDate",
                  platform.world.today().minusDays(31).toString()));
      for (int cost : List.of(2, 1)) {
        JsonNode fetched = fetch(platform, request);
        assertEquals(0, fetched.get("notFetched").size(), fetched.toString());
        assertEquals(1, fetched.get("results").size());
        assertEquals(List.of(), Platform.fetchedRows(fetched));
        assertEquals(cost, queries(fetched));
      }
      // By plan it travels with the others, and the days count as read: none of it is asked next.
      JsonNode first = due(platform, ada, channel.id(), "video-day");
      assertEquals(2, queries(first), "the videos that draw views, and the days of all");
      platform.storeFetched(Platform.OPERATOR_TOKEN, first);
      catchUp(platform, ada, channel.id(), "video-day");
      assertEquals(0, queries(due(platform, ada, channel.id(), "video-day")));
      platform.clock.advance(Duration.ofDays(1));
      JsonNode next = due(platform, ada, channel.id(), "video-day");
      assertEquals(1, queries(next), "those of all others");
      platform.storeFetched(Platform.OPERATOR_TOKEN, next);
      // What it had is kept, and no zeros are made.
      assertEquals(
          List.of(watched.toString()),
          platform
              .admin("select day from core.video_days where video_id = '" + old.id() + "'")
              .stream()
              .map(row -> String.valueOf(row.get("day")))
              .toList());
    }
  }

  @Test
  void a_months_revenue_of_videos_is_read_again_after_it_has_settled() {
    try (Platform platform = new Platform(4, 1)) {
      int account = 0;
      while (!channel(platform, account).monetized()) {
        account++;
      }
      String user = platform.connectedUser(account);
      String channel = channel(platform, account).id();
      String[] reports = {"channel-revenue-day", "video-revenue-day"};
      catchUp(platform, user, channel, "channel-revenue-day");
      catchUp(platform, user, channel, reports);
      platform.clock.advance(
          Duration.between(
              platform.clock.instant(),
              LocalDate.parse("2026-12-22").atTime(18, 0).atZone(World.PACIFIC).toInstant()));
      catchUp(platform, user, channel, reports);
      assertEquals(
          0,
          platform.count(
              "core.day_checks where report = 'video-revenue-day' and day between '2026-11-02' and '2026-11-16' and checked_at < '2026-12-16'"));
      assertTrue(
          platform.count(
                  "core.day_checks where report = 'video-revenue-day' and day between '2026-11-02' and '2026-11-16'")
              >= 15);
    }
  }
}
