package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.PlanDao.Source;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
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

  /**
   * A video as the plan sees it.
   *
   * @param observedAt when its statistics were last stored
   */
  record KnownVideo(
      String videoId,
      Instant publishedAt,
      Instant refreshedAt,
      boolean hasDetails,
      @Nullable Instant observedAt) {}
}
