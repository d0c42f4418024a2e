package com.ytempire.sidecar.privacy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Searches an execution's data for what names a user. */
final class ExecutionSearch {
  private static final int BUFFER = 64 * 1024;

  /** Longest escape of a character: a backslash, a u and four digits. */
  private static final int ESCAPE = 6;

  /** Characters after a text that say whether it ends there. */
  private static final int AFTER = 2;

  private ExecutionSearch() {}

  /**
   * Searches a stream for texts in upper or lower case, a buffer at a time. An email counts where
   * it is not part of a longer one: {@code o@b.co} is not in {@code jo@b.co}, nor in {@code
   * o@b.com}.
   *
   * @throws N8nException when it is longer than {@code maxBytes} and none was found until there
   */
  static boolean contains(InputStream in, List<String> terms, long maxBytes)
      throws IOException, N8nException {
    List<String> wanted =
        terms.stream().map(term -> text(term.getBytes(StandardCharsets.UTF_8))).toList();
    int overlap = wanted.stream().mapToInt(String::length).max().orElse(1) + ESCAPE + AFTER;
    String before = "";
    long total = 0;
    int from = 0;
    for (byte[] read = in.readNBytes(BUFFER); read.length > 0; read = in.readNBytes(BUFFER)) {
      String text = before + text(read);
      // What ends a stream has nothing after it; anywhere else the next buffer shows it.
      int until = read.length < BUFFER ? text.length() : text.length() - AFTER;
      int first = from;
      if (wanted.stream().anyMatch(term -> holds(text, term, first, until))) {
        return true;
      }
      total += read.length;
      if (total > maxBytes) {
        throw new N8nException("its data are too large to be searched; delete it by hand", 0);
      }
      before = text.substring(Math.max(0, text.length() - overlap));
      // Before that, what precedes a text is cut off; it was searched already.
      from = before.length() < text.length() ? ESCAPE : 0;
    }
    String end = before;
    int first = from;
    return wanted.stream().anyMatch(term -> holds(end, term, first, end.length()));
  }

  /** Whether a term is in a text, beginning and ending within these positions. */
  private static boolean holds(String text, String term, int from, int until) {
    boolean isEmail = term.contains("@") || term.contains("%40");
    for (int at = text.indexOf(term, from); at >= 0; at = text.indexOf(term, at + 1)) {
      int end = at + term.length();
      if (end > until) {
        return false;
      }
      if (!isEmail || (!isAddressBefore(text, at) && !isAddressAfter(text, end))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the character before this position may belong to the same address. */
  private static boolean isAddressBefore(String text, int at) {
    return at > 0
        && (isOfAddress(text.charAt(at - 1)) || "._-+".indexOf(text.charAt(at - 1)) >= 0)
        && !isEscapeBefore(text, at);
  }

  /** Whether the characters from this position on may belong to the same address. */
  private static boolean isAddressAfter(String text, int at) {
    if (at == text.length()) {
      return false;
    }
    char next = text.charAt(at);
    // A dot may end a sentence.
    return isOfAddress(next)
        || ((next == '.' || next == '-')
            && at + 1 < text.length()
            && isOfAddress(text.charAt(at + 1)));
  }

  private static boolean isOfAddress(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
  }

  /** Whether the characters before this position are one, as JSON or an address escapes it. */
  private static boolean isEscapeBefore(String text, int at) {
    return (at >= 2 && text.charAt(at - 2) == '\\' && "nrtbf".indexOf(text.charAt(at - 1)) >= 0)
        || (at >= 3 && text.charAt(at - 3) == '%' && isHex(text, at - 2, at))
        || (at >= ESCAPE
            && text.startsWith("\\u", at - ESCAPE)
            && isHex(text, at - ESCAPE + 2, at));
  }

  private static boolean isHex(String text, int from, int to) {
    return text.substring(from, to).chars().allMatch(c -> Character.digit(c, 16) >= 0);
  }

  /** Bytes as characters, a character each. Letters beyond ASCII stay alike if they were so. */
  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
  }
}
