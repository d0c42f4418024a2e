package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.tenancy.Secrets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes one user's organization in Grafana what it should be, step by step, each of them harmless
 * when it is repeated. The same steps run for a user and for {@code grafana verify}. Not safe to
 * share between threads.
 */
final class Provisioner {
  private static final Logger log = LoggerFactory.getLogger(Provisioner.class);

  /** The same in every organization, so that the dashboards are the same, too. */
  static final String DATA_SOURCE = "ytempire";

  static final String FOLDER = "ytempire";

  /** Names tried when others have them already. */
  private static final int MAX_NAMES = 20;

  private final Grafana grafana;
  private final Consumer<String> progress;

  /**
   * @param progress takes each step that was done
   */
  Provisioner(Grafana grafana, Consumer<String> progress) {
    this.grafana = grafana;
    this.progress = progress;
  }

  /** An organization that is ours: its id and its name together. */
  record Organization(long id, String name) {}

  /**
   * An account.
   *
   * @param password null: it was there already, and nobody knows it
   */
  record Viewer(long id, String login, @Nullable String password) {
    /** An account of which this is stored; null: none is. */
    static @Nullable Viewer known(@Nullable Long id, @Nullable String login) {
      return id == null || login == null ? null : new Viewer(id, login, null);
    }
  }

  /**
   * The organization, a new one where none is known or the known one is not there any more.
   *
   * @param name that we give to no other one: where there is one, as Grafana makes them, the answer
   *     to an earlier call was lost
   */
  Organization organization(@Nullable Organization known, String name) throws GrafanaException {
    if (known != null) {
      Optional<String> now = grafana.organizations().name(known.id());
      // After Grafana has lost its database the id may be anybody's.
      if (now.filter(known.name()::equals).isPresent()) {
        progress.accept("organization %d is there".formatted(known.id()));
        return known;
      }
    }
    for (int i = 1; i <= MAX_NAMES; i++) {
      String free = i == 1 ? name : "%s (%d)".formatted(name, i);
      Optional<Long> id = grafana.organizations().create(free);
      if (id.isEmpty()) {
        id = unanswered(free);
      }
      if (id.isPresent()) {
        progress.accept("organization %d '%s' was created".formatted(id.get(), free));
        return new Organization(id.get(), free);
      }
    }
    throw new GrafanaException(
        "Grafana has organizations '%s' to '%s (%d)' that are not ours; rename or delete them"
            .formatted(name, name, MAX_NAMES),
        409);
  }

  /**
   * An organization that an earlier call has made, as it was made: what anybody has put something
   * into, or somebody into, is theirs.
   */
  private Optional<Long> unanswered(String name) throws GrafanaException {
    Optional<Long> found = grafana.organizations().find(name);
    return found.isPresent()
            && grafana.hasOnlyOurAdministrator(found.get())
            && grafana.isEmpty(found.get())
        ? found
        : Optional.empty();
  }

  /** The account, a new one where none is known; a viewer there and nothing elsewhere. */
  Viewer viewer(@Nullable Viewer known, String login, String name, Organization organization)
      throws GrafanaException {
    Viewer viewer = account(known, login, name, organization);
    confine(viewer, organization);
    return viewer;
  }

  /**
   * The account, a new one where none is known. Until it is {@link #confine confined} it may be a
   * member of anything.
   */
  Viewer account(@Nullable Viewer known, String login, String name, Organization organization)
      throws GrafanaException {
    Viewer viewer = known == null ? null : find(known, organization);
    if (viewer != null && known != null && !viewer.login().equals(known.login())) {
      viewer = restoreLogin(known, login, name);
    }
    for (int i = 1; viewer == null && i <= MAX_NAMES; i++) {
      String free = i == 1 ? login : login + "-" + i;
      String password = Secrets.random();
      viewer =
          grafana
              .accounts()
              .create(free, name, password, organization.id())
              .map(id -> new Viewer(id, free, password))
              .orElse(null);
    }
    if (viewer == null) {
      throw new GrafanaException(
          "Grafana has accounts %s to %s-%d that are not ours; rename or delete them"
              .formatted(login, login, MAX_NAMES),
          409);
    }
    return viewer;
  }

  /** Makes an account the viewer of an organization, its only member and of nothing else. */
  void confine(Viewer viewer, Organization organization) throws GrafanaException {
    grafana.accounts().confineToViewer(viewer.id(), viewer.login(), organization.id());
    removeOthers(organization, viewer.id());
    progress.accept("account %s is a viewer of it and of nothing else".formatted(viewer.login()));
  }

  /**
   * The known account with the login that it has now; null: it is not there. A viewer may change
   * its own login, so it is found by its id where it is a member of the organization; after Grafana
   * has lost its database that id may be anybody's.
   */
  @Nullable Viewer find(Viewer known, Organization organization) throws GrafanaException {
    Optional<String> now = grafana.accounts().login(known.id());
    if (now.isEmpty()) {
      return null;
    }
    return now.get().equals(known.login())
            || grafana.accounts().isMember(known.id(), organization.id())
        ? new Viewer(known.id(), now.get(), null)
        : null;
  }

  /** Gives an account that was renamed its login again, or a free one where that is taken. */
  private @Nullable Viewer restoreLogin(Viewer known, String login, String name)
      throws GrafanaException {
    if (grafana.accounts().rename(known.id(), known.login(), name)) {
      return known;
    }
    for (int i = 1; i <= MAX_NAMES; i++) {
      String free = i == 1 ? login : login + "-" + i;
      if (grafana.accounts().rename(known.id(), free, name)) {
        return new Viewer(known.id(), free, null);
      }
    }
    return null;
  }

