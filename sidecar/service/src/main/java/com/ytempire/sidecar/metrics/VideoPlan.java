package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.KnownChannel.KnownVideo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Plans the current statistics and the details of a channel's videos. */
final class VideoPlan {
  /** How often videos of an age are looked at, in steps; older ones are left to Analytics. */
  private static final List<AgeTier> TIERS =
      List.of(
          new AgeTier(Duration.ofHours(48), ChannelStatisticsPlan.EVERY_TICK),
          new AgeTier(Duration.ofDays(7), Duration.ofMinutes(55)),
          new AgeTier(Duration.ofDays(30), Duration.ofMinutes(355)));

  private static final String TIERS_IN_WORDS =
      "videos up to 48 hours old at every tick, up to 7 days hourly, up to 30 days every 6 hours";

  /** Titles may be kept for 30 days (Developer Policies III.E.4.c). */
  private static final Duration DETAILS_KEPT = Duration.ofDays(25);

  /** Details of new videos wait for others, so that fifty travel together. */
  private static final Duration DETAILS_SLOT = Duration.ofHours(6);

  /**
   * How long a video waits that is private, and so shown to its owner alone: one whose statistics
   * are counted, and an old one.
   */
  private static final Duration HIDDEN = Duration.ofHours(6);

  private static final Duration OLD_HIDDEN = Duration.ofHours(24);

  private VideoPlan() {}

  private record AgeTier(Duration upToAge, Duration every) {}

  static DuePart statistics(KnownChannel channel, Instant now) {
    return due(channel, now, video -> statisticsAt(video, now), TIERS_IN_WORDS);
  }

  static DuePart details(KnownChannel channel, Instant now) {
    return due(
        channel,
        now,
        video -> detailsAt(video, now),
        "new videos every 6 hours, fifty together; all of them again after 25 days, because titles may be kept for 30");
  }

  /**
   * The videos that are due.
   *
   * @param moment when a video is due; null: not while things stay as they are
   */
  private static DuePart due(
      KnownChannel channel,
      Instant now,
      Function<KnownVideo, @Nullable Instant> moment,
      String why) {
    List<String> due = new ArrayList<>();
    @Nullable Instant next = null;
    for (KnownVideo video : channel.videos()) {
      @Nullable Instant at = moment.apply(video);
      if (at != null && !at.isAfter(now)) {
        due.add(video.videoId());
      }
      if (at != null && (next == null || at.isBefore(next))) {
        next = at;
      }
    }
    return new DuePart(
        !due.isEmpty(), next != null && next.isBefore(now) ? now : next, List.of(), due, why);
  }

  private static @Nullable Instant statisticsAt(KnownVideo video, Instant now) {
    @Nullable AgeTier tier = tier(video, now);
    if (tier == null || video.isGone()) {
      return null;
    }
    Instant at = DuePart.after(video.observedAt(), tier.every(), now);
    return isYoung(video, now) ? at : later(at, video.absenceEnds(HIDDEN));
  }

  private static Instant detailsAt(KnownVideo video, Instant now) {
    Instant at =
        video.hasDetails()
            ? video.refreshedAt().plus(DETAILS_KEPT)
            : slotAfter(video.refreshedAt());
    @Nullable Instant check = video.absenceEnds(OLD_HIDDEN);
    boolean isOld = tier(video, now) == null;
    if (check == null) {
      return video.absence() != null && isOld ? now : at;
    }
    // One that is gone is erased in a few days; until then it may come back. Whoever counts a
    // video's statistics asks whether it is still there; of old ones this does.
    return video.isGone() || isOld ? check : later(at, check);
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

  private static Instant later(Instant one, @Nullable Instant other) {
    return other == null || one.isAfter(other) ? one : other;
  }

  private static Instant slotAfter(Instant moment) {
    long slot = DETAILS_SLOT.toSeconds();
    return Instant.ofEpochSecond((moment.getEpochSecond() / slot + 1) * slot);
  }
}
