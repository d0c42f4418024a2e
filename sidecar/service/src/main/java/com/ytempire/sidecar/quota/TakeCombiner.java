package com.ytempire.sidecar.quota;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Combines concurrent takes of units from the same account of the cache into one: those that arrive
 * while one is under way are taken together by the next, whose units are given out in order of
 * arrival. Nothing is delayed to combine more; a lone take goes at once. It spares round trips and
 * decides nothing: Bucket4j compares and swaps, and of many callers of one account that try at once
 * all but one try again. Safe to share between threads.
 *
 * <p>{@link GroupCommit} would run each take on a thread of its own and hold its callers until
 * their deadlines; here a caller's own thread takes, and goes by itself after 50 ms.
 */
final class TakeCombiner {
  /** Locks, each for the accounts of one hash. */
  static final int STRIPES = 64;

  /** Not so long that a Redis that hangs holds up one caller after another. */
  private static final Duration LONGEST_WAIT = Duration.ofMillis(50);

  private final Source source;
  private final Duration longestWait;
  private final List<Stripe> stripes = Stream.generate(Stripe::new).limit(STRIPES).toList();

  /** Where units are taken from. */
  @FunctionalInterface
  interface Source {
    /**
     * Takes as many units as there are, and at most these.
     *
     * @return empty when the account is not in the cache
     */
    OptionalLong take(Account account, long units);
  }

  /** A take that waits to be combined. Equal to itself alone. */
  private static final class Take {
    final Account account;
    final long units;
    final CompletableFuture<OptionalLong> taken = new CompletableFuture<>();

    Take(Account account, long units) {
      this.account = account;
      this.units = units;
    }
  }

  private static final class Stripe {
    final ReentrantLock lock = new ReentrantLock();

    /** Takes that nobody has claimed yet, in order of arrival; whoever removes one answers it. */
    final Queue<Take> waiting = new ConcurrentLinkedQueue<>();
  }

  TakeCombiner(Source source) {
    this(source, LONGEST_WAIT);
  }

  /**
   * As {@link #TakeCombiner(Source)}.
   *
   * @param longestWait how long a take waits for another before it goes by itself
   */
  TakeCombiner(Source source, Duration longestWait) {
    this.source = source;
    this.longestWait = longestWait;
  }

  /**
   * Takes units of an account, as many as there are and at most these.
   *
   * @return units taken, 0 to {@code units}; empty when the account is not in the cache
   * @throws RuntimeException as the source throws it
   */
  OptionalLong take(Account account, long units) {
    Stripe stripe = stripes.get(Math.floorMod(account.hashCode(), STRIPES));
    Take mine = new Take(account, units);
    stripe.waiting.add(mine);
    if (lock(stripe.lock)) {
      try {
        if (!mine.taken.isDone()) {
          takeAll(claim(stripe, account));
        }
      } finally {
        stripe.lock.unlock();
      }
    } else if (stripe.waiting.remove(mine)) {
      // Whoever holds the lock waits for a Redis that hangs, and knows nothing of this take.
      takeAll(List.of(mine));
    }
    return result(mine);
  }

  /** How many takes wait, and nobody has claimed them. */
  int waiting() {
    return stripes.stream().mapToInt(stripe -> stripe.waiting.size()).sum();
  }

  private boolean lock(ReentrantLock lock) {
    try {
      return lock.tryLock(longestWait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Claims the takes of an account that wait. */
  private static List<Take> claim(Stripe stripe, Account account) {
    List<Take> claimed = new ArrayList<>();
    for (Take each : stripe.waiting) {
      if (each.account.equals(account) && stripe.waiting.remove(each)) {
        claimed.add(each);
      }
    }
    return claimed;
  }

  /** Takes what all of them ask for at once, and answers each of them. */
  private void takeAll(List<Take> takes) {
    try {
      long units = takes.stream().mapToLong(take -> take.units).sum();
      OptionalLong taken = source.take(takes.getFirst().account, units);
      if (taken.isEmpty()) {
        takes.forEach(each -> each.taken.complete(taken));
        return;
      }
      long left = taken.getAsLong();
      for (Take each : takes) {
        long own = Math.min(left, each.units);
        left -= own;
        each.taken.complete(OptionalLong.of(own));
      }
    } catch (RuntimeException | Error e) {
      takes.forEach(each -> each.taken.completeExceptionally(e));
    }
  }

  /** The answer to a take; where another caller has claimed it, waits until that is answered. */
  private static OptionalLong result(Take take) {
    try {
      return take.taken.join();
    } catch (CompletionException e) {
      throw switch (e.getCause()) {
        case RuntimeException cause -> cause;
        case Error cause -> throw cause;
        case null, default -> e;
      };
    }
  }
}
