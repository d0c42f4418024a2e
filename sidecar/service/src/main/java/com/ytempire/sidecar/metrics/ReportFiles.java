package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of the Reporting API: which of them are to be read, and what follows of unreadable ones.
 */
final class ReportFiles {
  private static final Logger log = LoggerFactory.getLogger(ReportFiles.class);

  private ReportFiles() {}

  /** By plan, files that are newer than what is stored of their day; otherwise, the days asked. */
  static boolean isSelected(PlannedRequest request, BulkReport file) {
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
  static boolean isUnreadable(YouTubeException failure) {
    return failure.failure() instanceof Failure.Refused && failure.isAboutContent();
  }

  /**
   * Notes that a file cannot be read, so that it costs no other, and is not read again: of its day
   * a file that Google makes later is.
   */
  static void noteUnreadable(
      Database database, PlannedRequest request, BulkReport file, YouTubeException failure) {
    log.warn(
        "the file of {} of channel {} for {} is left out: {}",
        request.report().label(),
        request.channelId(),
        file.day(),
        failure.getMessage());
    if (!request.isByPlan()) {
      return;
    }
    try {
      database.useTenant(handle ->
          handle
              .attach(PlanDao.class)
              .noteWithoutRows(
                  request.channelId(),
                  request.report().label(),
                  new LocalDate[] {file.day()},
                  file.createdAt()));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("a file that cannot be read was not noted: {}", e.getMessage());
    }
  }
}
