package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Faults;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Retention curves of a channel's top videos: fetched by plan, stored, and asked for once. */
final class RetentionCurvesTest {
  private static final int TOP = 20;

  private static List<Catalog.Channel> channels(Platform platform) {
    return platform.world.accounts().getFirst().channels();
  }

  /** Fetches what is due of a report of channels, and stores it. */
  private static JsonNode sync(
      Platform platform, String user, List<Catalog.Channel> channels, String report) {
    JsonNode fetched =
        platform
            .post(
                "/v1/metrics/fetch",
                Platform.OPERATOR_TOKEN,
                Map.of(
                    "requests",
                    channels.stream()
                        .map(each ->
                            Map.of("userId", user, "channelId", each.id(), "report", report))
                        .toList(),
                    "onlyDue",
                    true))
            .expect(200)
            .body();
    platform.storeFetched(Platform.OPERATOR_TOKEN, fetched);
    return fetched;
  }

  private static long queries(JsonNode fetched) {
    JsonNode spent = fetched.get("unitsSpent").get("analytics.day");
    return spent == null ? 0 : spent.longValue();
  }

  private static Set<String> videos(JsonNode fetched) {
    return Platform.fetchedRows(fetched).stream()
        .map(row -> row.get("videoId").stringValue())
        .collect(Collectors.toSet());
  }

  private static JsonNode curves(Platform platform, String user) {
    JsonNode fetched = sync(platform, user, channels(platform), "retention");
    assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
    return fetched;
  }

  /** The ids of a channel's most viewed videos of a period, the most viewed first. */
  private static List<String> top(Platform platform, LocalDate last, int count) {
    return platform
        .admin(
            "select video_id from core.video_days where day between date '%s' - 27 and '%s' group by video_id order by sum(views) desc, video_id limit %d"
                .formatted(last, last, count))
        .stream()
        .map(row -> String.valueOf(row.get("video_id")))
        .toList();
  }

  private static LocalDate last(Platform platform) {
    return WeekPlan.settled(platform.clock.instant());
  }

  /** A user with channels of which the days of videos are stored. */
  private static String userWithVideos(Platform platform) {
    String user = platform.connectedUser(0);
    for (int tick = 0; tick < 4; tick++) {
      var _ = sync(platform, user, channels(platform), "video-day");
      platform.clock.advance(Duration.ofMinutes(15));
    }
    assertTrue(platform.count("core.video_days") > 300);
    return user;
  }

