package com.ytempire.sidecar.insight;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** Writes figures for people, in American English. */
final class Figures {
  private Figures() {}

  /** $1,234.50; -$1.00. */
  static String usd(BigDecimal amount) {
    return (amount.signum() < 0 ? "-$" : "$")
        + String.format(Locale.US, "%,.2f", amount.abs().setScale(2, RoundingMode.HALF_UP));
  }

  /** 12,345. */
  static String count(BigDecimal number) {
    return String.format(Locale.US, "%,d", number.setScale(0, RoundingMode.HALF_UP).longValue());
  }

  /** 12.5%. */
  static String percent(double ratio) {
    return String.format(Locale.US, "%,.1f%%", 100 * ratio);
  }
}
