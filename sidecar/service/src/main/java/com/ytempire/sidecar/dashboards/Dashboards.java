package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.config.GrafanaSettings;
import com.ytempire.sidecar.dashboards.DashboardDao.Removal;
import com.ytempire.sidecar.dashboards.Provisioner.Organization;
import com.ytempire.sidecar.dashboards.Provisioner.Viewer;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.DatabaseLogins;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an organization in Grafana for each active user: an hourly check of each, at once for a new
 * user, changed settings and changed dashboard files. What fails is tried again with backoff, from
 * a minute to an hour, and holds up nothing else; while Grafana as a whole is unavailable the other
 * users are not tried. What an erased user leaves there is deleted in the same way. Safe to share
 * between threads; replicas do one user each.
 */
public final class Dashboards implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Dashboards.class);

  private final DashboardStore store;
  private final @Nullable GrafanaSettings settings;
  private final @Nullable Grafana grafana;
  private final @Nullable UserProvisioning users;
  private final DashboardFiles files;
  private final Clock clock;

  /** Why the last run could not use Grafana; null: it could, or had nothing to do there. */
  private volatile @Nullable String fault;

  /**
   * @param database as the operator's login
   * @param settings null: there are no dashboards
   */
  public Dashboards(
      Database database, DatabaseLogins logins, @Nullable GrafanaSettings settings, Clock clock) {
    this(database, logins, settings, DashboardFiles.load(), clock);
  }

  Dashboards(
      Database database,
      DatabaseLogins logins,
      @Nullable GrafanaSettings settings,
      DashboardFiles files,
      Clock clock) {
    this.store = new DashboardStore(database);
    this.settings = settings;
    this.grafana =
        settings == null ? null : new Grafana(settings.url(), settings.user(), settings.password());
    this.users =
        settings == null || grafana == null
            ? null
            : new UserProvisioning(grafana, settings.database(), store, logins, files, clock);
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

  private GrafanaSettings requireSettings() {
    GrafanaSettings known = settings;
    if (known == null) {
      throw off();
    }
    return known;
  }

  private UserProvisioning requireUsers() {
    UserProvisioning known = users;
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

  /** That Grafana is unavailable or refuses us, as a sentence; empty when it does not. */
  public Optional<String> warning() {
    return Optional.ofNullable(fault)
        .map(text -> "dashboards are not provisioned: " + text + "; it is tried again");
  }

  /** Goes on with all users and removals that are due; one run at a time. */
  public synchronized void run() {
    if (grafana == null || users == null) {
      return;
    }
    try {
      for (List<Removal> due = claimRemoval(); !due.isEmpty(); due = claimRemoval()) {
        remove(grafana, due.getFirst());
      }
      for (List<UUID> due = claim(); !due.isEmpty(); due = claim()) {
        try {
          var _ = users.reconcile(due.getFirst(), false);
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
    return store.directory(
        dao -> dao.claim(now(), now().plus(UserProvisioning.LEASE), files.hash()));
  }

  private List<Removal> claimRemoval() {
    return store.directory(dao -> dao.claimRemoval(now(), now().plus(UserProvisioning.LEASE)));
  }

  private void remove(Grafana client, Removal removal) throws GrafanaException {
    try {
      new Provisioner(client, step -> {})
          .remove(
              new Organization(removal.organizationId(), removal.organizationName()),
              Viewer.known(removal.viewerId(), removal.viewerLogin()));
      store.useDirectory(dao -> {
        var _ = dao.endRemoval(removal.removalId());
      });
      log.info("the organization of an erased user was deleted in Grafana");
    } catch (GrafanaException e) {
      store.useDirectory(dao -> {
        var _ =
            dao.postponeRemoval(
                removal.removalId(), now().plus(RetryPause.after(removal.attempts() - 1)));
      });
      log.warn("the organization of an erased user is deleted later: {}", e.getMessage());
      if (e.isOfGrafana()) {
        throw e;
      }
    }
  }

  /** As {@link UserProvisioning#now}. */
  UserProvisioning.Outcome provisionNow(UUID userId) throws GrafanaException {
    return requireUsers().now(userId);
  }

  /** As {@link UserProvisioning#resetPassword}. */
  UserProvisioning.Outcome resetPassword(UUID userId) throws GrafanaException {
    return requireUsers().resetPassword(userId);
  }

  Instant now() {
    return clock.instant();
  }

  @Override
  public void close() {
    if (grafana != null) {
      grafana.close();
    }
  }
}
