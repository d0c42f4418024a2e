package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.KnownChannel.Absence;
import com.ytempire.sidecar.metrics.KnownChannel.KnownVideo;
import com.ytempire.sidecar.metrics.PlanDao.Source;
import com.ytempire.sidecar.metrics.Report.Schedule.ByDay;
import com.ytempire.sidecar.metrics.Report.Schedule.ByPeriod;
import com.ytempire.sidecar.metrics.Report.Schedule.Rule;
import com.ytempire.sidecar.metrics.Report.Schedule.Weekly;
import com.ytempire.sidecar.quota.Bucket;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is due of a channel at a moment, and why: a pure function of what is stored. What was
 * fetched but never stored stays due; the cache sees to it that it is not paid for again.
 */
final class Planner {
  /** A tick comes every 15 minutes, a little early or late; current statistics never miss one. */
  private static final Duration LIVE = Duration.ofMinutes(10);

  /** How often videos of an age are looked at, in steps; older ones are left to Analytics. */
  private static final List<AgeTier> TIERS =
      List.of(
          new AgeTier(Duration.ofHours(48), LIVE),
          new AgeTier(Duration.ofDays(7), Duration.ofMinutes(55)),
          new AgeTier(Duration.ofDays(30), Duration.ofMinutes(355)));

  private static final String TIERS_IN_WORDS =
      "videos up to 48 hours old at every tick, up to 7 days hourly, up to 30 days every 6 hours";

  /** Titles may be kept for 30 days (Developer Policies III.E.4.c). */
  private static final Duration DETAILS_KEPT = Duration.ofDays(25);

  /** Details of new videos wait for others, so that fifty travel together. */
  private static final Duration DETAILS_SLOT = Duration.ofHours(6);

  /**
   * A channel without videos has no views to count, and one whose totals have not moved for two
   * days is hardly watched; this keeps their figures from being stale.
   */
  private static final Duration IDLE_CHANNEL = Duration.ofHours(3);

  /**
   * When to ask again for a video that YouTube did not show: twice more, and then it is given up,
   * and asked for once a day until it is erased. One that is private, and so shown to its owner
   * alone, is asked for as rarely; old ones daily.
   */
  private static final Duration FIRST_MISS = Duration.ofHours(6);

  private static final Duration SECOND_MISS = Duration.ofHours(24);
  private static final Duration OLD_HIDDEN = Duration.ofHours(24);

  /** How long the feed is read because the hub did not push, unless it pushes again before. */
  static final Duration HUB_SILENCE = Duration.ofDays(7);

  private static final Duration READ_PLAYLIST = Duration.ofHours(24);
  private static final Duration READ_PLAYLIST_WITHOUT_FEED = Duration.ofHours(2);
  private static final Duration READ_FEED = Duration.ofMinutes(55);
  private static final Duration SUBSCRIBE_AGAIN = Duration.ofHours(1);

  /** What is not pushed so long after its publication is not pushed. */
  private static final Duration PUSHED_WITHIN = Duration.ofHours(2);

  /** The hub's lease, and when to renew it: it answers badly at times, so early. */
  static final Duration LEASE = Duration.ofDays(10);

  private static final Duration RENEW_BEFORE_END = LEASE.dividedBy(2);

  /** Analytics does its day's work after midnight; channels ask spread over this time. */
  private static final Duration SPREAD = Duration.ofHours(4);

  /** Backfills of all channels are spread over this time, which begins after {@link #SPREAD}. */
  private static final Duration BACKFILL_SPREAD = Duration.ofHours(16);

  /** Days after which a report on a day of the week is due again. */
  private static final int DAYS_AFTER_STORE = 4;

  /** Weeks that are caught up on when they were missed. */
  private static final int MISSED_WEEKS = 8;

  /** Minutes between the times at which a channel's files of two reports are read. */
  private static final int FILE_REPORTS_APART = 67;

  private final boolean pushed;

  /**
   * Makes a planner.
   *
   * @param pushed whether the hub is asked to push new videos
   */
  Planner(boolean pushed) {
    this.pushed = pushed;
  }

  private record AgeTier(Duration upToAge, Duration every) {}

  /**
   * What is due of a report.
   *
   * @param nextDueAt now or later; null: not while things stay as they are
   * @param days newest first
   */
  record Due(
      boolean isDue,
      @Nullable Instant nextDueAt,
      List<LocalDate> days,
      List<String> videoIds,
      String why) {
    private static Due at(Instant next, Instant now, String why) {
      return new Due(!next.isAfter(now), next.isAfter(now) ? next : now, List.of(), List.of(), why);
    }

    private static Due never(String why) {
      return new Due(false, null, List.of(), List.of(), why);
    }
  }

