package com.ytempire.platform;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.simulator.SharedClock;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.Usage;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole product on this machine: PostgreSQL, Redis, a simulated YouTube, stand-ins of the other
 * outside services, the sidecar and a real n8n with the node pack and the sync workflow. A part
 * that dies is started again, as compose.yml does in production. Nothing of an earlier platform in
 * the same folder is left, unless its {@link PlatformState} is given.
 *
 * <p>Safe to share between threads. Closed at the latest when the JVM ends.
 */
public final class Platform implements AutoCloseable {
  /** The database that the sidecar keeps users' rows in. */
  public static final String DATABASE = "ytempire";

  private static final Clock SYSTEM_CLOCK = Clock.systemUTC();
  private static final long SPACE_MEBIBYTES = 500;

  /** Ten seconds on a quiet machine; minutes where everything else computes. */
  private static final Duration SIDECAR_START_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration SYNC_TIMEOUT = Duration.ofMinutes(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** An outage shows, and ends, while somebody looks. */
  private static final String CHECK_INTERVAL_SECONDS = "20";

  /**
   * Four times the default: the history of the user whose dashboards are shown is fetched while
   * nobody else needs the minute's quota.
   */
  private static final String USER_QUERIES_A_MINUTE = "240";

  /** How long a part may be away before {@link #whileAway} gives up. */
  private static final Duration AWAY_LIMIT = Duration.ofMinutes(4);

  /** After a crash in the middle of a sync, the ticks that may be needed to heal it. */
  private static final int TICKS_AFTER_CRASH = 3;

  private final Settings settings;
  private final Progress progress;
  private final Deque<AutoCloseable> parts;
  private final Supervisor supervisor;
  private final SharedClock clock;
  private final Instant began;
  private final World world;
  private final LocalPostgres postgres;
  private final Simulator simulator;
  private final OutsideServices outside;
  private final HttpService sidecar;
  private final String sidecarUrl;
  private final Http operator;
  private final N8n n8n;
  private final PlatformState.N8nSetup n8nSetup;
  private final String credentialTest;
  private final Ports ports;
  private final PlatformState.Secrets secrets;

  /**
   * Where the platform is started, with which customers, and when it takes it to be.
   *
   * @param root the top level of the project, built
   * @param state what was installed and built for this machine, {@code .ytempire} as a rule
   * @param home the folder of the platform's own data; emptied at the start, unless there is a
   *     state
   * @param node the Node.js that runs n8n
   * @param pack the node pack, packed
   * @param users whose accounts the simulated YouTube has
   * @param channels of each user
   * @param seed of the simulated world
   * @param portBase the first of eight ports; null: free ones
   * @param at what the product takes the moment of its start to be; null: the machine's time, which
   *     cannot be moved later
   * @param pool connections that the sidecar has to PostgreSQL; null: its default
   * @param earlier state of the platform in the folder that is started again; null: a new one
   */
  public record Settings(
      Path root,
      Path state,
      Path home,
      Path node,
      Path pack,
      int users,
      int channels,
      long seed,
      @Nullable Integer portBase,
      @Nullable Instant at,
      @Nullable Integer pool,
      @Nullable PlatformState earlier) {

    /** Makes the simulated world by this clock. */
    public World world(Clock clock) {
      return earlier == null
          ? new World(users, channels, seed, clock)
          : new World(users, channels, seed, clock, earlier.world().madeAt());
    }

    /** The channels of all users together. */
    public int allChannels() {
      return users * channels;
    }
  }

  /**
   * Starts all parts; returns when each is ready, n8n has an owner, the credential of the node pack
   * and the sync workflow. Nobody is a user yet, unless it is an earlier platform that starts
   * again.
   *
   * @throws IllegalStateException with what to do, if a part does not start, a port is taken, the
   *     disk is full or another platform runs in the folder
   */
  public static Platform start(Settings settings, Progress progress) throws Exception {
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    // Also when somebody stops the process while it starts.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> close(parts)));
    try {
      return new Platform(settings, progress, parts);
    } catch (Exception e) {
      close(parts);
      throw e;
    }
  }

  private Platform(Settings settings, Progress progress, Deque<AutoCloseable> parts)
      throws Exception {
    this.settings = settings;
    this.progress = progress;
    this.parts = parts;
    PlatformState earlier = settings.earlier();
    secrets = earlier == null ? newSecrets(settings.root()) : earlier.secrets();
    lock();
    Path pids = settings.home().resolve("pids.json");
    Supervisor.endLeftOver(pids, settings.home());
    ports =
        earlier == null || settings.portBase() != null
            ? Ports.choose(settings.portBase())
            : earlier.ports().again();
    if (earlier == null) {
      prepareFolder(settings.home());
    }
    requireSpace(settings.home());
    Path logs = Files.createDirectories(settings.home().resolve("logs"));
    clock = SharedClock.open(clockFile());
    Instant at = settings.at();
    if (at != null) {
      clock.set(at);
    }
    supervisor = started(new Supervisor(pids, progress::note, SYSTEM_CLOCK));

    progress.step("PostgreSQL and Redis");
    Path data = settings.home().resolve("postgres");
    postgres =
        started(
            earlier == null
                ? LocalPostgres.start(data, ports.postgres())
                : LocalPostgres.startAgain(data, ports.postgres(), earlier.postgresPassword()));
    supervisor.supervise("postgresql", Engine.of(postgres));
    LocalRedis redis =
        started(LocalRedis.start(settings.home().resolve("redis"), ports.redis(), secrets.redis()));
    supervisor.supervise("redis", Engine.of(redis));
    if (earlier == null) {
      postgres.createDatabase(DATABASE);
      postgres.execute(
          "postgres", "create role n8n login password '" + secrets.n8nDatabase() + "'");
      postgres.execute("postgres", "create database n8n owner n8n");
    }
    progress.done("ports %d and %d".formatted(postgres.port(), redis.port()));

    progress.step("Simulated YouTube");
    began = clock.instant();
    world = settings.world(clock);
    simulator = started(Simulator.start(world, clock, ports.simulator()));
    if (earlier != null) {
      simulator.remember(earlier.youTube());
    }
    ScheduledExecutorService hub =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("hub").factory());
    started(hub::shutdownNow);
    hub.scheduleWithFixedDelay(simulator::push, 1, 1, TimeUnit.MINUTES);
    outside = started(OutsideServices.start(clock, ports.mailbox()));
    progress.done("%d channels at %s".formatted(settings.allChannels(), simulator.url()));

    progress.step("Sidecar");
    sidecarUrl = "http://127.0.0.1:" + ports.sidecar();
    sidecar = startSidecar(redis, logs);
    supervisor.supervise("sidecar", sidecar);
    operator = new Http(sidecarUrl, secrets.operatorToken());
    progress.done(sidecarUrl);

    progress.step("n8n with the node pack");
    n8n =
        started(
            N8n.start(
                new N8n.Places(
                    settings.node(),
                    settings.state().resolve("n8n"),
                    settings.pack(),
                    settings.home().resolve("n8n"),
                    logs.resolve("n8n.log")),
                ports.n8n(),
                ports.broker(),
                new N8n.OwnDatabase(postgres.port(), "n8n", "n8n", secrets.n8nDatabase()),
                at == null ? Map.of() : movableClock()));
    supervisor.supervise("n8n", n8n.part());
    n8nSetup = earlier == null ? setUpN8n() : signInToN8n(earlier.n8n());
    credentialTest = n8n.testCredential(n8nSetup.credential(), sidecarUrl, n8nSetup.serviceToken());
    progress.done(n8n.url() + ", credential test " + credentialTest);
  }

