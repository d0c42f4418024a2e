package com.ytempire.platform;

import java.util.ArrayList;
import java.util.List;

/** A list of faults that several threads add to and one empties. Safe to share between threads. */
final class FaultLog {
  private final List<Fault> faults = new ArrayList<>();

  synchronized void add(Fault.Kind kind, String detail) {
    faults.add(Fault.of(kind, detail));
  }

  /** Returns the faults added since the last call, and removes them. */
  synchronized List<Fault> drain() {
    List<Fault> drained = List.copyOf(faults);
    faults.clear();
    return drained;
  }
}
