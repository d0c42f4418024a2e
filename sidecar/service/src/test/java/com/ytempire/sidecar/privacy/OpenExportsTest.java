package com.ytempire.sidecar.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.web.Problem;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Exports that nobody reads. */
final class OpenExportsTest {
  private static final UUID ADA = new UUID(1, 1);
  private static final UUID BOB = new UUID(1, 2);

  private static final int PART = 100;

  private final OpenExports exports =
      new OpenExports(
          (long) PART * OpenExports.PARTS,
          Clock.fixed(Instant.parse("2026-11-20T18:00:00Z"), ZoneOffset.UTC));

  private InputStream open(UUID userId) {
    return open(userId, 0);
  }

  private InputStream open(UUID userId, int bytes) {
    return exports.open(
        userId,
        space -> {
          space.take(bytes);
          return InputStream.nullInputStream();
        });
  }

  private Problem.Type refusal(UUID userId, int bytes) {
    return assertThrows(Problem.class, () -> open(userId, bytes).close()).type();
  }

  private void assertBusy(UUID userId) {
    assertEquals(Problem.Type.BUSY, assertThrows(Problem.class, () -> open(userId).close()).type());
  }

  @Test
  void a_user_has_two_exports_that_are_not_read_to_their_end() throws Exception {
    try (InputStream second = open(ADA)) {
      InputStream first = open(ADA);
      assertBusy(ADA);
      open(BOB).close();
      first.close();
      first.close();
      try (InputStream third = open(ADA)) {
        assertBusy(ADA);
      }
    }
  }

  @Test
  void ten_exports_of_all_users_are_open_at_most() throws Exception {
    List<InputStream> open = new ArrayList<>();
    for (int user = 1; user <= 10; user++) {
      open.add(open(new UUID(2, user)));
    }
    Problem busy = assertThrows(Problem.class, () -> open(ADA).close());
    assertEquals(Problem.Type.BUSY, busy.type());
    assertEquals(Instant.parse("2026-11-20T18:00:30Z"), busy.retryAt());
    open.removeFirst().close();
    open(ADA).close();
    open.add(open(ADA));
    assertBusy(BOB);
  }

  @Test
  void the_last_places_are_for_users_without_an_open_export() {
    for (int i = 0; i < 2 * 4; i++) {
      var _ = open(new UUID(2, i / 2));
    }
    var _ = open(ADA);
    assertBusy(ADA);
    var _ = open(BOB);
    assertBusy(new UUID(3, 1));
  }

  @Test
  void an_export_that_fails_is_not_open() throws Exception {
    for (int i = 0; i < 11; i++) {
      assertThrows(
          IllegalStateException.class,
          () ->
              exports.open(
                  ADA,
                  space -> {
                    space.take(PART);
                    throw new IllegalStateException("no disk");
                  }));
    }
    open(ADA, PART).close();
  }

  @Test
  void exports_of_all_users_hold_no_more_bytes_than_the_limit() throws Exception {
    List<InputStream> open = new ArrayList<>();
    for (int user = 1; user <= OpenExports.PARTS; user++) {
      open.add(open(new UUID(2, user), PART));
    }
    assertEquals(Problem.Type.BUSY, refusal(ADA, 1));
    open.removeFirst().close();
    open(ADA, PART).close();
    open(BOB, PART).close();
  }

  @Test
  void exports_of_a_user_hold_a_quarter_of_the_bytes_at_most() throws Exception {
    try (InputStream first = open(ADA, PART - 10)) {
      assertEquals(Problem.Type.BUSY, refusal(ADA, 11));
      open(ADA, 10).close();
      open(BOB, PART).close();
      first.close();
      open(ADA, PART).close();
    }
    assertEquals(Problem.Type.EXPORT_TOO_LARGE, refusal(ADA, PART + 1));
  }
}
