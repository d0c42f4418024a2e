package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.trace.RequestTrace;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** On which threads requests run: one that computes for long must not hold up all others. */
@Timeout(60)
final class BulkheadThreadsTest {
  /** Longer than what is small. */
  private static final Duration LARGE = Duration.ofMillis(50);

  /** So many large reads wait that the cooldown is ten times as long as the permit was held. */
  private static final int MANY = 82;

  private final RequestLimits limits = new RequestLimits(Clock.systemUTC());
  private final UUID user = UUID.randomUUID();
  private final Caller caller = new Caller(UUID.randomUUID(), Role.USER, user, null, null);

  private void onVirtualThread(Runnable work) throws InterruptedException, ExecutionException {
    FutureTask<Boolean> task = new FutureTask<>(work, true);
    Thread.ofVirtual().start(task);
    task.get();
  }

  @ParameterizedTest
  @EnumSource(Endpoint.Bulkhead.class)
  void large_reads_and_exports_are_preempted_by_the_system(Endpoint.Bulkhead bulkhead)
      throws Exception {
    AtomicReference<Thread> ran = new AtomicReference<>();
    AtomicReference<Duration> left = new AtomicReference<>(Duration.ZERO);
    onVirtualThread(() ->
        Deadline.after(Duration.ofMinutes(7))
            .run(() ->
                limits.run(
                    bulkhead,
                    caller,
                    user,
                    () -> {
                      ran.set(Thread.currentThread());
                      left.set(Deadline.currentOr(Duration.ZERO).remaining());
                    })));
    assertEquals(bulkhead == Endpoint.Bulkhead.NONE, ran.get().isVirtual());
    assertTrue(left.get().compareTo(Duration.ofMinutes(6)) > 0, "its deadline is bound");
  }

  @Test
  void many_large_reads_leave_half_of_the_time_to_other_users() throws Exception {
    // A cooldown: when the next begins, as much time has passed as the first took.
    AtomicReference<Long> took = new AtomicReference<>(0L);
    AtomicReference<Long> rested = new AtomicReference<>(0L);
    FutureTask<Boolean> second =
        new FutureTask<>(
            () ->
                limits.run(
                    Endpoint.Bulkhead.LARGE_READ,
                    caller,
                    user,
                    () -> rested.set(System.nanoTime() - rested.get())),
            true);
    limits.run(
        Endpoint.Bulkhead.LARGE_READ,
        caller,
        user,
        () -> {
          long began = System.nanoTime();
          Thread waiting = Thread.ofVirtual().start(second);
          while (waiting.getState() != Thread.State.TIMED_WAITING
              || System.nanoTime() - began < LARGE.toNanos()) {
            Thread.onSpinWait();
          }
          took.set(System.nanoTime() - began);
          rested.set(System.nanoTime());
        });
    second.get();
    assertTrue(rested.get() >= took.get(), rested + " ns after " + took + " ns");
  }

  /** When a read, by its number, began and ended, of {@link System#nanoTime}. */
  private record Span(int read, long began, long ended) {}

  @ParameterizedTest
  @CsvSource({"LARGE_READ, 82", "EXPORT, 22"})
  void who_sends_many_at_once_leaves_nine_tenths_of_the_time_to_others(
      Endpoint.Bulkhead bulkhead, int many) throws Exception {
    Duration small = Duration.ofMillis(10);
    List<Span> spans = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch two = new CountDownLatch(2);
    LargeRead first = new LargeRead(bulkhead, caller, user).awaitBegin();
    List<FutureTask<Boolean>> reads = new ArrayList<>();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      int read = i;
      FutureTask<Boolean> task =
          new FutureTask<>(
              () ->
                  limits.run(
                      bulkhead,
                      caller,
                      user,
                      () -> {
                        long began = System.nanoTime();
                        while (System.nanoTime() - began < small.toNanos()) {
                          Thread.onSpinWait();
                        }
                        spans.add(new Span(read, began, System.nanoTime()));
                        two.countDown();
                      }),
              true);
      reads.add(task);
      Thread thread = Thread.ofVirtual().start(task);
      waiting.add(thread);
      while (thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
    }
    first.close();
    two.await();
    Span before = spans.get(0);
    Span after = spans.get(1);
    assertTrue(reads.get(before.read()).get());
    assertTrue(reads.get(after.read()).get());
    long rested = after.began() - before.ended();
    long took = before.ended() - before.began();
    assertTrue(rested >= 9 * took, rested + " ns after " + took + " ns");
    waiting.forEach(Thread::interrupt);
    for (Thread thread : waiting) {
      thread.join();
    }
  }

