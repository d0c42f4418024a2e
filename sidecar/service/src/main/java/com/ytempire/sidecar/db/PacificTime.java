package com.ytempire.sidecar.db;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/**
 * The time zone of YouTube's days and of Google's daily quotas, Pacific time with daylight saving;
 * see developers.google.com/youtube/analytics/dimensions and
 * developers.google.com/youtube/v3/getting-started.
 */
public final class PacificTime {
  public static final ZoneId ZONE = ZoneId.of("America/Los_Angeles");

  private PacificTime() {}

  /** The Pacific day of a moment. */
  public static LocalDate day(Instant at) {
    return LocalDate.ofInstant(at, ZONE);
  }
}
