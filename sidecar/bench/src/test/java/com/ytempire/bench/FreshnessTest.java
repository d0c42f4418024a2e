package com.ytempire.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Ages of statistics over time. */
final class FreshnessTest {
  private static final Instant BEGIN = Instant.parse("2026-11-01T00:00:00Z");

  private final Freshness freshness = new Freshness(BEGIN, Duration.ofMinutes(15));

  private static Instant minute(int minute) {
    return BEGIN.plus(Duration.ofMinutes(minute));
  }

  @Test
  void a_missed_tick_is_stale_for_the_quarter_of_an_hour_it_missed() {
    freshness.add("a", BEGIN);
    freshness.sampleUntil(minute(30));
    freshness.stored("a", minute(30), minute(30));
    freshness.sampleUntil(minute(45));
    assertEquals(Duration.ofMinutes(30), freshness.shares().fresh());
    assertEquals(Duration.ofMinutes(15), freshness.shares().stale());
    assertEquals(2.0 / 3, freshness.shares().freshShare(), 1e-9);
  }

  @Test
  void statistics_are_as_old_as_their_observation_not_their_storing() {
    freshness.add("a", BEGIN);
    freshness.stored("a", minute(2), minute(10));
    freshness.sampleUntil(minute(20));
    assertEquals(Duration.ofMinutes(17), freshness.shares().fresh());
    assertEquals(Duration.ofMinutes(3), freshness.shares().stale());
  }

  @Test
  void an_excluded_channel_counts_neither_way() {
    freshness.add("a", BEGIN);
    freshness.exclude("a", true, minute(10));
    freshness.exclude("a", false, minute(70));
    freshness.sampleUntil(minute(80));
    assertEquals(Duration.ofMinutes(20), freshness.shares().fresh());
    assertEquals(Duration.ZERO, freshness.shares().stale());
    assertEquals(Duration.ofHours(1), freshness.shares().excluded());
  }

  @Test
  void an_hour_has_its_median_its_99th_percentile_and_its_oldest() {
    for (int channel = 0; channel < 100; channel++) {
      freshness.add("c" + channel, channel == 0 ? minute(-60) : BEGIN);
    }
    freshness.sampleUntil(minute(60));
    Freshness.Hour hour = freshness.hours().getFirst();
    assertEquals(BEGIN, hour.from());
    assertEquals(30, hour.p50(), 1);
    assertEquals(60, hour.p99(), 1);
    assertEquals(120, hour.oldest());
  }
}
