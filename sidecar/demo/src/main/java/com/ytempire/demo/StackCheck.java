package com.ytempire.demo;

import com.ytempire.platform.Http;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * The parts of {@code ./ytempire test --stack} and {@code --scale} that run in containers beside
 * those of compose.yml: the simulated YouTube, the operator who sets up users and starts the sync
 * in n8n, callers of the API while sidecars are replaced, and what {@link ScaleCheck} and {@link
 * ScaleTruth} do.
 *
 * <p>Exit status 0: done; 1: it failed, and the last line says of what.
 */
public final class StackCheck {
  private static final long SEED = 1;
  private static final int CALLERS = 8;

  /** So that the callers measure the replacement, and not a machine that they overload. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  private StackCheck() {}

  /**
   * Runs one part: {@code youtube USERS CHANNELS PORT}, {@code sync} or {@code ticks USERS CHANNELS
   * TOKEN-FILE WORKFLOW}, {@code load} or {@code writes TOKEN-FILE}, {@code rows PASSWORD-FILE
   * SECONDS}, or {@code verify USERS CHANNELS MOMENT PASSWORD-FILE} with the moment that {@code
   * youtube} has printed and the password of the database's administrator.
   */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments);
    switch (words.getFirst()) {
      case "youtube" -> {
        // From which the same world can be made again.
        System.out.println("began " + Instant.now());
        youtube(world(words), Integer.parseInt(words.get(3)));
      }
      case "sync" ->
          StackOperator.setUp(world(words), text(words.get(3)), Path.of(words.get(4))).sync();
      case "ticks" ->
          ScaleCheck.tick(
              StackOperator.setUp(world(words), text(words.get(3)), Path.of(words.get(4))));
      case "writes" -> ScaleCheck.write(text(words.get(1)));
      case "rows" ->
          ScaleCheck.awaitRows(
              text(words.get(1)), Duration.ofSeconds(Long.parseLong(words.get(2))));
      case "verify" -> {
        MovedClock clock = new MovedClock(Instant.parse(words.get(3)));
        ScaleTruth.verify(world(words, clock), clock, text(words.get(4)));
      }
      case "load" -> load(text(words.get(1)));
      default -> throw new IllegalArgumentException("there is no part '" + words.getFirst() + "'");
    }
  }

  private static World world(List<String> words) {
    return world(words, Clock.systemUTC());
  }

  private static World world(List<String> words, Clock clock) {
    return new World(Integer.parseInt(words.get(1)), Integer.parseInt(words.get(2)), SEED, clock);
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void youtube(World world, int port) throws InterruptedException {
    Simulator simulator = Simulator.start(world, Clock.systemUTC(), "0.0.0.0", port);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(simulator::close));
    new CountDownLatch(1).await();
  }

  /** Calls the API until SIGTERM, then prints how often each answer came. */
  private static void load(String operatorToken) throws InterruptedException {
    Map<String, LongAdder> answers = new ConcurrentHashMap<>();
    AtomicBoolean isOver = new AtomicBoolean();
    CountDownLatch ended = new CountDownLatch(CALLERS);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  isOver.set(true);
                  try {
                    ended.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  System.out.println(new TreeMap<>(answers));
                }));
    for (int caller = 0; caller < CALLERS; caller++) {
      boolean isWriting = caller % 2 == 1;
      Http http = new Http(StackOperator.SIDECAR, operatorToken);
      Thread.startVirtualThread(() -> {
        while (!isOver.get()) {
          String answer = call(http, isWriting);
          answers.computeIfAbsent(answer, _ -> new LongAdder()).increment();
          LockSupport.parkNanos(PAUSE.toNanos());
        }
        ended.countDown();
      });
    }
    ended.await();
  }

  private static String call(Http http, boolean isWriting) {
    try {
      return isWriting
          ? "POST "
              + http.exchange("/v1/quota/check", Http.map("bucket", "data.general", "units", 1))
                  .statusCode()
          : "GET " + http.status("/v1/quota");
    } catch (UncheckedIOException e) {
      return "no answer";
    }
  }
}
