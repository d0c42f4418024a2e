package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fetches the retention curves of videos, one video a query. Safe to share between threads. */
final class RetentionCurves {
  /** By plan, retention curves are stored of so many videos, the oldest curves first. */
  private static final int TOP_CURVES = 20;

  private static final int CURVES_PER_TICK = 2;

  /** Of a deleted video, or of one that hardly anybody watches, YouTube has no curve. */
  private static final int MAX_CURVE_QUERIES = 4;

  /** After this time a video without a curve is as good as one that was never asked for. */
  private static final Duration CURVE_RECHECK = Duration.ofDays(60);

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

  private final Database database;
  private final AnalyticsCalls calls;

  RetentionCurves(Database database, AnalyticsCalls calls) {
    this.database = database;
    this.calls = calls;
  }

  /** The curve of the video that a request names; by plan, of some of the channel's top videos. */
  List<FetchedRow> rows(FetchContext context, PlannedRequest request) {
    return request.isByPlan()
        ? oldest(context, request)
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
   * The curves of some of the top videos: those whose stored curves are the oldest. Videos without
   * one make place for others for a while.
   *
   * @throws CurveUnavailable when a query failed, or all were refused: not the videos are, as
   *     deleted ones are, but all such queries
   */
  private List<FetchedRow> oldest(FetchContext context, PlannedRequest request) {
    String key = request.channelId() + ":videos-without-curve";
    Set<String> without = withoutCurve(context, key);
    List<FetchedRow> rows = new ArrayList<>();
    int curves = 0;
    int answers = 0;
    @Nullable CurveUnavailable refusal = null;
    for (String videoId : candidates(request, without)) {
      List<FetchedRow> curve = List.of();
      try {
        curve = curve(context, request, videoId);
        answers++;
      } catch (YouTubeException e) {
        refusal = new CurveUnavailable(videoId, e);
        if (!(e.failure() instanceof Failure.Refused)) {
          throw refusal;
        }
      }
      rows.addAll(curve);
      without.remove(videoId);
      if (curve.isEmpty()) {
        without.add(videoId);
      } else if (++curves == CURVES_PER_TICK) {
        break;
      }
    }
    context.cache().putFor(CURVE_RECHECK, key, List.copyOf(without));
    if (refusal != null && answers == 0) {
      throw refusal;
    }
    return rows;
  }

  /** Videos that had no curve, in the order of the last attempt. */
  private static Set<String> withoutCurve(FetchContext context, String key) {
    return new LinkedHashSet<>(
        context
            .cache()
            .find(key, CURVE_RECHECK, String.class)
            .map(CachedAnswer::rows)
            .orElse(List.of()));
  }

  private List<String> candidates(PlannedRequest request, Set<String> without) {
    return database.asTenant(handle ->
        handle
            .attach(PlanDao.class)
            .videosWithOldestCurve(
                request.channelId(),
                request.first(),
                TOP_CURVES,
                MAX_CURVE_QUERIES,
                without.toArray(String[]::new)));
  }
}
