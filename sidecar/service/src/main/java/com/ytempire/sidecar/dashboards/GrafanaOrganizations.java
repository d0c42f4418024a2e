package com.ytempire.sidecar.dashboards;

import java.util.Map;
import java.util.Optional;

/** The organizations of a Grafana. */
final class GrafanaOrganizations {
  /** The operators' organization: nothing of a customer's is ever in it. */
  static final long OPERATORS = 1;

  private final GrafanaHttp http;

  GrafanaOrganizations(GrafanaHttp http) {
    this.http = http;
  }

  /** Creates an organization; empty when there is one of this name. */
  Optional<Long> create(String name) throws GrafanaException {
    GrafanaHttp.Answer answer = http.send("POST", null, Map.of("name", name), "api", "orgs");
    if (answer.status() == 409) {
      return Optional.empty();
    }
    return Optional.of(GrafanaHttp.idOf(answer.require(200), "orgId"));
  }

  /** The organization of a name; empty when there is none. */
  Optional<Long> find(String name) throws GrafanaException {
    GrafanaHttp.Answer answer = http.send("GET", null, null, "api", "orgs", "name", name);
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(GrafanaHttp.idOf(answer.require(200), "id"));
  }

  /** The name of an organization; empty when there is none of this id. */
  Optional<String> name(long id) throws GrafanaException {
    GrafanaHttp.Answer answer = http.send("GET", null, null, "api", "orgs", String.valueOf(id));
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(answer.require(200).path("name").asString(""));
  }

  /**
   * Deletes an organization with all that is in it; one that is gone is no error. Grafana refuses
   * that from within it, where an administrator who has looked at it is until they switch.
   */
  void delete(long id) throws GrafanaException {
    if (id == OPERATORS) {
      throw new GrafanaException("the operators' organization is never deleted", 400);
    }
    http.send("DELETE", OPERATORS, null, "api", "orgs", String.valueOf(id)).require(200, 404);
  }
}