  @Test
  void each_top_video_has_one_curve_a_week_three_a_day_at_most() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      assertEquals(
          0, queries(curves(platform, user)), "on the day on which the channel was connected");
      // To the first day of a period.
      advanceToNextPeriod(platform);
      Set<String> earlier = new HashSet<>();
      for (int week = 0; week < 2; week++) {
        LocalDate last = last(platform);
        Set<String> asked = new HashSet<>();
        for (int day = 0; day < 7; day++) {
          var _ = sync(platform, user, channels(platform), "video-day");
          assertEquals(last, last(platform));
          JsonNode fetched = curves(platform, user);
          assertTrue(queries(fetched) <= 3, queries(fetched) + " on one day");
          videos(fetched)
              .forEach(video -> assertTrue(asked.add(video), "asked for again: " + video));
          JsonNode again = curves(platform, user);
          assertEquals(0, queries(again), "a second time on the same day");
          assertEquals("not-due", again.get("notDue").get(0).get("reason").stringValue());
          platform.clock.advance(Duration.ofDays(1));
        }
        assertEquals(TOP, asked.size());
        assertEquals(
            TOP,
            platform.count(
                "(select distinct video_id from core.retention_points where end_date = '%s' and start_date = date '%s' - 27) v"
                    .formatted(last, last)));
        assertTrue(asked.containsAll(top(platform, last, 10)), "the most viewed are among them");
        earlier.addAll(asked);
      }
      assertTrue(earlier.size() > TOP, "the top changes from week to week");
    }
  }

  @Test
  void a_channel_of_five_watched_videos_asks_for_five_curves_a_week() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      advanceToNextPeriod(platform);
      platform.execute(
          "delete from core.video_days where video_id not in ('%s')"
              .formatted(String.join("', '", top(platform, last(platform), 5))));
      List<Long> spent = new ArrayList<>();
      for (int day = 0; day < 7; day++) {
        spent.add(queries(curves(platform, user)));
        platform.clock.advance(Duration.ofDays(1));
      }
      assertEquals(5, spent.stream().mapToLong(each -> each).sum(), spent.toString());
      assertEquals(List.of(0L, 0L, 0L, 0L), spent.subList(3, 7), spent.toString());
      assertTrue(
          queries(curves(platform, user)) + queries(nextDay(platform, user)) >= 4,
          "of the next period");
    }
  }

  /** Moves the clock to the first day of the next period of curves. */
  private static void advanceToNextPeriod(Platform platform) {
    LocalDate now = last(platform);
    while (last(platform).equals(now)) {
      platform.clock.advance(Duration.ofDays(1));
    }
  }

  private static JsonNode nextDay(Platform platform, String user) {
    platform.clock.advance(Duration.ofDays(1));
    return curves(platform, user);
  }

  @Test
  void the_oldest_curves_come_first_after_days_without_a_sync() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      advanceToNextPeriod(platform);
      Set<String> stored = new HashSet<>();
      for (int day = 0; day < 4; day++) {
        stored.addAll(videos(curves(platform, user)));
        platform.clock.advance(Duration.ofDays(1));
      }
      assertTrue(stored.size() >= 11, stored.size() + " in four days");
      // Nothing runs until the next period, and of what was missed nothing is made up for.
      advanceToNextPeriod(platform);
      JsonNode next = curves(platform, user);
      assertTrue(queries(next) <= 3, queries(next) + " after an outage");
      assertFalse(videos(next).isEmpty());
      videos(next).forEach(video -> assertFalse(stored.contains(video), "it has a younger curve"));
    }
  }

  @Test
  void videos_without_a_curve_make_place_and_are_asked_for_once_a_week() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      advanceToNextPeriod(platform);
      LocalDate first = last(platform);
      List<String> refused = top(platform, first, 2);
      refused.forEach(platform.simulator.faults()::poison);
      long[] spent = new long[2];
      for (int week = 0; week < 2; week++) {
        for (int day = 0; day < 7; day++) {
          JsonNode fetched = curves(platform, user);
          assertTrue(queries(fetched) <= 3, queries(fetched) + " on one day");
          spent[week] += queries(fetched);
          platform.clock.advance(Duration.ofDays(1));
        }
      }
      assertEquals(TOP, spent[0], "the refused ones are asked for once");
      assertEquals(
          TOP - refused.size(),
          platform.count(
              "(select distinct video_id from core.retention_points where end_date = '%s') v"
                  .formatted(first)));
      assertEquals(
          TOP,
          platform.count(
              "(select distinct video_id from core.retention_points where end_date = '%s') v"
                  .formatted(first.plusWeeks(1))),
          "others are in their place");
      assertEquals(TOP, spent[1], "they were asked for again, though others were left");
    }
  }

  @Test
  void videos_keep_their_places_when_every_query_of_a_day_is_refused() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      advanceToNextPeriod(platform);
      List<String> all = top(platform, last(platform), 1_000);
      all.forEach(platform.simulator.faults()::poison);
      JsonNode refused = sync(platform, user, channels(platform), "retention");
      assertEquals(1, refused.get("notFetched").size(), refused.toString());
      long asked = queries(refused);
      assertTrue(asked >= 2, asked + " queries");
      all.forEach(platform.simulator.faults()::heal);
      JsonNode next = nextDay(platform, user);
      List<String> first = top(platform, last(platform), (int) asked);
      assertEquals(
          Set.copyOf(first.subList(0, 2)), videosAmong(next, first.subList(0, 2)), "come first");
    }
  }

  @Test
  void three_refused_videos_at_the_head_keep_no_other_from_its_curve() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      advanceToNextPeriod(platform);
      LocalDate first = last(platform);
      List<String> top = top(platform, first, TOP);
      List<String> refused = top.subList(0, 3);
      List<String> healthy = top.subList(3, TOP);
      refused.forEach(platform.simulator.faults()::poison);
      List<Set<String>> days = new ArrayList<>();
      long spent = 0;
      for (int day = 0; day < 7; day++) {
        assertEquals(first, last(platform));
        JsonNode fetched = sync(platform, user, channels(platform), "retention");
        assertTrue(queries(fetched) <= 3, queries(fetched) + " on one day");
        spent += queries(fetched);
        days.add(videosAmong(fetched, healthy));
        platform.clock.advance(Duration.ofDays(1));
      }
      assertEquals(TOP, spent, "queries in the week");
      assertEquals(Set.of(), days.getFirst(), "the day on which all were refused");
      // Each of the three is asked for on two days, which leaves 14 of the week's 20 queries.
      assertEquals(
          Set.copyOf(healthy.subList(0, TOP - 6)),
          days.stream().flatMap(Set::stream).collect(Collectors.toSet()),
          "have curves within the week: " + days);
      Set<String> next = new HashSet<>();
      for (int day = 0; day < 2; day++) {
        next.addAll(videosAmong(curves(platform, user), healthy));
        platform.clock.advance(Duration.ofDays(1));
      }
      assertTrue(
          next.containsAll(healthy.subList(TOP - 6, healthy.size())),
          "the last three come first in the next week: " + next);
      assertEquals(
          0,
          platform.count(
              "core.retention_points where video_id in ('%s')"
                  .formatted(String.join("', '", refused))));
    }
  }

  @Test
  void a_video_known_to_have_no_curve_is_asked_for_alone_once_a_week() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      advanceToNextPeriod(platform);
      List<String> few = top(platform, last(platform), 4);
      platform.execute(
          "delete from core.video_days where video_id not in ('%s')"
              .formatted(String.join("', '", few)));
      platform.simulator.faults().poison(few.getFirst());
      for (int week = 0; week < 2; week++) {
        long spent = 0;
        for (int day = 0; day < 7; day++) {
          spent += queries(sync(platform, user, channels(platform), "retention"));
          platform.clock.advance(Duration.ofDays(1));
        }
        assertEquals(few.size(), spent, "queries in week " + week);
      }
    }
  }

  /** Fetches the most viewed video's curve of a period as a person does, and stores it. */
  private static void storeByHand(Platform platform, String user, LocalDate last) {
    JsonNode byHand =
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
                            channels(platform).getFirst().id(),
                            "report",
                            "retention",
                            "videoIds",
                            List.of(top(platform, last, 1).getFirst()),
                            "startDate",
                            last.minusDays(27).toString(),
                            "endDate",
                            last.toString()))))
            .expect(200)
            .body();
    assertTrue(!Platform.fetchedRows(byHand).isEmpty(), byHand.toString());
    platform.storeFetched(Platform.OPERATOR_TOKEN, byHand);
  }

  @Test
  void curves_that_failed_stay_due_though_one_is_stored_by_hand() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      advanceToNextPeriod(platform);
      platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 100);
      JsonNode failed = sync(platform, user, channels(platform), "retention");
      platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 0);
      assertEquals(1, failed.get("notFetched").size(), failed.toString());
      platform.clock.advance(Duration.ofHours(1));
      storeByHand(platform, user, last(platform));
      assertTrue(queries(curves(platform, user)) > 0, "on the day on which they failed");
      assertEquals(0, queries(curves(platform, user)), "once they were answered");
    }
  }

  @Test
  void a_curve_that_is_fetched_by_hand_each_day_stops_no_others() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      advanceToNextPeriod(platform);
      LocalDate last = last(platform);
      Set<String> asked = new HashSet<>();
      for (int day = 0; day < 3; day++) {
        storeByHand(platform, user, last);
        asked.addAll(videos(curves(platform, user)));
        assertEquals(0, queries(curves(platform, user)), "a second time on the same day");
        platform.clock.advance(Duration.ofDays(1));
      }
      assertTrue(asked.size() >= 6, asked.size() + " in three days");
    }
  }

  private static Set<String> videosAmong(JsonNode fetched, List<String> ids) {
    return videos(fetched).stream().filter(ids::contains).collect(Collectors.toSet());
  }

  @Test
  void a_video_that_not_even_its_owner_is_shown_costs_no_query() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      platform.execute(
          "update core.videos set first_missed_at = now(), missed_at = now(), misses = 1");
      platform.execute(
          """
          insert into core.videos (user_id, channel_id, video_id, title, published_at, refreshed_at, first_missed_at, missed_at, misses)
          select distinct d.user_id, d.channel_id, d.video_id, 'Gone', now() - interval '40 days', now(), now(), now(), 1
            from core.video_days d on conflict do nothing
          """);
      for (int day = 0; day < 3; day++) {
        platform.clock.advance(Duration.ofDays(1));
        assertEquals(0, queries(curves(platform, user)));
      }
    }
  }

  @Test
  void traffic_sources_of_a_top_video_that_is_refused_cost_no_others() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      int rounds = 0;
      for (int day = 0; day < 30 && rounds == 0; day++) {
        platform.clock.advance(Duration.ofDays(1));
        List<String> top = top(platform, last(platform), 2);
        platform.simulator.faults().poison(top.getFirst());
        JsonNode fetched = sync(platform, user, channels(platform), "traffic-source-details");
        platform.simulator.faults().heal(top.getFirst());
        assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
        // Every other time of the channel alone.
        if (queries(fetched) > 2) {
          rounds++;
          assertEquals(5, queries(fetched), "two of each, and the one that was refused");
          assertEquals(
              Set.of("", top.getLast()),
              Platform.fetchedRows(fetched).stream()
                  .map(row -> row.path("videoId").asString(""))
                  .collect(Collectors.toSet()),
              "of the channel and the other video");
        }
      }
      assertEquals(1, rounds, "not due in four weeks");
    }
  }

  @Test
  void what_was_answered_before_google_failed_is_kept() {
    try (Platform platform = new Platform(1, 1)) {
      String user = userWithVideos(platform);
      platform.clock.advance(Duration.ofDays(2));
      AtomicInteger calls = new AtomicInteger();
      platform
          .simulator
          .faults()
          .delay(
              Duration.ofMillis(1),
              delay -> {
                if (calls.incrementAndGet() == 2) {
                  platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 100);
                }
              });
      JsonNode fetched = curves(platform, user);
      platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 0);
      platform.simulator.faults().delay(Duration.ZERO);
      assertEquals(1, videos(fetched).size(), "the first was answered");
      assertEquals(1, platform.count("(select distinct video_id from core.retention_points) v"));
      platform.clock.advance(Duration.ofDays(1));
      JsonNode next = curves(platform, user);
      videos(next).forEach(video -> assertFalse(videos(fetched).contains(video)));
      assertTrue(videos(next).size() >= 2, "the others were given up");
    }
  }

  @Test
  void curves_of_many_channels_that_are_due_at_once_wait_for_their_turn() {
    // So little that one channel a minute has its curves.
    try (Platform platform = new Platform(1, 3, Map.of("YTEMPIRE_QUOTA_ANALYTICS_MINUTE", "36"))) {
      String user = platform.connectedUser(0);
      List<Catalog.Channel> channels = channels(platform);
      for (int tick = 0; tick < 4; tick++) {
        for (Catalog.Channel channel : channels) {
          var _ = sync(platform, user, List.of(channel), "video-day");
          platform.clock.advance(Duration.ofMinutes(1));
        }
      }
      platform.clock.advance(Duration.ofDays(2));
      Set<String> done = new HashSet<>();
      for (int tick = 0; tick < channels.size(); tick++) {
        JsonNode fetched = curves(platform, user);
        assertTrue(queries(fetched) <= 3, queries(fetched) + " in one minute");
        assertEquals(1, fetched.get("results").size(), fetched.get("notDue").toString());
        assertTrue(
            done.add(Platform.fetchedRows(fetched).getFirst().get("channelId").stringValue()),
            "a channel twice");
        Instant retry = platform.clock.instant().plus(Duration.ofMinutes(15));
        if (tick == 0) {
          fetched
              .get("notDue")
              .forEach(each -> {
                assertEquals("postponed", each.get("reason").stringValue());
                assertEquals(retry, Instant.parse(each.get("nextDueAt").stringValue()));
              });
        }
        platform.clock.advance(Duration.ofMinutes(15));
      }
      assertEquals(3, done.size(), "each has had its turn");
    }
  }
}
