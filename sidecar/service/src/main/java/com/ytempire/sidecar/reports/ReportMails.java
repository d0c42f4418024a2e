package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.config.GrafanaSettings;
import com.ytempire.sidecar.config.SmtpSettings;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Wires the mailed reports: their routes, and the job that mails links to verify addresses. */
public final class ReportMails {
  private final List<Endpoint> endpoints;
  private final @Nullable Verifications verifications;

  /**
   * @param sentences that introduce weekly reports
   */
  public ReportMails(
      Database database,
      TenantAccess tenantAccess,
      LinkCipher cipher,
      WeeklySentences sentences,
      Config config,
      Clock clock) {
    ReportTemplates templates = new ReportTemplates();
    ReportLinks links = new ReportLinks(cipher, config.http().publicUrl());
    @Nullable GrafanaSettings grafana = config.integrations().grafana();
    @Nullable SmtpSettings smtp = config.integrations().smtp();
    @Nullable MailServer mailServer = smtp == null ? null : new MailServer(smtp, clock);
    ReportStore store = new ReportStore(database);
    DueReports due = new DueReports(database, clock);
    @Nullable Reports reports =
        mailServer == null
            ? null
            : new Reports(
                store,
                new ReportRuns(store, due, clock),
                new ReportWriter(
                    database, sentences, templates, grafana == null ? null : grafana.publicUrl()),
                links,
                mailServer,
                clock);
    this.verifications =
        mailServer == null
            ? null
            : new Verifications(database, store, templates, links, mailServer, clock);
    this.endpoints =
        Stream.of(
                new NotificationRoutes(tenantAccess, clock).endpoints(),
                new ReportRoutes(database, tenantAccess, due, reports).endpoints(),
                new RecipientRoutes(database, links, templates, clock).endpoints())
            .flatMap(List::stream)
            .toList();
  }

  public List<Endpoint> endpoints() {
    return endpoints;
  }

  /** Mails the links that are due; without a mail server, none. */
  public void run() {
    if (verifications != null) {
      verifications.run();
    }
  }
}
