package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import java.time.LocalDate;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves backfills on past days that YouTube has nothing of; storing rows moves them on past the
 * others. Safe to share between threads.
 */
final class BackfillProgress {
  private static final Logger log = LoggerFactory.getLogger(BackfillProgress.class);

  private final Database database;

  BackfillProgress(Database database) {
    this.database = database;
  }

  /**
   * Moves on to the newest day that has a row, or past all days of the request where none has.
   *
   * @param answered the days with rows
   */
  void skipWithoutRows(FetchContext context, PlannedRequest request, Set<LocalDate> answered) {
    @Nullable LocalDate newest = answered.stream().max(LocalDate::compareTo).orElse(null);
    if (newest == null) {
      skipAll(context, request);
    } else if (newest.isBefore(request.last())) {
      skip(request, newest.plusDays(1), null);
    }
  }

  /** Moves on past all days of a request, which is the day's part of the backfill. */
  void skipAll(FetchContext context, PlannedRequest request) {
    skip(request, request.first(), context.now().toString());
  }

  /**
   * Moves a backfill down to a day, because nothing is stored of the days from there on.
   *
   * @param doneAt when the day's part ended with that; null: it did not
   */
  private void skip(PlannedRequest request, LocalDate day, @Nullable String doneAt) {
    try {
      database.asTenant(handle ->
          handle
              .attach(BackfillDao.class)
              .skip(request.channelId(), request.report().label(), day, doneAt));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("how far a backfill has come was not noted: {}", e.getMessage());
    }
  }
}
