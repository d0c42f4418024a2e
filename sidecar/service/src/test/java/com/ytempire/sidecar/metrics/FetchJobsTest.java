package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.FetchJobs.Job;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The jobs of a fetch, and what becomes of them at its deadline. */
final class FetchJobsTest {
  private static final UUID USER = UUID.randomUUID();
  private static final Deadline LONG = Deadline.after(Duration.ofMinutes(5));

  private static Job<String> submit(FetchJobs jobs, Supplier<String> task) {
    return jobs.submit(
        USER, jobs.unlimited(), task, failure -> "failed: " + failure.getMessage(), () -> "late");
  }

  private static String await(CountDownLatch latch) {
    try {
      latch.await();
      return "ended";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  @Test
  void the_deadline_cuts_off_what_runs_and_keeps_what_came_before() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (FetchJobs jobs = new FetchJobs(Deadline.after(Duration.ZERO))) {
      Job<String> running = submit(jobs, () -> await(end));
      Job<String> done = submit(jobs, () -> "done");
      assertEquals("done", done.result().get());
      assertEquals("late", running.await());
      assertEquals("done", done.await());
      jobs.complete();
      end.countDown();
    }
  }

  @Test
  void a_job_that_fails_fails_for_itself_alone() {
    try (FetchJobs jobs = new FetchJobs(LONG)) {
      Job<String> failing =
          submit(
              jobs,
              () -> {
                throw new IllegalStateException("why");
              });
      Job<String> other = submit(jobs, () -> Tenant.current().toString());
      assertEquals("failed: why", failing.await());
      assertEquals(USER.toString(), other.await());
      jobs.complete();
    }
  }

  @Test
  void closing_a_complete_fetch_lets_its_calls_end() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Job<String> running;
    try (FetchJobs jobs = new FetchJobs(LONG)) {
      running = submit(jobs, () -> await(end));
      jobs.complete();
    }
    end.countDown();
    assertEquals("ended", running.result().get());
  }

  @Test
  void closing_a_fetch_that_failed_interrupts_its_calls() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Job<String> running;
    try (FetchJobs jobs = new FetchJobs(LONG)) {
      running =
          submit(
              jobs,
              () -> {
                begun.countDown();
                return await(never);
              });
      begun.await();
    }
    assertTrue(running.result().isDone());
    assertEquals("interrupted", running.result().get());
  }

  @Test
  void at_most_the_given_number_of_jobs_runs_and_none_is_left_out() {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch two = new CountDownLatch(2);
    try (FetchJobs jobs = new FetchJobs(LONG)) {
      ExecutorService executor = jobs.limited(2);
      List<Job<String>> submitted =
          IntStream.range(0, 100)
              .mapToObj(number ->
                  jobs.submit(
                      USER,
                      executor,
                      () -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        two.countDown();
                        String ended = await(two);
                        running.decrementAndGet();
                        return ended + number;
                      },
                      failure -> "failed",
                      () -> "late"))
              .toList();
      for (int number = 0; number < 100; number++) {
        assertEquals("ended" + number, submitted.get(number).await());
      }
      jobs.complete();
    }
    assertEquals(2, most.get());
  }

  @Test
  void closing_a_fetch_that_failed_drops_the_jobs_that_wait() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger started = new AtomicInteger();
    try (FetchJobs jobs = new FetchJobs(LONG)) {
      ExecutorService executor = jobs.limited(1);
      for (int number = 0; number < 3; number++) {
        jobs.submit(
            USER,
            executor,
            () -> {
              started.incrementAndGet();
              begun.countDown();
              return await(never);
            },
            failure -> "failed",
            () -> "late");
      }
      begun.await();
    }
    assertEquals(1, started.get());
  }
}
