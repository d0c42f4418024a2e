package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.Schedule.ByVideo;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fetches the retention curves of videos, one video a query. Safe to share between threads. */
final class RetentionCurves {
  /** The failure of the query for one video's curve. */
  static final class CurveUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String videoId;
    private final YouTubeException cause;

    private CurveUnavailable(String videoId, YouTubeException cause) {
      super(cause);
      this.videoId = videoId;
      this.cause = cause;
    }

    String videoId() {
      return videoId;
    }

    YouTubeException cause() {
      return cause;
    }
  }

  /** The refusal of {@link CurveRateLimit}: the minute has no room for the curves of a channel. */
  static final class CurveLimitException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final Database database;
  private final AnalyticsCalls calls;
  private final CurveRateLimit rateLimit;

  RetentionCurves(Database database, AnalyticsCalls calls, CurveRateLimit rateLimit) {
    this.database = database;
    this.calls = calls;
    this.rateLimit = rateLimit;
  }

  /** The curve of the video that a request names; by plan, of some of the channel's top videos. */
  List<FetchedRow> rows(FetchContext context, PlannedRequest request) {
    return request.report().schedule() instanceof ByVideo schedule && request.isByPlan()
        ? oldest(context, request, schedule)
        : curve(context, request, request.videoIds().getFirst());
  }

  private List<FetchedRow> curve(FetchContext context, PlannedRequest request, String videoId) {
    AnalyticsQuery query =
        request.query(request.report().query().dimensions()).ofVideos(List.of(videoId));
    return AnalyticsRows.of(
        context,
        request,
        calls.lines(context, request, query),
        AnalyticsRows.ofPeriod(request, "videoId", videoId));
  }

  /**
   * The day's part of the curves of the top videos: those whose stored curves are the oldest. What
   * was answered before a query failed is kept, and the rest left to the next day.
   *
   * @throws CurveUnavailable when none was answered: when all are refused, it need not be the
   *     videos that are, as deleted ones are, but may be all such queries
   * @throws CurveLimitException when the minute has no room for them
   */
  private List<FetchedRow> oldest(FetchContext context, PlannedRequest request, ByVideo schedule) {
    VideosWithoutCurve without = VideosWithoutCurve.of(context, request);
    LocalDate day = CurvePlan.openDay(request.channelId(), context.now());
    List<String> candidates = candidates(context, request, schedule, without, day);
    if (!rateLimit.tryTake(context.userId(), candidates.size(), context.now())) {
      throw new CurveLimitException();
    }
    Map<String, List<FetchedRow>> curves = new LinkedHashMap<>();
    int answers = 0;
    @Nullable CurveUnavailable failure = null;
    for (String videoId : candidates) {
      try {
        curves.put(videoId, curve(context, request, videoId));
        answers++;
      } catch (YouTubeException e) {
        failure = new CurveUnavailable(videoId, e);
        if (!(e.failure() instanceof Failure.Refused)) {
          break;
        }
        curves.put(videoId, List.of());
      }
    }
    note(request, without, curves, answers > 0, day);
    if (failure != null && answers == 0) {
      throw failure;
    }
    noteAnswered(context, request);
    return curves.values().stream().flatMap(List::stream).toList();
  }

  private void noteAnswered(FetchContext context, PlannedRequest request) {
    database
        .idempotent()
        .useTenant(handle ->
            handle
                .attach(PlanDao.class)
                .noteAnsweredToPlan(request.channelId(), request.report().label(), context.now()));
  }

  /**
   * Notes which videos have no curve. When none was answered, those that were refused are noted as
   * without a curve on the second day only: one day on which Google refuses all says nothing of
   * them, but videos that are refused day after day must not keep the others from their curves.
   */
  private static void note(
      PlannedRequest request,
      VideosWithoutCurve without,
      Map<String, List<FetchedRow>> curves,
      boolean isAnyAnswered,
      LocalDate day) {
    curves.forEach((videoId, rows) -> {
      if (isAnyAnswered) {
        without.note(videoId, request.last(), !rows.isEmpty());
      } else {
        without.noteRefusal(videoId, request.last(), day);
      }
    });
    if (!curves.isEmpty()) {
      without.save();
    }
  }

  private List<String> candidates(
      FetchContext context,
      PlannedRequest request,
      ByVideo schedule,
      VideosWithoutCurve without,
      LocalDate day) {
    String channelId = request.channelId();
    int limit = ChannelSlots.shareOfWeek(request.report(), channelId, day, schedule.videos());
    return database
        .idempotent()
        .asTenant(handle ->
            handle
                .attach(PlanDao.class)
                .videosWithOldestCurve(
                    channelId,
                    request.first(),
                    request.last(),
                    without.ids(),
                    without.ids(request.last()),
                    schedule.videos(),
                    limit));
  }
}
