package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a report of a channel that is due, and why.
 *
 * @param nextDueAt now or later; null: not while things stay as they are
 * @param days newest first
 */
record DuePart(
    boolean isDue,
    @Nullable Instant nextDueAt,
    List<LocalDate> days,
    List<String> videoIds,
    String why) {
  /** The whole report, at a moment, or now when that has passed. */
  static DuePart at(Instant next, Instant now, String why) {
    boolean isDue = !next.isAfter(now);
    return new DuePart(isDue, isDue ? now : next, List.of(), List.of(), why);
  }

  /** Nothing, while things stay as they are. */
  static DuePart never(String why) {
    return new DuePart(false, null, List.of(), List.of(), why);
  }

  /** The moment that comes an interval after the last time; now when there was none. */
  static Instant after(@Nullable Instant last, Duration interval, Instant now) {
    return last == null ? now : last.plus(interval);
  }
}
