package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.testing.Polling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which requests share a transaction, and what each caller learns of it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class GroupCommitTest {
  private final List<List<String>> groups = Collections.synchronizedList(new ArrayList<>());
  private final Semaphore begun = new Semaphore(0);
  private final Semaphore mayCommit = new Semaphore(0);

  /** Begins a transaction, and commits it when it is let. */
  private GroupCommit<String, String> held(int maxWaiting) {
    return new GroupCommit<>(
        group -> {
          groups.add(group);
          begun.release();
          mayCommit.acquireUninterruptibly();
          return group.stream().map(request -> "done " + request).toList();
        },
        maxWaiting);
  }

  private record Caller(Thread thread, Future<String> answer) {}

  private static Caller submit(
      GroupCommit<String, String> commits, String request, Duration timeout) {
    FutureTask<String> task =
        new FutureTask<>(() -> Deadline.after(timeout).supply(() -> commits.submit(request)));
    return new Caller(Thread.ofVirtual().start(task), task);
  }

  /** As submitted one after the other: each waits before the next one comes. */
  private static List<Caller> submitAll(GroupCommit<String, String> commits, String... requests) {
    List<Caller> callers = new ArrayList<>();
    for (String request : requests) {
      int before = commits.waiting();
      callers.add(submit(commits, request, Duration.ofMinutes(10)));
      awaitWaiting(commits, before + 1);
    }
    return callers;
  }

  private static void awaitWaiting(GroupCommit<String, String> commits, int count) {
    Polling.until(count + " waiting requests", () -> commits.waiting() == count);
  }

  private static Throwable failure(Caller caller) {
    return Objects.requireNonNull(
        assertThrows(ExecutionException.class, caller.answer()::get).getCause());
  }

  @Test
  void requests_that_wait_share_the_next_transaction() throws Exception {
    GroupCommit<String, String> commits = held(10);
    Caller lone = submit(commits, "a", Duration.ofMinutes(10));
    begun.acquire();
    List<Caller> callers = submitAll(commits, "b", "c", "d");
    mayCommit.release(2);
    assertEquals("done a", lone.answer().get());
    assertEquals("done b", callers.get(0).answer().get());
    assertEquals("done d", callers.get(2).answer().get());
    assertEquals(List.of(List.of("a"), List.of("b", "c", "d")), groups);
  }

  @Test
  void a_group_has_a_greatest_size() throws Exception {
    GroupCommit<String, String> commits = held(1000);
    Caller lone = submit(commits, "first", Duration.ofMinutes(10));
    begun.acquire();
    List<Caller> callers =
        submitAll(
            commits,
            IntStream.range(0, GroupCommit.MAX_GROUP + 1)
                .mapToObj(String::valueOf)
                .toArray(String[]::new));
    mayCommit.release(3);
    lone.answer().get();
    for (Caller each : callers) {
      each.answer().get();
    }
    assertEquals(List.of(1, GroupCommit.MAX_GROUP, 1), groups.stream().map(List::size).toList());
  }

  @Test
  void a_full_queue_refuses_at_once() throws Exception {
    GroupCommit<String, String> commits = held(2);
    submit(commits, "a", Duration.ofMinutes(10));
    begun.acquire();
    List<Caller> callers = submitAll(commits, "b", "c");
    assertThrows(QuotaBusy.class, () -> commits.submit("d"));
    mayCommit.release(2);
    assertEquals("done c", callers.get(1).answer().get());
  }

  @Test
  void a_caller_cancelled_while_it_waits_commits_nothing() throws Exception {
    GroupCommit<String, String> commits = held(10);
    submit(commits, "a", Duration.ofMinutes(10));
    begun.acquire();
    List<Caller> callers = submitAll(commits, "b", "c");
    callers.get(0).thread().interrupt();
    assertInstanceOf(QuotaBusy.class, failure(callers.get(0)));
    mayCommit.release(2);
    assertEquals("done c", callers.get(1).answer().get());
    assertEquals(List.of(List.of("a"), List.of("c")), groups);
  }

  @Test
  void a_caller_cancelled_in_a_transaction_learns_its_outcome() throws Exception {
    GroupCommit<String, String> commits = held(10);
    CompletableFuture<Boolean> isInterrupted = new CompletableFuture<>();
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              answer.complete(commits.submit("a"));
              isInterrupted.complete(Thread.currentThread().isInterrupted());
            });
    begun.acquire();
    caller.interrupt();
    mayCommit.release();
    assertEquals("done a", answer.get());
    assertTrue(isInterrupted.get(), "the interrupt is kept for the caller");
  }

  @Test
  void a_request_is_withdrawn_at_its_deadline() throws Exception {
    GroupCommit<String, String> commits = held(10);
    submit(commits, "a", Duration.ofMinutes(10));
    begun.acquire();
    Caller hurried = submit(commits, "b", Duration.ofMillis(20));
    assertInstanceOf(QuotaBusy.class, failure(hurried));
    Caller patient = submitAll(commits, "c").getFirst();
    mayCommit.release(2);
    assertEquals("done c", patient.answer().get());
    assertEquals(List.of(List.of("a"), List.of("c")), groups);
  }

  /** What the database says where nothing listens. */
  private static DatabaseUnavailable unavailable() {
    return assertThrows(
        DatabaseUnavailable.class,
        () ->
            Database.migrate(
                new DatabaseAccess(
                    "jdbc:postgresql://127.0.0.1:1/none", "none", "none", "none", 2)));
  }

  /** The first transaction is held, the second fails, and all after that succeed. */
  private static Function<List<String>, List<String>> failingOnce(
      List<List<String>> groups,
      CountDownLatch firstBegun,
      CountDownLatch mayEnd,
      RuntimeException failure) {
    return group -> {
      groups.add(group);
      if (groups.size() == 1) {
        firstBegun.countDown();
        try {
          mayEnd.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      } else if (groups.size() == 2) {
        throw failure;
      }
      return group;
    };
  }

  @Test
  void one_callers_deadline_does_not_fail_the_others_of_its_group() throws Exception {
    CountDownLatch firstBegun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    GroupCommit<String, String> commits =
        new GroupCommit<>(failingOnce(groups, firstBegun, mayEnd, unavailable()), 10);
    submit(commits, "a", Duration.ofMinutes(10));
    firstBegun.await();
    List<Caller> callers = submitAll(commits, "b");
    Caller soonest = submit(commits, "c", Duration.ofMinutes(5));
    awaitWaiting(commits, 2);
    callers.addAll(submitAll(commits, "d"));
    mayEnd.countDown();
    assertInstanceOf(DatabaseUnavailable.class, failure(soonest));
    assertEquals("b", callers.get(0).answer().get());
    assertEquals("d", callers.get(1).answer().get());
    assertEquals(List.of(List.of("a"), List.of("b", "c", "d"), List.of("b", "d")), groups);
  }

  @Test
  void a_failure_that_stays_reaches_every_caller_of_a_group() throws Exception {
    CountDownLatch firstBegun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    GroupCommit<String, String> commits =
        new GroupCommit<>(
            failingOnce(groups, firstBegun, mayEnd, new IllegalArgumentException("a fault")), 10);
    submit(commits, "a", Duration.ofMinutes(10));
    firstBegun.await();
    List<Caller> callers = submitAll(commits, "b", "c");
    mayEnd.countDown();
    for (Caller each : callers) {
      assertInstanceOf(IllegalArgumentException.class, failure(each));
    }
    assertEquals("d", submit(commits, "d", Duration.ofMinutes(10)).answer().get());
    assertFalse(groups.isEmpty());
  }
}
