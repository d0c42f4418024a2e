package com.ytempire.sidecar.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.testing.Polling;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The runner around the queue. */
final class FairSchedulerTest {
  private static final UUID USER = new UUID(0, 1);

  private final Clock clock = Clock.systemUTC();

  @Test
  void a_waiting_call_runs_when_another_ends() throws Exception {
    FairScheduler scheduler = new FairScheduler(1, 1, 10, 10, clock);
    FairScheduler.Permit first = scheduler.take(USER, 1, false, clock.instant().plusSeconds(60));
    CompletableFuture<FairScheduler.Permit> second =
        CompletableFuture.supplyAsync(() -> {
          try {
            return scheduler.take(USER, 1, false, clock.instant().plusSeconds(60));
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    Polling.until("a waiting call", () -> scheduler.waiting() > 0);
    first.close();
    second.get(30, TimeUnit.SECONDS).close();
    assertEquals(0, scheduler.running());
  }

  @Test
  void a_caller_without_time_left_is_rejected_and_leaves_no_trace() throws Exception {
    FairScheduler scheduler = new FairScheduler(1, 1, 10, 10, clock);
    try (FairScheduler.Permit running =
        scheduler.take(USER, 1, false, clock.instant().plusSeconds(60))) {
      assertThrows(FairScheduler.Busy.class, () -> scheduler.take(USER, 1, false, clock.instant()));
      assertEquals(0, scheduler.waiting());
    }
    assertEquals(0, scheduler.running());
  }

  @Test
  void a_free_permit_is_granted_even_without_time_left() throws Exception {
    new FairScheduler(1, 1, 10, 10, clock).take(USER, 1, false, Instant.EPOCH).close();
  }

  @Test
  void permits_that_nobody_publishes_are_not_counted() throws Exception {
    FairScheduler scheduler = new FairScheduler(1, 1, 10, 10, clock);
    scheduler.take(USER, 1, false, clock.instant().plusSeconds(60)).close();
    assertEquals(Map.of(), scheduler.drainServed());
    scheduler.startPublishing();
    scheduler.take(USER, 2, false, clock.instant().plusSeconds(60)).close();
    assertEquals(Map.of(USER, 0.5), scheduler.drainServed());
  }

  @Test
  void a_user_whose_queue_is_full_is_refused_at_once() throws Exception {
    FairScheduler scheduler = new FairScheduler(1, 1, 10, 0, clock);
    assertThrows(
        FairScheduler.Busy.class,
        () -> scheduler.take(USER, 1, false, clock.instant().plusSeconds(60)));
  }
}
