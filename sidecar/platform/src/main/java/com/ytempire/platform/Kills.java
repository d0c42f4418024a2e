package com.ytempire.platform;

import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Kills or stops a part of the running product while it fetches, stores, settles or delivers, again
 * and again, each time with a new user whose channels n8n syncs, and checks that every part
 * recovers, that the next tick stores what was missed, that every event arrives, that every stored
 * row is what the simulated YouTube showed, and that no unit was spent without being counted. The
 * same is checked first of a user whose sync nothing disturbs. Used by one thread.
 */
public final class Kills implements AutoCloseable {
  static final Duration RECOVERY_LIMIT = Duration.ofMinutes(1);

  private static final Duration STOPPED = Duration.ofSeconds(20);
  private static final Duration EXECUTION_LIMIT = Duration.ofMinutes(8);

  /**
   * After which an execution that PostgreSQL was struck under counts as ended without a record: n8n
   * writes the end once, does not try again while its database is away, and shows the execution as
   * running until it is started again (n8n 2.38, hook {@code workflowExecuteAfter}).
   */
  private static final Duration UNRECORDED_AFTER = Duration.ofMinutes(2);

  /** The status of an execution whose end n8n has not recorded. */
  private static final String UNRECORDED = "unrecorded";

  private static final Duration POLL = Duration.ofMillis(200);

  /** Between two looks at whether the moment to strike has come. */
  private static final Duration LOOK = Duration.ofMillis(3);

  /** Events are sent half a minute after the last row of a sync, by a job that runs every few. */
  private static final long DELIVERY_SECONDS = 90;

  /** The lease of a delivery whose sidecar died, and a minute. */
  private static final Duration REDELIVERY_LIMIT = Duration.ofMinutes(3);

  private static final int TICKS = 3;

  /** Of a bucket that no sync uses, so that nothing else is counted in it. */
  private static final String SETTLED_BUCKET = "data.search";

  private static final int RESERVED_UNITS = 2;
  private static final int SETTLED_UNITS = 1;

  /** In which the settling request is on its way. */
  private static final int SETTLING_MILLISECONDS = 10;

  private static final int NOT_FOUND = 404;

  /** Moments of a kind that are let pass, at most, before one is taken. */
  private static final int MOMENTS_PASSED = 6;

  /** The first sync of a channel looks back further than this. */
  private static final int DAYS_COMPARED = 20;

  /** Due as long as the channel's own part of the day lasts, whether it was read or not. */
  private static final String ALWAYS_DUE = "thumbnail-day";

  private static final String POSTGRESQL = "postgresql";

  private static final List<String> PARTS = List.of("sidecar", POSTGRESQL, "redis", "n8n");

  /** How a part is struck. */
  public enum Signal {
    /** It ends at once, with nothing written that was not written already. */
    KILL,
    /** It stands still for 20 seconds, with its connections open. */
    STOP
  }

  /** What the product does when a part is struck. */
  public enum Moment {
    /** YouTube has answered a random one of the calls of the sync. */
    FETCH,
    /** A transaction that stores rows is open. */
    STORE,
    /** A reservation of units is being settled while the sync runs. */
    SETTLE,
    /** An event has reached its subscriber, which has not answered. */
    DELIVERY
  }

  /** A part, what happens to it, and when. */
  public record Strike(String part, Signal signal, Moment moment) {
    @Override
    public String toString() {
      return "%s SIG%s in %s".formatted(part, signal, moment);
    }
  }

  private final int kills;
  private final Platform platform;
  private final Checks checks;
  private final Progress progress;
  private final Random random;
  private final List<Strike> strikes;
  private final EventReceiver receiver;
  private final List<Fault> faults = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Integer> sentences = new TreeMap<>();
  private final Set<String> users = new TreeSet<>();
  private final HttpClient probe =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private Set<String> dueAnyway = Set.of();
  private long calls;
  private int settled;
  private Duration slowest = Duration.ZERO;
  private Duration slowestHealing = Duration.ZERO;

