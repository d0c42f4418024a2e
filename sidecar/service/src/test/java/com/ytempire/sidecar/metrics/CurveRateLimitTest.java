package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** How many queries for curves go out in a minute. */
final class CurveRateLimitTest {
  private static final Instant START = Instant.parse("2026-11-20T18:00:30Z");

  private static UUID user(int number) {
    return new UUID(0, number);
  }

  @Test
  void curves_take_a_twelfth_of_a_minutes_quota_and_no_more() {
    CurveRateLimit limit = new CurveRateLimit(720, 3);
    int taken = 0;
    for (int channel = 0; channel < 250; channel++) {
      taken += limit.tryTake(user(channel / 5), 3, START.plusSeconds(channel % 30)) ? 3 : 0;
    }
    assertEquals(60, taken);
    assertTrue(limit.tryTake(user(0), 0, START), "a channel without candidates waits for nothing");
    assertTrue(limit.tryTake(user(0), 3, START.plusSeconds(30)), "the next minute has room");
  }

  @Test
  void with_little_quota_one_channel_a_minute_has_its_curves() {
    CurveRateLimit limit = new CurveRateLimit(1, 3);
    assertTrue(limit.tryTake(user(0), 3, START));
    assertFalse(limit.tryTake(user(0), 1, START));
  }

  @Test
  void one_user_leaves_three_quarters_of_a_minutes_curves_to_others() {
    CurveRateLimit limit = new CurveRateLimit(720, 3);
    int taken = 0;
    for (int attempt = 0; attempt < 100; attempt++) {
      taken += limit.tryTake(user(0), 3, START) ? 3 : 0;
    }
    assertEquals(15, taken, "as many as five channels have");
    assertTrue(limit.tryTake(user(1), 3, START));
  }

  @Test
  void a_thread_that_read_the_clock_before_the_minute_ended_gives_nothing_back() {
    CurveRateLimit limit = new CurveRateLimit(1, 3);
    Instant next = START.plusSeconds(30);
    assertTrue(limit.tryTake(user(0), 3, next));
    assertFalse(limit.tryTake(user(0), 3, START), "it counts to the minute that has begun");
    assertFalse(limit.tryTake(user(0), 3, next), "the minute was taken already");
    assertTrue(limit.tryTake(user(0), 3, next.plusSeconds(60)));
  }
}
