package com.ytempire.sidecar.youtube;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The metrics of Analytics that the platform keeps, by the names that YouTube gives them. */
public enum Metric {
  VIEWS("views", Kind.COUNT),
  ENGAGED_VIEWS("engagedViews", Kind.COUNT),
  ESTIMATED_MINUTES_WATCHED("estimatedMinutesWatched", Kind.COUNT),
  AVERAGE_VIEW_DURATION("averageViewDuration", Kind.COUNT),
  AVERAGE_VIEW_PERCENTAGE("averageViewPercentage", Kind.PERCENT),
  LIKES("likes", Kind.COUNT),
  COMMENTS("comments", Kind.COUNT),
  SHARES("shares", Kind.COUNT),
  SUBSCRIBERS_GAINED("subscribersGained", Kind.COUNT),
  SUBSCRIBERS_LOST("subscribersLost", Kind.COUNT),
  ESTIMATED_REVENUE("estimatedRevenue", Kind.MONEY),
  ESTIMATED_AD_REVENUE("estimatedAdRevenue", Kind.MONEY),
  GROSS_REVENUE("grossRevenue", Kind.MONEY),
  MONETIZED_PLAYBACKS("monetizedPlaybacks", Kind.COUNT),
  PLAYBACK_BASED_CPM("playbackBasedCpm", Kind.MONEY),
  AD_IMPRESSIONS("adImpressions", Kind.COUNT),
  CPM("cpm", Kind.MONEY),
  AUDIENCE_WATCH_RATIO("audienceWatchRatio", Kind.RATIO),
  RELATIVE_RETENTION_PERFORMANCE("relativeRetentionPerformance", Kind.RATIO),
  STARTED_WATCHING("startedWatching", Kind.COUNT),
  STOPPED_WATCHING("stoppedWatching", Kind.COUNT),
  TOTAL_SEGMENT_IMPRESSIONS("totalSegmentImpressions", Kind.COUNT),
  VIEWER_PERCENTAGE("viewerPercentage", Kind.PERCENT);

  /** The unit of a metric: whole numbers, percent, USD, or a share of one. */
  public enum Kind {
    COUNT,
    PERCENT,
    MONEY,
    RATIO
  }

  private final String label;
  private final Kind kind;

  Metric(String label, Kind kind) {
    this.label = label;
    this.kind = kind;
  }

  /** YouTube's name. */
  public String label() {
    return label;
  }

  public Kind kind() {
    return kind;
  }

  /** Whether only monetized channels have it. */
  public boolean isRevenue() {
    return REVENUE.contains(this);
  }

  /** Whether it adds up over days, so that a day on which nothing happened has zero of it. */
  public boolean isSum() {
    return switch (this) {
      case AVERAGE_VIEW_DURATION,
          AVERAGE_VIEW_PERCENTAGE,
          PLAYBACK_BASED_CPM,
          CPM,
          AUDIENCE_WATCH_RATIO,
          RELATIVE_RETENTION_PERFORMANCE ->
          false;
      default -> true;
    };
  }

  private static final Map<String, Metric> BY_LABEL =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(Metric::label, metric -> metric));

  /** The metric of YouTube's name. */
  public static Optional<Metric> of(String label) {
    return Optional.ofNullable(BY_LABEL.get(label));
  }

  /** What every channel has; one query. */
  public static final List<Metric> CORE =
      List.of(
          VIEWS,
          ENGAGED_VIEWS,
          ESTIMATED_MINUTES_WATCHED,
          AVERAGE_VIEW_DURATION,
          AVERAGE_VIEW_PERCENTAGE,
          LIKES,
          COMMENTS,
          SHARES,
          SUBSCRIBERS_GAINED,
          SUBSCRIBERS_LOST);

  /**
   * What monetized channels have; a query of its own, because a slow metric cuts a query's last
   * days off for all others.
   */
  public static final List<Metric> REVENUE =
      List.of(
          ESTIMATED_REVENUE,
          ESTIMATED_AD_REVENUE,
          GROSS_REVENUE,
          MONETIZED_PLAYBACKS,
          PLAYBACK_BASED_CPM,
          AD_IMPRESSIONS,
          CPM);

  /** Revenue by video: Analytics refuses adImpressions there. */
  public static final List<Metric> REVENUE_BY_VIDEO =
      REVENUE.stream().filter(metric -> metric != AD_IMPRESSIONS).toList();

  /** Everything that a channel's day can have. */
  public static final List<Metric> CHANNEL_DAY =
      Stream.concat(CORE.stream(), REVENUE.stream()).toList();

  /** Everything that a video's day can have. */
  public static final List<Metric> VIDEO_DAY =
      Stream.concat(CORE.stream(), Stream.of(ESTIMATED_REVENUE)).toList();

  /** Everything that a video in a period can have. */
  public static final List<Metric> TOP_VIDEOS =
      Stream.concat(CORE.stream(), REVENUE_BY_VIDEO.stream()).toList();

  /** How an audience stays with one video. */
  public static final List<Metric> RETENTION =
      List.of(
          AUDIENCE_WATCH_RATIO,
          RELATIVE_RETENTION_PERFORMANCE,
          STARTED_WATCHING,
          STOPPED_WATCHING,
          TOTAL_SEGMENT_IMPRESSIONS);

  /** Metrics by traffic source, device type and playback location. */
  public static final List<Metric> TRAFFIC = List.of(VIEWS, ESTIMATED_MINUTES_WATCHED);

  /** Metrics of playbacks by subscribed status. */
  public static final List<Metric> PLAYBACK =
      List.of(VIEWS, ESTIMATED_MINUTES_WATCHED, AVERAGE_VIEW_DURATION, LIKES, SHARES);

  /** Metrics by content type. */
  public static final List<Metric> CONTENT_TYPE =
      List.of(
          VIEWS,
          ENGAGED_VIEWS,
          ESTIMATED_MINUTES_WATCHED,
          AVERAGE_VIEW_DURATION,
          LIKES,
          COMMENTS,
          SHARES);

  /** Metrics by country. */
  public static final List<Metric> GEOGRAPHY =
      Stream.concat(CONTENT_TYPE.stream(), Stream.of(SUBSCRIBERS_GAINED, SUBSCRIBERS_LOST))
          .toList();

  /** The metric of an audience's age and gender. */
  public static final List<Metric> DEMOGRAPHICS = List.of(VIEWER_PERCENTAGE);

  /** Metrics by type of ad. */
  public static final List<Metric> ADS = List.of(GROSS_REVENUE, AD_IMPRESSIONS, CPM);
}
