package com.ytempire.sidecar.db;

import java.util.UUID;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/**
 * The options of a transaction.
 *
 * @param tenant on whose account it waits
 * @param isEntered whether the rows are that tenant's from the start
 * @param weight how many permits it gets for one of another
 * @param isolation null: the server's default
 * @param isIdempotent whether it may be run again after it was perhaps committed
 * @param isOnce whether it must not be run again at all, because it also writes elsewhere
 * @param isLong whether a statement may take longer than others' answers are waited for, where the
 *     caller has no deadline
 */
record TransactionOptions(
    UUID tenant,
    boolean isEntered,
    int weight,
    @Nullable TransactionIsolationLevel isolation,
    boolean isIdempotent,
    boolean isOnce,
    boolean isLong) {
  /** The tenant of waiting work that is nobody's in particular. */
  private static final UUID PLATFORM = new UUID(0, 1);

  /** Not long. */
  TransactionOptions(
      UUID tenant,
      boolean isEntered,
      int weight,
      @Nullable TransactionIsolationLevel isolation,
      boolean isIdempotent,
      boolean isOnce) {
    this(tenant, isEntered, weight, isolation, isIdempotent, isOnce, false);
  }

  /** Options of work whose rows are nobody's until it enters a tenant itself. */
  static TransactionOptions withoutTenant(boolean isIdempotent) {
    return new TransactionOptions(
        Tenant.find().orElse(PLATFORM), false, 1, null, isIdempotent, false);
  }

  /** Options of a job over many rows, whose answer may take longer than that of any request. */
  static TransactionOptions ofLongJob() {
    return new TransactionOptions(PLATFORM, false, 1, null, false, false, true);
  }
}
