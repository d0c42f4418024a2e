package com.ytempire.demo;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.Usage;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Starts PostgreSQL, Redis, a simulated YouTube, the sidecar and n8n; creates users and channels
 * and connects each as its owner would; lets n8n run the sync; checks what came of it and says so
 * on one screen. Run by {@code ./ytempire demo}.
 *
 * <p>Exit status 0: every channel has its rows and the isolation checks hold. 1: not so. 2: it
 * could not start.
 */
public final class Demo {
  private static final List<String> TABLES =
      List.of(
          "channel_days",
          "video_days",
          "channel_statistics",
          "video_statistics",
          "videos",
          "traffic_source_days",
          "thumbnail_days",
          "metric_revisions");

  /** Up to so many channels every workflow is run, as in the tests. */
  private static final int RUN_ALL_AT_MOST = 50;

  private static final Duration SYNC_AT_MOST = Duration.ofMinutes(20);
  private static final int CONNECT_AT_ONCE = 8;

  private final Options options;
  private final Path root;
  private final Path state;
  private final Path home;
  private final Progress progress = new Progress(System.out);
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private Demo(Options options, Path root, Path state) {
    this.options = options;
    this.root = root;
    this.state = state;
    this.home = state.resolve("demo");
  }

  /** Run with the folders in system properties, by the launcher. */
  public static void main(String[] arguments) {
    int status;
    Demo demo;
    try {
      demo = new Demo(Options.parse(arguments), folder("ytempire.root"), folder("ytempire.state"));
    } catch (Options.Invalid e) {
      System.err.println("ytempire: " + e.getMessage());
      System.exit(2);
      return;
    }
    Thread stopper = Thread.ofPlatform().name("stop").unstarted(demo::stop);
    Runtime.getRuntime().addShutdownHook(stopper);
    try {
      status = demo.run();
    } catch (InterruptedException e) {
      status = 2;
    } catch (Exception e) {
      System.err.println();
      System.err.println("ytempire: the demo cannot go on: " + e.getMessage());
      System.err.println("Logs are in " + demo.home.resolve("logs"));
      status = 2;
    }
    System.exit(status);
  }

  private static Path folder(String property) {
    return Path.of(
        Objects.requireNonNull(
            System.getProperty(property), "start the demo with ./ytempire demo"));
  }

