package com.ytempire.sidecar.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.simulator.MovedClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What replicas tell each other. */
final class ReplicasTest {
  private static final UUID ADA = new UUID(0, 1);
  private static final UUID BOB = new UUID(0, 2);

  private final MovedClock clock = new MovedClock(Instant.parse("2026-11-20T18:00:00Z"));
  private final List<Replicas> all = new ArrayList<>();

  private Turns turns() {
    return new Turns(6, 6, 100, 100, clock);
  }

  private Replicas replica(Turns turns) {
    Replicas replica =
        new Replicas(
            Map.of("data", turns), message -> all.forEach(each -> each.hear(message)), clock);
    all.add(replica);
    return replica;
  }

  private void tellAll() {
    all.forEach(Replicas::tell);
  }

  private static Turns.Turn take(Turns turns, UUID user) throws InterruptedException {
    return turns.take(user, 1, false, Instant.EPOCH);
  }

  @Test
  void togetherTheyRunAsManyCallsAsOneWould() throws Exception {
    Turns turns = turns();
    Replicas first = replica(turns);
    replica(turns());
    replica(turns());
    tellAll();
    tellAll();
    assertEquals(3, first.count());
    take(turns, ADA);
    take(turns, ADA);
    assertThrows(Turns.Busy.class, () -> take(turns, ADA));
  }

  @Test
  void oneThatSaysNothingForThreeSecondsIsGone() throws Exception {
    Turns turns = turns();
    Replicas first = replica(turns);
    replica(turns());
    tellAll();
    tellAll();
    assertEquals(2, first.count());
    clock.advance(Duration.ofSeconds(3).plusMillis(1));
    first.tell();
    assertEquals(1, first.count());
    for (int i = 0; i < 6; i++) {
      take(turns, ADA);
    }
  }

  @Test
  void aTurnElsewhereCountsHereOnce() throws Exception {
    Turns here = new Turns(1, 1, 100, 100, clock);
    Turns there = turns();
    replica(here);
    replica(there);
    Turns.Turn running = take(here, new UUID(0, 3));
    // Both wait here, she first; then she is served there.
    List<UUID> order = new ArrayList<>();
    Thread ada = waiter(here, ADA, order, 1);
    Thread bob = waiter(here, BOB, order, 2);
    take(there, ADA).close();
    tellAll();
    running.close();
    ada.join();
    bob.join();
    assertEquals(List.of(BOB, ADA), order);
    assertEquals(Map.of(), there.tell(), "told twice");
  }

  /** Waits for a turn in a thread of its own; returns when it stands in the queue. */
  private Thread waiter(Turns turns, UUID user, List<UUID> order, int place) {
    Thread thread =
        Thread.startVirtualThread(() -> {
          try (Turns.Turn turn = turns.take(user, 1, false, clock.instant().plusSeconds(60))) {
            order.add(user);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    while (turns.waiting() < place) {
      Thread.onSpinWait();
    }
    return thread;
  }

  @Test
  void whatAnotherVersionSaysIsNotUnderstoodAndDoesNoHarm() {
    Replicas replica = replica(turns());
    replica.hear("{\"replica\": 7, \"news\": []}");
    replica.hear("nonsense");
    assertEquals(1, replica.count());
  }
}
