package com.ytempire.sidecar.insight;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A fact of a week; {@code facts} of {@code schemas/insight-facts.json}.
 *
 * @param id the name of its slot
 * @param value null: it is an amount or a name
 * @param amountUsd null: it is no amount
 * @param text what its slot is filled with; of a change, without its sign
 * @param isChange whether the sign of the value says up or down
 * @param isUntrusted whether strangers wrote the text
 */
record Fact(
    String id,
    String label,
    @Nullable Double value,
    @Nullable BigDecimal amountUsd,
    String text,
    @JsonIgnore boolean isChange,
    boolean isUntrusted) {

  private static final int DECIMALS = 6;

  static Fact amount(String id, String label, BigDecimal usd) {
    return new Fact(
        id,
        label,
        null,
        usd.setScale(DECIMALS, RoundingMode.HALF_UP),
        Figures.usd(usd),
        false,
        false);
  }

  static Fact figure(String id, String label, double value, String text) {
    return new Fact(id, label, value, null, text, false, false);
  }

  static Fact change(String id, String label, double ratio) {
    return new Fact(id, label, ratio, null, Figures.percent(Math.abs(ratio)), true, false);
  }

  /** A difference, such as subscribers gained less lost; its text is without the sign. */
  static Fact difference(String id, String label, double value, String text) {
    return new Fact(id, label, value, null, text, true, false);
  }

  static Fact name(String id, String label, String text) {
    return new Fact(id, label, null, null, text, false, true);
  }

  /** 1: up, -1: down, 0: neither, or no change. */
  @JsonIgnore
  int sign() {
    return isChange && value != null ? (int) Math.signum(value) : 0;
  }
}
