package com.ytempire.sidecar.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.testing.Polling;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The runner around the queue. */
final class FairSchedulerTest {
  private static final UUID USER = new UUID(0, 1);

  private final Clock clock = Clock.systemUTC();

  @Test
  void whoWaitsIsCalledWhenAnotherIsDone() throws Exception {
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
  void whoHasNoTimeLeftIsToldSoAndLeavesNoTrace() throws Exception {
    FairScheduler scheduler = new FairScheduler(1, 1, 10, 10, clock);
    try (FairScheduler.Permit running =
        scheduler.take(USER, 1, false, clock.instant().plusSeconds(60))) {
      assertThrows(FairScheduler.Busy.class, () -> scheduler.take(USER, 1, false, clock.instant()));
      assertEquals(0, scheduler.waiting());
    }
    assertEquals(0, scheduler.running());
  }

  @Test
  void aFreeTurnIsHadEvenWithoutTime() throws Exception {
    new FairScheduler(1, 1, 10, 10, clock).take(USER, 1, false, Instant.EPOCH).close();
  }

  @Test
  void aUserWhoseQueueIsFullIsRefusedAtOnce() throws Exception {
    FairScheduler scheduler = new FairScheduler(1, 1, 10, 0, clock);
    assertThrows(
        FairScheduler.Busy.class,
        () -> scheduler.take(USER, 1, false, clock.instant().plusSeconds(60)));
  }
}
