package com.ytempire.sidecar;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.ytempire.sidecar.testing.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Stands in for Grafana at its wire and keeps state: organizations, accounts, memberships, data
 * sources, folders, dashboards and preferences. Every request is held against what Grafana's
 * published OpenAPI document takes ({@code grafana/api.json} of the test resources says of which
 * version): an address, a field or a type that is not there is a fault. What it answers beyond that
 * is what Grafana's handlers do (pkg/api and pkg/services/org/orgimpl of
 * github.com/grafana/grafana): who makes an organization is its administrator, of whom one must
 * stay; nobody deletes the organization that they are in; names and uids are taken once; a home
 * dashboard must be there. Safe to share between threads.
 */
final class GrafanaStandIn implements AutoCloseable {
  static final String PASSWORD = "the-grafana-of-the-tests";

  private static final JsonNode API = api();

  record Account(
      long id, String login, String password, boolean isDisabled, Map<Long, String> roles) {}

  /** An organization and what is in it. */
  static final class Organization {
    String name;
    final Map<String, ObjectNode> dataSources = new TreeMap<>();
    final Map<String, String> folders = new TreeMap<>();
    final Map<String, ObjectNode> dashboards = new TreeMap<>();
    @Nullable JsonNode preferences;

    Organization(String name) {
      this.name = name;
    }
  }

  final Map<Long, Organization> organizations = new TreeMap<>();
  final Map<Long, Account> accounts = new TreeMap<>();
  final List<String> faults = new ArrayList<>();
  final List<String> calls = new ArrayList<>();

  /** As with GF_USERS_AUTO_ASSIGN_ORG=false: a new account gets an organization of its own. */
  boolean givesOwnOrganization;

  /** Answers everything with this status; 0: as it should. */
  int broken;

  /** Ids of accounts that somebody made server administrators, beside our own. */
  final Set<Long> serverAdministrators = new TreeSet<>();

  /** The organization that our administrator has switched to last, which requests go by. */
  long current = 1;

  /** Whether a proxy before it keeps administrators out, as that of compose.yml does. */
  boolean keepsAdministratorsOut;

  /** The uid of a dashboard that it refuses. */
  String refusedDashboard = "";

  /** Calls, method and path, that it answers with 500, as an expression. */
  String failing = "";

  /** Calls, method and path, that it does and answers not at all, as an expression. */
  String losing = "";

  String version = "12.3.0";
  private long nextId = 1;
  private final HttpServer server;

  GrafanaStandIn() {
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    reset();
    server.start();
  }

  /** Loses its database, and gives ids anew. */
  synchronized void reset() {
    organizations.clear();
    accounts.clear();
    nextId = 1;
    current = 1;
    organizations.put(nextId++, new Organization("Main Org."));
    accounts.put(1L, new Account(1, "admin", PASSWORD, false, new TreeMap<>(Map.of(1L, "Admin"))));
    nextId = 2;
  }

  synchronized long addOrganization(String name) {
    organizations.put(nextId, new Organization(name));
    return nextId++;
  }

