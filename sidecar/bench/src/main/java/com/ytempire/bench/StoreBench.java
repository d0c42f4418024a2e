package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.platform.Child;
import com.ytempire.platform.SidecarCommand;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.BatchStore;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.web.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;

/**
 * Measures how fast rows go into the store, as against the fastest that PostgreSQL can do: COPY
 * into a table with the same columns, keys and constraints, in the same batches, each of them
 * committed to disk. All of it in one run, in turns, one connection each.
 */
final class StoreBench implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(3);
  private static final int BATCH = 5_000;
  private static final int BATCHES = 12;
  private static final String TOKEN = "yte_operator_of_the_benchmark_0123456789";
  private static final String APP_PASSWORD = "the-sidecar-of-the-benchmark";

  /**
   * The rows to store, with their aims: rows a second through the API, and from rows that the
   * sidecar holds, as a share of COPY's; and the same with four callers.
   */
  private enum Load {
    EVENTS("events (video-statistics)", "video-statistics", "core.video_statistics", 0.6, 0.4),
    INSERTS("metric inserts (video-day)", "video-day", "core.video_days", 0.5, 0.4),
    UPDATES("restating updates (video-day)", "video-day", "core.video_days", 0.3, 0.25);

    private final String title;
    private final String kind;
    private final String table;
    private final double aim;
    private final double aimByFour;

    Load(String title, String kind, String table, double aim, double aimByFour) {
      this.title = title;
      this.kind = kind;
      this.table = table;
      this.aim = aim;
      this.aimByFour = aimByFour;
    }
  }

  private record User(UUID id, List<String> channels) {}

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final PrintStream out;
  private final LocalPostgres postgres;
  private final Child sidecar;
  private final String url;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<User> users = new ArrayList<>();

  StoreBench(Path state, PrintStream out) throws Exception {
    this.out = out;
    Files.createDirectories(state);
    Path folder = Files.createTempDirectory(state.toAbsolutePath(), "bench");
    out.println("Starting PostgreSQL, Redis and the sidecar …");
    postgres = opened(LocalPostgres.start(folder.resolve("postgres"), 0));
    postgres.createDatabase("bench");
    LocalRedis redis = opened(LocalRedis.start(folder.resolve("redis"), 0));
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    url = "http://127.0.0.1:" + port;
    sidecar = startSidecar(folder, redis, port);
    parts.push(sidecar);
    sidecar.awaitHttp(url + "/health/ready", START_TIMEOUT);
    for (int i = 0; i < CALLERS; i++) {
      users.add(createUser(i));
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  private Child startSidecar(Path folder, LocalRedis redis, int port) {
    Map<String, String> settings = new HashMap<>();
    settings.put("YTEMPIRE_HTTP_PORT", String.valueOf(port));
    settings.put("YTEMPIRE_METRICS_PORT", "0");
    settings.put("YTEMPIRE_DATABASE_URL", postgres.url("bench"));
    settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    settings.put("YTEMPIRE_DATABASE_PASSWORD", APP_PASSWORD);
    settings.put("YTEMPIRE_REDIS_URL", redis.url());
    settings.put("YTEMPIRE_GOOGLE_CLIENT_ID", "none");
    settings.put("YTEMPIRE_GOOGLE_CLIENT_SECRET", "none");
    settings.put("YTEMPIRE_GRANT_KEYSET", GrantCipher.newKeyset());
    settings.put("YTEMPIRE_OPERATOR_TOKEN", TOKEN);
    settings.put("YTEMPIRE_LOG_FOLDER", folder.toString());
    return SidecarCommand.start(
        Path.of(System.getProperty("ytempire.root", ".")).toAbsolutePath(), settings, folder);
  }

  private JsonNode post(String path, byte[] body) {
    try {
      HttpResponse<byte[]> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(url + path))
                  .header("Authorization", "Bearer " + TOKEN)
                  .POST(BodyPublishers.ofByteArray(body))
                  .build(),
              BodyHandlers.ofByteArray());
      if (answer.statusCode() >= 300) {
        throw new IllegalStateException(
            path + " answered " + new String(answer.body(), StandardCharsets.UTF_8));
      }
      return Json.MAPPER.readTree(answer.body());
    } catch (IOException e) {
      throw new IllegalStateException(path + " was not answered: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private User createUser(int index) {
    UUID id =
        UUID.fromString(
            post(
                    "/v1/users",
                    json(Map.of("email", "u%d@example.com".formatted(index), "displayName", "u")))
                .get("userId")
                .stringValue());
    List<String> channels = new ArrayList<>();
    for (int c = 0; c < 5; c++) {
      String channel = "UC%020d%02d".formatted(index, c);
      post("/v1/users/" + id + "/channels", json(Map.of("channelId", channel, "channelName", "c")));
      channels.add(channel);
    }
    return new User(id, channels);
  }

  private static byte[] json(Object value) {
    return Json.MAPPER.writeValueAsBytes(value);
  }

  // ---- the rows ----

  /** A batch under keys that no other number has. */
  private static List<Map<String, Object>> rows(
      Load load, User user, int number, boolean restated) {
    List<Map<String, Object>> rows = new ArrayList<>(BATCH);
    Instant begin = Instant.parse("2020-01-01T00:00:00Z").plus(Duration.ofHours(50L * number));
    LocalDate first = LocalDate.of(2025, 1, 1);
    for (int i = 0; i < BATCH; i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("kind", load.kind);
      row.put("userId", user.id().toString());
      row.put("channelId", user.channels().get(i % 5));
      if (load == Load.EVENTS) {
        row.put("videoId", "v%010d".formatted(i % 100));
        row.put("observedAt", begin.plus(Duration.ofHours(i / 100)).toString());
        row.put("views", 1000L + i);
        row.put("likes", 100L + i);
        row.put("comments", 10L + i);
      } else {
        row.put("videoId", "v%06d%04d".formatted(number, i % 50));
        row.put("day", first.plusDays(i / 50).toString());
        // YouTube restates the newest figures: these five move, the others stay.
        long more = restated ? 1 : 0;
        row.put("views", 1000L + i + more);
        row.put("engagedViews", 900L + i + more);
        row.put("estimatedMinutesWatched", 5000L + i + more);
        row.put("averageViewDuration", 200L);
        row.put("averageViewPercentage", 41.5);
        row.put("likes", 100L + i + more);
        row.put("comments", 10L);
        row.put("shares", 5L);
        row.put("subscribersGained", 3L);
        row.put("subscribersLost", 1L);
        row.put("estimatedRevenue", "%d.25".formatted(i + more));
      }
      rows.add(row);
    }
    return rows;
  }

  private static final List<String> EVENT_COLUMNS =
      List.of("user_id", "channel_id", "video_id", "observed_at", "views", "likes", "comments");
  private static final List<String> EVENT_FIELDS =
      List.of("userId", "channelId", "videoId", "observedAt", "views", "likes", "comments");
  private static final List<String> DAY_COLUMNS =
      List.of(
          "user_id",
          "channel_id",
          "video_id",
          "day",
          "views",
          "engaged_views",
          "watch_time_minutes",
          "average_view_duration_seconds",
          "average_view_percentage",
          "likes",
          "comments",
          "shares",
          "subscribers_gained",
          "subscribers_lost",
          "revenue_usd");
  private static final List<String> DAY_FIELDS =
      List.of(
          "userId",
          "channelId",
          "videoId",
          "day",
          "views",
          "engagedViews",
          "estimatedMinutesWatched",
          "averageViewDuration",
          "averageViewPercentage",
          "likes",
          "comments",
          "shares",
          "subscribersGained",
          "subscribersLost",
          "estimatedRevenue");

  private static byte[] copyText(Load load, List<Map<String, Object>> rows) {
    List<String> fields = load == Load.EVENTS ? EVENT_FIELDS : DAY_FIELDS;
    String end = load == Load.EVENTS ? "\n" : "\t2026-11-01T00:00:00Z\t2026-11-01T00:00:00Z\n";
    return rows.stream()
        .map(row ->
            fields.stream()
                    .map(field -> String.valueOf(row.get(field)))
                    .collect(Collectors.joining("\t"))
                + end)
        .collect(Collectors.joining())
        .getBytes(StandardCharsets.UTF_8);
  }

  // ---- the run ----

  /**
   * A way by which rows go in: one caller after another, or four at a time, each for a user of its
   * own.
   */
  private enum Way {
    COPY("COPY"),
    /** Of rows that have been read. */
    DAO("DAO"),
    /** The same, of days of videos by the same statements without the rollups of videos. */
    WITHOUT_ROLLUPS("DAO, no rollups"),
    /** Of rows of JSON that the sidecar holds: read, then the DAO. */
    HELD("held rows"),
    API("API"),
    COPY_BY_FOUR("4 x COPY"),
    API_BY_FOUR("4 x API");

    private final String title;

    Way(String title) {
      this.title = title;
    }

    /** What it is compared with; null: with nothing. */
    @Nullable Way beside() {
      return switch (this) {
        case COPY, COPY_BY_FOUR -> null;
        case DAO, WITHOUT_ROLLUPS, HELD, API -> COPY;
        case API_BY_FOUR -> COPY_BY_FOUR;
      };
    }

    boolean isMeasured(Load load) {
      return this != WITHOUT_ROLLUPS || load != Load.EVENTS;
    }

    /** The share of COPY that is wanted; 0: none in particular. */
    double aim(Load load) {
      return switch (this) {
        case COPY, COPY_BY_FOUR, DAO, WITHOUT_ROLLUPS -> 0;
        case HELD, API -> load.aim;
        case API_BY_FOUR -> load.aimByFour;
      };
    }
  }

  /** Megabytes that the sidecar may have resident. */
  private static final int MEMORY_AIM = 250;

  private static final int CALLERS = 4;

  /** Measures; answers whether every aim is met. */
  boolean run(int rounds) throws Exception {
    makeTwins();
    checkRollups();
    Map<Load, Map<Way, List<Double>>> rates = new EnumMap<>(Load.class);
    Map<Load, Map<Way, List<Double>>> processor = new EnumMap<>(Load.class);
    WithoutRollups.register();
    try (Database database = database(postgres.url("bench"), postgres.password());
        Database bare = database(WithoutRollups.url(postgres, "bench"), null)) {
      BatchStore dao = new BatchStore(database);
      BatchStore bareDao = new BatchStore(bare);
      // The first round warms up what is compiled and cached, and is not counted.
      for (int round = 0; round <= rounds; round++) {
        for (Load load : Load.values()) {
          Map<Way, List<Double>> of = rates.computeIfAbsent(load, l -> new EnumMap<>(Way.class));
          StringBuilder line = new StringBuilder();
          for (Way way : Way.values()) {
            if (!way.isMeasured(load)) {
              line.append("  %8s".formatted("-"));
              continue;
            }
            int from = firstBatch(round, way);
            long session =
                switch (way) {
                  case DAO -> session(database);
                  case WITHOUT_ROLLUPS -> session(bare);
                  default -> 0;
                };
            double processorBefore = PanelsBench.processorTime(session);
            double rate =
                switch (way) {
                  case COPY -> copy(load, from, 1);
                  case DAO -> dao(dao, load, from, true);
                  case WITHOUT_ROLLUPS -> dao(bareDao, load, from, true);
                  case HELD -> dao(dao, load, from, false);
                  case API -> api(load, from, 1);
                  case COPY_BY_FOUR -> copy(load, from, CALLERS);
                  case API_BY_FOUR -> api(load, from, CALLERS);
                };
            line.append("  %,8.0f".formatted(rate));
            if (round > 0) {
              of.computeIfAbsent(way, w -> new ArrayList<>()).add(rate);
              processor
                  .computeIfAbsent(load, l -> new EnumMap<>(Way.class))
                  .computeIfAbsent(way, w -> new ArrayList<>())
                  .add(PanelsBench.processorTime(session) - processorBefore);
            }
          }
          out.printf(
              Locale.ROOT,
              "%s %-30s %s rows/s%n",
              round == 0 ? "warming up:" : "round %d of %d:".formatted(round, rounds),
              load.title,
              line);
        }
        if (round == 0) {
          // As autovacuum does after a minute.
          analyse();
          requireTotals(firstBatch(round, Way.DAO), true);
          requireTotals(firstBatch(round, Way.WITHOUT_ROLLUPS), false);
        }
      }
    }
    return report(rates, processor);
  }

  /** The process of PostgreSQL that serves the one session by which a store stores. */
  private static long session(Database database) {
    return database.acrossTenants(
        handle -> handle.createQuery("select pg_backend_pid()").mapTo(Long.class).one());
  }

  /** No batch of another round or way has its keys. */
  private static int firstBatch(int round, Way way) {
    return (round * Way.values().length + way.ordinal()) * BATCHES;
  }

  /**
   * Opens the database as the sidecar does.
   *
   * @param adminPassword null: it has been migrated
   */
  private static Database database(String url, @Nullable String adminPassword) {
    return Database.open(
        new DatabaseAccess(url, LocalPostgres.ADMIN, adminPassword, APP_PASSWORD, 2),
        Clock.systemUTC());
  }

  /** Checks that the videos of a way's batches have their totals, or have none, as they should. */
  private void requireTotals(int from, boolean areExpected) throws SQLException {
    String videos = "video_id >= 'v%06d' and video_id < 'v%06d'".formatted(from, from + BATCHES);
    try (Connection connection = admin();
        var statement = connection.createStatement();
        var counted =
            statement.executeQuery(
                "select (select count(distinct video_id) from core.video_days where %1$s), (select count(*) from core.video_totals where %1$s)"
                    .formatted(videos))) {
      counted.next();
      long stored = counted.getLong(1);
      long totals = counted.getLong(2);
      if (stored == 0 || totals != (areExpected ? stored : 0)) {
        throw new IllegalStateException(
            "%,d videos were stored, and %,d have totals".formatted(stored, totals));
      }
    }
  }

  /** Prints rates and shares of COPY, and of each aim whether it is met; answers if all are. */
  private boolean report(
      Map<Load, Map<Way, List<Double>>> rates, Map<Load, Map<Way, List<Double>>> processor)
      throws IOException {
    out.printf(
        "%nBatches of %,d rows, each committed to disk (fsync and synchronous_commit on)%n%n",
        BATCH);
    out.printf("%-30s %-16s %9s  %s%n", "", "", "rows/s", "share of COPY, lowest to highest");
    boolean met = true;
    for (Load load : Load.values()) {
      Map<Way, List<Double>> of = rates.getOrDefault(load, Map.of());
      for (Way way : Way.values()) {
        if (!way.isMeasured(load)) {
          continue;
        }
        List<Double> rows = of.getOrDefault(way, List.of());
        out.printf(Locale.ROOT, "%-30s %-16s %,9.0f", load.title, way.title, median(rows));
        @Nullable Way beside = way.beside();
        if (beside != null) {
          List<Double> shares = shares(rows, of.getOrDefault(beside, List.of()));
          out.printf(
              Locale.ROOT,
              "  %.2f to %.2f, median %.2f",
              Collections.min(shares),
              Collections.max(shares),
              median(shares));
          double aim = way.aim(load);
          if (aim > 0) {
            met &= median(shares) >= aim;
            out.printf(
                Locale.ROOT, "; aim %.2f: %s", aim, median(shares) >= aim ? "met" : "not met");
          }
        }
        out.println();
      }
      if (Way.WITHOUT_ROLLUPS.isMeasured(load)) {
        reportRollups(load.title + ", rollups: rows/s", of);
        reportRollups(
            load.title + ", rollups: processor of PostgreSQL's session",
            processor.getOrDefault(load, Map.of()));
      }
    }
    long most = memory("VmHWM");
    met &= most <= MEMORY_AIM;
    out.printf(
        Locale.ROOT,
        "%nThe sidecar's resident memory: %d MB now, %d MB at most; aim %d MB: %s%n",
        memory("VmRSS"),
        most,
        MEMORY_AIM,
        most <= MEMORY_AIM ? "met" : "not met");
    return met;
  }

  /** Prints what was measured of the DAO with rollups as a multiple of that without. */
  private void reportRollups(String title, Map<Way, List<Double>> measured) {
    List<Double> multiples =
        shares(
            measured.getOrDefault(Way.DAO, List.of()),
            measured.getOrDefault(Way.WITHOUT_ROLLUPS, List.of()));
    out.printf(
        Locale.ROOT,
        "%s with, as a multiple of that without: %.2f to %.2f, median %.2f%n",
        title,
        Collections.min(multiples),
        Collections.max(multiples),
        median(multiples));
  }

  /** The share of each round, since what ran side by side is compared. */
  private static List<Double> shares(List<Double> rates, List<Double> beside) {
    List<Double> shares = new ArrayList<>();
    for (int round = 0; round < rates.size(); round++) {
      shares.add(rates.get(round) / beside.get(round));
    }
    return shares;
  }

  /** Megabytes. */
  private long memory(String field) throws IOException {
    Path status = Path.of("/proc", String.valueOf(sidecar.pid()), "status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
  }

  private Connection admin() throws SQLException {
    return postgres.connect("bench", LocalPostgres.ADMIN, postgres.password());
  }

  /** Tables like the store's, with all their keys and constraints, for COPY alone. */
  private void makeTwins() throws SQLException {
    try (Connection connection = admin();
        var statement = connection.createStatement()) {
      statement.execute("create schema twin");
      for (String table : List.of("video_statistics", "video_days")) {
        statement.execute("create table twin.%1$s (like core.%1$s including all)".formatted(table));
        statement.execute(
            "alter table twin.%s add foreign key (user_id, channel_id) references core.channels on delete cascade"
                .formatted(table));
      }
      // A restated row goes into a table that holds it already; COPY cannot, so it fills another.
      statement.execute("create table twin.updates (like twin.video_days including all)");
      statement.execute(
          "alter table twin.updates add foreign key (user_id, channel_id) references core.channels on delete cascade");
    }
  }

  /**
   * Makes the day's check of rollups while nothing is stored: the sidecar's own, in the midst of
   * it, would make the rollups that are left out on purpose.
   */
  private void checkRollups() throws SQLException {
    try (Connection connection = admin();
        var statement = connection.createStatement()) {
      statement.execute("select core.check_rollups(now())");
    }
  }

  private void analyse() throws SQLException {
    try (Connection connection = admin();
        var statement = connection.createStatement()) {
      statement.execute("analyze");
    }
  }

  private static double perSecond(long nanos) {
    return BATCH * (double) BATCHES / (nanos / 1e9);
  }

  /** One caller's part of the batches. */
  @FunctionalInterface
  private interface Caller {
    void send(int batch) throws Exception;
  }

  /** Rows a second when so many callers share the batches, each with those of its own user. */
  private static double together(int callers, Caller caller) throws Exception {
    long began = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      List<Future<?>> running = new ArrayList<>();
      for (int c = 0; c < callers; c++) {
        int first = c;
        running.add(
            threads.submit(() -> {
              for (int i = first; i < BATCHES; i += callers) {
                caller.send(i);
              }
              return true;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    return BATCH * (double) BATCHES / ((System.nanoTime() - began) / 1e9);
  }

  private List<Map<String, Object>> rows(Load load, int batch, int from) {
    // A restatement meets what the load before it put in.
    return rows(load, users.get(batch % CALLERS), from + batch, load == Load.UPDATES);
  }

  private double copy(Load load, int from, int callers) throws Exception {
    List<byte[]> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      batches.add(copyText(load, rows(load, i, from)));
    }
    String twin = load == Load.UPDATES ? "twin.updates" : load.table.replace("core.", "twin.");
    String columns =
        load == Load.EVENTS
            ? String.join(",", EVENT_COLUMNS)
            : String.join(",", DAY_COLUMNS) + ",created_at,updated_at";
    List<Connection> connections = new ArrayList<>();
    try {
      for (int c = 0; c < callers; c++) {
        connections.add(admin());
      }
      // In autocommit each batch is a transaction.
      return together(
          callers,
          i ->
              connections
                  .get(i % callers)
                  .unwrap(PGConnection.class)
                  .getCopyAPI()
                  .copyIn(
                      "copy %s (%s) from stdin".formatted(twin, columns),
                      new ByteArrayInputStream(batches.get(i))));
    } finally {
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }

  /**
   * The store without HTTP.
   *
   * @param isRead whether only the DAO is measured; otherwise also how the JSON is read, as that of
   *     rows that the sidecar holds
   */
  private double dao(BatchStore dao, Load load, int from, boolean isRead) throws Exception {
    List<byte[]> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      batches.add(json(rows(load, i, from)));
    }
    Instant now = Instant.parse("2026-11-01T00:00:00Z");
    List<BatchStore.Batch> read = isRead ? batches.stream().map(dao::read).toList() : List.of();
    return together(
        1,
        i ->
            dao.store(
                users.get(i % CALLERS).id(), isRead ? read.get(i) : dao.read(batches.get(i)), now));
  }

  private double api(Load load, int from, int callers) throws Exception {
    List<byte[]> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      batches.add(json(Map.of("rows", rows(load, i, from))));
    }
    LongAdder changed = new LongAdder();
    double rate =
        together(
            callers,
            i ->
                changed.add(
                    post("/v1/metrics/store", batches.get(i))
                        .get(load == Load.UPDATES ? "updated" : "stored")
                        .longValue()));
    if (changed.sum() != (long) BATCH * BATCHES) {
      throw new IllegalStateException(
          "%,d of %,d rows were %s".formatted(changed.sum(), BATCH * BATCHES, load.title));
    }
    return rate;
  }

  @Override
  public void close() {
    http.close();
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        out.println("a part did not close: " + e.getMessage());
      }
    }
  }
}
