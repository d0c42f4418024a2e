package com.ytempire.sidecar.db;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The sidecar's second login, which alone may make and revoke tokens, erase users, make tenants'
 * logins, enforce their limits and delete by retention. Statements of everyday requests run as the
 * first login; an injection into one of these can do none of that.
 */
public final class OperatorLogin {
  static final String NAME = "ytempire_operator";

  private OperatorLogin() {}

  /**
   * The login's password, derived from that of the first, so that no second secret has to be kept.
   * Whoever speaks SQL as the first login knows neither: PostgreSQL keeps verifiers, which that
   * login cannot read.
   */
  public static String password(String passwordOfFirst) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(passwordOfFirst.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(NAME.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
