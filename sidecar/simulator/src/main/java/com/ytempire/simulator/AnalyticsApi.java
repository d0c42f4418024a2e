package com.ytempire.simulator;

import com.ytempire.simulator.AnalyticsFigures.Day;
import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import com.ytempire.simulator.Usage.Bucket;
import io.javalin.http.Context;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Analytics API v2, {@code reports.query}: a channel by day, one video by day, up to 500 videos by
 * day, the top videos of a period, a video's retention, and traffic sources by day. Everything else
 * is answered "The query is not supported.", as Google does. Days without views are left out of
 * answers, as by Google (kyle-chalmers/youtube-bigquery-pipeline, September 2026).
 */
final class AnalyticsApi {
  private static final String MONETARY_SCOPE =
      "https://www.googleapis.com/auth/yt-analytics-monetary.readonly";
  private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
  private static final Set<String> PARAMETERS =
      Set.of(
          "ids",
          "startDate",
          "endDate",
          "metrics",
          "dimensions",
          "filters",
          "sort",
          "maxResults",
          "startIndex",
          "currency",
          "includeHistoricalChannelData");
  private static final Set<String> REVENUE =
      Set.of(
          "estimatedRevenue",
          "estimatedAdRevenue",
          "grossRevenue",
          "monetizedPlaybacks",
          "playbackBasedCpm",
          "adImpressions",
          "cpm");
  private static final Set<String> CORE =
      Set.of(
          "views",
          "engagedViews",
          "estimatedMinutesWatched",
          "averageViewDuration",
          "averageViewPercentage",
          "likes",
          "comments",
          "shares",
          "subscribersGained",
          "subscribersLost");
  private static final Set<String> RETENTION =
      Set.of(
          "audienceWatchRatio",
          "relativeRetentionPerformance",
          "startedWatching",
          "stoppedWatching",
          "totalSegmentImpressions");
  private static final Set<String> TRAFFIC = Set.of("views", "estimatedMinutesWatched");
  private static final Set<String> SORTABLE =
      Set.of(
          "-views",
          "-estimatedRevenue",
          "-estimatedMinutesWatched",
          "-subscribersGained",
          "-subscribersLost");

  /** Measured by kyle-chalmers/youtube-bigquery-pipeline: 500 ids are answered, 501 with 400. */
  private static final int MAX_VIDEOS = 500;

  /** Measured there, too: 10,000 is taken, 25,000 answered with 400. */
  private static final int MAX_RESULTS = 10_000;

  /** Views of a video in a period of which there is a retention curve; the number is our own. */
  private static final long MIN_VIEWS_OF_CURVE = 20;

  private final World world;
  private final OAuthServer oauth;
  private final Usage usage;
  private final Faults faults;
  private final DimensionReports dimensions;

  AnalyticsApi(World world, OAuthServer oauth, Usage usage, Faults faults) {
    this.world = world;
    this.oauth = oauth;
    this.usage = usage;
    this.faults = faults;
    this.dimensions = new DimensionReports(world);
  }

  /** Dimensions, and whether revenue is asked for, and of chosen videos. */
  private static String shape(Context ctx) {
    return String.join(",", list(AnalyticsParameters.value(ctx, "dimensions")))
        + (list(AnalyticsParameters.value(ctx, "metrics")).stream().anyMatch(REVENUE::contains)
            ? ", revenue"
            : "")
        + (Objects.requireNonNullElse(AnalyticsParameters.value(ctx, "filters"), "")
                .contains("video==")
            ? ", chosen videos"
            : "");
  }

