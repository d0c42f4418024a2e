package com.ytempire.sidecar.webhooks;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs deliveries as the Standard Webhooks specification 1.0.0 has it
 * (github.com/standard-webhooks/standard-webhooks): HMAC-SHA256 over id, time and body.
 */
final class Signature {
  static final String PREFIX = "whsec_";

  private Signature() {}

  /**
   * The header {@code webhook-signature}.
   *
   * @param secret {@code whsec_} and the key in base64
   * @param at when it is sent, in whole seconds; receivers refuse what is old, so that nobody can
   *     send it again later
   */
  static String of(String secret, String id, Instant at, String body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(
          new SecretKeySpec(
              Base64.getDecoder().decode(secret.substring(PREFIX.length())), "HmacSHA256"));
      byte[] signed =
          mac.doFinal(
              "%s.%d.%s".formatted(id, at.getEpochSecond(), body).getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(signed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
