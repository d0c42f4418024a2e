package com.ytempire.sidecar.quality;

import java.util.Locale;

/** The severity of a check's result, in ascending order. */
enum Level {
  /** There was nothing to judge by: neither opens an incident nor closes one. */
  UNKNOWN,
  /** Within the thresholds. */
  OK,
  /** At the first threshold: keeps an incident open, and opens none. */
  WARN,
  /** At the second threshold: opens an incident. */
  ERROR;

  /** As it stands in the contract. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  Level worse(Level other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
