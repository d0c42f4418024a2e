package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches reports from the files that the Reporting API writes for a job: the newest file of a day
 * holds, and by plan each file is read once, whether it has rows, none, or cannot be read. Safe to
 * share between threads.
 */
final class ReportFiles {
  private static final Logger log = LoggerFactory.getLogger(ReportFiles.class);

  private static final Duration JOB_TTL = Duration.ofDays(1);

  /** The Reporting API takes few calls a minute; a month's files come in over several fetches. */
  private static final int BATCH_SIZE = 5;

  private final Database database;
  private final YouTube youTube;

  ReportFiles(Database database, YouTube youTube) {
    this.database = database;
    this.youTube = youTube;
  }

  /** The differences between one type of file and the next. */
  interface Format {
    /** The name under which the id of a channel's job is cached. */
    String jobName();

    /** Finds the job of a channel, or creates it, and returns its id. */
    String job(YouTube.Call call);

    /**
     * Reads a file.
     *
     * @return its rows; empty: it has none
     * @throws YouTubeException when it cannot be read
     */
    List<FetchedRow> read(YouTube.Call call, BulkReport file);
  }

  /** Fetches a request: by plan the files that are not stored yet, otherwise the days asked for. */
  Outcome fetch(FetchContext context, PlannedRequest request, Format format) {
    try {
      if (request.isByPlan()) {
        // Each time other files: those that are not stored yet.
        return context.rows(request, read(context, request, format));
      }
      Optional<CachedAnswer<FetchedRow>> cached =
          context
              .cache()
              .find(request.cacheKey(), context.maxAge(request.report()), FetchedRow.class);
      if (cached.isPresent()) {
        return FetchContext.cached(request, cached.get());
      }
      List<FetchedRow> rows = read(context, request, format);
      context.cache().put(request.cacheKey(), rows, null);
      return context.rows(request, rows);
    } catch (YouTubeException e) {
      return context.missed(request, e);
    }
  }

  private List<FetchedRow> read(FetchContext context, PlannedRequest request, Format format) {
    YouTube.Call call = context.call(request.channelId());
    Map<LocalDate, BulkReport> newest = new TreeMap<>();
    // Oldest first, so that the last of a day stays.
    youTube
        .reachReports(call, job(context, request.channelId(), format))
        .forEach(file -> newest.put(file.day(), file));
    List<BulkReport> files =
        newest.values().stream().filter(file -> isSelected(request, file)).toList().reversed();
    List<FetchedRow> rows = new ArrayList<>();
    @Nullable YouTubeException truncated = null;
    for (BulkReport file : files.subList(0, Math.min(BATCH_SIZE, files.size()))) {
      List<FetchedRow> ofFile;
      try {
        ofFile = format.read(call, file);
      } catch (YouTubeException e) {
        if (e.isTruncated()) {
          // It costs no other either, and is read again with the next fetch.
          truncated = e;
          continue;
        }
        if (!isUnreadable(e)) {
          throw e;
        }
        // It costs no other, and is not read again: of its day a file that Google makes later is.
        log.warn(
            "the file of {} of channel {} for {} is left out: {}",
            request.report().label(),
            request.channelId(),
            file.day(),
            e.getMessage());
        noteRead(request, file.day(), file.createdAt());
        continue;
      }
      if (ofFile.isEmpty()) {
        // A header and no rows: an answer, too, as of now.
        noteRead(request, file.day(), context.now());
      }
      rows.addAll(ofFile);
    }
    if (truncated != null && (rows.isEmpty() || !request.isByPlan())) {
      throw truncated;
    }
    return rows;
  }

  /** By plan, files that are newer than what is stored of their day; otherwise, the days asked. */
  private static boolean isSelected(PlannedRequest request, BulkReport file) {
    return switch (request.selection()) {
      case Selection.Period(LocalDate first, LocalDate last) ->
          !file.day().isBefore(first) && !file.day().isAfter(last);
      case Selection.Plan plan -> {
        Instant checked =
            request.channel().checks().getOrDefault(request.report(), Map.of()).get(file.day());
        yield checked == null || file.createdAt().isAfter(checked);
      }
    };
  }

  /** Whether a failure is of the file alone, and stays. */
  private static boolean isUnreadable(YouTubeException failure) {
    return failure.failure() instanceof Failure.Refused && failure.isAboutContent();
  }

  /** Notes that the file of a day, of which nothing is stored, was read; by plan alone. */
  private void noteRead(PlannedRequest request, LocalDate day, Instant at) {
    if (!request.isByPlan()) {
      return;
    }
    try {
      database.useTenant(handle ->
          handle
              .attach(PlanDao.class)
              .noteWithoutRows(
                  request.channelId(), request.report().label(), new LocalDate[] {day}, at));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      // It is read again with the next fetch.
      log.warn("a file of which nothing is stored was not noted: {}", e.getMessage());
    }
  }

  private static String job(FetchContext context, String channelId, Format format) {
    String key = channelId + ":" + format.jobName();
    return context
        .cache()
        .find(key, JOB_TTL, String.class)
        .orElseGet(
            () -> context.cache().put(key, List.of(format.job(context.call(channelId))), null))
        .rows()
        .getFirst();
  }
}
