package com.ytempire.sidecar.tenancy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.simulator.MovedClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The limit of unknown tokens by address. */
final class FailedAttemptsTest {
  private final MovedClock clock = new MovedClock(Instant.parse("2026-11-20T18:00:00Z"));
  private final FailedAttempts attempts = new FailedAttempts(clock);

  @Test
  void an_address_waits_until_its_minute_ends() {
    for (int i = 0; i < FailedAttempts.MAX_ATTEMPTS; i++) {
      assertTrue(attempts.failed("192.0.2.1").isEmpty());
    }
    Instant end = attempts.failed("192.0.2.1").orElseThrow();
    assertEquals(Instant.parse("2026-11-20T18:01:00Z"), end);
    assertTrue(attempts.failed("192.0.2.2").isEmpty(), "another address waits too");
    clock.advance(Duration.ofMinutes(1));
    assertFalse(attempts.failed("192.0.2.1").isPresent());
  }

  @Test
  void more_tokens_at_once_than_may_fail_wait_behind_others() {
    for (int i = 0; i < FailedAttempts.MAX_ATTEMPTS; i++) {
      assertFalse(attempts.begin("192.0.2.1"));
    }
    assertTrue(attempts.begin("192.0.2.1"));
    assertFalse(attempts.begin("192.0.2.2"));
    attempts.end("192.0.2.1");
    attempts.end("192.0.2.1");
    assertFalse(attempts.begin("192.0.2.1"));
  }

  @Test
  void tokens_wait_behind_others_for_a_minute_after_many_failed() {
    for (int i = 0; i < FailedAttempts.MAX_ATTEMPTS; i++) {
      assertFalse(attempts.begin("192.0.2.1"));
      assertTrue(attempts.failed("192.0.2.1").isEmpty());
      attempts.end("192.0.2.1");
    }
    assertTrue(attempts.begin("192.0.2.1"));
    attempts.end("192.0.2.1");
    clock.advance(Duration.ofMinutes(1));
    assertFalse(attempts.begin("192.0.2.1"));
  }

  @Test
  void a_bounded_number_of_addresses_is_remembered() {
    for (int i = 0; i < FailedAttempts.ADDRESSES + 1000; i++) {
      assertTrue(attempts.failed("address " + i).isEmpty());
    }
    assertEquals(FailedAttempts.ADDRESSES, attempts.size());
  }
}
