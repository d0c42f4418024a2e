package com.ytempire.platform;

import java.io.PrintStream;
import java.time.Duration;

/**
 * Prints what is being done and how far it is: in place on a terminal, now and then in a log. Safe
 * to share between threads.
 */
public final class Progress {
  private final int steps;

  private final PrintStream out;
  private final boolean terminal = System.console() != null && System.console().isTerminal();
  private final long began = System.nanoTime();
  private long stepBegan = began;
  private long lastShown;
  private int step;
  private String doing = "";

  /**
   * Begins to measure.
   *
   * @param steps how many there will be
   */
  public Progress(PrintStream out, int steps) {
    this.steps = steps;
    this.out = out;
  }

  /** Begins a step. */
  public synchronized void step(String what) {
    step++;
    doing = "%2d/%d %s".formatted(step, steps, what);
    stepBegan = System.nanoTime();
    lastShown = 0;
    if (terminal) {
      out.print(doing + " …");
      out.flush();
    }
  }

  /** How far the step is. */
  public synchronized void at(String how) {
    long now = System.nanoTime();
    if (terminal) {
      out.print("\r\033[K" + doing + ": " + how);
      out.flush();
    } else if (now - lastShown > Duration.ofSeconds(10).toNanos()) {
      out.println(doing + ": " + how);
      lastShown = now;
    }
  }

  /** Something happened meanwhile; has a line of its own. */
  public synchronized void note(String what) {
    out.println(terminal ? "\r\033[K" + what : what);
  }

  /** The step is done. */
  public synchronized void done(String result) {
    String line = "%s: %s (%.1f s)".formatted(doing, result, (System.nanoTime() - stepBegan) / 1e9);
    out.println(terminal ? "\r\033[K" + line : line);
  }

  /** The time since the beginning. */
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
