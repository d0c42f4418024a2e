package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.testing.Polling;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which takes go to the cache together, and what each caller gets. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TakeCombinerTest {
  private static final Account ACCOUNT =
      new Account(
          Bucket.ANALYTICS_MINUTE.window(Instant.parse("2026-11-20T18:00:00Z")), Account.WHOLE);

  private final List<Long> asked = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong left = new AtomicLong(1000);
  private final CountDownLatch firstBegan = new CountDownLatch(1);
  private final CountDownLatch firstMayEnd = new CountDownLatch(1);

  /** Takes of what is left; the first one waits until it may end. */
  private OptionalLong take(Account account, long units) {
    asked.add(units);
    if (asked.size() == 1) {
      firstBegan.countDown();
      try {
        firstMayEnd.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    long taken = Math.min(units, left.get());
    left.addAndGet(-taken);
    return OptionalLong.of(taken);
  }

  private static Future<OptionalLong> start(TakeCombiner takes, long units) {
    FutureTask<OptionalLong> task = new FutureTask<>(() -> takes.take(ACCOUNT, units));
    Thread.ofVirtual().start(task);
    return task;
  }

  /** As many callers as that, one after the other, while the first one's take is under way. */
  private List<Future<OptionalLong>> startBehind(TakeCombiner takes, long... units)
      throws InterruptedException {
    List<Future<OptionalLong>> callers = new ArrayList<>();
    callers.add(start(takes, units[0]));
    firstBegan.await();
    for (int i = 1; i < units.length; i++) {
      int before = i;
      callers.add(start(takes, units[i]));
      Polling.until(before + " waiting takes", () -> takes.waiting() == before);
    }
    return callers;
  }

  @Test
  void takes_that_wait_go_together() throws Exception {
    TakeCombiner takes = new TakeCombiner(this::take, TakeCombiner.FOR_EVER);
    List<Future<OptionalLong>> callers = startBehind(takes, 1, 2, 3, 4);
    firstMayEnd.countDown();
    for (int i = 0; i < callers.size(); i++) {
      assertEquals(OptionalLong.of(i + 1L), callers.get(i).get());
    }
    assertEquals(List.of(1L, 9L), asked);
    assertEquals(990, left.get());
  }

  @Test
  void too_few_units_go_to_those_who_came_first() throws Exception {
    left.set(6);
    TakeCombiner takes = new TakeCombiner(this::take, TakeCombiner.FOR_EVER);
    List<Future<OptionalLong>> callers = startBehind(takes, 1, 4, 3, 2);
    firstMayEnd.countDown();
    assertEquals(OptionalLong.of(1), callers.get(0).get());
    assertEquals(OptionalLong.of(4), callers.get(1).get());
    assertEquals(OptionalLong.of(1), callers.get(2).get());
    assertEquals(OptionalLong.of(0), callers.get(3).get());
  }

  @Test
  void a_failure_reaches_all_whose_take_it_was() throws Exception {
    TakeCombiner takes =
        new TakeCombiner(
            (account, units) -> {
              OptionalLong taken = take(account, units);
              if (units > 1) {
                throw new QuotaUnavailable("Redis", new IllegalStateException());
              }
              return taken;
            },
            TakeCombiner.FOR_EVER);
    List<Future<OptionalLong>> callers = startBehind(takes, 1, 2, 2);
    firstMayEnd.countDown();
    assertEquals(OptionalLong.of(1), callers.getFirst().get());
    for (Future<OptionalLong> each : callers.subList(1, 3)) {
      assertInstanceOf(
          QuotaUnavailable.class, assertThrows(ExecutionException.class, each::get).getCause());
    }
  }

  @Test
  void a_take_does_not_wait_long_for_one_that_hangs() throws Exception {
    TakeCombiner takes = new TakeCombiner(this::take);
    List<Future<OptionalLong>> callers = startBehind(takes, 1, 2);
    assertEquals(OptionalLong.of(2), callers.get(1).get());
    firstMayEnd.countDown();
    assertEquals(OptionalLong.of(1), callers.get(0).get());
    assertEquals(List.of(1L, 2L), asked);
  }

  @Test
  void nobody_gets_units_of_an_account_that_is_not_cached() throws Exception {
    TakeCombiner takes =
        new TakeCombiner(
            (account, units) -> {
              var _ = take(account, units);
              return OptionalLong.empty();
            },
            TakeCombiner.FOR_EVER);
    List<Future<OptionalLong>> callers = startBehind(takes, 1, 2, 3);
    firstMayEnd.countDown();
    for (Future<OptionalLong> each : callers) {
      assertEquals(OptionalLong.empty(), each.get());
    }
  }
}
