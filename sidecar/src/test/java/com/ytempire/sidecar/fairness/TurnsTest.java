package com.ytempire.sidecar.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The runner around the queue. */
final class TurnsTest {
  private static final UUID USER = new UUID(0, 1);

  private final Clock clock = Clock.systemUTC();

  @Test
  void whoWaitsIsCalledWhenAnotherIsDone() throws Exception {
    Turns turns = new Turns(1, 1, 10, 10, clock);
    Turns.Turn first = turns.take(USER, 1, false, clock.instant().plusSeconds(60));
    CompletableFuture<Turns.Turn> second =
        CompletableFuture.supplyAsync(() -> {
          try {
            return turns.take(USER, 1, false, clock.instant().plusSeconds(60));
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    while (turns.waiting() == 0) {
      Thread.onSpinWait();
    }
    first.close();
    second.get(30, TimeUnit.SECONDS).close();
    assertEquals(0, turns.running());
  }

  @Test
  void whoHasNoTimeLeftIsToldSoAndLeavesNoTrace() throws Exception {
    Turns turns = new Turns(1, 1, 10, 10, clock);
    try (Turns.Turn running = turns.take(USER, 1, false, clock.instant().plusSeconds(60))) {
      assertThrows(Turns.Busy.class, () -> turns.take(USER, 1, false, clock.instant()));
      assertEquals(0, turns.waiting());
    }
    assertEquals(0, turns.running());
  }

  @Test
  void aFreeTurnIsHadEvenWithoutTime() throws Exception {
    new Turns(1, 1, 10, 10, clock).take(USER, 1, false, Instant.EPOCH).close();
  }

  @Test
  void aUserWhoseQueueIsFullIsRefusedAtOnce() throws Exception {
    Turns turns = new Turns(1, 1, 10, 0, clock);
    assertThrows(
        Turns.Busy.class, () -> turns.take(USER, 1, false, clock.instant().plusSeconds(60)));
  }
}
