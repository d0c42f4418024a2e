package com.ytempire.sidecar.dashboards;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.dashboards.DashboardDao.Owner;
import com.ytempire.sidecar.dashboards.DashboardDao.StoredOrganization;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.TimeZones;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes about a user's dashboards in Grafana and their settings. */
public final class DashboardRoutes {
  private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

  private final Dashboards dashboards;
  private final TenantAccess tenantAccess;

  /**
   * @param tenantAccess of the first login, which reads and writes what is the tenant's
   */
  public DashboardRoutes(Dashboards dashboards, TenantAccess tenantAccess) {
    this.dashboards = dashboards;
    this.tenantAccess = tenantAccess;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/users/{userId}/dashboards", "Read where a user's dashboards are")
            .by(OPERATOR, SERVICE, USER)
            .answers("dashboards")
            .with(this::read),
        Endpoint.post(
                "/v1/users/{userId}/dashboards",
                "Provision a user's dashboards now: organization, data source, dashboards, account")
            .by(OPERATOR, SERVICE)
            .answers("dashboards-provisioned")
            .with(this::provision),
        Endpoint.post(
                "/v1/users/{userId}/dashboards/password",
                "Set another password of the account for a user's dashboards; it is answered this once")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.ADMINISTER)
            .answers("dashboards-provisioned")
            .with(this::resetPassword),
        Endpoint.get(
                "/v1/users/{userId}/dashboard-settings", "Read how a user wants the dashboards")
            .by(OPERATOR, SERVICE, USER)
            .answers("dashboard-settings")
            .with(this::readSettings),
        Endpoint.patch(
                "/v1/users/{userId}/dashboard-settings",
                "Change target, time zone, currency format, period and hidden panels of the dashboards")
            .by(OPERATOR, SERVICE, USER)
            .takes("dashboard-settings-update")
            .answers("dashboard-settings")
            .with(this::updateSettings));
  }

  /** A dashboard of a user. */
  record Link(String uid, String title, String url) {}

  /** {@code schemas/dashboards.json}. */
  record State(
      String state,
      @Nullable String url,
      @Nullable String login,
      List<Link> dashboards,
      @Nullable Instant provisionedAt,
      @Nullable String problem) {}

  /** {@code schemas/dashboards-provisioned.json}. */
  record ProvisionResult(
      String url,
      String login,
      @Nullable String password,
      List<Link> dashboards,
      List<String> faults) {}

  private State read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Optional<StoredOrganization> known =
        tenantAccess.as(
            request.caller(),
            userId,
            "dashboards.read",
            handle -> handle.attach(DashboardDao.class).known());
    if (!dashboards.isConfigured()) {
      return new State("off", null, null, List.of(), null, null);
    }
    return known
        .map(this::state)
        .orElseGet(() -> new State("pending", null, null, List.of(), null, null));
  }

  private State state(StoredOrganization known) {
    @Nullable Long organization = known.organizationId();
    @Nullable Instant provisionedAt = known.provisionedAt();
    if (organization == null || provisionedAt == null) {
      return new State(
          known.attempts() > 0 ? "failing" : "pending",
          null,
          known.viewerLogin(),
          List.of(),
          null,
          known.lastError());
    }
    return new State(
        known.attempts() > 0 ? "failing" : "ready",
        dashboards.link(organization),
        known.viewerLogin(),
        links(organization),
        provisionedAt,
        known.lastError());
  }

  private List<Link> links(long organization) {
    return dashboards.files().titles().entrySet().stream()
        .map(entry ->
            new Link(
                entry.getKey(), entry.getValue(), dashboards.link(organization, entry.getKey())))
        .toList();
  }

  private ProvisionResult provision(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    tenantAccess.use(request.caller(), userId, "dashboards.provision", handle -> {});
    try {
      return provisioned(dashboards.provisionNow(userId));
    } catch (GrafanaException e) {
      throw problem(e);
    }
  }

  private ProvisionResult resetPassword(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    tenantAccess.use(request.caller(), userId, "dashboards.reset-password", handle -> {});
    try {
      return provisioned(dashboards.resetPassword(userId));
    } catch (GrafanaException e) {
      throw problem(e);
    }
  }

  private ProvisionResult provisioned(UserProvisioning.Outcome outcome) {
    long organization = outcome.organization().id();
    return new ProvisionResult(
        dashboards.link(organization),
        outcome.login(),
        outcome.password(),
        links(organization),
        outcome.faults());
  }

  private Problem problem(GrafanaException e) {
    String detail = e.sentence() + ". It is tried again by itself.";
    return e.isOfGrafana()
        ? Problem.until(Type.UNAVAILABLE, detail, dashboards.now().plus(RETRY_AFTER))
        : Problem.of(Type.GRAFANA_REFUSED, detail);
  }

  private DashboardSettings readSettings(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    return tenantAccess.as(
        request.caller(),
        userId,
        "dashboards.settings",
        handle ->
            DashboardSettings.of(DashboardStore.owner(handle.attach(DashboardDao.class), userId)));
  }

  private DashboardSettings updateSettings(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    DashboardSettings.Update body = request.body(DashboardSettings.Update.class);
    check(body);
    return tenantAccess.as(
        request.caller(),
        userId,
        "dashboards.settings-changed",
        handle -> {
          DashboardDao dao = handle.attach(DashboardDao.class);
          Owner owner = DashboardStore.owner(dao, userId);
          DashboardSettings now = DashboardSettings.of(owner);
          dao.updateUser(body.targetRevenueUsd(), body.timeZone());
          @Nullable String period =
              body.defaultPeriod() == null ? now.defaultPeriod() : body.defaultPeriod();
          dao.savePreferences(
              Json.MAPPER.writeValueAsString(
                  new DashboardSettings.Preferences(
                      body.currencyFormat() == null ? now.currencyFormat() : body.currencyFormat(),
                      "standard".equals(period) ? null : period,
                      body.hiddenPanels() == null ? now.hiddenPanels() : body.hiddenPanels())),
              dashboards.now());
          // The next run of the job stores them.
          dao.setDue(dashboards.now());
          return DashboardSettings.of(DashboardStore.owner(dao, userId));
        });
  }

  private void check(DashboardSettings.Update body) {
    List<Fault> faults = new ArrayList<>();
    if (body.targetRevenueUsd() != null && body.targetRevenueUsd().signum() <= 0) {
      faults.add(new Fault("/targetRevenueUsd", "must be greater than 0"));
    }
    String zone = body.timeZone();
    if (zone != null) {
      TimeZones.fault(zone).ifPresent(faults::add);
    }
    List<String> hidden = body.hiddenPanels() == null ? List.of() : body.hiddenPanels();
    for (int i = 0; i < hidden.size(); i++) {
      if (!dashboards.files().panels().contains(hidden.get(i))) {
        faults.add(
            new Fault(
                "/hiddenPanels/" + i,
                "must be one of: " + String.join(", ", dashboards.files().panels())));
      }
    }
    if (!faults.isEmpty()) {
      throw Problem.invalid(
          "The settings cannot be used: %s %s."
              .formatted(faults.getFirst().pointer(), faults.getFirst().message()),
          faults);
    }
  }
}
