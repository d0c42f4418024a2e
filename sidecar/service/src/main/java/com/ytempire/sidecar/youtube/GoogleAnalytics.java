package com.ytempire.sidecar.youtube;

import static com.ytempire.sidecar.youtube.GoogleRequests.changed;

import com.google.api.client.http.HttpTransport;
import com.google.api.services.youtubeAnalytics.v2.YouTubeAnalytics;
import com.google.api.services.youtubeAnalytics.v2.model.QueryResponse;
import com.google.api.services.youtubeAnalytics.v2.model.ResultTableColumnHeader;
import com.ytempire.sidecar.config.Config.Google;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.YouTube.Call;
import com.ytempire.sidecar.youtube.YouTube.Line;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Analytics API v2. */
final class GoogleAnalytics {
  private static final MeteredCalls.Method QUERY =
      new MeteredCalls.Method(
          "reports.query",
          List.of(Bucket.ANALYTICS_DAY, Bucket.ANALYTICS_MINUTE, Bucket.ANALYTICS_USER_MINUTE),
          true);

  private final YouTubeAnalytics analytics;
  private final MeteredCalls calls;
  private final FairScheduler scheduler;

  GoogleAnalytics(
      HttpTransport transport, Google settings, MeteredCalls calls, FairScheduler scheduler) {
    this.calls = calls;
    this.scheduler = scheduler;
    this.analytics =
        new YouTubeAnalytics.Builder(
                transport,
                GoogleRequests.JSON,
                request -> GoogleRequests.prepare(request, settings))
            .setRootUrl(settings.analyticsUrl() + "/")
            .setApplicationName(GoogleRequests.APPLICATION)
            .build();
  }

  List<Line> query(Call call, AnalyticsQuery asked) {
    try {
      return lines(
          changed(calls.execute(QUERY, call, scheduler, () -> request(call, asked).execute())),
          asked);
    } catch (YouTubeException e) {
      if (asked.metrics().stream().anyMatch(Metric::isRevenue)
          && isBareForbidden(e)
          && answersViews(call, asked)) {
        throw new YouTubeException(
            new Failure.NotMonetised("YouTube shows no revenue of this channel."), e);
      }
      throw e;
    }
  }

  private static boolean isBareForbidden(YouTubeException failure) {
    return failure.failure() instanceof Failure.Refused
        && failure.getCause() instanceof IOException cause
        && GoogleErrors.read(cause) == GoogleErrors.Trouble.FORBIDDEN;
  }

  /**
   * Returns whether Google shows the channel's views to this grant. A channel outside the partner
   * programme answers a bare 403 to revenue and nothing else; an account that does not own the
   * channel answers it to everything (googleapis/google-api-php-client#1138).
   */
  private boolean answersViews(Call call, AnalyticsQuery asked) {
    AnalyticsQuery views =
        AnalyticsQuery.of(
            asked.channelId(),
            asked.first(),
            asked.last(),
            List.of(AnalyticsQuery.DAY),
            List.of(Metric.VIEWS));
    try {
      var _ = changed(calls.execute(QUERY, call, scheduler, () -> request(call, views).execute()));
      return true;
    } catch (YouTubeException e) {
      if (isBareForbidden(e)) {
        return false;
      }
      throw e;
    }
  }

  private YouTubeAnalytics.Reports.Query request(Call call, AnalyticsQuery asked)
      throws IOException {
    var query =
        analytics
            .reports()
            .query()
            .setIds("channel==" + asked.channelId())
            .setStartDate(asked.first().toString())
            .setEndDate(asked.last().toString())
            .setDimensions(String.join(",", asked.dimensions()))
            .setMetrics(
                asked.metrics().stream().map(Metric::label).collect(Collectors.joining(",")));
    List<String> filters = new ArrayList<>();
    if (!asked.videoIds().isEmpty()) {
      filters.add("video==" + String.join(",", asked.videoIds()));
    }
    if (asked.trafficSource() != null) {
      filters.add(AnalyticsQuery.TRAFFIC_SOURCE + "==" + asked.trafficSource());
    }
    if (!filters.isEmpty()) {
      query.setFilters(String.join(";", filters));
    }
    if (asked.sortBy() != null) {
      query.setSort("-" + asked.sortBy().label());
    }
    if (asked.most() != null) {
      query.setMaxResults(asked.most());
    }
    return GoogleRequests.authorised(query, call);
  }

  /** Columns by their names: Google does not promise their order. */
  static List<Line> lines(QueryResponse table, AnalyticsQuery asked) {
    List<Line> lines = new ArrayList<>();
    List<ResultTableColumnHeader> headers =
        Objects.requireNonNullElse(table.getColumnHeaders(), List.of());
    for (List<Object> row : Objects.requireNonNullElse(table.getRows(), List.<List<Object>>of())) {
      Map<String, String> dimensions = new HashMap<>();
      Map<Metric, BigDecimal> metrics = new EnumMap<>(Metric.class);
      for (int column = 0; column < Math.min(headers.size(), row.size()); column++) {
        Object value = row.get(column);
        String name = headers.get(column).getName();
        if (asked.dimensions().contains(name)) {
          dimensions.put(name, String.valueOf(value));
        } else {
          Optional<BigDecimal> number = number(value);
          Metric.of(name)
              .ifPresent(metric -> number.ifPresent(found -> metrics.put(metric, found)));
        }
      }
      if (dimensions.size() == asked.dimensions().size()) {
        lines.add(new Line(dimensions, metrics));
      }
    }
    return lines;
  }

  /**
   * Returns a number of an answer; empty for null and for {@code NaN}, which ratios of 0 can be.
   */
  private static Optional<BigDecimal> number(@Nullable Object value) {
    if (!(value instanceof Number) && !(value instanceof String)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new BigDecimal(value.toString()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
