package com.ytempire.sidecar;

import java.time.Clock;
import java.time.Duration;

/** The durations of the phases of a start, for the log. Used by one thread. */
final class StartPhases {
  private final StringBuilder text = new StringBuilder();
  private long began = System.nanoTime();

  /**
   * Begins the first phase; what was before it is the process's.
   *
   * @param clock by which the process has run so long
   */
  StartPhases(Clock clock) {
    ProcessHandle.current()
        .info()
        .startInstant()
        .ifPresent(start -> append("process", Duration.between(start, clock.instant()).toMillis()));
  }

  /** Ends a phase and begins the next. */
  void end(String phase) {
    long now = System.nanoTime();
    append(phase, (now - began) / 1_000_000);
    began = now;
  }

  private void append(String phase, long milliseconds) {
    text.append(text.isEmpty() ? "" : ", ").append(phase).append(' ').append(milliseconds);
    text.append(" ms");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
