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
      """;

  private Bench() {}

  /** Exit status 0: measured; 1: it failed; 2: it cannot be run so. */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments);
    int rounds = 3;
    if (words.size() == 3 && words.get(1).equals("--rounds") && words.get(2).matches("[1-9]\\d?")) {
      rounds = Integer.parseInt(words.get(2));
    } else if (words.size() != 1) {
      usage();
    }
    if (!words.getFirst().equals("store")) {
      usage();
    }
    Path state = Path.of(System.getProperty("ytempire.state", ".ytempire"));
    try (StoreBench bench = new StoreBench(state, System.out)) {
      bench.run(rounds);
    }
  }

  private static void usage() {
    System.err.println(USAGE);
    System.exit(2);
  }
}
