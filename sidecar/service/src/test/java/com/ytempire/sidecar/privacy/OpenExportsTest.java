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
  private static final OpenExports.Holder ADA = user(1);
  private static final OpenExports.Holder BOB = user(2);

  /** Of all exports. */
  private static final int ALL = 2400;

  private static final int QUARTER = ALL / 4;
  private static final int SMALL = ALL / 24;

  private final OpenExports exports =
      new OpenExports(ALL, Clock.fixed(Instant.parse("2026-11-20T18:00:00Z"), ZoneOffset.UTC));

  /** A user who asks for its own export. */
  private static OpenExports.Holder user(int number) {
    UUID id = new UUID(1, number);
    return new OpenExports.Holder(id, id);
  }

  /** A service token that asks for a user's export. */
  private static OpenExports.Holder token(int number, OpenExports.Holder user) {
    return new OpenExports.Holder(new UUID(2, number), user.userId());
  }

  private InputStream open(OpenExports.Holder holder) {
    return open(holder, 0);
  }

  private InputStream open(OpenExports.Holder holder, int bytes) {
    return exports.open(
        holder,
        space -> {
          space.take(bytes);
          return InputStream.nullInputStream();
        });
  }

  private Problem.Type refusal(OpenExports.Holder holder, int bytes) {
    return assertThrows(Problem.class, () -> open(holder, bytes).close()).type();
  }

  private void assertBusy(OpenExports.Holder holder) {
    assertEquals(Problem.Type.BUSY, refusal(holder, 0));
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
    for (int i = 0; i < 10; i++) {
      open.add(open(user(10 + i)));
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
      var _ = open(user(10 + i / 2));
    }
    var _ = open(ADA);
    assertBusy(ADA);
    var _ = open(BOB);
    assertBusy(user(20));
  }

  @Test
  void a_service_token_has_half_of_the_places_whatever_users_it_names() throws Exception {
    for (int i = 1; i < 5; i++) {
      var _ = open(token(1, user(10 + i)));
    }
    try (InputStream fifth = open(token(1, user(15)))) {
      assertBusy(token(1, user(16)));
      open(token(2, user(16))).close();
    }
    open(token(1, user(16))).close();
  }

  @Test
  void a_service_token_with_open_exports_takes_none_of_the_last_places() {
    for (int i = 0; i < 4; i++) {
      var _ = open(token(1, user(10 + i)));
      var _ = open(token(2, user(10 + i)));
    }
    assertBusy(token(1, user(20)));
    var _ = open(ADA);
    var _ = open(BOB);
  }

  @Test
  void a_tokens_exports_of_a_user_keep_out_none_of_the_users_own() throws Exception {
    var _ = open(token(1, ADA), QUARTER);
    var _ = open(token(1, ADA));
    assertBusy(token(1, ADA));
    open(ADA, QUARTER).close();
  }

  @Test
  void a_service_token_holds_half_of_the_bytes_whatever_users_it_names() throws Exception {
    var _ = open(token(1, ADA), QUARTER);
    var _ = open(token(1, BOB), QUARTER - 1);
    open(token(1, user(3)), 1).close();
    assertEquals(Problem.Type.BUSY, refusal(token(1, user(3)), 2));
    open(token(2, user(3)), 2).close();
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
                    space.take(SMALL);
                    throw new IllegalStateException("no disk");
                  }));
    }
    open(ADA, SMALL).close();
  }

  @Test
  void exports_of_all_users_hold_no_more_bytes_than_the_limit() throws Exception {
    List<InputStream> open = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      open.add(open(user(10 + i), QUARTER));
    }
    open.add(open(user(13), ALL * 5 / 6 - 3 * QUARTER));
    for (int i = 0; i < 2; i++) {
      open.add(open(user(14 + i), SMALL));
      open.add(open(user(14 + i), SMALL));
    }
    assertEquals(Problem.Type.BUSY, refusal(ADA, 1));
    open.removeLast().close();
    open(ADA, SMALL).close();
  }

  @Test
  void the_last_sixth_of_the_bytes_is_for_small_exports() throws Exception {
    for (int i = 0; i < 3; i++) {
      var _ = open(user(10 + i), QUARTER);
    }
    try (InputStream last = open(user(13), ALL * 5 / 6 - 3 * QUARTER)) {
      assertEquals(Problem.Type.BUSY, refusal(ADA, SMALL + 1));
      open(ADA, SMALL).close();
      InputStream small = open(ADA, SMALL);
      assertEquals(Problem.Type.BUSY, refusal(BOB, SMALL + 1));
      small.close();
    }
    open(ADA, SMALL + 1).close();
  }

  @Test
  void a_users_exports_hold_a_quarter_while_others_hold_a_sixth() throws Exception {
    try (InputStream first = open(ADA, QUARTER - 10)) {
      assertEquals(Problem.Type.BUSY, refusal(ADA, 11));
      open(ADA, 10).close();
      open(BOB, QUARTER).close();
      assertEquals(Problem.Type.BUSY, refusal(BOB, QUARTER + 1));
      first.close();
      open(BOB, QUARTER + 1).close();
    }
  }

  @Test
  void an_export_has_half_while_others_hold_less_than_a_sixth() throws Exception {
    try (InputStream others = open(BOB, ALL / 6 - 1)) {
      open(ADA, ALL / 2).close();
      assertEquals(Problem.Type.EXPORT_TOO_LARGE, refusal(ADA, ALL / 2 + 1));
      try (InputStream one = open(user(3), 1)) {
        assertEquals(Problem.Type.BUSY, refusal(ADA, QUARTER + 1));
      }
    }
  }

  @Test
  void an_export_that_has_more_than_a_quarter_goes_on_when_others_begin() throws Exception {
    exports
        .open(
            ADA,
            space -> {
              space.take(QUARTER + 1);
              var _ = open(BOB, QUARTER);
              space.take(QUARTER - 1);
              return InputStream.nullInputStream();
            })
        .close();
  }
}