  /**
   * Prepares kills.
   *
   * @param platform without users, whose world has an account for each kill and one more
   * @param kills how many
   * @param progress takes what came of each
   */
  public Kills(Platform platform, int kills, Progress progress) throws IOException {
    this.kills = kills;
    this.platform = platform;
    this.checks = new Checks(platform);
    this.progress = progress;
    this.random = new Random(platform.settings().seed());
    this.strikes = schedule(kills, random);
    this.receiver = EventReceiver.start();
  }

  /**
   * Every pair of a part and a signal once in eight strikes, at every moment once in 32, in a
   * shuffled order.
   */
  static List<Strike> schedule(int kills, Random random) {
    List<Strike> strikes = new ArrayList<>();
    Moment[] moments = Moment.values();
    for (int cycle = 0; strikes.size() < kills; cycle++) {
      List<Strike> round = new ArrayList<>();
      for (String part : PARTS) {
        for (Signal signal : Signal.values()) {
          // Both signals of a part differ in the moment, and so do two parts of a signal.
          int moment = PARTS.indexOf(part) + 2 * signal.ordinal() + cycle;
          round.add(new Strike(part, signal, moments[moment % moments.length]));
        }
      }
      Collections.shuffle(round, random);
      strikes.addAll(round);
    }
    return List.copyOf(strikes.subList(0, kills));
  }

  /** Whether a message is useful to a person: several words, and not a bare error code. */
  static boolean isSentence(@Nullable String message) {
    return message != null
        && message.strip().split("\\s+").length >= 4
        && Character.isUpperCase(message.strip().charAt(0));
  }

  /** Runs all; returns what does not hold. */
  public List<Fault> run() throws Exception {
    List<Fault> all = new ArrayList<>(syncUndisturbed());
    for (int kill = 0; kill < kills; kill++) {
      all.addAll(apply(kill));
    }
    all.addAll(check());
    return all;
  }

  /**
   * Subscribes to events and syncs the first user undisturbed; returns what does not hold. Comes
   * before the first kill.
   */
  public List<Fault> syncUndisturbed() throws Exception {
    JsonNode unused =
        platform
            .operator()
            .post(
                "/v1/subscriptions",
                Http.map("url", receiver.url(), "events", List.of("sync-finished")));
    String user = onboard(platform.world().accounts().getFirst());
    long began = System.nanoTime();
    String status = awaitEnd(platform.n8n().run(platform.syncWorkflow(), "Run Now"));
    double undisturbed = (System.nanoTime() - began) / 1e9;
    calls = calls();
    dueAnyway = due(user);
    if (!status.equals("success") || !incomplete().isEmpty()) {
      faults.add(
          Fault.of(
              Fault.Kind.EXECUTION,
              "the undisturbed sync ended with %s, channels without all rows: %s"
                  .formatted(status, incomplete())));
    }
    progress.note(
        "undisturbed: n8n said %s after %.1f s and %d calls to YouTube; due right after it, as ticks bring the history: %s; %s"
            .formatted(status, undisturbed, calls, dueAnyway, checkRows()));
    return drainFaults();
  }

  /** Returns what a kill strikes, how and when. */
  public Strike strike(int kill) {
    return strikes.get(kill);
  }

  /** Strikes during the sync of a new user; returns what does not hold once that is healed. */
  public List<Fault> apply(int kill) throws Exception {
    String user = onboard(platform.world().accounts().get(kill + 1));
    strike("kill %d of %d".formatted(kill + 1, kills), strikes.get(kill), user);
    return drainFaults();
  }

  private List<Fault> drainFaults() {
    List<Fault> drained = List.copyOf(faults);
    faults.clear();
    return drained;
  }

  private String onboard(World.Account account) throws Exception {
    String user = Customers.onboard(platform.operator(), account);
    users.add(user);
    return user;
  }

