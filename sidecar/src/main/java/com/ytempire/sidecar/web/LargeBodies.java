package com.ytempire.sidecar.web;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.web.Problem.Type;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the bytes of large request bodies that are at work at a time, since a body takes several
 * times its size of the heap until it has been answered. Bodies wait in the order in which they
 * came. Safe to share between threads.
 */
final class LargeBodies {
  /** Bodies below so many bytes are not counted. */
  static final long SMALL = 1024 * 1024;

  private static final int KIBIBYTE = 1024;

  private final int capacity;
  private final Semaphore free;
  private final Duration atMost;
  private final Clock clock;

  /**
   * Makes the bound.
   *
   * @param bytes of large bodies that are at work at a time
   * @param atMost how long a body waits
   */
  LargeBodies(long bytes, Duration atMost, Clock clock) {
    this.capacity = Math.toIntExact(bytes / KIBIBYTE);
    this.free = new Semaphore(capacity, true);
    this.atMost = atMost;
    this.clock = clock;
  }

  /** A body's share of the bound, held until it is closed. */
  @FunctionalInterface
  interface Admission extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits until a body has its share, no longer than its caller does.
   *
   * @param bytes of the body; negative when its sender did not say, which counts as the whole bound
   * @throws Problem when it waited too long
   */
  Admission admit(long bytes) {
    if (bytes >= 0 && bytes < SMALL) {
      return () -> {};
    }
    int share = bytes < 0 ? capacity : (int) Math.min(capacity, bytes / KIBIBYTE);
    Duration callers = Deadline.currentOr(atMost).remaining();
    Duration longest = callers.compareTo(atMost) < 0 ? callers : atMost;
    try {
      if (!free.tryAcquire(share, longest.toMillis(), TimeUnit.MILLISECONDS)) {
        throw busy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    }
    return () -> free.release(share);
  }

  private Problem busy() {
    return Problem.until(
        Type.BUSY,
        "Other large bodies are at work. Nothing was done; send it again, or fewer rows at a time.",
        clock.instant().plusSeconds(5));
  }
}
