package com.ytempire.sidecar.db;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * PostgreSQL's verifier of a password: {@code SCRAM-SHA-256$rounds:salt$stored:server} (RFC 5802).
 */
final class ScramVerifier {
  private static final Pattern FORM =
      Pattern.compile("SCRAM-SHA-256\\$(\\d{1,7}):([A-Za-z0-9+/=]+)\\$([A-Za-z0-9+/=]+):.*");

  private ScramVerifier() {}

  /** Whether a verifier is of this password, which has ASCII characters alone. */
  static boolean matches(String verifier, String password) {
    Matcher parts = FORM.matcher(verifier);
    if (!parts.matches()) {
      return false;
    }
    try {
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(
                  new PBEKeySpec(
                      password.toCharArray(),
                      Base64.getDecoder().decode(parts.group(2)),
                      Integer.parseInt(parts.group(1)),
                      256))
              .getEncoded();
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(salted, "HmacSHA256"));
      byte[] clientKey = mac.doFinal("Client Key".getBytes(StandardCharsets.US_ASCII));
      return MessageDigest.isEqual(
          MessageDigest.getInstance("SHA-256").digest(clientKey),
          Base64.getDecoder().decode(parts.group(3)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
