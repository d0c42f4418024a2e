package com.ytempire.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.simulator.Catalog.Channel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The simulated world: reproducible, and of believable shape. */
final class WorldTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-20T18:00:00Z"));
  private final Clock clock = ((InstantSource) now::get).withZone(ZoneOffset.UTC);

  private static List<Channel> channels(World world) {
    return world.accounts().stream().flatMap(account -> account.channels().stream()).toList();
  }

  @Test
  void one_seed_and_time_give_the_same_numbers_and_another_others() {
    World one = new World(2, 2, 5, clock);
    World same = new World(2, 2, 5, clock);
    LocalDate day = LocalDate.parse("2026-11-10");
    for (int i = 0; i < 4; i++) {
      Channel a = channels(one).get(i);
      Channel b = channels(same).get(i);
      assertEquals(a, b);
      assertEquals(one.channelDay(a, day), same.channelDay(b, day));
      assertEquals(one.videos(a), same.videos(b));
      assertEquals(one.lifetimeViews(a), same.lifetimeViews(b));
    }
    assertNotEquals(channels(one), channels(new World(2, 2, 6, clock)));
  }

  @Test
  void a_world_that_was_made_before_goes_on() {
    World first = new World(3, 2, 5, clock);
    Instant madeAt = first.madeAt();
    now.set(now.get().plus(Duration.ofDays(3)));
    World again = new World(3, 2, 5, clock, madeAt);
    LocalDate day = LocalDate.parse("2026-11-10");
    for (int i = 0; i < 6; i++) {
      Channel channel = channels(first).get(i);
      assertEquals(channel, channels(again).get(i));
      assertEquals(first.channelDay(channel, day), again.channelDay(channel, day));
      assertEquals(first.publishedVideos(channel), again.publishedVideos(channel));
    }
    assertEquals(first.firstDay(), again.firstDay());
    assertNotEquals(first.firstDay(), new World(3, 2, 5, clock).firstDay());
  }

  @Test
  void channels_differ_and_publish_about_two_videos_a_day() {
    World world = new World(50, 5, 1, clock);
    List<Channel> all = channels(world);
    assertEquals(250, all.stream().map(Channel::id).distinct().count());
    assertTrue(all.stream().allMatch(channel -> channel.id().matches("UC[0-9A-Za-z_-]{22}")));
    double monetized = all.stream().filter(Channel::monetized).count() / 250.0;
    assertEquals(0.8, monetized, 0.08);
    Instant yesterday = now.get().minus(Duration.ofDays(1));
    long videos =
        all.stream()
            .mapToLong(channel ->
                world.videos(channel).stream()
                    .filter(video -> video.publishedAt().isAfter(yesterday))
                    .count())
            .sum();
    assertEquals(500, videos, 75);
  }

  @Test
  void a_day_is_restated_for_a_week_and_then_stands() {
    World world = new World(1, 1, 1, clock);
    Channel channel = channels(world).getFirst();
    LocalDate day = LocalDate.parse("2026-11-17");
    long first = world.channelDay(channel, day).views();
    now.set(now.get().plus(Duration.ofDays(2)));
    long later = world.channelDay(channel, day).views();
    now.set(now.get().plus(Duration.ofDays(7)));
    long settled = world.channelDay(channel, day).views();
    now.set(now.get().plus(Duration.ofDays(30)));
    assertNotEquals(first, settled);
    assertTrue(first <= settled && later <= settled, first + " " + later + " " + settled);
    assertEquals(settled, world.channelDay(channel, day).views());
  }

  @Test
  void analytics_is_two_to_three_days_late() {
    World world = new World(10, 5, 1, clock);
    for (Channel channel : channels(world)) {
      long late =
          Duration.between(
                  world.lastDay(channel, false).atStartOfDay(), world.today().atStartOfDay())
              .toDays();
      assertTrue(late == 2 || late == 3, "late by " + late);
    }
  }

  @Test
  void views_of_a_days_videos_are_the_channels_less_deleted_ones() {
    assertEquals(1, coverage(new World(1, 1, 1, clock, 0)), 0.01);
    double withDeleted = coverage(new World(1, 1, 1, clock, 0.3));
    assertTrue(withDeleted > 0.3 && withDeleted < 0.95, "covered: " + withDeleted);
  }

  /** The share of a channel's views of a day that the lists of its videos have. */
  private static double coverage(World world) {
    Channel channel = channels(world).getFirst();
    LocalDate day = LocalDate.parse("2026-11-10");
    long videos =
        world.videos(channel).stream().mapToLong(video -> world.videoDay(video, day).views()).sum();
    return (double) videos / world.channelDay(channel, day).views();
  }

  @Test
  void a_deleted_video_is_shown_until_it_is_deleted_and_never_after() {
    World world = new World(2, 2, 5, clock, 0.3);
    World whole = new World(2, 2, 5, clock, 0);
    Channel channel = channels(world).getFirst();
    long shown = world.videos(channel).size();
    List<Catalog.Video> published = world.publishedVideos(channel);
    assertEquals(whole.videos(channels(whole).getFirst()), published);
    assertTrue(shown < published.size(), shown + " of " + published.size());
    Catalog.Video video =
        published.stream()
            .filter(each -> world.deletedAt(each).isPresent())
            .findFirst()
            .orElseThrow();
    Instant deleted = world.deletedAt(video).orElseThrow();
    now.set(deleted.minusSeconds(1));
    assertTrue(world.video(video.id()).isPresent());
    now.set(deleted);
    assertTrue(world.video(video.id()).isEmpty());
    assertTrue(world.videos(channel).stream().noneMatch(video::equals));
  }
}
