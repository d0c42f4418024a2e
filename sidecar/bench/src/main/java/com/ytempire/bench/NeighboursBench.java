package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.platform.Child;
import com.ytempire.platform.SidecarCommand;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.web.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Latency of ordinary customers while one hostile customer does everything that its API token and
 * its database logins allow, beside the latency of the same customers in quiet phases of the same
 * run.
 *
 * <p>The ordinary customers read by HTTP (a page of daily metrics, the plan) and by SQL through
 * their own logins (a dashboard's query), each at fixed moments, whether or not the request before
 * was answered: waiting behind a slow one counts.
 */
final class NeighboursBench {
  private static final Duration START_TIMEOUT = Duration.ofMinutes(3);
  private static final String OPERATOR_TOKEN = "yte_operator_of_the_benchmark_0123456789";

  /** A customer's requests per second, each kind in turn. */
  private static final int REQUESTS_PER_SECOND = 4;

  private static final int OK = 200;

  /** Requests of a user that the sidecar works on at the same time. */
  private static final int CONCURRENT_PER_USER = 8;

  private static final int CUSTOMERS = 9;

  /**
   * How much longer everything at once is measured than the rest: an attack lasts, and its first
   * moments are not what it costs.
   */
  private static final int LASTING = 10;

  /**
   * What is shown by itself of an attack: until its logins are paused for it, which takes 8 s and
   * longer while others compute.
   */
  private static final Duration OUTSET = Duration.ofSeconds(15);

  /** Until an attack has ended, and what is left of it. */
  private static final Duration END_TIMEOUT = Duration.ofMinutes(2);

  /** p99 under attack as a multiple of the quiet p99. */
  private static final double AIM = 2;

  private static final String DASHBOARD_QUERY =
      "select date, sum(views) from analytics.youtube_metrics group by date order by date desc limit 90";

  /** A customer with its own API token and database logins. */
  private record Customer(
      String userId, String channelId, String token, List<HostileCustomer.Login> logins) {}

  private enum Kind {
    PAGE,
    PLAN,
    DASHBOARD
  }

  private final Path state;
  private final Path root;
  private final PrintStream out;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private String url = "";
  private final Duration length;
  private final Set<HostileCustomer.Attack> attacks;

  /**
   * Creates a benchmark.
   *
   * @param length of each phase, quiet or hostile
   * @param attacks their names; empty: every one
   * @throws IllegalArgumentException if there is no attack of such a name
   */
  NeighboursBench(Path state, Path root, PrintStream out, Duration length, List<String> attacks) {
    this.attacks = EnumSet.noneOf(HostileCustomer.Attack.class);
    attacks.forEach(
        name -> this.attacks.add(HostileCustomer.Attack.valueOf(name.toUpperCase(Locale.ROOT))));
    if (attacks.isEmpty()) {
      this.attacks.addAll(EnumSet.allOf(HostileCustomer.Attack.class));
    }
    this.length = length;
    this.state = state;
    this.root = root;
    this.out = out;
  }

  /** Measures and prints; answers whether the aim was met. */
  boolean run() throws Exception {
    try {
      return measure();
    } finally {
      while (!parts.isEmpty()) {
        parts.pop().close();
      }
    }
  }

  private boolean measure() throws Exception {
    Files.createDirectories(state);
    Path folder = Files.createTempDirectory(state.toAbsolutePath(), "bench");
    out.println("Starting PostgreSQL, Redis and the sidecar ...");
    LocalPostgres postgres = opened(LocalPostgres.start(folder.resolve("postgres"), 0));
    postgres.createDatabase("bench");
    parts.push(
        Child.start(
            "the priorities of PostgreSQL's sessions",
            folder.resolve("priorities.log"),
            folder,
            Map.of(),
            List.of(
                "bash",
                root.resolve("deploy/postgres/priorities.sh").toAbsolutePath().toString(),
                String.valueOf(postgres.process().pid()))));
    LocalRedis redis = opened(LocalRedis.start(folder.resolve("redis"), 0));
    Child sidecar = startSidecar(folder, postgres, redis);
    out.printf("Storing rows of %d customers and of a hostile one ...%n", CUSTOMERS);
    List<Customer> customers = new ArrayList<>();
    for (int i = 0; i < CUSTOMERS; i++) {
      customers.add(customer(i, 2_000, 1));
    }
    Customer hostile = customer(CUSTOMERS, 100_000, 2);

    Map<HostileCustomer.Attack, Samples> attacked = new EnumMap<>(HostileCustomer.Attack.class);
    Samples quiet = new Samples();
    // Once before it counts, with large pages too: code is compiled, pages are cached.
    try (HostileLoad running = new HostileLoad(hostile, postgres, HostileCustomer.Attack.PAGES)) {
      running.start();
      phase(postgres, customers, new Samples());
    }
    phase(postgres, customers, new Samples());
    long memory = residentMegabytes(sidecar);
    for (HostileCustomer.Attack attack : attacks) {
      phase(postgres, customers, quiet);
      Samples samples = new Samples();
      try (HostileLoad running = new HostileLoad(hostile, postgres, attack)) {
        running.start();
        phase(
            postgres,
            customers,
            samples,
            attack == HostileCustomer.Attack.ALL ? length.multipliedBy(LASTING) : length);
        out.printf("  %-12s %s: %s%n", attack, attack.words(), running.end());
      }
      attacked.put(attack, samples);
    }
    return report(quiet, attacked, memory, residentMegabytes(sidecar));
  }

  private boolean report(
      Samples quiet, Map<HostileCustomer.Attack, Samples> attacked, long before, long after) {
    out.printf(
        Locale.ROOT,
        "%n%d customers, %d requests a second; milliseconds from when a request was due to its answer%n%n",
        CUSTOMERS,
        CUSTOMERS * REQUESTS_PER_SECOND);
    out.printf("%-14s %8s %8s %8s %8s %8s%n", "", "p50", "p99", "max", "failed", "p99 x");
    line("quiet", quiet, quiet);
    attacked.forEach((attack, samples) -> line(attack.name(), samples, quiet));
    attacked.forEach((attack, samples) -> {
      if (attack == HostileCustomer.Attack.ALL) {
        line("ALL, first %d s".formatted(OUTSET.toSeconds()), samples.ofOutset(), quiet);
      }
    });
    double ratio =
        attacked.values().stream().mapToDouble(samples -> ratio(samples, quiet)).max().orElse(0);
    long failed = attacked.values().stream().mapToLong(Samples::failed).sum();
    boolean met = ratio <= AIM && failed == 0;
    out.printf(
        Locale.ROOT,
        "%nAim: p99 under every attack at most %.0f times the quiet one, nothing failed: %s (%.1f times, %d failed)%n",
        AIM,
        met ? "met" : "not met",
        ratio,
        failed);
    out.printf("The sidecar's resident memory: %d MB before, %d MB after%n", before, after);
    return met;
  }

  private void line(String name, Samples samples, Samples quiet) {
    out.printf(
        Locale.ROOT,
        "%-14s %8.1f %8.1f %8.1f %8d %8.2f%n",
        name,
        samples.quantile(0.5),
        samples.quantile(0.99),
        samples.quantile(1),
        samples.failed(),
        ratio(samples, quiet));
  }

  private static double ratio(Samples samples, Samples quiet) {
    return samples.quantile(0.99) / quiet.quantile(0.99);
  }

  /** Latencies of requests, in nanoseconds. Safe to share between threads. */
  private static final class Samples {
    private final Queue<Long> nanos = new ConcurrentLinkedQueue<>();
    private final Queue<Long> outset = new ConcurrentLinkedQueue<>();
    private final AtomicLong failed = new AtomicLong();

    void add(long latency, boolean isOutset) {
      nanos.add(latency);
      if (isOutset) {
        outset.add(latency);
      }
    }

    /** Of the first seconds of a phase. */
    Samples ofOutset() {
      Samples those = new Samples();
      those.nanos.addAll(outset);
      return those;
    }

    void fail() {
      failed.incrementAndGet();
    }

    long failed() {
      return failed.get();
    }

    /** In milliseconds. */
    double quantile(double share) {
      long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
      return sorted.length == 0
          ? Double.NaN
          : sorted[(int) Math.min(sorted.length - 1L, Math.round(share * sorted.length))] / 1e6;
    }
  }

  /** Every customer's requests at their moments, until the phase is over and all are answered. */
  private void phase(LocalPostgres postgres, List<Customer> customers, Samples samples)
      throws InterruptedException {
    phase(postgres, customers, samples, length);
  }

  private void phase(
      LocalPostgres postgres, List<Customer> customers, Samples samples, Duration time)
      throws InterruptedException {
    long began = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (int c = 0; c < customers.size(); c++) {
      Customer customer = customers.get(c);
      long offset = c * TimeUnit.SECONDS.toNanos(1) / REQUESTS_PER_SECOND / customers.size();
      for (Kind kind : Kind.values()) {
        threads.add(
            Thread.ofVirtual()
                .start(() ->
                    requests(postgres, customer, kind, began + offset, began, time, samples)));
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void requests(
      LocalPostgres postgres,
      Customer customer,
      Kind kind,
      long first,
      long began,
      Duration time,
      Samples samples) {
    long every = TimeUnit.SECONDS.toNanos(1) * Kind.values().length / REQUESTS_PER_SECOND;
    long until = first + time.toNanos();
    try (Dashboard dashboard = new Dashboard(postgres, customer)) {
      for (long due = first + kind.ordinal() * every / Kind.values().length;
          due < until;
          due += every) {
        TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
        boolean answered =
            switch (kind) {
              case PAGE -> get(customer, "/v1/users/%s/metrics/channel-day?limit=100") == OK;
              case PLAN -> get(customer, "/v1/users/%s/plan") == OK;
              case DASHBOARD -> dashboard.query();
            };
        if (answered) {
          samples.add(System.nanoTime() - due, due - began < OUTSET.toNanos());
        } else {
          samples.fail();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Connection login(LocalPostgres postgres, HostileCustomer.Login login)
      throws SQLException {
    return postgres.connect("bench", login.name(), login.password());
  }

  /** A dashboard's connection, opened again by the next query after it was lost. */
  private static final class Dashboard implements AutoCloseable {
    private final LocalPostgres postgres;
    private final Customer customer;
    private @Nullable Connection connection;

    Dashboard(LocalPostgres postgres, Customer customer) {
      this.postgres = postgres;
      this.customer = customer;
    }

    /** Whether the query was answered. */
    boolean query() {
      try {
        Connection open = connection;
        if (open == null) {
          open = login(postgres, customer.logins().getFirst());
          connection = open;
        }
        try (var statement = open.createStatement();
            var rows = statement.executeQuery(DASHBOARD_QUERY)) {
          while (rows.next()) {
            rows.getObject(1);
          }
        }
        return true;
      } catch (SQLException e) {
        close();
        return false;
      }
    }

    @Override
    public void close() {
      Connection open = connection;
      connection = null;
      if (open != null) {
        try {
          open.close();
        } catch (SQLException e) {
          // Lost already.
        }
      }
    }
  }

  /** The status, 0 when nothing was answered. */
  private int get(Customer customer, String path) throws InterruptedException {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(url + path.formatted(customer.userId())))
                  .header("Authorization", "Bearer " + customer.token())
                  .timeout(Duration.ofSeconds(60))
                  .build(),
              BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * The hostile customer at work, until closed: a process of its own, at the lowest priority, since
   * its client's work is not what the platform spends on it.
   */
  private final class HostileLoad implements AutoCloseable {
    private final Customer customer;
    private final LocalPostgres postgres;
    private final Process process;
    private final BufferedReader output;

    HostileLoad(Customer customer, LocalPostgres postgres, HostileCustomer.Attack attack)
        throws IOException {
      this.customer = customer;
      this.postgres = postgres;
      List<String> command =
          List.of(
              "setsid",
              "bash",
              "-c",
              // Where the kernel groups processes by session, the priority of the session counts.
              "[ ! -e /proc/self/autogroup ] || echo 19 >/proc/self/autogroup; exec nice -n 19 \"$@\"",
              "attack",
              SidecarCommand.java(),
              "-Xmx256m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-cp",
              System.getProperty("java.class.path"),
              HostileCustomer.class.getName());
      this.process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      this.output = process.inputReader();
      Writer input = process.outputWriter();
      input.write(
          Json.MAPPER.writeValueAsString(
                  new HostileCustomer.Settings(
                      attack,
                      url,
                      customer.userId(),
                      customer.token(),
                      postgres.url("bench"),
                      customer.logins()))
              + "\n");
      input.flush();
    }

    /** Returns when the attack has begun. */
    void start() throws IOException {
      String line = output.readLine();
      if (!HostileCustomer.BEGAN.equals(line)) {
        throw new IllegalStateException("the hostile customer did not begin: " + line);
      }
    }

    /** Ends the attack; returns what it did, in words. */
    String end() throws IOException, InterruptedException {
      process.getOutputStream().close();
      if (!process.waitFor(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException("the hostile customer did not go on to its end");
      }
      return String.valueOf(output.readLine());
    }

    @Override
    public void close() throws Exception {
      process.destroyForcibly().waitFor();
      // PostgreSQL would go on computing for nobody, into the next quiet phase.
      try (Connection admin = postgres.connect("bench", LocalPostgres.ADMIN, postgres.password());
          var statement =
              admin.prepareStatement(
                  "select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = any (?)")) {
        statement.setArray(
            1,
            admin.createArrayOf(
                "text",
                customer.logins().stream()
                    .map(HostileCustomer.Login::name)
                    .toArray(String[]::new)));
        statement.execute();
        // Nor has it to pause in the next attack for this one.
        try (var forgotten = admin.createStatement()) {
          forgotten.execute("delete from sec.tenant_activity");
        }
      }
      // Nor is what the sidecar still does for it part of the next phase: none of its requests is
      // under way when as many as it may have at once are answered at once.
      long until = System.nanoTime() + END_TIMEOUT.toNanos();
      for (int answered = 0; answered < CONCURRENT_PER_USER; ) {
        if (System.nanoTime() > until) {
          throw new IllegalStateException("the sidecar does not answer after an attack");
        }
        answered =
            get(customer, "/v1/users/%s/metrics/channel-day?limit=1") == OK ? answered + 1 : 0;
      }
    }
  }

  // ---- the stack ----

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  private Child startSidecar(Path folder, LocalPostgres postgres, LocalRedis redis)
      throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    url = "http://127.0.0.1:" + port;
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
    settings.put("YTEMPIRE_OPERATOR_TOKEN", OPERATOR_TOKEN);
    settings.put("YTEMPIRE_LOG_FOLDER", folder.toString());
    Child sidecar = SidecarCommand.start(root, settings, folder);
    parts.push(sidecar);
    sidecar.awaitHttp(url + "/health/ready", START_TIMEOUT);
    return sidecar;
  }

  private JsonNode post(String path, Object body) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(url + path))
                .header("Authorization", "Bearer " + OPERATOR_TOKEN)
                .POST(BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)))
                .build(),
            BodyHandlers.ofByteArray());
    JsonNode json = Json.MAPPER.readTree(answer.body());
    if (answer.statusCode() / 100 != 2) {
      throw new IllegalStateException(path + " answered " + json);
    }
    return json;
  }

  /** Creates a customer with a channel, a token, logins and so many rows of daily metrics. */
  private Customer customer(int number, int rows, int logins)
      throws IOException, InterruptedException {
    String userId =
        post("/v1/users", Map.of("email", "c%d@example.com".formatted(number), "displayName", "c"))
            .get("userId")
            .stringValue();
    String channelId = "UC%022d".formatted(number);
    post(
        "/v1/users/" + userId + "/channels",
        Map.of("channelId", channelId, "channelName", "channel " + number));
    List<Map<String, Object>> batch = new ArrayList<>();
    LocalDate first = LocalDate.of(2026, 6, 1);
    for (int i = 0; i < rows; i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      boolean ofChannel = i < 150;
      row.put("kind", ofChannel ? "channel-day" : "video-day");
      row.put("userId", userId);
      row.put("channelId", channelId);
      if (!ofChannel) {
        row.put("videoId", "v%010d".formatted(i / 150));
      }
      row.put("day", first.plusDays(i % 150).toString());
      row.put("views", 1000 + i);
      row.put("estimatedMinutesWatched", 5000 + i);
      batch.add(row);
      if (batch.size() == 5_000 || i == rows - 1) {
        JsonNode stored = post("/v1/metrics/store", Map.of("rows", batch));
        if (stored.get("rejected").intValue() > 0) {
          throw new IllegalStateException("rows were rejected: " + stored);
        }
        batch = new ArrayList<>();
      }
    }
    String token =
        post("/v1/tokens", Map.of("kind", "user", "userId", userId, "name", "own"))
            .get("token")
            .stringValue();
    List<HostileCustomer.Login> made = new ArrayList<>();
    for (int i = 0; i < logins; i++) {
      JsonNode login = post("/v1/users/" + userId + "/database-login", Map.of());
      made.add(
          new HostileCustomer.Login(
              login.get("login").stringValue(), login.get("password").stringValue()));
    }
    return new Customer(userId, channelId, token, made);
  }

  private static long residentMegabytes(Child process) throws IOException {
    return Arrays.stream(
            Files.readString(Path.of("/proc", String.valueOf(process.pid()), "status")).split("\n"))
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElse(0);
  }
}
