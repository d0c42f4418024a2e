package com.ytempire.simulator;

import com.ytempire.simulator.AnalyticsFigures.Day;
import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import com.ytempire.simulator.Usage.Bucket;
import io.javalin.http.Context;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
  private static final String UNSUPPORTED =
      "The query is not supported. Check the documentation at https://developers.google.com/youtube/analytics/v2/available_reports";

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

  static GoogleError unsupported() {
    return GoogleError.badRequest(UNSUPPORTED);
  }

  /** Dimensions, and whether revenue is asked for, and of chosen videos. */
  private static String shape(Context ctx) {
    return String.join(",", list(parameter(ctx, "dimensions")))
        + (list(parameter(ctx, "metrics")).stream().anyMatch(REVENUE::contains) ? ", revenue" : "")
        + (Objects.requireNonNullElse(parameter(ctx, "filters"), "").contains("video==")
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
    for (String parameter : parameters(ctx).keySet()) {
      if (!PARAMETERS.contains(parameter)
          && !Set.of("key", "alt", "fields", "prettyPrint", "quotaUser").contains(parameter)) {
        throw GoogleError.badRequest(
            "Unknown name \"%s\": Cannot bind query parameter.".formatted(parameter));
      }
    }
    List<String> metrics = list(parameter(ctx, "metrics"));
    if (metrics.isEmpty()) {
      throw GoogleError.badRequest("Required parameter: metrics");
    }
    boolean revenue = metrics.stream().anyMatch(REVENUE::contains);
    checkScopes(grant, revenue);
    String ids = parameter(ctx, "ids");
    if (ids == null
        || !(ids.equals("channel==MINE") || ids.equals("channel==" + grant.channel().id()))) {
      throw GoogleError.forbidden();
    }
    Channel channel = grant.channel();
    if (faults.isPoisoned(channel.id())) {
      throw GoogleError.badRequest(UNSUPPORTED);
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
      answer(ctx, list(parameter(ctx, "dimensions")), metrics, List.of());
      return;
    }
    switch (String.join(",", list(parameter(ctx, "dimensions")))) {
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

  private static @Nullable String parameter(Context ctx, String name) {
    List<String> values = parameters(ctx).get(name);
    return values == null || values.isEmpty() ? null : values.getFirst();
  }

  /**
   * The parameters of the address, or of the body: Google's client libraries send a query of more
   * than 2,048 characters as a POST with the header X-HTTP-Method-Override, and its parameters as a
   * form.
   */
  private static Map<String, List<String>> parameters(Context ctx) {
    if (!"GET".equals(ctx.header("X-HTTP-Method-Override"))) {
      return ctx.queryParamMap();
    }
    Map<String, List<String>> known = ctx.attribute("parameters");
    if (known != null) {
      return known;
    }
    Map<String, List<String>> parameters = new HashMap<>();
    for (String pair : new String(ReportingApi.unzipped(ctx), StandardCharsets.UTF_8).split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters
            .computeIfAbsent(pair.substring(0, equals), name -> new ArrayList<>())
            .add(URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    ctx.attribute("parameters", parameters);
    return parameters;
  }

  private void byDay(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    String filters = parameter(ctx, "filters");
    @Nullable Video video = null;
    if (filters != null) {
      if (!filters.startsWith("video==") || filters.contains(",")) {
        throw GoogleError.badRequest(UNSUPPORTED);
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
    answer(ctx, List.of("day"), metrics, rows);
  }

  /**
   * Of certain videos only, unless {@link Faults#videosByDay} says that this is refused. A deleted
   * video makes some channels refuse the whole query; the others leave it out.
   */
  private void videosByDay(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    String filters = parameter(ctx, "filters");
    if (!faults.takesVideosByDay() || filters == null || !filters.startsWith("video==")) {
      throw GoogleError.badRequest(UNSUPPORTED);
    }
    List<String> ids = list(filters.substring(7));
    if (ids.size() > MAX_VIDEOS) {
      throw GoogleError.badRequest(UNSUPPORTED);
    }
    List<String> dimensions = list(parameter(ctx, "dimensions"));
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
    answer(ctx, dimensions, metrics, page(ctx, rows));
  }

  /** The rows from {@code startIndex}, at most {@code maxResults} of them. */
  private static List<List<Object>> page(Context ctx, List<List<Object>> rows) {
    String maxResults = parameter(ctx, "maxResults");
    String startIndex = parameter(ctx, "startIndex");
    int limit = maxResults == null ? MAX_RESULTS : Integer.parseInt(maxResults);
    int from = startIndex == null ? 0 : Integer.parseInt(startIndex) - 1;
    if (limit > MAX_RESULTS || limit < 1 || from < 0) {
      throw GoogleError.badRequest(UNSUPPORTED);
    }
    return rows.stream().skip(from).limit(limit).toList();
  }

  private Video own(Channel channel, String id) {
    return world
        .video(id)
        .filter(found -> found.channel().equals(channel) && !faults.isPoisoned(id))
        .orElseThrow(() -> GoogleError.badRequest(UNSUPPORTED));
  }

  /**
   * A curve; none of a period in which hardly anybody watched, as Analytics limits its data
   * (support.google.com/youtube/answer/9101241, which names no number).
   */
  private void retention(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    String filters = parameter(ctx, "filters");
    if (filters == null
        || !filters.startsWith("video==")
        || filters.contains(",")
        || !RETENTION.containsAll(metrics)) {
      throw GoogleError.badRequest(UNSUPPORTED);
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
    answer(ctx, List.of("elapsedVideoTimeRatio"), metrics, rows);
  }

  private void traffic(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    if (!TRAFFIC.containsAll(metrics)) {
      throw GoogleError.badRequest(UNSUPPORTED);
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
    answer(ctx, List.of("day", "insightTrafficSourceType"), metrics, rows);
  }

  private void topVideos(
      Context ctx, Channel channel, List<String> metrics, LocalDate start, LocalDate until) {
    String sort = parameter(ctx, "sort");
    String maxResults = parameter(ctx, "maxResults");
    if (sort == null
        || maxResults == null
        || !SORTABLE.contains(sort)
        || !metrics.contains(sort.substring(1))
        || Integer.parseInt(maxResults) > 200) {
      throw GoogleError.badRequest(UNSUPPORTED);
    }
    if (metrics.contains("adImpressions")) {
      throw GoogleError.badRequest(UNSUPPORTED);
    }
    Map<Video, Day> sums = new HashMap<>();
    for (Video video : world.videos(channel)) {
      for (LocalDate day = start; !day.isAfter(until); day = day.plusDays(1)) {
        Day values = world.videoDay(video, day);
        if (values.views() > 0) {
          sums.merge(video, values, AnalyticsApi::add);
        }
      }
    }
    String by = sort.substring(1);
    List<List<Object>> rows =
        sums.entrySet().stream()
            .sorted(
                Comparator.<Map.Entry<Video, Day>>comparingDouble(
                        entry -> -value(by, entry.getValue()).doubleValue())
                    .thenComparing(e -> e.getKey().id()))
            .limit(Integer.parseInt(maxResults))
            .map(entry -> row(entry.getKey().id(), metrics, entry.getValue(), channel))
            .toList();
    answer(ctx, List.of("video"), metrics, rows);
  }

  static Day add(Day a, Day b) {
    return new Day(
        a.day(),
        a.views() + b.views(),
        a.engagedViews() + b.engagedViews(),
        a.minutesWatched() + b.minutesWatched(),
        a.averageViewDuration(),
        a.averageViewPercentage(),
        a.likes() + b.likes(),
        a.comments() + b.comments(),
        a.shares() + b.shares(),
        a.subscribersGained() + b.subscribersGained(),
        a.subscribersLost() + b.subscribersLost(),
        a.revenue() + b.revenue());
  }

  private List<Object> row(String key, List<String> metrics, Day day, Channel channel) {
    List<Object> row = row(key, metrics, day);
    int percentage = metrics.indexOf("averageViewPercentage");
    if (percentage >= 0 && world.hasNoPercentage(channel, day.day())) {
      // A share of nothing is NaN, which Google writes as a string.
      row.set(1 + percentage, "NaN");
    }
    return row;
  }

  static List<Object> row(String key, List<String> metrics, Day day) {
    List<Object> row = new ArrayList<>();
    row.add(key);
    metrics.forEach(metric -> row.add(value(metric, day)));
    return row;
  }

  private static Number value(String metric, Day day) {
    return switch (metric) {
      case "views" -> day.views();
      case "engagedViews" -> day.engagedViews();
      case "estimatedMinutesWatched" -> day.minutesWatched();
      case "averageViewDuration" -> day.averageViewDuration();
      case "averageViewPercentage" -> day.averageViewPercentage();
      case "likes" -> day.likes();
      case "comments" -> day.comments();
      case "shares" -> day.shares();
      case "subscribersGained" -> day.subscribersGained();
      case "subscribersLost" -> day.subscribersLost();
      case "estimatedRevenue" -> money(day.revenue());
      case "estimatedAdRevenue" -> money(day.revenue() * 0.9);
      case "grossRevenue" -> money(day.revenue() * 0.9 / 0.55);
      case "monetizedPlaybacks" -> Math.round(day.views() * 0.6);
      case "adImpressions" -> Math.round(day.views() * 0.75);
      case "playbackBasedCpm" ->
          day.views() == 0 ? 0.0 : money(day.revenue() * 0.9 / 0.55 / (day.views() * 0.6) * 1000);
      case "cpm" ->
          day.views() == 0 ? 0.0 : money(day.revenue() * 0.9 / 0.55 / (day.views() * 0.75) * 1000);
      default -> throw new IllegalArgumentException(metric);
    };
  }

  private static double money(double usd) {
    return Math.round(usd * 1000) / 1000.0;
  }

  /**
   * USD into others. Google converts by the rates of the days (developers.google.com/youtube/
   * analytics/reference/reports/query, {@code currency}); here they stand still.
   */
  private static final Map<String, Double> RATES =
      Map.of(
          "USD", 1.0, "EUR", 0.86, "GBP", 0.75, "JPY", 156.0, "INR", 89.0, "BRL", 5.3, "CHF", 0.8);

  private static boolean isMoney(String metric) {
    return metric.endsWith("Revenue") || metric.toLowerCase(Locale.ROOT).endsWith("cpm");
  }

  /** Rows with their amounts in the currency that was asked for; the metrics come last in each. */
  private static List<List<Object>> converted(
      Context ctx, List<String> metrics, List<List<Object>> rows) {
    String currency = parameter(ctx, "currency");
    if (currency == null) {
      return rows;
    }
    Double rate = RATES.get(currency);
    if (rate == null) {
      throw GoogleError.badRequest("Invalid currency code: " + currency);
    }
    List<List<Object>> all = new ArrayList<>();
    for (List<Object> row : rows) {
      List<Object> converted = new ArrayList<>(row);
      for (int i = 0; i < metrics.size(); i++) {
        int place = row.size() - metrics.size() + i;
        if (isMoney(metrics.get(i)) && row.get(place) instanceof Number amount) {
          converted.set(place, money(amount.doubleValue() * rate));
        }
      }
      all.add(converted);
    }
    return all;
  }

  static void answer(
      Context ctx, List<String> dimensions, List<String> metrics, List<List<Object>> usd) {
    List<List<Object>> rows = converted(ctx, metrics, usd);
    List<Map<String, String>> headers = new ArrayList<>();
    dimensions.forEach(dimension -> headers.add(header(dimension, "DIMENSION", "STRING")));
    for (String metric : metrics) {
      boolean decimal =
          isMoney(metric)
              || metric.equals("averageViewPercentage")
              || metric.equals("viewerPercentage");
      headers.add(header(metric, "METRIC", decimal ? "FLOAT" : "INTEGER"));
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("kind", "youtubeAnalytics#resultTable");
    body.put("columnHeaders", headers);
    if (!rows.isEmpty()) {
      body.put("rows", rows);
    }
    ctx.json(body);
  }

  private static Map<String, String> header(String name, String columnType, String dataType) {
    return Map.of("name", name, "columnType", columnType, "dataType", dataType);
  }

  private static List<String> list(@Nullable String value) {
    return value == null || value.isBlank() ? List.of() : List.of(value.split(","));
  }

  private static LocalDate date(Context ctx, String name) {
    String value = parameter(ctx, name);
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
