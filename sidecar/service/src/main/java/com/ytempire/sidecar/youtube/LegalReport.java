package com.ytempire.sidecar.youtube;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The combinations of dimensions, metrics, filters and sorts that Analytics answers; every other
 * comes back as "The query is not supported." and has cost a call. Of Google's channel reports,
 * those that the platform asks for (developers.google.com/youtube/analytics/channel_reports),
 * narrowed by what was measured: {@code day,video} without a filter and {@code adImpressions} by
 * video are refused.
 */
enum LegalReport {
  CHANNEL_BY_DAY(
      List.of(AnalyticsQuery.DAY), Videos.NONE_OR_ONE, both(Metric.CORE, Metric.REVENUE), Set.of()),
  TOP_VIDEOS(
      List.of(AnalyticsQuery.VIDEO),
      Videos.NONE,
      both(Metric.CORE, Metric.REVENUE_BY_VIDEO),
      Set.of(
          Metric.VIEWS,
          Metric.ESTIMATED_REVENUE,
          Metric.ESTIMATED_MINUTES_WATCHED,
          Metric.SUBSCRIBERS_GAINED,
          Metric.SUBSCRIBERS_LOST)),
  /**
   * Documented on the page of {@code reports.query} ("you can also add that filter to the list of
   * dimensions"); measured with 204 videos and 30 days (kyle-chalmers/youtube-bigquery-pipeline,
   * September 2026).
   */
  VIDEOS_BY_DAY(
      List.of(AnalyticsQuery.DAY, AnalyticsQuery.VIDEO),
      Videos.SOME,
      both(Metric.CORE, Metric.REVENUE_BY_VIDEO),
      Set.of()),
  RETENTION(
      List.of(AnalyticsQuery.ELAPSED), Videos.ONE, both(Metric.RETENTION, List.of()), Set.of()),
  TRAFFIC_SOURCES_BY_DAY(
      List.of(AnalyticsQuery.DAY, AnalyticsQuery.TRAFFIC_SOURCE),
      Videos.NONE_OR_ONE,
      both(Metric.TRAFFIC, List.of()),
      Set.of()),
  CONTENT_TYPES_BY_DAY(
      List.of(AnalyticsQuery.DAY, AnalyticsQuery.CONTENT_TYPE),
      Videos.NONE_OR_ONE,
      both(Metric.CONTENT_TYPE, List.of()),
      Set.of()),
  SUBSCRIBED_STATUS_BY_DAY(
      List.of(AnalyticsQuery.DAY, AnalyticsQuery.SUBSCRIBED_STATUS),
      Videos.NONE_OR_ONE,
      both(Metric.PLAYBACK, List.of()),
      Set.of()),
  DEVICE_TYPES_BY_DAY(
      List.of(AnalyticsQuery.DAY, AnalyticsQuery.DEVICE_TYPE),
      Videos.NONE_OR_ONE,
      both(Metric.TRAFFIC, List.of()),
      Set.of()),
  OPERATING_SYSTEMS_BY_DAY(
      List.of(AnalyticsQuery.DAY, AnalyticsQuery.OPERATING_SYSTEM),
      Videos.NONE_OR_ONE,
      both(Metric.TRAFFIC, List.of()),
      Set.of()),
  PLAYBACK_LOCATIONS_BY_DAY(
      List.of(AnalyticsQuery.DAY, AnalyticsQuery.PLAYBACK_LOCATION),
      Videos.NONE_OR_ONE,
      both(Metric.TRAFFIC, List.of()),
      Set.of()),
  AD_TYPES_BY_DAY(
      List.of(AnalyticsQuery.DAY, AnalyticsQuery.AD_TYPE),
      Videos.NONE_OR_ONE,
      both(Metric.ADS, List.of()),
      Set.of()),
  /** By period only: Analytics refuses {@code country} together with {@code day}. */
  COUNTRIES(
      List.of(AnalyticsQuery.COUNTRY),
      Videos.NONE_OR_ONE,
      both(Metric.GEOGRAPHY, List.of()),
      Set.of()),
  /** By period only, and percentages only. */
  DEMOGRAPHICS(
      List.of(AnalyticsQuery.AGE_GROUP, AnalyticsQuery.GENDER),
      Videos.NONE_OR_ONE,
      both(Metric.DEMOGRAPHICS, List.of()),
      Set.of()),
  /** By period only, of one type of source. */
  TRAFFIC_DETAILS(
      List.of(AnalyticsQuery.TRAFFIC_DETAIL),
      Videos.NONE_OR_ONE,
      both(Metric.TRAFFIC, List.of()),
      Set.copyOf(Metric.TRAFFIC));

  /**
   * Videos that one filter may name; more make the address too long (500 are Google's own example).
   */
  static final int MAX_VIDEOS = AnalyticsQuery.MAX_VIDEOS;

  /** Rows of a top report, from its documentation. */
  static final int MAX_ROWS = AnalyticsQuery.MAX_TOP_VIDEOS;

