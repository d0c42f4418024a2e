package com.ytempire.sidecar.tenancy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/** Random secrets, and the hash under which they are kept. */
public final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  /** 256 bits, in 43 characters that need no quoting anywhere. */
  public static String random() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(key());
  }

  /** 256 bits. */
  public static byte[] key() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** SHA-256. Fast on purpose: what is hashed is 256 random bits, which no guessing finds. */
  static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
