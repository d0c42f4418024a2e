package com.ytempire.simulator;

import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The views that channels and videos draw day by day, by the seed. Safe to share between threads.
 */
final class Views {
  /** A video draws views for this many days. */
  private static final int VIDEO_LIFE_DAYS = 45;

  private static final double[] WEEK = {0.92, 0.90, 0.93, 0.97, 1.06, 1.15, 1.07};

  private final Catalog catalog;
  private final VideoVisibility visibility;
  private final Seed seed;
  private final Clock clock;

  /** Days on which a test has nobody watch any channel. */
  private final Set<LocalDate> silent = ConcurrentHashMap.newKeySet();

  /** By channel and day; they depend on nothing else, and every video of the channel needs them. */
  private final Map<Long, Double> weights = new ConcurrentHashMap<>();

  Views(Catalog catalog, VideoVisibility visibility, Seed seed, Clock clock) {
    this.catalog = catalog;
    this.visibility = visibility;
    this.seed = seed;
    this.clock = clock;
  }

  /**
   * Whether nobody watches a channel on a day. Of one channel in five, some days are such, and of
   * one whose videos were all deleted, all days after that. Analytics leaves them out of its
   * answers.
   */
  boolean isQuiet(Channel channel, LocalDate day) {
    @Nullable Instant allDeleted = visibility.clearedAt(channel).orElse(null);
    return silent.contains(day)
        || (allDeleted != null && day.isAfter(LocalDate.ofInstant(allDeleted, Catalog.PACIFIC)))
        || seed.happens(channel.index(), 1, 0.2, day, 0.07);
  }

  /** Has nobody watch any channel on these days, both ends included. */
  void silence(LocalDate first, LocalDate last) {
    first.datesUntil(last.plusDays(1)).forEach(silent::add);
  }

  /** Ends what {@link #silence} began, from a day on. */
  void endSilence(LocalDate from) {
    silent.removeIf(day -> !day.isBefore(from));
  }

  /** Lifetime views of a channel at this moment. */
  long lifetimeViews(Channel channel) {
    double sum = channel.dailyViews() * 400;
    LocalDate today = catalog.today();
    for (LocalDate day = catalog.firstDay(); day.isBefore(today); day = day.plusDays(1)) {
      sum += ofChannel(channel, day);
    }
    return Math.round(sum + ofChannel(channel, today) * shareOfToday());
  }

  /** Lifetime views of a video at this moment. */
  long lifetimeViews(Video video) {
    LocalDate today = catalog.today();
    LocalDate first = LocalDate.ofInstant(video.publishedAt(), Catalog.PACIFIC);
    double sum = 0;
    for (LocalDate day = first; day.isBefore(today); day = day.plusDays(1)) {
      sum += ofVideo(video, day);
    }
    return Math.round(sum + ofVideo(video, today) * shareOfToday());
  }

  /** Subscribers, rounded down to three figures as YouTube shows them. */
  long subscribers(Channel channel) {
    long exact =
        Math.round(lifetimeViews(channel) * (0.004 + 0.01 * seed.unit(channel.index(), 15)));
    long scale = 1;
    while (exact / scale >= 1000) {
      scale *= 10;
    }
    return exact / scale * scale;
  }

  private double shareOfToday() {
    LocalDateTime now = LocalDateTime.ofInstant(clock.instant(), Catalog.PACIFIC);
    return now.toLocalTime().toSecondOfDay() / 86_400.0;
  }

  /** The views of a channel on a day, once all are counted. */
  double ofChannel(Channel channel, LocalDate day) {
    if (isQuiet(channel, day)) {
      return 0;
    }
    long age = ChronoUnit.DAYS.between(catalog.firstDay(), day);
    DayOfWeek weekday = day.getDayOfWeek();
    double noise = 0.85 + 0.3 * seed.unit(channel.index(), day.toEpochDay() + 3);
    return channel.dailyViews()
        * Math.pow(1 + channel.growth(), age)
        * WEEK[weekday.getValue() - 1]
        * noise;
  }

  /**
   * A video's views on a day, once all are counted: a share of its channel's. A channel's report
   * counts views of videos that were deleted since, which lists of videos leave out
   * (developers.google.com/youtube/analytics, "Data Model"); otherwise the two add up alike.
   */
  double ofVideo(Video video, LocalDate day) {
    double weight = weight(video, day);
    if (weight == 0) {
      return 0;
    }
    Channel channel = video.channel();
    double all =
        weights.computeIfAbsent(
            (long) channel.index() << 32 | day.toEpochDay(), key -> sumOfWeights(channel, day));
    return all == 0 ? 0 : ofChannel(channel, day) * weight / all;
  }

  /** Of all videos that draw views of a channel's day. */
  private double sumOfWeights(Channel channel, LocalDate day) {
    int last =
        (int)
                (Math.max(
                        0,
                        ChronoUnit.HOURS.between(
                            catalog.firstDay().atStartOfDay(Catalog.PACIFIC),
                            day.plusDays(1).atStartOfDay(Catalog.PACIFIC)))
                    / channel.hoursBetweenUploads())
            + 1;
    int first =
        Math.max(0, last - (int) (VIDEO_LIFE_DAYS * 24 / channel.hoursBetweenUploads()) - 3);
    return IntStream.rangeClosed(first, last)
        .mapToDouble(number ->
            weight(catalog.publishedAt(channel, number), catalog.rank(channel, number), day))
        .sum();
  }

  private static double weight(Video video, LocalDate day) {
    return weight(video.publishedAt(), video.rank(), day);
  }

  private static double weight(Instant publishedAt, int rank, LocalDate day) {
    long age = ChronoUnit.DAYS.between(LocalDate.ofInstant(publishedAt, Catalog.PACIFIC), day);
    return age < 0 || age > VIDEO_LIFE_DAYS ? 0 : 1.0 / rank / Math.pow(age + 1, 0.8);
  }
}
