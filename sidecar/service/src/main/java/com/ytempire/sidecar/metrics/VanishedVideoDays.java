package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.metrics.VanishedVideoDayDao.VideoDay;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stored days of videos that a complete answer of Analytics lacks: their views were taken back, so
 * that they are 0 now, and a day without views is a missing row. Safe to share between threads.
 *
 * <p>A deleted video, or a private one, may be missing, too, and keeps the last figures that were
 * shown: only a video that everybody was shown when it was last asked for, and that YouTube still
 * shows, has none. A day of which no video has a row proves nothing, nor does an answer that lacks
 * more than a tenth of its rows.
 */
final class VanishedVideoDays {
  /** So many may be missing of however short an answer. */
  private static final int FEW = 5;

  /** More are never asked about: 20 calls. */
  private static final int MANY = 1000;

  private static final Logger log = LoggerFactory.getLogger(VanishedVideoDays.class);

  private final Database database;
  private final YouTube youTube;

  VanishedVideoDays(Database database, YouTube youTube) {
    this.database = database;
    this.youTube = youTube;
  }

  /**
   * Rows of 0 for stored days that an answer lacks, of metrics that add up: an average of nothing
   * is not 0, and stays as it is. They may come a day late: when the database or YouTube has no
   * answer, none are made.
   *
   * @param videoIds the videos that were answered for, without those that Analytics refused
   * @param rows the complete answer
   */
  List<FetchedRow> zeroRows(
      FetchContext context, PlannedRequest request, List<String> videoIds, List<FetchedRow> rows) {
    List<Metric> metrics =
        request.metrics().stream()
            .filter(metric -> metric.isSum() && rows.stream().anyMatch(row -> row.has(metric)))
            .toList();
    if (metrics.isEmpty()) {
      return List.of();
    }
    int limit = Math.clamp(rows.size() / 10, FEW, MANY);
    try {
      List<VideoDay> vanished = vanished(context, request, videoIds, rows, limit + 1);
      if (vanished.size() > limit) {
        log.warn(
            "an answer of {} lacks more than {} stored days of videos of channel {}: they stay as they are",
            request.report().label(),
            limit,
            request.channelId());
        return List.of();
      }
      Set<String> shown = shown(context, request, vanished);
      return vanished.stream()
          .filter(each -> shown.contains(each.videoId()))
          .map(each -> zero(context, request, each, metrics))
          .toList();
    } catch (YouTubeException | DatabaseBusy | DatabaseUnavailable e) {
      log.info("days of videos without a row stay as they are: {}", e.getMessage());
      return List.of();
    }
  }

  private List<VideoDay> vanished(
      FetchContext context,
      PlannedRequest request,
      List<String> videoIds,
      List<FetchedRow> rows,
      int limit) {
    boolean isRevenue = request.report().isRevenue();
    List<LocalDate> days = MissingDays.answered(context, AnalyticsRows.days(rows), isRevenue);
    if (days.isEmpty()) {
      return List.of();
    }
    return database
        .idempotent()
        .asTenant(handle ->
            handle
                .attach(VanishedVideoDayDao.class)
                .vanished(
                    request.channelId(),
                    Collections.min(days),
                    Collections.max(days),
                    days.toArray(LocalDate[]::new),
                    videoIds.toArray(String[]::new),
                    rows.stream().map(row -> row.text("videoId")).toArray(String[]::new),
                    rows.stream().map(row -> row.day("day")).toArray(LocalDate[]::new),
                    isRevenue,
                    limit));
  }

  private Set<String> shown(FetchContext context, PlannedRequest request, List<VideoDay> vanished) {
    List<String> ids = vanished.stream().map(VideoDay::videoId).distinct().toList();
    Set<String> shown = new HashSet<>();
    for (int from = 0; from < ids.size(); from += YouTube.IDS_PER_CALL) {
      List<String> some = ids.subList(from, Math.min(from + YouTube.IDS_PER_CALL, ids.size()));
      youTube
          .videoTotals(context.call(request.channelId()), some)
          .forEach(totals -> shown.add(totals.videoId()));
    }
    return shown;
  }

  private static FetchedRow zero(
      FetchContext context, PlannedRequest request, VideoDay each, List<Metric> metrics) {
    FetchedRow row = context.row(request).set("day", each.day()).set("videoId", each.videoId());
    metrics.forEach(metric -> row.set(metric, BigDecimal.ZERO));
    return row;
  }
}
