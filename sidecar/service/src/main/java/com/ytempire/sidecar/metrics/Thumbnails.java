package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTube.Reach;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Thumbnail impressions and click-through rates, from the files that Google writes for a job: the
 * newest file of a day holds, and each file is read once. Safe to share between threads.
 */
final class Thumbnails implements ReportSource {
  private static final Duration JOB_TTL = Duration.ofDays(1);

  /** The Reporting API takes few calls a minute; a month's files come in over several fetches. */
  private static final int BATCH_SIZE = 5;

  /** As the contract has it: clicks may exceed impressions a little, percents are no shares. */
  private static final BigDecimal MAX_RATE = BigDecimal.TWO;

  private static final Logger log = LoggerFactory.getLogger(Thumbnails.class);

  private final Database database;
  private final YouTube youTube;

  Thumbnails(Database database, YouTube youTube) {
    this.database = database;
    this.youTube = youTube;
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.THUMBNAILS);
  }

  @Override
  public List<Outcome> fetch(FetchContext context, List<PlannedRequest> requests) {
    return requests.stream().map(request -> fetch(context, request)).toList();
  }

  private Outcome fetch(FetchContext context, PlannedRequest request) {
    try {
      if (request.isByPlan()) {
        // Each time other files: those that are not stored yet.
        return context.rows(request, read(context, request));
      }
      Optional<CachedAnswer<FetchedRow>> cached =
          context
              .cache()
              .find(request.cacheKey(), context.maxAge(request.report()), FetchedRow.class);
      if (cached.isPresent()) {
        return FetchContext.cached(request, cached.get());
      }
      List<FetchedRow> rows = read(context, request);
      context.cache().put(request.cacheKey(), rows, null);
      return context.rows(request, rows);
    } catch (YouTubeException e) {
      return context.missed(request, e);
    }
  }

  private List<FetchedRow> read(FetchContext context, PlannedRequest request) {
    String job = job(context, request.channelId());
    Map<LocalDate, BulkReport> newest = new TreeMap<>();
    // Oldest first, so that the last of a day stays.
    youTube
        .reachReports(context.call(request.channelId()), job)
        .forEach(file -> newest.put(file.day(), file));
    List<BulkReport> files =
        newest.values().stream()
            .filter(file -> ReportFiles.isSelected(request, file))
            .toList()
            .reversed();
    List<FetchedRow> rows = new ArrayList<>();
    List<LocalDate> daysWithoutRows = new ArrayList<>();
    for (BulkReport file : files.subList(0, Math.min(BATCH_SIZE, files.size()))) {
      List<Reach> reaches;
      try {
        reaches = youTube.reach(context.call(request.channelId()), file);
      } catch (YouTubeException e) {
        if (!ReportFiles.isUnreadable(e)) {
          throw e;
        }
        ReportFiles.noteUnreadable(database, request, file, e);
        continue;
      }
      if (reaches.isEmpty()) {
        daysWithoutRows.add(file.day());
      }
      reaches.forEach(reach -> rows.add(row(context, request, reach)));
    }
    if (request.isByPlan() && !daysWithoutRows.isEmpty()) {
      noteWithoutRows(context, request, daysWithoutRows);
    }
    return rows;
  }

  private static FetchedRow row(FetchContext context, PlannedRequest request, Reach reach) {
    FetchedRow row =
        context
            .row(request)
            .set("videoId", reach.videoId())
            .set("day", reach.day())
            .set("impressions", reach.impressions());
    @Nullable BigDecimal rate = reach.clickThroughRate();
    return rate == null || rate.compareTo(MAX_RATE) > 0 || rate.signum() < 0
        ? row
        : row.set("clickThroughRate", rate.doubleValue());
  }

  /** A file may have a header and no rows: it counts as read, as of now. */
  private void noteWithoutRows(FetchContext context, PlannedRequest request, List<LocalDate> days) {
    try {
      database.useTenant(handle ->
          handle
              .attach(PlanDao.class)
              .noteWithoutRows(
                  request.channelId(),
                  request.report().label(),
                  days.toArray(LocalDate[]::new),
                  context.now()));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      // They are read again with the next fetch.
      log.warn("files without rows were not noted: {}", e.getMessage());
    }
  }

  private String job(FetchContext context, String channelId) {
    String key = channelId + ":reach-job";
    return context
        .cache()
        .find(key, JOB_TTL, String.class)
        .orElseGet(() ->
            context.cache().put(key, List.of(youTube.reachJob(context.call(channelId))), null))
        .rows()
        .getFirst();
  }
}
