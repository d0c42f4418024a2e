package com.ytempire.sidecar.metrics;

import java.time.LocalDate;
import java.util.List;

/** Which days or videos of a report a request covers. */
sealed interface Selection {
  /**
   * What the plan says is due.
   *
   * @param days newest first
   */
  record Plan(List<LocalDate> days, List<String> videoIds) implements Selection {}

  /** What the caller asked for: days from the first to the last. */
  record Period(LocalDate first, LocalDate last) implements Selection {}
}
