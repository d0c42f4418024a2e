package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Replica;
import com.ytempire.simulator.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Three sidecars as processes of their own and 64 callers that want all there is, while Redis is
 * killed, paused, put back to what it remembered before, and made to forget, and a sidecar is
 * killed.
 */
final class ExactnessTest {
  private static final int REPLICAS = 3;
  private static final int CALLERS = 64;
  private static final int USERS = 8;
  private static final long LIMIT = 1500;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private int unavailable;

  private void note(boolean isFetched) {
    lock.lock();
    try {
      unavailable += isFetched ? 0 : 1;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long counted(Platform platform) {
    return platform.simulator.usage().today().getOrDefault("data.general", 0L);
  }

  private void awaitCounted(Platform platform, int percent) throws InterruptedException {
    await(() -> counted(platform) >= LIMIT * percent / 100, percent + "% of the units");
  }

  /** Until a caller was answered that a part is unavailable, from here on. */
  private void awaitUnavailable() throws InterruptedException {
    lock.lock();
    try {
      int before = unavailable;
      await(() -> unavailable > before, "a caller answered that Redis is unavailable");
    } finally {
      lock.unlock();
    }
  }

  private void await(BooleanSupplier done, String what) throws InterruptedException {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(120);
      while (!done.getAsBoolean()) {
        left = news.awaitNanos(left);
        assertTrue(left > 0, "waited in vain for " + what);
      }
    } finally {
      lock.unlock();
    }
  }

  @Test
  void the_limit_is_never_passed_and_two_percent_at_most_unspent() throws Exception {
    Map<String, String> limits = Map.of("YTEMPIRE_QUOTA_DATA_GENERAL", String.valueOf(LIMIT));
    try (Platform platform = new Platform(USERS, 1, limits)) {
      List<Map<String, Object>> requests = new ArrayList<>();
      for (int account = 0; account < USERS; account++) {
        requests.add(
            Map.of(
                "userId",
                platform.connectedUser(account),
                "channelId",
                platform.world.accounts().get(account).channels().getFirst().id(),
                "report",
                "channel-statistics"));
      }
      platform.app.close();
      // Were we to send one too many, it would be counted, not refused.
      platform.simulator.usage().limit(Usage.Bucket.DATA_GENERAL, 1_000_000);

      Path folder = Engines.folder("exactness");
      Map<String, String> settings =
          new HashMap<>(
              Platform.settings(
                  platform.database,
                  platform.redis.url(),
                  platform.simulator.url(),
                  platform.keyset));
      settings.putAll(limits);
      settings.put("YTEMPIRE_HTTP_PORT", "0");
      settings.put("YTEMPIRE_DATABASE_POOL_SIZE", "8");
      settings.put("YTEMPIRE_CALLS_CONCURRENT_PER_USER", "16");
      Instant noon = platform.clock.instant();
      AtomicReferenceArray<Replica> replicas = new AtomicReferenceArray<>(REPLICAS);
      for (int i = 0; i < REPLICAS; i++) {
        replicas.set(i, Replica.start(settings, noon, folder));
      }
      try {
        CountDownLatch faultsOver = new CountDownLatch(1);
        Map<String, Integer> reasons = new ConcurrentHashMap<>();
        AtomicInteger seeds = new AtomicInteger();
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
          callers.add(
              Thread.startVirtualThread(
                  () -> call(replicas, requests, faultsOver, reasons, seeds.incrementAndGet())));
        }
        disturb(platform, settings, replicas, folder);
        faultsOver.countDown();
        for (Thread caller : callers) {
          assertTrue(caller.join(Duration.ofSeconds(120)), "a caller does not end");
        }
        long counted = counted(platform);
        System.out.printf(
            "Exactness: %,d of %,d units counted by Google, %d answers of %d callers: %s%n",
            counted, LIMIT, reasons.values().stream().mapToInt(n -> n).sum(), CALLERS, reasons);
        assertTrue(counted <= LIMIT, counted + " units of " + LIMIT);
        assertTrue(LIMIT - counted <= LIMIT / 50, (LIMIT - counted) + " units stay unspent");
      } finally {
        for (int i = 0; i < REPLICAS; i++) {
          replicas.get(i).close();
        }
      }
    }
  }

  private void disturb(
      Platform platform,
      Map<String, String> settings,
      AtomicReferenceArray<Replica> replicas,
      Path folder)
      throws InterruptedException {
    awaitCounted(platform, 10);
    Path early = platform.redis.copyMemory();
    awaitCounted(platform, 20);
    platform.redis.kill();
    awaitUnavailable();
    platform.redis.restart();
    awaitCounted(platform, 35);
    platform.redis.pause();
    awaitUnavailable();
    platform.redis.resume();
    awaitCounted(platform, 50);
    replicas.get(0).close();
    replicas.set(0, Replica.start(settings, platform.clock.instant(), folder));
    awaitCounted(platform, 65);
    platform.redis.kill();
    platform.redis.putMemory(early);
    platform.redis.restart();
    awaitCounted(platform, 80);
    platform.redis.kill();
    platform.redis.loseMemory();
    platform.redis.restart();
    awaitCounted(platform, 90);
  }

  /** Fetches for anybody at any replica; in the end, for everybody until there is nothing left. */
  private void call(
      AtomicReferenceArray<Replica> replicas,
      List<Map<String, Object>> requests,
      CountDownLatch faultsOver,
      Map<String, Integer> reasons,
      int seed) {
    Random random = new Random(seed);
    while (faultsOver.getCount() > 0) {
      fetch(
          replicas.get(random.nextInt(REPLICAS)),
          requests.get(random.nextInt(USERS)),
          random.nextBoolean(),
          reasons);
    }
    for (Map<String, Object> request : requests) {
      while (!fetch(replicas.get(random.nextInt(REPLICAS)), request, true, reasons)
          .equals("quota-exhausted")) {
        // more for this user
      }
    }
  }

  private String fetch(
      Replica replica,
      Map<String, Object> request,
      boolean isInteractive,
      Map<String, Integer> reasons) {
    Replica.Answer answer =
        replica.post(
            "/v1/metrics/fetch",
            Map.of(
                "requests",
                List.of(request),
                "maxAgeMinutes",
                0,
                "waitSeconds",
                2,
                "interactive",
                isInteractive),
            // What is killed is not waited for.
            Duration.ofSeconds(1));
    String reason;
    if (answer.status() == 200) {
      JsonNode missed = Platform.JSON.readTree(answer.body()).get("notFetched");
      reason = missed.isEmpty() ? "fetched" : missed.get(0).get("reason").stringValue();
    } else {
      reason = "status " + answer.status();
    }
    reasons.merge(reason, 1, Integer::sum);
    if (!reason.equals("quota-exhausted")) {
      note(reason.equals("fetched"));
    }
    return reason;
  }
}
