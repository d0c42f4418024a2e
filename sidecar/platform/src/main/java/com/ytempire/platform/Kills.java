package com.ytempire.platform;

import com.ytempire.simulator.Catalog;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
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
  private static final Duration RECOVERY_LIMIT = Duration.ofMinutes(1);

  /** In which what a kill left must be healed. */
  private static final int TICKS = 3;

  private final int kills;
  private final Platform platform;
  private final Progress progress;
  private final List<Strike> strikes;
  private final EventReceiver receiver;
  private final FaultLog faults = new FaultLog();
  private final SyncExecutions executions;
  private final MomentWatch watch;
  private final PartSignals signals;
  private final ReservationProbe reservations;
  private final SyncState state;
  private final RowComparison rows;
  private final EventDeliveries deliveries;
  private final Set<String> users = new TreeSet<>();
  private Set<String> dueAnyway = Set.of();
  private long calls;
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
    Random random = new Random(platform.settings().seed());
    this.kills = kills;
    this.platform = platform;
    this.progress = progress;
    this.strikes = Strike.schedule(kills, random);
    this.receiver = EventReceiver.start();
    this.executions = new SyncExecutions(platform, faults);
    this.watch = new MomentWatch(platform, executions, random, TICKS);
    this.signals = new PartSignals(platform);
    this.reservations = new ReservationProbe(platform, random, faults);
    this.state = new SyncState(platform);
    this.rows = new RowComparison(platform, faults);
    this.deliveries = new EventDeliveries(platform, receiver, faults);
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
    String status = executions.awaitEnd(platform.n8n().run(platform.syncWorkflow(), "Run Now"));
    double undisturbed = (System.nanoTime() - began) / 1e9;
    calls = watch.calls();
    dueAnyway = state.due(user);
    if (!status.equals("success") || !state.incomplete().isEmpty()) {
      faults.add(
          Fault.Kind.EXECUTION,
          "the undisturbed sync ended with %s, channels without all rows: %s"
              .formatted(status, state.incomplete()));
    }
    progress.note(
        "undisturbed: n8n said %s after %.1f s and %d calls to YouTube; due right after it, as ticks bring the history: %s; %s"
            .formatted(status, undisturbed, calls, dueAnyway, rows.check(users.size())));
    return faults.drain();
  }

  /** Returns what a kill strikes, how and when. */
  public Strike strike(int kill) {
    return strikes.get(kill);
  }

  /** Strikes during the sync of a new user; returns what does not hold once that is healed. */
  public List<Fault> apply(int kill) throws Exception {
    String user = onboard(platform.world().accounts().get(kill + 1));
    strike("kill %d of %d".formatted(kill + 1, kills), strikes.get(kill), user);
    return faults.drain();
  }

  private String onboard(Catalog.Account account) throws Exception {
    String user = Customers.onboard(platform.operator(), account);
    users.add(user);
    return user;
  }

  private void strike(String number, Strike strike, String user) throws Exception {
    EventReceiver.@Nullable Hold hold =
        strike.moment() == Strike.Moment.DELIVERY ? receiver.holdNext(user) : null;
    Recovery recovery;
    try {
      recovery = recover(strike, user, hold);
    } finally {
      if (hold != null) {
        hold.release();
      }
    }
    MomentWatch.@Nullable Snapshot snapshot = recovery.hit().snapshot();
    String label =
        "%s: %s (%s)"
            .formatted(
                number, strike, snapshot == null ? "not seen" : snapshot.describe(watch.calls()));
    if (snapshot == null) {
      fault(Fault.Kind.RECOVERY, label, "hit nothing: the moment did not come");
    }
    slowest = longer(slowest, recovery.time());
    if (recovery.time().compareTo(RECOVERY_LIMIT) > 0) {
      fault(
          Fault.Kind.RECOVERY, label, "took %.1f s to recover".formatted(seconds(recovery.time())));
    }
    if (recovery.settling() != null) {
      recovery.settling().join();
    }
    String execution = recovery.hit().execution();
    String status =
        strike.part().equals(Strike.POSTGRESQL)
            ? executions.awaitEndIfRecorded(execution)
            : executions.awaitEnd(execution);
    String said = executions.describeEnd(label, execution, status);
    int ticks = heal(label, user, status);
    if (hold != null) {
      deliveries.awaitNone(label);
    }
    Duration healing = Duration.ofNanos(System.nanoTime() - recovery.struckAt());
    slowestHealing = longer(slowestHealing, healing);
    progress.note(
        "%s: recovered in %.1f s, healed %.1f s after the strike%s; n8n said %s"
            .formatted(label, seconds(recovery.time()), seconds(healing), words(ticks), said));
  }

  /**
   * A strike after which all parts are ready again.
   *
   * @param settling settles a reservation; null: there is none
   * @param struckAt in the JVM's nanoseconds
   * @param time from when the part was expected to recover
   */
  private record Recovery(
      MomentWatch.Hit hit, @Nullable Thread settling, long struckAt, Duration time) {}

  /** Strikes in the midst of a sync, and waits until all parts are ready. */
  private Recovery recover(Strike strike, String user, EventReceiver.@Nullable Hold hold)
      throws Exception {
    String first = executions.run();
    MomentWatch.Hit hit =
        hold == null
            ? watch.awaitMoment(strike.moment(), first, calls)
            : watch.awaitDelivery(hold, first);
    @Nullable Thread settling =
        strike.moment() == Strike.Moment.SETTLE ? reservations.settle(user) : null;
    int restarts = platform.supervisor().restarts();
    long struckAt = System.nanoTime();
    long since = signals.apply(strike);
    Duration time =
        signals.awaitRecovery(since, strike.signal() == Strike.Signal.KILL ? restarts + 1 : 0);
    return new Recovery(hit, settling, struckAt, time);
  }

  /** Syncs until nothing is missing; returns how many ticks that took. */
  private int heal(String label, String user, String status) throws Exception {
    int ticks = 0;
    String lastStatus = status;
    // What was due before a tick that missed nothing, and still is, YouTube does not have yet: a
    // channel's days and files have times of their own. That no row is lost is compared at the end.
    Set<String> expected = dueAnyway;
    while (!state.isHealed(lastStatus, user, expected) && ticks < TICKS) {
      ticks++;
      expected = new TreeSet<>(dueAnyway);
      expected.addAll(state.due(user));
      if (!state.awaitLeases(user)) {
        fault(Fault.Kind.ROWS, label, "leases of a run that is gone last");
      }
      lastStatus = executions.awaitEnd(executions.run());
    }
    if (!state.isHealed(lastStatus, user, expected)) {
      fault(
          Fault.Kind.ROWS,
          label,
          "not healed after %d ticks: n8n says %s, channels without all rows %s, still due %s"
              .formatted(ticks, lastStatus, state.incomplete(), state.due(user)));
    }
    return ticks;
  }

  private static String words(int ticks) {
    return switch (ticks) {
      case 0 -> "";
      case 1 -> " by the next tick";
      default -> " by %d ticks".formatted(ticks);
    };
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private void fault(Fault.Kind kind, String label, String detail) {
    faults.add(kind, label + " " + detail);
  }

  /** Checks rows, events and units after all kills; returns what does not hold. */
  public List<Fault> check() throws Exception {
    String compared = rows.check(users.size());
    deliveries.awaitNone("all kills");
    int lost = deliveries.check(users);
    UnitComparison.Result units = new UnitComparison(platform, reservations, faults).compare();
    executions
        .sentences()
        .forEach(
            (sentence, count) -> progress.note("n8n said %d times: %s".formatted(count, sentence)));
    progress.note(
        "Kills: %d kills; %s; %d units over%s; %d events arrived, %d of them again, %d lost; slowest recovery %.1f s, healing %.1f s"
            .formatted(
                kills,
                compared,
                units.over(),
                units.words(),
                receiver.events().size(),
                receiver.repeats(),
                lost,
                seconds(slowest),
                seconds(slowestHealing)));
    return faults.drain();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }

  @Override
  public void close() {
    receiver.close();
  }
}
