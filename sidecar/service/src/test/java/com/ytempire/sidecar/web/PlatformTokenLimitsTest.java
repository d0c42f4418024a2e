package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.testing.Polling;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one service token leaves to others, that sends as many requests at once as it can. */
final class PlatformTokenLimitsTest {
  private static final Caller HOSTILE =
      new Caller(UUID.randomUUID(), Role.SERVICE, null, null, null);
  private static final Caller OPERATOR =
      new Caller(UUID.randomUUID(), Role.OPERATOR, null, null, null);
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final RequestLimits limits = new RequestLimits(Clock.systemUTC(), Duration.ZERO);
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();

  @AfterEach
  void end() throws InterruptedException {
    end.countDown();
    // Refusals wait.
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** A request that lasts until the end of the test. */
  private void send(Endpoint.Bulkhead bulkhead, UUID about) {
    threads.add(
        Thread.ofVirtual()
            .start(() -> {
              try {
                Deadline.after(TIMEOUT)
                    .run(() -> limits.run(bulkhead, HOSTILE, about, this::untilTheEnd));
              } catch (Problem e) {
                refused.incrementAndGet();
              }
            }));
  }

  private void untilTheEnd() {
    running.incrementAndGet();
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitAll() {
    Polling.until(
        "all requests to run, to wait or to be refused",
        () ->
            running.get() + limits.waiting() + limits.delayedRefusals() + refused.get()
                == threads.size());
  }

  @Test
  void a_service_token_does_not_fill_the_line_of_operators() throws Exception {
    for (int i = 0; i < 2_500; i++) {
      send(Endpoint.Bulkhead.NONE, new UUID(1, i));
    }
    awaitAll();
    FutureTask<Boolean> operators =
        new FutureTask<>(() -> limits.run(Endpoint.Bulkhead.NONE, OPERATOR, null, () -> {}), true);
    Thread.ofVirtual().start(operators);
    assertTrue(operators.get(60, TimeUnit.SECONDS));
  }

  @Test
  void a_service_token_of_many_users_does_not_fill_a_bulkhead() throws Exception {
    for (int i = 0; i < 2_500; i++) {
      send(Endpoint.Bulkhead.LARGE_READ, new UUID(1, i % 30));
    }
    awaitAll();
    UUID user = UUID.randomUUID();
    Caller owner = new Caller(UUID.randomUUID(), Role.USER, user, null, null);
    FutureTask<Boolean> own =
        new FutureTask<>(
            () ->
                Deadline.after(TIMEOUT)
                    .run(() -> limits.run(Endpoint.Bulkhead.LARGE_READ, owner, user, () -> {})),
            true);
    int waiting = limits.waiting();
    Thread.ofVirtual().start(own);
    Polling.until("the user's own to wait", () -> limits.waiting() > waiting || own.isDone());
    end.countDown();
    assertTrue(own.get(60, TimeUnit.SECONDS));
  }
}
