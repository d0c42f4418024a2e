package com.ytempire.bench;

import java.nio.file.Path;
import java.util.List;

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
      ./ytempire bench fairness
          How long each of 50 and of 1,000 users waits for a turn when one of them has 100 times
          the load, at three replicas, beside one plain FIFO; draws a picture.
      ./ytempire bench quota-check
          How long it takes to ask whether quota is left, inside the sidecar and over HTTP, beside
          a raw round trip to Redis.
      """;

  private Bench() {}

  /** Exit status 0: measured, and aims met where there are any; 1: not so; 2: no such benchmark. */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments);
    Path state = Path.of(System.getProperty("ytempire.state", ".ytempire"));
    switch (words.isEmpty() ? "" : words.getFirst()) {
      case "store" -> {
        try (StoreBench bench = new StoreBench(state, System.out)) {
          bench.run(option(words, "--rounds", 3));
        }
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
      case "fairness" -> System.exit(new FairnessBench(state, System.out).run() ? 0 : 1);
      case "quota-check" -> System.exit(new QuotaCheckBench(state, System.out).run() ? 0 : 1);
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

  private static void usage() {
    System.err.println(USAGE);
    System.exit(2);
  }
}