  /**
   * How new videos are looked for now.
   *
   * @param wholeMonth read the playlist back to what was published 30 days ago
   */
  record UploadSteps(
      boolean subscribe, boolean readFeed, boolean readPlaylist, boolean wholeMonth) {}

  Due due(Report report, KnownChannel channel, Instant now) {
    return switch (report.schedule()) {
      case ByDay days when days.restatement().isRevenue() -> revenue(report, days, channel, now);
      case ByDay days -> days(report, days, channel, now);
      case Weekly weekly -> weekly(report, weekly, channel, now);
      case ByPeriod period -> period(report, period, channel, now);
      case Rule.EVERY_TICK -> channelStatistics(channel.source().statistics(), now);
      case Rule.VIDEO_STATISTICS -> videoStatistics(channel, now);
      case Rule.VIDEO_DETAILS -> videoDetails(channel, now);
      case Rule.UPLOADS -> uploads(channel, now);
      case Rule.DAILY_FILE -> dailyFile(report, channel.source().channelId(), now);
      case Rule.ON_DEMAND -> Due.never("asked for by people, not by plan; ask without onlyDue");
    };
  }

  private static Due channelStatistics(Source.Statistics statistics, Instant now) {
    Long videos = statistics.videoCount();
    boolean isEmpty = videos != null && videos == 0;
    return Due.at(
        after(statistics.statisticsAt(), isEmpty || statistics.isIdle() ? IDLE_CHANNEL : LIVE, now),
        now,
        isEmpty
            ? "a channel without videos is looked at every 3 hours"
            : statistics.isIdle()
                ? "a channel whose totals have not moved for two days is looked at every 3 hours, until they move"
                : "live totals are never more than a tick of 15 minutes old");
  }

  private static Due revenue(Report report, ByDay days, KnownChannel channel, Instant now) {
    if (!channel.source().revenue().allowsRevenue()) {
      return Due.never("the owner did not allow revenue to be read");
    }
    return knownToHaveNoRevenue(channel.source(), now)
        ? Due.never("YouTube shows no revenue of this channel; it is asked again after a week")
        : days(report, days, channel, now);
  }

  /** What YouTube answered about revenue is remembered for a week. */
  static boolean knownToHaveNoRevenue(Source source, Instant now) {
    return Boolean.FALSE.equals(source.revenue().monetised())
        && source.revenue().monetisedAskedAt() != null
        && now.isBefore(source.revenue().monetisedAskedAt().plus(Duration.ofDays(7)));
  }

  private static Due days(Report report, ByDay schedule, KnownChannel channel, Instant now) {
    Restatement rule = schedule.restatement();
    LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
    Map<LocalDate, Instant> checks = channel.checks().getOrDefault(report, Map.of());
    String channelId = channel.source().channelId();
    Duration spread = spread(channelId);
    int phase = Math.floorMod(channelId.hashCode(), Restatement.STRIDE);
    List<LocalDate> due = new ArrayList<>();
    @Nullable Instant next = null;
    for (int age = rule.firstAge() - 1;
        age < Math.max(schedule.window(), rule.lastAge() + 1);
        age++) {
      LocalDate day = today.minusDays(age);
      @Nullable LocalDate checked = pacificDay(checks.get(day));
      if (checked == null && age >= schedule.window()) {
        continue;
      }
      @Nullable Instant at =
          rule.next(day, checked, phase)
              .map(date -> date.atStartOfDay(Bucket.PACIFIC).toInstant().plus(spread))
              .orElse(null);
      if (at != null && !at.isAfter(now)) {
        due.add(day);
      }
      if (at != null && (next == null || at.isBefore(next))) {
        next = at;
      }
    }
    if (next != null && next.isBefore(now)) {
      next = now;
    }
    if (due.isEmpty()) {
      List<LocalDate> older = backfillDays(report, channel, now);
      if (!older.isEmpty()) {
        return new Due(
            true, now, older, List.of(), "the backfill: 90 days a channel and day, newest first");
      }
    }
    return new Due(
        !due.isEmpty(),
        next,
        due.subList(0, Math.min(schedule.batchSize(), due.size())),
        List.of(),
        rule.words());
  }

  /** The days of the next part of a report's backfill, newest first; empty while none is due. */
  static List<LocalDate> backfillDays(Report report, KnownChannel channel, Instant now) {
    return now.isBefore(backfillOpens(channel.source().channelId(), now))
        ? List.of()
        : Backfill.next(report, backfills(channel, now), now);
  }

