package com.ytempire.sidecar.costs;

import com.ytempire.sidecar.costs.CostDao.Group;
import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.Events.Kind;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Publishes an event when what a user's videos of a month cost on average passes a limit. */
final class CostLimits {
  private static final String SAVEPOINT = "limits";

  private CostLimits() {}

  /** The Pacific month of a moment, as its first day. */
  static LocalDate monthOf(Instant at) {
    return PacificTime.day(at).withDayOfMonth(1);
  }

  /**
   * Publishes what the tenant of the transaction has passed in the months in which costs that were
   * just booked count: that of a video's publication, or of the cost where it is shared; and the
   * running month, whose videos become known after their costs.
   */
  static void checkBooked(Handle handle, UUID userId, List<Booking> booked, Instant now) {
    Set<LocalDate> months = new LinkedHashSet<>(Set.of(monthOf(now)));
    Set<String> videos = new LinkedHashSet<>();
    for (Booking each : booked) {
      @Nullable String video = each.videoId();
      if (video == null) {
        months.add(monthOf(each.at()));
      } else {
        videos.add(video);
      }
    }
    check(handle, userId, new Months(months, videos), now);
  }

  /**
   * Publishes what the tenant of the transaction has passed in a month.
   *
   * @param month its first day
   */
  static void check(Handle handle, UUID userId, LocalDate month, Instant now) {
    check(handle, userId, new Months(Set.of(month), Set.of()), now);
  }

  /** Months by their first days, and those in which videos were published. */
  private record Months(Set<LocalDate> firstDays, Set<String> ofVideos) {}

  /**
   * Publishes each group and month once. Does nothing while the tenant's rollups are being filled:
   * too few videos would pass every limit.
   */
  private static void check(Handle handle, UUID userId, Months months, Instant now) {
    if (!Events.isWanted(handle, Kind.COST_LIMIT_PASSED)) {
      return;
    }
    for (Group group : groups(handle, months)) {
      if (group.isPassed()) {
        YearMonth named = YearMonth.from(group.month());
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

  /** Empty: the rollups are being filled. The transaction goes on either way. */
  private static List<Group> groups(Handle handle, Months months) {
    handle.savepoint(SAVEPOINT);
    try {
      CompleteRollups.require(handle);
      List<Group> groups =
          handle
              .attach(CostDao.class)
              .groups(
                  months.firstDays().toArray(LocalDate[]::new),
                  months.ofVideos().toArray(String[]::new));
      handle.releaseSavepoint(SAVEPOINT);
      return groups;
    } catch (JdbiException e) {
      if (!CompleteRollups.isRefusal(e)) {
        throw e;
      }
      handle.rollbackToSavepoint(SAVEPOINT);
      return List.of();
    }
  }
}