  private synchronized void stop() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        System.err.println("a part did not stop: " + e.getMessage());
      }
    }
  }

  private <T extends AutoCloseable> T started(T part) {
    synchronized (this) {
      parts.push(part);
    }
    return part;
  }

  /** Who is who in this run. */
  private record Person(String userId, World.Account account) {}

  private int run() throws Exception {
    Ports ports = Ports.choose(options.portBase());
    // Held until this process ends.
    FileChannel lockFile =
        started(
            FileChannel.open(
                Files.createDirectories(state).resolve("demo.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE));
    if (lockFile.tryLock() == null) {
      throw new IllegalStateException(
          "another demo runs in this folder. Stop it first, or clone the project into another folder.");
    }
    prepareFolder();
    Path logs = Files.createDirectories(home.resolve("logs"));

    progress.step("PostgreSQL and Redis");
    LocalPostgres postgres =
        started(LocalPostgres.start(home.resolve("postgres"), ports.postgres()));
    LocalRedis redis = started(LocalRedis.start(home.resolve("redis"), ports.redis()));
    String n8nPassword = secret();
    postgres.createDatabase("ytempire");
    postgres.execute("postgres", "create role n8n login password '" + n8nPassword + "'");
    postgres.execute("postgres", "create database n8n owner n8n");
    progress.done("ports %d and %d".formatted(postgres.port(), redis.port()));

    progress.step("Simulated YouTube");
    Clock clock = Clock.systemUTC();
    World world = new World(options.users(), options.channels(), options.seed(), clock);
    Simulator simulator = started(Simulator.start(world, clock, ports.simulator()));
    ScheduledExecutorService hub =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("hub").factory());
    started(hub::shutdownNow);
    hub.scheduleWithFixedDelay(simulator::push, 1, 1, TimeUnit.MINUTES);
    progress.done("%d channels at %s".formatted(options.allChannels(), simulator.url()));

    progress.step("Sidecar");
    String operatorToken = "yte_operator_" + secret();
    String sidecarUrl = startSidecar(postgres, redis, simulator, ports, operatorToken, logs);
    Http operator = new Http(sidecarUrl, operatorToken);
    String serviceToken =
        operator
            .post("/v1/tokens", Http.map("kind", "service", "name", "n8n of the demo"))
            .get("token")
            .stringValue();
    progress.done(sidecarUrl);

    progress.step("n8n with the node pack");
    N8n n8n =
        started(
            N8n.start(
                new N8n.Places(
                    folder("ytempire.node"),
                    state.resolve("n8n"),
                    folder("ytempire.pack"),
                    home.resolve("n8n"),
                    logs.resolve("n8n.log")),
                ports.n8n(),
                ports.broker(),
                new N8n.OwnDatabase(postgres.port(), "n8n", "n8n", n8nPassword)));
    n8n.createOwner();
    String credential = n8n.createCredential(sidecarUrl, serviceToken);
    String credentialTest = n8n.testCredential(credential, sidecarUrl, serviceToken);
    String workflow =
        n8n.importWorkflow(root.resolve("n8n-nodes/workflows/multi-user-sync.json"), credential);
    progress.done(n8n.url() + ", credential test " + credentialTest);

    progress.step("Users");
    List<Person> people = createUsers(operator, world);
    progress.done(people.size() + " users, " + options.allChannels() + " channels");

    progress.step("Consent of each channel's owner");
    connectAll(operator, people);
    progress.done(options.allChannels() + " channels connected through the OAuth flow");

    progress.step("Sync by n8n");
    long began = System.nanoTime();
    String execution = n8n.run(workflow, "Run Now");
    String outcome = awaitSync(n8n, workflow, execution, simulator, postgres);
    double syncSeconds = (System.nanoTime() - began) / 1e9;
    progress.done("execution " + execution + ": " + outcome);

    progress.step("Checks");
    Findings findings = check(postgres, operator, sidecarUrl, people, simulator);
    progress.done(
        findings.faults().isEmpty() && outcome.equals("success") ? "all hold" : "NOT all hold");

    JsonNode quota = operator.get("/v1/quota").get("buckets");
    Map<String, Long> counted = simulator.usage().today();

    progress.step("The other workflows");
    Workflows workflows =
        new Workflows(
            n8n,
            operator,
            credential,
            postgres,
            simulator,
            root,
            folder("ytempire.node"),
            state.resolve("pictures"),
            progress::at);
    // To look back 90 days for 250 channels takes minutes of Analytics' quota.
    workflows.importAll();
    if (options.once() && options.allChannels() <= RUN_ALL_AT_MOST) {
      workflows.runAll(people.stream().map(person -> person.account()).toList());
    } else {
      workflows.pause();
    }
    findings.faults().addAll(workflows.faults());
    progress.done(
        workflows.faults().isEmpty()
            ? workflows.count() + " are there, those that ran did well" + workflows.skipped()
            : "NOT all well");

    if (!options.once()) {
      n8n.publish(workflow);
    }
    Summary summary =
        new Summary(options, syncSeconds, progress.elapsed(), findings, outcome, quota, counted);
    System.out.println(summary.text());
    if (!options.once()) {
      System.out.println(addresses(n8n, sidecarUrl, operatorToken, findings.login(), postgres));
      new CountDownLatch(1).await();
    }
    return outcome.equals("success")
            && findings.faults().isEmpty()
            && findings.failedChannels().isEmpty()
        ? 0
        : 1;
  }

  /** Each demo begins with an empty store; what was there is of an earlier one. */
  private void prepareFolder() throws IOException {
    if (Files.exists(home)) {
      try (Stream<Path> files = Files.walk(home)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(home);
    long free = Files.getFileStore(home).getUsableSpace() / (1024 * 1024);
    if (free < 500) {
      throw new IllegalStateException(
          "only %d MB are free on the disk of %s; the demo needs 500.".formatted(free, home));
    }
  }

  private String startSidecar(
      LocalPostgres postgres,
      LocalRedis redis,
      Simulator simulator,
      Ports ports,
      String operatorToken,
      Path logs)
      throws Exception {
    Process keyset =
        new ProcessBuilder(SidecarCommand.of(root, "keyset", "new"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String grantKeyset =
        new String(keyset.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("{"))
            .findFirst()
            .orElseThrow();
    String url = "http://127.0.0.1:" + ports.sidecar();
    Map<String, String> settings = new HashMap<>(SidecarCommand.ENVIRONMENT);
    settings.put("YTEMPIRE_HTTP_PORT", String.valueOf(ports.sidecar()));
    settings.put("YTEMPIRE_METRICS_PORT", "0");
    settings.put("YTEMPIRE_PUBLIC_URL", url);
    settings.put("YTEMPIRE_DATABASE_URL", postgres.url("ytempire"));
    settings.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    settings.put("YTEMPIRE_DATABASE_PASSWORD", secret());
    settings.put("YTEMPIRE_REDIS_URL", redis.url());
    settings.putAll(simulator.settings());
    settings.put("YTEMPIRE_GRANT_KEYSET", grantKeyset);
    settings.put("YTEMPIRE_OPERATOR_TOKEN", operatorToken);
    settings.put("YTEMPIRE_LOG_FOLDER", logs.toString());
    Child sidecar =
        started(
            Child.start(
                "the sidecar",
                logs.resolve("sidecar.console.log"),
                home,
                settings,
                SidecarCommand.of(root)));
    sidecar.awaitHttp(url + "/health/ready", Duration.ofMinutes(1));
    return url;
  }

  private List<Person> createUsers(Http operator, World world) {
    List<Person> people = new ArrayList<>();
    String[] tiers = {"starter", "growth", "scale"};
    for (World.Account account : world.accounts()) {
      String name = "User " + (people.size() + 1);
      JsonNode user =
          operator.post(
              "/v1/users",
              Http.map(
                  "email",
                  account.email(),
                  "displayName",
                  name,
                  "subscriptionTier",
                  tiers[people.size() % tiers.length]));
      Person person = new Person(user.get("userId").stringValue(), account);
      for (World.Channel channel : account.channels()) {
        operator.post(
            "/v1/users/" + person.userId() + "/channels",
            Http.map(
                "channelId",
                channel.id(),
                "channelName",
                channel.title(),
                "niche",
                channel.niche()));
      }
      people.add(person);
      progress.at(people.size() + " of " + options.users());
    }
    return people;
  }

  private void connectAll(Http operator, List<Person> people)
      throws InterruptedException, ExecutionException {
    AtomicInteger connected = new AtomicInteger();
    try (ExecutorService owners = Executors.newFixedThreadPool(CONNECT_AT_ONCE)) {
      List<Future<?>> all = new ArrayList<>();
      for (Person person : people) {
        for (World.Channel channel : person.account().channels()) {
          all.add(
              owners.submit(() -> {
                String path =
                    "/v1/users/%s/channels/%s/connect".formatted(person.userId(), channel.id());
                operator.consent(
                    operator.post(path, Map.of()).get("connectUrl").stringValue(), channel.id());
                progress.at(connected.incrementAndGet() + " of " + options.allChannels());
              }));
        }
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  private String awaitSync(
      N8n n8n, String workflow, String execution, Simulator simulator, LocalPostgres postgres)
      throws Exception {
    long until = System.nanoTime() + SYNC_AT_MOST.toNanos();
    while (System.nanoTime() < until) {
      String status = n8n.status(workflow, execution);
      if (!List.of("new", "running", "waiting", "unknown").contains(status)) {
        return status;
      }
      Map<String, Long> usage = simulator.usage().today();
      progress.at(
          "%,d Analytics queries, %,d Data API units, %,d rows stored%s"
              .formatted(
                  usage.getOrDefault("analytics.day", 0L),
                  usage.getOrDefault("data.general", 0L)
                      + usage.getOrDefault("data.batchGetStats", 0L),
                  number(
                      postgres,
                      "select (select count(*) from core.channel_days) + (select count(*) from core.video_days)"),
                  simulator.usage().isUsedUp(Usage.Bucket.ANALYTICS_MINUTE)
                      ? ", waiting for the minute's quota of Analytics"
                      : ""));
      Thread.sleep(500);
    }
    throw new IllegalStateException(
        "the sync did not end within %d minutes:%n%s"
            .formatted(SYNC_AT_MOST.toMinutes(), n8n.tail()));
  }

  /** A tenant's own database login. */
  record Login(String name, String password, String email) {}

  /** What the checks found; faults are sentences. */
  record Findings(
      Map<String, Long> rows,
      List<String> failedChannels,
      List<String> faults,
      int isolationProbes,
      Login login) {}

  private Findings check(
      LocalPostgres postgres,
      Http operator,
      String sidecarUrl,
      List<Person> people,
      Simulator simulator)
      throws Exception {
    Map<String, Long> rows = new LinkedHashMap<>();
    for (String table : TABLES) {
      rows.put(table, number(postgres, "select count(*) from core." + table));
    }
    List<String> failed =
        strings(
            postgres,
            """
            select c.channel_id from core.channels c
             where not exists (select from core.channel_days d where d.user_id = c.user_id and d.channel_id = c.channel_id)
                or not exists (select from core.video_days d where d.user_id = c.user_id and d.channel_id = c.channel_id)
                or not exists (select from core.channel_statistics s where s.user_id = c.user_id and s.channel_id = c.channel_id)
                or not exists (select from core.video_statistics s where s.user_id = c.user_id and s.channel_id = c.channel_id)
                or not exists (select from core.videos v where v.user_id = c.user_id and v.channel_id = c.channel_id)
            """);
    List<String> faults =
        new ArrayList<>(
            strings(postgres, "select fault || ': ' || object from app.isolation_faults()"));
    long channels =
        number(
            postgres,
            "select count(*) from core.channels where is_active and connection = 'connected'");
    if (channels != options.allChannels()) {
      faults.add("only %d of %d channels are connected".formatted(channels, options.allChannels()));
    }
    checkUnits(operator, simulator, faults);

    int probes = 0;
    Person first = people.getFirst();
    Login login = login(operator, first);
    try (Connection tenant = postgres.connect("ytempire", login.name(), login.password())) {
      for (String view :
          List.of(
              "users",
              "channels",
              "videos",
              "youtube_metrics",
              "video_metrics",
              "channel_statistics",
              "video_statistics")) {
        probes++;
        long seen = number(tenant, "select count(*) from analytics." + view);
        long foreign =
            number(
                tenant,
                "select count(*) from analytics.%s where user_id <> '%s'"
                    .formatted(view, first.userId()));
        String table =
            view.equals("youtube_metrics")
                ? "channel_days"
                : view.equals("video_metrics") ? "video_days" : view;
        long own =
            number(
                postgres,
                "select count(*) from core.%s where user_id = '%s'"
                    .formatted(table, first.userId()));
        if (seen != own || foreign != 0 || own == 0) {
          faults.add(
              "the tenant's login sees %d rows of %s, %d of them foreign, instead of its %d"
                  .formatted(seen, view, foreign, own));
        }
      }
      probes++;
      if (!isRefused(tenant, "select count(*) from core.channel_days")) {
        faults.add("the tenant's login reads a private table");
      }
    }
    String userToken =
        operator
            .post("/v1/tokens", Http.map("kind", "user", "userId", first.userId(), "name", "check"))
            .get("token")
            .stringValue();
    Http user = new Http(sidecarUrl, userToken);
    for (Person person : people) {
      probes++;
      int status = user.status("/v1/users/" + person.userId() + "/metrics/channel-day");
      int wanted = person == first ? 200 : 404;
      if (status != wanted) {
        faults.add(
            "the token of user 1 got %d instead of %d for the metrics of %s"
                .formatted(status, wanted, person.account().email()));
      }
    }
    return new Findings(rows, failed, faults, probes, login);
  }

  /** We and Google must have counted the same. */
  private static void checkUnits(Http operator, Simulator simulator, List<String> faults) {
    Map<String, Long> google = simulator.usage().today();
    for (JsonNode bucket : operator.get("/v1/quota").get("buckets")) {
      String name = bucket.get("bucket").stringValue();
      if (name.endsWith(".minute") || !google.containsKey(name)) {
        continue;
      }
      long ours = bucket.get("used").longValue();
      long theirs = google.getOrDefault(name, 0L);
      if (ours != theirs) {
        faults.add("of %s we counted %d units, YouTube %d".formatted(name, ours, theirs));
      }
    }
  }

  private static Login login(Http operator, Person person) {
    JsonNode made = operator.post("/v1/users/" + person.userId() + "/database-login", Map.of());
    return new Login(
        made.get("login").stringValue(),
        made.get("password").stringValue(),
        person.account().email());
  }

  private static boolean isRefused(Connection connection, String sql) {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
      return false;
    } catch (SQLException e) {
      return "42501".equals(e.getSQLState());
    }
  }

  static long number(LocalPostgres postgres, String sql) throws SQLException {
    try (Connection admin =
        postgres.connect("ytempire", LocalPostgres.ADMIN, postgres.password())) {
      return number(admin, sql);
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  private static List<String> strings(LocalPostgres postgres, String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection admin = postgres.connect("ytempire", LocalPostgres.ADMIN, postgres.password());
        var statement = admin.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        found.add(result.getString(1));
      }
    }
    return found;
  }

  private static String addresses(
      N8n n8n, String sidecarUrl, String operatorToken, Login login, LocalPostgres postgres) {
    return """

      n8n editor   %s   %s / %s
      API page     %s/docs   Bearer %s
      %s's own rows, and no others:
                   PGPASSWORD=%s psql -h 127.0.0.1 -p %d -U %s ytempire -c 'select date, sum(views) from youtube_metrics group by 1 order by 1'
      The workflow is published and runs every 15 minutes. Ctrl-C stops everything.
    """
        .formatted(
            n8n.url(),
            N8n.EMAIL,
            N8n.PASSWORD,
            sidecarUrl,
            operatorToken,
            login.email(),
            login.password(),
            postgres.port(),
            login.name());
  }

  private static String secret() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The ports of the parts. */
  private record Ports(int n8n, int sidecar, int postgres, int redis, int simulator, int broker) {
    static Ports choose(@Nullable Integer base) throws IOException {
      List<Integer> ports = new ArrayList<>();
      List<ServerSocket> held = new ArrayList<>();
      try {
        for (int i = 0; i < 6; i++) {
          int wanted = base == null ? 0 : base + i;
          try {
            ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress());
            held.add(socket);
            ports.add(socket.getLocalPort());
          } catch (IOException e) {
            throw new IllegalStateException(
                "port %d is taken by another program. Stop it, or choose another --port-base."
                    .formatted(wanted),
                e);
          }
        }
      } finally {
        for (ServerSocket socket : held) {
          socket.close();
        }
      }
      return new Ports(
          ports.get(0), ports.get(1), ports.get(2), ports.get(3), ports.get(4), ports.get(5));
    }
  }
}
