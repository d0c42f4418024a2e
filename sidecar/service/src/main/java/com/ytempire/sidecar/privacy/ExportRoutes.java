package com.ytempire.sidecar.privacy;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Endpoint.Download;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

/** The route by which a user takes everything along. */
public final class ExportRoutes {
  private final TenantAccess tenantAccess;
  private final Export export;
  private final OpenExports openExports;
  private final Clock clock;

  /**
   * Makes the route.
   *
   * @param maxBytes that exports may hold on the disk together
   */
  public ExportRoutes(Database database, TenantAccess tenantAccess, long maxBytes, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.export = new Export(database, clock);
    this.openExports = new OpenExports(maxBytes, clock);
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/export",
                "Everything that is stored of a user, a ZIP of CSV files")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.ADMINISTER)
            .answersFile("application/zip")
            // Its thread is one of the system's: compressing keeps a processor busy.
            .in(Endpoint.Bulkhead.EXPORT)
            .with(this::export));
  }

  private Download export(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    tenantAccess.use(request.caller(), userId, "user.export", handle -> {});
    return new Download(
        "ytempire-%s-%s.zip"
            .formatted(userId, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC)),
        openExports.open(
            new OpenExports.Holder(request.caller().account(), userId),
            space -> Tenant.as(userId, () -> export.write(space))));
  }
}
