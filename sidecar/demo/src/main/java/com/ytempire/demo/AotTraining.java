package com.ytempire.demo;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.platform.Child;
import com.ytempire.platform.Http;
import com.ytempire.platform.SidecarCommand;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Makes the sidecar's AOT cache (JEP 483, 514, 515): starts the sidecar on a PostgreSQL, a Redis
 * and a simulated YouTube of its own, fetches and stores the metrics of one channel, and stops it;
 * the JVM then writes what it loaded and linked into a file, from which later starts begin. The
 * cache is of use to the same JVM and the same jars only; with others, and without one, the sidecar
 * starts as usual.
 *
 * <p>Arguments: the sidecar's jar, the file of JVM options, the file to write. Exit status 0: it is
 * there; 1: not so.
 */
public final class AotTraining {
  private static final String TOKEN = "yte_operator_of_the_training_0123456789abcdef";
  private static final Duration START = Duration.ofMinutes(5);
  private static final Duration DUMP = Duration.ofMinutes(5);

  private AotTraining() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 3) {
      System.err.println("ytempire: AotTraining takes the jar, the JVM options and the cache");
      System.exit(1);
    }
    Path folder = Files.createTempDirectory("ytempire-training");
    try {
      train(absolute(arguments[0]), absolute(arguments[1]), absolute(arguments[2]), folder);
    } catch (RuntimeException | IOException e) {
      System.err.println("ytempire: no AOT cache: " + e.getMessage());
      System.exit(1);
    } finally {
      delete(folder);
    }
    System.exit(0);
  }

  private static void train(Path jar, Path options, Path cache, Path folder) throws Exception {
    Clock clock = Clock.systemUTC();
    World world = new World(1, 1, 1, clock);
    try (Simulator simulator = Simulator.start(world, clock, 0);
        LocalPostgres postgres = LocalPostgres.start(folder.resolve("postgres"), 0);
        LocalRedis redis = LocalRedis.start(folder.resolve("redis"), 0)) {
      postgres.createDatabase("training");
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      String url = "http://127.0.0.1:" + port;
      Map<String, String> settings = new HashMap<>(SidecarCommand.ENVIRONMENT);
      settings.put("YTEMPIRE_HTTP_PORT", String.valueOf(port));
      settings.put("YTEMPIRE_METRICS_PORT", "0");
      settings.put("YTEMPIRE_PUBLIC_URL", url);
      settings.put("YTEMPIRE_DATABASE_URL", postgres.url("training"));
      settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
      settings.put("YTEMPIRE_DATABASE_PASSWORD", "the-sidecar-of-the-training");
      settings.put("YTEMPIRE_REDIS_URL", redis.url());
      settings.putAll(simulator.settings());
      settings.put("YTEMPIRE_GRANT_KEYSET", keyset(jar));
      settings.put("YTEMPIRE_OPERATOR_TOKEN", TOKEN);
      settings.put("YTEMPIRE_LOG_FOLDER", folder.resolve("logs").toString());
      // So that the schema is there when the sidecar that is watched starts.
      try (Child first =
          Child.start(
              "the sidecar",
              folder.resolve("first.log"),
              folder,
              settings,
              command(jar, options))) {
        first.awaitHttp(url + "/health/ready", START);
      }
      // As in production, where the migration is a step of its own.
      settings.remove("YTEMPIRE_DATABASE_ADMIN_PASSWORD");
      Path written = cache.resolveSibling(cache.getFileName() + ".new");
      try (Child sidecar =
          Child.start(
              "the sidecar",
              folder.resolve("training.log"),
              folder,
              settings,
              command(jar, options, "-XX:AOTCacheOutput=" + written.toAbsolutePath()))) {
        sidecar.awaitHttp(url + "/health/ready", START);
        work(url, world);
        sidecar.stop(DUMP);
        if (!Files.exists(written)) {
          throw new IllegalStateException("the JVM wrote none:\n" + sidecar.tail());
        }
      }
      Files.move(written, cache, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The sidecar runs in another folder. */
  private static Path absolute(String name) {
    return Path.of(name).toAbsolutePath();
  }

  private static List<String> command(Path jar, Path options, String... more) {
    List<String> command = new ArrayList<>(List.of(SidecarCommand.java(), "@" + options));
    command.addAll(List.of(more));
    command.addAll(List.of("-jar", jar.toString()));
    return command;
  }

  private static String keyset(Path jar) throws IOException, InterruptedException {
    Process keyset =
        new ProcessBuilder(SidecarCommand.java(), "-jar", jar.toString(), "keyset", "new")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String text = new String(keyset.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!keyset.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
      keyset.destroyForcibly();
    }
    return text.lines()
        .filter(line -> line.startsWith("{"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(jar + " made no keyset"));
  }

  /** What a day's work loads: a user, a channel's consent, a fetch, a store, the meters. */
  private static void work(String url, World world) {
    Http operator = new Http(url, TOKEN);
    Catalog.Account account = world.accounts().getFirst();
    Catalog.Channel channel = account.channels().getFirst();
    String user =
        operator
            .post("/v1/users", Http.map("email", account.email(), "displayName", "Training"))
            .get("userId")
            .stringValue();
    operator.post(
        "/v1/users/" + user + "/channels",
        Http.map("channelId", channel.id(), "channelName", channel.title()));
    operator.consent(
        operator
            .post("/v1/users/%s/channels/%s/connect".formatted(user, channel.id()), Map.of())
            .get("connectUrl")
            .stringValue(),
        channel.id());
    List<Map<String, Object>> requests = new ArrayList<>();
    for (String report :
        List.of("channel-statistics", "recent-uploads", "video-statistics", "channel-day")) {
      requests.add(Http.map("userId", user, "channelId", channel.id(), "report", report));
    }
    for (int round = 0; round < 3; round++) {
      JsonNode fetched = operator.post("/v1/metrics/fetch", Http.map("requests", requests));
      List<JsonNode> rows = new ArrayList<>();
      fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));
      if (!rows.isEmpty()) {
        operator.post(
            "/v1/metrics/store", Http.map("rows", rows.subList(0, Math.min(rows.size(), 1_000))));
      }
    }
    operator.get("/v1/quota");
    operator.get("/v1/users");
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
