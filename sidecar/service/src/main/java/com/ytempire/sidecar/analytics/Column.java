package com.ytempire.sidecar.analytics;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column of an analytics view; {@code columns} of {@code schemas/analytics-page.json}.
 *
 * @param name in answers, as a sort key and in CSV
 * @param unit null: it has none
 * @param sql its name in the view's SQL
 * @param isComparison whether it is there only when the period before is asked for, too
 */
record Column(
    String name,
    Type type,
    @Nullable String unit,
    @JsonIgnore String sql,
    @JsonIgnore boolean isComparison) {

  /** The form of a column's values in JSON; all may be null. */
  enum Type {
    /** Text. */
    TEXT,
    /** YouTube's (Pacific) day, YYYY-MM-DD. */
    DAY,
    /** A whole number. */
    INTEGER,
    /** A number with decimals. */
    NUMBER,
    /** USD, a decimal string. */
    MONEY;

    /** As it stands in the contract. */
    @JsonValue
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Column text(String name, String sql) {
    return new Column(name, Type.TEXT, null, sql, false);
  }

  static Column day(String name, String sql) {
    return new Column(name, Type.DAY, null, sql, false);
  }

  static Column count(String name, String unit, String sql) {
    return new Column(name, Type.INTEGER, unit, sql, false);
  }

  static Column number(String name, String unit, String sql) {
    return new Column(name, Type.NUMBER, unit, sql, false);
  }

  static Column money(String name, String sql) {
    return new Column(name, Type.MONEY, "USD", sql, false);
  }

  /** The same column, of the period before or compared with it. */
  Column compared() {
    return new Column(name, type, unit, sql, true);
  }
}
