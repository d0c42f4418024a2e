package com.ytempire.bench;

import com.ytempire.bench.SidecarClient.Answer;
import com.ytempire.platform.Customers;
import com.ytempire.platform.TruthCheck;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Faults;
import com.ytempire.simulator.MovedClock;
import com.ytempire.simulator.SharedClock;
import com.ytempire.simulator.Simulator;
import com.ytempire.simulator.Usage;
import com.ytempire.simulator.World;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A month of 15-minute cycles against the simulated YouTube, on a clock that jumps from one tick to
 * the next and runs as the machine's in between. The sidecar is a process of its own, which is
 * killed three times a day; Google has the faults of {@link Incident#schedule}. Answers how fresh
 * the statistics were kept, what it cost, and whether every stored figure is right.
 */
final class MonthBench {
  /**
   * A month with the end of summer time, the end of a month, and the day on which revenue settles.
   */
  private static final LocalDate FIRST_DAY = LocalDate.of(2026, 10, 20);

  private static final int CHANNELS_EACH = 5;
  private static final int WARM_UP_TICKS = 24;
  private static final double DELETED_SHARE = 0.02;
  private static final double FRESH_AIM = 0.995;
  private static final int MEMORY_AIM_MEBIBYTES = 250;
  private static final Duration TIME_AIM = Duration.ofMinutes(30);
  private static final List<Usage.Bucket> BUCKETS =
      List.of(
          Usage.Bucket.DATA_GENERAL,
          Usage.Bucket.DATA_BATCH_GET_STATS,
          Usage.Bucket.ANALYTICS_DAY,
          Usage.Bucket.REPORTING_DAY);
  private static final List<Long> DEFAULT_LIMITS = List.of(10_000L, 10_000L, 100_000L, 20_000L);

  private final Path state;
  private final Path root;
  private final int users;
  private final int days;
  private final int maxMinutes;
  private final int seed;
  private final @Nullable Path picture;
  private final Findings out;

  /**
   * The options of the month.
   *
   * @param maxMinutes of real time, after which it ends with the day that it has come to
   * @param picture where to draw it; null: beside the findings
   */
  record Options(int users, int days, int seed, int maxMinutes, @Nullable Path picture) {}

  MonthBench(Path state, Path root, PrintStream terminal, Options options) {
    this.state = state;
    this.root = root;
    this.users = options.users();
    this.days = options.days();
    this.maxMinutes = options.maxMinutes();
    this.seed = options.seed();
    this.picture = options.picture();
    this.out =
        new Findings(
            state, "month-%dx%d-%d".formatted(users * CHANNELS_EACH, days, seed), terminal);
  }

  /** Runs the month; answers whether all aims were met. */
  boolean run() throws Exception {
    Instant warmUp =
        FIRST_DAY
            .atStartOfDay(World.PACIFIC)
            .toInstant()
            .minus(SyncCycle.TICK.multipliedBy(WARM_UP_TICKS));
    try (out;
        Stage stage = new Stage(state, root, warmUp, users, CHANNELS_EACH, seed, DELETED_SHARE)) {
      new Run(stage, warmUp).run();
      out.say("%nAlso in %s", out.path());
      return out.allMet();
    }
  }

  /** Google's limits of a day for so many users: those of 50 by default, and more by an audit. */
  private long limit(int bucket) {
    return DEFAULT_LIMITS.get(bucket) * Math.max(1, (users + 49) / 50);
  }

  /** A day's end. */
  private record DayFigures(long databaseMebibytes, long residentMebibytes, long heapMebibytes) {}

  private final class Run implements SyncCycle.Hooks {
    private final Stage stage;
    private final SharedClock clock;
    private final Instant begin;
    private final Instant warmUp;
    private final Simulator simulator;
    private final SidecarProcess sidecar;
    private final List<Incident> incidents;
    private final Freshness freshness;
    private final Map<String, String> userOf = new HashMap<>();
    private final Set<Incident> active = new HashSet<>();
    private final Set<String> acknowledged = new HashSet<>();
    private final Map<LocalDate, Map<String, Long>> units = new TreeMap<>();
    private final Map<String, Long> missed = new TreeMap<>();
    private final Map<String, Long> failures = new TreeMap<>();
    private final List<DayFigures> figures = new ArrayList<>();
    private final AtomicBoolean isAway = new AtomicBoolean();
    private final Object lock = new Object();

    /** Until when nothing is due of a channel whose grant was dead. */
    private final Map<String, Instant> notDue = new HashMap<>();

    private Duration restarting = Duration.ZERO;
    private int restarts;
    private int ticksDone;
    private long rows;
    private long rejected;
    private int failedCycles;
    private int skippedCycles;
    private int secondPasses;
    private long maxResident;
    private @Nullable Incident armed;
    private boolean isMeasured;

    Run(Stage stage, Instant warmUp) {
      this.stage = stage;
      this.clock = stage.clock;
      this.simulator = stage.simulator;
      this.sidecar = stage.sidecar;
      // A process lives half a minute here from one kill to the next, hours in production: the
      // optimizing compiler would take more than half of the time and never pay.
      sidecar.addJvmOption("-XX:TieredStopAtLevel=1");
      this.warmUp = warmUp;
      this.begin = FIRST_DAY.atStartOfDay(World.PACIFIC).toInstant();
      List<String> channelIds =
          stage.world.accounts().stream()
              .flatMap(account -> account.channels().stream())
              .map(Catalog.Channel::id)
              .toList();
      incidents = Incident.schedule(FIRST_DAY, days, channelIds, SyncCycle.TICK, seed);
      freshness = new Freshness(begin, SyncCycle.TICK);
    }

    void run() throws Exception {
      long began = System.nanoTime();
      out.say(
          "%d users, %d channels, %d days of %d ticks from %s (Pacific), seed %d; the sidecar is a process of its own with %s",
          users,
          users * CHANNELS_EACH,
          days,
          Duration.ofDays(1).dividedBy(SyncCycle.TICK),
          FIRST_DAY,
          seed,
          String.join(" ", sidecar.jvmOptions()));
      out.say("%nIncidents (UTC), the same for the same seed:");
      for (Incident each : incidents) {
        out.say(
            "  %s  %s  %s%s",
            each.from(),
            each.kind().isRestart() ? "-" : each.until(),
            each.kind().words(),
            each.channelId() != null
                ? ": " + each.channelId()
                : each.strength() > 0 ? " (" + each.strength() + ")" : "");
      }
      sidecar.start();
      SyncCycle cycle = new SyncCycle(stage.client, clock, this, SyncCycle.REPORTS);
      out.say("%nConnecting %d channels …", users * CHANNELS_EACH);
      Customers.onboardAll(stage.api, stage.world)
          .forEach((account, user) ->
              account.channels().forEach(channel -> userOf.put(channel.id(), user)));
      for (int tick = 0; tick < WARM_UP_TICKS; tick++) {
        Instant at = warmUp.plus(SyncCycle.TICK.multipliedBy(tick));
        stage.jumpTo(at);
        simulator.push();
        rows += cycle.run(at.plus(SyncCycle.TICK), SyncCycle.HISTORY_REQUESTS_AT_ONCE).rows();
        if (tick % 6 == 0) {
          out.say(
              "  catching up: %d of %d ticks, %d rows, %.0f s",
              tick + 1, WARM_UP_TICKS, rows, seconds(began));
        }
      }
      measured(cycle, began);
    }

    private void measured(SyncCycle cycle, long began) throws Exception {
      // As in production, where the migration is a step of its own: the many starts ask no Flyway.
      stage.settings.remove("YTEMPIRE_DATABASE_ADMIN_PASSWORD");
      stage.settings.put("YTEMPIRE_QUOTA_DATA_GENERAL", String.valueOf(limit(0)));
      stage.settings.put("YTEMPIRE_QUOTA_DATA_BATCH_GET_STATS", String.valueOf(limit(1)));
      stage.settings.put("YTEMPIRE_QUOTA_ANALYTICS_DAY", String.valueOf(limit(2)));
      stage.settings.put("YTEMPIRE_QUOTA_REPORTING_DAY", String.valueOf(limit(3)));
      stage.jumpTo(begin);
      limitUsage(1);
      sidecar.stop();
      sidecar.start();
      simulator.usage().forgetMethods();
      userOf.keySet().forEach(channel -> freshness.add(channel, begin));
      // What has no videos is looked at every few hours, what has no account not at all.
      stage.world.accounts().stream()
          .flatMap(account -> account.channels().stream())
          .filter(channel ->
              stage.world.isWithoutVideos(channel) || stage.world.closesAfterConnecting(channel))
          .forEach(channel -> freshness.exclude(channel.id(), true, begin));
      isMeasured = true;
      rows = 0;
      long measuredFrom = System.nanoTime();
      Map<String, Double> processorBefore = stage.processorSeconds();
      int ticks = ticksPlanned();
      for (int tick = 0; tick < ticks; tick++) {
        Instant at = begin.plus(SyncCycle.TICK.multipliedBy(tick));
        stage.jumpTo(at);
        tick(cycle, at);
        ticksDone++;
        if ((tick + 1) % 96 == 0 || tick + 1 == ticks) {
          endDay(tick + 1, ticks, measuredFrom);
          if (seconds(began) > maxMinutes * 60L && tick + 1 < ticks) {
            out.say(
                "  ended after %d of %d days, because %d minutes are over",
                figures.size(), days, maxMinutes);
            break;
          }
        }
      }
      Instant end = begin.plus(SyncCycle.TICK.multipliedBy(ticksDone));
      stage.jumpTo(end);
      freshness.sampleUntil(clock.instant());
      report(measuredFrom, began, processorBefore);
    }

    /** Of the measured days, one of which may have 25 hours. */
    private int ticksPlanned() {
      Instant end = FIRST_DAY.plusDays(days).atStartOfDay(World.PACIFIC).toInstant();
      return (int) Duration.between(begin, end).dividedBy(SyncCycle.TICK);
    }

    private void tick(SyncCycle cycle, Instant at) throws Exception {
      Instant next = at.plus(SyncCycle.TICK);
      applyIncidents();
      freshness.sampleUntil(clock.instant());
      simulator.push();
      armed =
          incidents.stream()
              .filter(each ->
                  each.kind().isRestart()
                      && !each.from().isBefore(at)
                      && each.from().isBefore(next))
              .findFirst()
              .orElse(null);
      @Nullable Thread killer = null;
      Incident due = armed;
      if (due != null && due.kind() == Incident.Kind.KILL_FETCHING) {
        int after = simulator.faults().calls() + due.strength();
        killer = Thread.ofVirtual().start(() -> killAfterCalls(after));
      }
      try {
        SyncCycle.Outcome outcome = cycle.run(next.minus(Duration.ofMinutes(2)));
        rows += outcome.rows();
        rejected += outcome.rejected();
        skippedCycles += outcome.wasQuotaShort() ? 1 : 0;
        secondPasses += outcome.passes() > 1 ? 1 : 0;
        SyncCycle.add(missed, outcome.missed());
        SyncCycle.add(failures, outcome.failures());
      } catch (IllegalStateException e) {
        failedCycles++;
        out.say("  a cycle failed at %s: %s", clock.instant(), String.valueOf(e.getMessage()));
      }
      if (killer != null) {
        killer.interrupt();
        killer.join();
      }
      // A cycle that made fewer calls, or stored nothing, is struck at its end.
      if (armed != null) {
        restart();
      }
      units.put(LocalDate.ofInstant(clock.instant(), World.PACIFIC), simulator.usage().today());
    }

    private void killAfterCalls(int calls) {
      try {
        while (simulator.faults().calls() < calls) {
          Thread.sleep(1);
        }
        restart();
      } catch (InterruptedException e) {
        // The cycle is over.
      }
    }

    /** Kills the sidecar and starts it again, as compose does. */
    private void restart() {
      synchronized (lock) {
        if (armed == null) {
          return;
        }
        armed = null;
        isAway.set(true);
        maxResident = Math.max(maxResident, sidecar.residentMebibytes());
        sidecar.kill();
        restarting = restarting.plus(sidecar.start());
        restarts++;
        isAway.set(false);
      }
    }

    @Override
    public void storing() {
      Incident due = armed;
      if (due != null && due.kind() == Incident.Kind.KILL_STORING) {
        Thread.ofVirtual()
            .start(() -> {
              try {
                Thread.sleep(due.strength());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              restart();
            });
      }
    }

    @Override
    public void awaitSidecar() {
      // Whoever restarts it holds the lock.
      do {
        synchronized (lock) {
          if (!isAway.get() && !sidecar.isAlive()) {
            out.say("  the sidecar ended by itself at %s", clock.instant());
            restarting = restarting.plus(sidecar.start());
            restarts++;
          }
        }
      } while (isAway.get());
    }

    @Override
    public void passUntil(Instant moment) {
      stage.jumpTo(moment);
      try {
        applyIncidents();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      freshness.sampleUntil(clock.instant());
    }

    @Override
    public void stored(String channelId, Instant observedAt) {
      if (isMeasured) {
        acknowledged.add(channelId + observedAt.getEpochSecond());
        freshness.stored(channelId, observedAt, clock.instant());
      }
    }

    /** Switches on what has begun and off what has ended. */
    private void applyIncidents() throws Exception {
      Instant now = clock.instant();
      for (Incident each : incidents) {
        if (each.kind().isRestart()) {
          continue;
        }
        boolean isOn = each.isAt(now);
        if (isOn && active.add(each)) {
          change(each, true);
        } else if (!isOn && active.remove(each)) {
          change(each, false);
        }
      }
    }

    private void change(Incident each, boolean isOn) throws Exception {
      Faults faults = simulator.faults();
      int strength = isOn ? each.strength() : 0;
      switch (each.kind()) {
        case SERVER_ERRORS -> faults.oneIn(Faults.Kind.SERVER_ERROR, strength);
        case RATE_LIMIT -> faults.oneIn(Faults.Kind.RATE_LIMIT, strength);
        case SLOW -> faults.delay(Duration.ofMillis(strength), clock::advance);
        case HUB_AWAY -> faults.hubAway(isOn);
        case FEEDS_AWAY -> faults.feedsAway(isOn);
        case QUOTA_HALVED -> limitUsage(isOn ? each.strength() : 1);
        case GRANT_DEAD -> {
          String channel = Objects.requireNonNull(each.channelId());
          if (isOn) {
            faults.killGrant(channel);
            notDue.put(channel, Instant.MAX);
          } else {
            reconnect(channel);
            // What it missed comes within a day.
            notDue.put(channel, clock.instant().plus(Duration.ofDays(1)));
          }
          freshness.exclude(channel, isOn, clock.instant());
        }
        case KILL_IDLE, KILL_FETCHING, KILL_STORING -> {}
      }
    }

    private void reconnect(String channel) throws Exception {
      Answer link =
          stage.client.post(
              "/v1/users/%s/channels/%s/connect".formatted(userOf.get(channel), channel),
              Map.of(),
              Duration.ofSeconds(60));
      stage.api.consent(link.body().path("connectUrl").asString(), channel);
    }

    private void limitUsage(int divisor) {
      for (int i = 0; i < BUCKETS.size(); i++) {
        simulator.usage().limit(BUCKETS.get(i), limit(i) / divisor);
      }
    }

    private void endDay(int tick, int ticks, long measuredFrom) throws SQLException {
      long resident = sidecar.residentMebibytes();
      maxResident = Math.max(maxResident, resident);
      DayFigures figure =
          new DayFigures(stage.databaseMebibytes(), resident, sidecar.liveHeapMebibytes());
      figures.add(figure);
      double passed = seconds(measuredFrom);
      out.say(
          "  day %d of %d, %.0f s, %.0f s left: fresh %.3f %%, %d rows, database %d MiB, sidecar %d MiB resident, %d MiB alive; %s",
          figures.size(),
          days,
          passed,
          passed / tick * (ticks - tick),
          100 * freshness.shares().freshShare(),
          rows,
          figure.databaseMebibytes(),
          figure.residentMebibytes(),
          figure.heapMebibytes(),
          new TreeMap<>(units).lastEntry().getValue());
    }

    private void report(long measuredFrom, long began, Map<String, Double> processorBefore)
        throws Exception {
      double took = seconds(began);
      Truth truth = checkTruth();
      Map<String, Long> maxima = reportUnits();
      Freshness.Shares shares = freshness.shares();
      reportRun(shares, took, took - (measuredFrom - began) / 1e9, processorBefore);
      draw(shares);
      reportAims(shares, truth, maxima, took);
    }

    /** Rows that differ from the simulated YouTube's. */
    private record Truth(long wrong, long missing, long lost) {}

    private Truth checkTruth() throws Exception {
      out.say("%nRows against the simulated YouTube, each as it showed it at the last check:");
      MovedClock truthClock = new MovedClock(warmUp);
      World truth = new World(users, CHANNELS_EACH, seed, truthClock, DELETED_SHARE);
      long wrong = 0;
      long missing = 0;
      long lost;
      try (Connection admin = stage.admin()) {
        Map<String, TruthCheck.Comparison> found =
            new TruthCheck(admin, truth, truthClock)
                .run(FIRST_DAY.minusDays(20), clock.instant(), notDueNow(), false);
        for (Map.Entry<String, TruthCheck.Comparison> each : found.entrySet()) {
          out.say(
              "  %-34s %,12d compared, %d wrong, %d missing",
              each.getKey(),
              each.getValue().compared(),
              each.getValue().wrong(),
              each.getValue().missing());
          each.getValue().examples().forEach(example -> out.say("      %s", example));
          wrong += each.getValue().wrong();
          missing += each.getValue().missing();
        }
        lost = lost(admin);
      }
      return new Truth(wrong, missing, lost);
    }

    /** Returns the most units that a day took, by bucket. */
    private Map<String, Long> reportUnits() {
      Map<String, Long> maxima = new LinkedHashMap<>();
      out.say("%nUnits a day, as the simulated YouTube counted them:");
      for (int i = 0; i < BUCKETS.size(); i++) {
        String label = BUCKETS.get(i).label();
        List<Long> all =
            units.entrySet().stream()
                .filter(day ->
                    !day.getKey().isBefore(FIRST_DAY)
                        && day.getKey().isBefore(FIRST_DAY.plusDays(figures.size())))
                .map(day -> day.getValue().getOrDefault(label, 0L))
                .toList();
        maxima.put(label, all.stream().mapToLong(Long::longValue).max().orElse(0));
        out.say(
            "  %-22s %,8.0f a day, at most %,d of %,d",
            label,
            all.stream().mapToLong(Long::longValue).average().orElse(0),
            maxima.get(label),
            limit(i));
      }
      return maxima;
    }

    /**
     * Reports what the run was like.
     *
     * @param took seconds of the whole run
     * @param measured seconds of the days themselves
     */
    private void reportRun(
        Freshness.Shares shares, double took, double measured, Map<String, Double> processorBefore)
        throws Exception {
      double all = shares.fresh().plus(shares.stale()).plus(shares.excluded()).toMillis();
      out.say(
          "%nChannel-time: %.2f %% with a dead grant, which is not counted; of the rest the newest stored statistics were younger than 15 minutes in %.3f %%.",
          100 * shares.excluded().toMillis() / all, 100 * shares.freshShare());
      out.say(
          "Cycles: %d, of them %d in more than one pass, %d failed, %d not begun for want of quota. Requests missed in the end, by reason: %s. Answers that were errors: %s.",
          ticksDone, secondPasses, failedCycles, skippedCycles, missed, failures);
      out.say(
          "Restarts: %d by kill -9, %.1f s each until ready again.",
          restarts, restarting.toMillis() / 1000.0 / Math.max(1, restarts));
      out.say(
          "Database: %d MiB after the first day, %d MiB at the end, %.1f MiB a day. Rows stored: %,d, rejected: %d.",
          figures.getFirst().databaseMebibytes(),
          figures.getLast().databaseMebibytes(),
          (figures.getLast().databaseMebibytes() - figures.getFirst().databaseMebibytes())
              / (double) Math.max(1, figures.size() - 1),
          rows,
          rejected);
      out.say(
          "Sidecar: %d MiB alive on the heap and %d MiB resident after the first day, %d and %d MiB at the end, at most %d MiB resident.",
          figures.getFirst().heapMebibytes(),
          figures.getFirst().residentMebibytes(),
          figures.getLast().heapMebibytes(),
          figures.getLast().residentMebibytes(),
          maxResident);
      out.say(
          "Time: %.1f minutes, of them %.1f for the days themselves, %.2f s a tick, %.1f for restarts.%n",
          took / 60, measured / 60, measured / ticksDone, restarting.toMillis() / 60_000.0);
      StringBuilder used = new StringBuilder();
      stage
          .processorSeconds()
          .forEach((part, seconds) ->
              used.append(
                  "%s %s %.2f s"
                      .formatted(
                          used.isEmpty() ? "" : ",",
                          part,
                          (seconds - processorBefore.getOrDefault(part, 0.0)) / ticksDone)));
      out.say("Processor time a tick, restarts included:%s.%n", used);
    }

    private void reportAims(
        Freshness.Shares shares, Truth truth, Map<String, Long> maxima, double took) {
      out.aim(
          shares.freshShare() >= FRESH_AIM,
          "Fresh (younger than 15 minutes) %.3f %% of channel-time, aim 99.5 %%",
          100 * shares.freshShare());
      for (int i = 0; i < BUCKETS.size(); i++) {
        long units = Objects.requireNonNull(maxima.get(BUCKETS.get(i).label()));
        out.aim(
            units <= limit(i),
            "%s at most %,d units a day, aim at most Google's %,d",
            BUCKETS.get(i).label(),
            units,
            limit(i));
      }
      out.aim(truth.wrong() == 0, "Wrong rows %d, aim 0", truth.wrong());
      out.aim(truth.missing() == 0, "Rows missing after their due time %d, aim 0", truth.missing());
      out.aim(
          truth.lost() == 0,
          "Rows acknowledged and not there %d of %,d, aim 0",
          truth.lost(),
          acknowledged.size());
      out.aim(
          maxResident <= MEMORY_AIM_MEBIBYTES,
          "Sidecar at most %d MiB resident, aim %d",
          maxResident,
          MEMORY_AIM_MEBIBYTES);
      if (users == 50 && figures.size() >= 30) {
        out.aim(
            took <= TIME_AIM.toSeconds(),
            "Took %.1f minutes, aim %d",
            took / 60,
            TIME_AIM.toMinutes());
      }
    }

    private Set<String> notDueNow() {
      Set<String> channels = new HashSet<>();
      notDue.forEach((channel, until) -> {
        if (until.isAfter(clock.instant())) {
          channels.add(channel);
        }
      });
      return channels;
    }

    /** Statistics of channels that were acknowledged and are not in the database. */
    private long lost(Connection admin) throws SQLException {
      Set<String> left = new HashSet<>(acknowledged);
      try (var statement =
          admin.prepareStatement(
              "select channel_id || extract(epoch from observed_at)::bigint from core.channel_statistics")) {
        statement.setFetchSize(5000);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            left.remove(rows.getString(1));
          }
        }
      }
      return left.size();
    }

    private void draw(Freshness.Shares shares) throws Exception {
      Path file =
          picture == null
              ? state
                  .resolve("bench")
                  .resolve(out.path().getFileName().toString().replace(".txt", ".svg"))
              : picture;
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(
          file,
          MonthPicture.of(
              freshness.hours(),
              incidents,
              "Age of the newest statistics of %,d channels over %d days"
                  .formatted(users * CHANNELS_EACH, figures.size()),
              "Younger than 15 minutes in %.2f %% of channel-time; 15-minute cycles, three kills a day, Google's faults below."
                  .formatted(100 * shares.freshShare())));
      out.say("Picture: %s%n", file);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
