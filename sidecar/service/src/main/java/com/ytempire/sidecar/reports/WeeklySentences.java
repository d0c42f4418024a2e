package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.wording.FigureFormat;
import java.time.LocalDate;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Writes the sentences that introduce a user's weekly report. */
@FunctionalInterface
public interface WeeklySentences {
  /** Writes none. */
  WeeklySentences NONE = (handle, firstDay, format) -> List.of();

  /**
   * Returns sentences of plain text, in their order; empty: the report begins with its figures.
   *
   * @param handle of a transaction of the tenant, in which the report reads its figures too
   * @param firstDay the first of the seven Pacific days that the report is about
   * @param format by which the report writes figures and dates
   */
  List<String> sentences(Handle handle, LocalDate firstDay, FigureFormat format);
}
