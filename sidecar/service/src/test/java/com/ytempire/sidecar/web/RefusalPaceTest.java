package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Who is refused often is refused slowly. */
final class RefusalPaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration INTERVAL = SECOND.dividedBy(RefusalPace.REFUSALS_PER_SECOND);
  private static final long NOW = -7;

  private final UUID account = UUID.randomUUID();
  private final RefusalPace pace = new RefusalPace(SECOND);

  @Test
  void a_refusal_waits_until_its_deadline_at_most() {
    assertEquals(SECOND, pace.schedule(account, MINUTE, NOW));
    assertEquals(Duration.ofMillis(300), pace.schedule(account, Duration.ofMillis(300), NOW));
    assertEquals(Duration.ZERO, pace.schedule(UUID.randomUUID(), Duration.ZERO, NOW));
    assertEquals(Duration.ZERO, pace.schedule(UUID.randomUUID(), Duration.ofSeconds(-3), NOW));
  }

  @Test
  void refusals_of_one_account_leave_one_after_the_other() {
    for (int i = 0; i < 2 * RefusalPace.REFUSALS_PER_SECOND; i++) {
      assertEquals(INTERVAL.multipliedBy(i), pace.schedule(account, Duration.ZERO, NOW));
    }
    assertEquals(SECOND.multipliedBy(2), pace.schedule(account, MINUTE, NOW));
    assertEquals(SECOND, pace.schedule(UUID.randomUUID(), MINUTE, NOW), "another account");
  }

  @Test
  void no_refusal_waits_longer_than_the_bound_nor_after_a_flood() {
    for (int i = 0; i < 20 * RefusalPace.REFUSALS_PER_SECOND; i++) {
      pace.schedule(account, MINUTE, NOW);
    }
    long ended = NOW + RefusalPace.LONGEST.toNanos();
    assertEquals(RefusalPace.LONGEST.minus(INTERVAL), pace.schedule(account, MINUTE, NOW));
    assertEquals(SECOND, pace.schedule(account, MINUTE, ended));
    assertEquals(INTERVAL, pace.schedule(account, Duration.ZERO, ended));
  }

  @Test
  void refusals_in_sequence_are_paced_even_without_delay() {
    assertEquals(Duration.ZERO, pace.schedule(account, Duration.ZERO, NOW));
    assertEquals(INTERVAL, pace.schedule(account, Duration.ZERO, NOW));
    assertEquals(
        Duration.ZERO,
        pace.schedule(account, Duration.ZERO, NOW + INTERVAL.multipliedBy(2).toNanos()));
  }

  @Test
  void accounts_whose_refusals_are_over_are_forgotten() {
    for (int i = 0; i < RefusalPace.MAX_IDLE; i++) {
      pace.schedule(new UUID(1, i), Duration.ZERO, NOW);
    }
    pace.schedule(account, Duration.ZERO, NOW + INTERVAL.toNanos());
    assertEquals(1, pace.accounts());
  }
}
