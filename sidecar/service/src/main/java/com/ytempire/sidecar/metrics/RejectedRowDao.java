package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Counts of rejected rows, for the tenant entered in the transaction. */
final class RejectedRowDao {
  private final Handle handle;

  RejectedRowDao(Handle handle) {
    this.handle = handle;
  }

  /**
   * Adds to the counts of a day; the n-th count is of the n-th kind and reason. In one order for
   * all batches, so that two cannot wait for each other. A user that is being erased is passed
   * over: to wait for that would hold up the channels that it waits for.
   */
  void add(
      LocalDate day, Instant now, List<String> kinds, List<String> reasons, List<Integer> counts) {
    var _ =
        handle
            .createUpdate(
                """
                with tenant as materialized (select 1 from analytics.users for key share skip locked)
                insert into analytics.rejected_rows as r (day, kind, reason, row_count, last_at)
                select :day, i.kind, i.reason, i.row_count, :now
                  from tenant cross join unnest(:kinds, :reasons, :counts) as i (kind, reason, row_count)
                 order by i.kind, i.reason
                on conflict (user_id, day, kind, reason) do update
                   set row_count = r.row_count + excluded.row_count, last_at = greatest(r.last_at, excluded.last_at)
                """)
            .bind("day", day)
            .bind("now", now)
            .bindArray("kinds", String.class, kinds)
            .bindArray("reasons", String.class, reasons)
            .bindArray("counts", Integer.class, counts)
            .execute();
  }
}
