package com.ytempire.sidecar;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs named jobs at fixed intervals. The jobs of one group run one after the other on a thread of
 * their own; a job that fails is logged by its name and tried again at the next run, and does not
 * keep the others of its group from running. {@link #close} interrupts what is running.
 */
final class Scheduler implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);

  /** From so many failures in a row on, a job is said to keep failing. */
  private static final int FAILURES_TO_WARN = 3;

  private final List<ScheduledExecutorService> threads = new ArrayList<>();
  private final Map<String, Map<String, Runnable>> groups = new LinkedHashMap<>();

  /** Failures in a row, by job. */
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();

  /** When jobs last ended well; until they have, when they were scheduled. */
  private final Map<String, Instant> successes = new ConcurrentHashMap<>();

  private final Clock clock;

  Scheduler(Clock clock) {
    this.clock = clock;
  }

  /**
   * Schedules a group of jobs.
   *
   * @param initialDelay until the first run
   * @param pause between the end of one run and the beginning of the next
   * @param jobs by name, in the order in which they run
   */
  void schedule(String group, Duration initialDelay, Duration pause, Map<String, Runnable> jobs) {
    groups.put(group, jobs);
    jobs.keySet()
        .forEach(job -> {
          failures.put(job, 0);
          // One that hangs in its first run is late by what it has taken since.
          successes.put(job, clock.instant());
        });
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
            failures.put(name, 0);
            successes.put(name, clock.instant());
          } catch (RuntimeException e) {
            failures.merge(name, 1, Integer::sum);
            log.warn("{} failed; it is tried again at the next run: {}", name, e.getMessage());
          }
        });
  }

  /** The names of all jobs. */
  Set<String> jobs() {
    return Set.copyOf(failures.keySet());
  }

  /** How often a job has failed in a row; 0 when its last run ended well. */
  int failures(String job) {
    return failures.getOrDefault(job, 0);
  }

  /** When a job last ended well, or was scheduled if it has not yet, in seconds of Unix time. */
  long succeededAtSeconds(String job) {
    return Objects.requireNonNull(successes.get(job), job).getEpochSecond();
  }

  /** Which jobs keep failing, as a sentence; empty when none does. */
  Optional<String> warning() {
    String failing =
        new TreeMap<>(failures)
            .entrySet().stream()
                .filter(job -> job.getValue() >= FAILURES_TO_WARN)
                .map(job -> "%s failed %d times in a row".formatted(job.getKey(), job.getValue()))
                .collect(Collectors.joining("; "));
    return failing.isEmpty() ? Optional.empty() : Optional.of(failing + "; the log says why");
  }

  @Override
  public void close() {
    threads.forEach(ScheduledExecutorService::shutdownNow);
  }
}
