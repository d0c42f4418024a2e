package com.ytempire.sidecar.quality;

import java.util.Locale;

/** How serious the result of a check is, in ascending order. */
enum Level {
  /** Within the thresholds, or there was nothing to judge by. */
  OK,
  /** At the first threshold: keeps an open incident open, and opens none. */
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
