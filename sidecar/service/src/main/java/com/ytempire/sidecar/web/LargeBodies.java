package com.ytempire.sidecar.web;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.web.Problem.Type;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the bytes of large request bodies that are in memory at a time, since a body takes several
 * times its size of the heap until it has been answered. A body takes its share as its bytes
 * arrive, 64 KiB at a time, and returns it when its request has been answered; a body whose bytes
 * are slow holds no more than those that are there. One account holds at most half.
 *
 * <p>One body at a time may grow beyond that, on a reserve of the size of the largest body. Without
 * it no body larger than half would be taken, and bodies that wait for each other's share would do
 * so until their deadline. Unauthenticated bodies never grow on it: whoever can connect would take
 * it from customers. Safe to share between threads.
 */
final class LargeBodies {
  /**
   * Bodies of at most so many bytes are not counted. Small enough for as many of them as there may
   * be requests at once, and for the ten times as much that they take as objects.
   */
  static final long SMALL = 64 * 1024;

  /** As {@link #SMALL}, of unauthenticated bodies, of which there may be as many as connections. */
  static final long SMALL_UNAUTHENTICATED = 16 * 1024;

  private static final long UNIT = 64 * 1024;
  private static final UUID UNAUTHENTICATED = new UUID(0, 0);

  /** In units, as all counts here. */
  private final int capacity;

  private final Duration timeout;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<UUID, Integer> usedByAccount = new HashMap<>();

  /** Bodies that wait, in order of arrival, and what wakes each. */
  private final Map<Share, Condition> waiting = new LinkedHashMap<>();

  private int used;

  /** The body that grows on the reserve; null: none does. */
  private @Nullable Share onReserve;

  /**
   * Makes the bound.
   *
   * @param bytes of large bodies that are in memory at a time, beside the reserve
   * @param timeout how long the bytes of a body may take to arrive, and how long it waits for its
   *     share
   */
  LargeBodies(long bytes, Duration timeout, Clock clock) {
    this.capacity = Math.toIntExact(bytes / UNIT);
    this.timeout = timeout;
    this.clock = clock;
  }

  /**
   * Begins to count a body that is about to arrive. It holds nothing yet.
   *
   * @param account whose body it is
   */
  Share open(UUID account) {
    return new Share(account, SMALL);
  }

  /**
   * As {@link #open}, for the body of an unauthenticated request; all of them are one account,
   * which never takes the reserve.
   */
  Share openUnauthenticated() {
    return new Share(UNAUTHENTICATED, SMALL_UNAUTHENTICATED);
  }

  private static Deadline callersOrAfter(Duration timeout) {
    Duration callers = Deadline.currentOr(timeout).remaining();
    return Deadline.after(callers.compareTo(timeout) < 0 ? callers : timeout);
  }

  /** Gives their shares to those who wait and fit, in order of arrival. The lock is held. */
  private void grant() {
    waiting.forEach((share, granted) -> {
      int missing = share.wanted - share.held;
      if (missing <= 0) {
        return;
      }
      int ofAccount = usedByAccount.getOrDefault(share.account, 0);
      if (used + missing <= capacity && ofAccount + missing <= capacity / 2) {
        used += missing;
        usedByAccount.put(share.account, ofAccount + missing);
        share.counted += missing;
      } else if (onReserve == null && !share.account.equals(UNAUTHENTICATED)) {
        onReserve = share;
      } else if (onReserve != share) {
        return;
      }
      share.held = share.wanted;
      granted.signal();
    });
  }

  /** A body's part of the bound, returned when it is closed. For one thread. */
  final class Share implements AutoCloseable {
    private final UUID account;
    private final long uncounted;

    /**
     * By when all bytes must have arrived; the time that the body waited for us does not count. The
     * caller's own deadline says how long it waits for us, not how fast we read what it has sent.
     */
    private Deadline arrival = Deadline.after(timeout);

    private int wanted;
    private int held;

    /** Of those held, the ones not on the reserve. */
    private int counted;

    private Share(UUID account, long uncounted) {
      this.account = account;
      this.uncounted = uncounted;
    }

    /**
     * Counts bytes that have arrived. Waits until the body may hold them.
     *
     * @param bytes of the body, in all
     * @throws Problem request-timeout when they came too late; busy when no share came free in time
     */
    void grow(long bytes) {
      if (isLate()) {
        throw Problem.of(
            Type.REQUEST_TIMEOUT,
            "The body did not arrive within %d seconds. Nothing was done; send it again, or fewer rows at a time."
                .formatted(timeout.toSeconds()));
      }
      if (bytes <= uncounted || bytes <= held * UNIT) {
        return;
      }
      Duration left = arrival.remaining();
      await(Math.toIntExact((bytes + UNIT - 1) / UNIT));
      arrival = Deadline.after(left);
    }

    /** Whether the body should have arrived by now. */
    boolean isLate() {
      return arrival.hasPassed();
    }

    private void await(int units) {
      Deadline deadline = callersOrAfter(timeout);
      lock.lock();
      try {
        wanted = units;
        Condition granted = lock.newCondition();
        waiting.put(this, granted);
        grant();
        while (held < wanted) {
          if (granted.awaitNanos(deadline.remaining().toNanos()) <= 0 && held < wanted) {
            throw busy();
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw busy();
      } finally {
        waiting.remove(this);
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        if (onReserve == this) {
          onReserve = null;
        }
        if (counted > 0) {
          used -= counted;
          int left = Objects.requireNonNull(usedByAccount.get(account)) - counted;
          if (left == 0) {
            usedByAccount.remove(account);
          } else {
            usedByAccount.put(account, left);
          }
          counted = 0;
        }
        grant();
      } finally {
        lock.unlock();
      }
    }
  }

  private Problem busy() {
    return Problem.until(
        Type.BUSY,
        "Other large bodies are at work. Nothing was done; send it again, or fewer rows at a time.",
        clock.instant().plusSeconds(5));
  }
}
