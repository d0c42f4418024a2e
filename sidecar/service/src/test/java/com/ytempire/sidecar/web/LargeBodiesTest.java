package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.fairness.Deadline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class LargeBodiesTest {
  private static final long MEBIBYTE = 1024 * 1024;
  private static final UUID ADA = new UUID(1, 1);
  private static final UUID BOB = new UUID(1, 2);
  private static final UUID EVE = new UUID(1, 3);
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-20T18:00:00Z"), ZoneOffset.UTC);

  private final LargeBodies bodies = new LargeBodies(10 * MEBIBYTE, Duration.ofDays(1), CLOCK);

  /** A body of which so much has arrived. */
  private LargeBodies.Share arrived(UUID account, double mebibytes) {
    LargeBodies.Share share = bodies.open(account);
    share.grow((long) (mebibytes * MEBIBYTE));
    return share;
  }

  /** The answer to a body that needs so much and whose caller does not wait. */
  private static Problem refusal(LargeBodies.Share share, int mebibytes) {
    Problem[] refusal = new Problem[1];
    Deadline.after(Duration.ZERO)
        .run(
            () -> refusal[0] = assertThrows(Problem.class, () -> share.grow(mebibytes * MEBIBYTE)));
    return refusal[0];
  }

  /** Takes the reserve, by a body of the largest size. */
  private LargeBodies.Share onReserve() {
    LargeBodies.Share share = bodies.open(EVE);
    LargeBodies.Share half = arrived(EVE, 5);
    share.grow(10 * MEBIBYTE);
    half.close();
    return share;
  }

  @Test
  void a_body_holds_no_more_than_what_has_arrived() {
    try (LargeBodies.Share reserve = onReserve();
        LargeBodies.Share dripping = arrived(EVE, 1.1);
        LargeBodies.Share adas = arrived(ADA, 4);
        LargeBodies.Share bobs = arrived(BOB, 4)) {
      assertEquals(Problem.Type.BUSY, refusal(bobs, 5).type());
    }
  }

  @Test
  void one_account_holds_at_most_half() {
    try (LargeBodies.Share reserve = onReserve();
        LargeBodies.Share first = arrived(ADA, 2);
        LargeBodies.Share second = arrived(ADA, 3);
        LargeBodies.Share third = bodies.open(ADA)) {
      Problem busy = refusal(third, 2);
      assertEquals(Problem.Type.BUSY, busy.type());
      assertEquals(CLOCK.instant().plusSeconds(5), busy.retryAt());
      arrived(BOB, 5).close();
    }
  }

  @Test
  void a_body_of_the_largest_size_is_taken() {
    try (LargeBodies.Share whole = bodies.open(ADA)) {
      for (int mebibytes = 1; mebibytes <= 10; mebibytes++) {
        whole.grow(mebibytes * MEBIBYTE);
      }
      arrived(BOB, 5).close();
    }
  }

  @Test
  void bodies_that_need_each_others_share_go_on_one_by_one() {
    try (LargeBodies.Share first = arrived(ADA, 2);
        LargeBodies.Share second = arrived(ADA, 3)) {
      first.grow(4 * MEBIBYTE);
      CompletableFuture<Boolean> waiting =
          CompletableFuture.supplyAsync(
              () -> {
                second.grow(4 * MEBIBYTE);
                return true;
              },
              task -> Thread.ofVirtual().start(task));
      first.grow(10 * MEBIBYTE);
      assertFalse(waiting.isDone());
      first.close();
      waiting.join();
    }
  }

  @Test
  void what_a_body_held_is_free_when_it_is_answered() {
    for (int i = 0; i < 100; i++) {
      try (LargeBodies.Share adas = arrived(ADA, 5);
          LargeBodies.Share bobs = arrived(BOB, 5);
          LargeBodies.Share eves = arrived(EVE, 10)) {
        assertEquals(Problem.Type.BUSY, refusal(bodies.open(EVE), 2).type());
      }
    }
  }

  @Test
  void small_bodies_never_wait() {
    try (LargeBodies.Share adas = arrived(ADA, 5);
        LargeBodies.Share bobs = arrived(BOB, 5);
        LargeBodies.Share reserve = arrived(EVE, 10)) {
      Deadline.after(Duration.ofDays(1)).run(() -> bodies.open(EVE).grow(LargeBodies.SMALL));
    }
  }

  @Test
  void many_bodies_below_a_mebibyte_are_bounded_as_a_large_one_is() {
    List<LargeBodies.Share> shares = new ArrayList<>();
    try (LargeBodies.Share reserve = onReserve()) {
      for (int i = 0; i < 5; i++) {
        shares.add(arrived(ADA, 0.99));
      }
      assertEquals(Problem.Type.BUSY, refusal(bodies.open(ADA), 1).type());
      shares.forEach(LargeBodies.Share::close);
      arrived(ADA, 0.99).close();
    }
  }

  /** As many unauthenticated bodies as may be counted at a time. */
  private List<LargeBodies.Share> unauthenticated() {
    List<LargeBodies.Share> shares = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      shares.add(bodies.openUnauthenticated());
      shares.getLast().grow(LargeBodies.SMALL_UNAUTHENTICATED + 1);
    }
    return shares;
  }

  private Problem unauthenticatedRefusal() {
    Problem[] refusal = new Problem[1];
    Deadline.after(Duration.ZERO)
        .run(() ->
            refusal[0] =
                assertThrows(
                    Problem.class,
                    () ->
                        bodies.openUnauthenticated().grow(LargeBodies.SMALL_UNAUTHENTICATED + 1)));
    return refusal[0];
  }

  @Test
  void unauthenticated_bodies_are_bounded_from_16_kilobytes_on() {
    unauthenticated();
    assertEquals(Problem.Type.BUSY, unauthenticatedRefusal().type());
    bodies.openUnauthenticated().grow(LargeBodies.SMALL_UNAUTHENTICATED);
    arrived(ADA, 5).close();
  }

  @Test
  void unauthenticated_bodies_never_take_the_reserve() {
    unauthenticated();
    assertEquals(Problem.Type.BUSY, unauthenticatedRefusal().type());
    try (LargeBodies.Share largest = arrived(ADA, 10)) {
      assertEquals(Problem.Type.BUSY, unauthenticatedRefusal().type());
    }
  }

  @Test
  void a_body_that_arrives_too_slowly_is_refused() {
    // What was sent at once is read even when its caller waits for nothing.
    Deadline.after(Duration.ZERO).run(() -> bodies.open(ADA).grow(1));
    LargeBodies impatient = new LargeBodies(10 * MEBIBYTE, Duration.ZERO, CLOCK);
    assertEquals(
        Problem.Type.REQUEST_TIMEOUT,
        assertThrows(Problem.class, () -> impatient.open(ADA).grow(1)).type());
  }
}
