package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the jobs of one fetch, each on a virtual thread of its own, as its user and within the
 * deadline. Submit and close it from one thread.
 */
final class FetchJobs implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FetchJobs.class);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<ExecutorService> limited = new ArrayList<>();
  private final Deadline deadline;
  private boolean isComplete;

  FetchJobs(Deadline deadline) {
    this.deadline = deadline;
  }

  /**
   * A job that was submitted.
   *
   * @param late makes the result of a job that the deadline cuts off
   */
  record Job<T>(Future<T> result, Deadline deadline, Supplier<T> late) {
    /** Waits for the result; what a job brings after the deadline is dropped. */
    T await() {
      try {
        return result.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return late.get();
      } catch (InterruptedException | ExecutionException e) {
        throw failure(e);
      }
    }
  }

  /** Takes a step of all users at the same time, and waits for it however long. */
  List<UserFetch> step(List<UserFetch> users, UnaryOperator<UserFetch> step) {
    List<Future<UserFetch>> steps =
        users.stream()
            .map(user -> threads.submit(() -> as(user.context().userId(), () -> step.apply(user))))
            .toList();
    return steps.stream().map(FetchJobs::await).toList();
  }

  private <T> T as(UUID userId, Supplier<T> task) {
    return deadline.supply(() -> Tenant.as(userId, task::get));
  }

  private static <T> T await(Future<T> job) {
    try {
      return job.get();
    } catch (InterruptedException | ExecutionException e) {
      throw failure(e);
    }
  }

  private static RuntimeException failure(Exception cause) {
    if (cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      return new IllegalStateException("interrupted while fetching", cause);
    }
    return cause.getCause() instanceof RuntimeException failure
        ? failure
        : new IllegalStateException(cause.getCause());
  }

  /**
   * Returns an executor for some of the jobs, which is closed with this.
   *
   * @param concurrent how many run at the same time; the others wait in order and, unlike waiting
   *     threads, without a stack
   */
  ExecutorService limited(int concurrent) {
    ExecutorService executor =
        Executors.newFixedThreadPool(concurrent, Thread.ofVirtual().factory());
    limited.add(executor);
    return executor;
  }

  /** Returns the executor that starts each job at once. */
  ExecutorService unlimited() {
    return threads;
  }

  /**
   * Submits a job; what fails unforeseen fails for this job alone.
   *
   * @param executor one of this
   * @param failed makes the result of a job that fails
   */
  <T> Job<T> submit(
      UUID userId,
      ExecutorService executor,
      Supplier<T> task,
      Function<RuntimeException, T> failed,
      Supplier<T> late) {
    return new Job<>(
        executor.submit(() -> as(userId, () -> guarded(task, failed))), deadline, late);
  }

  private static <T> T guarded(Supplier<T> task, Function<RuntimeException, T> failed) {
    try {
      return task.get();
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("not fetched: {}", e.getMessage());
      return failed.apply(e);
    } catch (RuntimeException e) {
      if (!Thread.currentThread().isInterrupted()) {
        log.error("fetching failed", e);
      }
      return failed.apply(e);
    }
  }

  private Stream<ExecutorService> executors() {
    return Stream.concat(Stream.of(threads), limited.stream());
  }

  /** Lets jobs that are under way end by themselves when this is closed. */
  void complete() {
    isComplete = true;
  }

  /**
   * Ends the jobs. Calls that are under way at the deadline have been paid for: they are left to
   * end, no others begin, and what they bring is in the cache for the next try. A fetch that
   * failed, or whose caller is gone, ends at once.
   */
  @Override
  public void close() {
    if (isComplete) {
      executors().forEach(ExecutorService::shutdown);
      return;
    }
    executors().forEach(ExecutorService::shutdownNow);
    executors().forEach(ExecutorService::close);
  }
}
