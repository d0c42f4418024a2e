package com.ytempire.sidecar.dashboards;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A Grafana: its organizations, its accounts, and what is in an organization. Safe to share between
 * threads.
 */
final class Grafana implements AutoCloseable {
  /** As Grafana writes it. */
  static final String UTC = "utc";

  private final GrafanaHttp http;
  private final GrafanaOrganizations organizations;
  private final GrafanaAccounts accounts;

  /**
   * @param url root address
   * @param user a server administrator
   */
  Grafana(String url, String user, String password) {
    this(new GrafanaHttp(url, user, password));
  }

  Grafana(GrafanaHttp http) {
    this.http = http;
    this.organizations = new GrafanaOrganizations(http);
    this.accounts = new GrafanaAccounts(http, organizations);
  }

  GrafanaOrganizations organizations() {
    return organizations;
  }

  GrafanaAccounts accounts() {
    return accounts;
  }

  /** Grafana's version, such as 12.3.0. */
  String version() throws GrafanaException {
    return http.get(null, "api", "health").path("version").asString("unknown");
  }

  /** The data source of this uid; empty: there is none. */
  Optional<JsonNode> dataSource(long organization, String uid) throws GrafanaException {
    GrafanaHttp.Answer answer =
        http.send("GET", organization, null, "api", "datasources", "uid", uid);
    return answer.status() == 404 ? Optional.empty() : Optional.of(answer.require(200));
  }

  /** Creates or replaces a data source. */
  void putDataSource(long organization, String uid, Map<String, Object> dataSource)
      throws GrafanaException {
    if (dataSource(organization, uid).isPresent()) {
      http.send("PUT", organization, dataSource, "api", "datasources", "uid", uid).require(200);
    } else {
      http.send("POST", organization, dataSource, "api", "datasources").require(200);
    }
  }

  /** Whether Grafana reaches the database by a data source; empty: it does. */
  Optional<String> dataSourceFault(long organization, String uid) throws GrafanaException {
    GrafanaHttp.Answer answer =
        http.send("GET", organization, null, "api", "datasources", "uid", uid, "health");
    if (answer.status() == 200 && answer.body().path("status").asString("").equals("OK")) {
      return Optional.empty();
    }
    // Older versions have no health check of this plugin.
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of("its data source does not reach the database");
  }

  /** Creates a folder; one of this uid stays. */
  void putFolder(long organization, String uid, String title) throws GrafanaException {
    if (http.send("GET", organization, null, "api", "folders", uid)
        .require(200, 404)
        .isMissingNode()) {
      http.send("POST", organization, Map.of("uid", uid, "title", title), "api", "folders")
          .require(200, 409, 412);
    }
  }

  /** Whether there is a dashboard of this uid. */
  boolean hasDashboard(long organization, String uid) throws GrafanaException {
    return !http.send("GET", organization, null, "api", "dashboards", "uid", uid)
        .require(200, 404)
        .isMissingNode();
  }

  /** How many panels a dashboard of this uid has there; 0: there is none, or it has none. */
  int panels(long organization, String uid) throws GrafanaException {
    return http.send("GET", organization, null, "api", "dashboards", "uid", uid)
        .require(200, 404)
        .at("/dashboard/panels")
        .size();
  }

  /** The uid of the dashboard that members of an organization see first; empty: none was set. */
  String homeDashboard(long organization) throws GrafanaException {
    return http.get(organization, "api", "org", "preferences")
        .path("homeDashboardUID")
        .asString("");
  }

  /** The organizations of the account that is signed in, as the account is told. */
  List<Long> ownOrganizations() throws GrafanaException {
    return http.get(null, "api", "user", "orgs")
        .valueStream()
        .map(each -> each.path("orgId").asLong(0))
        .toList();
  }

  /** Whether our administrator is the only member of an organization, as of one that it makes. */
  boolean hasOnlyOurAdministrator(long organization) throws GrafanaException {
    return ownOrganizations().contains(organization)
        && accounts.memberIds(organization).size() == 1;
  }

  /**
   * Whether an organization, of which our administrator is a member, has no data source, folder or
   * dashboard, as a new one.
   */
  boolean isEmpty(long organization) throws GrafanaException {
    return http.get(organization, "api", "datasources").isEmpty()
        && http.query(organization, Map.of("limit", "1"), "api", "search").require(200).isEmpty();
  }

  /** Creates or replaces a dashboard. */
  void putDashboard(long organization, String folder, JsonNode dashboard) throws GrafanaException {
    http.send(
            "POST",
            organization,
            Map.of(
                "dashboard",
                dashboard,
                "folderUid",
                folder,
                "overwrite",
                true,
                "message",
                "Provisioned"),
            "api",
            "dashboards",
            "db")
        .require(200);
  }

  /**
   * Sets what members see first, and in which time zone where a dashboard names none. The documents
   * of older versions know no time zones but UTC and the browser's: one that is refused becomes
   * UTC.
   */
  void setPreferences(long organization, String homeDashboard, String timeZone)
      throws GrafanaException {
    GrafanaHttp.Answer answer = sendPreferences(organization, homeDashboard, timeZone);
    if (answer.status() == 400 && !timeZone.equals(UTC)) {
      answer = sendPreferences(organization, homeDashboard, UTC);
    }
    answer.require(200);
  }

  private GrafanaHttp.Answer sendPreferences(
      long organization, String homeDashboard, String timeZone) throws GrafanaException {
    return http.send(
        "PUT",
        organization,
        Map.of("homeDashboardUID", homeDashboard, "timezone", timeZone),
        "api",
        "org",
        "preferences");
  }

  @Override
  public void close() {
    http.close();
  }
}