  private static PlatformState.Secrets newSecrets(Path root) throws IOException {
    return new PlatformState.Secrets(
        secret(), secret(), secret(), keyset(root), "yte_operator_" + secret());
  }

  private String createServiceToken() {
    return operator
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
  }

  private PlatformState.N8nSetup setUpN8n() throws InterruptedException {
    String serviceToken = createServiceToken();
    n8n.createOwner();
    String credential = n8n.createCredential(sidecarUrl, serviceToken);
    return new PlatformState.N8nSetup(
        serviceToken,
        credential,
        n8n.importWorkflow(
            settings.root().resolve("n8n-nodes/workflows/multi-user-sync.json"), credential));
  }

  private PlatformState.N8nSetup signInToN8n(PlatformState.N8nSetup earlier)
      throws InterruptedException {
    n8n.signIn();
    n8n.updateCredential(earlier.credential(), sidecarUrl, earlier.serviceToken());
    return earlier;
  }

  /**
   * Lets the platform be started again on what it has stored, from now on and, with what changes
   * until then, from when it is closed.
   *
   * @param login of the user whose dashboards are shown
   */
  public void keep(Checks.Login login) throws IOException {
    closeAtEnd(() -> write(login));
    write(login);
  }

  private void write(Checks.Login login) throws IOException {
    new PlatformState(
            PlatformState.build(settings.root(), settings.pack()),
            new PlatformState.SimulatedWorld(
                settings.users(), settings.channels(), settings.seed(), world.madeAt()),
            ports,
            postgres.password(),
            secrets,
            n8nSetup,
            login,
            simulator.memory())
        .write(settings.home());
  }

