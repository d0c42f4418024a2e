package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.testing.Polling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is being asked for is not asked for twice. */
final class SingleFlightTest {
  private final SingleFlight<String> flights = new SingleFlight<>();
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void whoever_comes_while_a_question_is_under_way_gets_its_answer() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> first =
          threads.submit(() ->
              flights.get(
                  "key",
                  () -> {
                    asked.incrementAndGet();
                    arrived.countDown();
                    try {
                      goOn.await();
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                    return "answer";
                  }));
      arrived.await();
      List<Thread> later = new ArrayList<>();
      List<String> answers = Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < 10; i++) {
        later.add(
            Thread.ofPlatform()
                .start(() ->
                    answers.add(flights.get("key", () -> "another " + asked.incrementAndGet()))));
      }
      // All of them wait for the first before it may answer.
      for (Thread thread : later) {
        Polling.until("a caller that waits", () -> thread.getState() == Thread.State.WAITING);
      }
      goOn.countDown();
      for (Thread thread : later) {
        thread.join();
      }
      assertEquals("answer", first.get());
      assertEquals(List.of("answer"), answers.stream().distinct().toList());
    }
    assertEquals(1, asked.get());
  }

  @Test
  void a_call_after_a_failure_is_made_again() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            flights.get(
                "key",
                () -> {
                  throw new IllegalArgumentException("no");
                }));
    assertEquals("answer", flights.get("key", () -> "answer"));
  }

  @Test
  void when_the_one_who_asks_is_interrupted_another_asks_in_its_place() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    Thread first =
        Thread.ofPlatform()
            .start(() -> {
              try {
                flights.get(
                    "key",
                    () -> {
                      arrived.countDown();
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      throw new IllegalStateException("interrupted");
                    });
              } catch (IllegalStateException e) {
                // as it should be
              }
            });
    arrived.await();
    List<String> answers = Collections.synchronizedList(new ArrayList<>());
    Thread second =
        Thread.ofPlatform().start(() -> answers.add(flights.get("key", () -> "its own")));
    Polling.until("the second caller to wait", () -> second.getState() == Thread.State.WAITING);
    first.interrupt();
    first.join();
    second.join();
    assertEquals(List.of("its own"), answers);
  }
}
