package com.ytempire.sidecar.web;

import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks of text that comes from a caller: how it is encoded, and whether it can be stored. */
final class CallerText {
  private CallerText() {}

  /** Whether a text has what PostgreSQL does not store: NUL, or half of a surrogate pair. */
  static boolean hasUnstorable(String text) {
    // A loop: bodies have thousands of texts, and a stream of each took a third of their check.
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return true;
      }
      if (Character.isSurrogate(c)) {
        boolean isPair = i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1));
        if (!isPair) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /**
   * Refuses a path whose percent-encoding is no UTF-8. Jetty takes {@code %u0041} as well, the
   * router does not.
   *
   * @throws Problem saying so
   */
  static void requireReadablePath(String path) {
    // A plus is no space in a path, and needs no decoding.
    if (!isReadable(path.replace("+", ""))) {
      throw Problem.of(Type.INVALID_REQUEST, "The address is not percent-encoded UTF-8.");
    }
  }

  /**
   * Refuses a query string whose percent-encoding is no UTF-8.
   *
   * @throws Problem saying so
   */
  static void requireReadableQuery(@Nullable String query) {
    if (query != null && !isReadable(query)) {
      throw Problem.invalid(
          "The query is not percent-encoded UTF-8.",
          List.of(new Fault("?", "must be percent-encoded UTF-8")));
    }
  }

  private static boolean isReadable(String encoded) {
    try {
      var _ =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(
                  ByteBuffer.wrap(
                      URLDecoder.decode(encoded, StandardCharsets.ISO_8859_1)
                          .getBytes(StandardCharsets.ISO_8859_1)));
      return true;
    } catch (CharacterCodingException | IllegalArgumentException e) {
      return false;
    }
  }
}
