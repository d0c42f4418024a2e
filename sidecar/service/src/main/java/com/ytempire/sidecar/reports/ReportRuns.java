package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.reports.ReportDao.Delivery;
import com.ytempire.sidecar.reports.ReportDao.Owner;
import com.ytempire.sidecar.reports.ReportDao.StoredRecipient;
import com.ytempire.sidecar.reports.ReportSchedule.Due;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Claims reports and ends the claims: a claim with a lease keeps others away, and a report that was
 * not sent to all stays due, for {@link ReportSchedule#MAX_DELAY}. Safe to share between threads
 * and replicas.
 */
final class ReportRuns {
  /**
   * Longer than connecting takes, or the last mail that is begun in time; see {@link MailServer}.
   */
  private static final Duration LEASE = Duration.ofMinutes(20);

  /** No mail is begun after this: the one that is under way then ends before the lease. */
  private static final Duration LONGEST_DELIVERY = Duration.ofMinutes(8);

  private final ReportStore store;
  private final DueReports due;
  private final Clock clock;

  ReportRuns(ReportStore store, DueReports due, Clock clock) {
    this.store = store;
    this.due = due;
    this.clock = clock;
  }

  /**
   * The outcome of sending a report; {@code schemas/report-sent.json}.
   *
   * @param state sent, postponed, not-due or in-progress
   * @param sent recipients to whom it went, now or before
   * @param refused recipients whom the mail server refused for good
   * @param waiting recipients to whom it is still to be sent
   * @param message what happened, where it was not sent to all
   */
  record Result(
      UUID userId,
      ReportKind kind,
      LocalDate period,
      String state,
      int sent,
      int refused,
      int waiting,
      @Nullable String message) {}

  /** A claimed report. */
  record Claim(
      ReportPeriod about, String customer, String language, Instant claimedAt, Deadline deadline) {}

  /**
   * Claims a report.
   *
   * @param period null: the one that is due now
   * @return empty: it is not due, or somebody has it
   */
  Optional<Claim> claim(UUID userId, ReportKind kind, @Nullable LocalDate period) {
    // As the database keeps it.
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Deadline deadline = Deadline.after(LONGEST_DELIVERY);
    return store.as(
        userId,
        dao -> {
          Due report = due.schedule(dao).get(kind);
          if (report == null || (period != null && !period.equals(report.period()))) {
            return Optional.empty();
          }
          int claimed =
              dao.claim(kind.label(), report.period(), report.dueAt(), now, now.plus(LEASE));
          Owner owner = dao.owner().orElseThrow();
          return claimed == 0
              ? Optional.empty()
              : Optional.of(
                  new Claim(
                      new ReportPeriod(userId, kind, report.period(), now),
                      owner.displayName(),
                      NotificationSettings.StoredSettings.read(owner.settings()).language(),
                      now,
                      deadline));
        });
  }

  /** What is known of a report that is not to be sent now. */
  Result unclaimed(UUID userId, ReportKind kind, @Nullable LocalDate period) {
    return store.as(
        userId,
        dao -> {
          Optional<ReportDao.Run> last =
              dao.lastRuns().stream().filter(run -> run.kind().equals(kind.label())).findFirst();
          LocalDate about =
              period != null
                  ? period
                  : last.map(ReportDao.Run::period)
                      .orElseGet(() ->
                          kind.periodAt(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)));
          Optional<ReportDao.Run> run = last.filter(each -> each.period().equals(about));
          if (run.isPresent() && run.get().sentAt() != null) {
            return result(dao, userId, kind, about, "sent", "It was sent before.");
          }
          boolean isLeased = run.isPresent() && run.get().leasedUntil().isAfter(clock.instant());
          return isLeased
              ? result(dao, userId, kind, about, "in-progress", "It is being sent.")
              : result(
                  dao,
                  userId,
                  kind,
                  about,
                  "not-due",
                  "No such report is due now: Get Due lists those that are. One that could not be sent for 6 hours is left out.");
        });
  }

  /** Recipients of whom the mail server has not said yet what became of the report. */
  static List<StoredRecipient> waiting(ReportDao dao, ReportPeriod about) {
    List<UUID> done =
        dao.deliveries(about.kind().label(), about.period()).stream()
            .map(Delivery::recipientId)
            .toList();
    return DueReports.wanting(dao.recipients(), about.kind()).stream()
        .filter(each -> !done.contains(each.recipientId()))
        .toList();
  }

  /**
   * Ends a claim.
   *
   * @param fault why not all is sent; null: all is
   */
  Result end(Claim claim, @Nullable String fault) {
    ReportPeriod about = claim.about();
    return store.as(
        about.userId(),
        dao -> {
          dao.end(
              about.kind().label(),
              about.period(),
              claim.claimedAt(),
              clock.instant(),
              fault == null ? clock.instant() : null,
              fault);
          return result(
              dao,
              about.userId(),
              about.kind(),
              about.period(),
              fault == null ? "sent" : "postponed",
              fault == null ? null : fault + ". It is tried again at the next tick.");
        });
  }

  private Result result(
      ReportDao dao,
      UUID userId,
      ReportKind kind,
      LocalDate period,
      String state,
      @Nullable String message) {
    List<Delivery> deliveries = dao.deliveries(kind.label(), period);
    int refused = (int) deliveries.stream().filter(each -> each.state().equals("refused")).count();
    int left =
        state.equals("postponed")
            ? waiting(dao, new ReportPeriod(userId, kind, period, clock.instant())).size()
            : 0;
    return new Result(
        userId,
        kind,
        period,
        state,
        deliveries.size() - refused,
        refused,
        left,
        message == null && refused > 0
            ? "The mail server refused %d of %d recipients for good."
                .formatted(refused, deliveries.size())
            : message);
  }
}
