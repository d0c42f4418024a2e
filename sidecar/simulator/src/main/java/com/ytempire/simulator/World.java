package com.ytempire.simulator;

import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Accounts, channels, videos and their numbers, all computed from a seed and the time: the same
 * question at the same moment has the same answer in every run. Nothing is stored, so any number of
 * channels costs nothing.
 *
 * <p>Channels differ in size by a factor of 200, grow by up to 0.6 % a day, breathe with the week,
 * and publish about two videos a day; a channel's day is shared over its videos by Zipf's law and
 * fades with their age. Four in five channels are monetized. Analytics is 2 to 3 days late, and
 * restates each day for a week, revenue until the middle of the next month. By the seed, some
 * channels have what makes real ones difficult: days without views, percentages that are no
 * numbers, negative revenue, empty report files, click-through rates above 1. Safe to share between
 * threads.
 *
 * <p>By default it is as odd as YouTube: owners delete some videos and hide others for a while,
 * single videos lack figures or have lengths that few expect, and in a world of several users one
 * channel never had a video, another has none left, the YouTube account of a third is closed soon
 * after it was connected, some users' channels are of two Google accounts, and on the second day
 * one of the project's APIs is disabled for ten minutes. The seed says which.
 */
public final class World {
  /** YouTube's days begin and end at midnight here. */
  public static final ZoneId PACIFIC = ZoneId.of("America/Los_Angeles");

  /** No channel has videos or views before this many days ago at {@link #birth}. */
  private static final int CATALOGUE_DAYS = 130;

  /** A video draws views for this many days. */
  private static final int VIDEO_LIFE_DAYS = 45;

  /** Of all videos: how many are deleted, where the maker of a world does not say. */
  private static final double DELETED_SHARE = 0.02;

  /** Of all videos: how many are private for a while and then public again. */
  private static final double PRIVATE_SHARE = 0.02;

  /** Of all videos: how many have each of the {@link Oddity oddities}. */
  private static final double ODD_SHARE = 0.01;

  /** How long before a world was made the last video of a channel without any was deleted. */
  private static final Duration CLEARED_BEFORE = Duration.ofHours(2);

  /** From so many accounts and channels of each on, some channels are without videos. */
  private static final int ACCOUNTS_FOR_ODD_CHANNELS = 3;

  private static final int CHANNELS_FOR_ODD_CHANNELS = 2;

  /** Of every so many users, the last channel is of another Google account than the others. */
  private static final int USERS_FOR_SECOND_ACCOUNT = 3;

  /** When the operator disables an API by mistake, after the world was made, and how long. */
  private static final Duration DISABLED_AFTER = Duration.ofHours(26);

  private static final Duration DISABLED_FOR = Duration.ofMinutes(10);

  private static final double[] WEEK = {0.92, 0.90, 0.93, 0.97, 1.06, 1.15, 1.07};
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

  /** What is odd about a video's answers. */
  public enum Oddity {
    NONE,
    /** A stream of more than three weeks, whose length is written with weeks. */
    WEEKS_LONG,
    /** An upcoming broadcast: its length is {@code P0D} until three hours after publication. */
    UPCOMING,
    /** Its statistics come without {@code viewCount}. */
    NO_VIEW_COUNT
  }

