package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.platform.Child;
import com.ytempire.platform.Customers;
import com.ytempire.platform.Http;
import com.ytempire.platform.SidecarCommand;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.Usage;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * {@code ./ytempire bench start}: the time from the start of the sidecar's process on a migrated
 * database until it says that it is ready, as the product starts it and as a plain {@code java
 * -jar}, by turns; then the sidecar's resident memory while it fetches and stores every report of
 * all channels by reference, in passes, as the shipped workflow does.
 */
final class StartBench {
  private static final String TOKEN = "yte_operator_of_the_benchmark_0123456789";
  private static final double START_AIM_SECONDS = 2.0;
  private static final long MEMORY_AIM_MIB = 250;
  private static final Duration AT_MOST = Duration.ofMinutes(3);

  /** As the shipped workflow waits, and for which reasons it tries again. */
  private static final int PASS_SECONDS = 20;

  private static final Set<String> PASSING = Set.of("busy", "quota-exhausted", "unavailable");

  private final Path state;
  private final Path root;
  private final PrintStream out;
  private final int users;
  private final int rounds;
  private Map<String, String> settings = Map.of();
  private Path folder = Path.of(".");
  private String url = "";

  /**
   * Makes the benchmark.
   *
   * @param users each with 5 channels, of the cycle under which memory is measured
   * @param rounds starts of each kind
   */
  StartBench(Path state, Path root, PrintStream out, int users, int rounds) {
    this.state = state;
    this.root = root;
    this.out = out;
    this.users = users;
    this.rounds = rounds;
  }

  /** Seconds from the start of a process until it is ready, by the clock and of the processors. */
  private record Start(double seconds, double cpuSeconds) {}

