package com.ytempire.bench;

import com.ytempire.platform.Customers;
import com.ytempire.simulator.World;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Measures whether one machine keeps very many channels at most 15 minutes old: some ticks back to
 * back on a clock that jumps between them and runs as the machine's within them, with quota to
 * match. Answers the share of channel-time that was fresh, how long a tick takes of its 15 minutes,
 * and what of the machine it uses up first.
 */
final class CapacityBench implements SyncCycle.Hooks {
  /** What must be new at each tick; Analytics changes by the day. */
  private static final List<String> REPORTS =
      List.of("channel-statistics", "recent-uploads", "video-statistics");

  private static final Instant BEGIN =
      LocalDate.of(2026, 11, 10).atTime(9, 0).atZone(World.PACIFIC).toInstant();
  private static final double FRESH_AIM = 0.995;

  private final Path state;
  private final Path root;
  private final Findings out;
  private final int users;
  private final int channelsEach;
  private final int ticks;
  private Freshness freshness = new Freshness(BEGIN, SyncCycle.TICK);
  private final Set<String> channels = new HashSet<>();
  private @Nullable Stage stage;

  CapacityBench(
      Path state, Path root, PrintStream terminal, int users, int channelsEach, int ticks) {
    this.state = state;
    this.root = root;
    this.users = users;
    this.channelsEach = channelsEach;
    this.ticks = ticks;
    this.out = new Findings(state, "load-%d-channels".formatted(users * channelsEach), terminal);
  }

  /** Runs it; answers whether the aims were met. */
  boolean run() throws Exception {
    try (out;
        Stage opened = new Stage(state, root, BEGIN, users, channelsEach, 1, 0)) {
      stage = opened;
      out.say(
          "%d users, %d channels, %d ticks; moved clock; reports %s; the sidecar is a process of its own with %s",
          users,
          users * channelsEach,
          ticks,
          String.join(", ", REPORTS),
          String.join(" ", opened.sidecar.jvmOptions()));
      opened.sidecar.start();
      long began = System.nanoTime();
      out.say("Connecting %d channels …", users * channelsEach);
      Customers.onboardAll(opened.api, opened.world)
          .forEach(
              (account, user) -> account.channels().forEach(channel -> channels.add(channel.id())));
      out.say("  took %.0f s", seconds(began));
      SyncCycle cycle = new SyncCycle(opened.client, opened.clock, this, REPORTS);
      began = System.nanoTime();
      SyncCycle.Outcome first =
          cycle.run(
              opened.clock.instant().plus(SyncCycle.TICK), SyncCycle.HISTORY_REQUESTS_AT_ONCE);
      out.say(
          "  the first tick, with all videos of a month: %,d rows in %.0f s, missed %s",
          first.rows(), seconds(began), first.missed());
      Instant from = opened.clock.instant();
      freshness = new Freshness(from, SyncCycle.TICK);
      channels.forEach(channel -> freshness.add(channel, from));
      measure(opened, cycle, from);
      return out.allMet();
    }
  }

  private void measure(Stage opened, SyncCycle cycle, Instant from) {
    List<Double> seconds = new ArrayList<>();
    Map<String, Long> missed = new TreeMap<>();
    Map<String, Long> failures = new TreeMap<>();
    Map<String, Double> before = opened.processorSeconds();
    double busy = 0;
    long resident = 0;
    for (int tick = 1; tick <= ticks; tick++) {
      opened.jumpTo(from.plus(SyncCycle.TICK.multipliedBy(tick)));
      freshness.sampleUntil(opened.clock.instant());
      opened.simulator.push();
      long began = System.nanoTime();
      try {
        SyncCycle.Outcome outcome = cycle.run(opened.clock.instant().plus(SyncCycle.TICK));
        SyncCycle.add(missed, outcome.missed());
        SyncCycle.add(failures, outcome.failures());
        out.say(
            "  tick %d of %d: %,d rows in %.1f s of 900, missed %s",
            tick, ticks, outcome.rows(), seconds(began), outcome.missed());
      } catch (IllegalStateException e) {
        out.say(
            "  tick %d of %d failed after %.1f s: %s",
            tick, ticks, seconds(began), String.valueOf(e.getMessage()));
      }
      seconds.add(seconds(began));
      busy += seconds(began);
      resident = Math.max(resident, opened.sidecar.residentMebibytes());
    }
    opened.jumpTo(from.plus(SyncCycle.TICK.multipliedBy(ticks + 1L)));
    freshness.sampleUntil(opened.clock.instant());
    Map<String, Double> used = opened.processorSeconds();
    double all = busy * Runtime.getRuntime().availableProcessors();
    String largest = "";
    double largestShare = 0;
    StringBuilder shares = new StringBuilder();
    for (Map.Entry<String, Double> each : used.entrySet()) {
      double share = (each.getValue() - before.getOrDefault(each.getKey(), 0.0)) / all;
      shares.append("%s %.0f %%, ".formatted(each.getKey(), 100 * share));
      if (share > largestShare) {
        largestShare = share;
        largest = each.getKey();
      }
    }
    double longest = seconds.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    out.say(
        "%nOf %d cores while a tick ran: %sthe rest idle or other programs'. Largest: %s.",
        Runtime.getRuntime().availableProcessors(), shares, largest);
    out.say("Errors by problem type: %s; missed in the end, by reason: %s", failures, missed);
    out.say(
        "A tick takes %.1f s at most of 900: by time alone one machine would keep about %,d channels.",
        longest, (long) (users * channelsEach * 900 / Math.max(1, longest)));
    out.say("Sidecar at most %d MiB resident.%n", resident);
    out.aim(
        freshness.shares().freshShare() >= FRESH_AIM,
        "Fresh (younger than 15 minutes) %.3f %% of channel-time, aim 99.5 %%",
        100 * freshness.shares().freshShare());
    out.aim(longest <= 900, "Longest tick %.1f s, aim at most 900", longest);
    out.say("%nAlso in %s", out.path());
  }

  private Stage opened() {
    if (stage == null) {
      throw new IllegalStateException("not started");
    }
    return stage;
  }

  @Override
  public void awaitSidecar() {
    if (!opened().sidecar.isAlive()) {
      throw new IllegalStateException("the sidecar ended; see " + opened().folder);
    }
  }

  @Override
  public void passUntil(Instant moment) {
    opened().jumpTo(moment);
    freshness.sampleUntil(opened().clock.instant());
  }

  @Override
  public void storing() {}

  @Override
  public void stored(String channelId, Instant observedAt) {
    if (freshness.knows(channelId)) {
      freshness.stored(channelId, observedAt, opened().clock.instant());
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
