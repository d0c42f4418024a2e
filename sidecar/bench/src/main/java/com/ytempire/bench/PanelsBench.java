package com.ytempire.bench;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.platform.Http;
import com.ytempire.sidecar.oauth.GrantCipher;
import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Measures how long the queries of the customers' dashboards take, each as a customer's own
 * database login, for one customer alone and for eight at once. The figures are made by {@code
 * panels.sql}, the statements are the panels' own as Grafana sends them ({@code
 * grafana/statements.mjs}).
 */
final class PanelsBench {
  private static final String TOKEN = "yte_operator_of_the_benchmark_0123456789";
  private static final String SERVER = "YTEMPIRE_TEST_POSTGRES";

  /** Rounds that do not count: pages are cached, functions of the session are planned. */
  private static final int WARM_UP = 3;

  /** Most users of ours that look at their dashboards at the same time. */
  private static final int CLIENTS = 8;

  private static final double ALONE_AIM_MS = 25;
  private static final double TOGETHER_AIM_MS = 80;
  private static final double DASHBOARD_AIM_MS = 150;
  private static final double QUANTILE = 0.95;

  private final Path state;
  private final Path root;
  private final PrintStream terminal;
  private final int users;
  private final int rounds;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /**
   * Creates a benchmark.
   *
   * @param users with 5 channels each, at least as many as clients
   * @param rounds how often each client asks for all panels
   */
  PanelsBench(Path state, Path root, PrintStream terminal, int users, int rounds) {
    this.state = state;
    this.root = root;
    this.terminal = terminal;
    this.users = users;
    this.rounds = rounds;
  }

  /** A customer with a login of its own. */
  private record Customer(String login, String password, List<Panel> panels) {}

  /** A panel of a dashboard with its statements. */
  private record Panel(String dashboard, String title, List<String> statements) {
    String name() {
      return dashboard + ": " + title;
    }
  }

