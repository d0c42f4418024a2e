package com.ytempire.platform;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.SharedClock;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
  public static final String DATABASE = SidecarCommand.DATABASE;

  private static final Clock SYSTEM_CLOCK = Clock.systemUTC();

  /** Ten seconds on a quiet machine; minutes where everything else computes. */
  private static final Duration SIDECAR_START_TIMEOUT = Duration.ofMinutes(5);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** How long a part may be away before {@link #whileAway} gives up. */
  private static final Duration AWAY_LIMIT = Duration.ofMinutes(4);

  private final Settings settings;
  private final Progress progress;
  private final PartStack parts;
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

  /** What runs, also when the project is built anew meanwhile. */
  private final String build;

  private final String credentialTest;
  private final Ports ports;
  private final Secrets secrets;

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
   * @throws ResourceUnavailable if a port is taken, the disk is full or another platform runs in
   *     the folder
   * @throws IllegalStateException with what to do, if a part does not start
   */
  public static Platform start(Settings settings, Progress progress) throws Exception {
    PartStack parts = new PartStack();
    // Also when somebody stops the process while it starts.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(parts::close));
    try {
      return new Platform(settings, progress, parts);
    } catch (Exception e) {
      parts.close();
      throw e;
    }
  }

  private Platform(Settings settings, Progress progress, PartStack parts) throws Exception {
    this.settings = settings;
    this.progress = progress;
    this.parts = parts;
    PlatformState earlier = settings.earlier();
    secrets = earlier == null ? Secrets.create(settings.root()) : earlier.secrets();
    parts.add(PlatformFolder.lock(settings.state(), settings.home()));
    build = PlatformState.build(settings.root(), settings.pack());
    Path pids = settings.home().resolve("pids.json");
    Supervisor.endLeftOver(pids, settings.home());
    ports =
        earlier == null || settings.portBase() != null
            ? Ports.choose(settings.portBase())
            : earlier.ports().again();
    sidecarUrl = ports.sidecarUrl();
    if (earlier == null) {
      PlatformFolder.prepare(settings.home());
    }
    PlatformFolder.requireSpace(settings.home());
    Path logs = Files.createDirectories(settings.home().resolve("logs"));
    clock = SharedClock.open(clockFile());
    Instant at = settings.at();
    if (at != null) {
      clock.set(at);
    }
    supervisor = parts.add(new Supervisor(pids, progress::note, SYSTEM_CLOCK));

    progress.step("PostgreSQL and Redis");
    LocalStores stores =
        LocalStores.start(
            settings.home(),
            ports,
            secrets,
            earlier == null ? null : earlier.postgresPassword(),
            parts,
            supervisor);
    postgres = stores.postgres();
    progress.done("ports %d and %d".formatted(postgres.port(), stores.redis().port()));

    progress.step("Simulated YouTube");
    began = clock.instant();
    world = settings.world(clock);
    simulator = startSimulator(ports.simulator());
    if (earlier != null) {
      simulator.restore(earlier.youTube().movedTo(earlier.ports().sidecarUrl(), sidecarUrl));
    }
    outside = parts.add(OutsideServices.start(clock, ports.mailbox()));
    progress.done("%d channels at %s".formatted(settings.allChannels(), simulator.url()));

    progress.step("Sidecar");
    sidecar = startSidecar(stores, logs);
    operator = new Http(sidecarUrl, secrets.operatorToken());
    progress.done(sidecarUrl);

    progress.step("n8n with the node pack");
    n8n = startN8n(logs);
    n8nSetup = earlier == null ? setUpN8n() : signInToN8n(earlier.n8n());
    credentialTest = n8n.testCredential(n8nSetup.credential(), sidecarUrl, n8nSetup.serviceToken());
    progress.done(n8n.url() + ", credential test " + credentialTest);
  }

  private Simulator startSimulator(int port) throws Exception {
    Simulator started = parts.add(Simulator.start(world, clock, port));
    ScheduledExecutorService hub =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("hub").factory());
    parts.add(hub::shutdownNow);
    hub.scheduleWithFixedDelay(started::push, 1, 1, TimeUnit.MINUTES);
    return started;
  }

  private HttpService startSidecar(LocalStores stores, Path logs) throws Exception {
    Map<String, String> services = new HashMap<>(simulator.settings());
    services.putAll(outside.settings());
    Map<String, String> environment =
        SidecarEnvironment.of(logs, ports.sidecar(), stores, services, secrets, settings.pool());
    HttpService started =
        parts.add(
            HttpService.start(
                () ->
                    Child.start(
                        "the sidecar",
                        logs.resolve("sidecar.console.log"),
                        settings.home(),
                        atOurTime(environment),
                        SidecarCommand.of(settings.root())),
                sidecarUrl + "/health/ready",
                SIDECAR_START_TIMEOUT));
    supervisor.supervise("sidecar", started);
    return started;
  }

  private N8n startN8n(Path logs) throws Exception {
    N8n started =
        parts.add(
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
                settings.at() == null ? Map.of() : movableClock()));
    supervisor.supervise("n8n", started.part());
    return started;
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
    N8nReconnection.reconnect(n8n, earlier, sidecarUrl);
    return earlier;
  }

  /**
   * Lets the platform be started again on what it has stored, from now on and, with what changes
   * until then, from when it is closed.
   *
   * @param login of the user whose dashboards are shown
   */
  public void keep(UserLogin login) throws IOException {
    closeAtEnd(() -> write(login));
    write(login);
  }

  private void write(UserLogin login) throws IOException {
    new PlatformState(
            build,
            new PlatformState.SimulatedWorld(
                settings.users(), settings.channels(), settings.seed(), world.madeAt()),
            ports,
            postgres.password(),
            secrets,
            n8nSetup,
            login,
            simulator.state())
        .write(settings.home());
  }

  /** Ends all parts; nothing of them runs when it returns. */
  @Override
  public void close() {
    parts.close();
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

  /** Where it notes what happens. */
  Progress progress() {
    return progress;
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
    Catalog.Account account =
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
    parts.add(action);
  }

  /** Starts a service again when it dies, and ends it when the platform is closed. */
  void add(String name, HttpService service) {
    supervisor.supervise(name, parts.add(service));
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
}
