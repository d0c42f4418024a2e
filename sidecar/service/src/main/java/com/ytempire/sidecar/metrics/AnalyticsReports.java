package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.metrics.PlanDao.Source;
import com.ytempire.sidecar.metrics.Report.Schedule.ByDay;
import com.ytempire.sidecar.metrics.RowKind.Field;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.Line;
import com.ytempire.sidecar.youtube.YouTube.VideoDays;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  /** Videos of a channel that are asked for by day; what is older draws few views. */
  private static final int MAX_VIDEOS_BY_DAY = 5_000;

  /** Days between two that are due which one query covers, rather than two. */
  private static final int MAX_GAP_DAYS = 2;

  /** How often the videos that draw views are looked up: older ones than the plan knows may. */
  private static final Duration ACTIVE_VIDEOS_TTL = Duration.ofDays(7);

  /** Videos that Analytics refused are named again after this time: a private one may come back. */
  private static final Duration REFUSED_VIDEOS_KEPT = Duration.ofDays(30);

  /** Where Analytics refuses several videos by day at once, that is tried again after this time. */
  private static final Duration SHAPE_RECHECK = Duration.ofDays(7);

  /** Where it refused too many videos to find them all, it is tried again after this time. */
  private static final Duration MANY_REFUSED_RECHECK = Duration.ofDays(1);

  /** A channel's answer without rows is looked into, whether it was blanked, so often. */
  private static final Duration BLANK_RECHECK = Duration.ofDays(7);

  /** After so many days YouTube has finished a day, whether or not it has a row. */
  private static final int FINISHED_AGE = 5;

  private static final Logger log = LoggerFactory.getLogger(AnalyticsReports.class);

  /** Types of traffic source whose details are fetched: search terms, and suggesting videos. */
  private static final List<String> DETAILED_SOURCES = List.of("YT_SEARCH", "RELATED_VIDEO");

  private static final int DETAILS = 25;

  /** By plan, retention curves are stored of so many videos, the oldest curves first. */
  private static final int TOP_CURVES = 20;

  private static final int CURVES_PER_TURN = 2;

  /** Of a deleted video, or of one that hardly anybody watches, YouTube has no curve. */
  private static final int MAX_CURVE_QUERIES = 4;

  /** After this time a video without a curve is as good as one that was never asked for. */
  private static final Duration CURVE_RECHECK = Duration.ofDays(60);

  /** Of the newest days YouTube may have none yet; the third is there. */
  private static final int MAX_EMPTY_DAYS = 3;

  private final Database database;
  private final YouTube youTube;
  private final boolean hasVideoDayFilter;
  private final SingleFlight<CachedAnswer<FetchedRow>> flights = new SingleFlight<>();
  private final SingleFlight<Optional<CachedAnswer<DaysAnswer>>> plannedFlights =
      new SingleFlight<>();
  private final SingleFlight<CachedAnswer<String>> activeVideoFlights = new SingleFlight<>();

  /** The answer to a request by plan, with the days that were asked for. */
  private record DaysAnswer(List<LocalDate> days, List<FetchedRow> rows) {
    /** Whether nothing of it has been stored: all days that it has rows of are still due. */
    boolean isStillDue(Set<LocalDate> due) {
      return !rows.isEmpty() && due.containsAll(AnalyticsReports.days(rows));
    }

    /** Whether a day was asked for and has no row in it. */
    boolean isWithoutRowOf(LocalDate day) {
      return days.contains(day) && !AnalyticsReports.days(rows).contains(day);
    }
  }

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
    return requests.stream().map(request -> fetchUnlessRefused(context, request)).toList();
  }

  private Outcome fetchUnlessRefused(FetchContext context, PlannedRequest request) {
    return lastRefusal(context, request).orElseGet(() -> fetch(context, request));
  }

  private Outcome fetch(FetchContext context, PlannedRequest request) {
    try {
      boolean isOfVideos =
          request.report().hasForm(Report.Query.Form.VIDEOS_OF_A_DAY)
              && request.item().videoIds() == null;
      if (isOfVideos && !(request.isByPlan() && mayFilter(context, request))) {
        return days(context, request);
      }
      if (request.isByPlan() && request.report().schedule() instanceof ByDay) {
        return planned(context, request, isOfVideos);
      }
      String key = request.cacheKey();
      Optional<CachedAnswer<FetchedRow>> cached = cached(context, request, key);
      if (cached.isPresent()) {
        return FetchContext.cached(request, cached.get());
      }
      List<FetchedRow> rows = ask(context, key, () -> rows(context, request)).rows();
      if (request.isByPlan()
          && rows.isEmpty()
          && request.report().schedule() instanceof Report.Schedule.ByPeriod) {
        // An answer, too: the next period is asked for next.
        noteWithoutRows(context, request, List.of(request.last()), rows, List.of());
      }
      return context.rows(request, rows);
    } catch (YouTubeException e) {
      if (request.isByPlan() && e.failure() instanceof Failure.NotMonetised) {
        return new Outcome.NotDue(
            request.index(), context.now().plus(REVENUE_RECHECK), Outcome.NotDue.Cause.NOT_DUE);
      }
      if (isBackfill(request) && e.failure() instanceof Failure.Refused && e.isBadRequest()) {
        // The same query would be refused again; the days before it may be answered.
        skip(context, request, request.first(), true);
      } else {
        remember(context, request, e.failure());
      }
      return context.missed(request, e);
    }
  }

  /** Whether a request is for a part of a backfill. */
  private static boolean isBackfill(PlannedRequest request) {
    @Nullable Backfill backfill = request.channel().backfills().get(request.report());
    return request.isByPlan()
        && backfill != null
        && !request.days().isEmpty()
        && request.last().isBefore(backfill.reached());
  }

  /**
   * Moves a backfill down to a day, because nothing is stored of the days from there on.
   *
   * @param isDone whether the part ends with that, and so is today's
   */
  private void skip(FetchContext context, PlannedRequest request, LocalDate day, boolean isDone) {
    try {
      database.asTenant(handle ->
          handle
              .attach(BackfillDao.class)
              .skip(
                  request.channelId(),
                  request.report().label(),
                  day,
                  isDone ? context.now().toString() : null));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("how far a backfill has come was not noted: {}", e.getMessage());
    }
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
    return "%s:%s:%s"
        .formatted(
            request.channelId(),
            request.report().label(),
            isBackfill(request) ? "backfill-refused" : "refused");
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
    return context.cache().findSince(key, oldestByPlan(context, maxAge), FetchedRow.class);
  }

  private static Instant oldestByPlan(FetchContext context, Duration maxAge) {
    Instant oldest = context.now().minus(maxAge);
    Instant midnight =
        LocalDate.ofInstant(context.now(), Bucket.PACIFIC).atStartOfDay(Bucket.PACIFIC).toInstant();
    return oldest.isBefore(midnight) ? midnight : oldest;
  }

  /** Whether videos may be asked for by day together, as far as is known. */
  private boolean mayFilter(FetchContext context, PlannedRequest request) {
    return hasVideoDayFilter && context.cache().refusal(shapeKey(request)).isEmpty();
  }

  private static String shapeKey(PlannedRequest request) {
    return request.channelId() + ":video-days:refused";
  }

  /**
   * The days that are due, in as few queries as can be. What is cached was fetched before and is
   * not stored: it comes again until it is, and other days wait for that. Days that YouTube has
   * answered without a row are noted, so that they are not asked for ever.
   */
  private Outcome planned(FetchContext context, PlannedRequest request, boolean isOfVideos) {
    String key = isBackfill(request) ? request.backfillCacheKey() : request.plannedCacheKey();
    @Nullable CachedAnswer<DaysAnswer> known = cachedDays(context, request, key).orElse(null);
    if (known != null) {
      DaysAnswer answer = known.rows().getFirst();
      if (answer.isStillDue(Set.copyOf(request.days()))) {
        return Outcome.Rows.of(request, answer.rows(), known.fetchedAt(), true);
      }
      List<LocalDate> open =
          request.days().stream().filter(day -> !answer.isWithoutRowOf(day)).toList();
      if (open.isEmpty()) {
        return unfinished(
            context, request, known.fetchedAt().plus(context.maxAge(request.report())));
      }
      if (open.size() < request.days().size()) {
        return asked(
            context,
            request.with(new Selection.Plan(open, List.of())),
            isOfVideos,
            key,
            request.days());
      }
    }
    return asked(context, request, isOfVideos, key, request.days());
  }

  /**
   * Asks for the days of a request.
   *
   * @param answered the days that the answer is of, those included that wait after one before
   */
  private Outcome asked(
      FetchContext context,
      PlannedRequest request,
      boolean isOfVideos,
      String key,
      List<LocalDate> answered) {
    return plannedFlights
        .get(context.userId() + key, () -> askPlanned(context, request, isOfVideos, key, answered))
        .<Outcome>map(answer -> context.rows(request, answer.rows().getFirst().rows()))
        .orElseGet(() -> days(context, request));
  }

  /**
   * The outcome of days that YouTube had no rows of a while ago and has not finished: they wait,
   * and a backfill does not wait for them.
   */
  private Outcome unfinished(FetchContext context, PlannedRequest request, Instant nextDueAt) {
    List<LocalDate> older =
        isBackfill(request)
            ? List.of()
            : Planner.backfillDays(request.report(), request.channel(), context.now());
    return older.isEmpty()
        ? new Outcome.NotDue(request.index(), nextDueAt, Outcome.NotDue.Cause.NOT_DUE)
        : fetchUnlessRefused(context, request.with(new Selection.Plan(older, List.of())));
  }

  /** Returns empty where videos are to be asked for day by day. */
  private Optional<CachedAnswer<DaysAnswer>> askPlanned(
      FetchContext context,
      PlannedRequest request,
      boolean isOfVideos,
      String key,
      List<LocalDate> days) {
    Optional<List<FetchedRow>> answer =
        isOfVideos ? videosByDay(context, request) : Optional.of(rows(context, request));
    return answer.map(rows -> {
      List<FetchedRow> zeros = zeroRows(context, request, request.days(), rows);
      List<FetchedRow> complete = Stream.concat(rows.stream(), zeros.stream()).toList();
      if (isBackfill(request)) {
        skipWithoutRows(context, request, days(complete));
      } else {
        noteWithoutRows(context, request, request.days(), rows, zeros);
      }
      return context
          .cache()
          .putFor(request.report().fresh(), key, List.of(new DaysAnswer(days, complete)));
    });
  }

  /** Moves a backfill on by the days that were asked for, down to the newest that has a row. */
  private void skipWithoutRows(
      FetchContext context, PlannedRequest request, Set<LocalDate> answered) {
    @Nullable LocalDate newest = answered.stream().max(LocalDate::compareTo).orElse(null);
    if (newest == null) {
      skip(context, request, request.first(), true);
    } else if (newest.isBefore(request.last())) {
      skip(context, request, newest.plusDays(1), false);
    }
  }

  /** What was fetched by plan today. */
  private static Optional<CachedAnswer<DaysAnswer>> cachedDays(
      FetchContext context, PlannedRequest request, String key) {
    Duration maxAge = context.maxAge(request.report());
    if (maxAge.isZero()) {
      return Optional.empty();
    }
    return context
        .cache()
        .findSince(key, oldestByPlan(context, maxAge), DaysAnswer.class)
        .filter(answer -> answer.rows().size() == 1);
  }

  /**
   * The days of a channel that YouTube left out because nothing happened: days without views are
   * missing rows. Zero once a newer day is there, or, of views, after {@value #FINISHED_AGE} days;
   * never before the channel's first day, nor where a figure is stored. An answer without any row
   * vouches for nothing, and is left as it is, and so do metrics that it lacks.
   */
  private List<FetchedRow> zeroRows(
      FetchContext context, PlannedRequest request, List<LocalDate> asked, List<FetchedRow> rows) {
    List<Metric> metrics =
        request.metrics().stream()
            .filter(metric -> metric.isSum() && rows.stream().anyMatch(row -> row.has(metric)))
            .toList();
    if (!request.report().query().dimensions().equals(List.of(AnalyticsQuery.DAY))
        || metrics.isEmpty()) {
      return List.of();
    }
    Set<LocalDate> answered = days(rows);
    LocalDate oldest = answered.stream().min(LocalDate::compareTo).orElseThrow();
    LocalDate newest = answered.stream().max(LocalDate::compareTo).orElseThrow();
    List<LocalDate> without =
        asked.stream()
            .filter(day -> !answered.contains(day) && isFinished(context, day, newest))
            .toList();
    if (without.isEmpty()) {
      return List.of();
    }
    StoredDays stored = storedDays(request, without);
    @Nullable LocalDate known = stored.first();
    LocalDate first = known != null && known.isBefore(oldest) ? known : oldest;
    return without.stream()
        .filter(day -> !day.isBefore(first))
        .map(day -> {
          FetchedRow row = context.row(request).set("day", day);
          metrics.stream()
              .filter(metric ->
                  metric.isRevenue()
                      ? day.isBefore(newest) && !stored.withRevenue().contains(day)
                      : !stored.withViews().contains(day))
              .forEach(metric -> row.set(metric, BigDecimal.ZERO));
          return row;
        })
        .filter(row -> metrics.stream().anyMatch(row::has))
        .toList();
  }

  /**
   * What is stored of days of a channel.
   *
   * @param first the first day that is stored; null: none
   * @param withViews those with views, and so {@code withRevenue}
   */
  private record StoredDays(
      @Nullable LocalDate first, Set<LocalDate> withViews, Set<LocalDate> withRevenue) {}

  private StoredDays storedDays(PlannedRequest request, List<LocalDate> days) {
    LocalDate[] some = days.toArray(LocalDate[]::new);
    return database
        .idempotent()
        .asTenant(handle -> {
          PlanDao dao = handle.attach(PlanDao.class);
          return new StoredDays(
              dao.firstDayWithViews(request.channelId()).stream().findFirst().orElse(null),
              dao.daysWithViews(request.channelId(), some),
              dao.daysWithRevenue(request.channelId(), some));
        });
  }

  /** Whether YouTube has finished a day, given the newest day that it has a row of. */
  private static boolean isFinished(
      FetchContext context, LocalDate day, @Nullable LocalDate newest) {
    return (newest != null && day.isBefore(newest))
        || !day.isAfter(LocalDate.ofInstant(context.now(), Bucket.PACIFIC).minusDays(FINISHED_AGE));
  }

  private static Set<LocalDate> days(List<FetchedRow> rows) {
    return rows.stream()
        .map(row -> LocalDate.parse(row.text("day")))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Whether a channel has no rows of its last days, finished ones among them, nor anything stored.
   *
   * @param rows that YouTube answered
   */
  private boolean isQuiet(
      FetchContext context, PlannedRequest request, List<LocalDate> asked, List<FetchedRow> rows) {
    LocalDate settled =
        LocalDate.ofInstant(context.now(), Bucket.PACIFIC).minusDays(Restatement.SETTLED_AGE);
    List<LocalDate> last = asked.stream().filter(day -> day.isAfter(settled)).toList();
    if (last.stream().noneMatch(day -> isFinished(context, day, null))
        || days(rows).stream().anyMatch(last::contains)) {
      return false;
    }
    StoredDays stored = storedDays(request, last);
    return (request.report().isRevenue() ? stored.withRevenue() : stored.withViews()).isEmpty();
  }

  /**
   * Notes finished days without rows. The others are asked for again tomorrow, as all days of the
   * last week are; by the days of a channel that is not quiet, which are a query alone, in a few
   * hours, so that what is new is seen.
   *
   * @param zeros rows that were made of days without one
   */
  private void noteWithoutRows(
      FetchContext context,
      PlannedRequest request,
      List<LocalDate> asked,
      List<FetchedRow> rows,
      List<FetchedRow> zeros) {
    Set<LocalDate> answered = new HashSet<>(days(rows));
    @Nullable LocalDate newest = answered.stream().max(LocalDate::compareTo).orElse(null);
    answered.addAll(days(zeros));
    try {
      boolean waits =
          request.report() != Report.CHANNEL_DAY || isQuiet(context, request, asked, rows);
      LocalDate[] without =
          asked.stream()
              .filter(day -> !answered.contains(day) && (waits || isFinished(context, day, newest)))
              .toArray(LocalDate[]::new);
      if (without.length == 0) {
        return;
      }
      database.useTenant(handle ->
          handle
              .attach(PlanDao.class)
              .noteWithoutRows(
                  request.channelId(), request.report().label(), without, context.now()));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      // They are asked for again with the next tick.
      log.warn("days without rows were not noted: {}", e.getMessage());
    }
  }

  /**
   * The videos of a channel on the days that are due, many of both in one query.
   *
   * @return empty where day by day is what works, or what takes fewer queries
   */
  private Optional<List<FetchedRow>> videosByDay(FetchContext context, PlannedRequest request) {
    List<String> ids = videosToAsk(context, request);
    if (ids.isEmpty()) {
      return Optional.of(List.of());
    }
    int batches = (ids.size() + AnalyticsQuery.MAX_VIDEOS - 1) / AnalyticsQuery.MAX_VIDEOS;
    int each = (ids.size() + batches - 1) / batches;
    List<Selection.Period> spans =
        spans(request.days(), Math.max(1, AnalyticsQuery.MAX_ROWS / each));
    if (batches * spans.size() > Math.max(1, request.days().size())) {
      return Optional.empty();
    }
    List<FetchedRow> rows = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += each) {
      List<String> some = ids.subList(from, Math.min(from + each, ids.size()));
      for (Selection.Period span : spans) {
        VideoDays answer = linesOfVideos(context, request, span, some);
        answer.lines().forEach(line -> row(context, request, line, Map.of()).ifPresent(rows::add));
        switch (answer.extent()) {
          case COMPLETE -> {}
          // What was answered is a part of each day, and stored it would count as the whole.
          case SHAPE_REFUSED, TOO_MANY_REFUSED -> {
            return Optional.empty();
          }
        }
      }
    }
    return Optional.of(rows);
  }

  /** Asks for videos by day; what is refused is noted, be it videos or such queries. */
  private VideoDays linesOfVideos(
      FetchContext context, PlannedRequest request, Selection.Period span, List<String> ids) {
    AnalyticsQuery query =
        AnalyticsQuery.of(
                request.channelId(),
                span.first(),
                span.last(),
                List.of(AnalyticsQuery.DAY, AnalyticsQuery.VIDEO),
                request.metrics())
            .ofVideos(ids)
            .limit(AnalyticsQuery.MAX_ROWS);
    VideoDays answer =
        guarded(
            context,
            request,
            query,
            some -> youTube.videoDays(context.call(request.channelId()), some),
            found -> found.extent() == VideoDays.Extent.COMPLETE && found.lines().isEmpty());
    if (!answer.refused().isEmpty()) {
      noteRefused(context, request.channelId(), answer.refused());
    }
    if (answer.extent() != VideoDays.Extent.COMPLETE) {
      boolean isShape = answer.extent() == VideoDays.Extent.SHAPE_REFUSED;
      context
          .cache()
          .putRefusal(
              shapeKey(request),
              new AnswerCache.Refusal(
                  Reason.REFUSED,
                  isShape
                      ? "YouTube Analytics does not answer for several videos by day; they are asked for day by day."
                      : "YouTube Analytics refuses many of the channel's videos; they are asked for day by day until tomorrow.",
                  context.now().plus(isShape ? SHAPE_RECHECK : MANY_REFUSED_RECHECK)));
    }
    return answer;
  }

  private void noteRefused(FetchContext context, String channelId, List<String> videoIds) {
    log.info("Analytics refuses {} videos of channel {}", videoIds.size(), channelId);
    try {
      database.useTenant(handle ->
          handle
              .attach(PlanDao.class)
              .noteRefusedVideos(channelId, videoIds.toArray(String[]::new), context.now()));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("refused videos were not noted, and are named once more: {}", e.getMessage());
    }
  }

  /** Spans of consecutive days, oldest first, each of so many days at most. */
  static List<Selection.Period> spans(List<LocalDate> days, int longest) {
    List<Selection.Period> spans = new ArrayList<>();
    @Nullable LocalDate first = null;
    @Nullable LocalDate last = null;
    for (LocalDate day : days.stream().sorted().toList()) {
      if (first != null
          && last != null
          && (day.isAfter(last.plusDays(1 + MAX_GAP_DAYS))
              || !day.isBefore(first.plusDays(longest)))) {
        spans.add(new Selection.Period(first, last));
        first = null;
      }
      if (first == null) {
        first = day;
      }
      last = day;
    }
    if (first != null && last != null) {
      spans.add(new Selection.Period(first, last));
    }
    return spans;
  }

  /** The videos that are known and those that draw views, without those that are refused. */
  private List<String> videosToAsk(FetchContext context, PlannedRequest request) {
    String channelId = request.channelId();
    Set<String> ids = new TreeSet<>(activeVideos(context, request));
    database
        .idempotent()
        .asTenant(handle -> {
          PlanDao dao = handle.attach(PlanDao.class);
          ids.addAll(dao.videoIds(channelId, MAX_VIDEOS_BY_DAY));
          ids.removeAll(dao.refusedVideos(channelId, context.now().minus(REFUSED_VIDEOS_KEPT)));
          return true;
        });
    return List.copyOf(ids);
  }

  /** The channel's most viewed videos of the last weeks, whether or not the plan knows them. */
  private List<String> activeVideos(FetchContext context, PlannedRequest request) {
    String key = request.channelId() + ":active-videos";
    Optional<CachedAnswer<String>> known =
        context.cache().find(key, ACTIVE_VIDEOS_TTL, String.class);
    if (known.isPresent()) {
      return known.get().rows();
    }
    LocalDate today = LocalDate.ofInstant(context.now(), Bucket.PACIFIC);
    int window =
        request.report().schedule() instanceof ByDay days ? days.window() : request.days().size();
    AnalyticsQuery query =
        AnalyticsQuery.of(
                request.channelId(),
                today.minusDays(window),
                today.minusDays(1),
                List.of(AnalyticsQuery.VIDEO),
                List.of(Metric.VIEWS))
            .top(Metric.VIEWS, TOP_VIDEOS);
    return activeVideoFlights
        .get(
            context.userId() + key,
            () ->
                context
                    .cache()
                    .putFor(
                        ACTIVE_VIDEOS_TTL,
                        key,
                        youTube.analytics(context.call(request.channelId()), query).stream()
                            .map(
                                line -> String.valueOf(line.dimensions().get(AnalyticsQuery.VIDEO)))
                            .toList()))
        .rows();
  }

  /**
   * The largest videos of each day, a query a day. By plan one day is fetched at a time, the newest
   * that YouTube has: many days would hold up everybody's Analytics. What is cached was fetched
   * before and never stored; it comes again until it is.
   */
  private Outcome days(FetchContext context, PlannedRequest request) {
    List<FetchedRow> rows = new ArrayList<>();
    List<LocalDate> asked = new ArrayList<>();
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
        asked.add(day);
        answer = ask(context, key, () -> largest(context, request, day));
      }
      hasRows |= !answer.rows().isEmpty();
      rows.addAll(answer.rows());
    }
    if (request.isByPlan()) {
      noteWithoutRows(context, request, asked, rows, List.of());
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
        .flatMap(line -> row(context, request, line, Map.of("day", day)).stream())
        .toList();
  }

  private List<FetchedRow> rows(FetchContext context, PlannedRequest request) {
    List<String> dimensions = request.report().query().dimensions();
    return switch (request.report().query().form()) {
      case DAYS -> {
        List<FetchedRow> rows =
            new ArrayList<>(
                lines(context, request, query(request, dimensions)).stream()
                    .flatMap(line -> row(context, request, line, Map.of()).stream())
                    .toList());
        if (!request.isByPlan()) {
          rows.addAll(zeroRows(context, request, request.days(), rows));
        }
        yield rows;
      }
      case VIDEOS_OF_A_DAY -> ofVideos(context, request);
      case TOP -> top(context, request, dimensions);
      case CURVE ->
          request.isByPlan()
              ? curves(context, request)
              : curve(context, request, videoIds(request).getFirst());
      case PERIOD ->
          lines(context, request, ofOneVideo(request, query(request, dimensions))).stream()
              .flatMap(line -> row(context, request, line, ofSubject(request)).stream())
              .toList();
      case DETAILS -> details(context, request);
    };
  }

  private List<FetchedRow> curve(FetchContext context, PlannedRequest request, String videoId) {
    AnalyticsQuery query =
        query(request, request.report().query().dimensions()).ofVideos(List.of(videoId));
    return lines(context, request, query).stream()
        .flatMap(
            line -> row(context, request, line, ofPeriod(request, "videoId", videoId)).stream())
        .toList();
  }

  /**
   * The curves of some of the top videos: those whose stored curves are the oldest. Videos without
   * one make place for others for a while.
   */
  private List<FetchedRow> curves(FetchContext context, PlannedRequest request) {
    String key = request.channelId() + ":videos-without-curve";
    // In the order of the last attempt.
    Set<String> without =
        new LinkedHashSet<>(
            context
                .cache()
                .find(key, CURVE_RECHECK, String.class)
                .map(CachedAnswer::rows)
                .orElse(List.of()));
    List<String> candidates =
        database.asTenant(handle ->
            handle
                .attach(PlanDao.class)
                .videosWithOldestCurve(
                    request.channelId(),
                    request.first(),
                    TOP_CURVES,
                    MAX_CURVE_QUERIES,
                    without.toArray(String[]::new)));
    List<FetchedRow> rows = new ArrayList<>();
    int curves = 0;
    int answers = 0;
    @Nullable YouTubeException refusal = null;
    for (String videoId : candidates) {
      List<FetchedRow> curve = List.of();
      try {
        curve = curve(context, request, videoId);
        answers++;
      } catch (YouTubeException e) {
        if (!(e.failure() instanceof Failure.Refused)) {
          throw e;
        }
        refusal = e;
      }
      rows.addAll(curve);
      without.remove(videoId);
      if (curve.isEmpty()) {
        without.add(videoId);
      } else if (++curves == CURVES_PER_TURN) {
        break;
      }
    }
    context.cache().putFor(CURVE_RECHECK, key, List.copyOf(without));
    if (refusal != null && answers == 0) {
      // Not the videos are refused, as deleted ones are, but all such queries.
      throw refusal;
    }
    return rows;
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
        row(context, request, line, others).ifPresent(rows::add);
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
            request.channelId(), request.first(), request.last(), dimensions, request.metrics())
        .in(request.item().currency());
  }

  /** Certain videos, day by day: together, or one by one where Analytics does not take that. */
  private List<FetchedRow> ofVideos(FetchContext context, PlannedRequest request) {
    List<String> ids = videoIds(request);
    List<FetchedRow> rows = new ArrayList<>();
    if (ids.size() > 1 && mayFilter(context, request)) {
      int each = Math.min(ids.size(), AnalyticsQuery.MAX_VIDEOS);
      List<Selection.Period> spans = spans(request.days(), AnalyticsQuery.MAX_ROWS / each);
      boolean isComplete = true;
      for (int from = 0; isComplete && from < ids.size(); from += each) {
        List<String> some = ids.subList(from, Math.min(from + each, ids.size()));
        for (Selection.Period span : spans) {
          VideoDays answer = linesOfVideos(context, request, span, some);
          isComplete &= answer.extent() == VideoDays.Extent.COMPLETE;
          answer
              .lines()
              .forEach(line -> row(context, request, line, Map.of()).ifPresent(rows::add));
        }
      }
      if (isComplete) {
        return rows;
      }
      rows.clear();
    }
    for (String id : ids) {
      AnalyticsQuery query = query(request, List.of(AnalyticsQuery.DAY)).ofVideos(List.of(id));
      for (Line line : lines(context, request, query)) {
        row(context, request, line, Map.of("videoId", id)).ifPresent(rows::add);
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
      row(context, request, line, ofPeriod(request, "rank", rows.size() + 1L)).ifPresent(rows::add);
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
   * @return empty when the line makes no sense, so that it costs no other
   */
  private static Optional<FetchedRow> row(
      FetchContext context, PlannedRequest request, Line line, Map<String, Object> others) {
    try {
      return Optional.of(readRow(context, request, line, others));
    } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
      log.warn("a row of {} was left out: {}", request.report().label(), e.getMessage());
      return Optional.empty();
    }
  }

  private static FetchedRow readRow(
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

  private List<Line> lines(FetchContext context, PlannedRequest request, AnalyticsQuery query) {
    return guarded(
        context,
        request,
        query,
        some -> youTube.analytics(context.call(request.channelId()), some),
        List::isEmpty);
  }

  /**
   * Asks; what YouTube says about revenue is remembered. Revenue is guarded by the metrics of the
   * query and not by the report: where it is not to be had, for want of the owner's consent or of
   * revenue, it is left out and the other metrics are asked for without it.
   */
  private <T> T guarded(
      FetchContext context,
      PlannedRequest request,
      AnalyticsQuery query,
      Function<AnalyticsQuery, T> question,
      Predicate<T> isBlank) {
    Source source = request.channel().source();
    if (query.metrics().stream().noneMatch(Metric::isRevenue)) {
      T answer = question.apply(query);
      return mayBeBlanked(context, query) && isBlank.test(answer)
          ? unblanked(context, request, query, question, isBlank, answer)
          : answer;
    }
    List<Metric> others = query.metrics().stream().filter(metric -> !metric.isRevenue()).toList();
    boolean hasOthers =
        !others.isEmpty() && (query.sortBy() == null || others.contains(query.sortBy()));
    try {
      if (!source.revenue().allowsRevenue()) {
        throw new YouTubeException(
            new Failure.ScopeMissing("The owner did not allow revenue to be read."));
      }
      if (!request.isByPlan() && Planner.knownToHaveNoRevenue(source, context.now())) {
        throw new YouTubeException(
            new Failure.NotMonetised(
                "YouTube shows no revenue of this channel; it is asked again a week after it said so."));
      }
      T answer = question.apply(query);
      if (!Boolean.TRUE.equals(source.revenue().monetised())) {
        setMonetised(context, source, true);
      }
      return answer;
    } catch (YouTubeException e) {
      if (e.failure() instanceof Failure.NotMonetised
          && !Planner.knownToHaveNoRevenue(source, context.now())) {
        setMonetised(context, source, false);
      }
      if (hasOthers
          && (e.failure() instanceof Failure.NotMonetised
              || e.failure() instanceof Failure.ScopeMissing)) {
        return question.apply(query.withMetrics(others));
      }
      throw e;
    }
  }

  /** The answer without percentages, unless that lately had no rows either. */
  private static <T> T unblanked(
      FetchContext context,
      PlannedRequest request,
      AnalyticsQuery query,
      Function<AnalyticsQuery, T> question,
      Predicate<T> isBlank,
      T answer) {
    // Of these videos: those of another query may have been watched.
    String key =
        "%s:%s:quiet:%08x"
            .formatted(request.channelId(), request.report().label(), query.videoIds().hashCode());
    if (context.cache().refusal(key).isPresent()) {
      return answer;
    }
    T other = question.apply(withoutPercentages(query));
    if (isBlank.test(other)) {
      context
          .cache()
          .putRefusal(
              key,
              new AnswerCache.Refusal(
                  Reason.REFUSED,
                  "YouTube Analytics has no rows of this channel.",
                  context.now().plus(BLANK_RECHECK)));
    }
    return other;
  }

  /**
   * Whether an answer without rows may be a blanked one: engaged views asked together with
   * percentages can blank an answer (issuetracker.google.com/issues/552694602). Of days that are
   * not finished, none is expected.
   */
  private static boolean mayBeBlanked(FetchContext context, AnalyticsQuery query) {
    return query.metrics().contains(Metric.ENGAGED_VIEWS)
        && query.metrics().contains(Metric.AVERAGE_VIEW_PERCENTAGE)
        && query
            .first()
            .isBefore(LocalDate.ofInstant(context.now(), Bucket.PACIFIC).minusDays(FINISHED_AGE));
  }

  private static AnalyticsQuery withoutPercentages(AnalyticsQuery query) {
    return query.withMetrics(
        query.metrics().stream()
            .filter(metric -> metric != Metric.AVERAGE_VIEW_PERCENTAGE)
            .toList());
  }

  private void setMonetised(FetchContext context, Source source, boolean isMonetised) {
    database.useTenant(handle ->
        handle.attach(PlanDao.class).setMonetised(source.channelId(), isMonetised, context.now()));
  }
}
