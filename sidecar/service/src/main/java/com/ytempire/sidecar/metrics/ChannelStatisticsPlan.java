package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.PlanDao.Source;
import java.time.Duration;
import java.time.Instant;

/** Plans the current statistics of channels. */
final class ChannelStatisticsPlan {
  /** A tick comes every 15 minutes, a little early or late; current statistics never miss one. */
  static final Duration EVERY_TICK = Duration.ofMinutes(10);

  /**
   * A channel without videos has no views to count, and one whose totals have not moved for two
   * days is hardly watched; this keeps their figures from being stale.
   */
  private static final Duration IDLE_CHANNEL = Duration.ofHours(3);

  private ChannelStatisticsPlan() {}

  static DuePart due(Source.Statistics statistics, Instant now) {
    Long videos = statistics.videoCount();
    boolean isEmpty = videos != null && videos == 0;
    return DuePart.at(
        DuePart.after(
            statistics.statisticsAt(),
            isEmpty || statistics.isIdle() ? IDLE_CHANNEL : EVERY_TICK,
            now),
        now,
        isEmpty
            ? "a channel without videos is looked at every 3 hours"
            : statistics.isIdle()
                ? "a channel whose totals have not moved for two days is looked at every 3 hours, until they move"
                : "current statistics are never more than a tick of 15 minutes old");
  }
}