  /** A backfill waits until a minute of the day that is the channel's own, after the day's work. */
  private static Instant backfillOpens(String channelId, Instant now) {
    return LocalDate.ofInstant(now, Bucket.PACIFIC)
        .atStartOfDay(Bucket.PACIFIC)
        .toInstant()
        .plus(SPREAD)
        .plus(Duration.ofMinutes(Math.floorMod(channelId.hashCode(), BACKFILL_SPREAD.toMinutes())));
  }

  /** The channel's backfills that can be fetched. */
  private static Map<Report, Backfill> backfills(KnownChannel channel, Instant now) {
    Map<Report, Backfill> open = new HashMap<>(channel.backfills());
    open.keySet()
        .removeIf(report ->
            report.isRevenue()
                && (!channel.source().revenue().allowsRevenue()
                    || knownToHaveNoRevenue(channel.source(), now)));
    return open;
  }

  private static Due weekly(Report report, Weekly schedule, KnownChannel channel, Instant now) {
    WeeklySlot slot = weeklySlot(report, schedule.everyWeeks(), channel, now);
    LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
    int days =
        slot.last() == null
            ? schedule.firstDays()
            : (int)
                Math.min(
                    schedule.firstDays(),
                    ChronoUnit.DAYS.between(slot.last(), today) + Restatement.SETTLED_AGE);
    return new Due(
        slot.isDue(),
        slot.nextDueAt(),
        slot.isDue()
            ? IntStream.range(Restatement.VIEWS.firstAge(), days)
                .mapToObj(today::minusDays)
                .toList()
            : List.of(),
        List.of(),
        "asked for on one day of the week, every %s: what moves slowly, many days in one query"
            .formatted(weeks(schedule.everyWeeks())));
  }

  private static Due period(Report report, ByPeriod schedule, KnownChannel channel, Instant now) {
    LocalDate settled =
        LocalDate.ofInstant(now, Bucket.PACIFIC)
            .minusDays(Restatement.SETTLED_AGE)
            .with(TemporalAdjusters.previousOrSame(DayOfWeek.SUNDAY));
    @Nullable LocalDate stored =
        channel.checks().getOrDefault(report, Map.of()).keySet().stream()
            .max(Comparator.naturalOrder())
            .orElse(null);
    LocalDate last = stored == null ? settled : nextPeriod(schedule, stored, settled);
    Instant opens =
        stored == null
            ? weeklySlot(report, schedule.everyWeeks(), channel, now).nextDueAt()
            : opensOnOwnDay(report, channel, last.plusDays(Restatement.SETTLED_AGE));
    boolean isDue = !opens.isAfter(now);
    return new Due(
        isDue,
        isDue ? now : opens,
        isDue ? List.of(last, schedule.first(last)) : List.of(),
        List.of(),
        "asked for from one day of the week on, every %s: the next %s, Monday to Sunday, that YouTube has settled"
            .formatted(weeks(schedule.everyWeeks()), weeks(schedule.weeks())));
  }

  /** The last day of the period after one that is stored; of those missed the last few weeks. */
  private static LocalDate nextPeriod(ByPeriod schedule, LocalDate stored, LocalDate settled) {
    LocalDate next = stored.plusWeeks(schedule.everyWeeks());
    LocalDate earliest = settled.minusWeeks(MISSED_WEEKS - 1);
    return next.isBefore(earliest) ? earliest : next;
  }

  /** The channel's minute of the report's own day of the week, on this day or after it. */
  private static Instant opensOnOwnDay(Report report, KnownChannel channel, LocalDate from) {
    String channelId = channel.source().channelId();
    return from.plusDays(Math.floorMod(ownDay(report, channelId) - from.toEpochDay(), 7L))
        .atStartOfDay(Bucket.PACIFIC)
        .toInstant()
        .plus(spread(channelId));
  }

  private static long ownDay(Report report, String channelId) {
    return channelId.hashCode() + 3L * report.ordinal();
  }

  private static String weeks(int count) {
    return count == 1 ? "week" : count + " weeks";
  }

  /**
   * When a report is due on its day of the week.
   *
   * @param last the day on which it was last stored; null: never
   */
  private record WeeklySlot(boolean isDue, Instant nextDueAt, @Nullable LocalDate last) {}

