package com.ytempire.bench;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code ./ytempire bench NAME}. */
public final class Bench {
  static final String USAGE =
      """
      ./ytempire bench store [--rounds N]
          Rows per second into the store, through the HTTP API and through the DAO, beside raw
          COPY into an identical table; and the sidecar's memory.
      ./ytempire bench quota [--users N]
          What a day of 50 users and 250 channels costs of Google's quota, with public statistics
          pooled and by owner, with YouTube's hub and without, beside the naive workflow.
      ./ytempire bench cycle [--users N]
          The cycle of 50 users' 250 channels in the real n8n with our nodes, beside the same job
          of n8n's own nodes as in the brief: seconds, calls, units, n8n's memory.
      ./ytempire bench start [--users N] [--rounds N]
          The time from the sidecar's start on a migrated database until it is ready, beside a
          plain java -jar; and its resident memory under the cycle of 50 users' 250 channels.
      ./ytempire bench fairness
          How long each of 50 and of 1,000 users waits for a turn when one of them has 100 times
          the load, at three replicas, beside one plain FIFO; draws a picture.
      ./ytempire bench quota-check
          How long it takes to ask whether quota is left, inside the sidecar and over HTTP, beside
          a raw round trip to Redis.
      ./ytempire bench month [--users N] [--days D] [--seed S] [--minutes M] [--picture FILE]
          A month of 15-minute cycles on a moved clock, with Google's faults and three kills of the
          sidecar a day: how fresh, how many units, whether every stored figure is right; draws a
          picture. 50 users of 5 channels and 30 days when left out; after M minutes it ends with
          the day that it has come to.
      ./ytempire bench load [--callers N] [--seconds S]
          Callers that fetch and store all the time, 200 for two minutes when left out, against one
          sidecar: errors by problem type, p50 and p99 of each route, resident memory.
      ./ytempire bench load --users N [--channels M] [--ticks T]
          Whether one machine keeps so many users' channels at most 15 minutes old, and what it uses
          up first; 5 channels each and 4 ticks when left out.
      ./ytempire bench neighbours
          Latency of ordinary customers while one hostile customer takes connections, locks, disk,
          CPU, exports and requests, beside quiet phases of the same run.
      """;

  private Bench() {}

  /** Exit status 0: measured, and aims met where there are any; 1: not so; 2: no such benchmark. */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments);
    Path state = Path.of(System.getProperty("ytempire.state", ".ytempire"));
    switch (words.isEmpty() ? "" : words.getFirst()) {
      case "store" -> {
        boolean met;
        try (StoreBench bench = new StoreBench(state, System.out)) {
          met = bench.run(option(words, "--rounds", 3));
        }
        System.exit(met ? 0 : 1);
      }
      case "quota" ->
          System.exit(
              new QuotaBench(state, System.out, option(words, "--users", 50), 5).run() ? 0 : 1);
      case "cycle" ->
          System.exit(
              new CycleBench(
                          state,
                          Path.of(System.getProperty("ytempire.root", ".")),
                          System.out,
                          option(words, "--users", 50),
                          3)
                      .run()
                  ? 0
                  : 1);
      case "start" -> {
        Map<String, String> options = options(words, Set.of("--users", "--rounds"));
        System.exit(
            new StartBench(
                        state,
                        Path.of(System.getProperty("ytempire.root", ".")),
                        System.out,
                        number(options, "--users", 50, 1000),
                        number(options, "--rounds", 5, 100))
                    .run()
                ? 0
                : 1);
      }
      case "fairness" -> System.exit(new FairnessBench(state, System.out).run() ? 0 : 1);
      case "month" -> {
        Map<String, String> options =
            options(words, Set.of("--users", "--days", "--seed", "--minutes", "--picture"));
        String picture = options.get("--picture");
        System.exit(
            new MonthBench(
                        state,
                        Path.of(System.getProperty("ytempire.root", ".")),
                        System.out,
                        new MonthBench.Options(
                            number(options, "--users", 50, 1000),
                            number(options, "--days", 30, 60),
                            number(options, "--seed", 1, 1_000_000),
                            number(options, "--minutes", 600, 6000),
                            picture == null ? null : Path.of(picture)))
                    .run()
                ? 0
                : 1);
      }
      case "load" -> {
        Map<String, String> options =
            options(words, Set.of("--callers", "--seconds", "--users", "--channels", "--ticks"));
        Path root = Path.of(System.getProperty("ytempire.root", "."));
        boolean met =
            options.containsKey("--users")
                ? new CapacityBench(
                        state,
                        root,
                        System.out,
                        number(options, "--users", 1000, 5000),
                        number(options, "--channels", 5, 5),
                        number(options, "--ticks", 4, 96))
                    .run()
                : new LoadBench(
                        state,
                        root,
                        System.out,
                        number(options, "--callers", 200, 5000),
                        number(options, "--seconds", 120, 3600))
                    .run();
        System.exit(met ? 0 : 1);
      }
      case "quota-check" -> System.exit(new QuotaCheckBench(state, System.out).run() ? 0 : 1);
      case "neighbours" ->
          System.exit(
              new NeighboursBench(
                          state, Path.of(System.getProperty("ytempire.root", ".")), System.out)
                      .run()
                  ? 0
                  : 1);
      default -> usage();
    }
  }

  /** The number after an option, 1 to 99; else the standard. */
  private static int option(List<String> words, String name, int standard) {
    if (words.size() == 3 && words.get(1).equals(name) && words.get(2).matches("[1-9]\\d?")) {
      return Integer.parseInt(words.get(2));
    }
    if (words.size() != 1) {
      usage();
    }
    return standard;
  }

  /** Words in pairs, an option and its value, after the benchmark's name. */
  private static Map<String, String> options(List<String> words, Set<String> known) {
    Map<String, String> options = new HashMap<>();
    for (int at = 1; at < words.size(); at += 2) {
      if (!known.contains(words.get(at)) || at + 1 == words.size()) {
        usage();
      }
      options.put(words.get(at), words.get(at + 1));
    }
    return options;
  }

  /** A number of 1 to {@code most}; else the standard. */
  private static int number(Map<String, String> options, String name, int standard, int most) {
    String value = options.get(name);
    if (value == null) {
      return standard;
    }
    if (!value.matches("[1-9]\\d{0,6}") || Integer.parseInt(value) > most) {
      System.err.printf("%s takes a number from 1 to %d, not '%s'.%n", name, most, value);
      usage();
    }
    return Integer.parseInt(value);
  }

  private static void usage() {
    System.err.println(USAGE);
    System.exit(2);
  }
}
