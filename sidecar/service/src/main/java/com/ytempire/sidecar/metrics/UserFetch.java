package com.ytempire.sidecar.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One user's part of a fetch between two of its steps.
 *
 * @param open requests that have no outcome yet
 */
record UserFetch(FetchContext context, List<PlannedRequest> open, List<Outcome> outcomes) {
  /**
   * Takes a step.
   *
   * @param step returns what follows for each open request
   */
  UserFetch step(Function<PlannedRequest, Admission.Decision> step) {
    return of(context, outcomes, open.stream().map(step).toList());
  }

  /** The part of a user after some decisions, beside the outcomes that it has already. */
  static UserFetch of(
      FetchContext context, List<Outcome> outcomes, List<Admission.Decision> decisions) {
    List<PlannedRequest> open = new ArrayList<>();
    List<Outcome> all = new ArrayList<>(outcomes);
    for (Admission.Decision decision : decisions) {
      switch (decision) {
        case Admission.Decision.Fetch(PlannedRequest request) -> open.add(request);
        case Admission.Decision.Answer(Outcome outcome) -> all.add(outcome);
      }
    }
    return new UserFetch(context, open, all);
  }
}
