package com.ytempire.platform;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sends signals to the processes of a part, and waits until all parts are ready again. */
final class PartSignals {
  private static final Duration STOPPED = Duration.ofSeconds(20);

  /** After which a part that is not ready is given up. */
  private static final Duration WAIT_LIMIT = Duration.ofMinutes(3);

  private static final Duration POLL = Duration.ofMillis(200);

  private final Platform platform;
  private final HttpClient probe =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  PartSignals(Platform platform) {
    this.platform = platform;
  }

  /** Strikes; returns since when the part is expected to recover, in the JVM's nanoseconds. */
  long apply(Strike strike) throws Exception {
    ProcessHandle process = platform.supervisor().process(strike.part());
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.addFirst(process);
    if (strike.signal() == Strike.Signal.KILL) {
      long began = System.nanoTime();
      all.forEach(ProcessHandle::destroyForcibly);
      process.onExit().join();
      return began;
    }
    try {
      signal("-STOP", all);
      Thread.sleep(STOPPED);
    } finally {
      signal("-CONT", all);
    }
    return System.nanoTime();
  }

  private static void signal(String signal, List<ProcessHandle> processes)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    processes.stream()
        .filter(ProcessHandle::isAlive)
        .forEach(process -> command.add(String.valueOf(process.pid())));
    // A worker process may have ended meanwhile, of which kill complains.
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  /**
   * Waits until the sidecar and n8n are ready; returns how long that took.
   *
   * @param restarts of parts that must have been made by then
   */
  Duration awaitRecovery(long since, int restarts) throws Exception {
    long until = since + WAIT_LIMIT.toNanos();
    while (System.nanoTime() < until) {
      if (platform.supervisor().restarts() >= restarts
          && isReady(platform.sidecarUrl() + "/health/ready")
          && isReady(platform.n8n().url() + "/healthz/readiness")) {
        return Duration.ofNanos(System.nanoTime() - since);
      }
      Thread.sleep(POLL);
    }
    throw new IllegalStateException(
        "not all parts were ready %d s after a kill. n8n's log ends:%n%s"
            .formatted(WAIT_LIMIT.toSeconds(), platform.n8n().tail()));
  }

  private boolean isReady(String url) throws InterruptedException {
    try {
      return probe
              .send(
                  HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(2)).build(),
                  BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
