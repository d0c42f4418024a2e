package com.ytempire.sidecar.fairness;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets calls run in the order of a {@link FairQueue}; those that wait are virtual threads. Safe to
 * share between threads.
 */
public final class Turns {
  private final Clock clock;
  private final FairQueue queue;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<FairQueue.Ticket, Condition> asleep = new HashMap<>();
  private final Map<FairQueue.Ticket, Boolean> called = new HashMap<>();

  /** No turn came in time, or too many of the user's calls wait already. */
  public static final class Busy extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Busy(String message) {
      super(message);
    }
  }

  /** The right to run, until closed. */
  public interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Makes an empty queue.
   *
   * @param concurrent calls that run at the same time
   * @param concurrentPerUser of these, of one user
   * @param waitingPerUser calls of one user that may wait
   */
  public Turns(int concurrent, int concurrentPerUser, int waitingPerUser, Clock clock) {
    this.clock = clock;
    this.queue = new FairQueue(concurrent, concurrentPerUser, waitingPerUser);
  }

  /**
   * Waits for a turn.
   *
   * @param weight how much of the whole the user is worth, at least 1
   * @throws Busy when none came until the deadline, or the user has too many waiting
   */
  public Turn take(UUID userId, int weight, Instant deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      FairQueue.Ticket ticket =
          queue
              .join(userId, weight)
              .orElseThrow(() -> new Busy("Too many calls of this user wait for a turn already."));
      Condition wake = lock.newCondition();
      asleep.put(ticket, wake);
      callNext();
      try {
        while (!called.containsKey(ticket)) {
          long left = Duration.between(clock.instant(), deadline).toNanos();
          if (left <= 0
              || (!wake.await(left, TimeUnit.NANOSECONDS) && !called.containsKey(ticket))) {
            throw new Busy("No turn came in the time given.");
          }
        }
      } catch (InterruptedException | Busy e) {
        giveUp(ticket);
        throw e;
      } finally {
        asleep.remove(ticket);
      }
      called.remove(ticket);
      return () -> finish(ticket);
    } finally {
      lock.unlock();
    }
  }

  /** How many calls wait now. */
  public int waiting() {
    lock.lock();
    try {
      return queue.waiting();
    } finally {
      lock.unlock();
    }
  }

  /** How many calls run now. */
  public int running() {
    lock.lock();
    try {
      return queue.running();
    } finally {
      lock.unlock();
    }
  }

  private void giveUp(FairQueue.Ticket ticket) {
    if (!queue.leave(ticket) && called.remove(ticket) != null) {
      queue.done(ticket);
      callNext();
    }
  }

  private void finish(FairQueue.Ticket ticket) {
    lock.lock();
    try {
      queue.done(ticket);
      callNext();
    } finally {
      lock.unlock();
    }
  }

  private void callNext() {
    for (Optional<FairQueue.Ticket> next = queue.next(); next.isPresent(); next = queue.next()) {
      called.put(next.get(), true);
      Condition wake = asleep.get(next.get());
      if (wake != null) {
        wake.signal();
      }
    }
  }
}
