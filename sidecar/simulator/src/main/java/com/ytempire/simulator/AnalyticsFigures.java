package com.ytempire.simulator;

import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What YouTube Analytics and the Reporting API say of channels and videos at this moment: late, and
 * a little less than it turns out to be. Safe to share between threads.
 */
public final class AnalyticsFigures {
  /** Where views come from, by YouTube's names, and each one's usual share. */
  private static final Map<String, Double> TRAFFIC =
      Map.of(
          "YT_SEARCH", 0.22,
          "RELATED_VIDEO", 0.25,
          "SUBSCRIBER", 0.2,
          "SHORTS", 0.12,
          "YT_CHANNEL", 0.06,
          "EXT_URL", 0.07,
          "NO_LINK_OTHER", 0.05,
          "PLAYLIST", 0.03);

  /** One day of a channel or a video. Revenue is in USD. */
  public record Day(
      LocalDate day,
      long views,
      long engagedViews,
      long minutesWatched,
      long averageViewDuration,
      double averageViewPercentage,
      long likes,
      long comments,
      long shares,
      long subscribersGained,
      long subscribersLost,
      double revenue) {
    /** Adds the counts of another; averages stay. */
    Day plus(Day other) {
      return new Day(
          day(),
          views() + other.views(),
          engagedViews() + other.engagedViews(),
          minutesWatched() + other.minutesWatched(),
          averageViewDuration(),
          averageViewPercentage(),
          likes() + other.likes(),
          comments() + other.comments(),
          shares() + other.shares(),
          subscribersGained() + other.subscribersGained(),
          subscribersLost() + other.subscribersLost(),
          revenue() + other.revenue());
    }
  }

  /** A video's thumbnail on a day: impressions, and the share clicked. */
  public record Reach(Video video, long impressions, double rate) {}

  private final Catalog catalog;
  private final VideoVisibility visibility;
  private final Views views;
  private final Seed seed;

  /** By index of the channel, the day up to which Analytics finished its days early. */
  private final Map<Integer, LocalDate> finished = new ConcurrentHashMap<>();

  AnalyticsFigures(Catalog catalog, VideoVisibility visibility, Views views, Seed seed) {
    this.catalog = catalog;
    this.visibility = visibility;
    this.views = views;
    this.seed = seed;
  }

  /** The last day that Analytics has finished for a channel: 2 or 3 days ago, later for revenue. */
  LocalDate lastDay(Channel channel, boolean revenue) {
    LocalDate today = catalog.today();
    int late = seed.unit(channel.index(), today.toEpochDay()) < 0.5 ? 2 : 3;
    LocalDate last = today.minusDays(late);
    @Nullable LocalDate early = finished.get(channel.index());
    return (early != null && early.isAfter(last) ? early : last).minusDays(revenue ? 1 : 0);
  }

  /** Has Analytics finish the days of a channel up to this one, in the middle of today. */
  void finishDays(Channel channel, LocalDate last) {
    finished.put(channel.index(), last);
  }

  /**
   * Whether Analytics answers a channel's query with 400 when its filter names a deleted video, as
   * it does for some (parafoxia/analytix, docs/guides/troubleshooting.md).
   */
  boolean refusesDeletedVideos(Channel channel) {
    return seed.unit(channel.index(), 250_002) < 0.35;
  }

  /** Whether Analytics says NaN where a day's percentage would be. */
  boolean hasNoPercentage(Channel channel, LocalDate day) {
    return seed.happens(channel.index(), 3, 0.25, day, 0.1);
  }

  /** Whether a day's revenue is negative, because advertisers were paid back. */
  private boolean isPaidBack(Channel channel, LocalDate day) {
    return seed.happens(channel.index(), 4, 0.25, day, 0.05);
  }

  /**
   * Whether the file of a day has a header and no rows (kyle-chalmers/youtube-bigquery-pipeline).
   */
  boolean hasEmptyFile(Channel channel, LocalDate day) {
    return seed.happens(channel.index(), 5, 0.3, day, 0.1);
  }

  /** What Analytics says now of a channel's day; earlier it said a little less. */
  Day channelDay(Channel channel, LocalDate day) {
    double seen = views.ofChannel(channel, day) * settled(channel.index(), day);
    return day(channel, channel.index(), day, seen, 300 + 400 * seed.unit(channel.index(), 8));
  }

