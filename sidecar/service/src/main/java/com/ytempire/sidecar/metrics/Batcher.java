package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Combines the keys that callers ask for within a few milliseconds into one call, up to as many as
 * one call takes; a key that is under way is not asked for twice. Safe to share between threads.
 *
 * @param <G> what may travel together
 * @param <K> what is asked for
 * @param <C> on whose behalf
 * @param <V> the answer
 */
final class Batcher<G, K, C, V> {
  private final int batchSize;
  private final Duration window;
  private final Asker<K, C, V> asker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<G, Batch> open = new HashMap<>();
  private final Map<G, Map<K, Batch>> underway = new HashMap<>();

  /** Sends one request for many keys, and returns the answer of each. */
  @FunctionalInterface
  interface Asker<K, C, V> {
    Map<K, V> ask(List<C> contexts, List<K> keys);
  }

  /**
   * Makes an empty one.
   *
   * @param batchSize keys that one call takes
   * @param window how long to wait for company
   */
  Batcher(int batchSize, Duration window, Asker<K, C, V> asker) {
    this.batchSize = batchSize;
    this.window = window;
    this.asker = asker;
  }

  private final class Batch {
    private final G group;
    private final Map<K, CompletableFuture<V>> answers = new LinkedHashMap<>();
    private final List<C> contexts = new ArrayList<>();
    private final Condition full = lock.newCondition();
    private final Thread thread = Thread.ofVirtual().name("batch").unstarted(() -> run(this));

    /** How many wait for an answer of it. */
    private int waiting;

    Batch(G group) {
      this.group = group;
    }
  }

  /**
   * Asks, and waits for the answers. When everybody who waits for a call has been interrupted, the
   * call is.
   *
   * @throws RuntimeException as the asker throws it
   */
  Map<K, V> get(G group, C context, Collection<K> keys) throws InterruptedException {
    if (keys.isEmpty()) {
      return Map.of();
    }
    Map<K, CompletableFuture<V>> mine = new LinkedHashMap<>();
    Set<Batch> batches = new HashSet<>();
    lock.lock();
    try {
      Map<K, Batch> known = underway.computeIfAbsent(group, g -> new HashMap<>());
      for (K key : keys) {
        Batch batch = known.get(key);
        if (batch == null) {
          batch = join(group, context, key);
          known.put(key, batch);
        }
        mine.put(key, Objects.requireNonNull(batch.answers.get(key)));
        if (batches.add(batch)) {
          batch.waiting++;
        }
      }
    } finally {
      lock.unlock();
    }
    try {
      Map<K, V> answers = new LinkedHashMap<>();
      for (Map.Entry<K, CompletableFuture<V>> each : mine.entrySet()) {
        answers.put(each.getKey(), await(each.getValue()));
      }
      return answers;
    } finally {
      leave(batches);
    }
  }

  /** How many wait, each counted for each call that it waits for. */
  int waiting() {
    lock.lock();
    try {
      return underway.values().stream()
          .flatMap(batches -> batches.values().stream().distinct())
          .mapToInt(batch -> batch.waiting)
          .sum();
    } finally {
      lock.unlock();
    }
  }

  private void leave(Set<Batch> batches) {
    lock.lock();
    try {
      for (Batch batch : batches) {
        batch.waiting--;
        if (batch.waiting == 0) {
          // Answered, or nobody wants it any more: who comes now asks anew.
          forget(batch);
          batch.thread.interrupt();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void forget(Batch batch) {
    open.remove(batch.group, batch);
    Map<K, Batch> known = underway.get(batch.group);
    if (known != null) {
      known.values().removeIf(each -> each == batch);
      if (known.isEmpty()) {
        underway.remove(batch.group);
      }
    }
  }

  private static <V> V await(CompletableFuture<V> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private Batch join(G group, C context, K key) {
    Batch batch = open.get(group);
    if (batch == null) {
      batch = new Batch(group);
      open.put(group, batch);
      batch.thread.start();
    }
    batch.answers.put(key, new CompletableFuture<>());
    if (batch.contexts.isEmpty() || batch.contexts.getLast() != context) {
      batch.contexts.add(context);
    }
    if (batch.answers.size() == batchSize) {
      open.remove(group);
      batch.full.signalAll();
    }
    return batch;
  }

  private void run(Batch batch) {
    List<C> contexts;
    List<K> keys;
    lock.lock();
    try {
      long left = window.toNanos();
      while (left > 0 && batch.answers.size() < batchSize) {
        left = batch.full.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody waits any more; the call will not be made
    } finally {
      open.remove(batch.group, batch);
      contexts = List.copyOf(batch.contexts);
      keys = List.copyOf(batch.answers.keySet());
      lock.unlock();
    }
    Consumer<BiConsumer<K, CompletableFuture<V>>> finish =
        with -> {
          lock.lock();
          try {
            forget(batch);
          } finally {
            lock.unlock();
          }
          batch.answers.forEach(with);
        };
    try {
      Map<K, V> answers = asker.ask(contexts, keys);
      finish.accept((key, future) -> {
        V answer = answers.get(key);
        if (answer == null) {
          future.completeExceptionally(new NullPointerException("no answer for " + key));
        } else {
          future.complete(answer);
        }
      });
    } catch (RuntimeException e) {
      finish.accept((key, future) -> future.completeExceptionally(e));
    }
  }
}
