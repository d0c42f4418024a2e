package com.ytempire.sidecar.reports;

import java.util.List;
import java.util.UUID;

/** Writes the sentences that introduce a user's weekly report. */
@FunctionalInterface
public interface WeeklySentences {
  /** Writes none. */
  WeeklySentences NONE = userId -> List.of();

  /**
   * Returns sentences of plain text about the latest complete week, in their order; empty: the
   * report begins with its figures.
   */
  List<String> sentences(UUID userId);
}
