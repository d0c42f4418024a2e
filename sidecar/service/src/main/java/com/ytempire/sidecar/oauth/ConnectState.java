package com.ytempire.sidecar.oauth;

import com.ytempire.sidecar.web.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/**
 * The sealed state of a consent, which Google sends back with the owner: user, channel, and the
 * PKCE verifier. It travels through Google as OAuth's {@code state}, encrypted, so that any replica
 * can go on and nobody can make or read one. Google's code works once, so a link that is opened
 * twice connects once.
 */
record ConnectState(
    UUID userId, String channelId, String codeVerifier, boolean offersRevenue, Instant expiresAt) {
  private static final String BOUND_TO = "connect";

  static ConnectState begin(
      UUID userId, String channelId, boolean offersRevenue, Instant expiresAt) {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return new ConnectState(userId, channelId, base64(bytes), offersRevenue, expiresAt);
  }

  String codeChallenge() {
    try {
      return base64(
          MessageDigest.getInstance("SHA-256")
              .digest(codeVerifier.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  String sealed(GrantCipher cipher) {
    return base64(cipher.encrypt(Json.MAPPER.writeValueAsString(this), BOUND_TO));
  }

  /** Empty when we never made it, or it has expired. */
  static Optional<ConnectState> open(String sealed, GrantCipher cipher, Clock clock) {
    try {
      return cipher
          .decrypt(Base64.getUrlDecoder().decode(sealed), BOUND_TO)
          .map(text -> Json.MAPPER.readValue(text, ConnectState.class))
          .filter(state -> clock.instant().isBefore(state.expiresAt()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  @Override
  public String toString() {
    return "ConnectState[" + userId + ", " + channelId + "]";
  }
}
