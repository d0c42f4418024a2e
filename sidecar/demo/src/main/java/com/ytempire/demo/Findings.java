package com.ytempire.demo;

import com.ytempire.platform.Fault;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The findings of the checks.
 *
 * @param incomplete channels that have not all their rows, each with the reason
 * @param closed channels whose account is closed, which have no rows to have
 */
record Findings(
    Map<String, Long> rows,
    Map<String, String> incomplete,
    Set<String> closed,
    List<Fault> faults,
    int isolationProbes) {

  boolean has(Fault.Kind kind) {
    return faults.stream().anyMatch(fault -> fault.kind() == kind);
  }

  /** How many channels are complete, why the others are not, and what else was found. */
  String words(int channels) {
    StringBuilder words = new StringBuilder();
    words.append("%,d of %,d channels complete".formatted(channels - incomplete.size(), channels));
    if (!closed.isEmpty()) {
      words.append(" (%,d of a closed account)".formatted(closed.size()));
    }
    if (!incomplete.isEmpty()) {
      Map<String, Long> reasons =
          incomplete.values().stream()
              .collect(Collectors.groupingBy(each -> each, TreeMap::new, Collectors.counting()));
      words.append("; %,d not: ".formatted(incomplete.size()));
      words.append(
          reasons.entrySet().stream()
              .map(each -> "%s %,d".formatted(each.getKey(), each.getValue()))
              .collect(Collectors.joining(", ")));
    }
    Map<String, Long> others =
        faults.stream()
            .filter(fault -> fault.kind() != Fault.Kind.ROWS)
            .collect(
                Collectors.groupingBy(
                    fault -> fault.kind().label(), TreeMap::new, Collectors.counting()));
    others.forEach((kind, count) -> words.append("; %s faults: %d".formatted(kind, count)));
    return words.toString();
  }
}
