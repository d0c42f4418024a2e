package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import com.ytempire.sidecar.metrics.HeldBatchDao.LockedBatch;
import com.ytempire.sidecar.metrics.StoreRequest.Reference;
import com.ytempire.sidecar.web.Problem.Fault;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The outcome of storing a reference; {@code schemas/store-result.json}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record BatchResult(
    int reference,
    UUID userId,
    UUID batchId,
    Outcome outcome,
    @Nullable String channelId,
    @Nullable String report,
    int stored,
    int updated,
    int unchanged,
    int rejected,
    @Nullable String message,
    @Nullable List<Fault> faults) {
  private static final int FAULTS_TOLD = 5;

  private static final String UNKNOWN =
      "This user has no such batch, or it has expired. Fetch again.";

  /** The outcome of storing a batch. */
  enum Outcome {
    STORED,
    ALREADY_STORED,
    UNKNOWN_BATCH,
    UNAVAILABLE;

    /** The name in the contract. */
    @JsonValue
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** The result of a batch of which nothing was stored. */
  static BatchResult without(
      int index, Reference reference, Outcome outcome, @Nullable String message) {
    return new BatchResult(
        index,
        reference.userId(),
        reference.batchId(),
        outcome,
        null,
        null,
        0,
        0,
        0,
        0,
        message,
        null);
  }

  /** The result of a batch that the user has not, or not any more. */
  static BatchResult unknown(Reference reference) {
    return without(0, reference, Outcome.UNKNOWN_BATCH, UNKNOWN);
  }

  /** The result of a batch that was stored. */
  static BatchResult stored(UUID userId, LockedBatch batch, List<RowOutcome> rows) {
    StoreOutcome.Counts counts = new StoreOutcome.Counts();
    Set<Fault> faults = new LinkedHashSet<>();
    for (RowOutcome row : rows) {
      counts.add(row.outcome(), 1);
      if (row.faults() != null) {
        faults.addAll(row.faults());
      }
    }
    int rejected = counts.of(StoreOutcome.REJECTED);
    return new BatchResult(
        0,
        userId,
        batch.batchId(),
        Outcome.STORED,
        batch.channelId(),
        batch.report(),
        counts.of(StoreOutcome.STORED),
        counts.of(StoreOutcome.UPDATED),
        counts.of(StoreOutcome.UNCHANGED),
        rejected,
        rejected == 0 ? null : "%d of %d rows were rejected.".formatted(rejected, rows.size()),
        faults.isEmpty() ? null : faults.stream().limit(FAULTS_TOLD).toList());
  }

  /** The same, of the reference at this place of a request. */
  BatchResult at(int place) {
    return new BatchResult(
        place, userId, batchId, outcome, channelId, report, stored, updated, unchanged, rejected,
        message, faults);
  }

  /** The rows of batches, by what became of them. */
  static Map<String, Integer> counts(Collection<BatchResult> outcomes) {
    StoreOutcome.Counts counts = new StoreOutcome.Counts();
    for (BatchResult each : outcomes) {
      counts.add(StoreOutcome.STORED, each.stored());
      counts.add(StoreOutcome.UPDATED, each.updated());
      counts.add(StoreOutcome.UNCHANGED, each.unchanged());
      counts.add(StoreOutcome.REJECTED, each.rejected());
    }
    return counts.byLabel();
  }
}
