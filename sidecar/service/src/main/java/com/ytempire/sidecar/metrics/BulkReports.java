package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.youtube.BulkQuery;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTube.BulkSum;
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

/**
 * Breakdowns of a channel's days, from the files that Google writes for a job: the newest file of a
 * day holds, and each file is read once. Safe to share between threads.
 */
final class BulkReports implements ReportSource {
  private static final Duration JOB_TTL = Duration.ofDays(1);

  /** The Reporting API takes few calls a minute; a month's files come in over several fetches. */
  private static final int BATCH_SIZE = 5;

  private final Database database;
  private final YouTube youTube;

  BulkReports(Database database, YouTube youTube) {
    this.database = database;
    this.youTube = youTube;
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.BULK);
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
    BulkQuery query = request.report().bulk();
    YouTube.Call call = context.call(request.channelId());
    String job = job(context, request.channelId(), query);
    Map<LocalDate, BulkReport> newest = new TreeMap<>();
    // Oldest first, so that the last of a day stays.
    youTube.reachReports(call, job).forEach(file -> newest.put(file.day(), file));
    List<BulkReport> files =
        newest.values().stream()
            .filter(file -> ReportFiles.isSelected(request, file))
            .toList()
            .reversed();
    List<FetchedRow> rows = new ArrayList<>();
    for (BulkReport file : files.subList(0, Math.min(BATCH_SIZE, files.size()))) {
      List<BulkSum> sums;
      try {
        sums = youTube.bulkSums(call, file, query);
      } catch (YouTubeException e) {
        if (!ReportFiles.isUnreadable(e)) {
          throw e;
        }
        ReportFiles.noteUnreadable(database, request, file, e);
        continue;
      }
      sums.forEach(sum -> rows.add(row(context, request, sum)));
      if (sums.isEmpty() && request.isByPlan()) {
        noteEmpty(context, request, file.day());
      }
    }
    return rows;
  }

  private static FetchedRow row(FetchContext context, PlannedRequest request, BulkSum sum) {
    FetchedRow row =
        context
            .row(request)
            .set("dimension", sum.dimension())
            .set("value", sum.value())
            .set("day", sum.day());
    for (RowKind.Field field : request.report().rowKind().fields()) {
      BigDecimal figure = sum.figures().get(field.json());
      if (figure != null) {
        row.set(
            field.json(),
            field.type() == RowKind.Type.COUNT
                ? (Object) figure.max(BigDecimal.ZERO).longValueExact()
                : figure);
      }
    }
    return row;
  }

  /** A file without lines is an answer: nothing is stored of it, and it is not read again. */
  private void noteEmpty(FetchContext context, PlannedRequest request, LocalDate day) {
    database.asTenant(handle -> {
      new StoreDao(handle)
          .check(
              List.of(new StoreDao.DayCheck(request.channelId(), request.report(), day)),
              context.now());
      return true;
    });
  }

  private String job(FetchContext context, String channelId, BulkQuery query) {
    String key = "%s:%s-job".formatted(channelId, query.reportType());
    return context
        .cache()
        .find(key, JOB_TTL, String.class)
        .orElseGet(() ->
            context
                .cache()
                .put(key, List.of(youTube.bulkJob(context.call(channelId), query)), null))
        .rows()
        .getFirst();
  }
}
