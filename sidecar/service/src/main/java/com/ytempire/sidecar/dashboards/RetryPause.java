package com.ytempire.sidecar.dashboards;

import java.time.Duration;

/** Backoff, from a minute to an hour. */
final class RetryPause {
  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private RetryPause() {}

  /** The pause after so many failures in a row. */
  static Duration after(int failures) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.clamp(failures, 0, 10));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }
}
