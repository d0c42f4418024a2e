package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.reports.MailServer.DeferralException;
import com.ytempire.sidecar.reports.MailServer.OutageException;
import com.ytempire.sidecar.reports.MailServer.RefusalException;
import com.ytempire.sidecar.reports.ReportDao.StoredRecipient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mails the link by which an address is verified, once for each request of it. One that cannot be
 * mailed is tried again, after ten minutes at first and then less and less often, and given up
 * after {@value #MAX_ATTEMPTS} attempts, which are two days. Safe to share between threads and
 * replicas.
 */
final class Verifications {
  private static final Logger log = LoggerFactory.getLogger(Verifications.class);

  /** How long a link works. */
  static final Duration LIFETIME = Duration.ofDays(7);

  /** From one mail to an address to the next, whoever asks for it. */
  static final Duration PAUSE = Duration.ofMinutes(10);

  private static final Duration LONGEST_PAUSE = Duration.ofHours(6);

  static final int MAX_ATTEMPTS = 12;

  /**
   * The number of mails with links that go out for a user in a UTC day, to all addresses together.
   * A mail that the server refused counts, and so does one of which nobody knows whether it went
   * out; one that it is known not to have taken does not.
   */
  static final int MAX_MAILS_A_DAY = 10;

  /**
   * The number of attempts to mail links for a user in a UTC day, to all addresses together,
   * whether or not a mail goes out. As many as five addresses that cannot be mailed to have, and
   * half as many again. It bounds those who remove an address and add it again, by which its pauses
   * begin anew.
   */
  static final int MAX_ATTEMPTS_A_DAY = 60;

  private static final int USERS_A_RUN = 20;

  /** After so many mails without an answer in a row, the mail server is away for all. */
  private static final int MAX_FAILURES_PER_RUN = 3;

  private static final String TITLE = "Confirm this address for reports";

  private final Database database;
  private final ReportStore store;
  private final ReportTemplates templates;
  private final ReportLinks links;
  private final MailServer mailServer;
  private final Clock clock;

  Verifications(
      Database database,
      ReportStore store,
      ReportTemplates templates,
      ReportLinks links,
      MailServer mailServer,
      Clock clock) {
    this.database = database;
    this.store = store;
    this.templates = templates;
    this.links = links;
    this.mailServer = mailServer;
    this.clock = clock;
  }

  /** Sends what is due. */
  void run() {
    List<UUID> users =
        database.directory(handle ->
            handle.attach(ReportDao.class).verificationUsers(clock.instant(), USERS_A_RUN));
    int failures = 0;
    for (UUID userId : users) {
      for (StoredRecipient recipient : store.as(userId, ReportDao::recipients)) {
        if (!store.as(userId, dao -> claim(dao, recipient))) {
          continue;
        }
        // A mail that the server breaks off at is no reason for those of others to wait.
        failures = send(userId, recipient) ? 0 : failures + 1;
        if (failures == MAX_FAILURES_PER_RUN) {
          return;
        }
      }
    }
  }

  /** Takes a mail that is due; beyond the limit of the day it waits for the next one. */
  private boolean claim(ReportDao dao, StoredRecipient recipient) {
    UUID id = recipient.recipientId();
    Instant now = clock.instant();
    if (dao.claimVerification(id, now, now.plus(pause(recipient.verificationAttempts()))) == 0) {
      return false;
    }
    LocalDate today = day(now);
    if (dao.countVerification(today, MAX_ATTEMPTS_A_DAY, MAX_MAILS_A_DAY) == 1) {
      return true;
    }
    dao.postponeVerification(
        id,
        today.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant(),
        "Links were mailed %d times today, or tried %d times, as often as is allowed: this one follows tomorrow."
            .formatted(MAX_MAILS_A_DAY, MAX_ATTEMPTS_A_DAY));
    return false;
  }

  /** 10, 20, 40 … minutes, 6 hours at most. */
  static Duration pause(int attemptsBefore) {
    Duration pause = PAUSE.multipliedBy(1L << Math.min(attemptsBefore, 8));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /** Returns whether the mail server has answered, whatever it said of the mail. */
  private boolean send(UUID userId, StoredRecipient recipient) {
    String customer =
        store.as(userId, dao -> dao.owner().map(ReportDao.Owner::displayName).orElse("A customer"));
    try (MailServer.Connection connection = mailServer.connect()) {
      connection.send(mail(userId, recipient, customer));
      end(userId, recipient, null);
      return true;
    } catch (RefusalException e) {
      end(userId, recipient, "The mail server refused the address: " + e.reason());
      return true;
    } catch (DeferralException e) {
      uncountMail(userId);
      fail(userId, recipient, "The mail server takes no mail to the address now: " + e.reason());
      return true;
    } catch (OutageException e) {
      log.warn(
          "the link to verify recipient {} is mailed later: {}",
          recipient.recipientId(),
          e.sentence());
      if (!e.isInDoubt()) {
        uncountMail(userId);
      }
      fail(userId, recipient, e.sentence());
      return false;
    }
  }

  private Mail mail(UUID userId, StoredRecipient recipient, String customer) {
    String url = links.verify(userId, recipient.recipientId(), clock.instant().plus(LIFETIME));
    Map<String, String> values = Map.of("title", TITLE, "customer", customer, "url", url);
    return new Mail(
        recipient.email(),
        "verify-%s-%d@%s"
            .formatted(
                recipient.recipientId(), clock.instant().getEpochSecond(), mailServer.domain()),
        new Mail.Content(
            TITLE, templates.html("verify", values), templates.text("verify", values), null),
        null);
  }

  private void end(UUID userId, StoredRecipient recipient, @Nullable String error) {
    store.as(userId, dao -> dao.endVerification(recipient.recipientId(), clock.instant(), error));
  }

  /** Takes a mail back that was counted, of which it is known that it did not go out. */
  private void uncountMail(UUID userId) {
    store.as(userId, dao -> dao.uncountVerificationMail(day(clock.instant())));
  }

  /** The mail is due again after its pause, unless this was the last attempt. */
  private void fail(UUID userId, StoredRecipient recipient, String reason) {
    if (recipient.verificationAttempts() + 1 < MAX_ATTEMPTS) {
      store.as(userId, dao -> dao.noteVerification(recipient.recipientId(), reason));
      return;
    }
    end(
        userId,
        recipient,
        "No link could be mailed in %d attempts; save the recipients again to have another mailed. %s"
            .formatted(MAX_ATTEMPTS, reason));
  }

  /** The UTC day by which mails are limited. */
  private static LocalDate day(Instant now) {
    return LocalDate.ofInstant(now, ZoneOffset.UTC);
  }
}
