package com.ytempire.demo;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.CommandLineSetup.InvalidArgument;
import com.ytempire.simulator.Moments;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.Usage;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
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

  private static final List<String> TIERS = List.of("starter", "growth", "scale");

  /** Up to so many channels every workflow is run, as in the tests. */
  private static final int RUN_ALL_AT_MOST = 50;

  private static final Clock SYSTEM_CLOCK = Clock.systemUTC();
  private static final Duration SYNC_AT_MOST = Duration.ofMinutes(30);
  private static final Duration PROGRESS_PAUSE = Duration.ofSeconds(1);

  /** After a crash in the middle of a sync, the ticks that may be needed to heal it. */
  private static final int TICKS_AFTER_CRASH = 3;

  /** Ten seconds on a quiet machine; minutes where everything else computes. */
  private static final Duration SIDECAR_START_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration AWAY_AT_MOST = Duration.ofMinutes(4);
  private static final int CONNECT_AT_ONCE = 8;

  private final Options options;
  private final Path root;
  private final Path state;
  private final Path home;
  private final Progress progress = new Progress(System.out);
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Supervisor supervisor;

  private Demo(Options options, Path root, Path state) {
    this.options = options;
    this.root = root;
    this.state = state;
    this.home = state.resolve("demo");
    this.supervisor = new Supervisor(home.resolve("pids.json"), progress::note, SYSTEM_CLOCK);
  }

  /** Run with the folders in system properties, by the launcher. */
  public static void main(String[] arguments) {
    int status;
    Demo demo;
    if (List.of(arguments).equals(List.of("--list-moments"))) {
      Moments.all().forEach(System.out::println);
      return;
    }
    try {
      demo = new Demo(Options.parse(arguments), folder("ytempire.root"), folder("ytempire.state"));
    } catch (Options.HelpRequest e) {
      System.out.print(e.getMessage());
      return;
    } catch (InvalidArgument e) {
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
    try {
      // Before the parts, which it would start again.
      supervisor.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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

  /** How far the product's clock is from the machine's. */
  private Duration clockOffset() {
    Instant at = options.at();
    return at == null ? Duration.ZERO : Duration.between(SYSTEM_CLOCK.instant(), at);
  }

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

    Duration clockOffset = clockOffset();
    Clock clock = Clock.offset(SYSTEM_CLOCK, clockOffset);
    if (options.at() != null) {
      System.out.println(
          "The product takes it to be %s in California (--at)."
              .formatted(clock.instant().atZone(World.PACIFIC).truncatedTo(ChronoUnit.SECONDS)));
    }
    if (options.busy()) {
      System.out.println(
          "Other work takes the processors (--busy): %d processes that never rest."
              .formatted(started(Burners.start()).count()));
    }

    progress.step("PostgreSQL and Redis");
    LocalPostgres postgres =
        started(LocalPostgres.start(home.resolve("postgres"), ports.postgres()));
    supervisor.supervise("postgresql", Engine.of(postgres));
    String redisPassword = secret();
    LocalRedis redis =
        started(LocalRedis.start(home.resolve("redis"), ports.redis(), redisPassword));
    supervisor.supervise("redis", Engine.of(redis));
    String n8nPassword = secret();
    postgres.createDatabase("ytempire");
    postgres.execute("postgres", "create role n8n login password '" + n8nPassword + "'");
    postgres.execute("postgres", "create database n8n owner n8n");
    progress.done("ports %d and %d".formatted(postgres.port(), redis.port()));

    progress.step("Simulated YouTube");
    Instant began = clock.instant();
    World world = new World(options.users(), options.channels(), options.seed(), clock);
    Simulator simulator = started(Simulator.start(world, clock, ports.simulator()));
    ScheduledExecutorService hub =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("hub").factory());
    started(hub::shutdownNow);
    hub.scheduleWithFixedDelay(simulator::push, 1, 1, TimeUnit.MINUTES);
    progress.done("%d channels at %s".formatted(options.allChannels(), simulator.url()));

    progress.step("Sidecar");
    String operatorToken = "yte_operator_" + secret();
    String sidecarUrl =
        startSidecar(
            postgres, redis, redisPassword, simulator, ports, operatorToken, clockOffset, logs);
    Http operator = new Http(sidecarUrl, operatorToken);
    String serviceToken =
        operator
            .post(
                "/v1/tokens",
                Http.map(
                    "kind",
                    "service",
                    "name",
                    "n8n of the demo",
                    // Forms create users, and the run of every operation erases one.
                    "scopes",
                    List.of("read", "sync", "administer", "erase")))
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
                new N8n.OwnDatabase(postgres.port(), "n8n", "n8n", n8nPassword),
                movedClock(clockOffset)));
    supervisor.supervise("n8n", n8n.part());
    n8n.createOwner();
    String credential = n8n.createCredential(sidecarUrl, serviceToken);
    String credentialTest = n8n.testCredential(credential, sidecarUrl, serviceToken);
    String workflow =
        n8n.importWorkflow(root.resolve("n8n-nodes/workflows/multi-user-sync.json"), credential);
    progress.done(n8n.url() + ", credential test " + credentialTest);

    Integer kills = options.kills();
    if (kills != null) {
      progress.step("Kills");
      Kills.Stage stage =
          new Kills.Stage(
              world, began, postgres, simulator, supervisor, n8n, workflow, operator, sidecarUrl);
      List<Fault> faults =
          started(new Kills(options, kills, stage, account -> onboard(operator, account), progress))
              .run();
      progress.done(faults.isEmpty() ? "all hold" : faults.size() + " faults");
      faults.forEach(fault ->
          System.out.println("FAULT (%s): %s".formatted(fault.kind().label(), fault.detail())));
      return faults.isEmpty() ? 0 : 1;
    }

    progress.step("Users");
    List<Person> people = createUsers(operator, world);
    progress.done(people.size() + " users, " + options.allChannels() + " channels");

    progress.step("Consent of each channel's owner");
    connectAll(operator, people);
    progress.done(options.allChannels() + " channels connected through the OAuth flow");

    progress.step("Sync by n8n");
    long syncBegan = System.nanoTime();
    Sync sync = sync(n8n, workflow, simulator, postgres);
    double syncSeconds = (System.nanoTime() - syncBegan) / 1e9;
    progress.done(sync.words());

    progress.step("Checks");
    Findings findings = check(postgres, world, operator, sidecarUrl, people, n8n, sync);
    ExecutionData.faults(postgres, sync.executions().stream().map(Map.Entry::getKey).toList())
        .forEach(fault -> findings.faults().add(Fault.of(Fault.Kind.FIGURES, fault)));
    checkUnits(postgres, simulator, Map.of(), findings.faults());
    progress.done(findings.words(options.allChannels()));

    JsonNode quota = operator.get("/v1/quota").get("buckets");
    Map<String, Long> counted = new HashMap<>();
    for (JsonNode bucket : quota) {
      // Of the same window, though it may have ended since.
      Instant window = Instant.parse(bucket.get("windowStartedAt").stringValue());
      String name = bucket.get("bucket").stringValue();
      Long units = simulator.usage().at(window).get(name);
      if (units != null) {
        counted.put(name, units);
      }
    }

    progress.step("The other workflows");
    Workflows workflows =
        new Workflows(
            n8n,
            operator,
            credential,
            () -> n8n.createCredential(sidecarUrl, operatorToken),
            postgres,
            simulator,
            root,
            folder("ytempire.node"),
            state.resolve("pictures"),
            progress::at);
    // To look back 90 days for 250 channels takes minutes of Analytics' quota.
    workflows.importAll();
    if (options.once() && options.allChannels() <= RUN_ALL_AT_MOST) {
      workflows.runAll(people.stream().map(person -> person.account()).toList(), options.panels());
    } else {
      workflows.pause();
    }
    workflows
        .faults()
        .forEach(fault -> findings.faults().add(Fault.of(Fault.Kind.WORKFLOW, fault)));
    checkUnits(postgres, simulator, workflows.settledForOwnCalls(), findings.faults());
    progress.done(
        workflows.faults().isEmpty()
            ? workflows.count() + " are there, those that ran did well" + workflows.skipped()
            : workflows.faults().size() + " faults, below");

    if (!options.once()) {
      n8n.publish(workflow);
    }
    Summary summary =
        new Summary(
            options,
            syncSeconds,
            progress.elapsed(),
            findings,
            sync.words(),
            supervisor.restarts(),
            quota,
            counted);
    System.out.println(summary.text());
    if (!options.once()) {
      System.out.println(addresses(n8n, sidecarUrl, operatorToken, findings.login(), postgres));
      throw new IllegalStateException(supervisor.awaitFailure());
    }
    return findings.faults().isEmpty() ? 0 : 1;
  }

  /** What n8n is started with to take the time to be another; empty when it is not. */
  private Map<String, String> movedClock(Duration offset) {
    return offset.isZero()
        ? Map.of()
        : Map.of(
            "NODE_OPTIONS",
            "--require \"%s\"".formatted(root.resolve("sidecar/demo/n8n/clock.cjs")),
            "YTEMPIRE_DEMO_CLOCK_OFFSET_MS",
            String.valueOf(offset.toMillis()),
            // Expressions run in an isolate of their own by default, where $now is the machine's.
            "N8N_EXPRESSION_ENGINE",
            "legacy");
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
    PrivateFolder.create(home);
    long free = Files.getFileStore(home).getUsableSpace() / (1024 * 1024);
    if (free < 500) {
      throw new IllegalStateException(
          "only %d MB are free on the disk of %s; the demo needs 500.".formatted(free, home));
    }
  }

  private String startSidecar(
      LocalPostgres postgres,
      LocalRedis redis,
      String redisPassword,
      Simulator simulator,
      Ports ports,
      String operatorToken,
      Duration clockOffset,
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
    settings.put("YTEMPIRE_REDIS_PASSWORD", redisPassword);
    settings.putAll(simulator.settings());
    settings.put("YTEMPIRE_GRANT_KEYSET", grantKeyset);
    settings.put("YTEMPIRE_OPERATOR_TOKEN", operatorToken);
    // The n8n of the demo, which subscribes.
    settings.put("YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8");
    settings.put("YTEMPIRE_LOG_FOLDER", logs.toString());
    settings.put("YTEMPIRE_CLOCK_OFFSET", clockOffset.toString());
    Integer pool = options.pool();
    if (pool != null) {
      settings.put("YTEMPIRE_DATABASE_POOL_SIZE", pool.toString());
    }
    HttpService sidecar =
        started(
            HttpService.start(
                () ->
                    Child.start(
                        "the sidecar",
                        logs.resolve("sidecar.console.log"),
                        home,
                        settings,
                        SidecarCommand.of(root)),
                url + "/health/ready",
                SIDECAR_START_TIMEOUT));
    supervisor.supervise("sidecar", sidecar);
    return url;
  }

  private List<Person> createUsers(Http operator, World world) {
    List<Person> people = new ArrayList<>();
    for (World.Account account : world.accounts()) {
      people.add(createUser(operator, account, people.size()));
      progress.at(people.size() + " of " + options.users());
    }
    return people;
  }

  private static Person createUser(Http operator, World.Account account, int index) {
    JsonNode user =
        operator.post(
            "/v1/users",
            Http.map(
                "email",
                account.email(),
                "displayName",
                "User " + (index + 1),
                "subscriptionTier",
                TIERS.get(index % TIERS.size())));
    Person person = new Person(user.get("userId").stringValue(), account);
    for (World.Channel channel : account.channels()) {
      operator.post(
          "/v1/users/" + person.userId() + "/channels",
          Http.map(
              "channelId", channel.id(), "channelName", channel.title(), "niche", channel.niche()));
    }
    return person;
  }

  /** Creates a user and connects its channels; answers the user's id. */
  static String onboard(Http operator, World.Account account) {
    Person person = createUser(operator, account, 0);
    account.channels().forEach(channel -> connect(operator, person, channel));
    return person.userId();
  }

  private static void connect(Http operator, Person person, World.Channel channel) {
    String path = "/v1/users/%s/channels/%s/connect".formatted(person.userId(), channel.id());
    operator.consent(operator.post(path, Map.of()).get("connectUrl").stringValue(), channel.id());
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
                connect(operator, person, channel);
                progress.at(connected.incrementAndGet() + " of " + options.allChannels());
              }));
        }
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  /**
   * The executions of the sync.
   *
   * @param executions each id with the status it ended with, as n8n has it
   */
  record Sync(List<Map.Entry<String, String>> executions) {
    boolean isSuccess() {
      return executions.getLast().getValue().equals("success");
    }

    String words() {
      return executions.stream()
          .map(each -> "execution %s: n8n says %s".formatted(each.getKey(), each.getValue()))
          .collect(Collectors.joining("; next tick, "));
    }
  }

  /** Runs the sync, and again as the next tick does when a part died meanwhile. */
  private Sync sync(N8n n8n, String workflow, Simulator simulator, LocalPostgres postgres)
      throws Exception {
    List<Map.Entry<String, String>> executions = new ArrayList<>();
    while (true) {
      int before = supervisor.restarts();
      String execution = whileAway(supervisor, () -> n8n.run(workflow, "Run Now"));
      executions.add(
          Map.entry(execution, awaitSync(n8n, workflow, execution, simulator, postgres)));
      Sync sync = new Sync(executions);
      boolean isWhole =
          sync.isSuccess() && whileAway(supervisor, () -> incompleteChannels(postgres)).isEmpty();
      if (isWhole || supervisor.restarts() == before || executions.size() > TICKS_AFTER_CRASH) {
        return sync;
      }
      progress.note("a part died during execution " + execution + "; the next tick follows");
    }
  }

  /** Tries again while a part is being started again. */
  static <T> T whileAway(Supervisor supervisor, Callable<T> act) throws Exception {
    long until = System.nanoTime() + AWAY_AT_MOST.toNanos();
    while (true) {
      try {
        return act.call();
      } catch (UncheckedIOException | Http.UnexpectedAnswer | SQLException e) {
        if (supervisor.failure().isPresent() || System.nanoTime() > until) {
          throw e;
        }
        Thread.sleep(PROGRESS_PAUSE);
      }
    }
  }

  private String awaitSync(
      N8n n8n, String workflow, String execution, Simulator simulator, LocalPostgres postgres)
      throws Exception {
    long until = System.nanoTime() + SYNC_AT_MOST.toNanos();
    String rows =
        TABLES.stream()
            .map(table -> "(select count(*) from core.%s)".formatted(table))
            .collect(Collectors.joining(" + ", "select ", ""));
    while (System.nanoTime() < until) {
      String status = whileAway(supervisor, () -> n8n.status(workflow, execution));
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
                  whileAway(supervisor, () -> number(postgres, rows)),
                  status.equals("waiting")
                      ? ", n8n pauses until the next pass"
                      : simulator.usage().isUsedUp(Usage.Bucket.ANALYTICS_MINUTE)
                          ? ", waiting for the minute's quota of Analytics"
                          : ""));
      Thread.sleep(PROGRESS_PAUSE);
    }
    throw new IllegalStateException(
        "the sync did not end within %d minutes:%n%s"
            .formatted(SYNC_AT_MOST.toMinutes(), n8n.tail()));
  }

  /** A tenant's own database login. */
  record Login(String name, String password, String email) {}

  /**
   * What the checks found.
   *
   * @param incomplete channels that have not all their rows, each with the reason
   * @param closed channels whose account is closed, which have no rows to have
   */
  record Findings(
      Map<String, Long> rows,
      Map<String, String> incomplete,
      Set<String> closed,
      List<Fault> faults,
      int isolationProbes,
      Login login) {

    boolean has(Fault.Kind kind) {
      return faults.stream().anyMatch(fault -> fault.kind() == kind);
    }

    /** How many channels are complete, why the others are not, and what else was found. */
    String words(int channels) {
      StringBuilder words = new StringBuilder();
      words.append(
          "%,d of %,d channels complete".formatted(channels - incomplete.size(), channels));
      if (!closed.isEmpty()) {
        words.append(" (%,d of a closed account)".formatted(closed.size()));
      }
      if (!incomplete.isEmpty()) {
        Map<String, Long> reasons =
            incomplete.values().stream()
                .collect(Collectors.groupingBy(each -> each, TreeMap::new, Collectors.counting()));
        words.append("; %,d not: ".formatted(incomplete.size()));
        words.append(
            reasons.entrySet().stream()
                .map(each -> "%s %,d".formatted(each.getKey(), each.getValue()))
                .collect(Collectors.joining(", ")));
      }
      Map<String, Long> others =
          faults.stream()
              .filter(fault -> fault.kind() != Fault.Kind.ROWS)
              .collect(
                  Collectors.groupingBy(
                      fault -> fault.kind().label(), TreeMap::new, Collectors.counting()));
      others.forEach((kind, count) -> words.append("; %s faults: %d".formatted(kind, count)));
      return words.toString();
    }
  }

  /**
   * Channels without all their rows; where YouTube counts no video there are statistics alone, and
   * where the account was closed nothing is due.
   */
  static List<String> incompleteChannels(LocalPostgres postgres) throws SQLException {
    return strings(
        postgres,
        """
        select c.channel_id from core.channels c
          left join lateral (select s.videos from core.channel_statistics s where s.user_id = c.user_id and s.channel_id = c.channel_id
                              order by s.observed_at desc limit 1) counted on true
         where c.connection_reason is distinct from 'account-closed'
           and (counted.videos is null
                or counted.videos > 0
                   and (not exists (select from core.channel_days d where d.user_id = c.user_id and d.channel_id = c.channel_id)
                        or not exists (select from core.video_days d where d.user_id = c.user_id and d.channel_id = c.channel_id)
                        or not exists (select from core.video_statistics s where s.user_id = c.user_id and s.channel_id = c.channel_id)
                        or not exists (select from core.videos v where v.user_id = c.user_id and v.channel_id = c.channel_id)))
        """);
  }

  /** Why channels are incomplete: what the workflow said of them last, else what is still due. */
  private static Map<String, String> reasons(
      List<String> incomplete, Http operator, List<Person> people, N8n n8n, Sync sync) {
    Map<String, String> said = new HashMap<>();
    for (Map.Entry<String, String> execution : sync.executions()) {
      said.putAll(n8n.missedChannels(execution.getKey()));
    }
    Map<String, String> reasons = new TreeMap<>();
    for (String channel : incomplete) {
      String reason = said.get(channel);
      reasons.put(channel, reason == null ? due(channel, operator, people) : reason);
    }
    return reasons;
  }

  private static String due(String channelId, Http operator, List<Person> people) {
    for (Person person : people) {
      if (person.account().channels().stream().anyMatch(each -> each.id().equals(channelId))) {
        for (JsonNode channel :
            operator.get("/v1/users/" + person.userId() + "/plan").get("channels")) {
          if (channel.get("channelId").stringValue().equals(channelId)) {
            return channel
                .get("reports")
                .valueStream()
                .filter(report -> report.get("isDue").booleanValue())
                .map(report -> report.get("report").stringValue())
                .collect(Collectors.joining(" ", "no reason given, still due: ", ""));
          }
        }
      }
    }
    return "no reason given, not in the plan";
  }

  private Findings check(
      LocalPostgres postgres,
      World world,
      Http operator,
      String sidecarUrl,
      List<Person> people,
      N8n n8n,
      Sync sync)
      throws Exception {
    Map<String, Long> rows = new LinkedHashMap<>();
    for (String table : TABLES) {
      rows.put(table, number(postgres, "select count(*) from core." + table));
    }
    Map<String, String> incomplete =
        reasons(incompleteChannels(postgres), operator, people, n8n, sync);
    List<Fault> faults = new ArrayList<>();
    if (!sync.isSuccess()) {
      faults.add(Fault.of(Fault.Kind.EXECUTION, sync.words()));
    }
    incomplete.forEach((channel, reason) ->
        faults.add(Fault.of(Fault.Kind.ROWS, channel + " has not all its rows: " + reason)));
    strings(postgres, "select fault || ': ' || object from app.isolation_faults()")
        .forEach(fault -> faults.add(Fault.of(Fault.Kind.ISOLATION, fault)));
    Set<String> closed = checkConnections(postgres, world, faults);

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
              Fault.of(
                  // Nothing to see is not a leak.
                  foreign == 0 && seen == own ? Fault.Kind.ROWS : Fault.Kind.ISOLATION,
                  "the tenant's login sees %d rows of %s, %d of them foreign, instead of its %d"
                      .formatted(seen, view, foreign, own)));
        }
      }
      probes++;
      if (!isRefused(tenant, "select count(*) from core.channel_days")) {
        faults.add(Fault.of(Fault.Kind.ISOLATION, "the tenant's login reads a private table"));
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
            Fault.of(
                Fault.Kind.ISOLATION,
                "the token of user 1 got %d instead of %d for the metrics of %s"
                    .formatted(status, wanted, person.account().email())));
      }
    }
    return new Findings(rows, incomplete, closed, faults, probes, login);
  }

  /**
   * Every channel must be connected, save those whose account the simulated YouTube has closed:
   * they must say so, and their user must have been told.
   *
   * @return channels whose account is closed
   */
  private static Set<String> checkConnections(
      LocalPostgres postgres, World world, List<Fault> faults) throws SQLException {
    Set<String> expected =
        world.closingChannels().stream().map(World.Channel::id).collect(Collectors.toSet());
    Set<String> closed =
        new TreeSet<>(
            strings(
                postgres,
                """
                select c.channel_id from core.channels c
                 where c.connection = 'reconnect-needed' and c.connection_reason = 'account-closed'
                   and exists (select from core.notices n
                                where n.user_id = c.user_id and n.channel_id = c.channel_id and n.kind = 'reconnect-needed')
                """));
    if (!closed.equals(expected)) {
      faults.add(
          Fault.of(
              Fault.Kind.CONNECTION,
              "the accounts of %s are closed, and reported as closed are %s"
                  .formatted(expected, closed)));
    }
    List<String> others =
        strings(
            postgres,
            "select channel_id from core.channels where not is_active or connection <> 'connected'");
    others.removeAll(closed);
    if (!others.isEmpty()) {
      faults.add(
          Fault.of(
              Fault.Kind.CONNECTION,
              "%d channels are not connected: %s".formatted(others.size(), others)));
    }
    return closed;
  }

  /**
   * Compares our units with Google's, of each day that the demo has seen.
   *
   * @param settledForOwnCalls units by bucket that workflows settled for calls of their own, none
   *     of which reached the simulated YouTube; all on one day
   */
  private static void checkUnits(
      LocalPostgres postgres,
      Simulator simulator,
      Map<String, Long> settledForOwnCalls,
      List<Fault> faults)
      throws SQLException {
    Map<String, Long> settled = new HashMap<>(settledForOwnCalls);
    try (Connection admin = postgres.connect("ytempire", LocalPostgres.ADMIN, postgres.password());
        var statement = admin.createStatement();
        ResultSet days =
            statement.executeQuery(
                """
                select bucket, starts_at, sum(spent) as spent from core.quota_accounts
                 join core.quota_windows using (bucket, starts_at)
                 where ends_at - starts_at > interval '1 minute'
                 group by bucket, starts_at order by bucket, starts_at
                """)) {
      while (days.next()) {
        String bucket = days.getString("bucket");
        Instant start = days.getObject("starts_at", OffsetDateTime.class).toInstant();
        long ours = days.getLong("spent");
        Long theirs = simulator.usage().at(start).get(bucket);
        // A call with a token that Google no longer takes is counted by us alone.
        long refused = simulator.usage().unauthorizedAt(start).getOrDefault(bucket, 0L);
        if (theirs == null || ours == theirs + refused) {
          continue;
        }
        if (!settled.remove(bucket, ours - theirs - refused)) {
          Fault fault =
              Fault.of(
                  Fault.Kind.UNITS,
                  "of %s we counted %d units on %s, YouTube %d"
                      .formatted(bucket, ours, LocalDate.ofInstant(start, World.PACIFIC), theirs));
          if (!faults.contains(fault)) {
            faults.add(fault);
          }
        }
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