  private void strike(String number, Strike strike, String user) throws Exception {
    EventReceiver.@Nullable Hold hold =
        strike.moment() == Moment.DELIVERY ? receiver.holdNext(user) : null;
    Hit hit;
    @Nullable Thread settling = null;
    long struck;
    Duration recovery;
    try {
      String first = runSync();
      hit = hold == null ? awaitMoment(strike.moment(), first, calls) : awaitDelivery(hold, first);
      if (strike.moment() == Moment.SETTLE) {
        settling = settle(user);
      }
      int restarts = platform.supervisor().restarts();
      struck = System.nanoTime();
      long since = apply(strike);
      recovery = awaitRecovery(since, strike.signal() == Signal.KILL ? restarts + 1 : 0);
    } finally {
      if (hold != null) {
        hold.release();
      }
    }
    @Nullable Look look = hit.look();
    String label =
        "%s: %s (%s)".formatted(number, strike, look == null ? "not seen" : look.words(calls()));
    if (look == null) {
      fault(Fault.Kind.RECOVERY, label, "hit nothing: the moment did not come");
    }
    slowest = longer(slowest, recovery);
    if (recovery.compareTo(RECOVERY_LIMIT) > 0) {
      fault(Fault.Kind.RECOVERY, label, "took %.1f s to recover".formatted(seconds(recovery)));
    }
    if (settling != null) {
      settling.join();
    }
    String status =
        strike.part().equals(POSTGRESQL)
            ? end(hit.execution(), UNRECORDED_AFTER).orElse(UNRECORDED)
            : awaitEnd(hit.execution());
    String said = saidOf(label, hit.execution(), status);
    int ticks = 0;
    String lastStatus = status;
    // What was due before a tick that missed nothing, and still is, YouTube does not have yet: a
    // channel's days and files have times of their own. That no row is lost is compared at the end.
    Set<String> dueBefore = Set.of();
    while (!isHealed(lastStatus, user, dueBefore) && ticks < TICKS) {
      ticks++;
      dueBefore = due(user);
      awaitLeases(user);
      lastStatus = awaitEnd(runSync());
    }
    if (!isHealed(lastStatus, user, dueBefore)) {
      fault(
          Fault.Kind.ROWS,
          label,
          "not healed after %d ticks: n8n says %s, channels without all rows %s, still due %s"
              .formatted(ticks, lastStatus, incomplete(), due(user)));
    }
    if (hold != null) {
      awaitDeliveries(label);
    }
    Duration healing = Duration.ofNanos(System.nanoTime() - struck);
    slowestHealing = longer(slowestHealing, healing);
    progress.note(
        "%s: recovered in %.1f s, healed %.1f s after the strike%s; n8n said %s"
            .formatted(
                label,
                seconds(recovery),
                seconds(healing),
                ticks == 0
                    ? ""
                    : ticks == 1 ? " by the next tick" : " by %d ticks".formatted(ticks),
                said));
  }

  /**
   * Waits until no run holds leases of a user's reports, at most {@link #RECOVERY_LIMIT}: those of
   * a process that was killed end by themselves, long before the next tick of a quarter of an hour.
   */
  private void awaitLeases(String user) throws Exception {
    long until = System.nanoTime() + RECOVERY_LIMIT.toNanos();
    String leases =
        "select count(*) from core.fetch_leases where user_id = '%s' and leased_until > clock_timestamp()";
    while (System.nanoTime() < until
        && platform.whileAway(() -> platform.number(leases.formatted(user))) > 0) {
      Thread.sleep(POLL);
    }
  }

  /** Reserves units, and begins to settle them until it is known that they are. */
  private Thread settle(String user) throws InterruptedException {
    String id =
        platform
            .operator()
            .post(
                "/v1/quota/reservations",
                Http.map(
                    "bucket",
                    SETTLED_BUCKET,
                    "units",
                    RESERVED_UNITS,
                    "interactive",
                    false,
                    "userId",
                    user))
            .get("reservationId")
            .stringValue();
    settled += SETTLED_UNITS;
    Thread settling =
        Thread.ofVirtual()
            .start(() -> {
              try {
                platform.whileAway(() -> trySettle(id));
              } catch (Exception e) {
                fault(Fault.Kind.UNITS, "a reservation", "was not settled: " + e.getMessage());
              }
            });
    Thread.sleep(random.nextInt(SETTLING_MILLISECONDS));
    return settling;
  }

