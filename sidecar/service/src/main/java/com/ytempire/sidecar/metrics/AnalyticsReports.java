package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.PlanDao.Source;
import com.ytempire.sidecar.metrics.RowKind.Field;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.Line;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reports of Analytics. Each asks a query of its own, since a slow metric would cut the last days
 * off the others. Safe to share between threads.
 */
final class AnalyticsReports implements ReportSource {
  /** The fields of rows that hold a dimension, by YouTube's name of it. */
  private static final Map<String, String> DIMENSION_FIELDS =
      Map.of(
          AnalyticsQuery.DAY, "day",
          AnalyticsQuery.VIDEO, "videoId",
          AnalyticsQuery.TRAFFIC_SOURCE, "sourceType",
          AnalyticsQuery.ELAPSED, "elapsedVideoTimeRatio");

  private static final Duration REVENUE_RECHECK = Duration.ofDays(7);
  private static final int TOP_VIDEOS = 200;
  private static final int VIDEOS_PER_QUERY = 200;

  /** Types of traffic source whose details are told: search terms, and suggesting videos. */
  private static final List<String> DETAILED_SOURCES = List.of("YT_SEARCH", "RELATED_VIDEO");

  private static final int DETAILS = 25;

  /** By plan, retention curves are stored of so many videos, the oldest curves first. */
  private static final int TOP_CURVES = 20;

  private static final int CURVES_PER_TURN = 2;

  /** Of a deleted video, or of one that hardly anybody watches, YouTube has no curve. */
  private static final int MAX_CURVE_QUERIES = 4;

  /** Of the newest days YouTube may have none yet; the third is there. */
  private static final int MAX_EMPTY_DAYS = 3;

  private final Database database;
  private final YouTube youTube;
  private final boolean hasVideoDayFilter;
  private final SingleFlight<CachedAnswer<FetchedRow>> flights = new SingleFlight<>();