  /** Makes an organization as our administrator, who is its first member. */
  synchronized long makeOrganization(String name) {
    long made = addOrganization(name);
    Objects.requireNonNull(accounts.get(1L)).roles().put(made, "Admin");
    return made;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static JsonNode api() {
    try (InputStream in = GrafanaStandIn.class.getResourceAsStream("/grafana/api.json")) {
      return Platform.JSON.readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Reply(int status, Object body) {}

  private synchronized void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] sent = exchange.getRequestBody().readAllBytes();
      Reply reply;
      try {
        reply = reply(exchange, sent);
      } catch (RuntimeException e) {
        faults.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + ": " + e);
        reply = new Reply(500, Map.of("message", "the stand-in failed"));
      }
      if ((exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath())
          .matches(losing)) {
        return; // and closes the connection
      }
      byte[] bytes = Platform.JSON.writeValueAsBytes(reply.body());
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(reply.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private Reply reply(HttpExchange exchange, byte[] sent) {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    calls.add(method + " " + path);
    if (broken != 0) {
      return message(broken, "broken");
    }
    if ((method + " " + path).matches(failing)) {
      return message(500, "failing");
    }
    JsonNode body =
        sent.length == 0 ? Platform.JSON.createObjectNode() : Platform.JSON.readTree(sent);
    check(method, path, sent.length == 0 ? null : body);
    if (path.equals("/api/health")) {
      return new Reply(200, Map.of("database", "ok", "version", version));
    }
    String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    @Nullable Account caller =
        accounts.values().stream()
            .filter(account -> !account.isDisabled())
            .filter(
                account -> authorization.equals(basic(account.login() + ":" + account.password())))
            .findFirst()
            .orElse(null);
    if (caller == null) {
      return message(401, "Invalid username or password");
    }
    String[] part = path.substring(5).split("/");
    if (keepsAdministratorsOut && Set.of("orgs", "admin", "users").contains(part[0])) {
      return message(404, "");
    }
    @Nullable String header = exchange.getRequestHeaders().getFirst("X-Grafana-Org-Id");
    if (caller.id() != 1) {
      return asViewer(caller, part, method, header, body);
    }
    return switch (part[0]) {
      case "user" -> organizationsOf(caller);
      case "orgs" ->
          organizations(method, part, body, header == null ? current : Long.parseLong(header));
      case "admin" -> administer(method, part, body);
      case "users" ->
          part[1].equals("lookup")
              ? lookup(exchange.getRequestURI().getQuery())
              : users(method, part, body);
      default -> {
        long id = header == null ? current : Long.parseLong(header);
        if (id == 1) {
          faults.add(method + " " + path + " in the operators' organization");
        }
        @Nullable Organization organization = organizations.get(id);
        // The administrator is a member of those that it has made.
        yield organization == null || !caller.roles().containsKey(id)
            ? message(401, "Unauthorized")
            : inside(organization, method, part, body);
      }
    };
  }

  private static String basic(String credentials) {
    return "Basic "
        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
  }

  /** What a viewer may: read its own organizations and dashboards. */
  private Reply asViewer(
      Account caller, String[] part, String method, @Nullable String header, JsonNode body) {
    if (part[0].equals("user")) {
      return organizationsOf(caller);
    }
    long id = header == null ? 0 : Long.parseLong(header);
    return method.equals("GET") && part[0].equals("dashboards") && caller.roles().containsKey(id)
        ? inside(Objects.requireNonNull(organizations.get(id)), method, part, body)
        : message(403, "You'll need additional permissions to perform this action");
  }

  private boolean hasAdministratorBeside(long organization, long account) {
    return accounts.values().stream()
        .anyMatch(each -> each.id() != account && "Admin".equals(each.roles().get(organization)));
  }

  private Reply organizations(String method, String[] part, JsonNode body, long from) {
    if (part.length == 1) {
      String name = body.get("name").asString();
      if (organizations.values().stream().anyMatch(each -> each.name.equals(name))) {
        return message(409, "Organization name taken");
      }
      return new Reply(200, Map.of("orgId", makeOrganization(name), "message", "created"));
    }
    if (part[1].equals("name")) {
      return organizations.entrySet().stream()
          .filter(each -> each.getValue().name.equals(part[2]))
          .findFirst()
          .map(each -> new Reply(200, Map.of("id", each.getKey(), "name", part[2])))
          .orElseGet(() -> message(404, "Organization not found"));
    }
    long id = Long.parseLong(part[1]);
    @Nullable Organization organization = organizations.get(id);
    if (organization == null) {
      return message(404, "Organization not found");
    }
    if (part.length == 2) {
      if (method.equals("DELETE")) {
        if (from == id) {
          return message(400, "Can not delete org for current user");
        }
        organizations.remove(id);
        accounts.values().forEach(account -> account.roles().remove(id));
        return message(200, "Organization deleted");
      }
      return new Reply(200, Map.of("id", id, "name", organization.name));
    }
    if (part.length == 3 && method.equals("GET")) {
      return new Reply(
          200,
          accounts.values().stream()
              .filter(account -> account.roles().containsKey(id))
              .map(account -> Map.of("userId", account.id(), "login", account.login(), "orgId", id))
              .toList());
    }
    if (part.length == 3) {
      Account account =
          accounts.values().stream()
              .filter(each -> each.login().equals(body.get("loginOrEmail").asString()))
              .findFirst()
              .orElseThrow();
      if (account.roles().putIfAbsent(id, body.get("role").asString()) != null) {
        return message(409, "User is already member of this organization");
      }
      return message(200, "User added to organization");
    }
    Account account = Objects.requireNonNull(accounts.get(Long.parseLong(part[3])));
    if (!hasAdministratorBeside(id, account.id())
        && !(method.equals("PATCH") && body.get("role").asString().equals("Admin"))) {
      return message(400, "Cannot remove last organization admin");
    }
    if (method.equals("PATCH")) {
      account.roles().put(id, body.get("role").asString());
    } else {
      account.roles().remove(id);
    }
    return message(200, "done");
  }

  private Reply administer(String method, String[] part, JsonNode body) {
    if (body.has("password") && body.get("password").asString().length() < 4) {
      return message(400, "Password is missing or too short");
    }
    if (part.length == 2) {
      String login = body.get("login").asString();
      if (accounts.values().stream().anyMatch(each -> each.login().equals(login))) {
        return message(412, "User with email or username '" + login + "' already exists");
      }
      long id = nextId++;
      Map<Long, String> roles = new TreeMap<>();
      if (givesOwnOrganization) {
        roles.put(addOrganization(login), "Admin");
      } else {
        roles.put(body.get("orgId").asLong(), "None");
      }
      accounts.put(id, new Account(id, login, body.get("password").asString(), false, roles));
      return new Reply(200, Map.of("id", id, "message", "User created"));
    }
    long id = Long.parseLong(part[2]);
    @Nullable Account account = accounts.get(id);
    if (account == null) {
      return message(404, "user not found");
    }
    if (part.length == 3) {
      accounts.remove(id);
    } else {
      String password =
          part[3].equals("password") ? body.get("password").asString() : account.password();
      boolean isDisabled =
          part[3].equals("password") ? account.isDisabled() : part[3].equals("disable");
      accounts.put(id, new Account(id, account.login(), password, isDisabled, account.roles()));
    }
    return message(200, method);
  }

  /** A viewer renames its own account, as Grafana lets it. */
  synchronized void rename(String login, String other) {
    Account account =
        accounts.values().stream()
            .filter(each -> each.login().equals(login))
            .findFirst()
            .orElseThrow();
    accounts.put(
        account.id(),
        new Account(
            account.id(), other, account.password(), account.isDisabled(), account.roles()));
  }

  /** Adds an account that is a member of this organization. */
  synchronized long addAccount(String login, long organization) {
    accounts.put(
        nextId,
        new Account(nextId, login, "x", false, new TreeMap<>(Map.of(organization, "Viewer"))));
    return nextId++;
  }

  private Reply lookup(String query) {
    return accounts.values().stream()
        .filter(account -> query.equals("loginOrEmail=" + account.login()))
        .findFirst()
        .map(account -> new Reply(200, Map.of("id", account.id(), "login", account.login())))
        .orElseGet(() -> message(404, "user not found"));
  }

  private Reply users(String method, String[] part, JsonNode body) {
    @Nullable Account account = accounts.get(Long.parseLong(part[1]));
    if (account == null) {
      return message(404, "user not found");
    }
    if (method.equals("PUT")) {
      String login = body.get("login").asString();
      if (accounts.values().stream()
          .anyMatch(each -> each != account && each.login().equals(login))) {
        return message(409, "user already exists");
      }
      rename(account.login(), login);
      return message(200, "User updated");
    }
    if (part.length == 2) {
      return new Reply(
          200,
          Map.of(
              "id",
              account.id(),
              "login",
              account.login(),
              "isGrafanaAdmin",
              account.id() == 1 || serverAdministrators.contains(account.id())));
    }
    return organizationsOf(account);
  }

  private Reply organizationsOf(Account account) {
    return new Reply(
        200,
        account.roles().entrySet().stream()
            .map(role ->
                Map.of(
                    "orgId",
                    role.getKey(),
                    "name",
                    Objects.requireNonNull(organizations.get(role.getKey())).name,
                    "role",
                    role.getValue()))
            .toList());
  }

  private Reply inside(Organization organization, String method, String[] part, JsonNode body) {
    switch (part[0]) {
      case "datasources" -> {
        if (part.length == 1 && method.equals("GET")) {
          return new Reply(
              200, organization.dataSources.values().stream().map(GrafanaStandIn::shown).toList());
        }
        if (part.length == 1) {
          if (organization.dataSources.values().stream()
              .anyMatch(each ->
                  each.get("uid").equals(body.get("uid"))
                      || each.get("name").equals(body.get("name")))) {
            return message(409, "data source with the same name already exists");
          }
          organization.dataSources.put(body.get("uid").asString(), (ObjectNode) body);
          return new Reply(200, Map.of("id", 1, "message", "Datasource added"));
        }
        @Nullable ObjectNode known = organization.dataSources.get(part[2]);
        if (known == null) {
          return message(404, "Data source not found");
        }
        if (part.length == 4) {
          return new Reply(200, Map.of("status", "OK", "message", "Database Connection OK"));
        }
        if (method.equals("PUT")) {
          organization.dataSources.put(part[2], (ObjectNode) body);
          return message(200, "Datasource updated");
        }
        ObjectNode shown = shown(known);
        shown.putObject("secureJsonFields").put("password", true);
        return new Reply(200, shown);
      }
      // Without a type both kinds, as the document's example shows.
      case "search" -> {
        return new Reply(
            200,
            Stream.concat(
                    organization.folders.keySet().stream()
                        .map(uid -> Map.of("uid", uid, "type", "dash-folder")),
                    organization.dashboards.keySet().stream()
                        .map(uid -> Map.of("uid", uid, "type", "dash-db")))
                .toList());
      }
      case "folders" -> {
        String uid = part.length == 1 ? body.get("uid").asString() : part[1];
        if (part.length == 1) {
          if (organization.folders.putIfAbsent(uid, body.get("title").asString()) != null) {
            return message(version.startsWith("11") ? 412 : 409, "the folder exists");
          }
        } else if (!organization.folders.containsKey(uid)) {
          return message(404, "folder not found");
        }
        return new Reply(200, Map.of("uid", uid));
      }
      case "dashboards" -> {
        if (part[1].equals("uid")) {
          @Nullable ObjectNode found = organization.dashboards.get(part[2]);
          return found != null
              ? new Reply(200, Map.of("dashboard", found))
              : message(404, "Dashboard not found");
        }
        ObjectNode dashboard = (ObjectNode) body.get("dashboard");
        String uid = dashboard.get("uid").asString();
        if (uid.equals(refusedDashboard)) {
          return message(400, "the dashboard is not valid");
        }
        if (!organization.folders.containsKey(body.get("folderUid").asString())) {
          return message(400, "folder not found");
        }
        if (organization.dashboards.containsKey(uid) && !body.get("overwrite").asBoolean()) {
          return message(412, "A dashboard with the same uid already exists");
        }
        organization.dashboards.put(uid, dashboard);
        return new Reply(200, Map.of("uid", uid, "status", "success"));
      }
      case "org" -> {
        if (method.equals("GET")) {
          @Nullable JsonNode preferences = organization.preferences;
          return new Reply(200, preferences == null ? Map.of() : preferences);
        }
        if (!organization.dashboards.containsKey(body.get("homeDashboardUID").asString())) {
          return message(404, "Dashboard not found");
        }
        // Its document of then has these two alone.
        if (version.startsWith("11") && !body.get("timezone").asString().matches("utc|browser")) {
          return message(400, "Bad request data");
        }
        organization.preferences = body;
        return message(200, "Preferences updated");
      }
      default -> throw new IllegalStateException(part[0]);
    }
  }

  /** What Grafana tells of a data source: no secret of it. */
  private static ObjectNode shown(ObjectNode dataSource) {
    ObjectNode shown = dataSource.deepCopy();
    shown.remove("secureJsonData");
    return shown;
  }

  private static Reply message(int status, String text) {
    return new Reply(status, new LinkedHashMap<>(Map.of("message", text)));
  }

  /** Notes what of a request Grafana's document does not have. */
  private void check(String method, String path, @Nullable JsonNode body) {
    for (JsonNode operation : API.get("operations")) {
      Matcher address =
          Pattern.compile(
                  "/api" + operation.get("path").asString().replaceAll("\\{[a-z_]+}", "[^/]+"))
              .matcher(path);
      if (!operation.get("method").asString().equals(method) || !address.matches()) {
        continue;
      }
      JsonNode fields = operation.path("body");
      if (body == null) {
        return;
      }
      for (Map.Entry<String, JsonNode> field : body.properties()) {
        String type = fields.path(field.getKey()).asString("");
        JsonNode value = field.getValue();
        boolean fits =
            switch (type) {
              case "string" -> value.isString();
              case "integer" -> value.isIntegralNumber();
              case "boolean" -> value.isBoolean();
              case "object" -> value.isObject();
              default -> false;
            };
        if (!fits) {
          faults.add("%s %s: %s is no %s".formatted(method, path, field, type));
        }
      }
      return;
    }
    faults.add("Grafana has no " + method + " " + path);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