  /**
   * Removes every member of an organization but its viewer and Grafana's server administrators:
   * accounts that were forgotten or added there would read the user's data.
   *
   * @param viewer null: nobody stays
   */
  void removeOthers(Organization organization, @Nullable Long viewer) throws GrafanaException {
    for (long member : grafana.accounts().memberIds(organization.id())) {
      if ((viewer == null || member != viewer)
          && !grafana.accounts().isServerAdministrator(member)) {
        boolean isDeleted = grafana.accounts().removeMember(member, organization.id());
        progress.accept(
            "account %d was %s".formatted(member, isDeleted ? "deleted" : "removed from it"));
      }
    }
  }

  /** Whether the data source there has this database login. */
  boolean hasDataSource(Organization organization, @Nullable String login) throws GrafanaException {
    return login != null
        && grafana
            .dataSource(organization.id(), DATA_SOURCE)
            .filter(found ->
                found.path("user").asString("").equals(login)
                    && found.at("/secureJsonFields/password").asBoolean(false))
            .isPresent();
  }

  /**
   * The address by which Grafana reaches the database.
   *
   * @param address host and port as Grafana sees them
   * @param connections most connections of the login; the data source opens no more
   */
  record DatabaseAddress(String address, String database, String sslMode, int connections) {}

  /** Stores the data source with a login whose password is known now. */
  void dataSource(
      Organization organization, DatabaseAddress database, String login, String password)
      throws GrafanaException {
    Map<String, Object> jsonData = new LinkedHashMap<>();
    jsonData.put("database", database.database());
    jsonData.put("sslmode", database.sslMode());
    jsonData.put("postgresVersion", 1500);
    jsonData.put("timescaledb", false);
    // Grafana's default of 100 for each of 50 users would take all of the server's.
    jsonData.put("maxOpenConns", database.connections());
    jsonData.put("maxIdleConns", 1);
    jsonData.put("maxIdleConnsAuto", false);
    jsonData.put("connMaxLifetime", 300);
    Map<String, Object> dataSource = new LinkedHashMap<>();
    dataSource.put("uid", DATA_SOURCE);
    dataSource.put("name", "YTEMPIRE");
    dataSource.put("type", "grafana-postgresql-datasource");
    dataSource.put("access", "proxy");
    dataSource.put("url", database.address());
    dataSource.put("user", login);
    dataSource.put("isDefault", true);
    dataSource.put("jsonData", jsonData);
    dataSource.put("secureJsonData", Map.of("password", password));
    grafana.putDataSource(organization.id(), DATA_SOURCE, dataSource);
    progress.accept("data source '%s' was stored".formatted(DATA_SOURCE));
  }

  /**
   * Stores the dashboards, the folder they are in, and what members see first. One that Grafana
   * refuses does not keep the others from being stored.
   *
   * @param isChanged whether they may differ from what is there; otherwise only missing ones are
   *     stored
   * @return what Grafana refused, a sentence each
   */
  List<String> dashboards(
      Organization organization,
      List<ObjectNode> dashboards,
      String home,
      String timeZone,
      boolean isChanged)
      throws GrafanaException {
    grafana.putFolder(organization.id(), FOLDER, "YTEMPIRE");
    progress.accept("folder '%s' is there".formatted(FOLDER));
    List<String> refused = new ArrayList<>();
    boolean isHomeThere = false;
    for (ObjectNode dashboard : dashboards) {
      String uid = dashboard.path("uid").asString("");
      try {
        if (isChanged || !grafana.hasDashboard(organization.id(), uid)) {
          grafana.putDashboard(organization.id(), FOLDER, dashboard);
          progress.accept("dashboard '%s' was stored".formatted(uid));
        }
        isHomeThere |= uid.equals(home);
      } catch (GrafanaException e) {
        if (e.isOfGrafana()) {
          throw e;
        }
        progress.accept("dashboard '%s' was refused".formatted(uid));
        log.warn("dashboard '{}' was refused: {}", uid, e.getMessage());
        refused.add("dashboard '%s': Grafana refuses it".formatted(uid));
      }
    }
    if (isHomeThere) {
      grafana.setPreferences(organization.id(), home, grafanaTimeZone(timeZone));
      progress.accept("home dashboard is '%s'".formatted(home));
    }
    return refused;
  }

  /** Grafana takes IANA names, and writes UTC in small letters. */
  private static String grafanaTimeZone(String timeZone) {
    return timeZone.equals("UTC") ? Grafana.UTC : timeZone;
  }

  /**
   * Deletes the account and the organization, each if it still is the one that we know, and whoever
   * else is a member of nothing but the organization.
   */
  void remove(Organization organization, @Nullable Viewer viewer) throws GrafanaException {
    boolean isOurs =
        grafana
            .organizations()
            .name(organization.id())
            .filter(organization.name()::equals)
            .isPresent();
    if (viewer != null) {
      boolean isThere =
          isOurs
              ? find(viewer, organization) != null
              : grafana.accounts().login(viewer.id()).filter(viewer.login()::equals).isPresent();
      if (isThere && !grafana.accounts().isServerAdministrator(viewer.id())) {
        grafana.accounts().delete(viewer.id());
        progress.accept("account %s was deleted".formatted(viewer.login()));
      }
    }
    if (!isOurs) {
      progress.accept("organization '%s' is gone".formatted(organization.name()));
      return;
    }
    removeOthers(organization, null);
    grafana.organizations().delete(organization.id());
    progress.accept("organization %d was deleted".formatted(organization.id()));
  }
}
