package com.ytempire.sidecar.reports;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a report is due: a pure function of the user's time zone and settings, the time
 * and the last run. A local time that a change to summer time skips is moved forward by the gap; of
 * one that comes twice, the first counts ({@link LocalDate#atTime(LocalTime)} with {@code atZone}).
 */
final class ReportSchedule {
  /** A report that could not be sent for so long is left out. */
  static final Duration MAX_DELAY = Duration.ofHours(6);

  /** Between two reports of a kind, also where the time zone was changed between them. */
  static final Duration MIN_DISTANCE = Duration.ofHours(20);

  private ReportSchedule() {}

  /**
   * The newest run of a kind.
   *
   * @param isSent false: it was tried and is not finished
   */
  record LastRun(LocalDate period, Instant dueAt, boolean isSent) {}

  /**
   * A report that is to be sent.
   *
   * @param period the local date on which it is due, which tells it from all others of its kind
   */
  record Due(LocalDate period, Instant dueAt) {}

  /**
   * Returns the report of a kind that is due now, if there is one.
   *
   * @param time of the day, in the zone
   * @param last null: none was ever tried
   */
  static Optional<Due> due(
      ReportKind kind, ZoneId zone, LocalTime time, Instant now, @Nullable LastRun last) {
    LocalDate today = now.atZone(zone).toLocalDate();
    // At midnight the report of an evening is still young.
    return Stream.of(kind.periodAt(today), kind.periodAt(today.minusDays(1)))
        .distinct()
        .map(period -> new Due(period, period.atTime(time).atZone(zone).toInstant()))
        .filter(due -> !due.dueAt().isAfter(now))
        .findFirst()
        .flatMap(due -> unlessDone(due, last))
        .filter(due -> now.isBefore(due.dueAt().plus(MAX_DELAY)));
  }

  private static Optional<Due> unlessDone(Due due, @Nullable LastRun last) {
    if (last == null) {
      return Optional.of(due);
    }
    if (due.period().equals(last.period())) {
      // Where it was due stays, although the zone or the time was changed since.
      return last.isSent() ? Optional.empty() : Optional.of(new Due(last.period(), last.dueAt()));
    }
    boolean isLater = due.period().isAfter(last.period());
    boolean isApart = !due.dueAt().isBefore(last.dueAt().plus(MIN_DISTANCE));
    return isLater && isApart ? Optional.of(due) : Optional.empty();
  }
}
