package com.ytempire.sidecar.reports;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Routes that say which reports are due, and send one. */
final class ReportRoutes {
  private final Database database;
  private final TenantAccess tenantAccess;
  private final DueReports due;
  private final @Nullable Reports reports;

  /**
   * @param reports null: no mail server is set
   */
  ReportRoutes(
      Database database, TenantAccess tenantAccess, DueReports due, @Nullable Reports reports) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.due = due;
    this.reports = reports;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/reports/due", "List the reports that are due to be mailed, of all users")
            .by(OPERATOR, SERVICE)
            .answers("reports-due")
            .with(this::due),
        Endpoint.post(
                "/v1/users/{userId}/reports/send",
                "Mail a report that is due to those of its recipients who do not have it")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("report-send")
            .answers("report-sent")
            .with(this::send));
  }

  private Listing due(Request request) {
    Reports unused = required();
    List<DueReports.DueReport> reports = due.find();
    Set<UUID> users =
        reports.stream().map(DueReports.DueReport::userId).collect(Collectors.toSet());
    database.useTenants(
        handle -> tenantAccess.auditEach(handle, request.caller(), users, "reports.due"));
    return new Listing(reports);
  }

  /** {@code schemas/reports-due.json}. */
  record Listing(List<DueReports.DueReport> reports) {}

  /** {@code schemas/report-send.json}. */
  record SendRequest(ReportKind kind, @Nullable LocalDate period) {}

  private ReportRuns.Result send(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    SendRequest body = request.body(SendRequest.class);
    tenantAccess.use(request.caller(), userId, "reports.send", handle -> {});
    return required().send(userId, body.kind(), body.period());
  }

  private Reports required() {
    Reports known = reports;
    if (known == null) {
      throw Problem.of(
          Type.MAIL_OFF,
          "This sidecar has no mail server. Its operator sets YTEMPIRE_SMTP_HOST and YTEMPIRE_MAIL_FROM.");
    }
    return known;
  }
}
