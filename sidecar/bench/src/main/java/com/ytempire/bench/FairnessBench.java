package com.ytempire.bench;

import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.cache.Broadcast;
import com.ytempire.sidecar.fairness.FairScheduler;
import com.ytempire.sidecar.fairness.Replicas;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Measures who waits how long when one user asks for a hundred times as much as the others.
 * Everybody's calls arrive at once, in random order: those of the heavy user at all three replicas,
 * those of each other user at one. A call to Google is a pause of some milliseconds. The same calls
 * go through one plain FIFO, through a fair queue in each replica by itself, and through fair
 * queues whose replicas publish to each other by Redis, as the sidecar has them.
 */
final class FairnessBench {
  private static final int REPLICAS = 3;
  private static final int CONCURRENT = 15;
  private static final int HEAVIER = 100;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final double LEAST_JAIN = 0.95;

  private final Path state;
  private final PrintStream out;
  private final Clock clock = Clock.systemUTC();

  FairnessBench(Path state, PrintStream out) {
    this.state = state;
    this.out = out;
  }

  /**
   * A load.
   *
   * @param callsEach of each user but the heavy one
   * @param service how long a call takes, on average
   */
  private record Load(String name, int users, int callsEach, Duration service) {}

  /** The wait of one call in milliseconds, and its place in the order of service. */
  private record Wait(int user, int order, double waited) {}

  /**
   * The result of a way of queueing.
   *
   * @param jain Jain's index of the calls that each user was let make while all had work waiting;
   *     1: equal
   */
  private record Outcome(
      String way,
      double jain,
      double[] p50,
      double[] p99,
      double lightP50,
      double lightP99,
      double heavyP50,
      double callsASecond) {}

  /** Waits for a permit of a replica; closing it releases the permit. */
  @FunctionalInterface
  private interface Queue {
    AutoCloseable take(int replica, UUID user) throws Exception;
  }

  /** Runs the loads and prints; answers whether service was fair. */
  boolean run() throws Exception {
    Files.createDirectories(state);
    List<Load> loads =
        List.of(
            new Load("50 users", 50, 20, Duration.ofMillis(20)),
            new Load("1,000 users with 5 channels each", 1000, 5, Duration.ofMillis(5)));
    boolean isFair = true;
    for (Load load : loads) {
      List<Outcome> outcomes = measure(load);
      print(load, outcomes);
      isFair &= outcomes.getLast().jain() >= LEAST_JAIN;
      if (load.users() == 50) {
        Path picture = state.resolve("fairness.svg");
        Files.writeString(
            picture, FairnessPicture.of(names(outcomes), p50s(outcomes), p99s(outcomes)));
        out.printf("  picture: %s%n", picture);
      }
    }
    return isFair;
  }

  private static List<String> names(List<Outcome> outcomes) {
    return outcomes.stream().map(Outcome::way).toList();
  }

  private static List<double[]> p50s(List<Outcome> outcomes) {
    return outcomes.stream().map(Outcome::p50).toList();
  }

  private static List<double[]> p99s(List<Outcome> outcomes) {
    return outcomes.stream().map(Outcome::p99).toList();
  }

