package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.config.GrafanaSettings.GrafanaDatabase;
import com.ytempire.sidecar.dashboards.DashboardDao.Owner;
import com.ytempire.sidecar.dashboards.DashboardDao.StoredOrganization;
import com.ytempire.sidecar.dashboards.Provisioner.Organization;
import com.ytempire.sidecar.dashboards.Provisioner.Viewer;
import com.ytempire.sidecar.tenancy.DatabaseLogins;
import com.ytempire.sidecar.tenancy.Secrets;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes one user's organization in Grafana what it should be, and stores what came of it. Safe to
 * share between threads; a lease keeps two from doing the same user.
 */
final class UserProvisioning {
  private static final Logger log = LoggerFactory.getLogger(UserProvisioning.class);

  /** Longer than all calls for one user take. */
  static final Duration LEASE = Duration.ofMinutes(10);

  private static final Duration BETWEEN_CHECKS = Duration.ofHours(1);
  private static final Duration IN_A_MOMENT = Duration.ofSeconds(5);

  private final Grafana grafana;
  private final GrafanaDatabase address;
  private final DashboardStore store;
  private final DatabaseLogins logins;
  private final DashboardFiles files;
  private final Clock clock;

  UserProvisioning(
      Grafana grafana,
      GrafanaDatabase address,
      DashboardStore store,
      DatabaseLogins logins,
      DashboardFiles files,
      Clock clock) {
    this.grafana = grafana;
    this.address = address;
    this.store = store;
    this.logins = logins;
    this.files = files;
    this.clock = clock;
  }

  /**
   * The outcome of provisioning a user.
   *
   * @param password of the account that was created, this once; null: it was there
   * @param faults what could not be done, a sentence each
   */
  record Outcome(
      Organization organization, String login, @Nullable String password, List<String> faults) {}

  /**
   * Makes a user's organization what it should be, now, and stores every dashboard anew.
   *
   * @throws GrafanaException when it cannot be done now; it is tried again by itself
   * @throws Problem busy, while the job or another request is at it
   */
  Outcome now(UUID userId) throws GrafanaException {
    boolean isLeased =
        store.as(
            userId,
            (handle, dao) -> {
              dao.begin(now());
              return dao.lease(now(), now().plus(LEASE)) == 1;
            });
    if (!isLeased) {
      throw Problem.until(
          Type.BUSY,
          "The dashboards of this user are being provisioned. Ask for them in a moment.",
          clock.instant().plus(IN_A_MOMENT));
    }
    return reconcile(userId, true);
  }

  /** Provisions a user whose lease is held, and says what came of it, which ends the lease. */
  Outcome reconcile(UUID userId, boolean isForced) throws GrafanaException {
    try {
      return provision(userId, isForced);
    } catch (GrafanaException | Problem e) {
      if (isForced) {
        // The answer has a fixed sentence; the job logs the details itself.
        log.warn("dashboards of a user were not provisioned: {}", e.getMessage());
      }
      store.as(
          userId,
          (handle, dao) -> {
            int attempts = dao.known().map(StoredOrganization::attempts).orElse(0);
            return dao.setFailed(
                now(),
                now().plus(RetryPause.after(attempts)),
                e instanceof GrafanaException refused
                    ? refused.sentence()
                    : String.valueOf(e.getMessage()));
          });
      throw e;
    }
  }

