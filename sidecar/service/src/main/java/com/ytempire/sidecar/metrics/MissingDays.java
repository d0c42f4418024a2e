package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Metric;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meaning of days that Analytics was asked for and has no row of: zero, nothing at all, or not
 * finished yet. Safe to share between threads.
 */
final class MissingDays {
  private static final Logger log = LoggerFactory.getLogger(MissingDays.class);

  private final Database database;

  MissingDays(Database database) {
    this.database = database;
  }

  /**
   * Rows of the days of a channel that YouTube left out because nothing happened: days without
   * views are missing rows. Zero once a newer day is there, or, of views, after {@value
   * AnalyticsCalls#FINISHED_AGE} days; never before the channel's first day, nor where a figure is
   * stored. An answer without any row vouches for nothing, and is left as it is, and so do metrics
   * that it lacks.
   *
   * @param rows the answer
   */
  List<FetchedRow> zeroRows(FetchContext context, PlannedRequest request, List<FetchedRow> rows) {
    List<Metric> metrics =
        request.metrics().stream()
            .filter(metric -> metric.isSum() && rows.stream().anyMatch(row -> row.has(metric)))
            .toList();
    if (!request.report().query().dimensions().equals(List.of(AnalyticsQuery.DAY))
        || metrics.isEmpty()) {
      return List.of();
    }
    Set<LocalDate> answered = AnalyticsRows.days(rows);
    LocalDate oldest = answered.stream().min(LocalDate::compareTo).orElseThrow();
    LocalDate newest = answered.stream().max(LocalDate::compareTo).orElseThrow();
    List<LocalDate> missing = finished(context, request.days(), answered);
    if (missing.isEmpty()) {
      return List.of();
    }
    StoredDays stored = storedDays(request, missing);
    @Nullable LocalDate known = stored.first();
    LocalDate first = known != null && known.isBefore(oldest) ? known : oldest;
    return missing.stream()
        .filter(day -> !day.isBefore(first))
        .map(day -> {
          FetchedRow row = context.row(request).set("day", day);
          metrics.stream()
              .filter(metric -> stored.lacks(metric, day) && isZero(metric, day, newest))
              .forEach(metric -> row.set(metric, BigDecimal.ZERO));
          return row;
        })
        .filter(row -> metrics.stream().anyMatch(row::has))
        .toList();
  }

  /**
   * Notes days without rows: they are not asked for again until tomorrow, when the plan asks for
   * all days of the last week. One exception: the days that YouTube has not finished of a channel
   * that is watched, in the report {@link Report#CHANNEL_DAY}, which stay due and are asked for
   * again when the answer is no longer fresh.
   *
   * @param asked the days that were asked for
   * @param rows that YouTube answered
   * @param zeros rows that were made of days without one
   */
  void note(
      FetchContext context,
      PlannedRequest request,
      List<LocalDate> asked,
      List<FetchedRow> rows,
      List<FetchedRow> zeros) {
    try {
      boolean isUntilTomorrow =
          request.report() != Report.CHANNEL_DAY || isQuiet(context, request, asked, rows);
      List<LocalDate> missing =
          isUntilTomorrow
              ? without(asked, AnalyticsRows.days(rows))
              : finished(context, asked, AnalyticsRows.days(rows));
      LocalDate[] noted = without(missing, AnalyticsRows.days(zeros)).toArray(LocalDate[]::new);
      if (noted.length == 0) {
        return;
      }
      database.useTenant(handle ->
          handle
              .attach(PlanDao.class)
              .noteWithoutRows(
                  request.channelId(), request.report().label(), noted, context.now()));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      // They are asked for again with the next tick.
      log.warn("days without rows were not noted: {}", e.getMessage());
    }
  }

  /**
   * Whether a channel has no views in its last days, finished ones among them: neither answered nor
   * stored.
   */
  private boolean isQuiet(
      FetchContext context, PlannedRequest request, List<LocalDate> asked, List<FetchedRow> rows) {
    LocalDate settled =
        LocalDate.ofInstant(context.now(), Bucket.PACIFIC).minusDays(Restatement.SETTLED_AGE);
    List<LocalDate> last = asked.stream().filter(day -> day.isAfter(settled)).toList();
    if (finished(context, last, Set.of()).isEmpty()
        || AnalyticsRows.days(rows).stream().anyMatch(last::contains)) {
      return false;
    }
    return database
        .idempotent()
        .asTenant(handle ->
            handle
                .attach(PlanDao.class)
                .daysWithViews(request.channelId(), last.toArray(LocalDate[]::new)))
        .isEmpty();
  }

  private static List<LocalDate> without(List<LocalDate> days, Set<LocalDate> excluded) {
    return days.stream().filter(day -> !excluded.contains(day)).toList();
  }

  /** The days without a row that YouTube has finished, given the days that it has rows of. */
  private static List<LocalDate> finished(
      FetchContext context, List<LocalDate> asked, Set<LocalDate> answered) {
    @Nullable LocalDate newest = answered.stream().max(LocalDate::compareTo).orElse(null);
    LocalDate finished =
        LocalDate.ofInstant(context.now(), Bucket.PACIFIC).minusDays(AnalyticsCalls.FINISHED_AGE);
    return asked.stream()
        .filter(day -> !answered.contains(day))
        .filter(day -> (newest != null && day.isBefore(newest)) || !day.isAfter(finished))
        .toList();
  }

  /**
   * Those of an answer's days of which a lack says something: finished ones, and of revenue, which
   * comes later than views, those before the newest.
   */
  static List<LocalDate> answered(
      FetchContext context, Set<LocalDate> answered, boolean isRevenue) {
    @Nullable LocalDate newest = answered.stream().max(LocalDate::compareTo).orElse(null);
    LocalDate finished =
        LocalDate.ofInstant(context.now(), Bucket.PACIFIC).minusDays(AnalyticsCalls.FINISHED_AGE);
    return answered.stream()
        .filter(day -> day.isBefore(newest) || (!isRevenue && !day.isAfter(finished)))
        .toList();
  }

  /** Revenue comes later than views: of the newest days its lack says nothing. */
  private static boolean isZero(Metric metric, LocalDate day, LocalDate newest) {
    return !metric.isRevenue() || day.isBefore(newest);
  }

  /**
   * The stored days of a channel.
   *
   * @param first the first day that is stored; null: none
   * @param withViews those with views, and so {@code withRevenue}
   */
  private record StoredDays(
      @Nullable LocalDate first, Set<LocalDate> withViews, Set<LocalDate> withRevenue) {
    boolean lacks(Metric metric, LocalDate day) {
      return !(metric.isRevenue() ? withRevenue : withViews).contains(day);
    }
  }

  private StoredDays storedDays(PlannedRequest request, List<LocalDate> days) {
    List<StoredDayDao.StoredDay> stored =
        database
            .idempotent()
            .asTenant(handle ->
                handle
                    .attach(StoredDayDao.class)
                    .storedDays(request.channelId(), days.toArray(LocalDate[]::new)));
    return new StoredDays(
        stored.stream()
            .filter(StoredDayDao.StoredDay::isFirst)
            .map(StoredDayDao.StoredDay::day)
            .findFirst()
            .orElse(null),
        days(stored, StoredDayDao.StoredDay::hasViews),
        days(stored, StoredDayDao.StoredDay::hasRevenue));
  }

  private static Set<LocalDate> days(
      List<StoredDayDao.StoredDay> stored, Predicate<StoredDayDao.StoredDay> filter) {
    return stored.stream()
        .filter(filter)
        .map(StoredDayDao.StoredDay::day)
        .collect(Collectors.toUnmodifiableSet());
  }
}