  /**
   * Milliseconds: latencies by panel and by whole dashboard, and what PostgreSQL's process spent on
   * the processor for a panel, which other work on the machine hardly changes.
   */
  private record Samples(
      Map<String, List<Double>> panels,
      Map<String, List<Double>> dashboards,
      Map<String, List<Double>> processor) {
    Samples() {
      this(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    void addAll(Samples other) {
      merge(panels, other.panels);
      merge(dashboards, other.dashboards);
      merge(processor, other.processor);
    }

    private static void merge(Map<String, List<Double>> into, Map<String, List<Double>> more) {
      more.forEach(
          (key, values) -> into.computeIfAbsent(key, unused -> new ArrayList<>()).addAll(values));
    }
  }

  /** Measures and prints; answers whether all aims were met. */
  boolean run() throws Exception {
    try (Findings findings = new Findings(state, "panels", terminal)) {
      String named = Objects.requireNonNullElse(System.getenv(SERVER), "");
      Path folder = Files.createTempDirectory(state.toAbsolutePath(), "bench");
      LocalPostgres postgres =
          opened(
              named.isEmpty()
                  ? LocalPostgres.start(folder.resolve("postgres"), 0)
                  : LocalPostgres.running(
                      Integer.parseInt(named.substring(0, named.indexOf(':'))),
                      named.substring(named.indexOf(':') + 1)));
      String database = "bench" + ProcessHandle.current().pid();
      postgres.createDatabase(database);
      if (!named.isEmpty()) {
        parts.push(
            () -> postgres.execute("postgres", "drop database \"" + database + "\" with (force)"));
      }
      List<Customer> customers = fill(findings, postgres, database, folder);
      try (Connection admin =
          postgres.connect(database, LocalPostgres.ADMIN, postgres.password())) {
        findings.say(
            "PostgreSQL %s, %s; %,d channels, %,d videos, %,d days of videos",
            string(admin, "show server_version"),
            string(admin, "select engine from sec.storage"),
            number(admin, "select count(*) from core.channels"),
            number(admin, "select count(*) from core.videos"),
            number(admin, "select count(*) from core.video_days"));
      }
      if (named.isEmpty()) {
        findings.say("TimescaleDB: not measured, because no server is named in %s.", SERVER);
      }
      Samples alone = measure(postgres, database, customers.subList(0, 1));
      Samples together = measure(postgres, database, customers);
      report(findings, alone, together);
      return findings.allMet();
    } finally {
      while (!parts.isEmpty()) {
        parts.pop().close();
      }
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /** Migrates, makes the figures, and logins for as many users as there are clients. */
  private List<Customer> fill(
      Findings findings, LocalPostgres postgres, String database, Path folder) throws Exception {
    findings.say("Migrating, and making figures of %d users ...", users);
    LocalRedis redis = opened(LocalRedis.start(folder.resolve("redis"), 0));
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Map<String, String> settings = new HashMap<>();
    settings.put("YTEMPIRE_HTTP_PORT", String.valueOf(port));
    settings.put("YTEMPIRE_METRICS_PORT", "0");
    settings.put("YTEMPIRE_DATABASE_URL", postgres.url(database));
    settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    settings.put("YTEMPIRE_DATABASE_PASSWORD", "the-sidecar-of-the-benchmark");
    settings.put("YTEMPIRE_REDIS_URL", redis.url());
    settings.put("YTEMPIRE_GOOGLE_CLIENT_ID", "none");
    settings.put("YTEMPIRE_GOOGLE_CLIENT_SECRET", "none");
    settings.put("YTEMPIRE_GRANT_KEYSET", GrantCipher.newKeyset());
    settings.put("YTEMPIRE_OPERATOR_TOKEN", TOKEN);
    settings.put("YTEMPIRE_LOG_FOLDER", folder.toString());
    try (SidecarProcess sidecar =
        new SidecarProcess(
            root, settings, folder.resolve("clock"), folder.resolve("sidecar.console.log"))) {
      sidecar.start();
      long began = System.nanoTime();
      postgres.execute(database, "set bench.users = '" + users + "';\n" + figures());
      postgres.execute(database, "vacuum analyze");
      findings.say("  done in %.0f s", (System.nanoTime() - began) / 1e9);
      Http api = new Http("http://127.0.0.1:" + port, TOKEN);
      List<Login> logins = new ArrayList<>();
      for (int i = 1; i <= CLIENTS; i++) {
        JsonNode made =
            api.post(
                "/v1/users/00000000-0000-4000-8000-%012d/database-login".formatted(i), Map.of());
        logins.add(new Login(made.get("login").stringValue(), made.get("password").stringValue()));
      }
      // Nothing else asks the database while it is measured.
      sidecar.stop();
      return customers(postgres, database, logins);
    }
  }

  private record Login(String name, String password) {}

  private static String figures() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(PanelsBench.class.getResourceAsStream("/panels.sql"))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The panels' statements of each customer, with all its channels and its newest video. */
  private List<Customer> customers(LocalPostgres postgres, String database, List<Login> logins)
      throws Exception {
    List<Map<String, Object>> variables = new ArrayList<>();
    for (Login login : logins) {
      try (Connection connection = postgres.connect(database, login.name(), login.password())) {
        variables.add(
            Map.of(
                "channel",
                strings(connection, "select channel_id from analytics.channel_labels"),
                "video",
                string(
                    connection, "select video_id from analytics.videos_with_retention(null, 1)")));
      }
    }
    Process node =
        new ProcessBuilder(
                System.getProperty("ytempire.node", "node"),
                root.resolve("grafana/statements.mjs").toString(),
                Json.MAPPER.writeValueAsString(variables))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    JsonNode statements = Json.MAPPER.readTree(node.getInputStream().readAllBytes());
    if (node.waitFor() != 0) {
      throw new IllegalStateException("grafana/statements.mjs ended with " + node.exitValue());
    }
    List<Customer> customers = new ArrayList<>();
    for (int i = 0; i < logins.size(); i++) {
      customers.add(
          new Customer(logins.get(i).name(), logins.get(i).password(), panels(statements.get(i))));
    }
    return customers;
  }

  /** Statements of one panel stand next to each other. */
  private static List<Panel> panels(JsonNode statements) {
    List<Panel> panels = new ArrayList<>();
    for (JsonNode each : statements) {
      String dashboard = each.get("dashboard").stringValue();
      String title = each.get("panel").stringValue();
      if (panels.isEmpty()
          || !panels.getLast().dashboard().equals(dashboard)
          || !panels.getLast().title().equals(title)) {
        panels.add(new Panel(dashboard, title, new ArrayList<>()));
      }
      panels.getLast().statements().add(each.get("sql").stringValue());
    }
    return panels;
  }

  /** Each customer asks for all panels, one after the other, at the same time as the others. */
  private Samples measure(LocalPostgres postgres, String database, List<Customer> customers)
      throws Exception {
    CountDownLatch warm = new CountDownLatch(customers.size());
    Samples all = new Samples();
    try (ExecutorService clients = Executors.newFixedThreadPool(customers.size())) {
      List<Callable<Samples>> work = new ArrayList<>();
      for (Customer customer : customers) {
        work.add(() -> {
          try (Connection connection =
                  postgres.connect(database, customer.login(), customer.password());
              Statement statement = connection.createStatement()) {
            long process = number(connection, "select pg_backend_pid()");
            for (int i = 0; i < WARM_UP; i++) {
              round(statement, customer, process, new Samples());
            }
            warm.countDown();
            warm.await();
            Samples samples = new Samples();
            for (int i = 0; i < rounds; i++) {
              round(statement, customer, process, samples);
            }
            return samples;
          }
        });
      }
      for (Future<Samples> one : clients.invokeAll(work)) {
        all.addAll(one.get());
      }
    }
    return all;
  }

  /** Time on the processor in milliseconds; NaN for a server of another machine. */
  static double processorTime(long process) {
    try {
      String text = Files.readString(Path.of("/proc/" + process + "/schedstat"));
      return Long.parseLong(text.substring(0, text.indexOf(' '))) / 1e6;
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  private static void round(Statement statement, Customer customer, long process, Samples samples)
      throws SQLException {
    Map<String, Double> whole = new LinkedHashMap<>();
    for (Panel panel : customer.panels()) {
      double processorBefore = processorTime(process);
      long began = System.nanoTime();
      for (String sql : panel.statements()) {
        try (ResultSet rows = statement.executeQuery(sql)) {
          int columns = rows.getMetaData().getColumnCount();
          while (rows.next()) {
            rows.getObject(columns);
          }
        }
      }
      double took = (System.nanoTime() - began) / 1e6;
      samples.panels().computeIfAbsent(panel.name(), unused -> new ArrayList<>()).add(took);
      samples
          .processor()
          .computeIfAbsent(panel.name(), unused -> new ArrayList<>())
          .add(processorTime(process) - processorBefore);
      whole.merge(panel.dashboard(), took, Double::sum);
    }
    whole.forEach((dashboard, took) ->
        samples.dashboards().computeIfAbsent(dashboard, unused -> new ArrayList<>()).add(took));
  }

  private void report(Findings findings, Samples alone, Samples together) {
    findings.say("");
    findings.say(
        "Milliseconds of a panel's queries as the customer's login, %d rounds: one client, and %d at once",
        rounds, CLIENTS);
    findings.say(
        "%-52s %8s %8s %8s %8s %8s", "", "p50", "p95", "of that CPU", "p50 of 8", "p95 of 8");
    alone
        .panels()
        .forEach((panel, samples) -> {
          List<Double> crowded = Objects.requireNonNull(together.panels().get(panel));
          double p95 = quantile(samples, QUANTILE);
          double crowdedP95 = quantile(crowded, QUANTILE);
          findings.aim(
              p95 <= ALONE_AIM_MS && crowdedP95 <= TOGETHER_AIM_MS,
              "%-52s %8.1f %8.1f %11.1f %8.1f %8.1f",
              panel,
              quantile(samples, 0.5),
              p95,
              quantile(Objects.requireNonNull(alone.processor().get(panel)), 0.5),
              quantile(crowded, 0.5),
              crowdedP95);
        });
    findings.say("");
    alone
        .dashboards()
        .forEach((dashboard, samples) ->
            findings.aim(
                quantile(samples, QUANTILE) <= DASHBOARD_AIM_MS,
                "%s, all panels one after the other, one client: p95 %.0f ms, aim %.0f",
                dashboard,
                quantile(samples, QUANTILE),
                DASHBOARD_AIM_MS));
    findings.say(
        "Aims of a panel: p95 at most %.0f ms for one client and %.0f ms for %d",
        ALONE_AIM_MS, TOGETHER_AIM_MS, CLIENTS);
  }

  private static double quantile(List<Double> samples, double share) {
    double[] sorted = samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int index = (int) Math.ceil(share * sorted.length) - 1;
    return sorted[Math.clamp(index, 0, sorted.length - 1)];
  }

  private static @Nullable Object value(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getObject(1) : null;
    }
  }

  private static String string(Connection connection, String sql) throws SQLException {
    return String.valueOf(value(connection, sql));
  }

  private static long number(Connection connection, String sql) throws SQLException {
    return ((Number) Objects.requireNonNull(value(connection, sql))).longValue();
  }

  private static List<String> strings(Connection connection, String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
    }
    return found;
  }
}
