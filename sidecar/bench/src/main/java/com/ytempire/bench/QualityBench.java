package com.ytempire.bench;

import com.ytempire.sidecar.quality.AnomalyDetector;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * False alarms and found faults of the detector of anomalies on a simulated year of channels, with
 * faults put in at known days, beside a plain rule of three standard deviations. Needs no platform.
 *
 * <p>A channel has a level, a trend, a strength of its weekends, lognormal noise, and on 2 % of its
 * days a true spike of its own doing. Faults are of three kinds: a day that lost half of its views,
 * one that lost three quarters, and two days in a row that lost half. Each stays in the history of
 * the days after it, as a fault does that nobody repairs. Spikes count neither as false alarms nor
 * as found.
 */
final class QualityBench {
  private static final int CHANNELS = 250;
  private static final int DAYS = 365;
  private static final LocalDate FIRST = LocalDate.of(2025, 9, 1);
  private static final int WARM_UP = 56;

  /** Days from one fault of a channel to the next, at least. */
  private static final int APART = 20;

  private static final double SPIKES = 0.02;
  private static final List<Double> NOISES = List.of(0.15, 0.30);

  private static final double MOST_FALSE = 2;
  private static final double LEAST_QUARTERED = 95;
  private static final double LEAST_HALVED = 50;
  private static final double LEAST_TWO_DAYS = 75;

  private final Path state;
  private final PrintStream out;
  private final long seed;

  QualityBench(Path state, PrintStream out, long seed) {
    this.state = state;
    this.out = out;
    this.seed = seed;
  }

  private enum Kind {
    NONE,
    SPIKE,
    HALVED,
    QUARTERED,
    TWO_DAYS_HALVED
  }

  /** A year of a channel: its views as stored, and what is wrong with each day. */
  private record Year(TreeMap<LocalDate, Long> views, Map<LocalDate, Kind> kinds) {}

  /** Decides whether a day is an anomaly; days after it are not looked at. */
  @FunctionalInterface
  private interface Rule {
    boolean isAnomaly(SortedMap<LocalDate, Long> views, LocalDate day);
  }

  /** The findings of a rule. */
  private static final class Score {
    private long ordinary;
    private long falseAlarms;
    private final Map<Kind, int[]> faults = new EnumMap<>(Kind.class);

    void fault(Kind kind, boolean found) {
      int[] count = faults.computeIfAbsent(kind, each -> new int[2]);
      count[0]++;
      count[1] += found ? 1 : 0;
    }

    double falsePerThousand() {
      return 1000.0 * falseAlarms / ordinary;
    }

    double foundPercent(Kind kind) {
      int[] count = faults.getOrDefault(kind, new int[] {0, 0});
      return count[0] == 0 ? 0 : 100.0 * count[1] / count[0];
    }
  }

  /** Measures; returns whether all aims were met. */
  boolean run() {
    try (Findings findings = new Findings(state, "quality", out)) {
      findings.say(
          "%d channels, %d days each, of which the first %d are history; seed %d",
          CHANNELS, DAYS, WARM_UP, seed);
      findings.say(
          "%-6s %-32s %16s %8s %10s %9s",
          "noise", "rule", "false per 1,000", "halved", "quartered", "two days");
      for (double noise : NOISES) {
        Score ours = score(noise, QualityBench::isOurs);
        Score plain = score(noise, QualityBench::isPlain);
        say(findings, noise, "ours", ours);
        say(findings, noise, "3 standard deviations of 14 days", plain);
        if (noise == NOISES.getFirst()) {
          findings.aim(
              ours.falsePerThousand() <= MOST_FALSE,
              "at most %.0f false alarms per 1,000 channel-days",
              MOST_FALSE);
          findings.aim(
              ours.foundPercent(Kind.QUARTERED) >= LEAST_QUARTERED,
              "at least %.0f %% of the quartered days found",
              LEAST_QUARTERED);
          findings.aim(
              ours.foundPercent(Kind.HALVED) >= LEAST_HALVED,
              "at least %.0f %% of the halved days found",
              LEAST_HALVED);
          findings.aim(
              ours.foundPercent(Kind.TWO_DAYS_HALVED) >= LEAST_TWO_DAYS,
              "at least %.0f %% of two halved days in a row found",
              LEAST_TWO_DAYS);
          findings.aim(
              ours.falsePerThousand() < plain.falsePerThousand()
                  && ours.foundPercent(Kind.HALVED) > plain.foundPercent(Kind.HALVED),
              "fewer false alarms and more faults found than the plain rule");
        }
      }
      return findings.allMet();
    }
  }

