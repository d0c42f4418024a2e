package com.ytempire.sidecar.reports;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.UUID;

/**
 * What a report is about.
 *
 * @param period the local date on which it is due
 * @param now of the figures
 */
record ReportPeriod(UUID userId, ReportKind kind, LocalDate period, Instant now) {
  private static final ZoneId PACIFIC = ZoneId.of("America/Los_Angeles");

  /** YouTube's day now. */
  LocalDate today() {
    return now.atZone(PACIFIC).toLocalDate();
  }

  /** The beginning of a day of YouTube's. */
  static OffsetDateTime startOf(LocalDate day) {
    return day.atStartOfDay(PACIFIC).toOffsetDateTime();
  }
}
