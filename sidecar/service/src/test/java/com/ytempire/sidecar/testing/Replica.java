package com.ytempire.sidecar.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A sidecar that runs as a process of its own, can be killed, and is asked over HTTP. */
public final class Replica implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private static final Duration READY_POLL = Duration.ofMillis(20);

  private final Process process;
  private final StringBuffer log;
  private final int port;

  /** What was answered; status 0: nothing. */
  public record Answer(int status, String body) {}

  private Replica(Process process, StringBuffer log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /**
   * Starts one, and returns when it listens.
   *
   * @param clockStart where its clock begins; null: now
   * @param folder for its log
   */
  public static Replica start(
      Map<String, String> settings, @Nullable Instant clockStart, Path folder) {
    return start(
        settings, clockStart, folder, List.of("-cp", System.getProperty("java.class.path")));
  }

  /** As {@link #start(Map, Instant, Path)}, at the machine's time, with classes from an archive. */
  public static Replica start(Map<String, String> settings, Path folder, ClassArchive classes) {
    return start(settings, null, folder, classes.options());
  }

  private static Replica start(
      Map<String, String> settings,
      @Nullable Instant clockStart,
      Path folder,
      List<String> options) {
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-XX:TieredStopAtLevel=1");
      command.addAll(options);
      command.add(clockStart == null ? "-Dclock.real" : "-Dclock.start=" + clockStart);
      command.add(ReplicaMain.class.getName());
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().putAll(settings);
      builder.environment().put("YTEMPIRE_LOG_FOLDER", folder.toString());
      Process process = builder.start();
      StringBuffer log = new StringBuffer();
      CompletableFuture<Integer> listening = new CompletableFuture<>();
      // It says when it listens; until it ends somebody must read what it says.
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            process
                .inputReader()
                .lines()
                .forEach(line -> {
                  log.append(line).append('\n');
                  if (line.startsWith("listening on port ")) {
                    listening.complete(
                        Integer.parseInt(line.substring("listening on port ".length())));
                  }
                });
            listening.completeExceptionally(new IllegalStateException("it ended"));
          });
      try {
        return new Replica(process, log, listening.get(60, TimeUnit.SECONDS));
      } catch (Exception e) {
        process.destroyForcibly();
        throw new AssertionError("the sidecar did not start:\n" + log, e);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /**
   * Posts as the operator.
   *
   * @param wait how long the sidecar may wait for what it needs
   */
  public Answer post(String path, Object body, Duration wait) {
    try {
      HttpResponse<String> answer =
          HTTP.send(
              HttpRequest.newBuilder(URI.create(url() + path))
                  .timeout(Duration.ofSeconds(60))
                  .header("Authorization", "Bearer " + Platform.OPERATOR_TOKEN)
                  .header("Prefer", "wait=" + wait.toSeconds())
                  .POST(BodyPublishers.ofString(Platform.JSON.writeValueAsString(body)))
                  .build(),
              BodyHandlers.ofString());
      return new Answer(answer.statusCode(), answer.body());
    } catch (IOException e) {
      return new Answer(0, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns when it says that all it needs is there. */
  public void awaitReady() {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/health/ready"))
            .timeout(Duration.ofSeconds(10))
            .build();
    while (true) {
      try {
        if (HTTP.send(request, BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // not listening yet
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      assertTrue(process.isAlive(), () -> "the sidecar ended:\n" + log);
      // Whoever asks without a pause takes the processor from what is asked.
      LockSupport.parkNanos(READY_POLL.toNanos());
    }
  }

  /** What it has said. */
  public String log() {
    return log.toString();
  }

  /** Ends it as an operator does; returns when it is gone. */
  public void stop() {
    // By its handle: this JVM's end of its output stays open, and what it says is read.
    process.toHandle().destroy();
    process.onExit().join();
  }

  /** {@code kill -9}; returns when it is gone. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
