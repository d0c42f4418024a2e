package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Polling;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which takes go to the cache together, and what each caller gets. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TakeCombinerTest {
  private static final Account ACCOUNT =
      new Account(
          Bucket.ANALYTICS_MINUTE.window(Instant.parse("2026-11-20T18:00:00Z")), Account.WHOLE);

  /** The tests decide themselves when a take ends. */
  private static final Duration FOR_EVER = Duration.ofDays(1);

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
    TakeCombiner takes = new TakeCombiner(this::take, FOR_EVER);
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
    TakeCombiner takes = new TakeCombiner(this::take, FOR_EVER);
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
            FOR_EVER);
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
            FOR_EVER);
    List<Future<OptionalLong>> callers = startBehind(takes, 1, 2, 3);
    firstMayEnd.countDown();
    for (Future<OptionalLong> each : callers) {
      assertEquals(OptionalLong.empty(), each.get());
    }
  }

  /** An account of the same stripe as another. */
  private static Account accountOfSameStripe(Account account) {
    return Stream.iterate(1, i -> i + 1)
        .map(i -> new Account(account.window(), "user " + i))
        .filter(each ->
            Math.floorMod(each.hashCode(), TakeCombiner.STRIPES)
                == Math.floorMod(account.hashCode(), TakeCombiner.STRIPES))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void takes_of_two_accounts_with_one_lock_are_not_combined() throws Exception {
    Account other = accountOfSameStripe(ACCOUNT);
    Map<Account, List<Long>> askedOf = new ConcurrentHashMap<>();
    TakeCombiner takes =
        new TakeCombiner(
            (account, units) -> {
              askedOf
                  .computeIfAbsent(account, key -> Collections.synchronizedList(new ArrayList<>()))
                  .add(units);
              return take(account, units);
            },
            FOR_EVER);
    Future<OptionalLong> first = start(takes, 1);
    firstBegan.await();
    List<Account> accounts = List.of(other, ACCOUNT, other, ACCOUNT);
    List<FutureTask<OptionalLong>> callers = new ArrayList<>();
    for (int i = 0; i < accounts.size(); i++) {
      int units = i + 2;
      Account account = accounts.get(i);
      callers.add(new FutureTask<>(() -> takes.take(account, units)));
      Thread.ofVirtual().start(callers.getLast());
    }
    Polling.until("four waiting takes", () -> takes.waiting() == 4);
    firstMayEnd.countDown();
    assertEquals(OptionalLong.of(1), first.get());
    for (int i = 0; i < accounts.size(); i++) {
      assertEquals(OptionalLong.of(i + 2L), callers.get(i).get());
    }
    assertEquals(Map.of(ACCOUNT, List.of(1L, 8L), other, List.of(6L)), askedOf);
  }

  @Test
  void an_interrupted_take_goes_by_itself_and_stays_interrupted() throws Exception {
    TakeCombiner takes = new TakeCombiner(this::take, FOR_EVER);
    Future<OptionalLong> first = start(takes, 1);
    firstBegan.await();
    FutureTask<Boolean> interrupted =
        new FutureTask<>(() -> {
          Thread.currentThread().interrupt();
          assertEquals(OptionalLong.of(2), takes.take(ACCOUNT, 2));
          return Thread.interrupted();
        });
    Thread.ofVirtual().start(interrupted);
    assertTrue(interrupted.get());
    firstMayEnd.countDown();
    assertEquals(OptionalLong.of(1), first.get());
    assertEquals(List.of(1L, 2L), asked);
  }

  /** Leaving the lock, after an interrupt as after the longest wait, must not take twice. */
  @Test
  void who_leaves_the_lock_after_being_claimed_waits_for_that_answer() throws Exception {
    CountDownLatch secondBegan = new CountDownLatch(1);
    CountDownLatch secondMayEnd = new CountDownLatch(1);
    TakeCombiner takes =
        new TakeCombiner(
            (account, units) -> {
              OptionalLong taken = take(account, units);
              if (units > 1) {
                secondBegan.countDown();
                try {
                  secondMayEnd.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
              return taken;
            },
            FOR_EVER);
    Future<OptionalLong> first = start(takes, 1);
    firstBegan.await();
    List<FutureTask<OptionalLong>> callers = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      callers.add(new FutureTask<>(() -> takes.take(ACCOUNT, 2)));
      threads.add(Thread.ofVirtual().start(callers.getLast()));
    }
    Polling.until("two waiting takes", () -> takes.waiting() == 2);
    firstMayEnd.countDown();
    secondBegan.await();
    // One of the two waits for the lock, and the other's take is for both.
    Polling.until(
        "one that waits for the lock",
        () -> threads.stream().anyMatch(each -> each.getState() == Thread.State.TIMED_WAITING));
    Thread waiting =
        threads.stream()
            .filter(each -> each.getState() == Thread.State.TIMED_WAITING)
            .findFirst()
            .orElseThrow();
    waiting.interrupt();
    Polling.until("it waits for the answer", () -> waiting.getState() == Thread.State.WAITING);
    secondMayEnd.countDown();
    assertEquals(OptionalLong.of(1), first.get());
    for (Future<OptionalLong> each : callers) {
      assertEquals(OptionalLong.of(2), each.get());
    }
    assertEquals(List.of(1L, 4L), asked);
  }

  @Test
  void many_callers_get_together_what_was_taken_and_no_unit_more() throws Exception {
    List<Account> accounts = List.of(ACCOUNT, accountOfSameStripe(ACCOUNT));
    Map<Account, AtomicLong> units = new ConcurrentHashMap<>();
    Map<Account, AtomicLong> given = new ConcurrentHashMap<>();
    accounts.forEach(account -> {
      units.put(account, new AtomicLong(5_000));
      given.put(account, new AtomicLong());
    });
    TakeCombiner takes =
        new TakeCombiner((account, count) -> {
          Thread.yield();
          long before =
              Objects.requireNonNull(units.get(account))
                  .getAndUpdate(left -> Math.max(0, left - count));
          return OptionalLong.of(Math.min(before, count));
        });
    List<FutureTask<Boolean>> callers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Random random = new Random(i);
      callers.add(
          new FutureTask<>(() -> {
            for (int j = 0; j < 50; j++) {
              Account account = accounts.get(random.nextInt(2));
              long wanted = random.nextInt(1, 10);
              long got = takes.take(account, wanted).orElseThrow();
              assertTrue(got >= 0 && got <= wanted, got + " of " + wanted);
              Objects.requireNonNull(given.get(account)).addAndGet(got);
            }
            return true;
          }));
      Thread.ofVirtual().start(callers.getLast());
    }
    for (FutureTask<Boolean> each : callers) {
      assertTrue(each.get());
    }
    for (Account account : accounts) {
      assertEquals(
          0,
          Objects.requireNonNull(units.get(account)).get(),
          "the callers want more than there is");
      assertEquals(5_000, Objects.requireNonNull(given.get(account)).get());
    }
  }
}
