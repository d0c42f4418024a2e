package com.ytempire.sidecar.quota;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jspecify.annotations.Nullable;

/**
 * Takes units from the ledger. Apart from {@link QuotaLedgerDao}, because it is attached for each
 * group of takes, and Jdbi prepares every method of an interface that is attached.
 */
interface LedgerTakeDao {
  /** An answer for each take, in the order of {@code takeIds}; {@code app.quota_take_all}. */
  @SqlQuery(
      """
      select unnest(app.quota_take_all(
        :takeIds, :payers, :reservationIds, :expiresAt::timestamptz[],
        :partTakes::integer[], :buckets, :startsAt::timestamptz[], :accounts, :units, :at))
      """)
  List<Integer> take(
      UUID[] takeIds,
      String[] payers,
      @Nullable UUID[] reservationIds,
      @Nullable String[] expiresAt,
      Integer[] partTakes,
      String[] buckets,
      String[] startsAt,
      String[] accounts,
      Long[] units,
      Instant at);
}
