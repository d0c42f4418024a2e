package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.metrics.FetchJobs.Job;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The jobs of a fetch, and what becomes of them at its deadline. */
final class FetchJobsTest {
  private static final UUID USER = UUID.randomUUID();
  private static final Deadline LONG = Deadline.after(Duration.ofMinutes(5));

  private static Job<String> submit(FetchJobs jobs, Supplier<String> task) {
    return jobs.submit(
        USER, new Semaphore(1), task, failure -> "failed: " + failure.getMessage(), () -> "late");
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
}
