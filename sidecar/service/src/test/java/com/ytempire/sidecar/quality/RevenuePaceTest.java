package com.ytempire.sidecar.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RevenuePaceTest {
  private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");

  /** A run takes its time, and the pause of an interval begins when it has ended. */
  @ParameterizedTest
  @CsvSource({
    "1, 300, 0",
    "250, 300, 0",
    "500, 300, 0",
    "5000, 300, 0",
    "50000, 300, 0",
    "250, 5, 0",
    "5000, 600, 0",
    "5000, 300, 900",
    "50000, 5, 3600",
    "144, 300, 1",
  })
  void half_a_day_suffices_for_any_number_of_channels(int channels, int interval, int runSeconds) {
    RevenuePace pace = new RevenuePace(Duration.ofSeconds(interval));
    Instant now = START;
    int left = channels;
    int runs = 0;
    while (left > 0) {
      left -= pace.start(channels, now);
      now = now.plusSeconds(interval + runSeconds);
      runs++;
    }
    Duration took = Duration.between(START, now);
    assertTrue(
        took.compareTo(Duration.ofHours(12).plusSeconds(2L * (interval + runSeconds))) <= 0,
        took + " in " + runs + " runs");
  }

  @Test
  void a_run_does_not_take_more_than_its_share() {
    RevenuePace pace = new RevenuePace(Duration.ofSeconds(300));
    assertEquals(35, pace.start(5_000, START));
    assertEquals(35, pace.start(5_000, START.plusSeconds(300)));
    assertEquals(70, pace.start(5_000, START.plusSeconds(900)));
  }

  @Test
  void a_clock_that_was_set_back_or_far_ahead_changes_nothing_for_long() {
    RevenuePace pace = new RevenuePace(Duration.ofSeconds(300));
    assertEquals(2, pace.start(250, START));
    assertEquals(2, pace.start(250, START.minusSeconds(7_200)));
    assertEquals(250, pace.start(250, START.plus(Duration.ofDays(90))));
  }
}
