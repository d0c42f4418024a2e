package com.ytempire.sidecar.metrics;

/** Receives how many rows were rejected, and why. */
@FunctionalInterface
public interface RejectionObserver {
  /** Called with the kind of row and the reason, each one of a fixed few. */
  void rejected(String kind, String reason, int rows);
}
