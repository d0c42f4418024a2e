package com.ytempire.simulator;

import com.ytempire.simulator.AnalyticsFigures.Day;
import com.ytempire.simulator.Catalog.Channel;
import com.ytempire.simulator.Catalog.Video;
import io.javalin.http.Context;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reports of {@code reports.query} that break a channel or one video down by a dimension: by day
 * where YouTube does that, by period otherwise. The counts of all values of a dimension add up to
 * the channel's or video's own.
 */
final class DimensionReports {
  /** Metrics that no other report has. */
  static final Set<String> METRICS = Set.of("viewerPercentage");

  private static final Set<String> TRAFFIC = Set.of("views", "estimatedMinutesWatched");
  private static final Set<String> CONTENT_TYPE =
      Set.of(
          "views",
          "engagedViews",
          "estimatedMinutesWatched",
          "averageViewDuration",
          "likes",
          "comments",
          "shares");
  private static final Set<String> PLAYBACK =
      Set.of("views", "estimatedMinutesWatched", "averageViewDuration", "likes", "shares");
  private static final Set<String> GEOGRAPHY =
      Set.of(
          "views",
          "engagedViews",
          "estimatedMinutesWatched",
          "averageViewDuration",
          "likes",
          "comments",
          "shares",
          "subscribersGained",
          "subscribersLost");
  private static final Set<String> ADS = Set.of("grossRevenue", "adImpressions", "cpm");

  private static final List<String> AGES =
      List.of("age13-17", "age18-24", "age25-34", "age35-44", "age45-54", "age55-64", "age65-");

  /** Most rows of a report of sources' details. */
  private static final int MAX_DETAILS = 25;

  /** Types of source that have details which are simulated here. */
  private static final Set<String> DETAILED = Set.of("YT_SEARCH", "RELATED_VIDEO", "EXT_URL");

  private static final List<String> WORDS =
      List.of("best", "how to", "beginner", "review", "tips", "2026", "easy", "explained");

  /** A report: its metrics, and each value of its dimension with its usual share. */
  record Breakdown(Set<String> metrics, Map<String, Integer> shares) {}

  private static final Map<String, Breakdown> BY_DAY =
      Map.of(
          "creatorContentType",
          new Breakdown(CONTENT_TYPE, Map.of("videoOnDemand", 60, "shorts", 34, "liveStream", 6)),
          "subscribedStatus",
          new Breakdown(PLAYBACK, Map.of("SUBSCRIBED", 28, "UNSUBSCRIBED", 72)),
          "deviceType",
          new Breakdown(
              TRAFFIC,
              Map.of("MOBILE", 58, "DESKTOP", 20, "TV", 15, "TABLET", 6, "GAME_CONSOLE", 1)),
          "operatingSystem",
          new Breakdown(
              TRAFFIC,
              Map.of("ANDROID", 41, "IOS", 24, "WINDOWS", 17, "SMART_TV", 11, "MACINTOSH", 7)),
          "insightPlaybackLocationType",
          new Breakdown(
              TRAFFIC, Map.of("WATCH", 70, "EMBEDDED", 9, "CHANNEL", 5, "SHORTS_FEED", 16)),
          "adType",
          new Breakdown(
              ADS,
              Map.of(
                  "auctionTrueviewInstream",
                  62,
                  "auctionDisplay",
                  21,
                  "auctionBumperInstream",
                  17)));

  static final Breakdown COUNTRIES =
      new Breakdown(
          GEOGRAPHY,
          Map.of(
              "US", 34, "IN", 16, "GB", 11, "DE", 9, "BR", 8, "CA", 7, "FR", 6, "JP", 5, "ZZ", 4));

  private final World world;

  DimensionReports(World world) {
    this.world = world;
  }

  /**
   * Answers a query.
   *
   * @throws GoogleError "The query is not supported." where YouTube does not answer it
   */
  void query(
      Context ctx,
      Channel channel,
      @Nullable Video video,
      @Nullable String source,
      List<String> dimensions,
      List<String> metrics,
      LocalDate start,
      LocalDate until) {
    Function<LocalDate, Day> days =
        video == null ? day -> world.channelDay(channel, day) : day -> world.videoDay(video, day);
    String dimension =
        String.join(",", dimensions.stream().filter(each -> !each.equals("day")).toList());
    boolean isByDay = dimensions.contains("day");
    if (isByDay && BY_DAY.containsKey(dimension) && source == null) {
      byDay(ctx, channel, dimensions, metrics, BY_DAY.get(dimension), days, start, until);
    } else if (!isByDay && dimension.equals("country") && source == null) {
      check(COUNTRIES.metrics(), metrics);
      List<List<Object>> rows = new ArrayList<>();
      split(sum(days, start, until), COUNTRIES, channel)
          .forEach((country, values) -> rows.add(AnalyticsTable.row(country, metrics, values)));
      AnalyticsTable.answer(ctx, dimensions, metrics, rows);
    } else if (!isByDay && dimension.equals("ageGroup,gender") && source == null) {
      demographics(ctx, channel, dimensions, metrics, sum(days, start, until));
    } else if (!isByDay && dimension.equals("insightTrafficSourceDetail") && source != null) {
      details(ctx, channel, source, dimensions, metrics, sum(days, start, until));
    } else {
      throw GoogleError.unsupportedQuery();
    }
  }

  private static void check(Set<String> known, List<String> metrics) {
    if (!known.containsAll(metrics)) {
      throw GoogleError.unsupportedQuery();
    }
  }