  private Outcome provision(UUID userId, boolean isForced) throws GrafanaException {
    Provisioner provisioner = new Provisioner(grafana, step -> log.debug("{}", step));
    Owner owner = store.as(userId, (handle, dao) -> DashboardStore.owner(dao, userId));
    StoredOrganization known = store.as(userId, (handle, dao) -> dao.known().orElseThrow());
    String name = userId.toString().substring(0, 8);

    @Nullable Organization before =
        known.organizationId() == null || known.organizationName() == null
            ? null
            : new Organization(known.organizationId(), known.organizationName());
    @Nullable Viewer account = Viewer.known(known.viewerId(), known.viewerLogin());
    if (!owner.isActive() && before != null && account != null) {
      // First, and alone: nothing that fails may keep it from being disabled.
      if (provisioner.find(account, before) != null) {
        grafana.accounts().setEnabled(account.id(), false);
        store.as(userId, (handle, dao) -> dao.setEnabled(false));
      }
      if (!isForced) {
        return disabled(provisioner, userId, before, account, known);
      }
    }
    // The whole id, which no other user has.
    Organization organization = provisioner.organization(before, "YTEMPIRE " + userId);
    boolean isNew = !organization.equals(before);
    if (isNew) {
      store.as(
          userId, (handle, dao) -> dao.setOrganization(organization.id(), organization.name()));
    }
    Viewer viewer = provisioner.viewer(account, "user-" + name, owner.displayName(), organization);
    store.as(userId, (handle, dao) -> dao.setViewer(viewer.id(), viewer.login()));
    grafana.accounts().setEnabled(viewer.id(), owner.isActive());
    store.as(userId, (handle, dao) -> dao.setEnabled(owner.isActive()));

    List<String> faults = new ArrayList<>(files.faults());
    provideDataSource(provisioner, userId, organization, known.databaseLogin());
    if (owner.isActive()) {
      grafana.dataSourceFault(organization.id(), Provisioner.DATA_SOURCE).ifPresent(faults::add);
    }
    DashboardSettings wanted = DashboardSettings.of(owner);
    List<ObjectNode> rendered = files.render(wanted);
    String hash = DashboardFiles.hash(wanted.timeZone() + Json.MAPPER.writeValueAsString(rendered));
    faults.addAll(
        provisioner.dashboards(
            organization,
            rendered,
            files.home(),
            wanted.timeZone(),
            isForced || isNew || !hash.equals(known.renderedHash())));
    store.as(
        userId,
        (handle, dao) ->
            dao.setProvisioned(
                owner.isActive(),
                files.hash(),
                hash,
                now(),
                now().plus(BETWEEN_CHECKS),
                faults.isEmpty() ? null : String.join("; ", faults)));
    return new Outcome(organization, viewer.login(), viewer.password(), faults);
  }

  /** What is left to do for a deactivated user whose account was disabled. */
  private Outcome disabled(
      Provisioner provisioner,
      UUID userId,
      Organization organization,
      Viewer account,
      StoredOrganization known)
      throws GrafanaException {
    if (grafana
        .organizations()
        .name(organization.id())
        .filter(organization.name()::equals)
        .isPresent()) {
      provisioner.removeOthers(organization, account.id());
    }
    store.as(
        userId,
        (handle, dao) ->
            dao.setProvisioned(
                false,
                files.hash(),
                known.renderedHash(),
                now(),
                now().plus(BETWEEN_CHECKS),
                null));
    return new Outcome(organization, account.login(), null, List.of());
  }

  /** A login of its own, whose password only Grafana keeps: where that is lost, another login. */
  private void provideDataSource(
      Provisioner provisioner, UUID userId, Organization organization, @Nullable String known)
      throws GrafanaException {
    boolean isThere = store.as(userId, (handle, dao) -> logins.has(handle, known));
    if (isThere && provisioner.hasDataSource(organization, known)) {
      return;
    }
    DatabaseLogins.Credentials login =
        store.as(
            userId,
            (handle, dao) -> {
              if (known != null && isThere) {
                logins.retire(handle, known);
              }
              DatabaseLogins.Credentials created = logins.provisionForDashboards(handle, userId);
              dao.setDatabaseLogin(created.login());
              return created;
            });
    int connections = store.directory(DashboardDao::connections);
    provisioner.dataSource(
        organization,
        new Provisioner.DatabaseAddress(
            address.address(), address.name(), address.sslMode(), connections),
        login.login(),
        login.password());
    logins.enforce();
  }

  /** Sets another password and returns it, this once. */
  Outcome resetPassword(UUID userId) throws GrafanaException {
    Optional<StoredOrganization> before = store.as(userId, (handle, dao) -> dao.known());
    if (before.isEmpty() || !isAccountThere(before.get())) {
      // Made now, or anew; it brings a password of its own.
      Outcome made = now(userId);
      if (made.password() != null) {
        return made;
      }
    }
    StoredOrganization known = store.as(userId, (handle, dao) -> dao.known().orElseThrow());
    String password = Secrets.random();
    grafana.accounts().setPassword(Objects.requireNonNull(known.viewerId()), password);
    return new Outcome(
        new Organization(
            Objects.requireNonNull(known.organizationId()),
            Objects.requireNonNull(known.organizationName())),
        Objects.requireNonNull(known.viewerLogin()),
        password,
        List.of());
  }

  private boolean isAccountThere(StoredOrganization known) throws GrafanaException {
    return known.organizationId() != null
        && known.viewerId() != null
        && known.viewerLogin() != null
        && grafana
            .accounts()
            .login(known.viewerId())
            .filter(known.viewerLogin()::equals)
            .isPresent();
  }

  private Instant now() {
    return clock.instant();
  }
}
