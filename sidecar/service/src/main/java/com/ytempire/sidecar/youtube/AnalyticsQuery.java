package com.ytempire.sidecar.youtube;

import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query of Analytics' {@code reports.query} about one channel. {@link LegalReport} says which
 * questions Google answers; any other is refused before it costs a call.
 *
 * @param dimensions by YouTube's names, such as {@code day}
 * @param currency of amounts, by ISO 4217; null: USD
 */
public record AnalyticsQuery(
    String channelId,
    Days days,
    List<String> dimensions,
    List<Metric> metrics,
    Filter filter,
    Order order,
    @Nullable String currency) {
  /** YouTube's (Pacific) days, both included. */
  public record Days(LocalDate first, LocalDate last) {}

  /**
   * The videos and the traffic source that the rows are limited to.
   *
   * @param videoIds only these videos; empty: the whole channel
   * @param trafficSource only views from this type of source; null: from all
   */
  public record Filter(List<String> videoIds, @Nullable String trafficSource) {}

  /**
   * The order of the rows, and how many come.
   *
   * @param sortBy largest first, by this metric; null: in Google's order
   * @param limit rows at most; null: all
   */
  public record Order(@Nullable Metric sortBy, @Nullable Integer limit) {}

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
        channelId,
        new Days(first, last),
        dimensions,
        metrics,
        new Filter(List.of(), null),
        new Order(null, null),
        null);
  }

  public LocalDate first() {
    return days.first();
  }

  public LocalDate last() {
    return days.last();
  }

  public List<String> videoIds() {
    return filter.videoIds();
  }

  public @Nullable String trafficSource() {
    return filter.trafficSource();
  }

  public @Nullable Metric sortBy() {
    return order.sortBy();
  }

  public @Nullable Integer limit() {
    return order.limit();
  }

  /** The same question about these videos only. */
  public AnalyticsQuery ofVideos(List<String> ids) {
    return with(new Filter(List.copyOf(ids), filter.trafficSource()));
  }

  /** The same question about views from one type of traffic source only. */
  public AnalyticsQuery ofSource(String type) {
    return with(new Filter(filter.videoIds(), type));
  }

  /** The same question with a bound on its rows, in Google's order. */
  public AnalyticsQuery limit(int rows) {
    return with(new Order(order.sortBy(), rows));
  }

  /** The same question for the largest by a metric. */
  public AnalyticsQuery top(Metric metric, int rows) {
    return with(new Order(metric, rows));
  }

  /** The same question for other metrics; one that it is sorted by must be among them. */
  public AnalyticsQuery withMetrics(List<Metric> others) {
    return new AnalyticsQuery(
        channelId, days, dimensions, List.copyOf(others), filter, order, currency);
  }

  /**
   * The same question with amounts in a currency, to which Google converts.
   *
   * @param code of ISO 4217; null: USD
   */
  public AnalyticsQuery in(@Nullable String code) {
    return new AnalyticsQuery(channelId, days, dimensions, metrics, filter, order, code);
  }

  private AnalyticsQuery with(Filter other) {
    return new AnalyticsQuery(channelId, days, dimensions, metrics, other, order, currency);
  }

  private AnalyticsQuery with(Order other) {
    return new AnalyticsQuery(channelId, days, dimensions, metrics, filter, other, currency);
  }
}
