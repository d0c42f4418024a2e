package com.ytempire.sidecar.metrics;

import org.jspecify.annotations.Nullable;

/**
 * What the database did with one row of a statement.
 *
 * @param changes of an updated row, as JSON
 * @param sqlState why the database refused a rejected one; {@link #NOT_TRIED}: too many before it
 *     were refused
 */
record RowResult(StoreOutcome outcome, @Nullable String changes, @Nullable String sqlState) {
  static final String NOT_TRIED = "not tried";
  static final RowResult NEW = new RowResult(StoreOutcome.STORED, null, null);
  private static final RowResult UNCHANGED = new RowResult(StoreOutcome.UNCHANGED, null, null);

  /**
   * The result of a row that was looked up.
   *
   * @param changes of the row as it was known, as JSON; empty: it was not known; null: none
   */
  static RowResult judged(@Nullable String changes) {
    if (changes == null) {
      return UNCHANGED;
    }
    return changes.isEmpty() ? NEW : new RowResult(StoreOutcome.UPDATED, changes, null);
  }

  static RowResult refused(String sqlState) {
    return new RowResult(StoreOutcome.REJECTED, null, sqlState);
  }
}
