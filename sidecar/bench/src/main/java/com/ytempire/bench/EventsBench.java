package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.platform.Child;
import com.ytempire.platform.SidecarCommand;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;

/**
 * Measures how many events a second the API records, beside COPY of the same events into a table
 * with the same columns and indexes, in the same batches, each of them committed to disk; and the
 * disk that 90 days of a million a day take, from a million that were recorded. Callers, sidecar
 * and PostgreSQL share the machine.
 */
final class EventsBench implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(3);
  private static final int BATCH = 5_000;
  private static final int CALLERS = 4;
  private static final int AIM = 20_000;
  private static final int DAYS = 90;
  private static final long A_DAY = 1_000_000;
  private static final String TOKEN = "yte_operator_of_the_benchmark_0123456789";

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final PrintStream out;
  private final LocalPostgres postgres;
  private final String url;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<UUID> users = new ArrayList<>();
  private final List<String> channels = new ArrayList<>();
  private final Random random = new Random(20);
  private final Instant now = Instant.now();

  EventsBench(Path state, PrintStream out) throws Exception {
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
    opened(startSidecar(folder, redis, port)).awaitHttp(url + "/health/ready", START_TIMEOUT);
    for (int i = 0; i < CALLERS; i++) {
      Map<String, String> user =
          Map.of("email", "u%d@example.com".formatted(i), "displayName", "u");
      users.add(UUID.fromString(post("/v1/users", json(user)).get("userId").stringValue()));
      channels.add("UC%022d".formatted(i));
      post(
          "/v1/users/%s/channels".formatted(users.get(i)),
          json(Map.of("channelId", channels.get(i), "channelName", "c")));
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
    settings.put("YTEMPIRE_DATABASE_PASSWORD", "the-sidecar-of-the-benchmark");
    settings.put("YTEMPIRE_REDIS_URL", redis.url());
    settings.put("YTEMPIRE_GOOGLE_CLIENT_ID", "none");
    settings.put("YTEMPIRE_GOOGLE_CLIENT_SECRET", "none");
    settings.put("YTEMPIRE_GRANT_KEYSET", GrantCipher.newKeyset());
    settings.put("YTEMPIRE_OPERATOR_TOKEN", TOKEN);
    settings.put("YTEMPIRE_EVENTS_PER_USER_DAY", "1000000000");
    settings.put("YTEMPIRE_LOG_FOLDER", folder.toString());
    return SidecarCommand.start(
        Path.of(System.getProperty("ytempire.root", ".")).toAbsolutePath(), settings, folder);
  }

  private static byte[] json(Object value) {
    return Json.MAPPER.writeValueAsBytes(value);
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

  /** An event as they come: 20 types, two of three with data of about 90 bytes. */
  private record Event(UUID id, Instant at, String type, String source, String video, int seconds) {
    Map<String, Object> json(String channel) {
      Map<String, Object> event = new LinkedHashMap<>();
      event.put("id", id.toString());
      event.put("source", source);
      event.put("type", type);
      event.put("time", at.toString());
      event.put("subject", channel + "/" + video);
      if (seconds % 3 != 0) {
        event.put("data", data());
      }
      return event;
    }

    private Map<String, Object> data() {
      return Map.of("seconds", seconds, "format", "mp4", "step", "render of " + video, "ok", true);
    }

    String copy(UUID user, String channel) {
      return String.join(
          "\t",
          user.toString(),
          at.toString(),
          id.toString(),
          type,
          source,
          channel,
          video,
          "\\N",
          "\\N",
          seconds % 3 == 0 ? "\\N" : Json.MAPPER.writeValueAsString(data()) + "\n");
    }
  }

  /** The events of one batch, within an hour that lies so many batches back. */
  private List<Event> batch(int number) {
    List<Event> events = new ArrayList<>(BATCH);
    Instant hour = now.minus(Duration.ofMinutes(10L + number));
    for (int i = 0; i < BATCH; i++) {
      events.add(
          new Event(
              new UUID(random.nextLong(), random.nextLong()),
              hour.minusMillis(random.nextInt(3_600_000)),
              "type." + random.nextInt(20),
              "n8n/workflow",
              "v%010d".formatted(random.nextInt(900)),
              random.nextInt(10_000)));
    }
    return events;
  }

  @FunctionalInterface
  private interface Caller {
    void send(int batch) throws Exception;
  }

  private static double together(int callers, int batches, Caller caller) throws Exception {
    long began = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      List<Future<?>> running = new ArrayList<>();
      for (int c = 0; c < callers; c++) {
        int first = c;
        running.add(
            threads.submit(() -> {
              for (int i = first; i < batches; i += callers) {
                caller.send(i);
              }
              return true;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    return BATCH * (double) batches / ((System.nanoTime() - began) / 1e9);
  }

  /** Measures; answers whether the aim is met. */
  boolean run(int millions) throws Exception {
    int perRound = 20;
    int rounds = Math.toIntExact(millions * A_DAY / BATCH / perRound);
    try (Connection connection = admin();
        var statement = connection.createStatement()) {
      statement.execute("create schema twin");
      statement.execute("create table twin.events (like core.events including all)");
    }
    List<Double> api = new ArrayList<>();
    List<Double> copy = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      int from = round * perRound;
      List<List<Event>> batches = new ArrayList<>();
      for (int i = 0; i < perRound; i++) {
        batches.add(batch(from + i));
      }
      copy.add(copy(batches));
      api.add(api(batches));
      out.printf(
          Locale.ROOT,
          "round %d of %d: COPY %,8.0f  API %,8.0f events/s%s%n",
          round + 1,
          rounds,
          copy.getLast(),
          api.getLast(),
          round == 0 ? " (warming up, not counted)" : "");
    }
    return report(api.subList(1, api.size()), copy.subList(1, copy.size()));
  }

  private double copy(List<List<Event>> batches) throws Exception {
    List<byte[]> texts = new ArrayList<>();
    for (int i = 0; i < batches.size(); i++) {
      StringBuilder text = new StringBuilder();
      for (Event event : batches.get(i)) {
        String line = event.copy(users.get(i % CALLERS), channels.get(i % CALLERS));
        text.append(line).append(line.endsWith("\n") ? "" : "\n");
      }
      texts.add(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    List<Connection> connections = new ArrayList<>();
    try {
      for (int c = 0; c < CALLERS; c++) {
        connections.add(admin());
      }
      return together(
          CALLERS,
          batches.size(),
          i ->
              connections
                  .get(i % CALLERS)
                  .unwrap(PGConnection.class)
                  .getCopyAPI()
                  .copyIn("copy twin.events from stdin", new ByteArrayInputStream(texts.get(i))));
    } finally {
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }

  private double api(List<List<Event>> batches) throws Exception {
    List<byte[]> bodies = new ArrayList<>();
    for (int i = 0; i < batches.size(); i++) {
      String channel = channels.get(i % CALLERS);
      bodies.add(
          json(Map.of("events", batches.get(i).stream().map(e -> e.json(channel)).toList())));
    }
    LongAdder recorded = new LongAdder();
    double rate =
        together(
            CALLERS,
            batches.size(),
            i ->
                recorded.add(
                    post("/v1/users/%s/events".formatted(users.get(i % CALLERS)), bodies.get(i))
                        .get("recorded")
                        .longValue()));
    if (recorded.sum() != (long) BATCH * batches.size()) {
      throw new IllegalStateException("%,d events were recorded".formatted(recorded.sum()));
    }
    return rate;
  }

  private boolean report(List<Double> api, List<Double> copy) throws SQLException {
    boolean met = median(api) >= AIM;
    out.printf(
        Locale.ROOT,
        "%nBatches of %,d events by %d callers, each committed to disk%nCOPY %,9.0f events/s%nAPI  %,9.0f events/s (%.2f of COPY); aim %,d: %s%n",
        BATCH,
        CALLERS,
        median(copy),
        median(api),
        median(api) / median(copy),
        AIM,
        met ? "met" : "not met");
    try (Connection connection = admin();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                """
                select count(*)::bigint as events,
                       (select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'core.events'::regclass)::bigint as bytes,
                       (select sum(events) from core.event_hours)::bigint as counted
                  from core.events
                """)) {
      rows.next();
      long events = rows.getLong("events");
      double each = (double) rows.getLong("bytes") / events;
      out.printf(
          Locale.ROOT,
          "%,d events take %.0f bytes each with their indexes: %d days of %,d a day %.1f GB on plain PostgreSQL%n%,d are counted by the hour%n",
          events,
          each,
          DAYS,
          A_DAY,
          each * DAYS * A_DAY / 1e9,
          rows.getLong("counted"));
      return met && rows.getLong("counted") == events;
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private Connection admin() throws SQLException {
    return postgres.connect("bench", LocalPostgres.ADMIN, postgres.password());
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
