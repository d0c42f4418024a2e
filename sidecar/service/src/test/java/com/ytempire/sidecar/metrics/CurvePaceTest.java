package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How many queries for curves go out in a minute. */
final class CurvePaceTest {
  private static final Instant START = Instant.parse("2026-11-20T18:00:30Z");

  @Test
  void curves_take_a_twelfth_of_a_minutes_quota_and_no_more() {
    CurvePace pace = new CurvePace(720, 3);
    int taken = 0;
    for (int channel = 0; channel < 250; channel++) {
      taken += pace.tryTake(3, START.plusSeconds(channel % 30)) ? 3 : 0;
    }
    assertEquals(60, taken);
    assertTrue(pace.tryTake(0, START), "a channel without candidates waits for nothing");
    assertTrue(pace.tryTake(3, START.plusSeconds(30)), "the next minute has room");
  }

  @Test
  void with_little_quota_one_channel_a_minute_has_its_curves() {
    CurvePace pace = new CurvePace(1, 3);
    assertTrue(pace.tryTake(3, START));
    assertFalse(pace.tryTake(1, START));
  }
}
