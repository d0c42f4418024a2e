package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.fairness.Deadline;
import com.ytempire.sidecar.reports.MailServer.Deferred;
import com.ytempire.sidecar.reports.MailServer.Refused;
import com.ytempire.sidecar.reports.MailServer.Unavailable;
import com.ytempire.sidecar.reports.ReportDao.Delivery;
import com.ytempire.sidecar.reports.ReportDao.Owner;
import com.ytempire.sidecar.reports.ReportDao.StoredRecipient;
import com.ytempire.sidecar.reports.ReportSchedule.Due;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends reports, each once to each recipient: a claim with a lease keeps others away, each answer
 * of the mail server is stored before the next mail goes out, and a mail whose answer was lost is
 * sent again with the same Message-ID. While the mail server is away a report stays due, for {@link
 * ReportSchedule#MAX_DELAY}. Safe to share between threads and replicas.
 */
final class Reports {
  private static final Logger log = LoggerFactory.getLogger(Reports.class);

  /** Longer than a connection and five mails whose every answer comes at the last moment. */
  private static final Duration LEASE = Duration.ofMinutes(20);

  /** No mail is begun after this: the one that is under way then ends well before the lease. */
  private static final Duration LONGEST_DELIVERY = Duration.ofMinutes(8);

  /**
   * What a transaction may take. It is not the request's: a mail that was taken is to be recorded
   * also when nobody waits for the answer any more.
   */
  private static final Duration TIME_TO_RECORD = Duration.ofSeconds(30);

  private final Database database;
  private final ReportWriter writer;
  private final ReportLinks links;
  private final MailServer mailServer;
  private final Clock clock;

  Reports(
      Database database,
      ReportWriter writer,
      ReportLinks links,
      MailServer mailServer,
      Clock clock) {
    this.database = database;
    this.writer = writer;
    this.links = links;
    this.mailServer = mailServer;
    this.clock = clock;
  }

  /** A report that is due; {@code schemas/reports-due.json}. */
  record DueReport(UUID userId, ReportKind kind, LocalDate period, Instant dueAt) {}

  /**
   * What came of sending a report; {@code schemas/report-sent.json}.
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

  /** Returns the reports that are due and that nobody is sending. */
  List<DueReport> due() {
    List<DueReport> due = new ArrayList<>();
    for (UUID userId : database.directory(handle -> handle.attach(ReportDao.class).reportUsers())) {
      Tenant.as(userId, () -> database.asTenant(handle -> schedule(handle.attach(ReportDao.class))))
          .forEach((kind, report) ->
              due.add(new DueReport(userId, kind, report.period(), report.dueAt())));
    }
    return due;
  }

  /** The tenant's reports that are due, wanted by somebody, and leased by nobody. */
  private Map<ReportKind, Due> schedule(ReportDao dao) {
    Map<ReportKind, Due> due = new EnumMap<>(ReportKind.class);
    Optional<Owner> owner = dao.owner().filter(Owner::isActive);
    if (owner.isEmpty()) {
      return due;
    }
    Instant now = clock.instant();
    NotificationSettings.Stored settings = NotificationSettings.Stored.read(owner.get().settings());
    Map<String, ReportDao.Run> runs =
        dao.lastRuns().stream().collect(Collectors.toMap(ReportDao.Run::kind, run -> run));
    List<StoredRecipient> recipients = dao.recipients();
    for (ReportKind kind : ReportKind.values()) {
      ReportDao.@Nullable Run run = runs.get(kind.label());
      NotificationSettings.Mailing mailing = settings.mailing(kind);
      boolean isLeased =
          run != null && run.sentAt() == null && run.leasedUntil().toInstant().isAfter(now);
      if (mailing.enabled() && !isLeased && !wanting(recipients, kind).isEmpty()) {
        ReportSchedule.due(
                kind,
                NotificationSettings.zone(owner.get().timeZone()),
                LocalTime.parse(mailing.time()),
                now,
                run == null
                    ? null
                    : new ReportSchedule.LastRun(
                        run.period(), run.dueAt().toInstant(), run.sentAt() != null))
            .ifPresent(report -> due.put(kind, report));
      }
    }
    return due;
  }

  private static List<StoredRecipient> wanting(List<StoredRecipient> recipients, ReportKind kind) {
    return recipients.stream()
        .filter(each -> each.verifiedAt() != null)
        .filter(each -> !each.unsubscribedKinds().contains(kind.label()))
        .toList();
  }

  /** A claimed report. */
  private record Claim(
      ReportPeriod about,
      String customer,
      String language,
      OffsetDateTime claimedAt,
      Deadline deadline) {}

  /**
   * Sends a report to those of its recipients who do not have it.
   *
   * @param period null: the one that is due now
   */
  Result send(UUID userId, ReportKind kind, @Nullable LocalDate period) {
    Optional<Claim> claimed = claim(userId, kind, period);
    if (claimed.isEmpty()) {
      return unclaimed(userId, kind, period);
    }
    Claim claim = claimed.get();
    @Nullable String fault = null;
    try {
      fault = deliver(claim);
      return end(claim, fault);
    } catch (RuntimeException e) {
      end(claim, "The report could not be written: " + e.getClass().getSimpleName());
      throw e;
    }
  }

  private Optional<Claim> claim(UUID userId, ReportKind kind, @Nullable LocalDate period) {
    // As the database keeps it.
    OffsetDateTime now = now().truncatedTo(ChronoUnit.MICROS);
    Deadline deadline = Deadline.after(LONGEST_DELIVERY);
    return as(
        userId,
        dao -> {
          Due due = schedule(dao).get(kind);
          if (due == null || (period != null && !period.equals(due.period()))) {
            return Optional.empty();
          }
          int claimed =
              dao.claim(
                  kind.label(),
                  due.period(),
                  due.dueAt().atOffset(ZoneOffset.UTC),
                  now,
                  now.plus(LEASE));
          Owner owner = dao.owner().orElseThrow();
          return claimed == 0
              ? Optional.empty()
              : Optional.of(
                  new Claim(
                      new ReportPeriod(userId, kind, due.period(), now.toInstant()),
                      owner.displayName(),
                      NotificationSettings.Stored.read(owner.settings()).language(),
                      now,
                      deadline));
        });
  }

  /** What is known of a report that is not to be sent now. */
  private Result unclaimed(UUID userId, ReportKind kind, @Nullable LocalDate period) {
    return as(
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
          boolean isLeased =
              run.isPresent() && run.get().leasedUntil().toInstant().isAfter(clock.instant());
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

  /** Sends what is still to be sent; returns why some of it was not, or null. */
  private @Nullable String deliver(Claim claim) {
    ReportPeriod about = claim.about();
    List<StoredRecipient> recipients = as(about.userId(), dao -> waiting(dao, about));
    if (recipients.isEmpty()) {
      return null;
    }
    ReportPage page = writer.page(about, claim.language());
    try (MailServer.Connection connection = mailServer.connect()) {
      int deferred = 0;
      for (StoredRecipient recipient : recipients) {
        if (claim.deadline().hasPassed()) {
          return "The mail server was too slow for all recipients";
        }
        deferred += send(connection, claim, page, recipient) ? 0 : 1;
      }
      return deferred == 0
          ? null
          : "The mail server takes no mail now to %d of %d recipients"
              .formatted(deferred, recipients.size());
    } catch (Unavailable e) {
      log.warn("a report is mailed later: {}", e.sentence());
      return e.sentence();
    }
  }

  /** Returns whether the server has answered for good: it took the mail, or never will. */
  private boolean send(
      MailServer.Connection connection, Claim claim, ReportPage page, StoredRecipient recipient)
      throws Unavailable {
    ReportPeriod about = claim.about();
    String unsubscribe = links.unsubscribe(about.userId(), recipient.recipientId(), about.kind());
    Mail mail =
        new Mail(
            recipient.email(),
            messageId(about, recipient),
            writer.render(page, about.kind(), claim.customer(), unsubscribe),
            unsubscribe);
    try {
      connection.send(mail);
      record(about, recipient, "sent", null);
    } catch (Refused e) {
      record(about, recipient, "refused", e.reason());
    } catch (Deferred e) {
      log.warn("a report to recipient {} is mailed later: {}", recipient.recipientId(), e.reason());
      return false;
    }
    return true;
  }

  /** The same for the same report and recipient, so that a mailbox knows a mail that came twice. */
  private String messageId(ReportPeriod about, StoredRecipient recipient) {
    return "%s-%s-%s@%s"
        .formatted(
            about.kind().label(), about.period(), recipient.recipientId(), mailServer.domain());
  }

  private void record(
      ReportPeriod about, StoredRecipient recipient, String state, @Nullable String reason) {
    as(
        about.userId(),
        dao ->
            dao.recordDelivery(
                about.kind().label(),
                about.period(),
                recipient.recipientId(),
                state,
                now(),
                reason));
  }

  private static List<StoredRecipient> waiting(ReportDao dao, ReportPeriod about) {
    List<UUID> done =
        dao.deliveries(about.kind().label(), about.period()).stream()
            .map(Delivery::recipientId)
            .toList();
    return wanting(dao.recipients(), about.kind()).stream()
        .filter(each -> !done.contains(each.recipientId()))
        .toList();
  }

  private Result end(Claim claim, @Nullable String fault) {
    ReportPeriod about = claim.about();
    return as(
        about.userId(),
        dao -> {
          dao.end(
              about.kind().label(),
              about.period(),
              claim.claimedAt(),
              now(),
              fault == null ? now() : null,
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

  private interface Work<T> {
    T run(ReportDao dao);
  }

  private <T> T as(UUID userId, Work<T> work) {
    return Deadline.after(TIME_TO_RECORD)
        .supply(() ->
            Tenant.as(
                userId,
                () -> database.asTenant(handle -> work.run(handle.attach(ReportDao.class)))));
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }
}
