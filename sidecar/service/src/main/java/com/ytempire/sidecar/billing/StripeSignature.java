package com.ytempire.sidecar.billing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the header {@code Stripe-Signature} as docs.stripe.com/webhooks/signature has it: {@code
 * t=} a time in seconds, and one {@code v1=} for each secret that is valid while one is rolled,
 * each the HMAC-SHA256 in hexadecimal of the time, a point and the raw body. Other schemes are
 * ignored.
 */
final class StripeSignature {
  /** Stripe signs anew whenever it sends again, so that what is older was sent by somebody else. */
  private static final Duration TOLERANCE = Duration.ofSeconds(300);

  /** Signatures of one header that are compared. */
  private static final int MAX_SIGNATURES = 10;

  private StripeSignature() {}

  /**
   * Checks a request.
   *
   * @param secrets any of which may have signed
   * @return what is wrong; empty: Stripe sent this body within the tolerance
   */
  static Optional<String> fault(String header, byte[] body, List<String> secrets, Instant now) {
    @Nullable String time = null;
    List<byte[]> signatures = new ArrayList<>();
    for (String part : header.split(",", -1)) {
      String[] pair = part.strip().split("=", 2);
      if (pair.length == 2 && pair[0].equals("t") && pair[1].matches("\\d{1,12}")) {
        time = pair[1];
      } else if (pair.length == 2
          && pair[0].equals("v1")
          && pair[1].matches("[0-9a-f]{64}")
          && signatures.size() < MAX_SIGNATURES) {
        signatures.add(HexFormat.of().parseHex(pair[1]));
      }
    }
    if (time == null || signatures.isEmpty()) {
      return Optional.of("The header Stripe-Signature is missing, or has no time and signature.");
    }
    boolean isSigned = false;
    for (String secret : secrets) {
      byte[] expected = hmac(secret, time, body);
      for (byte[] signature : signatures) {
        // All are compared, so that the time it takes says nothing.
        isSigned |= MessageDigest.isEqual(expected, signature);
      }
    }
    if (!isSigned) {
      return Optional.of(
          "The signature is not of this body by a secret of this endpoint. Compare YTEMPIRE_STRIPE_WEBHOOK_SECRETS with the endpoint's signing secret.");
    }
    Duration age = Duration.between(Instant.ofEpochSecond(Long.parseLong(time)), now);
    return age.abs().compareTo(TOLERANCE) <= 0
        ? Optional.empty()
        : Optional.of(
            "The signature is of %s, more than %d seconds from now. Have the event sent again, and look at the clock."
                .formatted(Instant.ofEpochSecond(Long.parseLong(time)), TOLERANCE.toSeconds()));
  }

  private static byte[] hmac(String secret, String time, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update((time + ".").getBytes(StandardCharsets.UTF_8));
      return mac.doFinal(body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
