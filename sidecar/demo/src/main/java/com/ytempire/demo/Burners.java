package com.ytempire.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Processes that compute without rest, one for each processor, to see the product on a busy
 * machine.
 */
final class Burners implements AutoCloseable {
  /** Looks now and then whether who started it is still there, and ends with it. */
  private static final String LOOP =
      "while kill -0 %d 2>/dev/null; do i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; done";

  private final List<Process> processes = new ArrayList<>();

  private Burners() {}

  /** Makes an empty set of processes. */
  static Burners none() {
    return new Burners();
  }

  /** Starts them at the priority of everything else. */
  static Burners start() {
    Burners burners = new Burners();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      try {
        burners.processes.add(
            new ProcessBuilder("sh", "-c", LOOP.formatted(ProcessHandle.current().pid())).start());
      } catch (IOException e) {
        burners.close();
        throw new UncheckedIOException(e);
      }
    }
    return burners;
  }

  int count() {
    return processes.size();
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
