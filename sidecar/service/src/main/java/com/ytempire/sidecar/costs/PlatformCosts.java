package com.ytempire.sidecar.costs;

import com.ytempire.sidecar.costs.PlatformDao.Due;
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
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Books what the platform cost in a month to the users, by the videos that each published in it.
 * Waits until the month has ended and three days more, when its videos are known. A month is booked
 * in one transaction, by one replica, once.
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
    while (database.acrossTenants(handle -> allocate(handle, users, before, now))) {
      // the next month
    }
  }

  private static boolean allocate(Handle handle, List<UUID> users, LocalDate before, Instant now) {
    PlatformDao platform = handle.attach(PlatformDao.class);
    List<Due> due = platform.hold(before);
    if (due.isEmpty()) {
      return false;
    }
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
      new Ledger(handle).book(due.stream().map(cost -> share(cost, published, all)).toList());
      CostLimits.check(handle, user, month, now);
    });
    platform.end(month, now, all);
    log.info(
        "the platform's costs of {} are booked to {} users with {} videos",
        YearMonth.from(month),
        videos.size(),
        all);
    return true;
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

  /** What the ledgers of all users hold of a provider in a calendar month, UTC. */
  BigDecimal metered(String provider, String unit, LocalDate month) {
    List<UUID> users = Users.all(database);
    return database
        .idempotent()
        .acrossTenants(handle -> {
          BigDecimal sum = BigDecimal.ZERO;
          for (UUID user : users) {
            Database.enter(handle, user);
            sum = sum.add(handle.attach(CostDao.class).metered(provider, unit, month));
          }
          return sum;
        });
  }
}
