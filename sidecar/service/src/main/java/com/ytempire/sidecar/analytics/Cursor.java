package com.ytempire.sidecar.analytics;

import com.ytempire.sidecar.web.PageKey;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Request;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

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
  String encode(String question) {
    return PageKey.encode(today.toString(), String.valueOf(offset), fingerprint(question));
  }

  /**
   * Reads the cursor of a request; empty: the first page is asked for.
   *
   * @throws Problem when it is none, or of another question
   */
  static Optional<Cursor> of(Request request, String question) {
    return PageKey.decode(
        request, "cursor", "nextCursor", 3, parts -> decoded(parts, fingerprint(question)));
  }

  private static Cursor decoded(List<String> parts, String fingerprint) {
    Cursor cursor = new Cursor(PageKey.day(parts.get(0)), Integer.parseInt(parts.get(1)));
    if (!parts.get(2).equals(fingerprint) || cursor.offset <= 0 || cursor.offset > MAX_OFFSET) {
      throw new IllegalArgumentException("no page ended so");
    }
    return cursor;
  }

  private static String fingerprint(String question) {
    return "%08x".formatted(question.hashCode());
  }
}