  private List<Outcome> measure(Load load) throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    Semaphore fifo = new Semaphore(CONCURRENT, true);
    outcomes.add(
        drain(
            "one plain FIFO",
            load,
            (replica, user) -> {
              fifo.acquire();
              return fifo::release;
            }));
    for (boolean isShared : List.of(false, true)) {
      Path folder = Files.createTempDirectory(state.toAbsolutePath(), "bench");
      Deque<AutoCloseable> parts = new ArrayDeque<>();
      try {
        List<FairScheduler> schedulers =
            IntStream.range(0, REPLICAS)
                .mapToObj(i ->
                    new FairScheduler(
                        isShared ? CONCURRENT : CONCURRENT / REPLICAS,
                        CONCURRENT,
                        1_000_000,
                        1_000_000,
                        clock))
                .toList();
        if (isShared) {
          introduce(schedulers, folder, parts);
        }
        outcomes.add(
            drain(
                isShared ? "fair across replicas" : "fair in each replica",
                load,
                (replica, user) ->
                    schedulers.get(replica).take(user, 1, false, clock.instant().plus(PATIENCE))));
      } finally {
        while (!parts.isEmpty()) {
          parts.pop().close();
        }
      }
    }
    return outcomes;
  }

  /** As the sidecar does it. */
  private void introduce(List<FairScheduler> all, Path folder, Deque<AutoCloseable> parts)
      throws InterruptedException {
    LocalRedis redis = LocalRedis.start(folder, 0);
    parts.push(redis);
    List<Replicas> replicas = new ArrayList<>();
    for (FairScheduler scheduler : all) {
      RedisClient client = RedisClient.create(redis.url());
      parts.push(client::shutdown);
      Broadcast broadcast = new Broadcast(client, "fairness");
      parts.push(broadcast);
      Replicas replica = new Replicas(Map.of("data", scheduler), broadcast::say, clock);
      broadcast.listen(replica::receive);
      replicas.add(replica);
      ScheduledExecutorService telling = Executors.newSingleThreadScheduledExecutor();
      parts.push(telling::shutdownNow);
      telling.scheduleWithFixedDelay(
          replica::publish, 0, Replicas.PUBLISH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }
    while (replicas.stream().anyMatch(replica -> replica.count() < REPLICAS)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    // Each has taken its part of the calls by its next telling.
    TimeUnit.MILLISECONDS.sleep(2 * Replicas.PUBLISH_INTERVAL.toMillis());
  }

  private Outcome drain(String way, Load load, Queue queue) throws InterruptedException {
    List<Integer> calls = new ArrayList<>();
    for (int user = 0; user < load.users(); user++) {
      calls.addAll(
          Collections.nCopies(user == 0 ? load.callsEach() * HEAVIER : load.callsEach(), user));
    }
    Random random = new Random(7);
    Collections.shuffle(calls, random);
    Wait[] served = new Wait[calls.size()];
    AtomicInteger order = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(calls.size());
    long began = System.nanoTime();
    for (int i = 0; i < calls.size(); i++) {
      int call = i;
      int user = calls.get(i);
      int replica = user == 0 ? random.nextInt(REPLICAS) : user % REPLICAS;
      // Most calls are quick, a few slow.
      long nanos = (long) (load.service().toNanos() * -Math.log(1 - random.nextDouble()));
      Thread.startVirtualThread(() -> {
        long arrived = System.nanoTime();
        try (AutoCloseable permit = queue.take(replica, new UUID(0, user))) {
          served[call] =
              new Wait(user, order.incrementAndGet(), (System.nanoTime() - arrived) / 1e6);
          LockSupport.parkNanos(nanos);
        } catch (Exception e) {
          throw new IllegalStateException(e);
        } finally {
          done.countDown();
        }
      });
    }
    done.await();
    double seconds = (System.nanoTime() - began) / 1e9;
    return outcome(way, load, served, seconds);
  }

  private static Outcome outcome(String way, Load load, Wait[] served, double seconds) {
    // So early everybody still has work waiting, if service is fair.
    int early = load.users() * load.callsEach() / 2;
    double[] counts = new double[load.users()];
    List<List<Double>> waited = new ArrayList<>();
    for (int user = 0; user < load.users(); user++) {
      waited.add(new ArrayList<>());
    }
    List<Double> light = new ArrayList<>();
    for (Wait one : served) {
      waited.get(one.user()).add(one.waited());
      if (one.user() != 0) {
        light.add(one.waited());
      }
      if (one.order() <= early) {
        counts[one.user()]++;
      }
    }
    double[] p50 = waited.stream().mapToDouble(each -> percentile(each, 50)).toArray();
    double[] p99 = waited.stream().mapToDouble(each -> percentile(each, 99)).toArray();
    double sum = Arrays.stream(counts).sum();
    double squares = Arrays.stream(counts).map(n -> n * n).sum();
    return new Outcome(
        way,
        sum * sum / (load.users() * squares),
        p50,
        p99,
        percentile(light, 50),
        percentile(light, 99),
        p50[0],
        served.length / seconds);
  }

  private static double percentile(List<Double> values, int percent) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }

  private void print(Load load, List<Outcome> outcomes) throws IOException {
    Map<String, Double> fifo = new LinkedHashMap<>();
    fifo.put("calls", outcomes.getFirst().callsASecond());
    out.printf(
        Locale.ROOT,
        "%n%s, one of them with %d times the load; %d replicas, %d calls at a time, %d ms each%n",
        load.name(),
        HEAVIER,
        REPLICAS,
        CONCURRENT,
        load.service().toMillis());
    out.printf(
        "  %-32s %8s %14s %14s %14s %12s%n",
        "", "Jain", "others p50", "others p99", "heavy p50", "throughput");
    for (Outcome outcome : outcomes) {
      out.printf(
          Locale.ROOT,
          "  %-32s %8.3f %11.0f ms %11.0f ms %11.0f ms %11.2fx%n",
          outcome.way(),
          outcome.jain(),
          outcome.lightP50(),
          outcome.lightP99(),
          outcome.heavyP50(),
          outcome.callsASecond() / fifo.get("calls"));
    }
    out.printf(Locale.ROOT, "  waiting of each user, p50/p99 in ms (user 0 is the heavy one):%n");
    for (Outcome outcome : outcomes) {
      StringBuilder users = new StringBuilder();
      for (int user = 0; user < Math.min(50, load.users()); user++) {
        users.append(
            String.format(
                Locale.ROOT, " %d:%.0f/%.0f", user, outcome.p50()[user], outcome.p99()[user]));
      }
      out.printf(
          "    %s:%s%s%n", outcome.way(), users, load.users() > 50 ? " … (the first 50)" : "");
    }
  }
}
