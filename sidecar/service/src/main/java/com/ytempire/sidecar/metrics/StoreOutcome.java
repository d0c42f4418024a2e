package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The outcome of storing a row; {@code schemas/store-result.json}. */
enum StoreOutcome {
  STORED,
  UPDATED,
  UNCHANGED,
  REJECTED;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The name in the contract and in the store's statements. */
  @JsonValue
  String label() {
    return label;
  }

  /** Rows by their outcome. For one thread. */
  static final class Counts {
    private final Map<StoreOutcome, Integer> counts = new EnumMap<>(StoreOutcome.class);

    void add(StoreOutcome outcome, int rows) {
      if (rows > 0) {
        counts.merge(outcome, rows, Integer::sum);
      }
    }

    int of(StoreOutcome outcome) {
      return counts.getOrDefault(outcome, 0);
    }

    boolean isEmpty() {
      return counts.isEmpty();
    }

    /** The counts by the contract's names, without outcomes that never came. */
    Map<String, Integer> byLabel() {
      Map<String, Integer> byLabel = new TreeMap<>();
      counts.forEach((outcome, rows) -> byLabel.put(outcome.label(), rows));
      return byLabel;
    }
  }
}
