package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Client of Grafana's HTTP API (grafana.com/docs/grafana/latest/developers/http_api) as a server
 * administrator with basic authentication, since service accounts may not make organizations. Every
 * call ends at a deadline that covers its body, and reads a bounded number of bytes. Safe to share
 * between threads.
 */
final class Grafana implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final MediaType JSON =
      Objects.requireNonNull(MediaType.parse("application/json; charset=utf-8"));

  /** As Grafana writes it. */
  static final String UTC = "utc";

  /** The operators' organization: nothing of a customer's is ever in it. */
  static final long OPERATORS = 1;

  private final HttpUrl root;
  private final String authorization;
  private final OkHttpClient client;

  /**
   * @param url root address
   * @param user a server administrator
   */
  Grafana(String url, String user, String password) {
    this(url, user, password, TIMEOUT);
  }

  Grafana(String url, String user, String password, Duration timeout) {
    this.root = HttpUrl.get(url);
    this.authorization = Credentials.basic(user, password, StandardCharsets.UTF_8);
    this.client =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .callTimeout(timeout)
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
  }

  /** Grafana's version, such as 12.3.0. */
  String version() throws GrafanaException {
    return get(null, "api", "health").path("version").asString("unknown");
  }

  // ---- organizations ----

  /** Creates an organization; empty when there is one of this name. */
  Optional<Long> createOrganization(String name) throws GrafanaException {
    Answer answer = send("POST", null, Map.of("name", name), "api", "orgs");
    if (answer.status() == 409) {
      return Optional.empty();
    }
    return Optional.of(idOf(answer.require(200), "orgId"));
  }

  /** The name of an organization; empty when there is none of this id. */
  Optional<String> organizationName(long id) throws GrafanaException {
    Answer answer = send("GET", null, null, "api", "orgs", String.valueOf(id));
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(answer.require(200).path("name").asString(""));
  }

  /** Deletes an organization with all that is in it; one that is gone is no error. */
  void deleteOrganization(long id) throws GrafanaException {
    if (id == OPERATORS) {
      throw new GrafanaException("the operators' organization is never deleted", 400);
    }
    send("DELETE", null, null, "api", "orgs", String.valueOf(id)).require(200, 404);
  }

  // ---- accounts ----

  /** Creates an account; empty when there is one of this login. */
  Optional<Long> createAccount(String login, String name, String password, long organization)
      throws GrafanaException {
    Answer answer =
        send(
            "POST",
            null,
            Map.of("login", login, "name", name, "password", password, "orgId", organization),
            "api",
            "admin",
            "users");
    if (answer.status() == 412) {
      return Optional.empty();
    }
    return Optional.of(idOf(answer.require(200), "id"));
  }

  /** The login of an account; empty when there is none of this id. */
  Optional<String> accountLogin(long id) throws GrafanaException {
    Answer answer = send("GET", null, null, "api", "users", String.valueOf(id));
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(answer.require(200).path("login").asString(""));
  }

  /**
   * Gives an account this login and name, whatever its holder has changed; false when another
   * account has the login.
   */
  boolean renameAccount(long id, String login, String name) throws GrafanaException {
    Answer answer =
        send("PUT", null, Map.of("login", login, "name", name), "api", "users", String.valueOf(id));
    if (answer.status() == 409 || answer.status() == 412) {
      return false;
    }
    var _ = answer.require(200);
    return true;
  }

  /** Whether an account is a server administrator. */
  boolean isServerAdministrator(long id) throws GrafanaException {
    return get(null, "api", "users", String.valueOf(id)).path("isGrafanaAdmin").asBoolean(false);
  }

  /** Whether an account is a member of this organization, in any role. */
  boolean isMember(long account, long organization) throws GrafanaException {
    return get(null, "api", "users", String.valueOf(account), "orgs")
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
        get(null, "api", "users", String.valueOf(account), "orgs")
            .valueStream()
            .anyMatch(membership -> membership.path("orgId").asLong(0) != organization);
    if (isElsewhere) {
      send(
              "DELETE",
              null,
              null,
              "api",
              "orgs",
              String.valueOf(organization),
              "users",
              String.valueOf(account))
          .require(200, 404);
    } else {
      deleteAccount(account);
    }
    return !isElsewhere;
  }

  void deleteAccount(long id) throws GrafanaException {
    send("DELETE", null, null, "api", "admin", "users", String.valueOf(id)).require(200, 404);
  }

  void setPassword(long id, String password) throws GrafanaException {
    send(
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
    send(
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
    String id = String.valueOf(organization);
    boolean isMember = false;
    List<JsonNode> others = new ArrayList<>();
    for (JsonNode membership : get(null, "api", "users", String.valueOf(account), "orgs")) {
      if (membership.path("orgId").asLong(0) == organization) {
        isMember = true;
        if (!membership.path("role").asString("").equals("Viewer")) {
          send(
                  "PATCH",
                  null,
                  Map.of("role", "Viewer"),
                  "api",
                  "orgs",
                  id,
                  "users",
                  String.valueOf(account))
              .require(200);
        }
      } else {
        others.add(membership);
      }
    }
    if (!isMember) {
      // Grafana ignores the organization of a new account where accounts are not assigned to one.
      send(
              "POST",
              null,
              Map.of("loginOrEmail", login, "role", "Viewer"),
              "api",
              "orgs",
              id,
              "users")
          .require(200, 409);
    }
    for (JsonNode other : others) {
      long foreign = other.path("orgId").asLong(0);
      send(
              "DELETE",
              null,
              null,
              "api",
              "orgs",
              String.valueOf(foreign),
              "users",
              String.valueOf(account))
          .require(200, 404, 400);
      // Of its own: Grafana made it for the account, with the account as administrator.
      if (foreign != OPERATORS
          && other.path("name").asString("").equals(login)
          && members(foreign).isEmpty()) {
        deleteOrganization(foreign);
      }
    }
    for (JsonNode membership : get(null, "api", "users", String.valueOf(account), "orgs")) {
      if (membership.path("orgId").asLong(0) != organization
          || !membership.path("role").asString("").equals("Viewer")) {
        throw new GrafanaException(
            "the account %s has rights beyond its own organization in Grafana; remove them there"
                .formatted(login),
            409);
      }
    }
  }

  private List<JsonNode> members(long organization) throws GrafanaException {
    return get(null, "api", "orgs", String.valueOf(organization), "users").valueStream().toList();
  }

  // ---- what is in an organization ----

  /** The data source of this uid; empty: there is none. */
  Optional<JsonNode> dataSource(long organization, String uid) throws GrafanaException {
    Answer answer = send("GET", organization, null, "api", "datasources", "uid", uid);
    return answer.status() == 404 ? Optional.empty() : Optional.of(answer.require(200));
  }

  /** Creates or replaces a data source. */
  void putDataSource(long organization, String uid, Map<String, Object> dataSource)
      throws GrafanaException {
    if (dataSource(organization, uid).isPresent()) {
      send("PUT", organization, dataSource, "api", "datasources", "uid", uid).require(200);
    } else {
      send("POST", organization, dataSource, "api", "datasources").require(200);
    }
  }

  /** Whether Grafana reaches the database by a data source; empty: it does. */
  Optional<String> dataSourceFault(long organization, String uid) throws GrafanaException {
    Answer answer = send("GET", organization, null, "api", "datasources", "uid", uid, "health");
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
    if (send("GET", organization, null, "api", "folders", uid).require(200, 404).isMissingNode()) {
      send("POST", organization, Map.of("uid", uid, "title", title), "api", "folders")
          .require(200, 409, 412);
    }
  }

  /** Whether there is a dashboard of this uid. */
  boolean hasDashboard(long organization, String uid) throws GrafanaException {
    return !send("GET", organization, null, "api", "dashboards", "uid", uid)
        .require(200, 404)
        .isMissingNode();
  }

  /** Creates or replaces a dashboard. */
  void putDashboard(long organization, String folder, JsonNode dashboard) throws GrafanaException {
    send(
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
    Answer answer = sendPreferences(organization, homeDashboard, timeZone);
    if (answer.status() == 400 && !timeZone.equals(UTC)) {
      answer = sendPreferences(organization, homeDashboard, UTC);
    }
    answer.require(200);
  }

  private Answer sendPreferences(long organization, String homeDashboard, String timeZone)
      throws GrafanaException {
    return send(
        "PUT",
        organization,
        Map.of("homeDashboardUID", homeDashboard, "timezone", timeZone),
        "api",
        "org",
        "preferences");
  }

  // ---- the wire ----

  private record Answer(String call, int status, JsonNode body) {
    /** The body where the status is one of these; missing where it is not found. */
    JsonNode require(Integer... statuses) throws GrafanaException {
      if (!Set.of(statuses).contains(status)) {
        String said = body.path("message").asString("");
        throw new GrafanaException(
            switch (status) {
              case 401 -> "Grafana does not know our administrator, or its password is another";
              case 403 -> "Grafana's user is no server administrator (%s)".formatted(call);
              default ->
                  "Grafana answered %s with %d%s"
                      .formatted(
                          call,
                          status,
                          said.isEmpty()
                              ? ""
                              : ": " + said.substring(0, Math.min(200, said.length())));
            },
            status);
      }
      return status == 404 ? Json.MAPPER.missingNode() : body;
    }
  }

  private static long idOf(JsonNode body, String field) throws GrafanaException {
    long id = body.path(field).asLong(0);
    if (id <= 0) {
      throw new GrafanaException("Grafana's answer has no " + field + "; is it a Grafana?", 0);
    }
    return id;
  }

  private JsonNode get(@Nullable Long organization, String... path) throws GrafanaException {
    return send("GET", organization, null, path).require(200);
  }

  private Answer send(
      String method, @Nullable Long organization, @Nullable Object body, String... path)
      throws GrafanaException {
    HttpUrl.Builder address = root.newBuilder();
    for (String segment : path) {
      address.addPathSegment(segment);
    }
    Request.Builder request =
        new Request.Builder()
            .url(address.build())
            .header("Authorization", authorization)
            .header("Accept", "application/json")
            .method(
                method,
                body == null
                    ? (method.equals("PUT") || method.equals("POST") || method.equals("PATCH")
                        ? RequestBody.create(new byte[0], JSON)
                        : null)
                    : RequestBody.create(Json.MAPPER.writeValueAsBytes(body), JSON));
    if (organization != null) {
      request.header("X-Grafana-Org-Id", String.valueOf(organization));
    }
    String call = method + " /" + String.join("/", path);
    try (Response response = client.newCall(request.build()).execute();
        InputStream in = response.body().byteStream()) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new GrafanaException("Grafana's answer to " + call + " has more than 4 MiB", 0);
      }
      return new Answer(call, response.code(), json(call, response.code(), bytes));
    } catch (IOException e) {
      throw new GrafanaException(
          "Grafana does not answer at %s (%s)".formatted(root, e.getClass().getSimpleName()), 0);
    }
  }

  private static JsonNode json(String call, int status, byte[] bytes) throws GrafanaException {
    try {
      return bytes.length == 0 ? Json.MAPPER.createObjectNode() : Json.MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      if (status >= 400) {
        return Json.MAPPER.createObjectNode();
      }
      throw new GrafanaException(
          "what answers " + call + " is no Grafana: its answer is not JSON", 0);
    }
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
