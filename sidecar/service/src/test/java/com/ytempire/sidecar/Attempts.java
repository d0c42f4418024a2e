package com.ytempire.sidecar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what was tried, by kind, and keeps what leaked. */
final class Attempts {
  private final Map<String, Integer> tried = new TreeMap<>();
  private final List<String> leaks = new ArrayList<>();
  private final boolean stopAtFirstLeak;

  Attempts(boolean stopAtFirstLeak) {
    this.stopAtFirstLeak = stopAtFirstLeak;
  }

  /** Enough is known: the suite is red. */
  static final class FirstLeak extends RuntimeException {
    private static final long serialVersionUID = 1;

    FirstLeak(String leak) {
      super(leak);
    }
  }

  void tried(String kind) {
    tried.merge(kind, 1, Integer::sum);
  }

  void leak(String attempt, String evidence) {
    String text = attempt.strip() + "\n      -> " + evidence.strip();
    leaks.add(text.length() > 1200 ? text.substring(0, 1200) + " …" : text);
    if (stopAtFirstLeak) {
      throw new FirstLeak(leaks.getLast());
    }
  }

  int count() {
    return tried.values().stream().mapToInt(Integer::intValue).sum();
  }

  List<String> leaks() {
    return leaks;
  }

  /** The result, for people. */
  String summary() {
    StringBuilder text =
        new StringBuilder("Attacks: %,d attempts, %d leaks%n".formatted(count(), leaks.size()));
    tried.forEach((kind, count) -> text.append("  %,8d  %s%n".formatted(count, kind)));
    leaks.stream().limit(20).forEach(leak -> text.append("  LEAK  ").append(leak).append('\n'));
    return text.toString();
  }
}
