package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.reports.MailServer.Deferred;
import com.ytempire.sidecar.reports.MailServer.Refused;
import com.ytempire.sidecar.reports.MailServer.Unavailable;
import com.ytempire.sidecar.reports.ReportDao.StoredRecipient;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mails the link by which an address is verified, once for each request of it; while the mail
 * server is away, again every ten minutes. Safe to share between threads and replicas.
 */
final class Verifications {
  private static final Logger log = LoggerFactory.getLogger(Verifications.class);

  /** How long a link works. */
  static final Duration LIFETIME = Duration.ofDays(7);

  /** From one mail to an address to the next, whoever asks for it. */
  static final Duration PAUSE = Duration.ofMinutes(10);

  /** Of a user in a UTC day, to whatever addresses. */
  static final int MAX_MAILS_A_DAY = 10;

  private static final int USERS_A_RUN = 20;
  private static final String TITLE = "Confirm this address for reports";

  private final Database database;
  private final ReportTemplates templates;
  private final ReportLinks links;
  private final MailServer mailServer;
  private final Clock clock;

  Verifications(
      Database database,
      ReportTemplates templates,
      ReportLinks links,
      MailServer mailServer,
      Clock clock) {
    this.database = database;
    this.templates = templates;
    this.links = links;
    this.mailServer = mailServer;
    this.clock = clock;
  }

  /** Sends what is due. */
  void run() {
    List<UUID> users =
        database.directory(
            handle -> handle.attach(ReportDao.class).verificationUsers(now(), USERS_A_RUN));
    for (UUID userId : users) {
      try {
        send(userId);
      } catch (Unavailable e) {
        log.warn("links to verify addresses are mailed later: {}", e.sentence());
        return;
      }
    }
  }

  private void send(UUID userId) throws Unavailable {
    List<StoredRecipient> due =
        as(userId, dao -> dao.recipients().stream().filter(each -> claim(dao, each)).toList());
    if (due.isEmpty()) {
      return;
    }
    String customer =
        as(userId, dao -> dao.owner().map(ReportDao.Owner::displayName).orElse("A customer"));
    try (MailServer.Connection connection = mailServer.connect()) {
      for (StoredRecipient recipient : due) {
        send(connection, userId, recipient, customer);
      }
    } catch (Unavailable e) {
      due.forEach(
          each -> as(userId, dao -> dao.noteVerification(each.recipientId(), e.sentence())));
      throw e;
    }
  }

  /** Takes a mail that is due; beyond the limit of the day it waits for the next one. */
  private boolean claim(ReportDao dao, StoredRecipient recipient) {
    UUID id = recipient.recipientId();
    if (dao.claimVerification(id, now(), now().plus(PAUSE)) == 0) {
      return false;
    }
    LocalDate today = now().toLocalDate();
    if (dao.countVerification(today, MAX_MAILS_A_DAY) == 1) {
      return true;
    }
    dao.claimVerification(
        id, now().plus(PAUSE), today.plusDays(1).atStartOfDay().atOffset(ZoneOffset.UTC));
    dao.noteVerification(
        id,
        "Links were mailed %d times today, as often as is allowed: this one follows tomorrow."
            .formatted(MAX_MAILS_A_DAY));
    return false;
  }

  private void send(
      MailServer.Connection connection, UUID userId, StoredRecipient recipient, String customer)
      throws Unavailable {
    String url = links.verify(userId, recipient.recipientId(), clock.instant().plus(LIFETIME));
    Map<String, String> values = Map.of("title", TITLE, "customer", customer, "url", url);
    @Nullable String refusal = null;
    try {
      connection.send(
          new Mail(
              recipient.email(),
              "verify-%s-%d@%s"
                  .formatted(
                      recipient.recipientId(),
                      clock.instant().getEpochSecond(),
                      mailServer.domain()),
              new Mail.Content(
                  TITLE, templates.html("verify", values), templates.text("verify", values), null),
              null));
    } catch (Refused e) {
      refusal = "The mail server refused the address: " + e.reason();
    } catch (Deferred e) {
      // It is due again after the pause.
      as(
          userId,
          dao ->
              dao.noteVerification(
                  recipient.recipientId(),
                  "The mail server takes no mail to the address now: " + e.reason()));
      return;
    }
    @Nullable String error = refusal;
    as(userId, dao -> dao.endVerification(recipient.recipientId(), now(), error));
  }

  private interface Work<T> {
    T run(ReportDao dao);
  }

  private <T> T as(UUID userId, Work<T> work) {
    return Tenant.as(
        userId, () -> database.asTenant(handle -> work.run(handle.attach(ReportDao.class))));
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }
}
