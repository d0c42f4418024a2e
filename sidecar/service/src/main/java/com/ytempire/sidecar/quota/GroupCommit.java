package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Commits concurrent requests in groups, one transaction for each group and one group at a time:
 * what arrives while a transaction runs waits, in order of arrival, for the next one. Nothing is
 * delayed to fill a group; a lone request is committed at once. Safe to share between threads.
 *
 * <p>A group may run until the first of its callers' deadlines, and ten seconds at most. When it
 * fails then, the callers whose deadline that was fail, and the others are committed with the next
 * group: requests must be idempotent.
 *
 * @param <Q> a request
 * @param <A> the answer to one request
 */
final class GroupCommit<Q, A> {
  /** A group's size bounds the time that locks are held. */
  static final int MAX_GROUP = 100;

  /** Waiting requests cost a virtual thread each. */
  static final int MAX_WAITING = 10_000;

  /** For callers that have bound no deadline: jobs of our own. */
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

  /** Callers with less time left have groups of their own, which cut nobody else short. */
  private static final Duration SHORT = Duration.ofSeconds(2);

  /** A group ends then, so that one that hangs does not hold up all callers of a bucket. */
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final Function<List<Q>, List<A>> transaction;
  private final int maxWaiting;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Member<Q, A>> waiting = new ArrayDeque<>();
  private boolean isRunning;

  /** A request on its way to its answer. */
  private static final class Member<Q, A> {
    final Q request;
    final Deadline deadline;
    final CompletableFuture<A> answer = new CompletableFuture<>();

    /** Of a transaction that it was part of, and that may have been committed. */
    volatile @Nullable RuntimeException lastFailure;

    Member(Q request, Deadline deadline) {
      this.request = request;
      this.deadline = deadline;
    }
  }

  /**
   * Creates an empty queue.
   *
   * @param transaction commits the requests of a group; returns an answer for each, in their order.
   *     Throws {@link DatabaseUnavailable} or {@link DatabaseBusy} where another try may succeed
   * @param maxWaiting how many requests may wait
   */
  GroupCommit(Function<List<Q>, List<A>> transaction, int maxWaiting) {
    this.transaction = transaction;
    this.maxWaiting = maxWaiting;
  }

  /**
   * Commits a request with whatever else waits. An interrupt is kept for the caller: a request that
   * still waits is withdrawn, and one whose transaction runs is waited for, because the caller must
   * know what became of it.
   *
   * @throws QuotaBusy when too many requests wait, or the caller's deadline passes or it is
   *     interrupted while the request waits; nothing was committed
   * @throws DatabaseUnavailable when PostgreSQL was unavailable until the caller's deadline
   * @throws DatabaseBusy when no connection came free until the caller's deadline
   */
  A submit(Q request) {
    Member<Q, A> member = new Member<>(request, Deadline.currentOr(DEFAULT_TIMEOUT));
    boolean starts;
    lock.lock();
    try {
      if (waiting.size() >= maxWaiting) {
        throw new QuotaBusy("Too many requests wait for the quota already.");
      }
      waiting.add(member);
      starts = !isRunning;
      isRunning = true;
    } finally {
      lock.unlock();
    }
    if (starts) {
      Thread.ofVirtual().name("quota-group-commit").start(this::run);
    }
    return answer(member);
  }

  /** Returns how many requests wait for the next transaction. */
  int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  private A answer(Member<Q, A> member) {
    boolean wasInterrupted = false;
    boolean mayLeave = true;
    try {
      while (true) {
        try {
          return mayLeave
              ? member.answer.get(member.deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)
              : member.answer.get();
        } catch (InterruptedException e) {
          wasInterrupted = true;
          if (leave(member)) {
            throw withdrawn(member, "The call was cancelled.");
          }
        } catch (TimeoutException e) {
          if (leave(member)) {
            throw withdrawn(member, "The quota was not reached in the time given.");
          }
          // Its transaction ends with the deadline.
          mayLeave = false;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException withdrawn(Member<?, ?> member, String message) {
    RuntimeException failure = member.lastFailure;
    return failure == null ? new QuotaBusy(message) : failure;
  }

  private boolean leave(Member<Q, A> member) {
    lock.lock();
    try {
      return waiting.remove(member);
    } finally {
      lock.unlock();
    }
  }

  /** Commits group after group until nothing waits. */
  private void run() {
    for (List<Member<Q, A>> group = next(); !group.isEmpty(); group = next()) {
      commit(group);
    }
  }

  private List<Member<Q, A>> next() {
    lock.lock();
    try {
      List<Member<Q, A>> group = new ArrayList<>();
      boolean isShort = !waiting.isEmpty() && isShort(waiting.getFirst());
      Iterator<Member<Q, A>> all = waiting.iterator();
      while (group.size() < MAX_GROUP && all.hasNext()) {
        Member<Q, A> next = all.next();
        if (isShort(next) == isShort) {
          group.add(next);
          all.remove();
        }
      }
      isRunning = !group.isEmpty();
      return group;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isShort(Member<?, ?> member) {
    return member.deadline.remaining().compareTo(SHORT) < 0;
  }

  private void commit(List<Member<Q, A>> group) {
    Member<Q, A> first =
        Collections.min(group, Comparator.comparing(each -> each.deadline.remaining()));
    boolean isCapped = first.deadline.remaining().compareTo(LONGEST) > 0;
    Deadline end = isCapped ? Deadline.after(LONGEST) : first.deadline;
    try {
      List<A> answers =
          end.supply(() -> transaction.apply(group.stream().map(each -> each.request).toList()));
      for (int i = 0; i < group.size(); i++) {
        group.get(i).answer.complete(answers.get(i));
      }
    } catch (DatabaseUnavailable | DatabaseBusy e) {
      List<Member<Q, A>> again = new ArrayList<>();
      for (Member<Q, A> each : group) {
        // One at least, unless time has passed: else a failure without delay would repeat for ever.
        if ((each == first && !(isCapped && end.hasPassed())) || each.deadline.hasPassed()) {
          each.answer.completeExceptionally(e);
        } else {
          each.lastFailure = e;
          again.add(each);
        }
      }
      putBack(again);
    } catch (RuntimeException | Error e) {
      group.forEach(each -> each.answer.completeExceptionally(e));
    }
  }

  /** Puts requests back before those that came later. */
  private void putBack(List<Member<Q, A>> members) {
    lock.lock();
    try {
      members.reversed().forEach(waiting::addFirst);
    } finally {
      lock.unlock();
    }
  }
}
