package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.dashboards.DashboardDao.Owner;
import com.ytempire.sidecar.dashboards.DashboardDao.Removal;
import com.ytempire.sidecar.dashboards.DashboardDao.StoredOrganization;
import com.ytempire.sidecar.dashboards.Provisioner.Organization;
import com.ytempire.sidecar.dashboards.Provisioner.Viewer;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.tenancy.DatabaseLogins;
import com.ytempire.sidecar.tenancy.Secrets;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps an organization in Grafana for each active user: an hourly check of each, at once for a new
 * user, changed settings and changed dashboard files. What fails is tried again with backoff, from
 * a minute to an hour, and holds up nothing else; while Grafana as a whole is away the other users
 * are not tried. What an erased user leaves there is deleted in the same way. Safe to share between
 * threads; replicas do one user each.
 */
public final class Dashboards implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dashboards.class);

  /** Longer than all calls for one user take. */
  private static final Duration LEASE = Duration.ofMinutes(10);

  private static final Duration BETWEEN_CHECKS = Duration.ofHours(1);
  private static final Duration FIRST_PAUSE = Duration.ofMinutes(1);
  private static final Duration IN_A_MOMENT = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  private final Database database;
  private final DatabaseLogins logins;
  private final Config.@Nullable Grafana settings;
  private final @Nullable Grafana grafana;
  private final DashboardFiles files;
  private final Clock clock;

  /** Why the last run could not use Grafana; null: it could, or had nothing to do there. */
  private volatile @Nullable String fault;

  /**
   * @param database as the operator's login
   * @param settings null: there are no dashboards
   */
  public Dashboards(
      Database database, DatabaseLogins logins, Config.@Nullable Grafana settings, Clock clock) {
    this(database, logins, settings, DashboardFiles.load(), clock);
  }

  Dashboards(
      Database database,
      DatabaseLogins logins,
      Config.@Nullable Grafana settings,
      DashboardFiles files,
      Clock clock) {
    this.database = database;
    this.logins = logins;
    this.settings = settings;
    this.grafana =
        settings == null ? null : new Grafana(settings.url(), settings.user(), settings.password());
    this.files = files;
    this.clock = clock;
  }

  DashboardFiles files() {
    return files;
  }

  boolean isConfigured() {
    return grafana != null;
  }

  /** The address of a user's dashboards for a browser. */
  String link(long organization) {
    return "%s/?orgId=%d".formatted(requireSettings().publicUrl(), organization);
  }

  String link(long organization, String uid) {
    return "%s/d/%s?orgId=%d".formatted(requireSettings().publicUrl(), uid, organization);
  }

  private Config.Grafana requireSettings() {
    Config.Grafana known = settings;
    if (known == null) {
      throw off();
    }
    return known;
  }

  private Grafana requireGrafana() {
    Grafana known = grafana;
    if (known == null) {
      throw off();
    }
    return known;
  }

  private static Problem off() {
    return Problem.of(
        Type.DASHBOARDS_OFF,
        "This sidecar has no Grafana. Its operator sets YTEMPIRE_GRAFANA_URL and YTEMPIRE_GRAFANA_PASSWORD.");
  }

  /** That Grafana is away or refuses us, as a sentence; empty when it does not. */
  public Optional<String> warning() {
    return Optional.ofNullable(fault)
        .map(text -> "dashboards are not provisioned: " + text + "; it is tried again");
  }

  /** Goes on with all users and removals that are due; one run at a time. */
  public synchronized void run() {
    if (grafana == null) {
      return;
    }
    try {
      for (List<Removal> due = claimRemoval(); !due.isEmpty(); due = claimRemoval()) {
        remove(grafana, due.getFirst());
      }
      for (List<UUID> due = claim(); !due.isEmpty(); due = claim()) {
        try {
          var _ = reconcile(due.getFirst(), false);
        } catch (GrafanaException e) {
          if (e.isOfGrafana()) {
            throw e;
          }
          log.warn("dashboards of a user are provisioned later: {}", e.getMessage());
        } catch (Problem e) {
          log.warn("dashboards of a user are provisioned later: {}", e.getMessage());
        }
        fault = null;
      }
    } catch (GrafanaException e) {
      fault = e.sentence();
      log.warn("dashboards are provisioned later: {}", e.getMessage());
    }
  }

  private List<UUID> claim() {
    return database.directory(
        handle -> handle.attach(DashboardDao.class).claim(now(), now().plus(LEASE), files.hash()));
  }

  private List<Removal> claimRemoval() {
    return database.directory(
        handle -> handle.attach(DashboardDao.class).claimRemoval(now(), now().plus(LEASE)));
  }

  private void remove(Grafana client, Removal removal) throws GrafanaException {
    try {
      new Provisioner(client, step -> {})
          .remove(
              new Organization(removal.organizationId(), removal.organizationName()),
              viewer(removal.viewerId(), removal.viewerLogin()));
      database.useDirectory(handle -> {
        var _ = handle.attach(DashboardDao.class).endRemoval(removal.removalId());
      });
      log.info("the organization of an erased user was deleted in Grafana");
    } catch (GrafanaException e) {
      database.useDirectory(handle -> {
        var _ =
            handle
                .attach(DashboardDao.class)
                .postponeRemoval(
                    removal.removalId(), now().plus(pauseAfter(removal.attempts() - 1)));
      });
      log.warn("the organization of an erased user is deleted later: {}", e.getMessage());
      if (e.isOfGrafana()) {
        throw e;
      }
    }
  }

  /** The pause after so many failures in a row. */
  static Duration pauseAfter(int failures) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.clamp(failures, 0, 10));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  /**
   * What came of a user.
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
  Outcome provisionNow(UUID userId) throws GrafanaException {
    var _ = requireGrafana();
    boolean isLeased =
        as(
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
  private Outcome reconcile(UUID userId, boolean isForced) throws GrafanaException {
    try {
      return provision(requireGrafana(), userId, isForced);
    } catch (GrafanaException | Problem e) {
      if (isForced) {
        // The answer has a fixed sentence; the job logs the details itself.
        log.warn("dashboards of a user were not provisioned: {}", e.getMessage());
      }
      as(
          userId,
          (handle, dao) -> {
            int attempts = dao.known().map(StoredOrganization::attempts).orElse(0);
            return dao.setFailed(
                now(),
                now().plus(pauseAfter(attempts)),
                e instanceof GrafanaException refused
                    ? refused.sentence()
                    : String.valueOf(e.getMessage()));
          });
      throw e;
    }
  }

  private Outcome provision(Grafana client, UUID userId, boolean isForced) throws GrafanaException {
    Provisioner provisioner = new Provisioner(client, step -> log.debug("{}", step));
    Owner owner = as(userId, (handle, dao) -> owner(dao, userId));
    StoredOrganization known = as(userId, (handle, dao) -> dao.known().orElseThrow());
    String name = userId.toString().substring(0, 8);

    @Nullable Organization before =
        known.organizationId() == null || known.organizationName() == null
            ? null
            : new Organization(known.organizationId(), known.organizationName());
    @Nullable Viewer account = viewer(known.viewerId(), known.viewerLogin());
    if (!owner.isActive() && before != null && account != null) {
      // First, and alone: nothing that fails may keep it from being disabled.
      if (provisioner.find(account, before) != null) {
        client.setEnabled(account.id(), false);
        as(userId, (handle, dao) -> dao.setEnabled(false));
      }
      if (!isForced) {
        return disabled(client, provisioner, userId, before, account, known);
      }
    }
    Organization organization = provisioner.organization(before, "YTEMPIRE " + name);
    boolean isNew = !organization.equals(before);
    if (isNew) {
      as(userId, (handle, dao) -> dao.setOrganization(organization.id(), organization.name()));
    }
    Viewer viewer = provisioner.viewer(account, "user-" + name, owner.displayName(), organization);
    as(userId, (handle, dao) -> dao.setViewer(viewer.id(), viewer.login()));
    client.setEnabled(viewer.id(), owner.isActive());
    as(userId, (handle, dao) -> dao.setEnabled(owner.isActive()));

    List<String> faults = new ArrayList<>(files.faults());
    provideDataSource(client, provisioner, userId, organization, known.databaseLogin());
    if (owner.isActive()) {
      client.dataSourceFault(organization.id(), Provisioner.DATA_SOURCE).ifPresent(faults::add);
    }
    DashboardSettings wanted = settings(owner);
    List<ObjectNode> rendered = files.render(wanted);
    String hash = DashboardFiles.hash(wanted.timeZone() + Json.MAPPER.writeValueAsString(rendered));
    faults.addAll(
        provisioner.dashboards(
            organization,
            rendered,
            files.home(),
            wanted.timeZone(),
            isForced || isNew || !hash.equals(known.renderedHash())));
    as(
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

  private static @Nullable Viewer viewer(@Nullable Long id, @Nullable String login) {
    return id == null || login == null ? null : new Viewer(id, login, null);
  }

  /** What is left to do for a deactivated user whose account was disabled. */
  private Outcome disabled(
      Grafana client,
      Provisioner provisioner,
      UUID userId,
      Organization organization,
      Viewer account,
      StoredOrganization known)
      throws GrafanaException {
    if (client
        .organizationName(organization.id())
        .filter(organization.name()::equals)
        .isPresent()) {
      provisioner.removeOthers(organization, account.id());
    }
    as(
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
      Grafana client,
      Provisioner provisioner,
      UUID userId,
      Organization organization,
      @Nullable String known)
      throws GrafanaException {
    boolean isThere = as(userId, (handle, dao) -> logins.has(handle, known));
    if (isThere && provisioner.hasDataSource(organization, known)) {
      return;
    }
    Config.Grafana where = requireSettings();
    DatabaseLogins.Credentials login =
        as(
            userId,
            (handle, dao) -> {
              if (known != null && isThere) {
                logins.retire(handle, known);
              }
              DatabaseLogins.Credentials created = logins.provisionForDashboards(handle, userId);
              dao.setDatabaseLogin(created.login());
              return created;
            });
    int connections = database.directory(handle -> handle.attach(DashboardDao.class).connections());
    provisioner.dataSource(
        organization,
        new Provisioner.DatabaseAddress(
            where.database().address(),
            where.database().name(),
            where.database().sslMode(),
            connections),
        login.login(),
        login.password());
    logins.enforce();
  }

  /** Sets another password and returns it, this once. */
  Outcome resetPassword(UUID userId) throws GrafanaException {
    Grafana client = requireGrafana();
    Optional<StoredOrganization> before = as(userId, (handle, dao) -> dao.known());
    if (before.isEmpty() || !isAccountThere(client, before.get())) {
      // Made now, or anew; it brings a password of its own.
      Outcome made = provisionNow(userId);
      if (made.password() != null) {
        return made;
      }
    }
    StoredOrganization known = as(userId, (handle, dao) -> dao.known().orElseThrow());
    String password = Secrets.random();
    client.setPassword(Objects.requireNonNull(known.viewerId()), password);
    return new Outcome(
        new Organization(
            Objects.requireNonNull(known.organizationId()),
            Objects.requireNonNull(known.organizationName())),
        Objects.requireNonNull(known.viewerLogin()),
        password,
        List.of());
  }

  private static boolean isAccountThere(Grafana client, StoredOrganization known)
      throws GrafanaException {
    return known.organizationId() != null
        && known.viewerId() != null
        && known.viewerLogin() != null
        && client.accountLogin(known.viewerId()).filter(known.viewerLogin()::equals).isPresent();
  }

  /** The settings of a user, with the standards where nothing was chosen. */
  static DashboardSettings settings(Owner owner) {
    DashboardSettings.Preferences chosen;
    try {
      chosen =
          Json.MAPPER
              .readerFor(DashboardSettings.Preferences.class)
              .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .readValue(owner.preferences());
    } catch (JacksonException e) {
      // Written by hand; what is of no use is as if it were not there.
      chosen = new DashboardSettings.Preferences(null, null, null);
    }
    return new DashboardSettings(
        owner.targetRevenueUsd(),
        owner.timeZone(),
        "code".equals(chosen.currencyFormat()) ? "code" : "symbol",
        chosen.defaultPeriod(),
        chosen.hiddenPanels() == null ? List.of() : chosen.hiddenPanels());
  }

  static Owner owner(DashboardDao dao, UUID userId) {
    return dao.owner()
        .orElseThrow(() -> Problem.of(Type.UNKNOWN_USER, "There is no user " + userId + "."));
  }

  private interface Work<T> {
    T run(Handle handle, DashboardDao dao);
  }

  private <T> T as(UUID userId, Work<T> work) {
    return Tenant.as(
        userId,
        () -> database.asTenant(handle -> work.run(handle, handle.attach(DashboardDao.class))));
  }

  OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }

  @Override
  public void close() {
    if (grafana != null) {
      grafana.close();
    }
  }
}