  void query(Context ctx) {
    OAuthServer.Grant grant = oauth.authorize(ctx, () -> usage.unauthorized(Bucket.ANALYTICS_DAY));
    usage.spend(Bucket.ANALYTICS_MINUTE);
    usage.spend(Bucket.ANALYTICS_DAY, "reports.query");
    usage.query(shape(ctx));
    faults.strike();
    if (world.isDisabled(World.Api.ANALYTICS)) {
      throw GoogleError.apiDisabled(true);
    }
    for (String parameter : AnalyticsParameters.all(ctx).keySet()) {
      if (!PARAMETERS.contains(parameter)
          && !Set.of("key", "alt", "fields", "prettyPrint", "quotaUser").contains(parameter)) {
        throw GoogleError.badRequest(
            "Unknown name \"%s\": Cannot bind query parameter.".formatted(parameter));
      }
    }
    List<String> metrics = list(AnalyticsParameters.value(ctx, "metrics"));
    if (metrics.isEmpty()) {
      throw GoogleError.badRequest("Required parameter: metrics");
    }
    boolean revenue = metrics.stream().anyMatch(REVENUE::contains);
    checkScopes(grant, revenue);
    String ids = AnalyticsParameters.value(ctx, "ids");
    if (ids == null
        || !(ids.equals("channel==MINE") || ids.equals("channel==" + grant.channel().id()))) {
      throw GoogleError.forbidden();
    }
    Channel channel = grant.channel();
    if (faults.isPoisoned(channel.id())) {
      throw GoogleError.unsupportedQuery();
    }
    if (revenue && !channel.monetized()) {
      throw GoogleError.forbidden();
    }
    for (String metric : metrics) {
      if (!CORE.contains(metric)
          && !REVENUE.contains(metric)
          && !RETENTION.contains(metric)
          && !DimensionReports.METRICS.contains(metric)) {
        throw GoogleError.badRequest(
            "Unknown identifier (%s) given in field parameters.metrics.".formatted(metric));
      }
    }
    LocalDate start = date(ctx, "startDate");
    LocalDate end = date(ctx, "endDate");
    if (end.isBefore(start)) {
      throw GoogleError.badRequest("Invalid date range: endDate is before startDate.");
    }
    LocalDate last = world.lastDay(channel, revenue);
    LocalDate until = end.isBefore(last) ? end : last;
    if (faults.arePercentagesBlank()
        && metrics.contains("engagedViews")
        && metrics.contains("averageViewPercentage")) {
      AnalyticsTable.answer(
          ctx, list(AnalyticsParameters.value(ctx, "dimensions")), metrics, List.of());
      return;
    }
    switch (String.join(",", list(AnalyticsParameters.value(ctx, "dimensions")))) {
      case "day" -> byDay(ctx, channel, metrics, start, until);
      case "video,day", "day,video" -> videosByDay(ctx, channel, metrics, start, until);
      case "elapsedVideoTimeRatio" -> retention(ctx, channel, metrics, start, until);
      case "day,insightTrafficSourceType" -> traffic(ctx, channel, metrics, start, until);
      case "video" -> topVideos(ctx, channel, metrics, start, until);
      default ->
          dimensions.query(
              ctx,
              channel,
              filter(ctx, "video").map(id -> own(channel, id)).orElse(null),
              filter(ctx, "insightTrafficSourceType").orElse(null),
              list(ctx.queryParam("dimensions")),
              metrics,
              start,
              until);
    }
  }

  /** The value of a filter. */
  private static Optional<String> filter(Context ctx, String name) {
    String filters = ctx.queryParam("filters");
    return filters == null
        ? Optional.empty()
        : Stream.of(filters.split(";"))
            .filter(filter -> filter.startsWith(name + "=="))
            .map(filter -> filter.substring(name.length() + 2))
            .findFirst();
  }

  private void checkScopes(OAuthServer.Grant grant, boolean revenue) {
    boolean analytics =
        grant.scopes().contains("https://www.googleapis.com/auth/yt-analytics.readonly")
            || grant.scopes().contains(MONETARY_SCOPE);
    if (!analytics) {
      throw GoogleError.scopeMissing();
    }
    if (revenue
        && (!grant.scopes().contains(MONETARY_SCOPE)
            || faults.lacksMonetaryScope(grant.channel().id()))) {
      throw GoogleError.monetaryScopeMissing();
    }
  }

