package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.wording.FigureFormat;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;

/**
 * The reports that a user wants, when, and to whom they are mailed; {@code
 * schemas/notification-settings.json}.
 *
 * @param timeZone of the times; that of the user
 * @param numberLanguage BCP 47 tag by which numbers and dates are written
 */
record NotificationSettings(
    String timeZone,
    String numberLanguage,
    Mailing daily,
    Mailing weekly,
    Mailing monthly,
    List<Recipient> recipients) {
  /** The time at which a kind of report is mailed. */
  record Mailing(boolean enabled, String time) {}

  /** A change of a {@link Mailing}; null keeps what is there. */
  record MailingUpdate(@Nullable Boolean enabled, @Nullable String time) {}

  /**
   * An address that receives reports.
   *
   * @param state verified, or pending until the link in a mail to it was used
   * @param problem why the mail with the link could not be sent yet
   */
  record Recipient(
      UUID recipientId,
      String email,
      String state,
      List<String> unsubscribed,
      @Nullable String problem) {}

  /** {@code schemas/notification-settings-update.json}; null keeps what is there. */
  record Update(
      @Nullable String timeZone,
      @Nullable String numberLanguage,
      @Nullable MailingUpdate daily,
      @Nullable MailingUpdate weekly,
      @Nullable MailingUpdate monthly,
      @Nullable List<String> recipients) {}

  /** The content of {@code notification_settings}; null: as is standard. */
  record StoredSettings(
      @Nullable String numberLanguage,
      @Nullable MailingUpdate daily,
      @Nullable MailingUpdate weekly,
      @Nullable MailingUpdate monthly) {
    /** Reads what is stored; what is of no use is as if it were not there. */
    static StoredSettings read(String json) {
      try {
        return Json.MAPPER
            .readerFor(StoredSettings.class)
            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .readValue(json);
      } catch (JacksonException e) {
        return new StoredSettings(null, null, null, null);
      }
    }

    /** Returns this with what an update changes. */
    StoredSettings with(Update update) {
      return new StoredSettings(
          update.numberLanguage() == null ? numberLanguage : update.numberLanguage(),
          merged(daily, update.daily()),
          merged(weekly, update.weekly()),
          merged(monthly, update.monthly()));
    }

    private static @Nullable MailingUpdate merged(
        @Nullable MailingUpdate now, @Nullable MailingUpdate change) {
      if (now == null || change == null) {
        return change == null ? now : change;
      }
      return new MailingUpdate(
          change.enabled() == null ? now.enabled() : change.enabled(),
          change.time() == null ? now.time() : change.time());
    }

    String language() {
      return numberLanguage == null ? FigureFormat.STANDARD_LANGUAGE : numberLanguage;
    }

    Mailing mailing(ReportKind kind) {
      @Nullable MailingUpdate chosen =
          switch (kind) {
            case DAILY -> daily;
            case WEEKLY -> weekly;
            case MONTHLY -> monthly;
          };
      String time = chosen == null || chosen.time() == null ? "" : chosen.time();
      return new Mailing(
          chosen == null || !Boolean.FALSE.equals(chosen.enabled()),
          timeOf(time, kind.standardTime()).toString());
    }

    private static LocalTime timeOf(String text, LocalTime standard) {
      try {
        return text.isEmpty() ? standard : LocalTime.parse(text);
      } catch (DateTimeException e) {
        return standard;
      }
    }
  }

  /** A recipient as it is answered. */
  static Recipient recipient(
      UUID id,
      String email,
      @Nullable Instant verifiedAt,
      List<String> unsubscribed,
      @Nullable String problem) {
    return new Recipient(
        id, email, verifiedAt == null ? "pending" : "verified", unsubscribed, problem);
  }
}