  /** Rows of a report of traffic source details, from its documentation. */
  static final int MAX_DETAILS = 25;

  /** The number of videos that the filter may name. */
  private enum Videos {
    NONE("no video filter"),
    NONE_OR_ONE("no video filter, or one with one video"),
    ONE("a filter with exactly one video"),
    SOME("a filter with 1 to " + MAX_VIDEOS + " videos");

    private final String words;

    Videos(String words) {
      this.words = words;
    }

    boolean fits(int count) {
      return switch (this) {
        case NONE -> count == 0;
        case NONE_OR_ONE -> count <= 1;
        case ONE -> count == 1;
        case SOME -> count >= 1 && count <= MAX_VIDEOS;
      };
    }
  }

  private final List<String> dimensions;
  private final Videos videos;
  private final Set<Metric> metrics;

  /** Not empty: the report must be sorted by one of these and say how many rows. */
  private final Set<Metric> sorts;

  LegalReport(List<String> dimensions, Videos videos, Set<Metric> metrics, Set<Metric> sorts) {
    this.dimensions = dimensions;
    this.videos = videos;
    this.metrics = metrics;
    this.sorts = sorts;
  }

  /** By YouTube's names. */
  List<String> dimensions() {
    return dimensions;
  }

  private static Set<Metric> both(List<Metric> some, List<Metric> more) {
    Set<Metric> all = EnumSet.noneOf(Metric.class);
    all.addAll(some);
    all.addAll(more);
    return all;
  }

  /**
   * Lets a query through that Google answers.
   *
   * @throws YouTubeException with {@link Failure.Refused}, which says all that is wrong and what
   *     would be legal; nothing was sent
   */
  static void check(AnalyticsQuery query) {
    List<String> faults = new ArrayList<>();
    LegalReport report =
        Stream.of(values())
            .filter(each -> Set.copyOf(each.dimensions).equals(Set.copyOf(query.dimensions())))
            .findFirst()
            .orElse(null);
    if (report == null) {
      throw refused(
          "there is no report by %s; there are: %s"
              .formatted(
                  query.dimensions().isEmpty() ? "nothing" : String.join(",", query.dimensions()),
                  Stream.of(values())
                      .map(each -> String.join(",", each.dimensions))
                      .distinct()
                      .collect(Collectors.joining("; "))));
    }
    if (query.last().isBefore(query.first())) {
      faults.add(
          "the first day, %s, comes after the last, %s".formatted(query.first(), query.last()));
    }
    List<Metric> alien =
        query.metrics().stream().filter(metric -> !report.metrics.contains(metric)).toList();
    if (query.metrics().isEmpty() || !alien.isEmpty()) {
      faults.add(
          "%s; it takes %s"
              .formatted(
                  alien.isEmpty() ? "it needs a metric" : "it does not take " + labels(alien),
                  labels(report.metrics)));
    }
    if (!report.videos.fits(query.videoIds().size())) {
      faults.add(
          "it takes %s, not %d videos".formatted(report.videos.words, query.videoIds().size()));
    }
    if ((report == TRAFFIC_DETAILS) != (query.trafficSource() != null)) {
      faults.add(
          report == TRAFFIC_DETAILS
              ? "it needs a filter with one type of traffic source"
              : "it takes no filter of traffic sources");
    }
    report.checkTop(query, faults);
    if (report.sorts.isEmpty()
        && query.limit() != null
        && (query.limit() < 1 || query.limit() > AnalyticsQuery.MAX_ROWS)) {
      faults.add("it takes at most %d rows, and at least 1".formatted(AnalyticsQuery.MAX_ROWS));
    }
    if (!faults.isEmpty()) {
      throw refused(
          "the report %s cannot be asked so: %s"
              .formatted(
                  report.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                  String.join("; ", faults)));
    }
  }

  private void checkTop(AnalyticsQuery query, List<String> faults) {
    if (sorts.isEmpty()) {
      if (query.sortBy() != null && !query.metrics().contains(query.sortBy())) {
        faults.add("it can be sorted by its own metrics only, not by " + query.sortBy().label());
      }
      return;
    }
    if (query.sortBy() == null
        || !sorts.contains(query.sortBy())
        || !query.metrics().contains(query.sortBy())) {
      faults.add(
          "it must be sorted, largest first, by one of its metrics out of %s"
              .formatted(labels(sorts)));
    }
    int maxRows = this == TRAFFIC_DETAILS ? MAX_DETAILS : MAX_ROWS;
    if (query.limit() == null || query.limit() < 1 || query.limit() > maxRows) {
      faults.add("it must say how many rows, 1 to " + maxRows);
    }
  }

  private static YouTubeException refused(String why) {
    return new YouTubeException(
        new Failure.Refused(
            "YouTube Analytics would refuse this, so it was not asked: " + why + "."));
  }

  private static String labels(Iterable<Metric> metrics) {
    List<String> labels = new ArrayList<>();
    metrics.forEach(metric -> labels.add(metric.label()));
    return String.join(", ", labels.stream().sorted().toList());
  }
}
