package com.ytempire.sidecar;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs named jobs again and again. The jobs of one group run one after the other on a thread of
 * their own; a job that fails is logged by its name and tried again at the next run, and does not
 * keep the others of its group from running. {@link #close} interrupts what is running.
 */
final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  private final List<ScheduledExecutorService> threads = new ArrayList<>();
  private final Map<String, Map<String, Runnable>> groups = new LinkedHashMap<>();

  /**
   * Schedules a group of jobs.
   *
   * @param initialDelay until the first run
   * @param pause between the end of one run and the beginning of the next
   * @param jobs by name, in the order in which they run
   */
  void schedule(String group, Duration initialDelay, Duration pause, Map<String, Runnable> jobs) {
    groups.put(group, jobs);
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name(group).factory());
    threads.add(thread);
    var _ =
        thread.scheduleWithFixedDelay(
            () -> runNow(group), initialDelay.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Schedules a single job, the first run at once. */
  void schedule(String job, Duration pause, Runnable work) {
    schedule(job, Duration.ZERO, pause, Map.of(job, work));
  }

  /** Runs the jobs of a group once, on the caller's thread. */
  void runNow(String group) {
    Objects.requireNonNull(groups.get(group), group)
        .forEach((name, job) -> {
          try {
            job.run();
          } catch (RuntimeException e) {
            log.warn("{} failed; it is tried again at the next run: {}", name, e.getMessage());
          }
        });
  }

  @Override
  public void close() {
    threads.forEach(ScheduledExecutorService::shutdownNow);
  }
}
