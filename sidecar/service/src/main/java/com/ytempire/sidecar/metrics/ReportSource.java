package com.ytempire.sidecar.metrics;

import java.util.List;
import java.util.Set;

/** A source of reports: one API of YouTube's. Implementations are safe to share between threads. */
interface ReportSource {
  /** The reports that this source fetches. */
  Set<Report> reports();

  /**
   * Fetches reports as the user of the context, who is bound to the current thread.
   *
   * @return at least one outcome of each request
   */
  List<Outcome> fetch(FetchContext context, List<PlannedRequest> requests);
}
