package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import java.time.Duration;
import java.util.UUID;

/**
 * Runs transactions on what is stored of a user's reports, as that user. Safe to share between
 * threads.
 */
final class ReportStore {
  /**
   * What a transaction may take. It is not the request's: a mail that was taken is to be recorded
   * also when nobody waits for the answer any more.
   */
  private static final Duration TIME_TO_RECORD = Duration.ofSeconds(30);

  private final Database database;

  ReportStore(Database database) {
    this.database = database;
  }

  /** Work to be done in a transaction. */
  interface Work<T> {
    T run(ReportDao dao);
  }

  <T> T as(UUID userId, Work<T> work) {
    return Deadline.after(TIME_TO_RECORD)
        .supply(() ->
            Tenant.as(
                userId,
                () -> database.asTenant(handle -> work.run(handle.attach(ReportDao.class)))));
  }
}
