package com.ytempire.sidecar.quality;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Holds back checks that failed: each failure in a row doubles the wait, from ten minutes to six
 * hours, so that a check that runs into its deadline does not do so at every run. Of one thread.
 */
final class CheckBackoff {
  private static final Duration FIRST = Duration.ofMinutes(10);
  private static final Duration LONGEST = Duration.ofHours(6);

  private final Map<CheckOfUser, Pause> pauses = new HashMap<>();

  private record CheckOfUser(UUID userId, Check check) {}

  private record Pause(Duration length, Instant end) {}

  /** Whether a check may be made now. */
  boolean isOver(UUID userId, Check check, Instant now) {
    Pause pause = pauses.get(new CheckOfUser(userId, check));
    return pause == null || !pause.end().isAfter(now);
  }

  /** Notes that a check failed. */
  void fail(UUID userId, Check check, Instant now) {
    CheckOfUser key = new CheckOfUser(userId, check);
    Pause before = pauses.get(key);
    Duration doubled = before == null ? FIRST : before.length().multipliedBy(2);
    Duration length = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    pauses.put(key, new Pause(length, now.plus(length)));
  }

  /** Notes that a check was made. */
  void succeed(UUID userId, Check check) {
    pauses.remove(new CheckOfUser(userId, check));
  }

  /** Forgets all users but these. */
  void keep(Set<UUID> users) {
    pauses.keySet().removeIf(key -> !users.contains(key.userId()));
  }
}
