package com.ytempire.bench;

import com.ytempire.sidecar.CommandLineSetup;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The benchmarks: {@code ./ytempire bench NAME}. */
@Command(name = "./ytempire bench", description = "Measures, as ratios side by side in one run.")
public final class Bench {
  private final Path state = Path.of(System.getProperty("ytempire.state", ".ytempire"));
  private final Path root = Path.of(System.getProperty("ytempire.root", ".")).toAbsolutePath();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this text.")
  private boolean help;

  private Bench() {}

  /** Exit status 0: measured, and aims met where there are any; 1: not so; 2: not usable so. */
  public static void main(String[] arguments) {
    System.exit(run(System.out, System.err, arguments));
  }

  /** Runs a benchmark and returns the exit status of {@link #main}. */
  static int run(PrintStream out, PrintStream err, String... arguments) {
    return CommandLineSetup.configure(new CommandLine(new Bench()), out, err).execute(arguments);
  }

  private static int status(boolean met) {
    return met ? 0 : 1;
  }

  /** Returns a number of 1 to {@code most}; the standard where none is given. */
  private static int number(String option, @Nullable Integer value, int standard, int maximum) {
    return value == null
        ? standard
        : Math.toIntExact(CommandLineSetup.requireRange(option, value, 1, maximum));
  }

  @Command(
      name = "store",
      description =
          "Rows per second into the store, through the HTTP API and through the DAO, with and without"
              + " rollups of videos, beside raw COPY into an identical table; and the sidecar's"
              + " memory.")
  private int store(
      @Option(
              names = "--rounds",
              paramLabel = "N",
              description = "Rounds, 1 to 99; 3 when left out.")
          @Nullable Integer rounds)
      throws Exception {
    int count = number("--rounds", rounds, 3, 99);
    try (StoreBench bench = new StoreBench(state, System.out)) {
      return status(bench.run(count));
    }
  }

  @Command(
      name = "events",
      description =
          "Events per second through the API beside raw COPY, and the disk of 90 days at a million a"
              + " day.")
  private int events(
      @Option(
              names = "--millions",
              paramLabel = "N",
              description = "Millions of events, 1 to 9; 1 when left out.")
          @Nullable Integer millions)
      throws Exception {
    try (EventsBench bench = new EventsBench(state, System.out)) {
      return status(bench.run(number("--millions", millions, 1, 9)));
    }
  }

  @Command(
      name = "quota",
      description =
          "What a day costs of Google's quota, with public statistics pooled and by owner, with"
              + " YouTube's hub and without, beside the naive workflow.")
  private int quota(
      @Option(
              names = "--users",
              paramLabel = "N",
              description = "Users, 1 to 99; 50 when left out.")
          @Nullable Integer users,
      @Option(
              names = "--scenarios",
              paramLabel = "N",
              description =
                  "How many of the four ways to run, from the first, 1 to 4; 4 when left out."
                      + " Analytics costs the same in all.")
          @Nullable Integer scenarios)
      throws Exception {
    return status(
        new QuotaBench(
                state,
                System.out,
                number("--users", users, 50, 99),
                5,
                number("--scenarios", scenarios, 4, 4))
            .run());
  }

  @Command(
      name = "cycle",
      description =
          "The cycle of all channels in the real n8n with our nodes, beside the same job of n8n's own"
              + " nodes: seconds, calls, units, n8n's memory.")
  private int cycle(
      @Option(
              names = "--users",
              paramLabel = "N",
              description = "Users, 1 to 99; 50 when left out.")
          @Nullable Integer users)
      throws Exception {
    return status(
        new CycleBench(state, root, System.out, number("--users", users, 50, 99), 3).run());
  }

  @Command(
      name = "start",
      description =
          "The time from the sidecar's start on a migrated database until it is ready, beside a plain"
              + " java -jar; and its resident memory under the cycle.")
  private int start(
      @Option(
              names = "--users",
              paramLabel = "N",
              description = "Users, 1 to 1000; 50 when left out.")
          @Nullable Integer users,
      @Option(
              names = "--rounds",
              paramLabel = "N",
              description = "Rounds, 1 to 100; 5 when left out.")
          @Nullable Integer rounds)
      throws Exception {
    return status(
        new StartBench(
                state,
                root,
                System.out,
                number("--users", users, 50, 1000),
                number("--rounds", rounds, 5, 100))
            .run());
  }

  @Command(
      name = "fairness",
      description =
          "How long each of 50 and of 1,000 users waits when one of them has 100 times the load, at"
              + " three replicas, beside one plain FIFO; draws a picture.")
  private int fairness() throws Exception {
    return status(new FairnessBench(state, System.out).run());
  }

  @Command(
      name = "quota-check",
      description =
          "How long it takes to ask whether quota is left, inside the sidecar and over HTTP, beside a"
              + " raw round trip to Redis.")
  private int quotaCheck() throws Exception {
    return status(new QuotaCheckBench(state, System.out).run());
  }

