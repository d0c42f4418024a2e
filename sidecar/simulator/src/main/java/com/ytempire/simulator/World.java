package com.ytempire.simulator;

import com.ytempire.simulator.AnalyticsFigures.Day;
import com.ytempire.simulator.AnalyticsFigures.Reach;
import com.ytempire.simulator.Catalog.Account;
import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
  public static final ZoneId PACIFIC = Catalog.PACIFIC;

  /** Of all videos: how many are deleted, where the maker of a world does not say. */
  private static final double DELETED_SHARE = 0.02;

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

  /** The APIs of the project. */
  enum Api {
    REPORTING,
    ANALYTICS,
    DATA
  }

  private final long seed;
  private final Clock clock;
  private final boolean isOdd;
  private final int channelsEach;
  private final Instant madeAt;

  /** Indices of the channels whose YouTube account is closed after they were connected. */
  private final Set<Integer> closing;

  private final Catalog catalog;
  private final VideoVisibility visibility;
  private final Views views;
  private final AnalyticsFigures figures;

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
    this.clock = clock;
    this.channelsEach = channelsEach;
    this.madeAt = madeAt;
    this.isOdd =
        deletedShare > 0
            && users >= ACCOUNTS_FOR_ODD_CHANNELS
            && channelsEach >= CHANNELS_FOR_ODD_CHANNELS;
    Set<Integer> empty = isOdd ? Set.of(lastChannel(0, users)) : Set.of();
    Map<Integer, Instant> cleared =
        isOdd ? Map.of(lastChannel(1, users), madeAt.minus(CLEARED_BEFORE)) : Map.of();
    this.closing = isOdd ? Set.of(lastChannel(2, users)) : Set.of();
    Seed numbers = new Seed(seed);
    this.catalog = new Catalog(users, channelsEach, empty, numbers, clock, madeAt);
    this.visibility = new VideoVisibility(catalog, numbers, clock, deletedShare, cleared);
    this.views = new Views(catalog, visibility, numbers, clock);
    this.figures = new AnalyticsFigures(catalog, visibility, views, numbers);
  }

  /** The index of the last channel of an account that the seed says, or of one after it. */
  private int lastChannel(int after, int users) {
    int account = ((int) Math.floorMod(seed, (long) users) + after) % users;
    return account * channelsEach + channelsEach - 1;
  }

  /** All accounts, by index. */
  public List<Account> accounts() {
    return catalog.accounts();
  }

  /** The channel of an id. */
  public Optional<Channel> channel(String id) {
    return catalog.channel(id);
  }

  /** The channel of a handle, which may lack the @ and be in any case. */
  public Optional<Channel> channelOfHandle(String handle) {
    return catalog.channelOfHandle(handle);
  }

  /** The moment by the clock of the world. */
  public Instant now() {
    return clock.instant();
  }

  /** When it was made. */
  public Instant madeAt() {
    return madeAt;
  }

  /** Today, where YouTube's days are. */
  public LocalDate today() {
    return catalog.today();
  }

  /** The first day on which channels have views and videos. */
  public LocalDate firstDay() {
    return catalog.firstDay();
  }

  /** About what a channel earns in a month when the world is made, in USD. */
  public static double monthlyRevenue(Channel channel) {
    return Catalog.monthlyRevenue(channel);
  }

  /** Videos published until now, newest first, with those that were deleted since. */
  public List<Video> publishedVideos(Channel channel) {
    return catalog.publishedVideos(channel);
  }

  /** Has a channel publish nothing after a moment, which may lie in the past. */
  public void stopUploads(Channel channel, Instant after) {
    catalog.stopUploads(channel, after);
  }

  /** Videos published until now that were not deleted, newest first. */
  public List<Video> videos(Channel channel) {
    return visibility.videos(channel);
  }

  /** Of {@link #videos} those that everybody sees, newest first. */
  public List<Video> publicVideos(Channel channel) {
    return visibility.publicVideos(channel);
  }

  /** A video that has been published and is not deleted. */
  public Optional<Video> video(String id) {
    return visibility.video(id);
  }

  /** Channels that never had a video, or that have none left. */
  public boolean isWithoutVideos(Channel channel) {
    return catalog.isEmpty(channel) || visibility.clearedAt(channel).isPresent();
  }

  /** Deletes a video now, as its owner may. */
  public void delete(Video video) {
    visibility.delete(video);
  }

  /** Undoes what {@link #delete} did. */
  public void restore(Video video) {
    visibility.restore(video);
  }

  /** Deletes all videos of a channel now; it publishes no more. */
  public void clear(Channel channel) {
    visibility.clear(channel);
  }

  /** Makes a video private from now on, so that its owner alone sees it. */
  public void hide(Video video) {
    visibility.hide(video);
  }

  /** Makes a video public again that was hidden. */
  public void show(Video video) {
    visibility.show(video);
  }

  /** What is odd about a video. */
  public VideoVisibility.Oddity oddity(Video video) {
    return visibility.oddity(video);
  }

  /** Whether everybody sees a video that is not deleted. */
  public boolean isPublic(Video video) {
    return visibility.isPublic(video);
  }

  /** When a video that nobody but its owner may see vanished: deleted or made private. */
  public Optional<Instant> vanishedAt(Video video) {
    return visibility.vanishedAt(video);
  }

  /** When a video that everybody sees was made public again. */
  public Optional<Instant> shownAgainAt(Video video) {
    return visibility.shownAgainAt(video);
  }

  /** When the owner deletes this video; empty: never. */
  public Optional<Instant> deletedAt(Video video) {
    return visibility.deletedAt(video);
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
    return accounts().stream()
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

  /** Whether nobody watches a channel on a day: Analytics leaves it out of its answers. */
  public boolean isQuiet(Channel channel, LocalDate day) {
    return views.isQuiet(channel, day);
  }

  /** Has nobody watch any channel on these days, both ends included. */
  public void silence(LocalDate first, LocalDate last) {
    views.silence(first, last);
  }

  /** Ends what {@link #silence} began, from a day on. */
  public void endSilence(LocalDate from) {
    views.endSilence(from);
  }

  /** Lifetime views of a channel at this moment. */
  public long lifetimeViews(Channel channel) {
    return views.lifetimeViews(channel);
  }

  /** Lifetime views of a video at this moment. */
  public long lifetimeViews(Video video) {
    return views.lifetimeViews(video);
  }

  /** Subscribers, rounded down to three figures as YouTube shows them. */
  public long subscribers(Channel channel) {
    return views.subscribers(channel);
  }

  /** The last day that Analytics has finished for a channel. */
  public LocalDate lastDay(Channel channel, boolean revenue) {
    return figures.lastDay(channel, revenue);
  }

  /** Has Analytics finish the days of a channel up to this one, in the middle of today. */
  public void finishDays(Channel channel, LocalDate last) {
    figures.finishDays(channel, last);
  }

  /** Whether Analytics refuses a channel's query that names a deleted video. */
  boolean refusesDeletedVideos(Channel channel) {
    return figures.refusesDeletedVideos(channel);
  }

  /** Whether Analytics says NaN where a day's percentage would be. */
  boolean hasNoPercentage(Channel channel, LocalDate day) {
    return figures.hasNoPercentage(channel, day);
  }

  /** Whether the file of a day has a header and no rows. */
  public boolean hasEmptyFile(Channel channel, LocalDate day) {
    return figures.hasEmptyFile(channel, day);
  }

  /** What Analytics says now of a channel's day. */
  public Day channelDay(Channel channel, LocalDate day) {
    return figures.channelDay(channel, day);
  }

  /** What Analytics says now of a video's day. */
  public Day videoDay(Video video, LocalDate day) {
    return figures.videoDay(video, day);
  }

  /** What Analytics says now of where a channel's views of a day came from. */
  public Map<String, Day> traffic(Channel channel, LocalDate day) {
    return figures.traffic(channel, day);
  }

  /** Share of a video's viewers who are there at a hundredth of it, 1 to 100. */
  public double watching(Video video, int hundredth) {
    return figures.watching(video, hundredth);
  }

  /** What a Reporting file says of a day, or the better one that comes a week later. */
  public List<Reach> reach(Channel channel, LocalDate day, boolean isBackfill) {
    return figures.reach(channel, day, isBackfill);
  }
}
