package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.web.Json;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Makes and opens the links in mails, which act for one recipient without a login. Their tokens are
 * encrypted and authenticated: nobody can make or read one, and any replica can open it.
 */
final class ReportLinks {
  static final String UNSUBSCRIBE = "/v1/reports/unsubscribe";
  static final String VERIFY = "/v1/reports/verify";
  private static final String BOUND_TO = "report link";

  private final LinkCipher cipher;
  private final String publicUrl;

  ReportLinks(LinkCipher cipher, String publicUrl) {
    this.cipher = cipher;
    this.publicUrl = publicUrl;
  }

  /**
   * The permission that a token gives.
   *
   * @param kind that it unsubscribes from; null: it verifies the address
   * @param expiresAt null: never, as links to unsubscribe
   */
  record Token(
      UUID userId, UUID recipientId, @Nullable ReportKind kind, @Nullable Instant expiresAt) {}

  String unsubscribe(UUID userId, UUID recipientId, ReportKind kind) {
    return again(new Token(userId, recipientId, kind, null));
  }

  String verify(UUID userId, UUID recipientId, Instant expiresAt) {
    return again(new Token(userId, recipientId, null, expiresAt));
  }

  /** A link that does again what a token is good for. */
  String again(Token token) {
    return publicUrl + (token.kind() == null ? VERIFY : UNSUBSCRIBE) + "?token=" + seal(token);
  }

  private String seal(Token token) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(cipher.encrypt(Json.MAPPER.writeValueAsString(token), BOUND_TO));
  }

  /** Empty when we never made it, or it has expired. */
  Optional<Token> open(String sealed, Instant now) {
    try {
      return cipher
          .decrypt(Base64.getUrlDecoder().decode(sealed), BOUND_TO)
          .map(text -> Json.MAPPER.readValue(text, Token.class))
          .filter(token -> token.expiresAt() == null || now.isBefore(token.expiresAt()));
    } catch (IllegalArgumentException | JacksonException e) {
      return Optional.empty();
    }
  }
}