  @Command(
      name = "month",
      description =
          "A month of 15-minute cycles on a moved clock, with Google's faults and three kills of the"
              + " sidecar a day: how fresh, how many units, whether every stored figure is right; draws a picture.")
  private int month(
      @Option(
              names = "--users",
              paramLabel = "N",
              description = "Users, 1 to 1000; 50 when left out.")
          @Nullable Integer users,
      @Option(names = "--days", paramLabel = "D", description = "Days, 1 to 60; 30 when left out.")
          @Nullable Integer days,
      @Option(
              names = "--seed",
              paramLabel = "S",
              description = "Another simulated world, 1 to 1000000; 1 when left out.")
          @Nullable Integer seed,
      @Option(
              names = "--minutes",
              paramLabel = "M",
              description =
                  "Ends with the day reached after M minutes, 1 to 6000; 600 when left out.")
          @Nullable Integer minutes,
      @Option(names = "--picture", paramLabel = "FILE", description = "Where to draw the picture.")
          @Nullable Path picture)
      throws Exception {
    return status(
        new MonthBench(
                state,
                root,
                System.out,
                new MonthBench.Options(
                    number("--users", users, 50, 1000),
                    number("--days", days, 30, 60),
                    number("--seed", seed, 1, 1_000_000),
                    number("--minutes", minutes, 600, 6000),
                    picture))
            .run());
  }

  @Command(
      name = "load",
      description =
          "Callers that fetch and store all the time against one sidecar: errors by problem type, p50 and"
              + " p99 of each route, resident memory. With --users instead: whether one machine keeps so many"
              + " users' channels at most 15 minutes old, and what it uses up first.")
  private int load(
      @Option(
              names = "--callers",
              paramLabel = "N",
              description = "Callers, 1 to 5000; 200 when left out.")
          @Nullable Integer callers,
      @Option(
              names = "--seconds",
              paramLabel = "S",
              description = "Seconds, 1 to 3600; 120 when left out.")
          @Nullable Integer seconds,
      @Option(names = "--users", paramLabel = "N", description = "Users, 1 to 5000.")
          @Nullable Integer users,
      @Option(
              names = "--channels",
              paramLabel = "M",
              description = "With --users: channels of each, 1 to 5; 5 when left out.")
          @Nullable Integer channels,
      @Option(
              names = "--ticks",
              paramLabel = "T",
              description = "With --users: ticks, 1 to 96; 4 when left out.")
          @Nullable Integer ticks)
      throws Exception {
    if (users != null) {
      return status(
          new CapacityBench(
                  state,
                  root,
                  System.out,
                  number("--users", users, 1000, 5000),
                  number("--channels", channels, 5, 5),
                  number("--ticks", ticks, 4, 96))
              .run());
    }
    return status(
        new LoadBench(
                state,
                root,
                System.out,
                number("--callers", callers, 200, 5000),
                number("--seconds", seconds, 120, 3600))
            .run());
  }

  @Command(
      name = "neighbours",
      description =
          "Latency of ordinary customers while one hostile customer takes connections, locks, disk, CPU,"
              + " exports, pages and requests, beside quiet phases of the same run.")
  private int neighbours(
      @Option(
              names = "--seconds",
              paramLabel = "S",
              description = "Length of each of the 18 phases, 1 to 600; 15 when left out.")
          @Nullable Integer seconds,
      @Option(
              names = "--attack",
              paramLabel = "NAME",
              description =
                  "Only this attack, by its name in the report; may be given several times.")
          @Nullable List<String> attacks)
      throws Exception {
    return status(
        new NeighboursBench(
                state,
                root,
                System.out,
                Duration.ofSeconds(number("--seconds", seconds, 15, 600)),
                attacks == null ? List.of() : attacks)
            .run());
  }

  @Command(
      name = "panels",
      description =
          "How long the queries of the dashboards' panels take as a customer's own database login, for"
              + " one customer and for eight at once.")
  private int panels(
      @Option(
              names = "--users",
              paramLabel = "N",
              description = "Users with 5 channels each, 8 to 200; 50 when left out.")
          @Nullable Integer users,
      @Option(
              names = "--rounds",
              paramLabel = "N",
              description =
                  "How often each client asks for all panels, 1 to 1000; 40 when left out.")
          @Nullable Integer rounds)
      throws Exception {
    return status(
        new PanelsBench(
                state,
                root,
                System.out,
                users == null
                    ? 50
                    : Math.toIntExact(CommandLineSetup.requireRange("--users", users, 8, 200)),
                number("--rounds", rounds, 40, 1000))
            .run());
  }

  @Command(
      name = "quality",
      description =
          "False alarms and found faults of the detector of anomalies on a simulated year with faults at"
              + " known days, beside a plain rule of three standard deviations.")
  private int quality(
      @Option(
              names = "--seed",
              paramLabel = "S",
              description = "Other simulated channels, 1 to 1000000; 1 when left out.")
          @Nullable Integer seed) {
    return status(new QualityBench(state, System.out, number("--seed", seed, 1, 1_000_000)).run());
  }
}
