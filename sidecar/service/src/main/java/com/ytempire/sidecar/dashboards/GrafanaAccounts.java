package com.ytempire.sidecar.dashboards;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The accounts of a Grafana, and of which organizations they are members. */
final class GrafanaAccounts {
  private final GrafanaHttp http;
  private final GrafanaOrganizations organizations;

  GrafanaAccounts(GrafanaHttp http, GrafanaOrganizations organizations) {
    this.http = http;
    this.organizations = organizations;
  }

  /** Creates an account; empty when there is one of this login. */
  Optional<Long> create(String login, String name, String password, long organization)
      throws GrafanaException {
    GrafanaHttp.Answer answer =
        http.send(
            "POST",
            null,
            Map.of("login", login, "name", name, "password", password, "orgId", organization),
            "api",
            "admin",
            "users");
    if (answer.status() == 412) {
      return Optional.empty();
    }
    return Optional.of(GrafanaHttp.idOf(answer.require(200), "id"));
  }

  /** The account of a login; empty when there is none. */
  Optional<Long> find(String login) throws GrafanaException {
    GrafanaHttp.Answer answer =
        http.query(null, Map.of("loginOrEmail", login), "api", "users", "lookup");
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(GrafanaHttp.idOf(answer.require(200), "id"));
  }

  /** The login of an account; empty when there is none of this id. */
  Optional<String> login(long id) throws GrafanaException {
    GrafanaHttp.Answer answer = http.send("GET", null, null, "api", "users", String.valueOf(id));
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(answer.require(200).path("login").asString(""));
  }

  /**
   * Gives an account this login and name, whatever its holder has changed; false when another
   * account has the login.
   */
  boolean rename(long id, String login, String name) throws GrafanaException {
    GrafanaHttp.Answer answer =
        http.send(
            "PUT", null, Map.of("login", login, "name", name), "api", "users", String.valueOf(id));
    if (answer.status() == 409 || answer.status() == 412) {
      return false;
    }
    var _ = answer.require(200);
    return true;
  }

  /** Whether an account is a server administrator. */
  boolean isServerAdministrator(long id) throws GrafanaException {
    return http.get(null, "api", "users", String.valueOf(id))
        .path("isGrafanaAdmin")
        .asBoolean(false);
  }

  /** Whether an account is a member of this organization, in any role. */
  boolean isMember(long account, long organization) throws GrafanaException {
    return http.get(null, "api", "users", String.valueOf(account), "orgs")
        .valueStream()
        .anyMatch(membership -> membership.path("orgId").asLong(0) == organization);
  }

  /** The ids of an organization's members. */
  List<Long> memberIds(long organization) throws GrafanaException {
    return members(organization).stream()
        .map(member -> member.path("userId").asLong(0))
        .filter(id -> id > 0)
        .toList();
  }

  /**
   * Removes an account from an organization; one that is a member of nothing else is deleted.
   *
   * @return whether it was deleted
   */
  boolean removeMember(long account, long organization) throws GrafanaException {
    boolean isElsewhere =
        http.get(null, "api", "users", String.valueOf(account), "orgs")
            .valueStream()
            .anyMatch(membership -> membership.path("orgId").asLong(0) != organization);
    if (isElsewhere) {
      endMembership(account, organization, 200, 404);
    } else {
      delete(account);
    }
    return !isElsewhere;
  }

  private void endMembership(long account, long organization, Integer... answers)
      throws GrafanaException {
    http.send(
            "DELETE",
            null,
            null,
            "api",
            "orgs",
            String.valueOf(organization),
            "users",
            String.valueOf(account))
        .require(answers);
  }

  void delete(long id) throws GrafanaException {
    http.send("DELETE", null, null, "api", "admin", "users", String.valueOf(id)).require(200, 404);
  }

  void setPassword(long id, String password) throws GrafanaException {
    http.send(
            "PUT",
            null,
            Map.of("password", password),
            "api",
            "admin",
            "users",
            String.valueOf(id),
            "password")
        .require(200);
  }

  /** Lets an account in, or keeps it out and ends its sessions. */
  void setEnabled(long id, boolean isEnabled) throws GrafanaException {
    http.send(
            "POST",
            null,
            Map.of(),
            "api",
            "admin",
            "users",
            String.valueOf(id),
            isEnabled ? "enable" : "disable")
        .require(200);
  }

  /** Makes an account a viewer of this organization and a member of no other. */
  void confineToViewer(long account, String login, long organization) throws GrafanaException {
    if (isServerAdministrator(account)) {
      throw new GrafanaException(
          "the account %s is a server administrator of Grafana; withdraw that there"
              .formatted(login),
          409);
    }
    List<JsonNode> before = memberships(account);
    Optional<JsonNode> own =
        before.stream().filter(each -> organizationOf(each) == organization).findFirst();
    if (own.isEmpty()) {
      // Grafana ignores the organization of a new account where accounts are not assigned to one.
      addViewer(login, organization);
    } else if (!isViewer(own.get())) {
      setViewer(account, organization);
    }
    for (JsonNode membership : before) {
      if (organizationOf(membership) != organization) {
        leave(account, login, membership);
      }
    }
    for (JsonNode membership : memberships(account)) {
      if (organizationOf(membership) != organization || !isViewer(membership)) {
        throw new GrafanaException(
            "the account %s has rights beyond its own organization in Grafana; remove them there"
                .formatted(login),
            409);
      }
    }
  }

  private List<JsonNode> memberships(long account) throws GrafanaException {
    return http.get(null, "api", "users", String.valueOf(account), "orgs").valueStream().toList();
  }

  private static long organizationOf(JsonNode membership) {
    return membership.path("orgId").asLong(0);
  }

  private static boolean isViewer(JsonNode membership) {
    return membership.path("role").asString("").equals("Viewer");
  }

  private void addViewer(String login, long organization) throws GrafanaException {
    http.send(
            "POST",
            null,
            Map.of("loginOrEmail", login, "role", "Viewer"),
            "api",
            "orgs",
            String.valueOf(organization),
            "users")
        .require(200, 409);
  }

  private void setViewer(long account, long organization) throws GrafanaException {
    http.send(
            "PATCH",
            null,
            Map.of("role", "Viewer"),
            "api",
            "orgs",
            String.valueOf(organization),
            "users",
            String.valueOf(account))
        .require(200);
  }

  /**
   * Ends a membership. An organization that Grafana made for the account alone is deleted instead:
   * of its only administrator Grafana ends none.
   */
  private void leave(long account, String login, JsonNode membership) throws GrafanaException {
    long foreign = organizationOf(membership);
    boolean isOwn =
        foreign != GrafanaOrganizations.OPERATORS
            && membership.path("name").asString("").equals(login)
            && memberIds(foreign).equals(List.of(account));
    if (isOwn) {
      organizations.delete(foreign);
    } else {
      endMembership(account, foreign, 200, 404, 400);
    }
  }

  private List<JsonNode> members(long organization) throws GrafanaException {
    return http.get(null, "api", "orgs", String.valueOf(organization), "users")
        .valueStream()
        .toList();
  }
}