  private static void say(Findings findings, double noise, String rule, Score score) {
    findings.say(
        "%-6.2f %-32s %16.1f %7.0f%% %9.0f%% %8.0f%%",
        noise,
        rule,
        score.falsePerThousand(),
        score.foundPercent(Kind.HALVED),
        score.foundPercent(Kind.QUARTERED),
        score.foundPercent(Kind.TWO_DAYS_HALVED));
  }

  private Score score(double noise, Rule rule) {
    Score score = new Score();
    for (int channel = 0; channel < CHANNELS; channel++) {
      Year year = year(new Random(seed * 1_000_003 + channel), noise);
      LocalDate last = FIRST.plusDays(DAYS - 1L);
      for (LocalDate day = FIRST.plusDays(WARM_UP); !day.isAfter(last); day = day.plusDays(1)) {
        Kind kind = year.kinds().getOrDefault(day, Kind.NONE);
        switch (kind) {
          case NONE -> {
            score.ordinary++;
            score.falseAlarms += rule.isAnomaly(year.views(), day) ? 1 : 0;
          }
          case SPIKE -> {}
          case HALVED, QUARTERED -> score.fault(kind, rule.isAnomaly(year.views(), day));
          case TWO_DAYS_HALVED -> {
            if (year.kinds().get(day.minusDays(1)) != Kind.TWO_DAYS_HALVED) {
              LocalDate next = day.plusDays(1);
              score.fault(
                  kind, rule.isAnomaly(year.views(), day) || rule.isAnomaly(year.views(), next));
            }
          }
        }
      }
    }
    return score;
  }

  private static Year year(Random random, double noise) {
    double level = Math.exp(Math.log(500) + random.nextDouble() * Math.log(100));
    double trend = random.nextGaussian() * 0.002;
    double weekend = 0.7 + random.nextDouble();
    TreeMap<LocalDate, Long> views = new TreeMap<>();
    Map<LocalDate, Kind> kinds = new TreeMap<>();
    int untilFault = WARM_UP + random.nextInt(APART);
    Kind[] faults = {Kind.HALVED, Kind.QUARTERED, Kind.TWO_DAYS_HALVED};
    for (int i = 0; i < DAYS; i++) {
      LocalDate day = FIRST.plusDays(i);
      double value =
          level
              * (day.getDayOfWeek().getValue() >= 6 ? weekend : 1)
              * Math.exp(trend * i + noise * random.nextGaussian());
      boolean isSpike = random.nextDouble() < SPIKES;
      double spike = 2 + 3 * random.nextDouble();
      if (kinds.containsKey(day)) {
        value /= 2;
      } else if (i >= untilFault && i < DAYS - 1) {
        Kind fault = faults[random.nextInt(faults.length)];
        kinds.put(day, fault);
        if (fault == Kind.TWO_DAYS_HALVED) {
          kinds.put(day.plusDays(1), fault);
        }
        value /= fault == Kind.QUARTERED ? 4 : 2;
        untilFault = i + APART + random.nextInt(APART);
      } else if (isSpike) {
        kinds.put(day, Kind.SPIKE);
        value *= spike;
      }
      views.put(day, Math.round(value));
    }
    return new Year(views, kinds);
  }

  private static boolean isOurs(SortedMap<LocalDate, Long> views, LocalDate day) {
    return AnomalyDetector.judge(views, day).map(AnomalyDetector.Judgment::isAnomaly).orElse(false);
  }

  private static boolean isPlain(SortedMap<LocalDate, Long> views, LocalDate day) {
    double[] before =
        views.subMap(day.minusDays(14), day).values().stream()
            .mapToDouble(Long::doubleValue)
            .toArray();
    double mean = 0;
    for (double value : before) {
      mean += value / before.length;
    }
    double square = 0;
    for (double value : before) {
      square += (value - mean) * (value - mean) / before.length;
    }
    Long value = views.get(day);
    return value != null && Math.abs(value - mean) > 3 * Math.sqrt(square);
  }
}