  /** The APIs of the project. */
  enum Api {
    REPORTING,
    ANALYTICS,
    DATA
  }

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
      double revenue) {}

  private final long seed;
  private final double deletedShare;
  private final Clock clock;

  /** Indices of the channels that never had a video. */
  private final Set<Integer> empty = new HashSet<>();

  /** Of the channels that have none left, by index, when the last ones were deleted. */
  private final Map<Integer, Instant> cleared = new ConcurrentHashMap<>();

  /** Indices of the channels whose YouTube account is closed after they were connected. */
  private final Set<Integer> closing = new HashSet<>();

  private final boolean isOdd;
  private final int channelsEach;
  private final Instant madeAt;

  /** When channels published last, by index. */
  private final Map<Integer, Instant> lastUploads = new ConcurrentHashMap<>();

  /** What a test did to videos, beside what the seed says. */
  private final Map<String, Instant> deletions = new ConcurrentHashMap<>();

  private final Map<String, Instant> hidden = new ConcurrentHashMap<>();
  private final Map<String, Instant> shownAgain = new ConcurrentHashMap<>();

  /** Days on which a test has nobody watch any channel. */
  private final Set<LocalDate> silent = ConcurrentHashMap.newKeySet();

  /** By index of the channel, the day up to which Analytics finished its days early. */
  private final Map<Integer, LocalDate> finished = new ConcurrentHashMap<>();

  private final LocalDate birth;
  private final List<Account> accounts;
  private final Map<String, Channel> channelsById;
  private final Map<String, Video> videosById = new ConcurrentHashMap<>();
  private final Map<Integer, List<Video>> videosByChannel = new ConcurrentHashMap<>();

  /** By channel and day; they depend on nothing else, and every video of the channel needs them. */
  private final Map<Long, Double> weights = new ConcurrentHashMap<>();

  /**
   * Makes a world.
   *
   * @param users how many accounts
   * @param channelsEach channels of each account
   * @param seed the same seed and clock give the same numbers
   */
  public World(int users, int channelsEach, long seed, Clock clock) {
    this(users, channelsEach, seed, clock, DELETED_SHARE);
  }

  /**
   * Makes a world in which owners delete some of their videos.
   *
   * @param deletedShare of all videos, 0 to 1: how many are deleted, between an hour and 20 days
   *     after they were published; 0: nothing else is odd either
   */
  public World(int users, int channelsEach, long seed, Clock clock, double deletedShare) {
    this(users, channelsEach, seed, clock, deletedShare, clock.instant());
  }

  /** Makes a world that was made before, by default as odd as YouTube: the same one, older. */
  public World(int users, int channelsEach, long seed, Clock clock, Instant madeAt) {
    this(users, channelsEach, seed, clock, DELETED_SHARE, madeAt);
  }

  private World(
      int users, int channelsEach, long seed, Clock clock, double deletedShare, Instant madeAt) {
    this.seed = seed;
    this.deletedShare = deletedShare;
    this.clock = clock;
    this.channelsEach = channelsEach;
    this.madeAt = madeAt;
    this.isOdd =
        deletedShare > 0
            && users >= ACCOUNTS_FOR_ODD_CHANNELS
            && channelsEach >= CHANNELS_FOR_ODD_CHANNELS;
    if (isOdd) {
      int account = (int) Math.floorMod(seed, (long) users);
      empty.add(account * channelsEach + channelsEach - 1);
      cleared.put(
          (account + 1) % users * channelsEach + channelsEach - 1, madeAt.minus(CLEARED_BEFORE));
      closing.add((account + 2) % users * channelsEach + channelsEach - 1);
    }
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
    String niche = NICHES[(int) (unit(index, 1) * NICHES.length)];
    boolean isEmpty = empty.contains(index);
    return new Channel(
        index,
        "UC" + name(index, 2, 22),
        niche + " with " + (char) ('A' + index % 26) + ". no. " + (index + 1),
        niche,
        unit(index, 3) < 0.8 && !isEmpty,
        isEmpty ? 0 : Math.exp(Math.log(200) + unit(index, 4) * Math.log(200)),
        unit(index, 5) * 0.006,
        1.5 + unit(index, 6) * 4.5,
        8 + unit(index, 7) * 8);
  }

  public List<Account> accounts() {
    return accounts;
  }

  public Optional<Channel> channel(String id) {
    return Optional.ofNullable(channelsById.get(id));
  }

  /** The channel of a handle, which may lack the @ and be in any case. */
  public Optional<Channel> channelOfHandle(String handle) {
    String wanted = (handle.startsWith("@") ? handle : "@" + handle).toLowerCase(Locale.ROOT);
    return channelsById.values().stream()
        .filter(channel -> channel.handle().equals(wanted))
        .findFirst();
  }

  public Instant now() {
    return clock.instant();
  }

  /** When it was made. */
  public Instant madeAt() {
    return madeAt;
  }

  /** Today, where YouTube's days are. */
  public LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), PACIFIC);
  }

  /** The first day on which channels have views and videos. */
  public LocalDate firstDay() {
    return birth;
  }

  /** About what a channel earns in a month when the world is made, in USD. */
  public static double monthlyRevenue(Channel channel) {
    return channel.monetized()
        ? 30
            * channel.dailyViews()
            * Math.pow(1 + channel.growth(), CATALOGUE_DAYS)
            * channel.rpm()
            / 1000
        : 0;
  }

  /** The last day that Analytics has finished for a channel: 2 or 3 days ago, later for revenue. */
  public LocalDate lastDay(Channel channel, boolean revenue) {
    LocalDate today = today();
    int late = unit(channel.index(), today.toEpochDay()) < 0.5 ? 2 : 3;
    LocalDate last = today.minusDays(late);
    @Nullable LocalDate early = finished.get(channel.index());
    return (early != null && early.isAfter(last) ? early : last).minusDays(revenue ? 1 : 0);
  }

  /** Has Analytics finish the days of a channel up to this one, in the middle of today. */
  public void finishDays(Channel channel, LocalDate last) {
    finished.put(channel.index(), last);
  }

  /** Videos published until now that were not deleted, newest first. */
  public List<Video> videos(Channel channel) {
    return publishedVideos(channel).stream().filter(video -> !isDeleted(video)).toList();
  }

  /** Of {@link #videos} those that everybody sees, newest first. */
  public List<Video> publicVideos(Channel channel) {
    return videos(channel).stream().filter(this::isPublic).toList();
  }

  /** Channels that never had a video, or that have none left. */
  public boolean isWithoutVideos(Channel channel) {
    return empty.contains(channel.index()) || cleared.containsKey(channel.index());
  }

  /**
   * Whether the YouTube account of a channel is closed soon after the channel was connected, before
   * anything was read of it. Owners do so, and YouTube suspends accounts; {@code
   * authenticatedUserAccountClosed} and {@code authenticatedUserAccountSuspended} are in the
   * documented errors of the Data API
   * (developers.google.com/youtube/data/reference/rest/v3/errors).
   */
  public boolean closesAfterConnecting(Channel channel) {
    return closing.contains(channel.index());
  }

  /** Channels of which {@link #closesAfterConnecting} is true. */
  public List<Channel> closingChannels() {
    return accounts.stream()
        .flatMap(account -> account.channels().stream())
        .filter(this::closesAfterConnecting)
        .toList();
  }

  /**
   * The Google account by which a person manages a channel. A person's channels are of one account,
   * save those of every third person in a world of several users, whose last one is of another. It
   * is shown to nobody: an ID token would name the Brand Account of a channel, not this one.
   */
  String googleAccountId(Channel channel) {
    int person = channel.index() / channelsEach;
    boolean isSecond =
        isOdd
            && channel.index() % channelsEach == channelsEach - 1
            && (person % USERS_FOR_SECOND_ACCOUNT == USERS_FOR_SECOND_ACCOUNT - 1
                || closesAfterConnecting(channel));
    return (isSecond ? "second" : "first") + " account of person " + person;
  }

  /**
   * Whether an API of the project is disabled now. It is a state of the project and so of all
   * channels: Google answers {@code accessNotConfigured} or {@code SERVICE_DISABLED} to every call
   * (Airbyte's source-youtube-data takes it for a fault of the configuration). Ten minutes on the
   * second day of a world of several users, so that every longer run meets it after connecting.
   */
  boolean isDisabled(Api api) {
    Instant from = madeAt.plus(DISABLED_AFTER);
    Instant now = clock.instant();
    return isOdd
        && api == Api.values()[(int) Math.floorMod(seed, (long) Api.values().length)]
        && !now.isBefore(from)
        && now.isBefore(from.plus(DISABLED_FOR));
  }

  /** Deletes a video now, as its owner may. */
  public void delete(Video video) {
    deletions.put(video.id(), clock.instant());
  }

  /** Undoes what {@link #delete} did. */
  public void restore(Video video) {
    deletions.remove(video.id());
  }

  /** Deletes all videos of a channel now; it publishes no more. */
  public void clear(Channel channel) {
    cleared.put(channel.index(), clock.instant());
  }

  /** Has a channel publish nothing after a moment, which may lie in the past. */
  public void stopUploads(Channel channel, Instant after) {
    lastUploads.put(channel.index(), after);
  }

  /** Makes a video private from now on, so that its owner alone sees it. */
  public void hide(Video video) {
    hidden.put(video.id(), clock.instant());
  }

  /** Makes a video public again that was hidden. */
  public void show(Video video) {
    hidden.remove(video.id());
    shownAgain.put(video.id(), clock.instant());
  }

  /** What is odd about a video. */
  public Oddity oddity(Video video) {
    double share = unit(video.channel().index(), 330_000L + video.number());
    if (deletedShare == 0 || share >= 3 * ODD_SHARE) {
      return Oddity.NONE;
    }
    return Oddity.values()[1 + (int) (share / ODD_SHARE)];
  }

  /** Whether everybody sees a video that is not deleted. */
  public boolean isPublic(Video video) {
    if (hidden.containsKey(video.id())) {
      return false;
    }
    Instant now = clock.instant();
    return privateFrom(video)
        .filter(from -> !now.isBefore(from) && now.isBefore(publicAgainAt(video)))
        .isEmpty();
  }

  private Optional<Instant> privateFrom(Video video) {
    if (deletedShare == 0
        || unit(video.channel().index(), 250_000L + video.number()) >= PRIVATE_SHARE) {
      return Optional.empty();
    }
    double hours = 1 + unit(video.channel().index(), 290_000L + video.number()) * 72;
    return Optional.of(video.publishedAt().plusSeconds((long) (hours * 3600)));
  }

  private Instant publicAgainAt(Video video) {
    double hours = 2 + unit(video.channel().index(), 310_000L + video.number()) * 46;
    return privateFrom(video).orElse(Instant.EPOCH).plusSeconds((long) (hours * 3600));
  }

  /** When a video that nobody but its owner may see vanished: deleted or made private. */
  public Optional<Instant> vanishedAt(Video video) {
    if (isDeleted(video)) {
      return deletedAt(video);
    }
    return isPublic(video)
        ? Optional.empty()
        : Optional.ofNullable(hidden.get(video.id())).or(() -> privateFrom(video));
  }

  /** When a video that everybody sees was made public again. */
  public Optional<Instant> shownAgainAt(Video video) {
    if (isDeleted(video) || !isPublic(video)) {
      return Optional.empty();
    }
    return Optional.ofNullable(shownAgain.get(video.id()))
        .or(() ->
            privateFrom(video)
                .map(from -> publicAgainAt(video))
                .filter(at -> !at.isAfter(clock.instant())));
  }

  /** When the owner deletes this video; empty: never. */
  public Optional<Instant> deletedAt(Video video) {
    Instant deleted = deletions.get(video.id());
    if (deleted != null) {
      return Optional.of(deleted);
    }
    Instant allDeleted = cleared.get(video.channel().index());
    if (allDeleted != null) {
      return Optional.of(
          video.publishedAt().isAfter(allDeleted) ? video.publishedAt() : allDeleted);
    }
    if (deletedShare == 0
        || unit(video.channel().index(), 170_000L + video.number()) >= deletedShare) {
      return Optional.empty();
    }
    double hours = 1 + unit(video.channel().index(), 210_000L + video.number()) * 20 * 24;
    return Optional.of(video.publishedAt().plusSeconds((long) (hours * 3600)));
  }

  private boolean isDeleted(Video video) {
    return deletedAt(video).filter(at -> !at.isAfter(clock.instant())).isPresent();
  }

  /** Videos published until now, newest first, with those that were deleted since. */
  public List<Video> publishedVideos(Channel channel) {
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
                name(channel.index(), 1000L + number, 11),
                "%s, part %d".formatted(channel.niche(), number + 1),
                publishedAt(channel, number),
                60 + (int) (unit(channel.index(), 50_000L + number) * 1500),
                1 + (int) (unit(channel.index(), 90_000L + number) * 40));
        known.add(video);
        videosById.put(video.id(), video);
      }
      return known.stream().filter(video -> !video.publishedAt().isAfter(now)).toList().reversed();
    }
  }

  private Instant publishedAt(Channel channel, int number) {
    double hours =
        (number + unit(channel.index(), 130_000L + number) * 0.8) * channel.hoursBetweenUploads();
    return birth.atStartOfDay(PACIFIC).toInstant().plusSeconds((long) (hours * 3600));
  }

  /** A video that has been published and is not deleted. */
  public Optional<Video> video(String id) {
    if (!videosById.containsKey(id)) {
      accounts.forEach(account -> account.channels().forEach(this::publishedVideos));
    }
    return Optional.ofNullable(videosById.get(id)).filter(video -> !isDeleted(video));
  }

  /**
   * Whether nobody watches a channel on a day. Of one channel in five, some days are such, and of
   * one whose videos were all deleted, all days after that. Analytics leaves them out of its
   * answers.
   */
  public boolean isQuiet(Channel channel, LocalDate day) {
    Instant allDeleted = cleared.get(channel.index());
    return silent.contains(day)
        || (allDeleted != null && day.isAfter(LocalDate.ofInstant(allDeleted, PACIFIC)))
        || happens(channel, 1, 0.2, day, 0.07);
  }

  /** Has nobody watch any channel on these days, both ends included. */
  public void silence(LocalDate first, LocalDate last) {
    first.datesUntil(last.plusDays(1)).forEach(silent::add);
  }

  /** Ends what {@link #silence} began, from a day on. */
  public void endSilence(LocalDate from) {
    silent.removeIf(day -> !day.isBefore(from));
  }

  /**
   * Whether Analytics answers a channel's query with 400 when its filter names a deleted video, as
   * it does for some (parafoxia/analytix, docs/guides/troubleshooting.md).
   */
  boolean refusesDeletedVideos(Channel channel) {
    return unit(channel.index(), 250_002) < 0.35;
  }

  /** Whether Analytics says NaN where a day's percentage would be. */
  boolean hasNoPercentage(Channel channel, LocalDate day) {
    return happens(channel, 3, 0.25, day, 0.1);
  }

  /** Whether a day's revenue is negative, because advertisers were paid back. */
  private boolean isPaidBack(Channel channel, LocalDate day) {
    return happens(channel, 4, 0.25, day, 0.05);
  }

  /**
   * Whether the file of a day has a header and no rows (kyle-chalmers/youtube-bigquery-pipeline).
   */
  public boolean hasEmptyFile(Channel channel, LocalDate day) {
    return happens(channel, 5, 0.3, day, 0.1);
  }

  /** Whether something that happens to a share of the channels does so on a day. */
  private boolean happens(
      Channel channel, int what, double shareOfChannels, LocalDate day, double shareOfDays) {
    return unit(channel.index(), 250_000L + what) < shareOfChannels
        && unit(channel.index() * 31L + what, day.toEpochDay() * 53 + what) < shareOfDays;
  }

  /** What Analytics says now of a channel's day; earlier it said a little less. */
  public Day channelDay(Channel channel, LocalDate day) {
    double views = trueChannelViews(channel, day) * settled(channel.index(), day);
    return day(channel, channel.index(), day, views, 300 + 400 * unit(channel.index(), 8));
  }

  /** What Analytics says now of a video's day. */
  public Day videoDay(Video video, LocalDate day) {
    double views = trueVideoViews(video, day) * settled(video.channel().index(), day);
    return day(
        video.channel(),
        video.channel().index() * 10_007L + video.number(),
        day,
        views,
        video.durationSeconds());
  }

  private Day day(
      Channel channel, long key, LocalDate day, double exactViews, double lengthSeconds) {
    long views = Math.round(exactViews);
    double watched = 0.32 + 0.25 * unit(key, day.toEpochDay() + 7);
    long averageSeconds = Math.round(lengthSeconds * watched);
    double revenue =
        channel.monetized()
            ? (isPaidBack(channel, day) ? -0.2 : 1)
                * exactViews
                * channel.rpm()
                / 1000
                * (0.85 + 0.3 * unit(channel.index(), day.toEpochDay() + 11))
            : 0;
    return new Day(
        day,
        views,
        Math.round(views * 0.86),
        Math.round(views * averageSeconds / 60.0),
        averageSeconds,
        Math.round(watched * 10_000) / 100.0,
        Math.round(views * (0.02 + 0.03 * unit(key, 12))),
        Math.round(views * (0.001 + 0.004 * unit(key, 13))),
        Math.round(views * 0.004),
        Math.round(views * (0.001 + 0.002 * unit(key, 14))),
        Math.round(views * 0.0004),
        revenue * revenueSettled(channel.index(), day));
  }

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

  /** What Analytics says now of where a channel's views of a day came from. */
  public Map<String, Day> traffic(Channel channel, LocalDate day) {
    Map<String, Day> sources = new TreeMap<>();
    double views = trueChannelViews(channel, day) * settled(channel.index(), day);
    TRAFFIC.forEach((source, share) -> {
      double own = views * share * (0.8 + 0.4 * unit(channel.index(), source.hashCode()));
      sources.put(
          source, day(channel, channel.index(), day, own, 300 + 400 * unit(channel.index(), 8)));
    });
    return sources;
  }

  /** Share of a video's viewers who are there at a hundredth of it, 1 to 100. */
  public double watching(Video video, int hundredth) {
    double stays = 0.25 + 0.35 * unit(video.channel().index(), 20_000L + video.number());
    return Math.round((stays + (1 - stays) * Math.exp(-hundredth / 18.0)) * 10_000) / 10_000.0;
  }

  /** A video's thumbnail on a day: impressions, and the share clicked. */
  public record Reach(Video video, long impressions, double rate) {}

  /**
   * What a Reporting file says of a day.
   *
   * @param isBackfill whether it is the better file that comes a week later
   */
  public List<Reach> reach(Channel channel, LocalDate day, boolean isBackfill) {
    return videos(channel).stream()
        .map(video -> {
          // Now and then more clicks than impressions are reported (kyle-chalmers).
          double rate =
              unit(channel.index(), 260_000L + video.number()) < 0.01
                  ? 1.25
                  : 0.02 + 0.08 * unit(channel.index(), 70_000L + video.number());
          double views = trueVideoViews(video, day) * (isBackfill ? 1 : 0.98);
          return new Reach(
              video, Math.round(views * 0.7 / rate), Math.round(rate * 1_000_000) / 1_000_000.0);
        })
        .filter(reach -> reach.impressions() > 0)
        .toList();
  }

  /** Lifetime views of a channel at this moment. */
  public long lifetimeViews(Channel channel) {
    double sum = channel.dailyViews() * 400;
    LocalDate today = today();
    for (LocalDate day = birth; day.isBefore(today); day = day.plusDays(1)) {
      sum += trueChannelViews(channel, day);
    }
    return Math.round(sum + trueChannelViews(channel, today) * shareOfToday());
  }

  /** Lifetime views of a video at this moment. */
  public long lifetimeViews(Video video) {
    LocalDate today = today();
    LocalDate first = LocalDate.ofInstant(video.publishedAt(), PACIFIC);
    double sum = 0;
    for (LocalDate day = first; day.isBefore(today); day = day.plusDays(1)) {
      sum += trueVideoViews(video, day);
    }
    return Math.round(sum + trueVideoViews(video, today) * shareOfToday());
  }

  /** Subscribers, rounded down to three figures as YouTube shows them. */
  public long subscribers(Channel channel) {
    long exact = Math.round(lifetimeViews(channel) * (0.004 + 0.01 * unit(channel.index(), 15)));
    long scale = 1;
    while (exact / scale >= 1000) {
      scale *= 10;
    }
    return exact / scale * scale;
  }

  private double shareOfToday() {
    LocalDateTime now = LocalDateTime.ofInstant(clock.instant(), PACIFIC);
    return now.toLocalTime().toSecondOfDay() / 86_400.0;
  }

  private double trueChannelViews(Channel channel, LocalDate day) {
    if (isQuiet(channel, day)) {
      return 0;
    }
    long age = ChronoUnit.DAYS.between(birth, day);
    DayOfWeek weekday = day.getDayOfWeek();
    double noise = 0.85 + 0.3 * unit(channel.index(), day.toEpochDay() + 3);
    return channel.dailyViews()
        * Math.pow(1 + channel.growth(), age)
        * WEEK[weekday.getValue() - 1]
        * noise;
  }

  /**
   * A video's share of its channel's views. A channel's report counts views of videos that were
   * deleted since, which lists of videos leave out (developers.google.com/youtube/analytics, "Data
   * Model"); otherwise the two add up alike.
   */
  private double trueVideoViews(Video video, LocalDate day) {
    double weight = weight(video, day);
    if (weight == 0) {
      return 0;
    }
    Channel channel = video.channel();
    double all =
        weights.computeIfAbsent(
            (long) channel.index() << 32 | day.toEpochDay(), key -> sumOfWeights(channel, day));
    return all == 0 ? 0 : trueChannelViews(channel, day) * weight / all;
  }

  /** Of all videos that draw views of a channel's day. */
  private double sumOfWeights(Channel channel, LocalDate day) {
    int last =
        (int)
                (Math.max(
                        0,
                        ChronoUnit.HOURS.between(
                            birth.atStartOfDay(PACIFIC), day.plusDays(1).atStartOfDay(PACIFIC)))
                    / channel.hoursBetweenUploads())
            + 1;
    int first =
        Math.max(0, last - (int) (VIDEO_LIFE_DAYS * 24 / channel.hoursBetweenUploads()) - 3);
    return IntStream.rangeClosed(first, last)
        .mapToDouble(number ->
            weight(
                publishedAt(channel, number),
                1 + (int) (unit(channel.index(), 90_000L + number) * 40),
                day))
        .sum();
  }

  private static double weight(Video video, LocalDate day) {
    return weight(video.publishedAt(), video.rank(), day);
  }

  private static double weight(Instant publishedAt, int rank, LocalDate day) {
    long age = ChronoUnit.DAYS.between(LocalDate.ofInstant(publishedAt, PACIFIC), day);
    return age < 0 || age > VIDEO_LIFE_DAYS ? 0 : 1.0 / rank / Math.pow(age + 1, 0.8);
  }

  /**
   * How much of a day Analytics has counted by now: 97 % when it appears, all of it a week later.
   */
  private double settled(int index, LocalDate day) {
    long age = ChronoUnit.DAYS.between(day, today());
    return age >= 9
        ? 1
        : 1 - 0.03 * (9 - age) / 7.0 * (0.5 + unit(index, day.toEpochDay() * 31 + age));
  }

  /** Revenue moves until the 15th of the month after. */
  private double revenueSettled(int index, LocalDate day) {
    boolean isFinal = !today().isBefore(YearMonth.from(day).plusMonths(1).atDay(15));
    return isFinal ? 1 : 0.97 + 0.04 * unit(index, day.toEpochDay() * 37 + today().toEpochDay());
  }

  /** A number in [0, 1) that depends on nothing but the seed and the two keys. */
  private double unit(long a, long b) {
    return (mix(seed * 0x9E3779B97F4A7C15L + mix(a * 0xBF58476D1CE4E5B9L + mix(b))) >>> 11)
        * 0x1.0p-53;
  }

  private String name(long a, long b, int length) {
    byte[] bytes = new byte[24];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (unit(a, b * 100 + i) * 256);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).substring(0, length);
  }

  /**
   * SplitMix64's finaliser, by Sebastiano Vigna, public domain:
   * https://prng.di.unimi.it/splitmix64.c.
   */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
