package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.Schedule.ByDay;
import com.ytempire.sidecar.metrics.Schedule.ByPeriod;
import com.ytempire.sidecar.metrics.Schedule.ByVideo;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the reports of the Analytics API. Each asks a query of its own, since a slow metric would
 * cut the last days off the others. Safe to share between threads.
 */
final class AnalyticsReports implements ReportSource {
  private static final Duration REVENUE_RECHECK = Duration.ofDays(7);
  private static final Duration NEXT_TICK = Duration.ofMinutes(15);

  private final AnalyticsCache cache = new AnalyticsCache();
  private final MissingDays missingDays;
  private final BackfillProgress backfillProgress;
  private final VideosByDay videosByDay;
  private final TopVideosByDay topVideosByDay;
  private final ReportQueries queries;
  private final PlannedDays plannedDays;

  /**
   * Makes the source.
   *
   * @param hasVideoDayFilter whether Analytics is asked for several videos by day at once
   * @param minuteQuota queries of Analytics that the project may send in a minute
   */
  AnalyticsReports(
      Database database, YouTube youTube, boolean hasVideoDayFilter, long minuteQuota) {
    AnalyticsCalls calls = new AnalyticsCalls(database, youTube);
    this.missingDays = new MissingDays(database);
    this.backfillProgress = new BackfillProgress(database);
    this.videosByDay =
        new VideosByDay(
            calls,
            new VideoCandidates(database, calls),
            new VanishedVideoDays(database, youTube),
            hasVideoDayFilter);
    this.topVideosByDay = new TopVideosByDay(calls, cache, missingDays);
    this.queries =
        new ReportQueries(
            database,
            calls,
            videosByDay,
            new RetentionCurves(
                database,
                calls,
                new CurveRateLimit(minuteQuota, ByVideo.RETENTION.maxVideosPerDay())),
            missingDays);
    this.plannedDays =
        new PlannedDays(queries, videosByDay, topVideosByDay, missingDays, backfillProgress);
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.ANALYTICS);
  }

  @Override
  public List<Outcome> fetch(FetchContext context, List<PlannedRequest> requests) {
    return requests.stream().map(request -> fetch(context, request)).toList();
  }

  private Outcome fetch(FetchContext context, PlannedRequest request) {
    return AnalyticsCache.refusal(context, request)
        .orElseGet(() -> {
          try {
            return ask(context, request);
          } catch (YouTubeException e) {
            return failed(context, request, e, null);
          } catch (RetentionCurves.CurveUnavailable e) {
            return failed(context, request, e.cause(), e.videoId());
          } catch (RetentionCurves.CurveLimitException e) {
            return new Outcome.NotDue(
                request.index(), context.now().plus(NEXT_TICK), Outcome.NotDue.Cause.POSTPONED);
          }
        });
  }

  private Outcome ask(FetchContext context, PlannedRequest request) {
    if (request.isOfAllVideos()
        && !(request.isByPlan() && videosByDay.isAllowed(context, request))) {
      return topVideosByDay.fetch(context, request);
    }
    return request.isByPlan() && request.report().schedule() instanceof ByDay
        ? planned(context, request)
        : cachedOrFetched(context, request);
  }

  /** Days that YouTube has no rows of yet wait; a backfill does not wait for them. */
  private Outcome planned(FetchContext context, PlannedRequest request) {
    Outcome outcome = plannedDays.fetch(context, request);
    if (!(outcome instanceof Outcome.NotDue) || request.isBackfill()) {
      return outcome;
    }
    List<LocalDate> older =
        DayPlan.backfillDays(request.report(), request.channel(), context.now());
    return older.isEmpty()
        ? outcome
        : fetch(context, request.with(new Selection.Plan(older, List.of())));
  }

  private Outcome cachedOrFetched(FetchContext context, PlannedRequest request) {
    String key = key(context, request);
    Optional<CachedAnswer<FetchedRow>> cached = AnalyticsCache.find(context, request, key);
    if (cached.isPresent()) {
      return FetchContext.cached(request, cached.get());
    }
    List<FetchedRow> rows = cache.ask(context, key, () -> queries.rows(context, request)).rows();
    if (request.isByPlan() && rows.isEmpty() && isOfPeriods(request.report().schedule())) {
      // An answer, too: the next period, or the next day's curves, are asked for next.
      missingDays.note(context, request, List.of(request.last()), rows, List.of());
    }
    return context.rows(request, rows);
  }

  /** Curves of a period are asked for day after day, each time of other videos. */
  private static String key(FetchContext context, PlannedRequest request) {
    return request.isByPlan() && request.report().schedule() instanceof ByVideo
        ? request.cacheKey() + ":" + CurvePlan.openDay(request.channelId(), context.now())
        : request.cacheKey();
  }

  private static boolean isOfPeriods(Schedule schedule) {
    return schedule instanceof ByPeriod || schedule instanceof ByVideo;
  }

  private Outcome failed(
      FetchContext context, PlannedRequest request, YouTubeException e, @Nullable String videoId) {
    if (request.isByPlan() && e.failure() instanceof Failure.NotMonetized) {
      return new Outcome.NotDue(
          request.index(), context.now().plus(REVENUE_RECHECK), Outcome.NotDue.Cause.NOT_DUE);
    }
    if (request.isBackfill() && e.failure() instanceof Failure.Refused && e.isBadRequest()) {
      // The same query would be refused again; the days before it may be answered.
      backfillProgress.skipAll(context, request);
    } else {
      AnalyticsCache.putRefusal(context, request, e.failure(), videoId);
    }
    return context.missed(request, e).ofVideo(videoId);
  }
}
