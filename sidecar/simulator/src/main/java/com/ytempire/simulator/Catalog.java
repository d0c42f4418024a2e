package com.ytempire.simulator;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The accounts of a world, their channels, and the videos that the channels have published by now,
 * by the seed. Safe to share between threads.
 */
public final class Catalog {
  /** YouTube's days begin and end at midnight here. */
  static final ZoneId PACIFIC = ZoneId.of("America/Los_Angeles");

  /** No channel has videos or views before this many days ago at {@link #firstDay}. */
  private static final int CATALOGUE_DAYS = 130;

  private static final String[] NICHES = {
    "Cooking",
    "Chess",
    "Woodwork",
    "Gardening",
    "Astronomy",
    "Running",
    "Guitar",
    "Travel",
    "Finance",
    "Robotics"
  };

  /** A person with the channels that may be picked at the consent page. */
  public record Account(String email, List<Channel> channels) {}

  /**
   * A channel.
   *
   * @param dailyViews views on an average day at the beginning
   * @param growth a day, as a share
   * @param rpm USD a thousand views, if monetized
   * @param hoursBetweenUploads the average
   */
  public record Channel(
      int index,
      String id,
      String title,
      String niche,
      boolean monetized,
      double dailyViews,
      double growth,
      double rpm,
      double hoursBetweenUploads) {
    /** Its handle, with the @; in lower case, as YouTube answers it. */
    public String handle() {
      return "@" + id.substring(2).toLowerCase(Locale.ROOT);
    }

    public String uploadsPlaylistId() {
      return "UU" + id.substring(2);
    }
  }

  /** A video of a channel; {@code rank} is its place by popularity among its neighbours, from 1. */
  public record Video(
      Channel channel,
      int number,
      String id,
      String title,
      Instant publishedAt,
      int durationSeconds,
      int rank) {}

  private final Seed seed;
  private final Clock clock;

  /** Indices of the channels that never had a video. */
  private final Set<Integer> empty;

  /** When channels published last, by index. */
  private final Map<Integer, Instant> lastUploads = new ConcurrentHashMap<>();

  private final LocalDate birth;
  private final List<Account> accounts;
  private final Map<String, Channel> channelsById;
  private final Map<String, Video> videosById = new ConcurrentHashMap<>();
  private final Map<Integer, List<Video>> videosByChannel = new ConcurrentHashMap<>();

  /**
   * Makes a catalog.
   *
   * @param users how many accounts
   * @param channelsEach channels of each account
   * @param empty indices of the channels that never have a video
   * @param madeAt when the world was made, which decides from when there are videos
   */
  Catalog(int users, int channelsEach, Set<Integer> empty, Seed seed, Clock clock, Instant madeAt) {
    this.seed = seed;
    this.clock = clock;
    this.empty = Set.copyOf(empty);
    this.birth = LocalDate.ofInstant(madeAt, PACIFIC).minusDays(CATALOGUE_DAYS);
    List<Account> made = new ArrayList<>();
    for (int user = 0; user < users; user++) {
      List<Channel> channels = new ArrayList<>();
      for (int each = 0; each < channelsEach; each++) {
        channels.add(makeChannel(user * channelsEach + each));
      }
      made.add(new Account("owner%03d@example.com".formatted(user + 1), List.copyOf(channels)));
    }
    this.accounts = List.copyOf(made);
    this.channelsById =
        accounts.stream()
            .flatMap(a -> a.channels().stream())
            .collect(Collectors.toMap(Channel::id, c -> c));
  }

  private Channel makeChannel(int index) {
    String niche = NICHES[(int) (seed.unit(index, 1) * NICHES.length)];
    boolean isEmpty = empty.contains(index);
    return new Channel(
        index,
        "UC" + seed.text(index, 2, 22),
        niche + " with " + (char) ('A' + index % 26) + ". no. " + (index + 1),
        niche,
        seed.unit(index, 3) < 0.8 && !isEmpty,
        isEmpty ? 0 : Math.exp(Math.log(200) + seed.unit(index, 4) * Math.log(200)),
        seed.unit(index, 5) * 0.006,
        1.5 + seed.unit(index, 6) * 4.5,
        8 + seed.unit(index, 7) * 8);
  }

  List<Account> accounts() {
    return accounts;
  }

  Optional<Channel> channel(String id) {
    return Optional.ofNullable(channelsById.get(id));
  }

  /** The channel of a handle, which may lack the @ and be in any case. */
  Optional<Channel> channelOfHandle(String handle) {
    String wanted = (handle.startsWith("@") ? handle : "@" + handle).toLowerCase(Locale.ROOT);
    return channelsById.values().stream()
        .filter(channel -> channel.handle().equals(wanted))
        .findFirst();
  }

  /** Today, where YouTube's days are. */
  LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), PACIFIC);
  }

  /** The first day on which channels have views and videos. */
  LocalDate firstDay() {
    return birth;
  }

  /** Whether a channel never has a video. */
  boolean isEmpty(Channel channel) {
    return empty.contains(channel.index());
  }

  /** About what a channel earns in a month when the world is made, in USD. */
  static double monthlyRevenue(Channel channel) {
    return channel.monetized()
        ? 30
            * channel.dailyViews()
            * Math.pow(1 + channel.growth(), CATALOGUE_DAYS)
            * channel.rpm()
            / 1000
        : 0;
  }

  /** Has a channel publish nothing after a moment, which may lie in the past. */
  void stopUploads(Channel channel, Instant after) {
    lastUploads.put(channel.index(), after);
  }

  /** Videos published until now, newest first, with those that were deleted since. */
  List<Video> publishedVideos(Channel channel) {
    if (empty.contains(channel.index())) {
      return List.of();
    }
    Instant last = lastUploads.getOrDefault(channel.index(), Instant.MAX);
    Instant now = last.isBefore(clock.instant()) ? last : clock.instant();
    List<Video> known =
        videosByChannel.computeIfAbsent(
            channel.index(), index -> Collections.synchronizedList(new ArrayList<>()));
    synchronized (known) {
      for (int number = known.size(); publishedAt(channel, number).compareTo(now) <= 0; number++) {
        Video video =
            new Video(
                channel,
                number,
                seed.text(channel.index(), 1000L + number, 11),
                "%s, part %d".formatted(channel.niche(), number + 1),
                publishedAt(channel, number),
                60 + (int) (seed.unit(channel.index(), 50_000L + number) * 1500),
                rank(channel, number));
        known.add(video);
        videosById.put(video.id(), video);
      }
      return known.stream().filter(video -> !video.publishedAt().isAfter(now)).toList().reversed();
    }
  }

  /** When a channel publishes its video of a number, from 0. */
  Instant publishedAt(Channel channel, int number) {
    double hours =
        (number + seed.unit(channel.index(), 130_000L + number) * 0.8)
            * channel.hoursBetweenUploads();
    return birth.atStartOfDay(PACIFIC).toInstant().plusSeconds((long) (hours * 3600));
  }

  /** The place of a video by popularity among its neighbors, from 1. */
  int rank(Channel channel, int number) {
    return 1 + (int) (seed.unit(channel.index(), 90_000L + number) * 40);
  }

  /** Returns a video that has been published, also one that was deleted since. */
  Optional<Video> published(String id) {
    if (!videosById.containsKey(id)) {
      accounts.forEach(account -> account.channels().forEach(this::publishedVideos));
    }
    return Optional.ofNullable(videosById.get(id));
  }
}