  /** What Analytics says now of a video's day. */
  Day videoDay(Video video, LocalDate day) {
    double seen = views.ofVideo(video, day) * settled(video.channel().index(), day);
    return day(
        video.channel(),
        video.channel().index() * 10_007L + video.number(),
        day,
        seen,
        video.durationSeconds());
  }

  private Day day(
      Channel channel, long key, LocalDate day, double exactViews, double lengthSeconds) {
    long counted = Math.round(exactViews);
    double watched = 0.32 + 0.25 * seed.unit(key, day.toEpochDay() + 7);
    long averageSeconds = Math.round(lengthSeconds * watched);
    double revenue =
        channel.monetized()
            ? (isPaidBack(channel, day) ? -0.2 : 1)
                * exactViews
                * channel.rpm()
                / 1000
                * (0.85 + 0.3 * seed.unit(channel.index(), day.toEpochDay() + 11))
            : 0;
    return new Day(
        day,
        counted,
        Math.round(counted * 0.86),
        Math.round(counted * averageSeconds / 60.0),
        averageSeconds,
        Math.round(watched * 10_000) / 100.0,
        Math.round(counted * (0.02 + 0.03 * seed.unit(key, 12))),
        Math.round(counted * (0.001 + 0.004 * seed.unit(key, 13))),
        Math.round(counted * 0.004),
        Math.round(counted * (0.001 + 0.002 * seed.unit(key, 14))),
        Math.round(counted * 0.0004),
        revenue * revenueSettled(channel.index(), day));
  }

  /** What Analytics says now of where a channel's views of a day came from. */
  Map<String, Day> traffic(Channel channel, LocalDate day) {
    Map<String, Day> sources = new TreeMap<>();
    double seen = views.ofChannel(channel, day) * settled(channel.index(), day);
    TRAFFIC.forEach((source, share) -> {
      double own = seen * share * (0.8 + 0.4 * seed.unit(channel.index(), source.hashCode()));
      sources.put(
          source,
          day(channel, channel.index(), day, own, 300 + 400 * seed.unit(channel.index(), 8)));
    });
    return sources;
  }

  /** Share of a video's viewers who are there at a hundredth of it, 1 to 100. */
  double watching(Video video, int hundredth) {
    double stays = 0.25 + 0.35 * seed.unit(video.channel().index(), 20_000L + video.number());
    return Math.round((stays + (1 - stays) * Math.exp(-hundredth / 18.0)) * 10_000) / 10_000.0;
  }

  /**
   * What a Reporting file says of a day.
   *
   * @param isBackfill whether it is the better file that comes a week later
   */
  List<Reach> reach(Channel channel, LocalDate day, boolean isBackfill) {
    return visibility.videos(channel).stream()
        .map(video -> {
          // Now and then more clicks than impressions are reported (kyle-chalmers).
          double rate =
              seed.unit(channel.index(), 260_000L + video.number()) < 0.01
                  ? 1.25
                  : 0.02 + 0.08 * seed.unit(channel.index(), 70_000L + video.number());
          double seen = views.ofVideo(video, day) * (isBackfill ? 1 : 0.98);
          return new Reach(
              video, Math.round(seen * 0.7 / rate), Math.round(rate * 1_000_000) / 1_000_000.0);
        })
        .filter(reach -> reach.impressions() > 0)
        .toList();
  }

  /**
   * How much of a day Analytics has counted by now: 97 % when it appears, all of it a week later.
   */
  private double settled(int index, LocalDate day) {
    long age = ChronoUnit.DAYS.between(day, catalog.today());
    return age >= 9
        ? 1
        : 1 - 0.03 * (9 - age) / 7.0 * (0.5 + seed.unit(index, day.toEpochDay() * 31 + age));
  }

  /** Revenue moves until the 15th of the month after. */
  private double revenueSettled(int index, LocalDate day) {
    boolean isFinal = !catalog.today().isBefore(YearMonth.from(day).plusMonths(1).atDay(15));
    return isFinal
        ? 1
        : 0.97 + 0.04 * seed.unit(index, day.toEpochDay() * 37 + catalog.today().toEpochDay());
  }
}
