package com.ytempire.sidecar.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of storing a batch of rows.
 *
 * @param rows in the order of the request
 */
record StoreResult(
    int stored, int updated, int unchanged, int rejected, boolean dryRun, List<RowOutcome> rows) {
  /** Counts outcomes, of which each row has one. */
  static StoreResult of(@Nullable RowOutcome[] outcomes, boolean isDryRun) {
    StoreOutcome.Counts counts = new StoreOutcome.Counts();
    List<RowOutcome> rows = new ArrayList<>(outcomes.length);
    for (@Nullable RowOutcome outcome : outcomes) {
      RowOutcome known = Objects.requireNonNull(outcome, "a row was forgotten");
      rows.add(known);
      counts.add(known.outcome(), 1);
    }
    return new StoreResult(
        counts.of(StoreOutcome.STORED),
        counts.of(StoreOutcome.UPDATED),
        counts.of(StoreOutcome.UNCHANGED),
        counts.of(StoreOutcome.REJECTED),
        isDryRun,
        rows);
  }
}