  @ParameterizedTest
  @EnumSource(Endpoint.Bulkhead.class)
  void requests_keep_their_trace_on_every_thread(Endpoint.Bulkhead bulkhead) throws Exception {
    RequestTrace trace = RequestTrace.of("w1", "77");
    AtomicReference<Optional<RequestTrace>> bound = new AtomicReference<>(Optional.empty());
    onVirtualThread(() ->
        trace.run(
            () -> limits.run(bulkhead, caller, user, () -> bound.set(RequestTrace.current()))));
    assertEquals(Optional.of(trace), bound.get());
  }

  /** A large read that is under way until it is closed. */
  private final class LargeRead implements AutoCloseable {
    private final CountDownLatch began = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private final FutureTask<Boolean> task;
    private final Thread thread;

    LargeRead(Caller by, UUID about) {
      this(Endpoint.Bulkhead.LARGE_READ, by, about);
    }

    LargeRead(Endpoint.Bulkhead bulkhead, Caller by, UUID about) {
      task =
          new FutureTask<>(
              () ->
                  limits.run(
                      bulkhead,
                      by,
                      about,
                      () -> {
                        began.countDown();
                        try {
                          end.await();
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                      }),
              true);
      thread = Thread.ofVirtual().start(task);
    }

    LargeRead awaitBegin() throws InterruptedException {
      began.await();
      return this;
    }

    LargeRead awaitWaiting() {
      while (thread.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      return this;
    }

    @Override
    public void close() throws Exception {
      end.countDown();
      task.get();
    }
  }

  @Test
  void a_users_cooldown_delays_no_other_user() throws Exception {
    Duration held = Duration.ofMillis(500);
    List<LargeRead> running = new ArrayList<>();
    List<LargeRead> waiting = new ArrayList<>();
    for (int i = 0; i < Endpoint.Bulkhead.LARGE_READ.concurrent(); i++) {
      UUID hostile = UUID.randomUUID();
      Caller by = new Caller(UUID.randomUUID(), Role.USER, hostile, null, null);
      running.add(new LargeRead(by, hostile).awaitBegin());
      for (int j = 0; j < MANY; j++) {
        waiting.add(new LargeRead(by, hostile).awaitWaiting());
      }
    }
    long began = System.nanoTime();
    while (System.nanoTime() - began < held.toNanos()) {
      Thread.onSpinWait();
    }
    for (LargeRead read : running) {
      read.close();
    }
    // Each of their permits has a cooldown of ten times as long.
    AtomicReference<Boolean> ran = new AtomicReference<>(false);
    Deadline.after(held.multipliedBy(5))
        .run(() -> limits.run(Endpoint.Bulkhead.LARGE_READ, caller, user, () -> ran.set(true)));
    assertTrue(ran.get());
    waiting.forEach(read -> read.thread.interrupt());
  }

  @Test
  void one_service_token_leaves_half_of_the_large_reads_to_other_callers() throws Exception {
    Caller service = new Caller(UUID.randomUUID(), Role.SERVICE, null, null, null);
    AtomicReference<Boolean> ran = new AtomicReference<>(false);
    List<LargeRead> reads = new ArrayList<>();
    int half = Endpoint.Bulkhead.LARGE_READ.concurrent() / 2;
    for (int i = 0; i < half; i++) {
      reads.add(new LargeRead(service, UUID.randomUUID()).awaitBegin());
    }
    // The user whose own request comes afterwards is among those whom it names.
    for (UUID named : List.of(user, user, UUID.randomUUID(), UUID.randomUUID())) {
      LargeRead beyond = new LargeRead(service, named);
      reads.add(beyond);
      while (beyond.thread.getState() != Thread.State.TIMED_WAITING
          && beyond.began.getCount() > 0) {
        Thread.onSpinWait();
      }
    }
    Deadline.after(Duration.ofSeconds(20))
        .run(() -> limits.run(Endpoint.Bulkhead.LARGE_READ, caller, user, () -> ran.set(true)));
    assertTrue(ran.get());
    reads.forEach(read -> read.end.countDown());
    for (LargeRead read : reads) {
      read.close();
    }
  }

  @Test
  void a_tokens_read_about_a_user_begins_beside_the_users_own() throws Exception {
    Caller service = new Caller(UUID.randomUUID(), Role.SERVICE, null, null, null);
    List<LargeRead> reads = new ArrayList<>();
    for (int i = 0; i < Endpoint.Bulkhead.LARGE_READ.concurrent() / 2; i++) {
      UUID named = UUID.randomUUID();
      Caller by = new Caller(UUID.randomUUID(), Role.USER, named, null, null);
      reads.add(new LargeRead(by, named).awaitBegin());
      reads.add(new LargeRead(service, named).awaitBegin());
    }
    for (LargeRead read : reads) {
      read.close();
    }
  }

  @Test
  void a_user_takes_no_permit_of_the_user_it_names() throws Exception {
    Caller other = new Caller(UUID.randomUUID(), Role.USER, UUID.randomUUID(), null, null);
    AtomicReference<Boolean> ran = new AtomicReference<>(false);
    try (LargeRead read = new LargeRead(other, user).awaitBegin()) {
      Deadline.after(Duration.ofSeconds(20))
          .run(() -> limits.run(Endpoint.Bulkhead.LARGE_READ, caller, user, () -> ran.set(true)));
      assertFalse(read.task.isDone());
    }
    assertTrue(ran.get());
  }

  @Test
  void large_reads_that_wait_hold_up_no_other_request() throws Exception {
    AtomicReference<Boolean> ran = new AtomicReference<>(false);
    List<LargeRead> reads = new ArrayList<>();
    reads.add(new LargeRead(caller, user).awaitBegin());
    for (int i = 0; i < RequestLimits.CONCURRENT_PER_USER; i++) {
      reads.add(new LargeRead(caller, user).awaitWaiting());
    }
    Deadline.after(Duration.ofSeconds(20))
        .run(() -> limits.run(Endpoint.Bulkhead.NONE, caller, user, () -> ran.set(true)));
    assertTrue(ran.get());
    reads.forEach(read -> read.end.countDown());
    for (LargeRead read : reads) {
      read.close();
    }
  }

  @Test
  void a_refusal_of_a_full_queue_waits_until_the_deadline_at_most() throws Exception {
    RequestLimits patient = new RequestLimits(Clock.systemUTC(), Duration.ofDays(1));
    CountDownLatch end = new CountDownLatch(1);
    List<Thread> waiting = new ArrayList<>();
    Runnable read =
        () ->
            Deadline.after(Duration.ofMinutes(7))
                .run(() ->
                    patient.run(
                        Endpoint.Bulkhead.LARGE_READ,
                        caller,
                        user,
                        () -> {
                          try {
                            end.await();
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                        }));
    // One runs, and as many wait as may.
    while (patient.delayedRefusals() == 0) {
      Thread thread = Thread.ofVirtual().start(new FutureTask<>(read, true));
      waiting.add(thread);
      while (thread.getState() != Thread.State.TIMED_WAITING
          && thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    }
    assertThrows(
        Problem.class,
        () ->
            Deadline.after(Duration.ZERO)
                .run(() -> patient.run(Endpoint.Bulkhead.LARGE_READ, caller, user, () -> {})));
    assertEquals(1, patient.delayedRefusals());
    Thread refused = waiting.removeLast();
    refused.interrupt();
    refused.join();
    assertEquals(0, patient.delayedRefusals());
    waiting.forEach(Thread::interrupt);
    end.countDown();
    for (Thread thread : waiting) {
      thread.join();
    }
  }

  @Test
  void a_failure_of_a_large_read_reaches_its_caller_unchanged() throws Exception {
    Problem problem = Problem.of(Problem.Type.UNKNOWN_USER, "There is no such user.");
    onVirtualThread(() ->
        assertSame(
            problem,
            assertThrows(
                Problem.class,
                () ->
                    limits.run(
                        Endpoint.Bulkhead.LARGE_READ,
                        caller,
                        user,
                        () -> {
                          throw problem;
                        }))));
  }

  @Test
  void an_interrupted_large_read_has_ended_when_its_permit_is_free() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CompletableFuture<Boolean> ended = new CompletableFuture<>();
    Thread request =
        Thread.ofVirtual()
            .start(() ->
                assertThrows(
                    Problem.class,
                    () ->
                        limits.run(
                            Endpoint.Bulkhead.EXPORT,
                            caller,
                            user,
                            () -> {
                              began.countDown();
                              try {
                                new CountDownLatch(1).await();
                              } catch (InterruptedException e) {
                                ended.complete(true);
                              }
                            })));
    began.await();
    request.interrupt();
    request.join();
    assertTrue(ended.isDone());
    assertFalse(request.isAlive());
  }
}