  private void byDay(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    String filters = AnalyticsParameters.value(ctx, "filters");
    @Nullable Video video = null;
    if (filters != null) {
      if (!filters.startsWith("video==") || filters.contains(",")) {
        throw GoogleError.unsupportedQuery();
      }
      video = own(channel, filters.substring(7));
    }
    List<List<Object>> rows = new ArrayList<>();
    for (LocalDate day = start; !day.isAfter(until); day = day.plusDays(1)) {
      Day values = video == null ? world.channelDay(channel, day) : world.videoDay(video, day);
      if (values.views() > 0) {
        rows.add(row(day.toString(), metrics, values, channel));
      }
    }
    AnalyticsTable.answer(ctx, List.of("day"), metrics, rows);
  }

  /**
   * Of certain videos only, unless {@link Faults#videosByDay} says that this is refused. A deleted
   * video makes some channels refuse the whole query; the others leave it out.
   */
  private void videosByDay(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    String filters = AnalyticsParameters.value(ctx, "filters");
    if (!faults.takesVideosByDay() || filters == null || !filters.startsWith("video==")) {
      throw GoogleError.unsupportedQuery();
    }
    List<String> ids = list(filters.substring(7));
    if (ids.size() > MAX_VIDEOS) {
      throw GoogleError.unsupportedQuery();
    }
    List<String> dimensions = list(AnalyticsParameters.value(ctx, "dimensions"));
    List<List<Object>> rows = new ArrayList<>();
    for (String id : ids) {
      if (world.video(id).isEmpty() && !world.refusesDeletedVideos(channel)) {
        continue;
      }
      Video video = own(channel, id);
      for (LocalDate day = start; !day.isAfter(until); day = day.plusDays(1)) {
        Day values = world.videoDay(video, day);
        if (values.views() > 0) {
          List<Object> row = new ArrayList<>(row(id, metrics, values, channel));
          row.add(dimensions.getFirst().equals("day") ? 0 : 1, day.toString());
          rows.add(row);
        }
      }
    }
    AnalyticsTable.answer(ctx, dimensions, metrics, page(ctx, rows));
  }

  /** The rows from {@code startIndex}, at most {@code maxResults} of them. */
  private static List<List<Object>> page(Context ctx, List<List<Object>> rows) {
    String maxResults = AnalyticsParameters.value(ctx, "maxResults");
    String startIndex = AnalyticsParameters.value(ctx, "startIndex");
    int limit = maxResults == null ? MAX_RESULTS : Integer.parseInt(maxResults);
    int from = startIndex == null ? 0 : Integer.parseInt(startIndex) - 1;
    if (limit > MAX_RESULTS || limit < 1 || from < 0) {
      throw GoogleError.unsupportedQuery();
    }
    return rows.stream().skip(from).limit(limit).toList();
  }

  private Video own(Channel channel, String id) {
    return world
        .video(id)
        .filter(found -> found.channel().equals(channel) && !faults.isPoisoned(id))
        .orElseThrow(() -> GoogleError.unsupportedQuery());
  }

  /**
   * A curve; none of a period in which hardly anybody watched, as Analytics limits its data
   * (support.google.com/youtube/answer/9101241, which names no number).
   */
  private void retention(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    String filters = AnalyticsParameters.value(ctx, "filters");
    if (filters == null
        || !filters.startsWith("video==")
        || filters.contains(",")
        || !RETENTION.containsAll(metrics)) {
      throw GoogleError.unsupportedQuery();
    }
    Video video = own(channel, filters.substring(7));
    List<List<Object>> rows = new ArrayList<>();
    long views =
        start.isAfter(until)
            ? 0
            : start
                .datesUntil(until.plusDays(1))
                .mapToLong(day -> world.videoDay(video, day).views())
                .sum();
    for (int hundredth = 1; views >= MIN_VIEWS_OF_CURVE && hundredth <= 100; hundredth++) {
      List<Object> row = new ArrayList<>();
      row.add(hundredth / 100.0);
      for (String metric : metrics) {
        row.add(
            switch (metric) {
              case "audienceWatchRatio" -> world.watching(video, hundredth);
              case "relativeRetentionPerformance" -> 0.5;
              case "startedWatching" -> hundredth == 1 ? 1000 : 3;
              case "stoppedWatching" -> hundredth == 100 ? 400 : 6;
              default -> Math.round(1000 * world.watching(video, hundredth));
            });
      }
      rows.add(row);
    }
    AnalyticsTable.answer(ctx, List.of("elapsedVideoTimeRatio"), metrics, rows);
  }

