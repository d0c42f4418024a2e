package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.World;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Days of videos that are stored and that YouTube shows no more. */
final class VanishedVideoDaysTest {
  private static Catalog.Channel channel(Platform platform, int account) {
    return platform.world.accounts().get(account).channels().getFirst();
  }

  private static JsonNode due(Platform platform, String user, Catalog.Channel channel) {
    return platform
        .post(
            "/v1/metrics/fetch",
            Platform.OPERATOR_TOKEN,
            Map.of(
                "requests",
                Stream.of("recent-uploads", "video-day")
                    .map(report ->
                        Map.of("userId", user, "channelId", channel.id(), "report", report))
                    .toList(),
                "onlyDue",
                true))
        .expect(200)
        .body();
  }

  private static void store(Platform platform, JsonNode fetched) {
    platform.storeFetched(Platform.OPERATOR_TOKEN, fetched);
  }

  /** A video on a day. */
  private record VideoDay(Catalog.Video video, LocalDate day) {}

  /** Stores 7 views of videos on days of which YouTube shows none, today or tomorrow. */
  private static List<VideoDay> storeViewsOfNothing(
      Platform platform, String user, Catalog.Channel channel, int count) {
    LocalDate newest = platform.world.lastDay(channel, false);
    List<Catalog.Video> videos =
        platform.world.publicVideos(channel).stream()
            .filter(
                video -> !LocalDate.ofInstant(video.publishedAt(), World.PACIFIC).isAfter(newest))
            .toList();
    Set<VideoDay> unseen = unseen(platform, videos, newest);
    platform.clock.advance(Duration.ofDays(1));
    unseen.retainAll(unseen(platform, videos, newest));
    List<VideoDay> stored = unseen.stream().limit(count).toList();
    assertEquals(count, stored.size());
    for (VideoDay each : stored) {
      platform.execute(
          "insert into core.videos (user_id, video_id, channel_id, title, published_at, duration_seconds, refreshed_at) values ('%s', '%s', '%s', 't', '%s', 1, now()) on conflict do nothing"
              .formatted(user, each.video().id(), channel.id(), each.video().publishedAt()));
      platform.execute(
          "insert into core.video_days (user_id, channel_id, video_id, day, views, likes, average_view_percentage, created_at, updated_at) values ('%s', '%s', '%s', '%s', 7, 1, 40, now(), now())"
              .formatted(user, channel.id(), each.video().id(), each.day()));
    }
    return stored;
  }

  private static Set<VideoDay> unseen(
      Platform platform, List<Catalog.Video> videos, LocalDate newest) {
    return newest
        .minusDays(4)
        .datesUntil(newest.plusDays(1))
        .flatMap(day -> videos.stream().map(video -> new VideoDay(video, day)))
        .filter(each -> platform.world.videoDay(each.video(), each.day()).views() == 0)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static long rows(Platform platform, VideoDay each, String figures) {
    return platform.count(
        "core.video_days where video_id = '%s' and day = '%s' and %s"
            .formatted(each.video().id(), each.day(), figures));
  }

  @Test
  void views_that_youtube_took_back_are_stored_as_zero() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      store(platform, due(platform, ada, channel));
      VideoDay taken = storeViewsOfNothing(platform, ada, channel, 1).getFirst();
      store(platform, due(platform, ada, channel));
      assertEquals(
          1,
          rows(platform, taken, "views = 0 and likes = 0 and average_view_percentage = 40"),
          "an average of nothing is not 0");
      assertEquals(
          1,
          platform.count(
              "core.metric_revisions where video_id = '%s' and day = '%s'"
                  .formatted(taken.video().id(), taken.day())),
          "what was shown before is kept as a revision");
    }
  }

  @Test
  void a_deleted_video_keeps_its_last_figures() {
    int users = 4;
    try (Platform platform = new Platform(users, 1)) {
      List<Catalog.Video> deleted = new ArrayList<>();
      List<String> ids = new ArrayList<>();
      long before = 0;
      for (int user = 0; user < users; user++) {
        ids.add(platform.connectedUser(user));
        Catalog.Channel channel = channel(platform, user);
        store(platform, due(platform, ids.getLast(), channel));
        LocalDate day = platform.world.lastDay(channel, false);
        deleted.add(
            platform.world.publicVideos(channel).stream()
                .filter(video -> platform.world.videoDay(video, day).views() > 0)
                .findFirst()
                .orElseThrow());
        platform.world.delete(deleted.getLast());
        before += rowsWithViews(platform, deleted.getLast());
      }
      assertTrue(before >= users, before + " days of the videos");
      platform.clock.advance(Duration.ofDays(1));
      long after = 0;
      for (int user = 0; user < users; user++) {
        store(platform, due(platform, ids.get(user), channel(platform, user)));
        after += rowsWithViews(platform, deleted.get(user));
      }
      assertEquals(before, after);
    }
  }

  private static long rowsWithViews(Platform platform, Catalog.Video video) {
    return platform.count(
        "core.video_days where views > 0 and video_id = '%s'".formatted(video.id()));
  }

  @Test
  void an_answer_that_lacks_many_rows_takes_nothing_back() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      store(platform, due(platform, ada, channel));
      List<VideoDay> stored = storeViewsOfNothing(platform, ada, channel, 200);
      store(platform, due(platform, ada, channel));
      for (VideoDay each : stored) {
        assertEquals(1, rows(platform, each, "views = 7"), each.toString());
      }
    }
  }

  @Test
  void a_video_that_analytics_refuses_keeps_its_figures() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      store(platform, due(platform, ada, channel));
      VideoDay kept = storeViewsOfNothing(platform, ada, channel, 1).getFirst();
      platform.simulator.faults().poison(kept.video().id());
      store(platform, due(platform, ada, channel));
      assertEquals(1, rows(platform, kept, "views = 7"));
      assertEquals(1, platform.count("core.refused_videos"));
    }
  }

  @Test
  void a_video_that_not_everybody_is_shown_keeps_its_figures() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel channel = channel(platform, 0);
      store(platform, due(platform, ada, channel));
      VideoDay kept = storeViewsOfNothing(platform, ada, channel, 1).getFirst();
      platform.execute(
          "update core.videos set first_missed_at = '%s' where video_id = '%s'"
              .formatted(platform.clock.instant(), kept.video().id()));
      store(platform, due(platform, ada, channel));
      assertEquals(1, rows(platform, kept, "views = 7"));
    }
  }
}
