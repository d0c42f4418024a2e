package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.MailServer.DeferralException;
import com.ytempire.sidecar.reports.MailServer.OutageException;
import com.ytempire.sidecar.reports.MailServer.RefusalException;
import com.ytempire.sidecar.reports.ReportDao.StoredRecipient;
import com.ytempire.sidecar.reports.ReportRuns.Claim;
import com.ytempire.sidecar.reports.ReportRuns.Result;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends reports, each once to each recipient: each answer of the mail server is stored before the
 * next mail goes out, and a mail whose answer was lost is sent again with the same Message-ID. Safe
 * to share between threads and replicas.
 */
final class Reports {
  private static final Logger log = LoggerFactory.getLogger(Reports.class);

  private final ReportStore store;
  private final ReportRuns runs;
  private final ReportWriter writer;
  private final ReportLinks links;
  private final MailServer mailServer;
  private final Clock clock;

  Reports(
      ReportStore store,
      ReportRuns runs,
      ReportWriter writer,
      ReportLinks links,
      MailServer mailServer,
      Clock clock) {
    this.store = store;
    this.runs = runs;
    this.writer = writer;
    this.links = links;
    this.mailServer = mailServer;
    this.clock = clock;
  }

  /**
   * Sends a report to those of its recipients who do not have it.
   *
   * @param period null: the one that is due now
   */
  Result send(UUID userId, ReportKind kind, @Nullable LocalDate period) {
    Optional<Claim> claimed = runs.claim(userId, kind, period);
    if (claimed.isEmpty()) {
      return runs.unclaimed(userId, kind, period);
    }
    Claim claim = claimed.get();
    @Nullable String fault = null;
    try {
      fault = deliver(claim);
      return runs.end(claim, fault);
    } catch (RuntimeException e) {
      Result unused =
          runs.end(claim, "The report could not be written: " + e.getClass().getSimpleName());
      throw e;
    }
  }

  /** Sends what is still to be sent; returns why some of it was not, or null. */
  private @Nullable String deliver(Claim claim) {
    ReportPeriod about = claim.about();
    List<StoredRecipient> recipients =
        store.as(about.userId(), dao -> ReportRuns.waiting(dao, about));
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
    } catch (OutageException e) {
      log.warn("a report is mailed later: {}", e.sentence());
      return e.sentence();
    }
  }

  /** Returns whether the server has answered for good: it took the mail, or never will. */
  private boolean send(
      MailServer.Connection connection, Claim claim, ReportPage page, StoredRecipient recipient)
      throws OutageException {
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
    } catch (RefusalException e) {
      record(about, recipient, "refused", e.reason());
    } catch (DeferralException e) {
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
    store.as(
        about.userId(),
        dao ->
            dao.recordDelivery(
                about.kind().label(),
                about.period(),
                recipient.recipientId(),
                state,
                clock.instant(),
                reason));
  }
}
