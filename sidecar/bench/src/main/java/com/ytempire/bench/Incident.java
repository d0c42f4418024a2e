package com.ytempire.bench;

import com.ytempire.simulator.World;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A fault that begins and ends at moments known beforehand.
 *
 * @param until for a restart the moment itself
 * @param strength failing: one call in so many; slow: milliseconds by which each call lets the
 *     clock pass; a restart: calls to Google, or milliseconds of storing, after which it strikes
 * @param channelId whose grant dies; null: a fault of all
 */
record Incident(Kind kind, Instant from, Instant until, int strength, @Nullable String channelId) {
  /** The kind of an incident. */
  enum Kind {
    SERVER_ERRORS("Google answers 503"),
    RATE_LIMIT("Google answers 429"),
    SLOW("Google is slow"),
    GRANT_DEAD("an owner's grant is dead"),
    HUB_AWAY("the hub is away"),
    FEEDS_AWAY("the feeds are away"),
    QUOTA_HALVED("Google gives half the quota"),
    KILL_IDLE("kill -9 between two ticks"),
    KILL_FETCHING("kill -9 while it fetches"),
    KILL_STORING("kill -9 while it stores");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }

    boolean isRestart() {
      return this == KILL_IDLE || this == KILL_FETCHING || this == KILL_STORING;
    }
  }

  boolean isAt(Instant moment) {
    return !moment.isBefore(from) && moment.isBefore(until);
  }

  /**
   * The incidents of some days, in order; the same seed gives the same ones. Each day has three
   * restarts, one of each kind, and on average one burst of 503, two of 429 and half an hour of
   * slow answers; three in a hundred grants die in a month and live again after 6 to 72 hours; the
   * hub is away for a tenth of the time, the feeds for two hours of it, and on one day the quota is
   * half.
   */
  static List<Incident> schedule(
      LocalDate first, int days, List<String> channelIds, Duration tick, long seed) {
    Random random = new Random(seed);
    List<Incident> all = new ArrayList<>();
    Instant begin = first.atStartOfDay(World.PACIFIC).toInstant();
    Instant end = first.plusDays(days).atStartOfDay(World.PACIFIC).toInstant();
    for (int day = 0; day < days; day++) {
      Instant from = first.plusDays(day).atStartOfDay(World.PACIFIC).toInstant();
      all.add(
          burst(
              random,
              Kind.SERVER_ERRORS,
              from,
              4,
              20,
              random.nextInt(4) == 0 ? 1 : 2 + random.nextInt(3)));
      all.add(burst(random, Kind.RATE_LIMIT, from, 3, 12, 2 + random.nextInt(4)));
      all.add(burst(random, Kind.RATE_LIMIT, from, 3, 12, 2 + random.nextInt(4)));
      all.add(burst(random, Kind.SLOW, from, 10, 50, 100 + random.nextInt(400)));
      for (Kind kind : List.of(Kind.KILL_IDLE, Kind.KILL_FETCHING, Kind.KILL_STORING)) {
        Instant at = from.plus(tick.multipliedBy(1 + random.nextInt(94)));
        all.add(new Incident(kind, at, at, 1 + random.nextInt(60), null));
      }
    }
    int dead = Math.max(1, channelIds.size() * days / 1000);
    for (int i = 0; i < dead; i++) {
      Instant from = begin.plus(part(random, Duration.between(begin, end)));
      Instant until = from.plus(Duration.ofHours(6 + random.nextInt(67)));
      all.add(
          new Incident(
              Kind.GRANT_DEAD,
              from,
              until,
              0,
              channelIds.get(Math.floorMod(i * 37 + random.nextInt(37), channelIds.size()))));
    }
    Duration whole = Duration.between(begin, end);
    Instant hubAway = begin.plus(part(random, whole.multipliedBy(8).dividedBy(10)));
    all.add(new Incident(Kind.HUB_AWAY, hubAway, hubAway.plus(whole.dividedBy(10)), 0, null));
    Instant feedsAway = hubAway.plus(part(random, whole.dividedBy(12)));
    all.add(new Incident(Kind.FEEDS_AWAY, feedsAway, feedsAway.plus(Duration.ofHours(2)), 0, null));
    LocalDate half = first.plusDays(days / 2);
    all.add(
        new Incident(
            Kind.QUOTA_HALVED,
            half.atStartOfDay(World.PACIFIC).toInstant(),
            half.plusDays(1).atStartOfDay(World.PACIFIC).toInstant(),
            2,
            null));
    all.sort(Comparator.comparing(Incident::from).thenComparing(Incident::kind));
    return List.copyOf(all);
  }

  private static Incident burst(
      Random random, Kind kind, Instant day, int minMinutes, int maxMinutes, int strength) {
    Instant from = day.plus(part(random, Duration.ofHours(23)));
    Duration length = Duration.ofMinutes(minMinutes + random.nextInt(maxMinutes - minMinutes + 1));
    return new Incident(kind, from, from.plus(length), strength, null);
  }

  private static Duration part(Random random, Duration of) {
    return Duration.ofSeconds((long) (random.nextDouble() * of.toSeconds()));
  }
}
