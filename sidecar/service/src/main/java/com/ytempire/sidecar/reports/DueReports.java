package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.reports.ReportDao.Owner;
import com.ytempire.sidecar.reports.ReportDao.StoredRecipient;
import com.ytempire.sidecar.reports.ReportSchedule.Due;
import com.ytempire.sidecar.tenancy.TimeZones;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the reports that are due, by the settings of their users and what was sent before. Safe to
 * share between threads.
 */
final class DueReports {
  private final Database database;
  private final Clock clock;

  DueReports(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** A report that is due; {@code schemas/reports-due.json}. */
  record DueReport(UUID userId, ReportKind kind, LocalDate period, Instant dueAt) {}

  /** Returns the reports that are due and that nobody is sending. */
  List<DueReport> find() {
    List<DueReport> due = new ArrayList<>();
    for (UUID userId : database.directory(handle -> handle.attach(ReportDao.class).reportUsers())) {
      Tenant.as(userId, () -> database.asTenant(handle -> schedule(handle.attach(ReportDao.class))))
          .forEach((kind, report) ->
              due.add(new DueReport(userId, kind, report.period(), report.dueAt())));
    }
    return due;
  }

  /** The tenant's reports that are due, wanted by somebody, and leased by nobody. */
  Map<ReportKind, Due> schedule(ReportDao dao) {
    Map<ReportKind, Due> due = new EnumMap<>(ReportKind.class);
    Optional<Owner> owner = dao.owner().filter(Owner::isActive);
    if (owner.isEmpty()) {
      return due;
    }
    Instant now = clock.instant();
    NotificationSettings.StoredSettings settings =
        NotificationSettings.StoredSettings.read(owner.get().settings());
    Map<String, ReportDao.Run> runs =
        dao.lastRuns().stream().collect(Collectors.toMap(ReportDao.Run::kind, run -> run));
    List<StoredRecipient> recipients = dao.recipients();
    for (ReportKind kind : ReportKind.values()) {
      ReportDao.@Nullable Run run = runs.get(kind.label());
      NotificationSettings.Mailing mailing = settings.mailing(kind);
      boolean isLeased = run != null && run.sentAt() == null && run.leasedUntil().isAfter(now);
      if (mailing.enabled() && !isLeased && !wanting(recipients, kind).isEmpty()) {
        ReportSchedule.due(
                kind,
                TimeZones.zone(owner.get().timeZone()),
                LocalTime.parse(mailing.time()),
                now,
                run == null
                    ? null
                    : new ReportSchedule.LastRun(run.period(), run.dueAt(), run.sentAt() != null))
            .ifPresent(report -> due.put(kind, report));
      }
    }
    return due;
  }

  /** Those who have verified their address and want a kind of report. */
  static List<StoredRecipient> wanting(List<StoredRecipient> recipients, ReportKind kind) {
    return recipients.stream()
        .filter(each -> each.verifiedAt() != null)
        .filter(each -> !each.unsubscribedKinds().contains(kind.label()))
        .toList();
  }
}
