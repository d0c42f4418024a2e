package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube.Line;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queries of Analytics that answer a request, by the form of its report. Safe to share between
 * threads.
 */
final class ReportQueries {
  /** Types of traffic source whose details are fetched: search terms, and suggesting videos. */
  private static final List<String> DETAILED_SOURCES = List.of("YT_SEARCH", "RELATED_VIDEO");

  private static final int DETAILS = 25;

  /** By plan, details are fetched of the channel and, every other time, of so many top videos. */
  private static final int DETAILED_VIDEOS = 2;

  /** Days from one fetch of details by plan to the next. */
  private static final int DETAILS_CYCLE = 14;

  private static final Logger log = LoggerFactory.getLogger(ReportQueries.class);

  private final Database database;
  private final AnalyticsCalls calls;
  private final VideosByDay videosByDay;
  private final RetentionCurves curves;
  private final MissingDays missingDays;

  ReportQueries(
      Database database,
      AnalyticsCalls calls,
      VideosByDay videosByDay,
      RetentionCurves curves,
      MissingDays missingDays) {
    this.database = database;
    this.calls = calls;
    this.videosByDay = videosByDay;
    this.curves = curves;
    this.missingDays = missingDays;
  }

  /** The rows of a request; of a report of videos by day, those of the videos that it names. */
  List<FetchedRow> rows(FetchContext context, PlannedRequest request) {
    return switch (request.report().query().form()) {
      case DAYS -> days(context, request);
      case VIDEOS_OF_A_DAY -> videosByDay.ofNamedVideos(context, request);
      case TOP -> top(context, request);
      case CURVE -> curves.rows(context, request);
      case PERIOD -> period(context, request);
      case DETAILS ->
          request.isByPlan() ? plannedDetails(context, request) : details(context, request);
    };
  }

  /** By plan, days without rows wait for what the plan makes of them. */
  private List<FetchedRow> days(FetchContext context, PlannedRequest request) {
    AnalyticsQuery query = request.query(request.report().query().dimensions());
    List<FetchedRow> rows =
        new ArrayList<>(
            AnalyticsRows.of(context, request, calls.lines(context, request, query), Map.of()));
    if (!request.isByPlan()) {
      rows.addAll(missingDays.zeroRows(context, request, rows));
    }
    return rows;
  }

  private List<FetchedRow> top(FetchContext context, PlannedRequest request) {
    String sortBy = request.item().sortBy();
    Integer limit = request.item().limit();
    AnalyticsQuery query =
        request
            .query(request.report().query().dimensions())
            .top(
                sortBy == null ? Metric.VIEWS : Metric.of(sortBy).orElseThrow(),
                limit == null ? AnalyticsQuery.MAX_TOP_VIDEOS : limit);
    List<FetchedRow> rows = new ArrayList<>();
    for (Line line : calls.lines(context, request, query)) {
      AnalyticsRows.of(
              context, request, line, AnalyticsRows.ofPeriod(request, "rank", rows.size() + 1L))
          .ifPresent(rows::add);
    }
    return rows;
  }

  private List<FetchedRow> period(FetchContext context, PlannedRequest request) {
    AnalyticsQuery query =
        ofOneVideo(request, request.query(request.report().query().dimensions()));
    return AnalyticsRows.of(
        context, request, calls.lines(context, request, query), ofSubject(request));
  }

  /**
   * Whether a channel's details of the period that ends on this day are fetched of its top videos,
   * too: every other time, so that four weeks follow four weeks; half of the channels each time.
   */
  static boolean hasVideoDetails(String channelId, LocalDate last) {
    // Not the hash itself: channels whose day is the same are alike in its remainder by 14.
    long own = Math.floorDiv(channelId.hashCode(), DETAILS_CYCLE);
    return Math.floorMod(own + last.toEpochDay() / DETAILS_CYCLE, 2) == 0;
  }

  /** The details of a channel and of its top videos; a video that is refused costs no other. */
  private List<FetchedRow> plannedDetails(FetchContext context, PlannedRequest request) {
    List<FetchedRow> rows = new ArrayList<>(details(context, request));
    if (!hasVideoDetails(request.channelId(), request.last())) {
      return rows;
    }
    List<String> videoIds =
        database
            .idempotent()
            .asTenant(handle ->
                handle
                    .attach(PlanDao.class)
                    .topVideos(
                        request.channelId(), request.first(), request.last(), DETAILED_VIDEOS));
    for (String videoId : videoIds) {
      try {
        rows.addAll(details(context, request.withVideos(List.of(videoId))));
      } catch (YouTubeException e) {
        if (!(e.failure() instanceof Failure.Refused)) {
          throw e;
        }
        log.info("no traffic sources of video {}: {}", videoId, e.getMessage());
      }
    }
    return rows;
  }

  /** The largest sources of each type, a query each. */
  private List<FetchedRow> details(FetchContext context, PlannedRequest request) {
    List<FetchedRow> rows = new ArrayList<>();
    for (String source : DETAILED_SOURCES) {
      AnalyticsQuery query =
          ofOneVideo(request, request.query(List.of(AnalyticsQuery.TRAFFIC_DETAIL)))
              .ofSource(source)
              .top(request.metrics().getFirst(), DETAILS);
      Map<String, Object> others = new HashMap<>(ofSubject(request));
      others.put(AnalyticsQuery.TRAFFIC_SOURCE, source);
      rows.addAll(AnalyticsRows.of(context, request, calls.lines(context, request, query), others));
    }
    return rows;
  }

  /** The query about the video that the request names, if it names one. */
  private static AnalyticsQuery ofOneVideo(PlannedRequest request, AnalyticsQuery query) {
    return request.videoIds().isEmpty() ? query : query.ofVideos(request.videoIds());
  }

  /** The fields that say of what, and of which days, the rows of a period are. */
  private static Map<String, Object> ofSubject(PlannedRequest request) {
    return request.videoIds().isEmpty()
        ? Map.of("startDate", request.first(), "endDate", request.last())
        : AnalyticsRows.ofPeriod(request, "videoId", request.videoIds().getFirst());
  }
}
