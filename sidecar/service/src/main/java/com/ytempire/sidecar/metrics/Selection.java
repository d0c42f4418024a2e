package com.ytempire.sidecar.metrics;

import java.time.LocalDate;
import java.util.List;

/** The days or videos of a report that a request covers. */
sealed interface Selection {
  /**
   * The days and videos that are due by plan.
   *
   * @param days newest first
   */
  record Plan(List<LocalDate> days, List<String> videoIds) implements Selection {}

  /** The days that the caller asked for, from the first to the last. */
  record Period(LocalDate first, LocalDate last) implements Selection {}
}
