package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.Metric;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What can be fetched, and for how long its numbers stay the same by their nature, so that asking
 * again sooner buys nothing: Analytics moves once a day, statistics with every view.
 */
enum Report {
  CHANNEL_STATISTICS("channel-statistics", Duration.ofMinutes(10), List.of()),
  RECENT_UPLOADS("recent-uploads", Duration.ofMinutes(120), List.of()),
  VIDEO_STATISTICS("video-statistics", Duration.ofMinutes(10), List.of()),
  VIDEO_DETAILS("video-details", Duration.ofDays(1), List.of()),
  CHANNEL_DAY("channel-day", Duration.ofHours(6), Metric.CORE),
  CHANNEL_REVENUE_DAY("channel-revenue-day", Duration.ofHours(6), Metric.REVENUE),
  VIDEO_DAY("video-day", Duration.ofHours(6), Metric.CORE),
  VIDEO_REVENUE_DAY("video-revenue-day", Duration.ofHours(6), List.of(Metric.ESTIMATED_REVENUE)),
  TRAFFIC_SOURCE_DAY("traffic-source-day", Duration.ofHours(6), Metric.TRAFFIC),
  THUMBNAIL_DAY("thumbnail-day", Duration.ofHours(6), List.of()),
  TOP_VIDEOS("top-videos", Duration.ofHours(6), Metric.CORE),
  RETENTION("retention", Duration.ofHours(6), Metric.RETENTION);

  private final String label;
  private final Duration fresh;
  private final List<Metric> metrics;

  Report(String label, Duration fresh, List<Metric> metrics) {
    this.label = label;
    this.fresh = fresh;
    this.metrics = metrics;
  }

  String label() {
    return label;
  }

  Duration fresh() {
    return fresh;
  }

  /** What it asks Analytics for unless told otherwise; empty: it does not ask Analytics. */
  List<Metric> metrics() {
    return metrics;
  }

  /** What its rows have a field for; no other metric can be asked for. */
  List<Metric> rowMetrics() {
    return switch (this) {
      case CHANNEL_DAY, CHANNEL_REVENUE_DAY ->
          Stream.concat(Metric.CORE.stream(), Metric.REVENUE.stream()).toList();
      case VIDEO_DAY, VIDEO_REVENUE_DAY ->
          Stream.concat(Metric.CORE.stream(), Stream.of(Metric.ESTIMATED_REVENUE)).toList();
      case TOP_VIDEOS ->
          Stream.concat(Metric.CORE.stream(), Metric.REVENUE_BY_VIDEO.stream()).toList();
      default -> metrics;
    };
  }

  boolean isAnalytics() {
    return !metrics.isEmpty();
  }

  /** Whether only monetised channels have it. */
  boolean isRevenue() {
    return this == CHANNEL_REVENUE_DAY || this == VIDEO_REVENUE_DAY;
  }

  /** Whether one query covers one day of it, rather than any number. */
  boolean isDayByDay() {
    return this == VIDEO_DAY || this == VIDEO_REVENUE_DAY;
  }

  /** The contract lets no other label through. */
  static Report of(String label) {
    return Stream.of(values())
        .filter(report -> report.label.equals(label))
        .findFirst()
        .orElseThrow();
  }
}
