package com.ytempire.platform;

import java.util.OptionalInt;

/** A process that {@link Supervisor} starts again when it dies. */
public interface Part {
  /** The process that runs now, or ran last. */
  ProcessHandle process();

  /** How it ended, 128 and the signal's number when killed; empty where nobody can know. */
  OptionalInt exitStatus();

  /** Whether it was ended on purpose, and is not to be started again until somebody does. */
  boolean isStopped();

  /**
   * Starts it again on the same port and data; returns when it is ready.
   *
   * @throws RuntimeException with the end of its log when it does not become ready
   */
  void restart() throws InterruptedException;

  /** The end of its log; empty when it has none of its own. */
  String tail();
}
