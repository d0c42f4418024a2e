package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.fairness.Deadline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class LargeBodiesTest {
  private static final long MEBIBYTE = 1024 * 1024;
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-20T18:00:00Z"), ZoneOffset.UTC);

  private static LargeBodies bodies(Duration atMost) {
    return new LargeBodies(10 * MEBIBYTE, atMost, CLOCK);
  }

  @Test
  void large_bodies_that_fit_are_at_work_at_once() {
    LargeBodies bodies = bodies(Duration.ZERO);
    List<LargeBodies.Admission> held = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      held.add(bodies.admit(2 * MEBIBYTE));
    }
    Problem busy = assertThrows(Problem.class, () -> bodies.admit(2 * MEBIBYTE));
    assertEquals(Problem.Type.BUSY, busy.type());
    assertEquals(CLOCK.instant().plusSeconds(5), busy.retryAt());
    held.forEach(LargeBodies.Admission::close);
    bodies.admit(10 * MEBIBYTE).close();
  }

  @Test
  void a_body_of_unknown_length_counts_as_the_largest() {
    LargeBodies bodies = bodies(Duration.ZERO);
    try (LargeBodies.Admission whole = bodies.admit(-1)) {
      assertThrows(Problem.class, () -> bodies.admit(MEBIBYTE));
    }
    bodies.admit(MEBIBYTE).close();
  }

  @Test
  void a_body_waits_no_longer_than_its_caller() {
    LargeBodies bodies = bodies(Duration.ofDays(1));
    try (LargeBodies.Admission whole = bodies.admit(10 * MEBIBYTE)) {
      Deadline.after(Duration.ZERO)
          .run(() -> assertThrows(Problem.class, () -> bodies.admit(MEBIBYTE)));
    }
  }

  @Test
  void small_bodies_never_wait() {
    LargeBodies bodies = bodies(Duration.ZERO);
    try (LargeBodies.Admission whole = bodies.admit(10 * MEBIBYTE)) {
      for (int i = 0; i < 1000; i++) {
        bodies.admit(LargeBodies.SMALL - 1);
      }
    }
  }

  @Test
  void a_waiting_body_goes_on_when_another_is_done() {
    LargeBodies bodies = bodies(Duration.ofMinutes(5));
    LargeBodies.Admission first = bodies.admit(10 * MEBIBYTE);
    CompletableFuture<LargeBodies.Admission> second =
        CompletableFuture.supplyAsync(
            () -> bodies.admit(10 * MEBIBYTE), task -> Thread.ofVirtual().start(task));
    assertTrue(!second.isDone());
    first.close();
    second.join().close();
  }
}