  /** A reservation that is not there any more was settled by a request whose answer was lost. */
  private boolean trySettle(String id) {
    int status =
        platform
            .operator()
            .exchange(
                "/v1/quota/reservations/" + id + "/settle", Http.map("unitsSpent", SETTLED_UNITS))
            .statusCode();
    if (status / 100 != 2 && status != NOT_FOUND) {
      throw new UncheckedIOException(new IOException("settling was answered by " + status));
    }
    return true;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private String runSync() throws Exception {
    return platform.whileAway(() -> platform.n8n().run(platform.syncWorkflow(), "Run Now"));
  }

  /**
   * What was running when the moment came.
   *
   * @param look what was seen then; null: the moment did not come
   */
  private record Hit(String execution, @Nullable Look look) {}

  /** Waits until an event is on its way, which is after the sync has ended. */
  private Hit awaitDelivery(EventReceiver.Hold hold, String execution) throws Exception {
    String unused = awaitEnd(execution);
    boolean isUnderWay = hold.await(DELIVERY_SECONDS);
    try (Connection admin = admin()) {
      return new Hit(execution, isUnderWay ? Look.at(admin) : null);
    }
  }

  /**
   * Waits for a random moment of a kind while the execution runs; where it ends before, in the next
   * tick.
   */
  private Hit awaitMoment(Moment moment, String first, long calls) throws Exception {
    String execution = first;
    for (int tick = 0; ; tick++) {
      // Later ticks have less to do.
      int pass = tick == 0 ? random.nextInt(MOMENTS_PASSED) : 0;
      long call = tick == 0 ? 1 + random.nextLong(Math.max(1, calls * 3 / 4)) : 1;
      @Nullable Look look = seen(moment, execution, calls() + call, pass);
      if (look != null || tick == TICKS) {
        return new Hit(execution, look);
      }
      execution = runSync();
    }
  }

  /** What was seen at the moment; null when the execution ended before. */
  private @Nullable Look seen(Moment moment, String execution, long call, int pass)
      throws Exception {
    int passed = 0;
    boolean wasThere = false;
    long nextStatus = 0;
    try (Connection admin = admin()) {
      while (true) {
        Look look = Look.at(admin);
        boolean isThere =
            switch (moment) {
              case FETCH -> calls() >= call;
              case STORE -> look.isStoring();
              // What is settled then is a reservation of ours.
              case SETTLE -> calls() >= call;
              case DELIVERY -> throw new IllegalArgumentException("deliveries are held back");
            };
        // There is one moment of a certain call.
        if (isThere && !wasThere && (passed++ >= pass || moment != Moment.STORE)) {
          return look;
        }
        wasThere = isThere;
        if (System.nanoTime() > nextStatus) {
          if (!platform.n8n().status(platform.syncWorkflow(), execution).equals("running")) {
            return null;
          }
          nextStatus = System.nanoTime() + POLL.toNanos();
        }
        // Nothing signals the moment.
        Thread.sleep(LOOK);
      }
    }
  }

  /**
   * What the product is in the midst of.
   *
   * @param isStoring whether a transaction that writes rows is open: it holds its locks to its end
   * @param units that are reserved and not settled
   * @param events to be delivered
   */
  private record Look(boolean isStoring, long units, long events) {
    private static final String SQL =
        """
        select exists (select from pg_locks l join pg_class c on c.oid = l.relation
                        where l.mode = 'RowExclusiveLock'
                          and l.database = (select oid from pg_database where datname = current_database())
                          and c.relname in ('channel_days', 'video_days', 'channel_statistics', 'video_statistics', 'videos', 'traffic_source_days')) as storing,
               (select coalesce(sum(units), 0) from core.quota_reservations) as units,
               (select count(*) from core.webhook_deliveries where due_at is not null) as events
        """;

    private static Look at(Connection admin) throws SQLException {
      try (var statement = admin.createStatement();
          ResultSet result = statement.executeQuery(SQL)) {
        result.next();
        return new Look(
            result.getBoolean("storing"), result.getLong("units"), result.getLong("events"));
      }
    }

    private String words(long calls) {
      return "%,d calls to YouTube so far, %s, %d units reserved, %d events to deliver"
          .formatted(calls, isStoring ? "a store open" : "no store open", units, events);
    }
  }

  private Connection admin() throws SQLException {
    return platform.admin();
  }

  /** Calls that YouTube has counted since the platform was started. */
  private long calls() {
    return platform.simulator().usage().methods().values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /** Waits until no event is left to be delivered. */
  private void awaitDeliveries(String label) throws Exception {
    long until = System.nanoTime() + REDELIVERY_LIMIT.toNanos();
    while (true) {
      long left =
          platform.whileAway(() ->
              platform.number(
                  "select count(*) from core.webhook_deliveries where due_at is not null"));
      if (left == 0) {
        return;
      }
      if (System.nanoTime() > until) {
        fault(Fault.Kind.EVENTS, label, "left %d events undelivered for 3 minutes".formatted(left));
        return;
      }
      Thread.sleep(POLL);
    }
  }

  private void fault(Fault.Kind kind, String label, String detail) {
    faults.add(Fault.of(kind, label + " " + detail));
  }

  /** Strikes; answers since when the part is expected to recover, in the JVM's nanoseconds. */
  private long apply(Strike strike) throws Exception {
    ProcessHandle process = platform.supervisor().process(strike.part());
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.addFirst(process);
    if (strike.signal() == Signal.KILL) {
      long began = System.nanoTime();
      all.forEach(ProcessHandle::destroyForcibly);
      process.onExit().join();
      return began;
    }
    try {
      signal("-STOP", all);
      Thread.sleep(STOPPED);
    } finally {
      signal("-CONT", all);
    }
    return System.nanoTime();
  }

  private static void signal(String signal, List<ProcessHandle> processes)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    processes.stream()
        .filter(ProcessHandle::isAlive)
        .forEach(process -> command.add(String.valueOf(process.pid())));
    // A worker process may have ended meanwhile, of which kill complains.
    new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private Duration awaitRecovery(long since, int restarts) throws Exception {
    long until = since + RECOVERY_LIMIT.multipliedBy(3).toNanos();
    while (System.nanoTime() < until) {
      if (platform.supervisor().restarts() >= restarts
          && isReady(platform.sidecarUrl() + "/health/ready")
          && isReady(platform.n8n().url() + "/healthz/readiness")) {
        return Duration.ofNanos(System.nanoTime() - since);
      }
      Thread.sleep(POLL);
    }
    throw new IllegalStateException(
        "not all parts were ready %d s after a kill. n8n's log ends:%n%s"
            .formatted(RECOVERY_LIMIT.multipliedBy(3).toSeconds(), platform.n8n().tail()));
  }

  private boolean isReady(String url) throws InterruptedException {
    try {
      return probe
              .send(
                  HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(2)).build(),
                  BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private String awaitEnd(String execution) throws Exception {
    return end(execution, EXECUTION_LIMIT).orElseThrow(() -> endless(execution));
  }

  private IllegalStateException endless(String execution) {
    return new IllegalStateException(
        "execution %s did not end within %d minutes of its start; n8n's log ends:%n%s"
            .formatted(execution, EXECUTION_LIMIT.toMinutes(), platform.n8n().tail()));
  }

  /** Waits for the status that an execution ends with; empty when n8n records none so long. */
  private Optional<String> end(String execution, Duration limit) throws Exception {
    long until = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < until) {
      String status =
          platform.whileAway(() -> platform.n8n().status(platform.syncWorkflow(), execution));
      if (!List.of("new", "running", "waiting", "unknown").contains(status)) {
        return Optional.of(status);
      }
      Thread.sleep(POLL);
    }
    return Optional.empty();
  }

  /** What n8n says of an execution, in a sentence where it did not succeed. */
  private String saidOf(String label, String execution, String status) throws Exception {
    if (status.equals("success")) {
      return "success";
    }
    if (status.equals(UNRECORDED)) {
      return "nothing of its end, which it could not record";
    }
    @Nullable String message = platform.whileAway(() -> platform.n8n().errorMessage(execution));
    if (!isSentence(message)) {
      fault(
          Fault.Kind.EXECUTION,
          label,
          "execution %s ended with %s and no sentence, but '%s'"
              .formatted(execution, status, message));
    }
    sentences.merge(String.valueOf(message), 1, Integer::sum);
    return "%s \"%s\"".formatted(status, message);
  }

  private boolean isHealed(String status, String user, Set<String> dueBefore) throws Exception {
    if (!status.equals("success") || !incomplete().isEmpty()) {
      return false;
    }
    Set<String> due = due(user);
    due.removeAll(dueAnyway);
    return dueBefore.containsAll(due);
  }

  private List<String> incomplete() throws Exception {
    return platform.whileAway(() -> checks.incompleteChannels());
  }

  /** Reports of a user's channels that the next sync would fetch. */
  private Set<String> due(String user) throws Exception {
    Set<String> due = new TreeSet<>();
    JsonNode plan =
        platform.whileAway(() -> platform.operator().get("/v1/users/" + user + "/plan"));
    for (JsonNode channel : plan.get("channels")) {
      for (JsonNode report : channel.get("reports")) {
        String name = report.get("report").stringValue();
        if (report.get("isDue").booleanValue() && !name.equals(ALWAYS_DUE) && !isHistory(report)) {
          due.add(name);
        }
      }
    }
    return due;
  }

  /** Whether a report is due for nothing but days of long ago, which come in tick by tick. */
  private boolean isHistory(JsonNode report) {
    LocalDate newest = LocalDate.ofInstant(platform.clock().instant(), ZoneOffset.UTC);
    JsonNode days = report.get("days");
    return !days.isEmpty()
        && days.valueStream()
            .map(day -> LocalDate.parse(day.stringValue()))
            .allMatch(day -> day.isBefore(newest.minusDays(DAYS_COMPARED)));
  }

  /** Compares the rows of all users so far; adds faults, and returns what was found in words. */
  private String checkRows() throws Exception {
    long compared = 0;
    long wrong = 0;
    long missing = 0;
    MovedClock clock = new MovedClock(platform.began());
    World truth = platform.settings().world(clock);
    Set<String> notDue =
        truth.accounts().stream()
            .skip(users.size())
            .flatMap(account -> account.channels().stream())
            .map(World.Channel::id)
            .collect(Collectors.toSet());
    LocalDate from = platform.world().today().minusDays(DAYS_COMPARED);
    long doubled;
    try (Connection admin = admin()) {
      for (Map.Entry<String, TruthCheck.Comparison> each :
          new TruthCheck(admin, truth, clock)
              .run(from, platform.world().now(), notDue, true)
              .entrySet()) {
        TruthCheck.Comparison found = each.getValue();
        compared += found.compared();
        wrong += found.wrong();
        missing += found.missing();
        if (found.wrong() + found.missing() > 0) {
          faults.add(
              Fault.of(
                  Fault.Kind.ROWS,
                  "%s: %d wrong, %d missing: %s"
                      .formatted(each.getKey(), found.wrong(), found.missing(), found.examples())));
        }
      }
      doubled = doubled(admin);
    }
    if (doubled > 0) {
      faults.add(Fault.of(Fault.Kind.ROWS, "%d rows are there twice".formatted(doubled)));
    }
    return "%,d rows compared, %d lost, %d wrong, %d doubled"
        .formatted(compared, missing, wrong, doubled);
  }

  /** Checks rows, events and units after all kills; returns what does not hold. */
  public List<Fault> check() throws Exception {
    String rows = checkRows();
    awaitDeliveries("all kills");
    Set<String> silent = new TreeSet<>(users);
    silent.removeAll(receiver.users());
    Set<String> lost = sent();
    lost.removeAll(receiver.events());
    if (!silent.isEmpty() || !lost.isEmpty()) {
      faults.add(
          Fault.of(
              Fault.Kind.EVENTS,
              "%d events are noted as delivered and did not arrive; %d users have no event of a sync"
                  .formatted(lost.size(), silent.size())));
    }
    Units units = units();
    sentences.forEach(
        (sentence, count) -> progress.note("n8n said %d times: %s".formatted(count, sentence)));
    progress.note(
        "Kills: %d kills; %s; %d units over%s; %d events arrived, %d of them again, %d lost; slowest recovery %.1f s, healing %.1f s"
            .formatted(
                kills,
                rows,
                units.over(),
                units.words(),
                receiver.events().size(),
                receiver.repeats(),
                lost.size() + silent.size(),
                seconds(slowest),
                seconds(slowestHealing)));
    return drainFaults();
  }

  /** Ids of the events that the sidecar noted as delivered. */
  private Set<String> sent() throws SQLException {
    Set<String> sent = new TreeSet<>();
    try (Connection admin = admin();
        var statement = admin.createStatement();
        ResultSet result =
            statement.executeQuery(
                "select event_id::text from core.webhook_deliveries where delivered_at is not null")) {
      while (result.next()) {
        sent.add(result.getString(1));
      }
    }
    return sent;
  }

  /** Rows that users see of the same thing more than once. */
  private static long doubled(Connection admin) throws SQLException {
    try (var statement = admin.createStatement();
        ResultSet result =
            statement.executeQuery(
                """
                select (select count(*) - count(distinct (user_id, channel_id, day)) from core.channel_days)
                     + (select count(*) - count(distinct (user_id, video_id, day)) from core.video_days)
                     + (select count(*) - count(distinct (user_id, channel_id, observed_at)) from core.channel_statistics)
                     + (select count(*) - count(distinct (user_id, video_id, observed_at)) from core.video_statistics)
                     + (select count(*) - count(distinct (user_id, channel_id, source, day)) from core.traffic_source_days)
                """)) {
      result.next();
      return result.getLong(1);
    }
  }

  /** Units that YouTube counted and we did not or above the limit; the rest in words. */
  private record Units(long over, String words) {}

  /**
   * Every unit that YouTube counted must be counted or reserved here, and none above the limit, on
   * each day that the platform has seen.
   */
  private Units units() throws SQLException {
    long over = 0;
    long spent = 0;
    long held = 0;
    List<String> notCalled = new ArrayList<>();
    try (Connection admin = admin();
        var statement = admin.createStatement();
        ResultSet days =
            statement.executeQuery(
                """
                select bucket, starts_at, sum(spent) as spent, sum(held) as held, max(units) as units
                  from core.quota_accounts join core.quota_windows using (bucket, starts_at)
                 where ends_at - starts_at > interval '1 minute'
                 group by bucket, starts_at order by bucket, starts_at
                """)) {
      while (days.next()) {
        String bucket = days.getString("bucket");
        Instant day = days.getObject("starts_at", OffsetDateTime.class).toInstant();
        long counted = platform.simulator().usage().at(day).getOrDefault(bucket, 0L);
        long ours = days.getLong("spent") + days.getLong("held");
        long excess = Math.max(0, counted - ours) + Math.max(0, counted - days.getLong("units"));
        over += excess;
        if (excess > 0) {
          faults.add(
              Fault.of(
                  Fault.Kind.UNITS,
                  "of %s we counted %d units and reserved %d of %d, YouTube counted %d"
                      .formatted(
                          bucket,
                          days.getLong("spent"),
                          days.getLong("held"),
                          days.getLong("units"),
                          counted)));
        } else if (bucket.equals(SETTLED_BUCKET)) {
          spent += days.getLong("spent");
          held += days.getLong("held");
        } else if (ours > counted) {
          notCalled.add("%d of %s".formatted(ours - counted, bucket));
        }
      }
    }
    over += checkSettled(spent, held);
    return new Units(
        over,
        notCalled.isEmpty()
            ? ""
            : notCalled.stream()
                .collect(
                    Collectors.joining(
                        ", ", " (counted, and not known to be spent by YouTube: ", ")")));
  }

  /** What was reserved must have been settled once, and nothing be left reserved. */
  private long checkSettled(long spent, long held) {
    if (spent != settled || held != 0) {
      faults.add(
          Fault.of(
              Fault.Kind.UNITS,
              "of %s %d units were settled, %d are counted and %d still reserved"
                  .formatted(SETTLED_BUCKET, settled, spent, held)));
    }
    return Math.abs(spent - settled) + held;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }

  @Override
  public void close() {
    receiver.close();
  }
}
