package com.ytempire.sidecar.metrics;

import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Coalesces concurrent calls for the same key into one, whose result all of them get. Safe to share
 * between threads.
 */
final class SingleFlight<T> {
  private final Map<String, CompletableFuture<T>> underway = new ConcurrentHashMap<>();

  /**
   * Asks, unless somebody does.
   *
   * @throws RuntimeException as {@code question} throws it, to all who wait; but when the one who
   *     asks is interrupted, another asks in its place
   */
  T get(String key, Supplier<T> question) {
    CompletableFuture<T> mine = new CompletableFuture<>();
    for (CompletableFuture<T> first = underway.putIfAbsent(key, mine);
        first != null;
        first = underway.putIfAbsent(key, mine)) {
      try {
        return first.get();
      } catch (CancellationException e) {
        // Who asked has gone; ask in its place.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while another asks", e);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException failure
            ? failure
            : new IllegalStateException(e.getCause());
      }
    }
    try {
      T answer = question.get();
      underway.remove(key, mine);
      mine.complete(answer);
      return answer;
    } catch (RuntimeException | Error e) {
      underway.remove(key, mine);
      if (Thread.currentThread().isInterrupted()) {
        mine.cancel(false);
      } else {
        mine.completeExceptionally(e);
      }
      throw e;
    }
  }
}
