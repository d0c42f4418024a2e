package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.youtube.AnalyticsQuery.DAY;

import com.ytempire.sidecar.youtube.Metric;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A query of Analytics.
 *
 * @param dimensions by YouTube's names
 * @param metrics that are fetched unless the request names others
 * @param selectable metrics that a request may name: those that the rows have a field for
 */
record ReportQuery(
    Form form, List<String> dimensions, List<Metric> metrics, List<Metric> selectable) {
  /** The extent of one query. */
  enum Form {
    /** The days of a channel. */
    DAYS,
    /** The largest videos of one day, or the days of certain videos. */
    VIDEOS_OF_A_DAY,
    /** The largest videos of a period. */
    TOP,
    /** One video in a period. */
    CURVE,
    /** A channel, or one video, in a period. */
    PERIOD,
    /** The largest sources of each of a few types in a period. */
    DETAILS
  }

  /** The name of what the rows are broken down by, other than days. */
  String dimension() {
    return dimensions.stream()
        .filter(dimension -> !dimension.equals(DAY))
        .collect(Collectors.joining(","));
  }
}
