package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.platform.Http;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.simulator.SharedClock;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.Usage;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * PostgreSQL, Redis, a simulated YouTube and a sidecar as a process of its own, which all go by one
 * clock. Quota is without limit at first. Used by one thread but where a part says otherwise.
 */
final class Stage implements AutoCloseable {
  private static final String TOKEN = "yte_operator_of_the_benchmark_0123456789";
  private static final double CLOCK_TICKS_PER_SECOND = 100;
  private static final String BENCHMARK = "the benchmark with the simulated YouTube";
  private static final String SIDECAR = "the sidecar";
  private static final String UNLIMITED = "1000000000";

  final Path folder;
  final SharedClock clock;
  final World world;
  final Simulator simulator;
  final LocalPostgres postgres;
  final LocalRedis redis;

  /** Of the sidecar; a change holds from its next start. */
  final Map<String, String> settings;

  final SidecarProcess sidecar;

  /** The sidecar's address. */
  final String url;

  final SidecarClient client;
  final Http api;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /**
   * Starts everything but the sidecar.
   *
   * @param now where the clock begins
   * @param deletedShare of the videos
   */
  Stage(
      Path state,
      Path root,
      Instant now,
      int users,
      int channelsEach,
      long seed,
      double deletedShare)
      throws Exception {
    Files.createDirectories(state);
    folder = Files.createTempDirectory(state.toAbsolutePath(), "bench");
    clock = SharedClock.open(folder.resolve("clock"));
    clock.set(now);
    world = new World(users, channelsEach, seed, clock, deletedShare);
    try {
      simulator = opened(Simulator.start(world, clock, 0));
      for (Usage.Bucket bucket : Usage.Bucket.values()) {
        simulator.usage().limit(bucket, Long.parseLong(UNLIMITED));
      }
      postgres = opened(LocalPostgres.start(folder.resolve("postgres"), 0));
      postgres.createDatabase("bench");
      redis = opened(LocalRedis.start(folder.resolve("redis"), 0));
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      settings = settings(port);
      sidecar =
          opened(
              new SidecarProcess(
                  root, settings, folder.resolve("clock"), folder.resolve("sidecar.log")));
      url = "http://127.0.0.1:" + port;
      client = new SidecarClient(url, TOKEN);
      api = new Http(url, TOKEN);
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  private Map<String, String> settings(int port) {
    Map<String, String> all = new HashMap<>(simulator.settings());
    all.put("YTEMPIRE_HTTP_PORT", String.valueOf(port));
    all.put("YTEMPIRE_PUBLIC_URL", "http://127.0.0.1:" + port);
    all.put("YTEMPIRE_DATABASE_URL", postgres.url("bench"));
    all.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    all.put("YTEMPIRE_DATABASE_PASSWORD", "the-sidecar-of-the-benchmark");
    all.put("YTEMPIRE_REDIS_URL", redis.url());
    all.put("YTEMPIRE_GRANT_KEYSET", GrantCipher.newKeyset());
    all.put("YTEMPIRE_OPERATOR_TOKEN", TOKEN);
    all.put("YTEMPIRE_METRICS_PORT", "0");
    all.put("YTEMPIRE_LOG_FOLDER", folder.toString());
    for (String bucket :
        new String[] {
          "DATA_GENERAL",
          "DATA_BATCH_GET_STATS",
          "ANALYTICS_DAY",
          "ANALYTICS_MINUTE",
          "ANALYTICS_USER_MINUTE",
          "REPORTING_DAY",
          "REPORTING_MINUTE"
        }) {
      all.put("YTEMPIRE_QUOTA_" + bucket, UNLIMITED);
    }
    return all;
  }

  /** Lets the clock jump to this moment, unless it has passed. */
  void jumpTo(Instant moment) {
    if (clock.instant().isBefore(moment)) {
      clock.set(moment);
    }
  }

  Connection admin() throws SQLException {
    return postgres.connect("bench", LocalPostgres.ADMIN, postgres.password());
  }

  /** The first number that a query answers. */
  long number(String sql) throws SQLException {
    try (Connection admin = admin();
        var statement = admin.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  long databaseMebibytes() throws SQLException {
    return number("select pg_database_size('bench') / (1024 * 1024)");
  }

  /**
   * Processor time that each part has used since it was started, in seconds, with processes that
   * have ended; by Linux's counting.
   */
  Map<String, Double> processorSeconds() {
    Map<String, Double> all = new TreeMap<>();
    long own = ProcessHandle.current().pid();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process :
          processes.filter(path -> path.getFileName().toString().matches("\\d+")).toList()) {
        count(process, own, all);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private void count(Path process, long own, Map<String, Double> all) {
    try {
      String stat = Files.readString(process.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long pid = Long.parseLong(process.getFileName().toString());
      double itself =
          (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / CLOCK_TICKS_PER_SECOND;
      double ended =
          (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / CLOCK_TICKS_PER_SECOND;
      if (pid == own) {
        all.merge(BENCHMARK, itself, Double::sum);
        // Its children that ended are killed sidecars, but for the engines' short start.
        all.merge(SIDECAR, ended, Double::sum);
      } else if (pid == sidecar.pid()) {
        all.merge(SIDECAR, itself, Double::sum);
      } else if (Files.readSymbolicLink(process.resolve("cwd"))
          .startsWith(folder.resolve("postgres"))) {
        all.merge("PostgreSQL", itself + ended, Double::sum);
      } else {
        String command = Files.readString(process.resolve("cmdline"));
        if (command.contains("redis") && command.contains(":" + redis.port())) {
          all.merge("Redis", itself, Double::sum);
        }
      }
    } catch (IOException e) {
      // It has ended.
    }
  }

  @Override
  public void close() throws Exception {
    while (!parts.isEmpty()) {
      parts.pop().close();
    }
  }
}
