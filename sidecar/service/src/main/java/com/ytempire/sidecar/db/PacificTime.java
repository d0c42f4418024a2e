package com.ytempire.sidecar.db;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/** YouTube's days, as {@code core.pacific_day} has them: they begin at midnight in California. */
public final class PacificTime {
  public static final ZoneId ZONE = ZoneId.of("America/Los_Angeles");

  private PacificTime() {}

  /** The day of a moment. */
  public static LocalDate day(Instant at) {
    return LocalDate.ofInstant(at, ZONE);
  }
}
