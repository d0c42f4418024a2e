package com.ytempire.sidecar.tenancy;

import java.net.IDN;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The canonical form of email addresses, in which two that look or are delivered alike are equal:
 * Unicode NFKC, lower case, the domain in ASCII (IDNA).
 */
public final class EmailAddress {
  private static final int MAX_LENGTH = 254;

  /** Controls, invisible characters, lone surrogates, unassigned and private ones, and spaces. */
  private static final Pattern REFUSED = Pattern.compile("[\\p{C}\\p{Z}]");

  /**
   * What comments, quoted local parts, names and lists are written with (RFC 5322): a mail to such
   * a text goes to an address that is written differently.
   */
  private static final Pattern SPECIAL = Pattern.compile("[()<>\\[\\],;:\\\\\"]");

  private EmailAddress() {}

  /** Returns the canonical form; empty when the text cannot be an address. */
  public static Optional<String> canonical(String text) {
    // Before and after: NFKC takes some invisible characters away and makes others.
    if (REFUSED.matcher(text).find()) {
      return Optional.empty();
    }
    String normal = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    int at = normal.indexOf('@');
    if (at <= 0
        || at != normal.lastIndexOf('@')
        || REFUSED.matcher(normal).find()
        || SPECIAL.matcher(normal).find()) {
      return Optional.empty();
    }
    String domain;
    try {
      domain = IDN.toASCII(normal.substring(at + 1), IDN.USE_STD3_ASCII_RULES);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    String canonical = normal.substring(0, at + 1) + domain.toLowerCase(Locale.ROOT);
    return domain.isEmpty() || canonical.length() > MAX_LENGTH
        ? Optional.empty()
        : Optional.of(canonical);
  }

  /** Whether a text names a stored address, which may be older than the canonical form. */
  public static boolean matches(String text, String stored) {
    return text.toLowerCase(Locale.ROOT).equals(stored)
        || canonical(text).equals(Optional.of(stored));
  }
}
