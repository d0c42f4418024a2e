package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets questions that arrive together travel together: those of one group wait a few milliseconds
 * for company, up to as many as one call takes, and a question that is under way is not asked
 * twice. Safe to share between threads.
 *
 * @param <G> what may travel together
 * @param <K> what is asked for
 * @param <C> on whose behalf
 * @param <V> the answer
 */
final class Batcher<G, K, C, V> {
  private final int most;
  private final Duration window;
  private final Asker<K, C, V> asker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<G, Batch> open = new HashMap<>();
  private final Map<G, Map<K, CompletableFuture<V>>> underway = new HashMap<>();

  /** Asks for all of them at once; answers each of them. */
  @FunctionalInterface
  interface Asker<K, C, V> {
    Map<K, V> ask(List<C> contexts, List<K> keys);
  }

  /**
   * Makes an empty one.
   *
   * @param most keys that one call takes
   * @param window how long to wait for company
   */
  Batcher(int most, Duration window, Asker<K, C, V> asker) {
    this.most = most;
    this.window = window;
    this.asker = asker;
  }

  private final class Batch {
    private final G group;
    private final List<K> keys = new ArrayList<>();
    private final List<C> contexts = new ArrayList<>();
    private final Condition full = lock.newCondition();

    Batch(G group) {
      this.group = group;
    }
  }

  /**
   * Asks, and waits for the answers.
   *
   * @throws RuntimeException as the asker throws it
   */
  Map<K, V> get(G group, C context, Collection<K> keys) throws InterruptedException {
    if (keys.isEmpty()) {
      return Map.of();
    }
    Map<K, CompletableFuture<V>> mine = new LinkedHashMap<>();
    lock.lock();
    try {
      Map<K, CompletableFuture<V>> known = underway.computeIfAbsent(group, g -> new HashMap<>());
      for (K key : keys) {
        CompletableFuture<V> future = known.get(key);
        if (future == null) {
          future = new CompletableFuture<>();
          known.put(key, future);
          join(group, context, key);
        }
        mine.put(key, future);
      }
    } finally {
      lock.unlock();
    }
    Map<K, V> answers = new LinkedHashMap<>();
    for (Map.Entry<K, CompletableFuture<V>> each : mine.entrySet()) {
      answers.put(each.getKey(), await(each.getValue()));
    }
    return answers;
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

  private void join(G group, C context, K key) {
    Batch batch = open.get(group);
    if (batch == null) {
      Batch made = new Batch(group);
      open.put(group, made);
      batch = made;
      Thread.ofVirtual().name("batch").start(() -> run(made));
    }
    batch.keys.add(key);
    if (batch.contexts.isEmpty() || batch.contexts.getLast() != context) {
      batch.contexts.add(context);
    }
    if (batch.keys.size() == most) {
      open.remove(group);
      batch.full.signalAll();
    }
  }

  private void run(Batch batch) {
    lock.lock();
    try {
      long left = window.toNanos();
      while (left > 0 && batch.keys.size() < most) {
        left = batch.full.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever waits for the answers still gets them
    } finally {
      open.remove(batch.group, batch);
      lock.unlock();
    }
    try {
      Map<K, V> answers = asker.ask(batch.contexts, batch.keys);
      finish(
          batch,
          (key, future) ->
              future.complete(
                  Objects.requireNonNull(answers.get(key), () -> "no answer for " + key)));
    } catch (RuntimeException e) {
      finish(batch, (key, future) -> future.completeExceptionally(e));
    }
  }

  @FunctionalInterface
  private interface Finish<K, V> {
    void with(K key, CompletableFuture<V> future);
  }

  private void finish(Batch batch, Finish<K, V> finish) {
    Map<K, CompletableFuture<V>> done = new LinkedHashMap<>();
    lock.lock();
    try {
      Map<K, CompletableFuture<V>> known = Objects.requireNonNull(underway.get(batch.group));
      for (K key : batch.keys) {
        done.put(key, Objects.requireNonNull(known.remove(key)));
      }
      if (known.isEmpty()) {
        underway.remove(batch.group);
      }
    } finally {
      lock.unlock();
    }
    done.forEach((key, future) -> {
      try {
        finish.with(key, future);
      } catch (RuntimeException e) {
        future.completeExceptionally(e);
      }
    });
  }
}
