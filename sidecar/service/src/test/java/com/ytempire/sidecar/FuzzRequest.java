package com.ytempire.sidecar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A request of the fuzzer, as it goes over the wire. Texts hold a byte a character (ISO 8859-1).
 *
 * @param headers lines without their end
 * @param isFramed whether its end can be known for sure; after others the connection is closed
 */
record FuzzRequest(
    String method, String target, List<String> headers, byte[] body, boolean isFramed) {
  private static final int SHOWN = 2000;

  byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head().getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }

  private String head() {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    headers.forEach(header -> head.append(header).append("\r\n"));
    return head.append("\r\n").toString();
  }

  /** The whole request. */
  String text() {
    return head() + new String(body, StandardCharsets.ISO_8859_1);
  }

  /** The request for people, without its token, and with what cannot be printed escaped. */
  @Override
  public String toString() {
    String text = text().replaceAll("(?i)(Bearer yte_[a-z]+_)[^\r\n]*", "$1…");
    StringBuilder shown = new StringBuilder();
    text.chars()
        .limit(SHOWN)
        .forEach(c -> {
          if (c == '\r') {
            return;
          }
          shown.append(c == '\n' || (c >= ' ' && c < 0x7f) ? (char) c : "\\x%02x".formatted(c));
        });
    return text.length() > SHOWN
        ? shown + " … (%,d characters)".formatted(text.length())
        : shown.toString();
  }
}
