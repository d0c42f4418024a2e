package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * What can be fetched, and for how long its numbers stay the same by their nature, so that asking
 * again sooner buys nothing: Analytics moves once a day, statistics with every view.
 */
enum Report {
  CHANNEL_STATISTICS("channel-statistics", Duration.ofMinutes(10)),
  RECENT_UPLOADS("recent-uploads", Duration.ofMinutes(120)),
  VIDEO_STATISTICS("video-statistics", Duration.ofMinutes(10)),
  CHANNEL_DAY("channel-day", Duration.ofMinutes(360)),
  VIDEO_DAY("video-day", Duration.ofMinutes(360));

  private final String label;
  private final Duration fresh;

  Report(String label, Duration fresh) {
    this.label = label;
    this.fresh = fresh;
  }

  String label() {
    return label;
  }

  Duration fresh() {
    return fresh;
  }

  /** The contract lets no other label through. */
  static Report of(String label) {
    return Stream.of(values())
        .filter(report -> report.label.equals(label))
        .findFirst()
        .orElseThrow();
  }
}
