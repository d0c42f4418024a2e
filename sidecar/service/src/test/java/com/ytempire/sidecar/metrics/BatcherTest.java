package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Polling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Questions that arrive together travel together. */
final class BatcherTest {
  private final List<List<Integer>> asked = Collections.synchronizedList(new ArrayList<>());

  private Map<Integer, String> answer(List<Integer> keys) {
    asked.add(List.copyOf(keys));
    Map<Integer, String> answers = new HashMap<>();
    keys.forEach(key -> answers.put(key, "answer " + key));
    return answers;
  }

  @Test
  void a_hundred_questions_of_one_group_take_two_calls_of_fifty() throws Exception {
    // A window that nobody outwaits: calls go out because they are full.
    Batcher<String, Integer, String, String> batcher =
        new Batcher<>(50, Duration.ofHours(1), (contexts, keys) -> answer(keys));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Map<Integer, String>>> all =
          IntStream.range(0, 100)
              .mapToObj(key -> threads.submit(() -> batcher.get("g", "c", List.of(key))))
              .toList();
      for (int key = 0; key < 100; key++) {
        assertEquals(Map.of(key, "answer " + key), all.get(key).get());
      }
    }
    assertEquals(2, asked.size());
    assertTrue(asked.stream().allMatch(keys -> keys.size() == 50), asked.toString());
  }

  @Test
  void what_is_under_way_is_not_asked_twice() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Batcher<String, Integer, String, String> batcher =
        new Batcher<>(
            1,
            Duration.ZERO,
            (contexts, keys) -> {
              arrived.countDown();
              try {
                goOn.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return answer(keys);
            });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Map<Integer, String>> first = threads.submit(() -> batcher.get("g", "c", List.of(7)));
      arrived.await();
      CountDownLatch joining = new CountDownLatch(1);
      Future<Map<Integer, String>> second =
          threads.submit(() -> {
            joining.countDown();
            return batcher.get("g", "c", List.of(7));
          });
      joining.await();
      Thread.yield();
      goOn.countDown();
      assertEquals(first.get(), second.get());
    }
    assertTrue(asked.size() <= 2 && asked.getFirst().equals(List.of(7)), asked.toString());
  }

  @Test
  void groups_do_not_mix() throws Exception {
    Batcher<String, Integer, String, String> batcher =
        new Batcher<>(2, Duration.ofMillis(1), (contexts, keys) -> answer(keys));
    batcher.get("a", "c", List.of(1));
    batcher.get("b", "c", List.of(2));
    assertEquals(List.of(List.of(1), List.of(2)), asked);
    assertEquals(Map.of(), batcher.get("a", "c", List.of()));
  }

  @Test
  void a_failure_reaches_all_waiters_and_the_next_call_is_made() throws Exception {
    Batcher<String, Integer, String, String> batcher =
        new Batcher<>(
            2,
            Duration.ofMillis(1),
            (contexts, keys) -> {
              if (asked.isEmpty()) {
                asked.add(keys);
                throw new IllegalStateException("no");
              }
              return answer(keys);
            });
    assertThrows(IllegalStateException.class, () -> batcher.get("g", "c", List.of(1, 2)));
    assertEquals(Map.of(1, "answer 1"), batcher.get("g", "c", List.of(1)));
  }

  @Test
  void a_call_is_cancelled_only_when_nobody_waits_for_it() throws Exception {
    CountDownLatch arrived = new CountDownLatch(2);
    CountDownLatch goOn = new CountDownLatch(1);
    Map<Integer, Boolean> cancelled = new ConcurrentHashMap<>();
    CountDownLatch over = new CountDownLatch(2);
    Batcher<String, Integer, String, String> batcher =
        new Batcher<>(
            1,
            Duration.ZERO,
            (contexts, keys) -> {
              arrived.countDown();
              try {
                goOn.await();
                cancelled.put(keys.getFirst(), false);
                return answer(keys);
              } catch (InterruptedException e) {
                cancelled.put(keys.getFirst(), true);
                throw new IllegalStateException(e);
              } finally {
                over.countDown();
              }
            });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Map<Integer, String>> leaving =
          threads.submit(() -> batcher.get("g", "c", List.of(1, 2)));
      Future<Map<Integer, String>> staying =
          threads.submit(() -> {
            arrived.await();
            return batcher.get("g", "c", List.of(2));
          });
      arrived.await();
      // Both wait for the second call before one of them leaves.
      Polling.until("three waiting callers", () -> batcher.waiting() == 3);
      leaving.cancel(true);
      Polling.until("one waiting caller", () -> batcher.waiting() == 1);
      goOn.countDown();
      assertEquals(Map.of(2, "answer 2"), staying.get());
      over.await();
    }
    assertEquals(Map.of(1, true, 2, false), cancelled);
  }
}
