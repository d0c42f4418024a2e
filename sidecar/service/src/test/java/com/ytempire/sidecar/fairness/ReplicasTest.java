package com.ytempire.sidecar.fairness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.testing.Polling;
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

  private FairScheduler scheduler() {
    return new FairScheduler(6, 6, 100, 100, clock);
  }

  private Replicas replica(FairScheduler scheduler) {
    Replicas replica =
        new Replicas(
            Map.of("data", scheduler),
            message -> all.forEach(each -> each.receive(message)),
            clock);
    all.add(replica);
    return replica;
  }

  private void tellAll() {
    all.forEach(Replicas::publish);
  }

  private static FairScheduler.Permit take(FairScheduler scheduler, UUID user)
      throws InterruptedException {
    return scheduler.take(user, 1, false, Instant.EPOCH);
  }

  @Test
  void together_they_run_as_many_calls_as_one_would() throws Exception {
    FairScheduler scheduler = scheduler();
    Replicas first = replica(scheduler);
    replica(scheduler());
    replica(scheduler());
    tellAll();
    tellAll();
    assertEquals(3, first.count());
    take(scheduler, ADA);
    take(scheduler, ADA);
    assertThrows(FairScheduler.Busy.class, () -> take(scheduler, ADA));
  }

  @Test
  void one_that_says_nothing_for_three_seconds_is_gone() throws Exception {
    FairScheduler scheduler = scheduler();
    Replicas first = replica(scheduler);
    replica(scheduler());
    tellAll();
    tellAll();
    assertEquals(2, first.count());
    clock.advance(Duration.ofSeconds(3).plusMillis(1));
    first.publish();
    assertEquals(1, first.count());
    for (int i = 0; i < 6; i++) {
      take(scheduler, ADA);
    }
  }

  @Test
  void a_permit_granted_elsewhere_counts_here_once() throws Exception {
    FairScheduler here = new FairScheduler(1, 1, 100, 100, clock);
    FairScheduler there = scheduler();
    replica(here);
    replica(there);
    FairScheduler.Permit running = take(here, new UUID(0, 3));
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
    assertEquals(Map.of(), there.drainServed(), "published twice");
  }

  /** Waits for a permit in a thread of its own; returns when it stands in the queue. */
  private Thread waiter(FairScheduler scheduler, UUID user, List<UUID> order, int place) {
    Thread thread =
        Thread.startVirtualThread(() -> {
          try (FairScheduler.Permit permit =
              scheduler.take(user, 1, false, clock.instant().plusSeconds(60))) {
            order.add(user);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    Polling.until(place + " waiting calls", () -> scheduler.waiting() >= place);
    return thread;
  }

  @Test
  void what_another_version_says_is_not_understood_and_does_no_harm() {
    Replicas replica = replica(scheduler());
    replica.receive("{\"replica\": 7, \"news\": []}");
    replica.receive("nonsense");
    assertEquals(1, replica.count());
  }
}
