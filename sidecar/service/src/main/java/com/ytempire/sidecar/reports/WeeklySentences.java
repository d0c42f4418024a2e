package com.ytempire.sidecar.reports;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;

/** Writes the sentences that introduce a user's weekly report. */
@FunctionalInterface
public interface WeeklySentences {
  /** Writes none. */
  WeeklySentences NONE = (userId, weekStart) -> List.of();

  /**
   * Returns sentences of plain text, in their order; empty: the report begins with its figures.
   *
   * @param weekStart the Monday on which the report is due
   */
  List<String> sentences(UUID userId, LocalDate weekStart);
}
