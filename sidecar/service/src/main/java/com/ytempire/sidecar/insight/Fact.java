package com.ytempire.sidecar.insight;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A fact of seven days; {@code facts} of {@code schemas/insight-facts.json}.
 *
 * @param id the name of its slot
 * @param value null: it is a name, or days
 * @param text what its slot is filled with; of a change, without its sign
 * @param isChange whether the sign of the value says up or down
 * @param isUntrusted whether strangers wrote the text
 */
record Fact(
    String id,
    String label,
    @Nullable BigDecimal value,
    String text,
    @JsonIgnore boolean isChange,
    boolean isUntrusted) {
  private static final int DECIMALS = 6;

  static Fact figure(String id, String label, BigDecimal value, String text) {
    return new Fact(id, label, rounded(value), text, false, false);
  }

  /** A ratio to what was before, or a difference; its text is without the sign. */
  static Fact change(String id, String label, BigDecimal value, String text) {
    return new Fact(id, label, rounded(value), text, true, false);
  }

  static Fact name(String id, String label, String text) {
    return new Fact(id, label, null, text, false, true);
  }

  static Fact days(String id, String label, String text) {
    return new Fact(id, label, null, text, false, false);
  }

  private static BigDecimal rounded(BigDecimal value) {
    return value.scale() > DECIMALS ? value.setScale(DECIMALS, RoundingMode.HALF_UP) : value;
  }

  /** 1: up, -1: down, 0: neither, or no change. */
  @JsonIgnore
  int sign() {
    return isChange && value != null ? value.signum() : 0;
  }
}
