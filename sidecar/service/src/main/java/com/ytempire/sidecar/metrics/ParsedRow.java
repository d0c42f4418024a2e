package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.web.Problem.Fault;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row that was read from JSON.
 *
 * @param row null when it has faults
 * @param faults what is wrong with it, by JSON Pointer; empty when nothing is
 * @param kind null: it names none that there is
 * @param userId null: it names none in the form of one
 */
record ParsedRow(
    @Nullable TypedRow row, List<Fault> faults, @Nullable RowKind kind, @Nullable UUID userId) {
  static ParsedRow of(TypedRow row) {
    return new ParsedRow(row, List.of(), row.kind(), row.userId());
  }

  static ParsedRow faulty(@Nullable RowKind kind, @Nullable UUID userId, List<Fault> faults) {
    return new ParsedRow(null, List.copyOf(faults), kind, userId);
  }
}
