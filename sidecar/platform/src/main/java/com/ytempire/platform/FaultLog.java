package com.ytempire.platform;

import java.util.ArrayList;
import java.util.List;

/** Collects what does not hold, until it is drained. Safe to share between threads. */
final class FaultLog {
  private final List<Fault> faults = new ArrayList<>();

  synchronized void add(Fault.Kind kind, String detail) {
    faults.add(Fault.of(kind, detail));
  }

  /** Returns what was added since the last call. */
  synchronized List<Fault> drain() {
    List<Fault> drained = List.copyOf(faults);
    faults.clear();
    return drained;
  }
}