  /** Measures and prints; answers whether the aims are met. */
  boolean run() throws Exception {
    Files.createDirectories(state);
    folder = Files.createTempDirectory(state.toAbsolutePath(), "bench");
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      out.println("starting PostgreSQL, Redis and the simulated YouTube …");
      World world = new World(users, 5, 1, Clock.systemUTC());
      Simulator simulator = Simulator.start(world, Clock.systemUTC(), 0);
      parts.push(simulator);
      for (Usage.Bucket bucket : Usage.Bucket.values()) {
        simulator.usage().limit(bucket, 10_000_000);
      }
      LocalPostgres postgres = LocalPostgres.start(folder.resolve("postgres"), 0);
      parts.push(postgres);
      postgres.createDatabase("bench");
      LocalRedis redis = LocalRedis.start(folder.resolve("redis"), 0);
      parts.push(redis);
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      url = "http://127.0.0.1:" + port;
      settings = settings(simulator, postgres, redis, port);
      boolean met = starts();
      return memory(world) && met;
    } finally {
      while (!parts.isEmpty()) {
        parts.pop().close();
      }
    }
  }

  private Map<String, String> settings(
      Simulator simulator, LocalPostgres postgres, LocalRedis redis, int port) {
    Map<String, String> all = new HashMap<>();
    all.put("YTEMPIRE_HTTP_PORT", String.valueOf(port));
    all.put("YTEMPIRE_METRICS_PORT", "0");
    all.put("YTEMPIRE_PUBLIC_URL", url);
    all.put("YTEMPIRE_DATABASE_URL", postgres.url("bench"));
    all.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    all.put("YTEMPIRE_DATABASE_PASSWORD", "the-sidecar-of-the-benchmark");
    all.put("YTEMPIRE_REDIS_URL", redis.url());
    all.put("YTEMPIRE_QUOTA_DATA_GENERAL", "1000000");
    all.put("YTEMPIRE_QUOTA_ANALYTICS_MINUTE", "1000000");
    all.put("YTEMPIRE_QUOTA_ANALYTICS_USER_MINUTE", "1000000");
    all.put("YTEMPIRE_QUOTA_REPORTING_MINUTE", "1000000");
    all.putAll(simulator.settings());
    all.put("YTEMPIRE_GRANT_KEYSET", GrantCipher.newKeyset());
    all.put("YTEMPIRE_OPERATOR_TOKEN", TOKEN);
    all.put("YTEMPIRE_LOG_FOLDER", folder.toString());
    return all;
  }

  private List<String> plain() {
    return List.of(SidecarCommand.java(), "-jar", SidecarCommand.jar(root).toString());
  }

  private boolean starts() throws Exception {
    if (!Files.exists(SidecarCommand.cache(root))) {
      out.println("there is no AOT cache; it is measured without");
    }
    // Migrates; not counted. In production the sidecar starts without the administrator's password.
    startReady(plain()).kill();
    settings.remove("YTEMPIRE_DATABASE_ADMIN_PASSWORD");
    List<Start> ours = new ArrayList<>();
    List<Start> plain = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      ours.add(start(SidecarCommand.of(root)));
      plain.add(start(plain()));
      out.printf(
          Locale.ROOT,
          "  start %d of %d: %.2f s, plain java -jar %.2f s%n",
          round + 1,
          rounds,
          ours.getLast().seconds(),
          plain.getLast().seconds());
    }
    out.printf(
        "%nStart to ready on a migrated database, seconds%n%-28s%10s%10s%10s%16s%n",
        "", "least", "median", "most", "processor");
    line("as the product starts it", ours);
    line("plain java -jar", plain);
    out.printf(Locale.ROOT, "%-28s%20.2f%n", "ratio of the medians", median(ours) / median(plain));
    return aim(
        "start to ready, median",
        median(ours) <= START_AIM_SECONDS,
        "at most 2 s, machine at rest");
  }

  private boolean aim(String what, boolean met, String aim) {
    out.printf("%s (aim: %s): %s%n", what, aim, met ? "met" : "NOT MET");
    return met;
  }

  private void line(String name, List<Start> starts) {
    List<Double> sorted = starts.stream().map(Start::seconds).sorted().toList();
    out.printf(
        Locale.ROOT,
        "%-28s%10.2f%10.2f%10.2f%16.2f%n",
        name,
        sorted.getFirst(),
        median(starts),
        sorted.getLast(),
        starts.stream().mapToDouble(Start::cpuSeconds).sorted().toArray()[starts.size() / 2]);
  }

  private static double median(List<Start> starts) {
    return starts.stream().mapToDouble(Start::seconds).sorted().toArray()[starts.size() / 2];
  }

  private Start start(List<String> command) throws Exception {
    long began = System.nanoTime();
    Child sidecar = startReady(command);
    double seconds = (System.nanoTime() - began) / 1e9;
    double cpu =
        sidecar
            .handle()
            .info()
            .totalCpuDuration()
            .map(used -> used.toMillis() / 1e3)
            .orElse(Double.NaN);
    sidecar.kill();
    return new Start(seconds, cpu);
  }

  private Child startReady(List<String> command) throws InterruptedException {
    Child sidecar = SidecarCommand.start(command, settings, folder);
    try {
      sidecar.awaitHttp(url + "/health/ready", AT_MOST);
    } catch (InterruptedException | RuntimeException e) {
      sidecar.kill();
      throw e;
    }
    return sidecar;
  }

  private boolean memory(World world) throws Exception {
    Child sidecar = startReady(SidecarCommand.of(root));
    try {
      long idle = mebibytes(sidecar, "VmRSS");
      out.printf("%nconnecting %d channels …%n", users * 5);
      Http api = new Http(url, TOKEN);
      List<Map<String, Object>> requests = Ticker.requests(Customers.onboardAll(api, world));
      long connected = mebibytes(sidecar, "VmHWM");
      out.printf("fetching and storing %,d reports …%n", requests.size());
      long began = System.nanoTime();
      Set<String> closing =
          world.closingChannels().stream().map(Catalog.Channel::id).collect(Collectors.toSet());
      Cycle cycle = cycle(api, requests, closing);
      double seconds = (System.nanoTime() - began) / 1e9;
      long peak = mebibytes(sidecar, "VmHWM");
      out.printf(
          Locale.ROOT,
          "%nResident memory of the sidecar, MiB%n%-44s%8d%n%-44s%8d%n%-44s%8d%n%-44s%8d%n",
          "ready",
          idle,
          "peak while the channels were connected",
          connected,
          "peak under the cycle",
          peak,
          "after it",
          mebibytes(sidecar, "VmRSS"));
      out.printf(
          Locale.ROOT,
          "the cycle: %,d rows in %d passes and %.0f s%n"
              + "not fetched: %d reports of channels whose account YouTube has closed, as it should be; %d others %s%n",
          cycle.rows(),
          cycle.passes(),
          seconds,
          cycle.ofClosed(),
          cycle.others().values().stream().mapToInt(Integer::intValue).sum(),
          cycle.others());
      boolean complete = aim("fetched", cycle.others().isEmpty(), "all but of closed accounts");
      return aim("peak under the cycle", peak <= MEMORY_AIM_MIB, "at most 250 MiB") && complete;
    } finally {
      sidecar.kill();
    }
  }

  /**
   * The result of the cycle.
   *
   * @param ofClosed reports not fetched of channels whose account is closed
   * @param others reports not fetched of all other channels, by reason
   */
  private record Cycle(long rows, int passes, int ofClosed, Map<String, Integer> others) {}

  /** Fetches and stores until nothing is missed for a passing reason, or nothing more comes. */
  private static Cycle cycle(Http api, List<Map<String, Object>> requests, Set<String> closing) {
    long rows = 0;
    int passes = 0;
    int ofClosed = 0;
    Map<String, Integer> others = new TreeMap<>();
    List<Map<String, Object>> left = requests;
    while (true) {
      passes++;
      List<Map<String, Object>> some = left;
      JsonNode answer =
          api.post(
              "/v1/metrics/fetch",
              Map.of(
                  "requests",
                  some,
                  "onlyDue",
                  true,
                  "output",
                  "references",
                  "waitSeconds",
                  PASS_SECONDS));
      long stored = Ticker.storeReferences(api, answer);
      rows += stored;
      List<Map<String, Object>> again = new ArrayList<>();
      Map<String, Integer> passing = new TreeMap<>();
      for (JsonNode one : answer.get("notFetched")) {
        String reason = one.get("reason").stringValue();
        Map<String, Object> request = some.get(one.get("request").intValue());
        if (PASSING.contains(reason)) {
          again.add(request);
          passing.merge(reason, 1, Integer::sum);
        } else if (closing.contains(String.valueOf(request.get("channelId")))) {
          ofClosed++;
        } else {
          others.merge(reason, 1, Integer::sum);
        }
      }
      left = again;
      if (left.isEmpty() || stored == 0) {
        passing.forEach((reason, count) -> others.merge(reason, count, Integer::sum));
        return new Cycle(rows, passes, ofClosed, others);
      }
    }
  }

  private static long mebibytes(Child sidecar, String field) throws IOException {
    Matcher matcher =
        Pattern.compile(field + ":\\s+(\\d+) kB")
            .matcher(Files.readString(Path.of("/proc", String.valueOf(sidecar.pid()), "status")));
    if (!matcher.find()) {
      throw new IOException("no " + field + " of the sidecar");
    }
    return Long.parseLong(matcher.group(1)) / 1024;
  }
}
