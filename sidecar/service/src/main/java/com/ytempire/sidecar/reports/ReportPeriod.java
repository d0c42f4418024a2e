package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.db.PacificTime;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;

/**
 * The subject of a report: a user and a period.
 *
 * @param period the local date on which it is due
 * @param now of the figures
 */
record ReportPeriod(UUID userId, ReportKind kind, LocalDate period, Instant now) {

  /** YouTube's day now. */
  LocalDate today() {
    return PacificTime.day(now);
  }

  /** The beginning of a day of YouTube's. */
  static Instant startOf(LocalDate day) {
    return day.atStartOfDay(PacificTime.ZONE).toInstant();
  }
}
