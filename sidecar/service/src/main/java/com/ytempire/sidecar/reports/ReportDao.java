package com.ytempire.sidecar.reports;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Settings, recipients and runs of reports, of the tenant of the transaction. */
interface ReportDao {
  /** The tenant as its reports have it. */
  record Owner(String displayName, boolean isActive, String timeZone, String settings) {}

  /** An address, and what became of it. */
  record StoredRecipient(
      UUID recipientId,
      String email,
      @Nullable Instant verifiedAt,
      @Nullable Instant verificationDueAt,
      @Nullable Instant verificationSentAt,
      @Nullable String verificationError,
      int verificationAttempts,
      List<String> unsubscribedKinds) {}

  /** The newest run of each kind. */
  record Run(
      String kind,
      LocalDate period,
      Instant dueAt,
      Instant leasedUntil,
      @Nullable Instant sentAt,
      @Nullable String lastError) {}

  /** The outcome of a report for a recipient. */
  record Delivery(UUID recipientId, String state, @Nullable String reason) {}

  @SqlQuery("select app.list_report_users()")
  List<UUID> reportUsers();

  @SqlQuery("select app.list_verification_users(:now, :limit)")
  List<UUID> verificationUsers(Instant now, int limit);

  @SqlQuery(
      "select u.display_name, u.is_active, u.time_zone, coalesce(c.notification_settings, '{}')\\:\\:text as settings from analytics.users u left join analytics.user_dashboard_config c on true")
  @RegisterConstructorMapper(Owner.class)
  Optional<Owner> owner();

  /** Lets one change of the tenant's settings run after the other. */
  default void lockUser() {
    List<UUID> unused = locked();
  }

  @SqlQuery("select user_id from analytics.users for no key update")
  List<UUID> locked();

  @SqlUpdate("update analytics.users set time_zone = :timeZone")
  int setTimeZone(String timeZone);

  @SqlUpdate(
      "insert into analytics.user_dashboard_config (notification_settings, updated_at) values (cast(:settings as jsonb), :at) on conflict (user_id) do update set notification_settings = excluded.notification_settings, updated_at = excluded.updated_at")
  int saveSettings(String settings, Instant at);

  @SqlQuery(
      "select recipient_id, email, verified_at, verification_due_at, verification_sent_at, verification_error, verification_attempts, unsubscribed_kinds from analytics.report_recipients order by created_at, email")
  @RegisterConstructorMapper(StoredRecipient.class)
  List<StoredRecipient> recipients();

  @SqlUpdate(
      "insert into analytics.report_recipients (email, created_at, verification_due_at) values (:email, :at, :at) on conflict (user_id, email) do nothing")
  int addRecipient(String email, Instant at);

  /** The number of addresses that were added on a day, those among them that are gone too. */
  @SqlQuery(
      "select coalesce(max(recipients_added), 0) from analytics.user_dashboard_config where recipients_day = :day")
  int recipientsAdded(LocalDate day);

  @SqlUpdate(
      "update analytics.user_dashboard_config set recipients_added = case when recipients_day = :day then recipients_added + :added else :added end, recipients_day = :day")
  int countAddedRecipients(LocalDate day, int added);

  @SqlUpdate("delete from analytics.report_recipients where recipient_id = :id")
  int removeRecipient(UUID id);

  /** Takes the mail with the link that is due, until it is tried again. */
  @SqlUpdate(
      "update analytics.report_recipients set verification_due_at = :retryAt, verification_attempts = verification_attempts + 1 where recipient_id = :id and verified_at is null and verification_due_at <= :now")
  int claimVerification(UUID id, Instant now, Instant retryAt);

  /** Leaves a mail that was taken for later, as if it had not been tried. */
  @SqlUpdate(
      "update analytics.report_recipients set verification_due_at = :until, verification_attempts = verification_attempts - 1, verification_error = :reason where recipient_id = :id")
  int postponeVerification(UUID id, Instant until, String reason);

