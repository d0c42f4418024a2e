package com.ytempire.sidecar.costs;

import com.ytempire.sidecar.costs.CostDao.Group;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.Events.Kind;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Publishes an event when what a user's videos of a month cost on average passes a limit. */
final class CostLimits {
  private CostLimits() {}

  /** The Pacific month of a moment, as its first day. */
  static LocalDate monthOf(Instant at) {
    return PacificTime.day(at).withDayOfMonth(1);
  }

  /**
   * Publishes what the tenant of the transaction has passed in a month, once for each group.
   *
   * @param month its first day
   */
  static void check(Handle handle, UUID userId, LocalDate month, Instant now) {
    if (!Events.isWanted(handle, Kind.COST_LIMIT_PASSED)) {
      return;
    }
    for (Group group : handle.attach(CostDao.class).groups(month)) {
      if (group.isPassed()) {
        YearMonth named = YearMonth.from(month);
        Events.publish(
            handle,
            Kind.COST_LIMIT_PASSED,
            Events.idOf(Kind.COST_LIMIT_PASSED, userId, named + " " + group.costGroup()),
            null,
            now,
            Map.of(
                "month", named.toString(),
                "group", group.costGroup(),
                "costPerVideoUsd", Objects.requireNonNull(group.costPerVideoUsd()).toPlainString(),
                "limitUsd", group.limitUsd().toPlainString(),
                "videos", group.videos()));
      }
    }
  }
}
