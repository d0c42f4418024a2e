package com.ytempire.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A child process, with its output in a log; closing it ends it and whatever it started. */
public final class Child implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration READY_POLL = Duration.ofMillis(20);

  private final String name;
  private final Process process;
  private final Path log;

  private Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a process.
   *
   * @param log where its output is appended
   * @param folder that it runs in; made if need be
   * @param environment settings beside those of this process that are not of the product
   */
  public static Child start(
      String name, Path log, Path folder, Map<String, String> environment, List<String> command) {
    try {
      Files.createDirectories(folder);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      // Settings of the shell that this runs in are not meant for its parts.
      builder
          .environment()
          .keySet()
          .removeIf(key ->
              key.startsWith("YTEMPIRE_") || key.startsWith("N8N_") || key.startsWith("DB_"));
      builder.environment().putAll(environment);
      return new Child(name, builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " did not start: " + e.getMessage(), e);
    }
  }

  /**
   * Waits until this address answers 200.
   *
   * @throws IllegalStateException with the end of the log when the process ends first, or the time
   *     is over
   */
  public void awaitHttp(String url, Duration timeout) throws InterruptedException {
    HttpClient http = new Http(url, null).client();
    long until = System.nanoTime() + timeout.toNanos();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build();
    while (System.nanoTime() < until) {
      if (!process.isAlive()) {
        throw new IllegalStateException(name + " stopped while it was starting:\n" + tail());
      }
      try {
        if (http.send(request, BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // not listening yet
      }
      Thread.sleep(READY_POLL);
    }
    throw new IllegalStateException(
        "%s was not ready after %d s:%n%s".formatted(name, timeout.toSeconds(), tail()));
  }

  /**
   * Waits until the process ends by itself.
   *
   * @return its exit status, as {@link #exitStatus}; empty when the time is over
   */
  public OptionalInt awaitExit(Duration timeout) throws InterruptedException {
    process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    return exitStatus();
  }

  /** Asks it to stop and waits so long; then {@link #close} ends it. */
  public void stop(Duration timeout) throws InterruptedException {
    process.destroy();
    process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends it as a crash does ({@code kill -9}); returns when it is gone. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** The process id. */
  public long pid() {
    return process.pid();
  }

  /** The process. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /**
   * How the process ended, 128 and the number of the signal that killed it; empty while it runs.
   */
  public OptionalInt exitStatus() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  /** The last lines of its log. */
  public String tail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    descendants.forEach(ProcessHandle::destroyForcibly);
  }
}