  private static void byDay(
      Context ctx,
      Channel channel,
      List<String> dimensions,
      List<String> metrics,
      Breakdown breakdown,
      Function<LocalDate, Day> days,
      LocalDate start,
      LocalDate until) {
    check(breakdown.metrics(), metrics);
    List<List<Object>> rows = new ArrayList<>();
    for (LocalDate each = start; !each.isAfter(until); each = each.plusDays(1)) {
      LocalDate day = each;
      split(days.apply(day), breakdown, channel)
          .forEach((value, values) -> {
            // As YouTube does, nothing is said of what was not viewed.
            if (values.views() > 0) {
              List<Object> row =
                  new ArrayList<>(AnalyticsTable.row(day.toString(), metrics, values));
              row.add(dimensions.indexOf("day") == 0 ? 1 : 0, value);
              rows.add(row);
            }
          });
    }
    AnalyticsTable.answer(ctx, dimensions, metrics, rows);
  }

  /** Percentages of signed-in viewers; none of a period that hardly anybody watched. */
  private static void demographics(
      Context ctx, Channel channel, List<String> dimensions, List<String> metrics, Day sum) {
    check(METRICS, metrics);
    List<List<Object>> rows = new ArrayList<>();
    if (sum.views() >= 100) {
      int[] weights = {4, 18, 30, 22, 13, 8, 5};
      double men = 0.35 + 0.4 * (Math.floorMod(channel.id().hashCode(), 100) / 100.0);
      for (int age = 0; age < weights.length; age++) {
        rows.add(row(AGES.get(age), "female", weights[age] * (1 - men)));
        rows.add(row(AGES.get(age), "male", weights[age] * men));
      }
    }
    AnalyticsTable.answer(ctx, dimensions, metrics, rows);
  }

  private static List<Object> row(String age, String gender, double percent) {
    return List.of(age, gender, Math.round(percent * 100) / 100.0);
  }

  private void details(
      Context ctx,
      Channel channel,
      String source,
      List<String> dimensions,
      List<String> metrics,
      Day sum) {
    check(TRAFFIC, metrics);
    String sort = ctx.queryParam("sort");
    String limit = ctx.queryParam("maxResults");
    if (!DETAILED.contains(source)
        || sort == null
        || !sort.startsWith("-")
        || !metrics.contains(sort.substring(1))
        || limit == null
        || Integer.parseInt(limit) > MAX_DETAILS) {
      throw GoogleError.unsupportedQuery();
    }
    Map<String, Integer> shares = new LinkedHashMap<>();
    names(channel, source).forEach(name -> shares.put(name, 40 / (shares.size() + 1)));
    List<List<Object>> rows =
        split(sum, new Breakdown(TRAFFIC, shares), channel).entrySet().stream()
            .filter(each -> each.getValue().views() > 0)
            .sorted(
                Comparator.comparingLong((Map.Entry<String, Day> each) -> -each.getValue().views())
                    .thenComparing(Map.Entry::getKey))
            .limit(Integer.parseInt(limit))
            .map(each -> AnalyticsTable.row(each.getKey(), metrics, each.getValue()))
            .toList();
    AnalyticsTable.answer(ctx, dimensions, metrics, rows);
  }

  private List<String> names(Channel channel, String source) {
    return switch (source) {
      case "YT_SEARCH" ->
          Stream.concat(
                  Stream.of(channel.niche().toLowerCase(Locale.ROOT)),
                  WORDS.stream().map(word -> word + " " + channel.niche()))
              .toList();
      case "RELATED_VIDEO" -> world.videos(channel).stream().limit(12).map(Video::id).toList();
      default -> List.of("www.reddit.com", "www.google.com", "news.example.org");
    };
  }

  private static Day sum(Function<LocalDate, Day> days, LocalDate start, LocalDate until) {
    Day sum = new Day(start, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    for (LocalDate day = start; !day.isAfter(until); day = day.plusDays(1)) {
      sum = sum.plus(days.apply(day));
    }
    long seconds = sum.views() == 0 ? 0 : Math.round(sum.minutesWatched() * 60.0 / sum.views());
    return new Day(
        start,
        sum.views(),
        sum.engagedViews(),
        sum.minutesWatched(),
        seconds,
        sum.averageViewPercentage(),
        sum.likes(),
        sum.comments(),
        sum.shares(),
        sum.subscribersGained(),
        sum.subscribersLost(),
        sum.revenue());
  }

  /**
   * Divides the counts of a day over the values of a dimension, so that they add up to the day's.
   * The shares of a channel are a little its own.
   */
  static Map<String, Day> split(Day day, Breakdown breakdown, Channel channel) {
    List<String> values = breakdown.shares().keySet().stream().sorted().toList();
    double[] weights =
        values.stream()
            .mapToDouble(value ->
                breakdown.shares().getOrDefault(value, 0)
                    * (0.8 + 0.4 * Math.floorMod((channel.id() + value).hashCode(), 1000) / 1000.0))
            .toArray();
    double all = Arrays.stream(weights).sum();
    Map<String, Day> split = new LinkedHashMap<>();
    double until = 0;
    for (int i = 0; i < weights.length; i++) {
      double from = until;
      until += weights[i] / all;
      double end = i == weights.length - 1 ? 1 : until;
      split.put(
          values.get(i),
          new Day(
              day.day(),
              part(day.views(), from, end),
              part(day.engagedViews(), from, end),
              part(day.minutesWatched(), from, end),
              day.averageViewDuration(),
              day.averageViewPercentage(),
              part(day.likes(), from, end),
              part(day.comments(), from, end),
              part(day.shares(), from, end),
              part(day.subscribersGained(), from, end),
              part(day.subscribersLost(), from, end),
              day.revenue() * (end - from)));
    }
    return split;
  }

  private static long part(long count, double from, double until) {
    return Math.round(count * until) - Math.round(count * from);
  }
}
