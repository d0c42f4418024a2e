package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.FetchWork.Kept;
import com.ytempire.sidecar.metrics.FetchWork.Wanted;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Thumbnail impressions and click-through rates, from the files that Google writes for a job: the
 * newest file of a day holds, and each file is read once. Safe to share between threads.
 */
final class Thumbnails {
  private static final Duration JOB_KNOWN = Duration.ofDays(1);

  /** The Reporting API takes few calls a minute; a month's files come in over several fetches. */
  private static final int FILES_AT_ONCE = 5;

  private final Grants grants;
  private final YouTube youTube;

  Thumbnails(Grants grants, YouTube youTube) {
    this.grants = grants;
    this.youTube = youTube;
  }

  void fetch(FetchWork work, Wanted one) {
    try {
      // By plan each turn brings other files: those that are not stored yet.
      @Nullable Kept kept =
          one.due() != null
              ? null
              : work.kept(one.cacheKey(), work.maxAge(one.report())).orElse(null);
      if (kept != null) {
        work.fromCache(one, kept);
        return;
      }
      List<JsonNode> rows = read(work, one);
      if (one.due() == null) {
        work.keep(one.cacheKey(), rows, null);
      }
      work.fresh(one, rows);
    } catch (YouTubeException | Grants.NotConnected e) {
      work.missed(one, e);
    }
  }

  private List<JsonNode> read(FetchWork work, Wanted one) {
    String job = job(work, one);
    Map<LocalDate, BulkReport> newest = new TreeMap<>();
    grants
        .with(one.channelId(), token -> youTube.reachReports(work.call(token), job))
        // Oldest first, so that the last of a day stays.
        .forEach(report -> newest.put(report.day(), report));
    List<BulkReport> wanted =
        new ArrayList<>(newest.values().stream().filter(report -> isWanted(one, report)).toList());
    List<JsonNode> rows = new ArrayList<>();
    for (BulkReport report : wanted.reversed().subList(0, Math.min(FILES_AT_ONCE, wanted.size()))) {
      grants
          .with(one.channelId(), token -> youTube.reach(work.call(token), report))
          .forEach(reach ->
              rows.add(
                  work.row("thumbnail-day", one.channelId())
                      .put("videoId", reach.videoId())
                      .put("day", reach.day().toString())
                      .put("impressions", reach.impressions())
                      .put("clickThroughRate", reach.clickThroughRate().doubleValue())));
    }
    return rows;
  }

  /** By plan, files that are newer than what is stored of their day; otherwise, the days asked. */
  private static boolean isWanted(Wanted one, BulkReport report) {
    if (one.due() == null) {
      return !report.day().isBefore(one.first()) && !report.day().isAfter(one.last());
    }
    Instant checked =
        one.channel().checks().getOrDefault(Report.THUMBNAIL_DAY, Map.of()).get(report.day());
    return checked == null || report.createdAt().isAfter(checked);
  }

  private String job(FetchWork work, Wanted one) {
    String key = one.channelId() + ":reach-job";
    return work.kept(key, JOB_KNOWN)
        .orElseGet(() ->
            work.keep(
                key,
                List.of(
                    Json.MAPPER
                        .getNodeFactory()
                        .stringNode(
                            grants.with(
                                one.channelId(), token -> youTube.reachJob(work.call(token))))),
                null))
        .rows()
        .getFirst()
        .stringValue();
  }
}