  /**
   * Each report of a channel has a day of the week of its own, so that all channels and reports
   * together ask about the same each day. One that was missed waits for the next.
   */
  private static WeeklySlot weeklySlot(
      Report report, int everyWeeks, KnownChannel channel, Instant now) {
    LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
    String channelId = channel.source().channelId();
    @Nullable LocalDate last =
        channel.checks().getOrDefault(report, Map.of()).values().stream()
            .max(Comparator.naturalOrder())
            .map(Planner::pacificDay)
            .orElse(null);
    // What is fetched on its day may be stored a little later.
    LocalDate earliest = last == null ? today : last.plusDays(DAYS_AFTER_STORE);
    LocalDate from = earliest.isBefore(today) ? today : earliest;
    // The first time within a week; after that half of the channels one week, half the other.
    long cycle = last == null ? 7 : 7L * everyWeeks;
    long own = ownDay(report, channelId);
    LocalDate day = from.plusDays(Math.floorMod(own - from.toEpochDay(), cycle));
    Instant opens = day.atStartOfDay(Bucket.PACIFIC).toInstant().plus(spread(channelId));
    boolean isDue = !opens.isAfter(now);
    return new WeeklySlot(isDue, isDue ? now : opens, last);
  }

  private static @Nullable LocalDate pacificDay(@Nullable Instant at) {
    return at == null ? null : LocalDate.ofInstant(at, Bucket.PACIFIC);
  }

  /** A channel's own minute, so that not all of them ask at midnight. */
  private static Duration spread(String channelId) {
    return Duration.ofMinutes(Math.floorMod(channelId.hashCode(), SPREAD.toMinutes()));
  }

  /**
   * Three quarters of an hour of each day are a channel's own: the Reporting API takes few calls a
   * minute. What is missed is there tomorrow, for Google keeps its files for 60 days.
   */
  private static Due dailyFile(Report report, String channelId, Instant now) {
    Instant midnight =
        LocalDate.ofInstant(now, Bucket.PACIFIC).atStartOfDay(Bucket.PACIFIC).toInstant();
    int offset = report == Report.THUMBNAIL_DAY ? 0 : FILE_REPORTS_APART * report.ordinal();
    Instant opens =
        midnight.plus(Duration.ofMinutes(Math.floorMod(channelId.hashCode() + offset, 20 * 60)));
    Instant closes = opens.plus(Duration.ofMinutes(45));
    boolean isDue = !now.isBefore(opens) && now.isBefore(closes);
    return new Due(
        isDue,
        isDue ? now : now.isBefore(opens) ? opens : opens.plus(Duration.ofDays(1)),
        List.of(),
        List.of(),
        "Google writes a file a day, two days late, and now and then a better one; each is read once, in three quarters of an hour of the day that are the channel's own");
  }

  private static Due videoStatistics(KnownChannel channel, Instant now) {
    List<String> due = new ArrayList<>();
    @Nullable Instant next = null;
    for (KnownVideo video : channel.videos()) {
      AgeTier tier = tier(video, now);
      if (tier == null || video.isGone()) {
        continue;
      }
      Instant at = video.observedAt() == null ? now : video.observedAt().plus(tier.every());
      if (!isYoung(video, now)) {
        at = later(at, absenceEnds(video.absence(), FIRST_MISS));
      }
      if (!at.isAfter(now)) {
        due.add(video.videoId());
      }
      if (next == null || at.isBefore(next)) {
        next = at;
      }
    }
    return new Due(
        !due.isEmpty(),
        next != null && next.isBefore(now) ? now : next,
        List.of(),
        due,
        TIERS_IN_WORDS);
  }

  /**
   * Whether a video is so new that it is asked for at every tick, be it shown or not: YouTube may
   * be behind with it.
   */
  static boolean isYoung(KnownVideo video, Instant now) {
    return TIERS.getFirst().equals(tier(video, now));
  }

  /** Null for videos that are too old to be looked at. */
  private static @Nullable AgeTier tier(KnownVideo video, Instant now) {
    Duration age = Duration.between(video.publishedAt(), now);
    return TIERS.stream()
        .filter(tier -> age.compareTo(tier.upToAge()) <= 0)
        .findFirst()
        .orElse(null);
  }

  private static Due videoDetails(KnownChannel channel, Instant now) {
    List<String> due = new ArrayList<>();
    @Nullable Instant next = null;
    for (KnownVideo video : channel.videos()) {
      Instant at =
          video.hasDetails()
              ? video.refreshedAt().plus(DETAILS_KEPT)
              : slotAfter(video.refreshedAt());
      @Nullable Instant check = absenceEnds(video.absence(), OLD_HIDDEN);
      if (check != null && video.isGone()) {
        // It is erased in a few days; until then it may come back.
        at = check;
      } else if (check != null) {
        // Whoever counts a video's statistics asks whether it is still there; of old ones this
        // does.
        at = tier(video, now) == null ? check : later(at, check);
      } else if (video.absence() != null && tier(video, now) == null) {
        at = now;
      }
      if (!at.isAfter(now)) {
        due.add(video.videoId());
      }
      if (next == null || at.isBefore(next)) {
        next = at;
      }
    }
    return new Due(
        !due.isEmpty(),
        next != null && next.isBefore(now) ? now : next,
        List.of(),
        due,
        "new videos every 6 hours, fifty together; all of them again after 25 days, because titles may be kept for 30");
  }

