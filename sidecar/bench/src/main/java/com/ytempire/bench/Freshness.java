package com.ytempire.bench;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ages of the newest stored statistics of each channel over time. The share of channel-time in
 * which they were younger than a limit is computed exactly, from the moments of observing and
 * storing; for a picture they are sampled every minute. Time in which a channel is excluded counts
 * neither way. Moments must come in order. Not safe to share between threads.
 */
final class Freshness {
  private static final int LONGEST_MINUTES = 3 * 24 * 60;

  private final Duration limit;
  private final Map<String, Channel> channels = new HashMap<>();
  private final List<Hour> hours = new ArrayList<>();
  private Instant sampledUntil;
  private int[] ages = new int[LONGEST_MINUTES + 1];

  /**
   * An hour's ages, in minutes; over all channels and minutes.
   *
   * @param oldest at most three days
   */
  record Hour(Instant from, int p50, int p99, int oldest) {}

  /**
   * Channel-time since the beginning.
   *
   * @param stale older than the limit
   */
  record Shares(Duration fresh, Duration stale, Duration excluded) {
    /** Fresh channel-time of all that was not excluded, 0 to 1. */
    double freshShare() {
      double all = fresh.plus(stale).toMillis();
      return all == 0 ? 1 : fresh.toMillis() / all;
    }
  }

  private static final class Channel {
    Instant observedAt;
    Instant countedUntil;
    boolean isExcluded;
    Duration fresh = Duration.ZERO;
    Duration stale = Duration.ZERO;
    Duration excluded = Duration.ZERO;

    Channel(Instant observedAt, Instant countedUntil) {
      this.observedAt = observedAt;
      this.countedUntil = countedUntil;
    }
  }

  Freshness(Instant from, Duration limit) {
    this.sampledUntil = from;
    this.limit = limit;
  }

  /** Counts a channel from here on, whose newest statistics are of {@code observedAt}. */
  void add(String channelId, Instant observedAt) {
    channels.put(channelId, new Channel(observedAt, sampledUntil));
  }

  /** Statistics of this moment have been stored. */
  void stored(String channelId, Instant observedAt, Instant storedAt) {
    Channel channel = of(channelId);
    count(channel, storedAt);
    if (observedAt.isAfter(channel.observedAt)) {
      channel.observedAt = observedAt;
    }
  }

  /** From this moment on the channel counts, or does not. */
  void exclude(String channelId, boolean isExcluded, Instant at) {
    Channel channel = of(channelId);
    count(channel, at);
    channel.isExcluded = isExcluded;
    if (!isExcluded) {
      // What it missed before is not held against it now.
      channel.observedAt = at;
    }
  }

  /** Whether this channel is counted. */
  boolean knows(String channelId) {
    return channels.containsKey(channelId);
  }

  private Channel of(String channelId) {
    @Nullable Channel channel = channels.get(channelId);
    if (channel == null) {
      throw new IllegalArgumentException("no channel " + channelId);
    }
    return channel;
  }

  private void count(Channel channel, Instant until) {
    if (!until.isAfter(channel.countedUntil)) {
      return;
    }
    Duration all = Duration.between(channel.countedUntil, until);
    if (channel.isExcluded) {
      channel.excluded = channel.excluded.plus(all);
    } else {
      Duration left = Duration.between(channel.countedUntil, channel.observedAt.plus(limit));
      Duration fresh = left.isNegative() ? Duration.ZERO : left.compareTo(all) < 0 ? left : all;
      channel.fresh = channel.fresh.plus(fresh);
      channel.stale = channel.stale.plus(all.minus(fresh));
    }
    channel.countedUntil = until;
  }

  /** Samples every full minute up to this moment; before anything of that moment is stored. */
  void sampleUntil(Instant now) {
    if (now.isBefore(sampledUntil)) {
      return;
    }
    Instant minute = sampledUntil.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
    for (; !minute.isAfter(now); minute = minute.plus(1, ChronoUnit.MINUTES)) {
      for (Channel channel : channels.values()) {
        if (!channel.isExcluded) {
          long age = Math.max(0, Duration.between(channel.observedAt, minute).toMinutes());
          ages[(int) Math.min(age, LONGEST_MINUTES)]++;
        }
      }
      if (minute.truncatedTo(ChronoUnit.HOURS).equals(minute)) {
        endHour(minute);
      }
    }
    sampledUntil = now;
    channels.values().forEach(channel -> count(channel, now));
  }

  private void endHour(Instant end) {
    long all = 0;
    int oldest = 0;
    for (int age = 0; age < ages.length; age++) {
      all += ages[age];
      oldest = ages[age] > 0 ? age : oldest;
    }
    hours.add(
        new Hour(
            end.minus(1, ChronoUnit.HOURS), percentile(all, 0.5), percentile(all, 0.99), oldest));
    ages = new int[LONGEST_MINUTES + 1];
  }

  private int percentile(long all, double share) {
    long sum = 0;
    for (int age = 0; age < ages.length; age++) {
      sum += ages[age];
      if (sum >= share * all) {
        return age;
      }
    }
    return LONGEST_MINUTES;
  }

  List<Hour> hours() {
    return List.copyOf(hours);
  }

  Shares shares() {
    Duration fresh = Duration.ZERO;
    Duration stale = Duration.ZERO;
    Duration excluded = Duration.ZERO;
    for (Channel each : channels.values()) {
      fresh = fresh.plus(each.fresh);
      stale = stale.plus(each.stale);
      excluded = excluded.plus(each.excluded);
    }
    return new Shares(fresh, stale, excluded);
  }
}
