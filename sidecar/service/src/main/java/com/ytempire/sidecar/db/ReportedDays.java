package com.ytempire.sidecar.db;

import java.time.LocalDate;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The Pacific days of which YouTube has reported the figures of a tenant. */
public final class ReportedDays {
  private ReportedDays() {}

  /**
   * The newest day of which both views and revenue are reported, or views alone where revenue never
   * is; empty: none is.
   */
  public static Optional<LocalDate> newest(Handle handle, LocalDate today) {
    return handle
        .createQuery(
            "select case when v is not null then least(v, r) end from (select analytics.views_known_until(null, :today) as v, analytics.revenue_known_until(null, :today) as r) known")
        .bind("today", today)
        .mapTo(LocalDate.class)
        .findOne();
  }
}
