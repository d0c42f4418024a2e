package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.VanishedVideoDayDao.VideoDay;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stored days of videos that a complete answer of Analytics lacks: their views were taken back, so
 * that they are 0 now, and a day without views is a missing row. Safe to share between threads.
 *
 * <p>A deleted video is missing, too, and keeps the last figures that were shown: YouTube is asked
 * whether its owner still sees it. Days of which no video has a row vouch for nothing, and so does
 * an answer that lacks more than {@value #FEW} rows that are a tenth of it, or {@value #MANY}.
 */
final class VanishedVideoDays {
  private static final int FEW = 50;
  private static final int MANY = 1000;
  private static final int VIDEOS_OF_A_CALL = 50;

  private static final Logger log = LoggerFactory.getLogger(VanishedVideoDays.class);

  private final Database database;
  private final YouTube youTube;

  VanishedVideoDays(Database database, YouTube youTube) {
    this.database = database;
    this.youTube = youTube;
  }

  /**
   * Rows of 0 for stored days that an answer lacks. They may come a day late: when YouTube does not
   * say whether the videos are still there, none are made.
   *
   * @param videoIds the videos that were asked for
   * @param rows the complete answer
   */
  List<FetchedRow> zeroRows(
      FetchContext context, PlannedRequest request, List<String> videoIds, List<FetchedRow> rows) {
    List<Metric> metrics =
        request.metrics().stream()
            .filter(metric -> rows.stream().anyMatch(row -> row.has(metric)))
            .toList();
    if (metrics.isEmpty()) {
      return List.of();
    }
    int most = Math.clamp(rows.size() / 10, FEW, MANY);
    List<VideoDay> vanished = vanished(request, videoIds, rows, most + 1);
    if (vanished.size() > most) {
      log.warn(
          "an answer of {} lacks more than {} stored days of videos of channel {}: they stay as they are",
          request.report().label(),
          most,
          request.channelId());
      return List.of();
    }
    Set<String> absent = new HashSet<>();
    try {
      List<String> ids = vanished.stream().map(VideoDay::videoId).distinct().toList();
      for (int from = 0; from < ids.size(); from += VIDEOS_OF_A_CALL) {
        absent.addAll(
            youTube.absentVideos(
                context.call(request.channelId()),
                ids.subList(from, Math.min(from + VIDEOS_OF_A_CALL, ids.size()))));
      }
    } catch (YouTubeException e) {
      log.info("days of videos without a row stay as they are: {}", e.getMessage());
      return List.of();
    }
    return vanished.stream()
        .filter(each -> !absent.contains(each.videoId()))
        .map(each -> zero(context, request, each, metrics))
        .toList();
  }

  private static FetchedRow zero(
      FetchContext context, PlannedRequest request, VideoDay each, List<Metric> metrics) {
    FetchedRow row = context.row(request).set("day", each.day()).set("videoId", each.videoId());
    metrics.forEach(metric -> row.set(metric, BigDecimal.ZERO));
    return row;
  }

  private List<VideoDay> vanished(
      PlannedRequest request, List<String> videoIds, List<FetchedRow> rows, int limit) {
    LocalDate[] days = AnalyticsRows.days(rows).toArray(LocalDate[]::new);
    String[] answered = rows.stream().map(row -> row.text("videoId")).toArray(String[]::new);
    return database
        .idempotent()
        .asTenant(handle ->
            handle
                .attach(VanishedVideoDayDao.class)
                .vanished(
                    request.channelId(),
                    days,
                    videoIds.toArray(String[]::new),
                    answered,
                    rows.stream().map(row -> row.day("day")).toArray(LocalDate[]::new),
                    request.report().isRevenue(),
                    limit));
  }
}