  private void traffic(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    if (!TRAFFIC.containsAll(metrics)) {
      throw GoogleError.unsupportedQuery();
    }
    List<List<Object>> rows = new ArrayList<>();
    for (LocalDate each = start; !each.isAfter(until); each = each.plusDays(1)) {
      LocalDate day = each;
      world
          .traffic(channel, day)
          .forEach((source, values) -> {
            if (values.views() > 0) {
              List<Object> row = new ArrayList<>(row(day.toString(), metrics, values, channel));
              row.add(1, source);
              rows.add(row);
            }
          });
    }
    AnalyticsTable.answer(ctx, List.of("day", "insightTrafficSourceType"), metrics, rows);
  }

  private void topVideos(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    String sort = AnalyticsParameters.value(ctx, "sort");
    String maxResults = AnalyticsParameters.value(ctx, "maxResults");
    if (sort == null
        || maxResults == null
        || !SORTABLE.contains(sort)
        || !metrics.contains(sort.substring(1))
        || Integer.parseInt(maxResults) > 200) {
      throw GoogleError.unsupportedQuery();
    }
    if (metrics.contains("adImpressions")) {
      throw GoogleError.unsupportedQuery();
    }
    Map<Video, Day> sums = new HashMap<>();
    for (Video video : world.videos(channel)) {
      for (LocalDate day = start; !day.isAfter(until); day = day.plusDays(1)) {
        Day values = world.videoDay(video, day);
        if (values.views() > 0) {
          sums.merge(video, values, Day::plus);
        }
      }
    }
    String by = sort.substring(1);
    List<List<Object>> rows =
        sums.entrySet().stream()
            .sorted(
                Comparator.<Map.Entry<Video, Day>>comparingDouble(
                        entry -> -AnalyticsTable.value(by, entry.getValue()).doubleValue())
                    .thenComparing(e -> e.getKey().id()))
            .limit(Integer.parseInt(maxResults))
            .map(entry -> row(entry.getKey().id(), metrics, entry.getValue(), channel))
            .toList();
    AnalyticsTable.answer(ctx, List.of("video"), metrics, rows);
  }

  private List<Object> row(String key, List<String> metrics, Day day, Channel channel) {
    List<Object> row = AnalyticsTable.row(key, metrics, day);
    int percentage = metrics.indexOf("averageViewPercentage");
    if (percentage >= 0 && world.hasNoPercentage(channel, day.day())) {
      // A share of nothing is NaN, which Google writes as a string.
      row.set(1 + percentage, "NaN");
    }
    return row;
  }

  private static List<String> list(@Nullable String value) {
    return value == null || value.isBlank() ? List.of() : List.of(value.split(","));
  }

  private static LocalDate date(Context ctx, String name) {
    String value = AnalyticsParameters.value(ctx, name);
    if (value == null || !DATE.matcher(value).matches()) {
      throw GoogleError.badRequest(
          "Invalid value at '%s' (TYPE_STRING), \"%s\" does not match YYYY-MM-DD"
              .formatted(name.toLowerCase(Locale.ROOT), value));
    }
    try {
      return LocalDate.parse(value);
    } catch (DateTimeParseException e) {
      throw GoogleError.badRequest("Invalid date: " + value);
    }
  }
}
