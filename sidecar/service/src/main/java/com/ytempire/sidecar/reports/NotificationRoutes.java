package com.ytempire.sidecar.reports;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.reports.ReportDao.Owner;
import com.ytempire.sidecar.reports.ReportDao.StoredRecipient;
import com.ytempire.sidecar.tenancy.EmailAddress;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.TimeZones;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Routes about which reports a user wants, when, and to whom they are mailed. */
final class NotificationRoutes {
  /**
   * Maximum number of addresses that can be added for a user in a UTC day: four times the number
   * that a user can have. The limit is needed because each removed address is kept for 35 days, so
   * that a restored backup does not bring it back.
   */
  static final int MAX_ADDED_A_DAY = 20;

  private final TenantAccess tenantAccess;
  private final Clock clock;

  NotificationRoutes(TenantAccess tenantAccess, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/notification-settings",
                "Read which reports a user wants, when, and to whom they are mailed")
            .by(OPERATOR, SERVICE, USER)
            .answers("notification-settings")
            .with(this::read),
        Endpoint.patch(
                "/v1/users/{userId}/notification-settings",
                "Change which reports a user wants, when, in which language of numbers, and to whom they are mailed")
            .by(OPERATOR, SERVICE, USER)
            .takes("notification-settings-update")
            .answers("notification-settings")
            .with(this::update));
  }

  private NotificationSettings read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    return tenantAccess.as(
        request.caller(),
        userId,
        "notification-settings.read",
        handle -> settings(handle.attach(ReportDao.class)));
  }

  private NotificationSettings update(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    NotificationSettings.Update body = request.body(NotificationSettings.Update.class);
    check(body);
    return tenantAccess.as(
        request.caller(),
        userId,
        "notification-settings.update",
        handle -> {
          ReportDao dao = handle.attach(ReportDao.class);
          dao.lockUser();
          if (body.timeZone() != null) {
            dao.setTimeZone(body.timeZone());
          }
          NotificationSettings.StoredSettings stored =
              NotificationSettings.StoredSettings.read(dao.owner().orElseThrow().settings())
                  .with(body);
          dao.saveSettings(Json.MAPPER.writeValueAsString(stored), clock.instant());
          if (body.recipients() != null) {
            replace(dao, body.recipients());
          }
          return settings(dao);
        });
  }

  private static void check(NotificationSettings.Update body) {
    List<Fault> faults = new ArrayList<>();
    String zone = body.timeZone();
    if (zone != null) {
      TimeZones.fault(zone).ifPresent(faults::add);
    }
    List<String> recipients = body.recipients() == null ? List.of() : body.recipients();
    for (int i = 0; i < recipients.size(); i++) {
      if (address(recipients.get(i)).isEmpty()) {
        faults.add(
            new Fault(
                "/recipients/" + i,
                "must be one email address such as ada@example.com, without a name, spaces or line breaks"));
      }
    }
    if (!faults.isEmpty()) {
      throw Problem.invalid(
          "The settings were not changed: %s %s."
              .formatted(faults.getFirst().pointer(), faults.getFirst().message()),
          faults);
    }
  }

  /** One address without a name, in the form in which it is stored and mailed to. */
  private static Optional<String> address(String text) {
    return EmailAddress.canonical(text).filter(MimeMessages::isAddress);
  }

  /** Adds who is new, removes who is missing, and asks those again whose link was not used. */
  private void replace(ReportDao dao, List<String> wanted) {
    Set<String> addresses =
        wanted.stream()
            .flatMap(each -> address(each).stream())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    for (StoredRecipient known : dao.recipients()) {
      // One that is stored may be older than the canonical form.
      if (!addresses.removeIf(each -> EmailAddress.matches(each, known.email()))) {
        dao.removeRecipient(known.recipientId());
      } else if (isRequestable(known)) {
        dao.requestVerification(known.recipientId(), clock.instant());
      }
    }
    if (!addresses.isEmpty()) {
      requireRoom(dao, addresses.size());
      addresses.forEach(address -> dao.addRecipient(address, clock.instant()));
    }
  }

  /** Counts addresses that are to be added; refuses what is beyond the limit of the day. */
  private void requireRoom(ReportDao dao, int added) {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    int room = Math.max(0, MAX_ADDED_A_DAY - dao.recipientsAdded(today));
    if (added > room) {
      throw Problem.until(
          Type.TOO_MANY_RECIPIENTS,
          "Of a user %d recipients are added on a day (UTC); today has room for %d more, and %d of these are new. Nothing was changed. Recipients can be removed meanwhile; add others after midnight UTC."
              .formatted(MAX_ADDED_A_DAY, room, added),
          today.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC));
    }
    dao.countAddedRecipients(today, added);
  }

  /**
   * Whether another link may be requested: none waits to be mailed, which keeps its pause, and the
   * pause after the last attempt is over.
   */
  private boolean isRequestable(StoredRecipient known) {
    @Nullable Instant attemptedAt = known.verificationSentAt();
    return known.verifiedAt() == null
        && known.verificationDueAt() == null
        && attemptedAt != null
        && !attemptedAt
            .plus(Verifications.pause(Math.max(0, known.verificationAttempts() - 1)))
            .isAfter(clock.instant());
  }

  private static NotificationSettings settings(ReportDao dao) {
    Owner owner = dao.owner().orElseThrow();
    NotificationSettings.StoredSettings stored =
        NotificationSettings.StoredSettings.read(owner.settings());
    return new NotificationSettings(
        owner.timeZone(),
        stored.language(),
        stored.mailing(ReportKind.DAILY),
        stored.mailing(ReportKind.WEEKLY),
        stored.mailing(ReportKind.MONTHLY),
        dao.recipients().stream()
            .map(each ->
                NotificationSettings.recipient(
                    each.recipientId(),
                    each.email(),
                    each.verifiedAt(),
                    each.unsubscribedKinds(),
                    each.verificationError()))
            .toList());
  }
}
