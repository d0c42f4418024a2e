package com.ytempire.bench;

import com.ytempire.bench.SidecarClient.Answer;
import com.ytempire.platform.Customers;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/**
 * Many concurrent callers against one sidecar process: each fetches the statistics of a channel and
 * of its recent videos and stores what came, again and again, on the real clock and with quota
 * without limit. Answers how long each route takes, which errors there were, and how much memory
 * the sidecar holds.
 */
final class LoadBench {
  /** How long a fetch may wait, by its request. */
  private static final int WAIT_SECONDS = 20;

  /** How much longer than its deadline an answer may take, on a machine that does all of it. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** How long storing may take; its requests name no deadline. */
  private static final Duration STORE_LIMIT = Duration.ofSeconds(30);

  private static final int MEMORY_AIM_MEBIBYTES = 250;
  private static final int USERS = 50;
  private static final int CHANNELS_EACH = 5;

  private final Path state;
  private final Path root;
  private final Findings out;
  private final int callers;
  private final int seconds;

  LoadBench(Path state, Path root, PrintStream terminal, int callers, int seconds) {
    this.state = state;
    this.root = root;
    this.callers = callers;
    this.seconds = seconds;
    this.out = new Findings(state, "load-%d-callers".formatted(callers), terminal);
  }

  /** Answers of one route. Safe to share between threads. */
  private static final class Route {
    private final List<Long> millis = new ArrayList<>();
    private final Map<String, Long> problems = new TreeMap<>();
    private final Map<String, Long> reasons = new TreeMap<>();
    private long ok;
    private long dishonest;

    synchronized void add(Answer answer, long took) {
      millis.add(took);
      if (answer.isOk()) {
        ok++;
        answer
            .body()
            .path("notFetched")
            .forEach(one -> reasons.merge(one.path("reason").asString(""), 1L, Long::sum));
        return;
      }
      problems.merge(answer.status() + " " + answer.problem(), 1L, Long::sum);
      boolean isHonest =
          answer.status() / 100 == 4 || answer.status() == 503 && answer.retryAfter() != null;
      if (!isHonest) {
        dishonest++;
      }
    }

    synchronized long percentile(double share) {
      long[] sorted = millis.stream().mapToLong(Long::longValue).sorted().toArray();
      return sorted.length == 0
          ? 0
          : sorted[(int) Math.min(sorted.length - 1L, (long) Math.ceil(share * sorted.length) - 1)];
    }
  }

