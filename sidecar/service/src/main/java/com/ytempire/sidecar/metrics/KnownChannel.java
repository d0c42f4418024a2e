package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.PlanDao.Source;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A channel as the plan sees it.
 *
 * @param checks when each day of each report was last stored
 * @param backfills of its reports that are not done
 */
record KnownChannel(
    Source source,
    Map<Report, Map<LocalDate, Instant>> checks,
    List<KnownVideo> videos,
    Map<Report, Backfill> backfills) {
  /** A channel without backfills. */
  KnownChannel(
      Source source, Map<Report, Map<LocalDate, Instant>> checks, List<KnownVideo> videos) {
    this(source, checks, videos, Map.of());
  }

  /** The ids of its videos. */
  Set<String> videoIds() {
    return videoIds(video -> true);
  }

  /** The ids of those of its videos that were given up as deleted. */
  Set<String> goneVideoIds() {
    return videoIds(KnownVideo::isGone);
  }

  /** The ids of those of its videos that YouTube does not show to everybody. */
  Set<String> absentVideoIds() {
    return videoIds(video -> video.absence() != null);
  }

  private Set<String> videoIds(Predicate<KnownVideo> filter) {
    return videos.stream().filter(filter).map(KnownVideo::videoId).collect(Collectors.toSet());
  }

  /**
   * A video as the plan sees it.
   *
   * @param observedAt when its statistics were last stored
   * @param absence null: YouTube shows it to everybody
   */
  record KnownVideo(
      String videoId,
      Instant publishedAt,
      Instant refreshedAt,
      boolean hasDetails,
      @Nullable Instant observedAt,
      @Nullable Absence absence) {
    /** Whether it was given up as deleted at YouTube. */
    boolean isGone() {
      return absence != null && absence.isGone();
    }

    /**
     * Until when it is not asked for because YouTube did not show it; null: it is to be asked for.
     *
     * @param hidden how long one waits that its owner alone is shown
     */
    @Nullable Instant absenceEnds(Duration hidden) {
      return absence == null ? null : absence.endsAt(hidden);
    }
  }

  /**
   * That YouTube does not show a video to everybody.
   *
   * @param askedAt when it was last asked for since then; null: not yet
   * @param misses how often in a row not even its owner was shown it
   */
  record Absence(@Nullable Instant askedAt, int misses, boolean isGone) {
    /**
     * When to ask again for a video that YouTube did not show: twice more, and then it is given up,
     * and asked for once a day until it is erased.
     */
    private static final Duration FIRST_MISS = Duration.ofHours(6);

    private static final Duration LATER_MISS = Duration.ofHours(24);

    private @Nullable Instant endsAt(Duration hidden) {
      return askedAt == null
          ? null
          : askedAt.plus(
              switch (misses) {
                case 0 -> hidden;
                case 1 -> FIRST_MISS;
                default -> LATER_MISS;
              });
    }
  }
}
