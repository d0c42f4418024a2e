package com.ytempire.sidecar.quality;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many channels a run reconciles, so that half a day suffices for all, however many
 * there are and however long a run and the pause after it take: of all channels, those that are
 * done today among them, the share that the time since the last run is of half a day. Of one
 * thread.
 */
final class RevenuePace {
  private static final Duration HALF_A_DAY = Duration.ofHours(12);

  /** So that a small installation is done within some runs. */
  private static final int MIN_CHANNELS_PER_RUN = 2;

  private final Duration interval;
  private @Nullable Instant last;

  /**
   * Creates a pace.
   *
   * @param interval from one run to the next, where a run takes no time
   */
  RevenuePace(Duration interval) {
    this.interval = interval;
  }

  /**
   * Starts a run.
   *
   * @param channels that are reconciled once a day
   * @return how many of them this run reconciles
   */
  int start(int channels, Instant now) {
    @Nullable Instant before = last;
    last = now;
    Duration since = before == null ? interval : Duration.between(before, now);
    long millis = Math.clamp(since.toMillis(), interval.toMillis(), HALF_A_DAY.toMillis());
    long share = Math.ceilDiv(channels * millis, HALF_A_DAY.toMillis());
    return (int) Math.max(MIN_CHANNELS_PER_RUN, share);
  }
}
