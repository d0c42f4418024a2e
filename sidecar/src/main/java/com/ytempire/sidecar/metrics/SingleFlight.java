package com.ytempire.sidecar.metrics;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Whoever asks what is being asked for already waits for that answer. Safe to share between
 * threads.
 */
final class SingleFlight<T> {
  private final Map<String, CompletableFuture<T>> underway = new ConcurrentHashMap<>();

  /**
   * Asks, unless somebody does.
   *
   * @throws RuntimeException as {@code question} throws it, to all who wait
   */
  T get(String key, Supplier<T> question) {
    CompletableFuture<T> mine = new CompletableFuture<>();
    CompletableFuture<T> first = underway.putIfAbsent(key, mine);
    if (first != null) {
      try {
        return first.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw e;
      }
    }
    try {
      T answer = question.get();
      mine.complete(answer);
      return answer;
    } catch (RuntimeException | Error e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      underway.remove(key, mine);
    }
  }
}
