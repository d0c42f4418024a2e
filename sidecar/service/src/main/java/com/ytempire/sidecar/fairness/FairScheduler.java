package com.ytempire.sidecar.fairness;

import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets calls run in the order of a {@link FairQueue}; those that wait are virtual threads, which
 * cost no thread of the machine. Safe to share between threads.
 */
public final class FairScheduler {
  private final Clock clock;
  private final FairQueue queue;
  private final int concurrent;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<FairQueue.Ticket, Condition> asleep = new HashMap<>();
  private final Map<FairQueue.Ticket, Boolean> called = new HashMap<>();

  /** Permits by weight that each user got here and that are not published yet; none if none are. */
  private Map<UUID, Double> unpublished = new HashMap<>();

  private boolean isPublished;

  /** Most users in {@code unpublished}; users beyond are served, but not published. */
  private static final int MAX_UNPUBLISHED = 10_000;

  /** No permit came free in time, or too many calls wait already. */
  public static final class Busy extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean isQueueFull;

    private Busy(String message, boolean isQueueFull) {
      super(message);
      this.isQueueFull = isQueueFull;
    }

    /** Whether it was refused at once because too many wait, not after waiting for a permit. */
    public boolean isQueueFull() {
      return isQueueFull;
    }
  }

  /** The right to run, until closed. */
  public interface Permit extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Makes an empty queue.
   *
   * @param concurrent calls that run at the same time, over all replicas
   * @param concurrentPerUser of these, of one user
   * @param waiting calls that may wait here
   * @param waitingPerUser of these, of one user
   */
  public FairScheduler(
      int concurrent, int concurrentPerUser, int waiting, int waitingPerUser, Clock clock) {
    this.clock = clock;
    this.concurrent = concurrent;
    this.queue = new FairQueue(concurrent, concurrentPerUser, waiting, waitingPerUser);
  }

  /**
   * As {@link #take(UUID, int, boolean, Deadline)}, until this clock shows the deadline.
   *
   * @throws Busy when none came until the deadline, or too many wait
   */
  public Permit take(UUID userId, int weight, boolean isInteractive, Instant deadline)
      throws InterruptedException {
    return take(userId, weight, isInteractive, Deadline.at(deadline, clock));
  }

  /**
   * Waits for a permit. Who is interrupted leaves the queue.
   *
   * @param weight how much of the whole the user is worth, at least 1
   * @param isInteractive whether a person waits for it
   * @throws Busy when none came until the deadline, or too many wait
   */
  public Permit take(UUID userId, int weight, boolean isInteractive, Deadline deadline)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      FairQueue.Ticket ticket =
          queue
              .join(userId, weight, isInteractive)
              .orElseThrow(() -> new Busy("Too many calls wait already.", true));
      Condition wake = lock.newCondition();
      asleep.put(ticket, wake);
      callNext();
      try {
        while (!called.containsKey(ticket)) {
          long left = deadline.remaining().toNanos();
          if (left <= 0
              || (!wake.await(left, TimeUnit.NANOSECONDS) && !called.containsKey(ticket))) {
            throw new Busy("No permit came free in the time given.", false);
          }
        }
      } catch (InterruptedException | Busy e) {
        giveUp(ticket);
        throw e;
      } finally {
        asleep.remove(ticket);
      }
      called.remove(ticket);
      if (isPublished
          && (unpublished.size() < MAX_UNPUBLISHED || unpublished.containsKey(userId))) {
        unpublished.merge(userId, 1.0 / weight, Double::sum);
      }
      return () -> finish(ticket);
    } finally {
      lock.unlock();
    }
  }

  /** How many calls wait now. */
  public int waiting() {
    return locked(queue::waiting);
  }

  /** How many calls of a user wait now. */
  public int waiting(UUID userId) {
    return locked(() -> queue.waiting(userId));
  }

  /** How many calls run now. */
  public int running() {
    return locked(queue::running);
  }

  /** Counts from now on what users get here, for {@link #drainServed}. */
  void startPublishing() {
    locked(() -> isPublished = true);
  }

  /**
   * Permits by weight that each user got here since this was last asked; none where {@link
   * #startPublishing} was never called.
   */
  Map<UUID, Double> drainServed() {
    return locked(() -> {
      Map<UUID, Double> served = unpublished;
      unpublished = new HashMap<>();
      return served;
    });
  }

  /** What users got at another replica. */
  void applyRemote(Map<UUID, Double> servedElsewhere) {
    locked(() -> {
      servedElsewhere.forEach(queue::servedElsewhere);
      return true;
    });
  }

  /** This replica is one of so many, which run the calls together. */
  void share(int replicas) {
    locked(() -> {
      queue.maxRunning(Math.max(1, concurrent / replicas));
      callNext();
      return true;
    });
  }

  private void giveUp(FairQueue.Ticket ticket) {
    if (!queue.leave(ticket) && called.remove(ticket) != null) {
      queue.done(ticket);
      callNext();
    }
  }

  private void finish(FairQueue.Ticket ticket) {
    locked(() -> {
      queue.done(ticket);
      callNext();
      return true;
    });
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

  private <T> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }
}