  /** Runs it; answers whether all aims were met. */
  boolean run() throws Exception {
    try (out;
        Stage stage = new Stage(state, root, Instant.now(), USERS, CHANNELS_EACH, 1, 0)) {
      out.say(
          "%d callers for %d s against one sidecar (%s), %d users, %d channels, real clock",
          callers,
          seconds,
          String.join(" ", stage.sidecar.jvmOptions()),
          USERS,
          USERS * CHANNELS_EACH);
      stage.sidecar.start();
      List<Map<String, String>> channels = new ArrayList<>();
      out.say("Connecting …");
      Customers.onboardAll(stage.api, stage.world)
          .forEach((account, user) ->
              account
                  .channels()
                  .forEach(
                      channel -> channels.add(Map.of("userId", user, "channelId", channel.id()))));
      // What the channels have is discovered before the clock starts.
      stage.client.post(
          "/v1/metrics/fetch", Map.of("requests", requests(channels)), Duration.ofSeconds(600));
      Route fetch = new Route();
      Route store = new Route();
      AtomicLong rows = new AtomicLong();
      AtomicLong resident = new AtomicLong();
      long until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> all = new ArrayList<>();
        for (int caller = 0; caller < callers; caller++) {
          Random random = new Random(caller);
          all.add(
              threads.submit(() -> {
                while (System.nanoTime() < until) {
                  call(
                      stage.client,
                      channels.get(random.nextInt(channels.size())),
                      fetch,
                      store,
                      rows);
                }
              }));
        }
        long lastSaid = System.nanoTime();
        while (System.nanoTime() < until) {
          Thread.sleep(500);
          resident.accumulateAndGet(stage.sidecar.residentMebibytes(), Math::max);
          if (System.nanoTime() - lastSaid > 20_000_000_000L) {
            lastSaid = System.nanoTime();
            out.say(
                "  %d s left, %,d rows stored, sidecar %d MiB",
                (until - lastSaid) / 1_000_000_000, rows.get(), resident.get());
          }
        }
        for (Future<?> one : all) {
          one.get();
        }
      }
      report(fetch, store, rows.get(), resident.get(), stage.sidecar.isAlive());
      return out.allMet();
    }
  }

  private static List<Map<String, Object>> requests(List<Map<String, String>> channels) {
    List<Map<String, Object>> requests = new ArrayList<>();
    for (Map<String, String> channel : channels) {
      for (String report : List.of("channel-statistics", "video-statistics")) {
        Map<String, Object> request = new TreeMap<>(channel);
        request.put("report", report);
        requests.add(request);
      }
    }
    return requests;
  }

  private static void call(
      SidecarClient client,
      Map<String, String> channel,
      Route fetch,
      Route store,
      AtomicLong rows) {
    Duration timeout = Duration.ofSeconds(120);
    long began = System.nanoTime();
    Answer fetched =
        client.post(
            "/v1/metrics/fetch",
            Map.of(
                "requests",
                requests(List.of(channel)),
                "maxAgeMinutes",
                0,
                "waitSeconds",
                WAIT_SECONDS),
            timeout);
    fetch.add(fetched, (System.nanoTime() - began) / 1_000_000);
    if (!fetched.isOk()) {
      pause(fetched);
      return;
    }
    List<JsonNode> some = new ArrayList<>();
    fetched.body().path("results").forEach(result -> result.path("rows").forEach(some::add));
    if (some.isEmpty()) {
      return;
    }
    began = System.nanoTime();
    Answer stored = client.post("/v1/metrics/store", Map.of("rows", some), timeout);
    store.add(stored, (System.nanoTime() - began) / 1_000_000);
    if (stored.isOk()) {
      rows.addAndGet(some.size());
    } else {
      pause(stored);
    }
  }

  /** As the answer says; callers that come back at once would be no load but an attack. */
  private static void pause(Answer refused) {
    String after = refused.retryAfter();
    long seconds = after != null && after.matches("\\d{1,3}") ? Long.parseLong(after) : 1;
    try {
      Thread.sleep(Duration.ofSeconds(Math.min(seconds, 10)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void report(Route fetch, Route store, long rows, long resident, boolean isAlive) {
    out.say(
        "%n%-8s %9s %9s %9s %9s %9s   %s",
        "route", "answers", "ok", "p50 ms", "p99 ms", "longest", "errors by problem type");
    line("fetch", fetch);
    line("store", store);
    out.say("Requests not fetched within answers, by reason: %s", fetch.reasons);
    out.say("Rows stored: %,d, %,d a second%n", rows, rows / Math.max(1, seconds));
    Duration fetchLimit = Duration.ofSeconds(WAIT_SECONDS).plus(GRACE);
    out.aim(
        fetch.percentile(1) <= fetchLimit.toMillis(),
        "No fetch slower than its deadline of %d s and %d s of grace: longest %d ms",
        WAIT_SECONDS,
        GRACE.toSeconds(),
        fetch.percentile(1));
    out.aim(
        store.percentile(1) <= STORE_LIMIT.plus(GRACE).toMillis(),
        "No store slower than %d s and %d s of grace: longest %d ms",
        STORE_LIMIT.toSeconds(),
        GRACE.toSeconds(),
        store.percentile(1));
    out.aim(
        fetch.dishonest + store.dishonest == 0 && isAlive,
        "No 5xx but 503 with Retry-After, and no call without an answer: %d others",
        fetch.dishonest + store.dishonest);
    out.aim(
        resident <= MEMORY_AIM_MEBIBYTES,
        "Sidecar at most %d MiB resident, aim %d",
        resident,
        MEMORY_AIM_MEBIBYTES);
    out.say("%nAlso in %s", out.path());
  }

  private void line(String name, Route route) {
    out.say(
        "%-8s %,9d %,9d %,9d %,9d %,9d   %s",
        name,
        route.millis.size(),
        route.ok,
        route.percentile(0.5),
        route.percentile(0.99),
        route.percentile(1),
        route.problems.isEmpty() ? "none" : route.problems);
  }
}
