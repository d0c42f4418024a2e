package com.ytempire.sidecar.quality;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.quality.SuccessDao.Milestones;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Users;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Request;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operators' view of success: counts and shares of users. What users earn stays inside each
 * user's own transaction, which answers only whether a milestone was reached; figures of different
 * owners are never added up (Google's Developer Policies III.E.2.a). Safe to share between threads.
 */
public final class Success {
  private static final int EARLY_DAY = 45;
  private static final int TARGET_DAY = 90;
  private static final int WEEK = 7;
  private static final int MONTH = 30;
  private static final double PERCENTILE = 0.95;

  /** What one user's figures may take; who takes longer is left out of this count. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(Success.class);

  private final Database database;
  private final TenantAccess tenantAccess;
  private final Clock clock;
  private final ReentrantLock counting = new ReentrantLock();
  private volatile @Nullable Count last;

  /** What the gauges show. */
  private volatile @Nullable View shown;

  public Success(Database database, TenantAccess tenantAccess, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  /**
   * {@code schemas/success.json}. Percentages are null where there is nobody to count.
   *
   * @param at when the users were counted; {@code uptimePercent} is of now
   * @param usersOnboarded active users with a connected channel
   * @param usersOfDay45 of these, those who signed up 45 days ago or earlier
   * @param at5000ByDay45Percent of them, who had 30 days of $5,000 together by day 45
   * @param uptimePercent of the last 30 days' minutes
   * @param freshPercent of the days of users of the last week, those on which freshness was never
   *     at error; the next three in the same way
   * @param dashboardP95Millis to read three panels, of the user at the 95th percentile
   */
  record View(
      Instant at,
      int users,
      int usersOnboarded,
      int channels,
      @Nullable Double channelsPerUser,
      int usersOfDay45,
      @Nullable Double at5000ByDay45Percent,
      int usersOfDay90,
      @Nullable Double at10000ByDay90Percent,
      @Nullable Double uptimePercent,
      @Nullable Double freshPercent,
      @Nullable Double completePercent,
      @Nullable Double reconciledPercent,
      @Nullable Double verifiedPercent,
      @Nullable Long dashboardP95Millis) {}

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/success",
                "Read how users and the platform do: counts and shares of users, never their figures")
            .by(OPERATOR, SERVICE)
            .answers("success")
            .with(this::read));
  }

  private View read(Request request) {
    Set<UUID> users = Users.weights(database).keySet();
    database.useTenants(
        handle -> tenantAccess.auditEach(handle, request.caller(), users, "success.read"));
    return view(lastCount());
  }

  /** Counts this minute as up; once a minute. */
  public void noteUptime() {
    Instant now = clock.instant();
    database.idempotent().useDirectory(handle -> handle.attach(SuccessDao.class).noteUptime(now));
  }

  /** Counts the users anew; once an hour. */
  public void count() {
    counting.lock();
    try {
      Count count = countUsers();
      last = count;
      shown = view(count);
    } finally {
      counting.unlock();
    }
  }

  /** The last count; whoever asks before there is one waits for the first. */
  private Count lastCount() {
    @Nullable Count known = last;
    if (known != null) {
      return known;
    }
    counting.lock();
    try {
      Count count = Objects.requireNonNullElseGet(last, this::countUsers);
      last = count;
      return count;
    } finally {
      counting.unlock();
    }
  }

  /** The contribution of one user to the counts. */
  private record UserCount(Milestones milestones, List<SuccessDao.DayLevel> levels, long millis) {}

  /** The contributions of all users, as of a moment. */
  private record Count(Instant at, List<UserCount> users) {}

  private Count countUsers() {
    Instant now = clock.instant();
    List<UserCount> all = new ArrayList<>();
    for (UUID userId : Users.weights(database).keySet()) {
      try {
        Deadline.after(TIMEOUT).supply(() -> countUser(userId, now)).ifPresent(all::add);
      } catch (RuntimeException e) {
        log.warn("user {} is not in the count of success", userId, e);
      }
    }
    return new Count(now, List.copyOf(all));
  }

  private Optional<UserCount> countUser(UUID userId, Instant now) {
    LocalDate today = PacificTime.day(now);
    return database.acrossTenants(handle -> {
      Database.enter(handle, userId);
      SuccessDao dao = handle.attach(SuccessDao.class);
      List<SuccessDao.DayLevel> levels = dao.dayLevels(today.minusDays(WEEK - 1));
      long began = System.nanoTime();
      long unused = dao.readPanels(today);
      long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
      return dao.milestones(now).map(milestones -> new UserCount(milestones, levels, millis));
    });
  }

  private View view(Count count) {
    Instant now = clock.instant();
    Optional<BigDecimal> uptime =
        database.directory(handle -> handle.attach(SuccessDao.class).uptimePercent(now, MONTH));
    return view(count.at(), count.users(), uptime.orElse(null));
  }

  private static View view(Instant now, List<UserCount> all, @Nullable BigDecimal uptime) {
    List<Milestones> onboarded =
        all.stream().map(UserCount::milestones).filter(each -> each.channels() > 0).toList();
    int channels = onboarded.stream().mapToInt(Milestones::channels).sum();
    List<Milestones> early =
        onboarded.stream().filter(each -> each.daysSinceSignUp() >= EARLY_DAY).toList();
    List<Milestones> late =
        onboarded.stream().filter(each -> each.daysSinceSignUp() >= TARGET_DAY).toList();
    Map<Check, Double> well = wellPercent(all);
    return new View(
        now,
        all.size(),
        onboarded.size(),
        channels,
        onboarded.isEmpty() ? null : Math.round(100.0 * channels / onboarded.size()) / 100.0,
        early.size(),
        percent(early, each -> isBy(each.reached5000(), EARLY_DAY)),
        late.size(),
        percent(late, each -> isBy(each.reached10000(), TARGET_DAY)),
        uptime == null ? null : uptime.doubleValue(),
        well.get(Check.FRESHNESS),
        well.get(Check.COMPLETENESS),
        well.get(Check.REVENUE),
        well.get(Check.VIEWS),
        percentile(all.stream().map(UserCount::millis).toList()));
  }

  private static int isBy(@Nullable Integer reached, int day) {
    return reached != null && reached <= day ? 1 : 0;
  }

  private static @Nullable Double percent(List<Milestones> of, ToIntFunction<Milestones> reached) {
    return of.isEmpty()
        ? null
        : Math.round(1000.0 * of.stream().mapToInt(reached).sum() / of.size()) / 10.0;
  }

  /** Percent of the days of users on which a check was never at error. */
  private static Map<Check, Double> wellPercent(List<UserCount> all) {
    Map<Check, int[]> counts = new EnumMap<>(Check.class);
    for (UserCount user : all) {
      for (SuccessDao.DayLevel level : user.levels()) {
        Check.find(level.checkName())
            .ifPresent(check -> {
              int[] count = counts.computeIfAbsent(check, each -> new int[2]);
              count[0]++;
              count[1] += level.worstLevel().equals(Level.ERROR.label()) ? 0 : 1;
            });
      }
    }
    Map<Check, Double> percent = new EnumMap<>(Check.class);
    counts.forEach(
        (check, count) -> percent.put(check, Math.round(1000.0 * count[1] / count[0]) / 10.0));
    return percent;
  }

  private static @Nullable Long percentile(List<Long> millis) {
    if (millis.isEmpty()) {
      return null;
    }
    List<Long> sorted = new ArrayList<>(millis);
    Collections.sort(sorted);
    return sorted.get((int) Math.ceil(PERCENTILE * sorted.size()) - 1);
  }

  /** Measures for Prometheus, of a fixed few names; NaN: there is nobody to count. */
  public enum Gauge {
    USERS_ONBOARDED,
    CHANNELS_PER_USER,
    AT_5000_BY_DAY_45_PERCENT,
    AT_10000_BY_DAY_90_PERCENT,
    UPTIME_PERCENT,
    FRESH_PERCENT,
    COMPLETE_PERCENT,
    RECONCILED_PERCENT,
    VERIFIED_PERCENT,
    DASHBOARD_P95_MILLIS
  }

  /** A measure as it was last counted. */
  public double gauge(Gauge gauge) {
    @Nullable View view = shown;
    if (view == null) {
      return Double.NaN;
    }
    @Nullable Number value =
        switch (gauge) {
          case USERS_ONBOARDED -> view.usersOnboarded();
          case CHANNELS_PER_USER -> view.channelsPerUser();
          case AT_5000_BY_DAY_45_PERCENT -> view.at5000ByDay45Percent();
          case AT_10000_BY_DAY_90_PERCENT -> view.at10000ByDay90Percent();
          case UPTIME_PERCENT -> view.uptimePercent();
          case FRESH_PERCENT -> view.freshPercent();
          case COMPLETE_PERCENT -> view.completePercent();
          case RECONCILED_PERCENT -> view.reconciledPercent();
          case VERIFIED_PERCENT -> view.verifiedPercent();
          case DASHBOARD_P95_MILLIS -> view.dashboardP95Millis();
        };
    return value == null ? Double.NaN : value.doubleValue();
  }
}
