package com.ytempire.sidecar.youtube;

import java.util.List;
import java.util.Map;

/**
 * The rule by which the lines of a file of the Reporting API are added up: by day and by one column
 * at a time. The files break a channel down by video and several dimensions at once, which is more
 * than is kept.
 *
 * @param reportType Google's id of the report, such as {@code channel_basic_a3}
 * @param columns that are broken down by, each for itself: the name of the dimension, and its
 *     column
 * @param sums columns that are added: our name of the metric, and its column
 * @param hasReach whether impressions are added and their click-through rates averaged by them
 */
public record BulkQuery(
    String reportType, Map<String, String> columns, Map<String, String> sums, boolean hasReach) {
  /** Views and what goes with them, by country (developers.google.com/youtube/reporting). */
  public static final BulkQuery COUNTRIES =
      new BulkQuery(
          "channel_basic_a3",
          Map.of("country", "country_code"),
          Map.of(
              Metric.VIEWS.label(), "views",
              Metric.ENGAGED_VIEWS.label(), "engaged_views",
              Metric.ESTIMATED_MINUTES_WATCHED.label(), "watch_time_minutes",
              Metric.LIKES.label(), "likes",
              Metric.COMMENTS.label(), "comments",
              Metric.SHARES.label(), "shares",
              Metric.SUBSCRIBERS_GAINED.label(), "subscribers_gained",
              Metric.SUBSCRIBERS_LOST.label(), "subscribers_lost"),
          false);

  /** Thumbnail impressions and click-through rates, by traffic source and by type of device. */
  public static final BulkQuery REACH_SOURCES =
      new BulkQuery(
          "channel_reach_combined_a1",
          Map.of("thumbnailTrafficSource", "traffic_source_type", "thumbnailDevice", "device_type"),
          Map.of(),
          true);

  /** The names of the dimensions. */
  public List<String> dimensions() {
    return columns.keySet().stream().sorted().toList();
  }
}
