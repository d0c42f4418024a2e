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
    assertEquals(SECOND, pace.enter(account, MINUTE, NOW));
    assertEquals(Duration.ofMillis(300), pace.enter(account, Duration.ofMillis(300), NOW));
    assertEquals(Duration.ZERO, pace.enter(UUID.randomUUID(), Duration.ZERO, NOW));
    assertEquals(Duration.ZERO, pace.enter(UUID.randomUUID(), Duration.ofSeconds(-3), NOW));
  }

  @Test
  void refusals_of_one_account_leave_one_after_the_other() {
    for (int i = 0; i < 2 * RefusalPace.REFUSALS_PER_SECOND; i++) {
      assertEquals(INTERVAL.multipliedBy(i), pace.enter(account, Duration.ZERO, NOW));
    }
    assertEquals(SECOND.multipliedBy(2), pace.enter(account, MINUTE, NOW));
    assertEquals(SECOND, pace.enter(UUID.randomUUID(), MINUTE, NOW), "another account");
  }

  @Test
  void no_refusal_waits_longer_than_the_bound_nor_after_a_flood() {
    for (int i = 0; i < 20 * RefusalPace.REFUSALS_PER_SECOND; i++) {
      pace.enter(account, MINUTE, NOW);
    }
    long ended = NOW + RefusalPace.LONGEST.toNanos();
    assertEquals(RefusalPace.LONGEST.minus(INTERVAL), pace.enter(account, MINUTE, NOW));
    assertEquals(SECOND, pace.enter(account, MINUTE, ended));
    assertEquals(INTERVAL, pace.enter(account, Duration.ZERO, ended));
  }

  @Test
  void an_account_is_forgotten_after_its_last_refusal() {
    for (int i = 0; i < 3; i++) {
      pace.enter(account, MINUTE, NOW);
    }
    pace.leave(account, NOW + INTERVAL.toNanos());
    assertEquals(1, pace.accounts());
    pace.leave(account, NOW + INTERVAL.multipliedBy(2).toNanos());
    assertEquals(0, pace.accounts());
    assertEquals(SECOND, pace.enter(account, MINUTE, NOW));
  }
}