  private <T extends AutoCloseable> T started(T part) {
    synchronized (parts) {
      parts.push(part);
    }
    return part;
  }

  private static void close(Deque<AutoCloseable> parts) {
    synchronized (parts) {
      // Before the parts, which it would start again.
      parts.stream().filter(Supervisor.class::isInstance).forEach(Platform::closeQuietly);
      while (!parts.isEmpty()) {
        closeQuietly(parts.pop());
      }
    }
  }

  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      System.err.println("a part did not stop: " + e.getMessage());
    }
  }

  /** Ends all parts; nothing of them runs when it returns. */
  @Override
  public void close() {
    close(parts);
  }

  /** Held until the platform is closed. */
  private void lock() throws IOException {
    Path home = settings.home();
    FileChannel lockFile =
        started(
            FileChannel.open(
                Files.createDirectories(settings.state()).resolve(home.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE));
    if (lockFile.tryLock() == null) {
      throw new IllegalStateException(
          "another %s runs in this folder. Stop it first, or clone the project into another folder."
              .formatted(home.getFileName()));
    }
  }

  /** Each platform begins with an empty store; what was there is of an earlier one. */
  private static void prepareFolder(Path home) throws IOException {
    if (Files.exists(home)) {
      try (Stream<Path> files = Files.walk(home)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    PrivateFolder.create(home);
  }

  private static void requireSpace(Path home) throws IOException {
    long free = Files.getFileStore(home).getUsableSpace() / (1024 * 1024);
    if (free < SPACE_MEBIBYTES) {
      throw new IllegalStateException(
          "only %d MB are free on the disk of %s; the demo needs %d."
              .formatted(free, home, SPACE_MEBIBYTES));
    }
  }

  private HttpService startSidecar(LocalRedis redis, Path logs) throws Exception {
    Path root = settings.root();
    Map<String, String> environment = new HashMap<>(SidecarCommand.ENVIRONMENT);
    environment.put("YTEMPIRE_HTTP_PORT", String.valueOf(ports.sidecar()));
    environment.put("YTEMPIRE_METRICS_PORT", "0");
    environment.put("YTEMPIRE_PUBLIC_URL", sidecarUrl);
    environment.put("YTEMPIRE_DATABASE_URL", postgres.url(DATABASE));
    environment.put("YTEMPIRE_DATABASE_ADMIN_PASSWORD", postgres.password());
    environment.put("YTEMPIRE_DATABASE_PASSWORD", secrets.sidecarDatabase());
    environment.put("YTEMPIRE_REDIS_URL", redis.url());
    environment.put("YTEMPIRE_REDIS_PASSWORD", secrets.redis());
    environment.putAll(simulator.settings());
    environment.putAll(outside.settings());
    environment.put("YTEMPIRE_CHECK_INTERVAL_SECONDS", CHECK_INTERVAL_SECONDS);
    environment.put("YTEMPIRE_QUOTA_ANALYTICS_USER_MINUTE", USER_QUERIES_A_MINUTE);
    environment.put("YTEMPIRE_GRANT_KEYSET", secrets.keyset());
    environment.put("YTEMPIRE_OPERATOR_TOKEN", secrets.operatorToken());
    // The n8n beside it, which subscribes.
    environment.put("YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8");
    environment.put("YTEMPIRE_LOG_FOLDER", logs.toString());
    Integer pool = settings.pool();
    if (pool != null) {
      environment.put("YTEMPIRE_DATABASE_POOL_SIZE", pool.toString());
    }
    return started(
        HttpService.start(
            () ->
                Child.start(
                    "the sidecar",
                    logs.resolve("sidecar.console.log"),
                    settings.home(),
                    atOurTime(environment),
                    SidecarCommand.of(root)),
            sidecarUrl + "/health/ready",
            SIDECAR_START_TIMEOUT));
  }

  /** The sidecar reads its clock's offset at its start. */
  private Map<String, String> atOurTime(Map<String, String> environment) {
    Map<String, String> timed = new HashMap<>(environment);
    timed.put("YTEMPIRE_CLOCK_OFFSET", clock.offset().toString());
    return timed;
  }

  /**
   * Lets all parts take it to be another moment. The sidecar is started again, as after a night in
   * which it was off; what n8n runs goes on.
   *
   * @throws IllegalStateException if the platform goes by the machine's time
   */
  public void moveTo(Instant moment) throws InterruptedException, SQLException {
    if (settings.at() == null) {
      throw new IllegalStateException("a platform that goes by the machine's time is not moved");
    }
    sidecar.close();
    // Leases of fetches go by the database's clock, which is not moved.
    execute(
        "update core.fetch_leases set leased_until = leased_until - make_interval(secs => %d)"
            .formatted(Duration.between(clock.instant(), moment).toSeconds()));
    clock.set(moment);
    sidecar.restart();
  }

  private Path clockFile() {
    return settings.home().resolve("clock");
  }

  private static String keyset(Path root) throws IOException {
    Process keyset =
        new ProcessBuilder(SidecarCommand.of(root, "keyset", "new"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new String(keyset.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("{"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the sidecar made no keyset"));
  }

  /** What n8n is started with to go by {@link #clock()}. */
  private Map<String, String> movableClock() {
    return Map.of(
        "NODE_OPTIONS",
        "--require \"%s\"".formatted(settings.root().resolve("sidecar/platform/n8n/clock.cjs")),
        "YTEMPIRE_DEMO_CLOCK",
        clockFile().toString(),
        // Expressions run in an isolate of their own by default, where $now is the machine's.
        "N8N_EXPRESSION_ENGINE",
        "legacy");
  }

  /** What it was started with. */
  public Settings settings() {
    return settings;
  }

  /** The simulated world, by the product's clock. */
  public World world() {
    return world;
  }

  /**
   * Returns the customer of an account.
   *
   * @throws java.util.NoSuchElementException if there is none, or no user of it
   */
  public Customers.Customer customer(String email) throws SQLException {
    World.Account account =
        world.accounts().stream()
            .filter(each -> each.email().equals(email))
            .findFirst()
            .orElseThrow();
    return new Customers.Customer(
        strings("select user_id::text from core.users where email = '%s'".formatted(email))
            .getFirst(),
        account);
  }

  /** The product's clock. */
  public Clock clock() {
    return clock;
  }

  /** The moment at which the simulated world was made, by the product's clock. */
  public Instant began() {
    return began;
  }

  /** The server with the sidecar's and n8n's databases. */
  public LocalPostgres postgres() {
    return postgres;
  }

  /** The simulated YouTube. */
  public Simulator simulator() {
    return simulator;
  }

  /** The stand-ins of mail server, OpenAI, ElevenLabs and Stripe. */
  public OutsideServices outside() {
    return outside;
  }

  /** Starts parts again when they die. */
  public Supervisor supervisor() {
    return supervisor;
  }

  /** The port that is kept for a page with the dashboards. */
  int dashboardsPort() {
    return ports.dashboards();
  }

  /** Runs an action when the platform is closed, before the parts that are started by now end. */
  void closeAtEnd(AutoCloseable action) {
    started(action);
  }

  /** Starts a service again when it dies, and ends it when the platform is closed. */
  void add(String name, HttpService service) {
    supervisor.supervise(name, started(service));
  }

  /** The base address of the sidecar's API. */
  public String sidecarUrl() {
    return sidecarUrl;
  }

  /** The token of the operator. */
  public String operatorToken() {
    return secrets.operatorToken();
  }

  /** A client of the sidecar with the operator's token. */
  public Http operator() {
    return operator;
  }

  /** The real n8n. */
  public N8n n8n() {
    return n8n;
  }

  /** The id of the credential in n8n with the service token. */
  public String credential() {
    return n8nSetup.credential();
  }

  /** What n8n said when it tested the credential: {@code OK}, or {@code Error} with a message. */
  public String credentialTest() {
    return credentialTest;
  }

  /** The id of the sync workflow in n8n. */
  public String syncWorkflow() {
    return n8nSetup.syncWorkflow();
  }

  /** Opens a connection of the administrator to the sidecar's database. */
  public Connection admin() throws SQLException {
    return postgres.connect(DATABASE, LocalPostgres.ADMIN, postgres.password());
  }

  /** Runs statements as the administrator of the sidecar's database. */
  public void execute(String sql) throws SQLException {
    postgres.execute(DATABASE, sql);
  }

  /** Returns the first number that a query answers in the sidecar's database. */
  public long number(String sql) throws SQLException {
    try (Connection admin = admin()) {
      return number(admin, sql);
    }
  }

  static long number(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  /** Returns the first column of all rows that a query answers in the sidecar's database. */
  public List<String> strings(String sql) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection admin = admin();
        var statement = admin.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        found.add(result.getString(1));
      }
    }
    return found;
  }

  /**
   * Calls, again while a part is being started again.
   *
   * @throws Exception of the last call, when a part is given up or away for four minutes
   */
  public <T> T whileAway(Callable<T> act) throws Exception {
    long until = System.nanoTime() + AWAY_LIMIT.toNanos();
    while (true) {
      try {
        return act.call();
      } catch (UncheckedIOException | Http.UnexpectedAnswer | SQLException e) {
        if (supervisor.failure().isPresent() || System.nanoTime() > until) {
          throw e;
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  /** Runs the sync, and again as the next tick does when a part died meanwhile. */
  public Sync sync() throws Exception {
    List<Map.Entry<String, String>> executions = new ArrayList<>();
    Checks checks = new Checks(this);
    while (true) {
      int before = supervisor.restarts();
      String execution = whileAway(() -> n8n.run(syncWorkflow(), "Run Now"));
      executions.add(Map.entry(execution, awaitSync(execution)));
      Sync sync = new Sync(executions);
      boolean isWhole = sync.isSuccess() && whileAway(checks::incompleteChannels).isEmpty();
      if (isWhole || supervisor.restarts() == before || executions.size() > TICKS_AFTER_CRASH) {
        return sync;
      }
      progress.note("a part died during execution " + execution + "; the next tick follows");
    }
  }

  private String awaitSync(String execution) throws Exception {
    long until = System.nanoTime() + SYNC_TIMEOUT.toNanos();
    String rows =
        Checks.TABLES.stream()
            .map(table -> "(select count(*) from core.%s)".formatted(table))
            .collect(Collectors.joining(" + ", "select ", ""));
    while (System.nanoTime() < until) {
      String status = whileAway(() -> n8n.status(syncWorkflow(), execution));
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
                  whileAway(() -> number(rows)),
                  status.equals("waiting")
                      ? ", n8n pauses until the next pass"
                      : simulator.usage().isUsedUp(Usage.Bucket.ANALYTICS_MINUTE)
                          ? ", waiting for the minute's quota of Analytics"
                          : ""));
      Thread.sleep(PAUSE);
    }
    throw new IllegalStateException(
        "the sync did not end within %d minutes:%n%s"
            .formatted(SYNC_TIMEOUT.toMinutes(), n8n.tail()));
  }

  private static String secret() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