  /**
   * Counts an attempt to mail a link, and its mail, against the limits of the day; 0: one is
   * reached.
   */
  @SqlUpdate(
      """
      update analytics.user_dashboard_config
         set verification_attempts = case when verification_day = :day then verification_attempts + 1 else 1 end,
             verification_mails = case when verification_day = :day then verification_mails + 1 else 1 end,
             verification_day = :day
       where verification_day is distinct from :day or (verification_attempts < :attempts and verification_mails < :mails)
      """)
  int countVerification(LocalDate day, int attempts, int mails);

  /** Takes a mail back that was counted and did not go out; the attempt counts. */
  @SqlUpdate(
      "update analytics.user_dashboard_config set verification_mails = verification_mails - 1 where verification_day = :day and verification_mails > 0")
  int uncountVerificationMail(LocalDate day);

  @SqlUpdate(
      "update analytics.report_recipients set verification_due_at = null, verification_sent_at = :at, verification_error = :error where recipient_id = :id")
  int endVerification(UUID id, Instant at, @Nullable String error);

  @SqlUpdate(
      "update analytics.report_recipients set verification_error = :error where recipient_id = :id")
  int noteVerification(UUID id, String error);

  @SqlUpdate(
      "update analytics.report_recipients set verification_due_at = :at, verification_attempts = 0 where recipient_id = :id and verified_at is null")
  int requestVerification(UUID id, Instant at);

  @SqlUpdate(
      "update analytics.report_recipients set verified_at = coalesce(verified_at, :at), verification_due_at = null, verification_error = null where recipient_id = :id")
  int verify(UUID id, Instant at);

  @SqlUpdate(
      "update analytics.report_recipients set unsubscribed_kinds = array_append(array_remove(unsubscribed_kinds, :kind), :kind) where recipient_id = :id")
  int unsubscribe(UUID id, String kind);

  @SqlUpdate(
      "update analytics.report_recipients set unsubscribed_kinds = array_remove(unsubscribed_kinds, :kind) where recipient_id = :id")
  int resubscribe(UUID id, String kind);

  @SqlQuery(
      "select distinct on (kind) kind, period, due_at, leased_until, sent_at, last_error from analytics.report_runs order by kind, period desc")
  @RegisterConstructorMapper(Run.class)
  List<Run> lastRuns();

  /** Claims a report; 0: another one is at it, or it was sent. */
  @SqlUpdate(
      """
      insert into analytics.report_runs as r (kind, period, due_at, claimed_at, leased_until) values (:kind, :period, :dueAt, :now, :until)
      on conflict (user_id, kind, period) do update set claimed_at = excluded.claimed_at, leased_until = excluded.leased_until, attempts = r.attempts + 1
       where r.sent_at is null and r.leased_until <= excluded.claimed_at
      """)
  int claim(String kind, LocalDate period, Instant dueAt, Instant now, Instant until);

  /** Ends a claim, sent or not; one that another sender has taken over meanwhile stays theirs. */
  @SqlUpdate(
      "update analytics.report_runs set leased_until = :now, sent_at = :sentAt, last_error = :error where kind = :kind and period = :period and claimed_at = :claimedAt and sent_at is null")
  int end(
      String kind,
      LocalDate period,
      Instant claimedAt,
      Instant now,
      @Nullable Instant sentAt,
      @Nullable String error);

  @SqlQuery(
      "select recipient_id, state, reason from analytics.report_deliveries where kind = :kind and period = :period")
  @RegisterConstructorMapper(Delivery.class)
  List<Delivery> deliveries(String kind, LocalDate period);

  @SqlUpdate(
      "insert into analytics.report_deliveries (kind, period, recipient_id, state, at, reason) select :kind, :period, :recipientId, :state, :at, :reason where exists (select from analytics.report_recipients r where r.recipient_id = :recipientId) on conflict do nothing")
  int recordDelivery(
      String kind,
      LocalDate period,
      UUID recipientId,
      String state,
      Instant at,
      @Nullable String reason);
}