  /**
   * Makes the source.
   *
   * @param hasVideoDayFilter whether Analytics is asked for several videos by day at once
   */
  AnalyticsReports(Database database, YouTube youTube, boolean hasVideoDayFilter) {
    this.database = database;
    this.youTube = youTube;
    this.hasVideoDayFilter = hasVideoDayFilter;
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.ANALYTICS);
  }

  @Override
  public List<Outcome> fetch(FetchContext context, List<PlannedRequest> requests) {
    return requests.stream()
        .map(request -> lastRefusal(context, request).orElseGet(() -> fetch(context, request)))
        .toList();
  }

  private Outcome fetch(FetchContext context, PlannedRequest request) {
    try {
      if (request.report().hasForm(Report.Query.Form.VIDEOS_OF_A_DAY)
          && request.item().videoIds() == null) {
        return days(context, request);
      }
      String key = request.cacheKey();
      Optional<CachedAnswer<FetchedRow>> cached = cached(context, request, key);
      return cached.isPresent()
          ? FetchContext.cached(request, cached.get())
          : context.rows(
              request,
              skipped(context, request, ask(context, key, () -> rows(context, request)).rows()));
    } catch (YouTubeException e) {
      if (request.isByPlan() && e.failure() instanceof Failure.NotMonetised) {
        return new Outcome.NotDue(
            request.index(), context.now().plus(REVENUE_RECHECK), Outcome.NotDue.Cause.NOT_DUE);
      }
      remember(context, request, e.failure());
      return context.missed(request, e);
    }
  }

  /** Notes that YouTube has no row of a part of a backfill, which is done by that. */
  private List<FetchedRow> skipped(
      FetchContext context, PlannedRequest request, List<FetchedRow> rows) {
    @Nullable Backfill backfill = request.channel().backfills().get(request.report());
    if (rows.isEmpty()
        && request.isByPlan()
        && backfill != null
        && request.last().isBefore(backfill.reached())) {
      int unused =
          database.asTenant(handle ->
              handle
                  .attach(BackfillDao.class)
                  .skip(
                      request.channelId(),
                      request.report().label(),
                      request.first(),
                      context.now().toString()));
    }
    return rows;
  }

  /**
   * The outcome of a request by plan that Google refused lately: such a refusal is for good, so it
   * is not asked again at every tick.
   */
  private static Optional<Outcome> lastRefusal(FetchContext context, PlannedRequest request) {
    return request.isByPlan()
        ? context
            .cache()
            .refusal(refusalKey(request))
            .map(refusal ->
                new Outcome.Missed(
                    request.index(), refusal.reason(), refusal.message(), refusal.until()))
        : Optional.empty();
  }

  private static void remember(FetchContext context, PlannedRequest request, Failure failure) {
    if (request.isByPlan()
        && (failure instanceof Failure.Refused || failure instanceof Failure.ScopeMissing)) {
      context
          .cache()
          .putRefusal(
              refusalKey(request),
              new AnswerCache.Refusal(
                  Outcome.Missed.of(request.index(), failure).reason(),
                  failure.message(),
                  context.now().plus(request.report().fresh())));
    }
  }

  private static String refusalKey(PlannedRequest request) {
    return request.channelId() + ":" + request.report().label() + ":refused";
  }

  @FunctionalInterface
  private interface Question {
    List<FetchedRow> ask();
  }

  private CachedAnswer<FetchedRow> ask(FetchContext context, String key, Question question) {
    return flights.get(
        context.userId() + key, () -> context.cache().put(key, question.ask(), null));
  }

  /**
   * The cached answer, if it is young enough. By plan it must be of the same Pacific day: the plan
   * asks again each day because YouTube restates figures, and an answer from before midnight would
   * be stored as today's check.
   */
  private static Optional<CachedAnswer<FetchedRow>> cached(
      FetchContext context, PlannedRequest request, String key) {
    Duration maxAge = context.maxAge(request.report());
    if (!request.isByPlan() || maxAge.isZero()) {
      return context.cache().find(key, maxAge, FetchedRow.class);
    }
    Instant oldest = context.now().minus(maxAge);
    Instant midnight =
        LocalDate.ofInstant(context.now(), Bucket.PACIFIC).atStartOfDay(Bucket.PACIFIC).toInstant();
    return context
        .cache()
        .findSince(key, oldest.isBefore(midnight) ? midnight : oldest, FetchedRow.class);
  }

  /**
   * The largest videos of each day, a query a day. By plan one day is fetched at a time, the newest
   * that YouTube has: many days would hold up everybody's Analytics. What is cached was fetched
   * before and never stored; it comes again until it is.
   */
  private Outcome days(FetchContext context, PlannedRequest request) {
    List<FetchedRow> rows = new ArrayList<>();
    int queries = 0;
    boolean hasRows = false;
    for (LocalDate day : request.days()) {
      String key = request.cacheKey(day, day);
      @Nullable CachedAnswer<FetchedRow> answer = cached(context, request, key).orElse(null);
      if (answer == null) {
        if (request.isByPlan() && (hasRows || queries == MAX_EMPTY_DAYS)) {
          continue;
        }
        queries++;
        answer = ask(context, key, () -> largest(context, request, day));
      }
      hasRows |= !answer.rows().isEmpty();
      rows.addAll(answer.rows());
    }
    return Outcome.Rows.of(request, rows, context.now(), queries == 0);
  }

  private List<FetchedRow> largest(FetchContext context, PlannedRequest request, LocalDate day) {
    AnalyticsQuery query =
        AnalyticsQuery.of(
                request.channelId(),
                day,
                day,
                request.report().query().dimensions(),
                request.metrics())
            .top(request.metrics().getFirst(), TOP_VIDEOS);
    return lines(context, request, query).stream()
        .map(line -> row(context, request, line, Map.of("day", day)))
        .toList();
  }

  private List<FetchedRow> rows(FetchContext context, PlannedRequest request) {
    List<String> dimensions = request.report().query().dimensions();
    return switch (request.report().query().form()) {
      case DAYS ->
          lines(context, request, query(request, dimensions)).stream()
              .map(line -> row(context, request, line, Map.of()))
              .toList();
      case VIDEOS_OF_A_DAY -> ofVideos(context, request);
      case TOP -> top(context, request, dimensions);
      case CURVE ->
          request.isByPlan()
              ? curves(context, request)
              : curve(context, request, videoIds(request).getFirst());
      case PERIOD ->
          lines(context, request, ofOneVideo(request, query(request, dimensions))).stream()
              .map(line -> row(context, request, line, ofSubject(request)))
              .toList();
      case DETAILS -> details(context, request);
    };
  }

  private List<FetchedRow> curve(FetchContext context, PlannedRequest request, String videoId) {
    AnalyticsQuery query =
        query(request, request.report().query().dimensions()).ofVideos(List.of(videoId));
    return lines(context, request, query).stream()
        .map(line -> row(context, request, line, ofPeriod(request, "videoId", videoId)))
        .toList();
  }

  /** The curves of some of the top videos: those whose stored curves are the oldest. */
  private List<FetchedRow> curves(FetchContext context, PlannedRequest request) {
    List<String> candidates =
        database.asTenant(handle ->
            handle
                .attach(PlanDao.class)
                .videosWithOldestCurve(
                    request.channelId(), request.first(), TOP_CURVES, MAX_CURVE_QUERIES));
    List<FetchedRow> rows = new ArrayList<>();
    int curves = 0;
    for (String videoId : candidates) {
      List<FetchedRow> curve = curveIfAny(context, request, videoId);
      rows.addAll(curve);
      curves += curve.isEmpty() ? 0 : 1;
      if (curves == CURVES_PER_TURN) {
        break;
      }
    }
    return rows;
  }

  /** As {@link #curve}; empty where YouTube refuses the video, as it does one that is deleted. */
  private List<FetchedRow> curveIfAny(
      FetchContext context, PlannedRequest request, String videoId) {
    try {
      return curve(context, request, videoId);
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.Refused) {
        return List.of();
      }
      throw e;
    }
  }

  /** The largest sources of each type, a query each. */
  private List<FetchedRow> details(FetchContext context, PlannedRequest request) {
    List<FetchedRow> rows = new ArrayList<>();
    for (String source : DETAILED_SOURCES) {
      AnalyticsQuery query =
          ofOneVideo(request, query(request, List.of(AnalyticsQuery.TRAFFIC_DETAIL)))
              .ofSource(source)
              .top(request.metrics().getFirst(), DETAILS);
      Map<String, Object> others = new HashMap<>(ofSubject(request));
      others.put(AnalyticsQuery.TRAFFIC_SOURCE, source);
      for (Line line : lines(context, request, query)) {
        rows.add(row(context, request, line, others));
      }
    }
    return rows;
  }

  /** The query about the video that the request names, if it names one. */
  private static AnalyticsQuery ofOneVideo(PlannedRequest request, AnalyticsQuery query) {
    return videoIds(request).isEmpty() ? query : query.ofVideos(videoIds(request));
  }

  /** The fields that say of what, and of which days, the rows of a period are. */
  private static Map<String, Object> ofSubject(PlannedRequest request) {
    return videoIds(request).isEmpty()
        ? Map.of("startDate", request.first(), "endDate", request.last())
        : ofPeriod(request, "videoId", videoIds(request).getFirst());
  }

  private static List<String> videoIds(PlannedRequest request) {
    List<String> ids = request.item().videoIds();
    return ids == null ? List.of() : ids;
  }

  private static AnalyticsQuery query(PlannedRequest request, List<String> dimensions) {
    return AnalyticsQuery.of(
        request.channelId(), request.first(), request.last(), dimensions, request.metrics());
  }

  /** Certain videos, day by day: together where Analytics is known to take that, or one by one. */
  private List<FetchedRow> ofVideos(FetchContext context, PlannedRequest request) {
    List<String> ids = videoIds(request);
    List<FetchedRow> rows = new ArrayList<>();
    int step = hasVideoDayFilter ? VIDEOS_PER_QUERY : 1;
    List<String> dimensions =
        hasVideoDayFilter
            ? List.of(AnalyticsQuery.VIDEO, AnalyticsQuery.DAY)
            : List.of(AnalyticsQuery.DAY);
    for (int from = 0; from < ids.size(); from += step) {
      List<String> some = ids.subList(from, Math.min(from + step, ids.size()));
      for (Line line : lines(context, request, query(request, dimensions).ofVideos(some))) {
        rows.add(row(context, request, line, Map.of("videoId", some.getFirst())));
      }
    }
    return rows;
  }

  private List<FetchedRow> top(
      FetchContext context, PlannedRequest request, List<String> dimensions) {
    String sortBy = request.item().sortBy();
    Integer limit = request.item().limit();
    AnalyticsQuery query =
        query(request, dimensions)
            .top(
                sortBy == null ? Metric.VIEWS : Metric.of(sortBy).orElseThrow(),
                limit == null ? TOP_VIDEOS : limit);
    List<FetchedRow> rows = new ArrayList<>();
    for (Line line : lines(context, request, query)) {
      rows.add(row(context, request, line, ofPeriod(request, "rank", rows.size() + 1L)));
    }
    return rows;
  }

  private static Map<String, Object> ofPeriod(PlannedRequest request, String field, Object value) {
    return Map.of("startDate", request.first(), "endDate", request.last(), field, value);
  }

  /**
   * A row: what it is about in the order of its kind's fields, then its metrics. What YouTube does
   * not say is left out.
   *
   * @param others fields that are no dimensions of the query
   */
  private static FetchedRow row(
      FetchContext context, PlannedRequest request, Line line, Map<String, Object> others) {
    Map<String, String> dimensions = new HashMap<>();
    line.dimensions()
        .forEach((name, value) -> dimensions.put(DIMENSION_FIELDS.getOrDefault(name, name), value));
    if (request.report().rowKind().hasField("dimension")) {
      Report.Query query = request.report().query();
      dimensions.put("dimension", query.dimension());
      dimensions.put(
          "value",
          query.dimensions().stream()
              .filter(name -> !name.equals(AnalyticsQuery.DAY))
              .map(name ->
                  line.dimensions().containsKey(name)
                      ? line.dimensions().get(name)
                      : String.valueOf(others.get(name)))
              .collect(Collectors.joining(",")));
    }
    FetchedRow row = context.row(request);
    for (Field field : request.report().rowKind().fields()) {
      String dimension = dimensions.get(field.json());
      Object other = others.get(field.json());
      if (dimension != null) {
        row.set(
            field.json(),
            switch (field.type()) {
              case DAY -> LocalDate.parse(dimension);
              case RATE -> new BigDecimal(dimension);
              default -> dimension;
            });
      } else if (other != null) {
        row.set(field.json(), other);
      }
    }
    line.metrics().forEach(row::set);
    return row;
  }

  /** Asks; what YouTube says about revenue is remembered. */
  private List<Line> lines(FetchContext context, PlannedRequest request, AnalyticsQuery query) {
    Source source = request.channel().source();
    boolean isRevenue = query.metrics().stream().anyMatch(Metric::isRevenue);
    if (isRevenue && !request.isByPlan() && Planner.knownToHaveNoRevenue(source, context.now())) {
      throw new YouTubeException(
          new Failure.NotMonetised(
              "YouTube shows no revenue of this channel; it is asked again a week after it said so."));
    }
    try {
      List<Line> lines = youTube.analytics(context.call(request.channelId()), query);
      if (isRevenue && !Boolean.TRUE.equals(source.monetised())) {
        setMonetised(context, source, true);
      }
      return lines;
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.NotMonetised) {
        setMonetised(context, source, false);
      }
      throw e;
    }
  }

  private void setMonetised(FetchContext context, Source source, boolean isMonetised) {
    database.asTenant(handle ->
        handle
            .attach(PlanDao.class)
            .setMonetised(source.channelId(), isMonetised, context.now().atOffset(ZoneOffset.UTC)));
  }
}
