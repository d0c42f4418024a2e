package com.ytempire.sidecar.costs;

import com.ytempire.sidecar.costs.PlatformDao.Due;
import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.tenancy.Users;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books what the platform cost in a month to the users, by the videos that each published in it.
 * Waits until the month has ended and three days more, when its videos are known. A month is booked
 * in one transaction, by one replica, once, and not before the sums of all users' videos are
 * complete.
 */
public final class PlatformCosts {
  /** The provider of allocated costs. */
  static final String PROVIDER = "platform";

  private static final Logger log = LoggerFactory.getLogger(PlatformCosts.class);

  private static final int DAYS_AFTER_MONTH = 3;
  private static final int DECIMALS = 6;

  private final Database database;
  private final Clock clock;

  /**
   * Creates the job.
   *
   * @param database by the second login
   */
  public PlatformCosts(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Books the months that are due. */
  public void allocate() {
    Instant now = clock.instant();
    LocalDate before = PacificTime.day(now).minusDays(DAYS_AFTER_MONTH).withDayOfMonth(1);
    if (database.directory(handle -> handle.attach(PlatformDao.class).hold(before)).isEmpty()) {
      return;
    }
    List<UUID> users = Users.all(database);
    try {
      Optional<Allocation> allocation = allocateNext(users, before, now);
      while (allocation.isPresent()) {
        checkLimits(allocation.get(), now);
        allocation = allocateNext(users, before, now);
      }
    } catch (RuntimeException e) {
      if (!CompleteRollups.isRefusal(e)) {
        throw e;
      }
      // Shares would be wrong: the month stays due.
      log.info("the platform's costs are booked when the sums of all users' videos are complete");
    }
  }

  /** A month that is booked, and to whom. */
  private record Allocation(LocalDate month, List<UUID> users) {}

  /** Books the oldest month that is due; empty: none is. */
  private Optional<Allocation> allocateNext(List<UUID> users, LocalDate before, Instant now) {
    return database.acrossTenants(handle -> allocate(handle, users, before, now));
  }

  private static Optional<Allocation> allocate(
      Handle handle, List<UUID> users, LocalDate before, Instant now) {
    PlatformDao platform = handle.attach(PlatformDao.class);
    List<Due> due = platform.hold(before);
    if (due.isEmpty()) {
      return Optional.empty();
    }
    CompleteRollups.require(handle);
    LocalDate month = due.getFirst().month();
    CostDao ledger = handle.attach(CostDao.class);
    Map<UUID, Long> videos = new LinkedHashMap<>();
    for (UUID user : users) {
      Database.enter(handle, user);
      long published = ledger.videosOf(month);
      if (published > 0) {
        videos.put(user, published);
      }
    }
    long all = videos.values().stream().mapToLong(Long::longValue).sum();
    videos.forEach((user, published) -> {
      Database.enter(handle, user);
      // The limits are checked when this is committed, of each user apart.
      new Ledger(handle, user)
          .insert(due.stream().map(cost -> share(cost, published, all)).toList());
    });
    platform.end(month, due.stream().map(Due::category).toArray(String[]::new), now, all);
    log.info(
        "the platform's costs of {} are booked to {} users with {} videos",
        YearMonth.from(month),
        videos.size(),
        all);
    return Optional.of(new Allocation(month, List.copyOf(videos.keySet())));
  }

  /** Each user apart: what cannot be told to one of them keeps nobody's costs from being booked. */
  private void checkLimits(Allocation allocation, Instant now) {
    for (UUID user : allocation.users()) {
      try {
        database.useTenants(handle -> {
          Database.enter(handle, user);
          CostLimits.check(handle, user, allocation.month(), now);
        });
      } catch (RuntimeException e) {
        log.warn("the limits of user {} could not be checked", user, e);
      }
    }
  }

  private static Booking share(Due cost, long published, long all) {
    BigDecimal usd =
        cost.usd()
            .multiply(BigDecimal.valueOf(published))
            .divide(BigDecimal.valueOf(all), DECIMALS, RoundingMode.HALF_UP);
    LocalDate lastDay = YearMonth.from(cost.month()).atEndOfMonth();
    return new Booking(
        YearMonth.from(cost.month()) + "/" + cost.category(),
        PROVIDER,
        cost.category(),
        // Noon of the last day: in this month in every time zone that people look from.
        lastDay.atTime(12, 0).atZone(PacificTime.ZONE).toInstant(),
        null,
        null,
        null,
        null,
        null,
        usd,
        "allocated");
  }
}
