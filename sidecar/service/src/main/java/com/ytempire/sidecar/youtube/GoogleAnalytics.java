package com.ytempire.sidecar.youtube;

import static com.ytempire.sidecar.youtube.GoogleRequests.changed;

import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpResponseException;
import com.google.api.client.http.HttpTransport;
import com.google.api.services.youtubeAnalytics.v2.YouTubeAnalytics;
import com.google.api.services.youtubeAnalytics.v2.model.QueryResponse;
import com.google.api.services.youtubeAnalytics.v2.model.ResultTableColumnHeader;
import com.ytempire.sidecar.config.GoogleSettings;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.YouTube.Call;
import com.ytempire.sidecar.youtube.YouTube.Line;
import com.ytempire.sidecar.youtube.YouTube.VideoDays;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Analytics API v2. */
final class GoogleAnalytics {
  private static final ApiMethod QUERY =
      new ApiMethod(
          "reports.query",
          List.of(Bucket.ANALYTICS_DAY, Bucket.ANALYTICS_MINUTE, Bucket.ANALYTICS_USER_MINUTE),
          true);

  private final YouTubeAnalytics analytics;
  private final MeteredCalls calls;

  GoogleAnalytics(HttpTransport transport, GoogleSettings settings, MeteredCalls calls) {
    this.calls = calls;
    this.analytics =
        new YouTubeAnalytics.Builder(
                transport,
                GoogleRequests.JSON,
                request -> GoogleRequests.prepare(request, settings))
            .setRootUrl(settings.urls().analytics() + "/")
            .setApplicationName(GoogleRequests.APPLICATION)
            .build();
  }

  List<Line> query(Call call, AnalyticsQuery asked) {
    try {
      return lines(changed(calls.execute(QUERY, call, () -> send(call, asked))), asked);
    } catch (YouTubeException e) {
      if (asked.metrics().stream().anyMatch(Metric::isRevenue)
          && isBareForbidden(e)
          && answersViews(call, asked)) {
        throw new YouTubeException(
            new Failure.NotMonetized("YouTube shows no revenue of this channel."), e);
      }
      throw e;
    }
  }

  /**
   * Refusals after which a query about videos is given up: enough for three dead ids among 500,
   * each of which takes nine halvings.
   */
  private static final int MAX_REFUSALS = 30;

  /**
   * Asks for videos by day. A refused query is asked for a few videos alone first: when all of
   * these are refused, too, it is for its shape; otherwise the videos that it is refused for are
   * found by halving.
   */
  VideoDays videoDays(Call call, AnalyticsQuery asked) {
    List<String> ids = asked.videoIds();
    try {
      return new VideoDays(query(call, asked), List.of(), VideoDays.Extent.COMPLETE);
    } catch (YouTubeException e) {
      if (!isBadRequest(e)) {
        throw e;
      }
    }
    if (ids.size() == 1) {
      return new VideoDays(List.of(), ids, VideoDays.Extent.COMPLETE);
    }
    if (Stream.of(ids.getFirst(), ids.get(ids.size() / 2), ids.getLast())
        .distinct()
        .noneMatch(id -> isAnswered(call, asked.ofVideos(List.of(id))))) {
      return new VideoDays(List.of(), List.of(), VideoDays.Extent.SHAPE_REFUSED);
    }
    List<Line> lines = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    Deque<List<String>> open = new ArrayDeque<>(halves(ids));
    for (int refusals = 0; !open.isEmpty(); ) {
      List<String> some = open.pop();
      try {
        lines.addAll(query(call, asked.ofVideos(some)));
      } catch (YouTubeException e) {
        if (!isBadRequest(e)) {
          throw e;
        }
        if (some.size() == 1) {
          refused.addAll(some);
        } else {
          halves(some).reversed().forEach(open::push);
        }
        if (++refusals == MAX_REFUSALS) {
          return new VideoDays(lines, refused, VideoDays.Extent.TOO_MANY_REFUSED);
        }
      }
    }
    return new VideoDays(lines, refused, VideoDays.Extent.COMPLETE);
  }

  private boolean isAnswered(Call call, AnalyticsQuery asked) {
    try {
      var _ = query(call, asked);
      return true;
    } catch (YouTubeException e) {
      if (isBadRequest(e)) {
        return false;
      }
      throw e;
    }
  }

  private static List<List<String>> halves(List<String> ids) {
    return List.of(ids.subList(0, ids.size() / 2), ids.subList(ids.size() / 2, ids.size()));
  }

  private static boolean isBadRequest(YouTubeException failure) {
    return failure.failure() instanceof Failure.Refused
        && failure.getCause() instanceof HttpResponseException answer
        && answer.getStatusCode() == 400;
  }

  private static boolean isBareForbidden(YouTubeException failure) {
    return failure.failure() instanceof Failure.Refused
        && failure.getCause() instanceof IOException cause
        && GoogleErrors.read(cause) == GoogleErrors.Category.FORBIDDEN;
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
      var _ = changed(calls.execute(QUERY, call, () -> send(call, views)));
      return true;
    } catch (YouTubeException e) {
      if (isBareForbidden(e)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Sends a query.
   *
   * @throws UnexpectedContent when the answer is no JSON, as from a proxy in between
   */
  private QueryResponse send(Call call, AnalyticsQuery asked) throws IOException {
    HttpResponse response = request(call, asked).executeUnparsed();
    try {
      @Nullable String type = response.getContentType();
      if (type == null || !type.toLowerCase(Locale.ROOT).contains("json")) {
        throw new UnexpectedContent(
            "the answer to an Analytics query is %s, not figures; something between us and Google may have answered"
                .formatted(type == null ? "of no type" : "a page of type " + type));
      }
      QueryResponse answer = response.parseAs(QueryResponse.class);
      if (answer.getKind() == null && answer.getColumnHeaders() == null) {
        throw new UnexpectedContent("the answer to an Analytics query is an empty document");
      }
      return answer;
    } catch (IllegalArgumentException e) {
      throw new UnexpectedContent(
          "the answer to an Analytics query cannot be read: " + e.getMessage());
    } finally {
      response.disconnect();
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
    if (asked.currency() != null) {
      query.setCurrency(asked.currency());
    }
    if (asked.limit() != null) {
      query.setMaxResults(asked.limit());
    }
    return GoogleRequests.authorized(query, call);
  }

  /** Columns by their names: Google does not promise their order. */
  static List<Line> lines(QueryResponse table, AnalyticsQuery asked) {
    List<Line> lines = new ArrayList<>();
    List<ResultTableColumnHeader> headers =
        Objects.requireNonNullElse(table.getColumnHeaders(), List.of());
    for (List<Object> row : Objects.requireNonNullElse(table.getRows(), List.<List<Object>>of())) {
      if (row == null) {
        continue;
      }
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
    if (value instanceof BigDecimal number) {
      return Optional.of(number);
    }
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
