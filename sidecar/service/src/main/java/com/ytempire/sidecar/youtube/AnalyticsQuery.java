package com.ytempire.sidecar.youtube;

import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One question to Analytics' {@code reports.query} about one channel. {@link LegalReport} says
 * which questions Google answers; any other is refused before it costs a call.
 *
 * @param first first day, YouTube's (Pacific) day, and {@code last} the last
 * @param dimensions by YouTube's names, such as {@code day}
 * @param videoIds only these videos; empty: the whole channel
 * @param sortBy largest first, by this metric; null: in Google's order
 * @param most rows at most; null: all
 * @param trafficSource only views from this type of source; null: from all
 * @param currency of amounts, by ISO 4217; null: USD
 */
public record AnalyticsQuery(
    String channelId,
    LocalDate first,
    LocalDate last,
    List<String> dimensions,
    List<Metric> metrics,
    List<String> videoIds,
    @Nullable Metric sortBy,
    @Nullable Integer most,
    @Nullable String trafficSource,
    @Nullable String currency) {
  /** Videos that one filter may name: 500 are answered, 501 with 400. */
  public static final int MAX_VIDEOS = 500;

  /** Rows of one answer: 10,000 are answered, 25,000 with 400. */
  public static final int MAX_ROWS = 10_000;

  /** Rows of a report of the largest videos, from its documentation. */
  public static final int MAX_TOP_VIDEOS = 200;

  public static final String DAY = "day";
  public static final String VIDEO = "video";
  public static final String ELAPSED = "elapsedVideoTimeRatio";
  public static final String TRAFFIC_SOURCE = "insightTrafficSourceType";
  public static final String TRAFFIC_DETAIL = "insightTrafficSourceDetail";
  public static final String CONTENT_TYPE = "creatorContentType";
  public static final String SUBSCRIBED_STATUS = "subscribedStatus";
  public static final String DEVICE_TYPE = "deviceType";
  public static final String OPERATING_SYSTEM = "operatingSystem";
  public static final String COUNTRY = "country";
  public static final String AGE_GROUP = "ageGroup";
  public static final String GENDER = "gender";
  public static final String AD_TYPE = "adType";
  public static final String PLAYBACK_LOCATION = "insightPlaybackLocationType";

  /** Rows of the whole channel, in Google's order. */
  public static AnalyticsQuery of(
      String channelId,
      LocalDate first,
      LocalDate last,
      List<String> dimensions,
      List<Metric> metrics) {
    return new AnalyticsQuery(
        channelId, first, last, dimensions, metrics, List.of(), null, null, null, null);
  }

  /** The same question about these videos only. */
  public AnalyticsQuery ofVideos(List<String> ids) {
    return new AnalyticsQuery(
        channelId,
        first,
        last,
        dimensions,
        metrics,
        List.copyOf(ids),
        sortBy,
        most,
        trafficSource,
        currency);
  }

  /** The same question with a bound on its rows, in Google's order. */
  public AnalyticsQuery limit(int rows) {
    return new AnalyticsQuery(
        channelId,
        first,
        last,
        dimensions,
        metrics,
        videoIds,
        sortBy,
        rows,
        trafficSource,
        currency);
  }

  /** The same question for other metrics; one that it is sorted by must be among them. */
  public AnalyticsQuery withMetrics(List<Metric> others) {
    return new AnalyticsQuery(
        channelId,
        first,
        last,
        dimensions,
        List.copyOf(others),
        videoIds,
        sortBy,
        most,
        trafficSource,
        currency);
  }

  /** The same question for the largest by a metric. */
  public AnalyticsQuery top(Metric metric, int rows) {
    return new AnalyticsQuery(
        channelId,
        first,
        last,
        dimensions,
        metrics,
        videoIds,
        metric,
        rows,
        trafficSource,
        currency);
  }

  /** The same question about views from one type of traffic source only. */
  public AnalyticsQuery ofSource(String type) {
    return new AnalyticsQuery(
        channelId, first, last, dimensions, metrics, videoIds, sortBy, most, type, currency);
  }

  /**
   * The same question with amounts in a currency, to which Google converts.
   *
   * @param code of ISO 4217; null: USD
   */
  public AnalyticsQuery in(@Nullable String code) {
    return new AnalyticsQuery(
        channelId, first, last, dimensions, metrics, videoIds, sortBy, most, trafficSource, code);
  }
}
