package com.ytempire.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * Starts parts again when they die, as {@code restart: unless-stopped} of compose.yml does in
 * production: at most {@value #RESTARTS} times in ten minutes each, then it gives up. Keeps a JSON
 * file with the process id of each part, so that somebody else can kill one.
 *
 * <p>Safe to share between threads.
 */
public final class Supervisor implements AutoCloseable {
  static final int RESTARTS = 5;

  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Path pidFile;
  private final Consumer<String> report;
  private final Clock clock;
  private final Map<String, Long> pids = new TreeMap<>();
  private final Map<String, Integer> restarts = new HashMap<>();
  private final List<Thread> watchers = new ArrayList<>();
  private final CompletableFuture<String> failure = new CompletableFuture<>();
  private volatile boolean isClosing;

  /**
   * Makes a supervisor of nothing yet.
   *
   * @param pidFile JSON: name to process id; written anew at every start of a part
   * @param report takes a sentence for each restart
   */
  Supervisor(Path pidFile, Consumer<String> report, Clock clock) {
    this.pidFile = pidFile;
    this.report = report;
    this.clock = clock;
  }

  /**
   * Ends the parts of a supervisor that was killed itself, which outlive it.
   *
   * @param pidFile of that supervisor
   * @param home that its parts run in; a process elsewhere has a number that was given anew
   */
  static void endLeftOver(Path pidFile, Path home) throws IOException {
    if (!Files.exists(pidFile)) {
      return;
    }
    for (JsonNode pid : Http.JSON.readTree(Files.readString(pidFile))) {
      ProcessHandle left = ProcessHandle.of(pid.asLong()).orElse(null);
      if (left != null && runsIn(left, home.toRealPath())) {
        left.destroyForcibly();
        left.onExit().join();
      }
    }
  }

  private static boolean runsIn(ProcessHandle process, Path home) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", String.valueOf(process.pid()), "cwd"))
          .startsWith(home);
    } catch (IOException e) {
      // It has ended, or is another account's.
      return false;
    }
  }

  /** Watches a part that runs, until {@link #close}. */
  public synchronized void supervise(String name, Part part) {
    record(name, part.process().pid());
    watchers.add(Thread.ofVirtual().name("supervise-" + name).start(() -> watch(name, part)));
  }

  private void watch(String name, Part part) {
    Deque<Instant> recent = new ArrayDeque<>();
    try {
      while (!isClosing) {
        ProcessHandle watched = part.process();
        watched.onExit().get();
        if (part.isStopped()) {
          awaitStart(name, part);
        } else if (!part.process().equals(watched)) {
          // Ended and started again on purpose before this thread was told of the end.
          record(name, part.process().pid());
        } else if (!isClosing && !revive(name, part, recent)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitStart(String name, Part part) throws InterruptedException {
    while (part.isStopped()) {
      Thread.sleep(POLL);
    }
    record(name, part.process().pid());
  }

  /** Starts a part until it is ready; false when that was tried too often. */
  private boolean revive(String name, Part part, Deque<Instant> recent)
      throws InterruptedException {
    Instant died = clock.instant();
    String how =
        part.exitStatus().isPresent()
            ? "%s stopped (exit %d)".formatted(name, part.exitStatus().getAsInt())
            : name + " stopped";
    while (true) {
      while (!recent.isEmpty() && recent.getFirst().isBefore(clock.instant().minus(WINDOW))) {
        recent.removeFirst();
      }
      if (recent.size() == RESTARTS) {
        giveUp(how, part.tail());
        return false;
      }
      recent.addLast(clock.instant());
      try {
        part.restart();
        record(name, part.process().pid());
        counted(name);
        report.accept(
            "%s; restarted after %.1f s"
                .formatted(how, Duration.between(died, clock.instant()).toMillis() / 1e3));
        return true;
      } catch (RuntimeException e) {
        if (isClosing) {
          return false;
        }
        report.accept("%s, and did not start: %s".formatted(how, firstLine(e)));
        Thread.sleep(PAUSE);
      }
    }
  }

  private void giveUp(String how, String tail) {
    String why =
        "%s more than %d times in %d minutes; it is not started again%s"
            .formatted(
                how,
                RESTARTS,
                WINDOW.toMinutes(),
                tail.isEmpty() ? "." : ". Its log ends:\n" + tail);
    report.accept(why);
    failure.complete(why);
  }

  private static String firstLine(RuntimeException failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  private synchronized void counted(String name) {
    restarts.merge(name, 1, Integer::sum);
  }

  private synchronized void record(String name, long pid) {
    pids.put(name, pid);
    Path next = pidFile.resolveSibling(pidFile.getFileName() + ".new");
    try {
      Files.writeString(next, Http.JSON.writeValueAsString(pids) + "\n");
      Files.move(
          next, pidFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The process that a part runs as, or ran as last.
   *
   * @throws java.util.NoSuchElementException if it has ended
   */
  public synchronized ProcessHandle process(String name) {
    return ProcessHandle.of(Objects.requireNonNull(pids.get(name), name)).orElseThrow();
  }

  /** How often parts were restarted, all together. */
  public synchronized int restarts() {
    return restarts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Why a part is not started again, if there is one. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure.getNow(null));
  }

  /** Returns when a part is not started again any more, with why. */
  public String awaitFailure() throws InterruptedException {
    try {
      return failure.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Watches no longer; nothing is being started when it returns. */
  @Override
  public void close() throws InterruptedException {
    isClosing = true;
    List<Thread> all;
    synchronized (this) {
      all = List.copyOf(watchers);
    }
    for (Thread watcher : all) {
      watcher.interrupt();
    }
    for (Thread watcher : all) {
      watcher.join();
    }
  }
}
