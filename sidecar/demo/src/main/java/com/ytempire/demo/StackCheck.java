package com.ytempire.demo;

import com.ytempire.platform.Customers;
import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * The parts of {@code ./ytempire test --stack} that run in containers beside those of compose.yml:
 * the simulated YouTube, the operator who sets up users and starts the sync in n8n, and callers of
 * the API while sidecars are replaced.
 *
 * <p>Exit status 0: done; 1: it failed, and the last line says of what.
 */
public final class StackCheck {
  private static final String SIDECAR = "http://sidecar:8080";
  private static final String N8N = "http://n8n:5678";
  private static final long SEED = 1;
  private static final int CALLERS = 8;
  private static final int ONBOARD_AT_ONCE = 4;

  /** So that the callers measure the replacement, and not a machine that they overload. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  private StackCheck() {}

  /**
   * Runs one part: {@code youtube USERS CHANNELS PORT}, {@code sync USERS CHANNELS TOKEN-FILE
   * WORKFLOW}, or {@code load TOKEN-FILE}.
   */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments);
    switch (words.getFirst()) {
      case "youtube" -> youtube(world(words), Integer.parseInt(words.get(3)));
      case "sync" -> sync(world(words), token(words.get(3)), Path.of(words.get(4)));
      case "load" -> load(token(words.get(1)));
      default -> throw new IllegalArgumentException("there is no part '" + words.getFirst() + "'");
    }
  }

  private static World world(List<String> words) {
    return new World(
        Integer.parseInt(words.get(1)), Integer.parseInt(words.get(2)), SEED, Clock.systemUTC());
  }

  private static String token(String file) {
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

  /** Creates and connects all users, and starts the shipped sync in n8n as its button does. */
  private static void sync(World world, String operatorToken, Path workflow) throws Exception {
    Http operator = new Http(SIDECAR, operatorToken);
    try (ExecutorService owners = Executors.newFixedThreadPool(ONBOARD_AT_ONCE)) {
      List<Future<String>> users =
          world.accounts().stream()
              .map(account -> owners.submit(() -> Customers.onboard(operator, account)))
              .toList();
      for (Future<String> user : users) {
        user.get();
      }
    }
    String serviceToken =
        operator
            .post(
                "/v1/tokens",
                Http.map("kind", "service", "name", "n8n", "scopes", List.of("read", "sync")))
            .get("token")
            .stringValue();
    N8n n8n = N8n.at(N8N);
    n8n.createOwner();
    String credential = n8n.createCredential(SIDECAR, serviceToken);
    System.out.println(n8n.testCredential(credential, SIDECAR, serviceToken));
    n8n.run(n8n.importWorkflow(workflow, credential), "Run Now");
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
      Http http = new Http(SIDECAR, operatorToken);
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
