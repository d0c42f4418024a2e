package com.ytempire.sidecar.analytics;

import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;

/**
 * The place at which the next page of an answer begins. It remembers the day on which the first
 * page was asked for, so that a period such as the last 7 days stays the same over midnight.
 *
 * @param today the Pacific day of the first page
 * @param offset rows of the pages before
 */
record Cursor(LocalDate today, int offset) {
  /**
   * Rows that paging reaches; whoever wants more asks for a shorter period, or exports everything.
   */
  static final int MAX_OFFSET = 100_000;

  /** As text for an address, which fits the same question alone. */
  String seal(String question) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            "%s %d %08x"
                .formatted(today, offset, question.hashCode())
                .getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a cursor.
   *
   * @throws Problem when it is none, or of another question
   */
  static Cursor open(String sealed, String question) {
    try {
      String[] parts =
          new String(Base64.getUrlDecoder().decode(sealed), StandardCharsets.UTF_8).split(" ", -1);
      if (parts.length == 3 && parts[2].equals("%08x".formatted(question.hashCode()))) {
        Cursor cursor = new Cursor(LocalDate.parse(parts[0]), Integer.parseInt(parts[1]));
        if (cursor.offset > 0
            && cursor.offset <= MAX_OFFSET
            && cursor.today.getYear() >= 2000
            && cursor.today.getYear() < 3000) {
          return cursor;
        }
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      // reported below
    }
    throw Problem.invalid(
        "`cursor` is not the `nextCursor` of an answer to the same question.",
        List.of(
            new Fault("?cursor", "must be the nextCursor of the page before, all else the same")));
  }
}
