package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.web.Problem.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row that was read from JSON.
 *
 * @param row null when it has faults
 * @param faults what is wrong with it, by JSON Pointer; empty when nothing is
 */
record ParsedRow(@Nullable TypedRow row, List<Fault> faults) {
  static ParsedRow of(TypedRow row) {
    return new ParsedRow(row, List.of());
  }

  static ParsedRow faulty(List<Fault> faults) {
    return new ParsedRow(null, List.copyOf(faults));
  }
}