  /**
   * Until when a video is not asked for because YouTube did not show it; null: it is to be asked.
   */
  private static @Nullable Instant absenceEnds(@Nullable Absence absence, Duration hidden) {
    if (absence == null || absence.askedAt() == null) {
      return null;
    }
    return absence
        .askedAt()
        .plus(
            switch (absence.misses()) {
              case 0 -> hidden;
              case 1 -> FIRST_MISS;
              default -> SECOND_MISS;
            });
  }

  private static Instant later(Instant one, @Nullable Instant other) {
    return other == null || one.isAfter(other) ? one : other;
  }

  private static Instant slotAfter(Instant moment) {
    long slot = DETAILS_SLOT.toSeconds();
    return Instant.ofEpochSecond((moment.getEpochSecond() / slot + 1) * slot);
  }

  private Due uploads(KnownChannel channel, Instant now) {
    UploadSteps steps = steps(channel, now);
    Source source = channel.source();
    Instant next =
        Stream.of(
                after(source.uploads().playlistReadAt(), READ_PLAYLIST, now),
                isPushed(source, now)
                    ? now.plus(READ_PLAYLIST)
                    : after(source.uploads().feedReadAt(), READ_FEED, now))
            .min(Comparator.naturalOrder())
            .orElseThrow();
    boolean isDue = steps.subscribe() || steps.readFeed() || steps.readPlaylist();
    return new Due(
        isDue,
        isDue ? now : next,
        List.of(),
        List.of(),
        isPushed(source, now)
            ? "YouTube's hub pushes new videos; the uploads playlist is read once a day, to be sure"
            : hasLease(source, now)
                ? "YouTube's hub did not push a video that it should have pushed, so the public feed is read hourly for a week, or until it pushes again"
                : "the public feed is read hourly, the uploads playlist once a day, or every 2 hours while the feed is away");
  }

  UploadSteps steps(KnownChannel channel, Instant now) {
    Source source = channel.source();
    boolean subscribe =
        pushed
            && (source.uploads().leaseUntil() == null
                || !now.isBefore(source.uploads().leaseUntil().minus(RENEW_BEFORE_END)))
            && !after(source.uploads().subscribeAskedAt(), SUBSCRIBE_AGAIN, now).isAfter(now);
    boolean readFeed =
        !isPushed(source, now)
            && !after(source.uploads().feedReadAt(), READ_FEED, now).isAfter(now);
    boolean wholeMonth = channel.videos().isEmpty();
    boolean readPlaylist =
        !after(source.uploads().playlistReadAt(), READ_PLAYLIST, now).isAfter(now);
    return new UploadSteps(subscribe, readFeed, readPlaylist, wholeMonth);
  }

  /** Whether to read the playlist because the feed, which should have been read, is away. */
  static boolean readPlaylistInstead(Source source, Instant now) {
    return !after(source.uploads().playlistReadAt(), READ_PLAYLIST_WITHOUT_FEED, now).isAfter(now);
  }

  boolean isPushed(Source source, Instant now) {
    return hasLease(source, now)
        && (source.uploads().hubSilentSince() == null
            || !now.isBefore(source.uploads().hubSilentSince().plus(HUB_SILENCE)));
  }

  private boolean hasLease(Source source, Instant now) {
    return pushed
        && source.uploads().leaseUntil() != null
        && now.isBefore(source.uploads().leaseUntil());
  }

  /**
   * Whether the hub should have pushed a video that was found in another way. A push comes within
   * minutes; what was published before the hub was asked, or before the playlist was read last,
   * tells nothing.
   */
  boolean isHubSilent(Source source, Instant publishedAt, Instant now) {
    return hasLease(source, now)
        && source.uploads().subscribeAskedAt() != null
        && publishedAt.isAfter(source.uploads().subscribeAskedAt())
        && source.uploads().playlistReadAt() != null
        && publishedAt.isAfter(source.uploads().playlistReadAt())
        && publishedAt.isBefore(now.minus(PUSHED_WITHIN));
  }

  private static Instant after(@Nullable Instant last, Duration pause, Instant now) {
    return last == null ? now : last.plus(pause);
  }
}
