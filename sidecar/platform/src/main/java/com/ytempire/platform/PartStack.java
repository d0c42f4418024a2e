package com.ytempire.platform;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The parts that have been started, which are closed in reverse order. Safe to share between
 * threads.
 */
final class PartStack implements AutoCloseable {
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** Adds a part; returns it. */
  <T extends AutoCloseable> T add(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  /** Closes all parts, those also that fail to; nothing of them runs when it returns. */
  @Override
  public void close() {
    synchronized (parts) {
      // Before the parts, which it would start again.
      parts.stream().filter(Supervisor.class::isInstance).forEach(PartStack::closeQuietly);
      while (!parts.isEmpty()) {
        closeQuietly(parts.pop());
      }
    }
  }

  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      System.err.println("a part did not stop: " + e.getMessage());
    }
  }
}
