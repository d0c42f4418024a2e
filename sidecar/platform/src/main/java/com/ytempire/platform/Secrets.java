package com.ytempire.platform;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Random secrets of a platform. */
final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  /** Returns 24 random bytes in hexadecimal. */
  static String random() {
    byte[] bytes = new byte[24];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
