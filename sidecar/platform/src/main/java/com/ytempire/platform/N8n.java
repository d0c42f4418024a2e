package com.ytempire.platform;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A real n8n with our node pack, as a process of its own, and what a person would do in its editor,
 * over its REST interface.
 */
public final class N8n implements AutoCloseable {
  /** The e-mail address of the owner that {@link #createOwner} creates. */
  public static final String EMAIL = "owner@example.com";

  /** The password of that owner. */
  public static final String PASSWORD = "Ytempire-demo-1";

  private static final Duration START_TIMEOUT = Duration.ofMinutes(10);

  /**
   * While n8n does not reach its database, which it may find only after it said that it is ready,
   * it answers every request with this before it looks at it (packages/cli/src/abstract-server.ts).
   */
  static final Http.Retry DATABASE_NOT_READY =
      new Http.Retry(
          (status, body) -> status == 503 && body.contains("Database is not ready"),
          Duration.ofMillis(250),
          Duration.ofMinutes(2));

  /** Statuses of executions whose end n8n has not recorded (its type {@code ExecutionStatus}). */
  private static final Set<String> UNFINISHED = Set.of("new", "running", "waiting", "unknown");

  private final @Nullable HttpService service;
  private final Http http;
  private final String url;
  private @Nullable Http api;

  private N8n(@Nullable HttpService service, Http http, String url) {
    this.service = service;
    this.http = http;
    this.url = url;
  }

  /** Where things are for {@link #start}. */
  public record Places(Path node, Path install, Path pack, Path home, Path log) {}

  /** The database that n8n keeps its own things in. */
  public record OwnDatabase(int port, String name, String user, String password) {}

  /** An n8n that somebody else has started, and that cannot be stopped or measured from here. */
  public static N8n at(String url) {
    return new N8n(null, Http.retrying(url, DATABASE_NOT_READY), url);
  }

  private HttpService service() {
    return Objects.requireNonNull(service, "somebody else has started this n8n");
  }

  /** Starts n8n with the machine's time. */
  public static N8n start(Places places, int port, int brokerPort, OwnDatabase database)
      throws InterruptedException {
    return start(places, port, brokerPort, database, Map.of());
  }

  /**
   * Starts n8n; returns when it is ready.
   *
   * @param more environment variables beside those that every n8n of ours has
   */
  public static N8n start(
      Places places, int port, int brokerPort, OwnDatabase database, Map<String, String> more)
      throws InterruptedException {
    unpack(places.pack(), places.home().resolve(".n8n/nodes/node_modules/n8n-nodes-ytempire"));
    String url = "http://127.0.0.1:" + port;
    Map<String, String> environment = environment(places.home(), port, brokerPort, database);
    environment.putAll(more);
    Path script = places.install().resolve("node_modules/n8n/bin/n8n");
    HttpService service =
        HttpService.start(
            () ->
                Child.start(
                    "n8n",
                    places.log(),
                    places.home(),
                    environment,
                    List.of(places.node().toString(), script.toString(), "start")),
            url + "/healthz/readiness",
            START_TIMEOUT);
    return new N8n(service, Http.retrying(url, DATABASE_NOT_READY), url);
  }

  /** The environment of every n8n of ours. */
  private static Map<String, String> environment(
      Path home, int port, int brokerPort, OwnDatabase database) {
    String url = "http://127.0.0.1:" + port;
    Map<String, String> environment = new HashMap<>();
    environment.put("N8N_USER_FOLDER", home.toString());
    environment.put("N8N_LISTEN_ADDRESS", "127.0.0.1");
    environment.put("N8N_HOST", "127.0.0.1");
    environment.put("N8N_PORT", String.valueOf(port));
    environment.put("N8N_PROTOCOL", "http");
    environment.put("N8N_WEBHOOK_URL", url + "/");
    environment.put("N8N_EDITOR_BASE_URL", url);
    environment.put("N8N_RUNNERS_BROKER_PORT", String.valueOf(brokerPort));
    environment.put("N8N_ENCRYPTION_KEY", "the-demo-keeps-no-secrets");
    environment.put("N8N_SECURE_COOKIE", "false");
    environment.put("DB_TYPE", "postgresdb");
    environment.put("DB_POSTGRESDB_HOST", "127.0.0.1");
    environment.put("DB_POSTGRESDB_PORT", String.valueOf(database.port()));
    environment.put("DB_POSTGRESDB_DATABASE", database.name());
    environment.put("DB_POSTGRESDB_USER", database.user());
    environment.put("DB_POSTGRESDB_PASSWORD", database.password());
    // Nothing is looked up outside this machine, and no banner stands before the editor.
    for (String off :
        List.of(
            "N8N_DIAGNOSTICS_ENABLED",
            "N8N_VERSION_NOTIFICATIONS_ENABLED",
            "N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED",
            "N8N_TEMPLATES_ENABLED",
            "N8N_PERSONALIZATION_ENABLED",
            "N8N_HIRING_BANNER_ENABLED",
            "N8N_DYNAMIC_BANNERS_ENABLED",
            "N8N_LICENSE_AUTO_RENEW_ENABLED",
            "N8N_VERIFIED_PACKAGES_ENABLED",
            "N8N_PYTHON_ENABLED")) {
      environment.put(off, "false");
    }
    environment.put("N8N_UNVERIFIED_PACKAGES_ENABLED", "true");
    // The installation leaves these modules' libraries out.
    environment.put(
        "N8N_DISABLED_MODULES", "mcp-registry,mcp,instance-ai,agents,chat-hub,workflow-builder");
    // As in compose.yml, but for runs by hand, whose end is waited for.
    environment.put("EXECUTIONS_DATA_SAVE_ON_SUCCESS", "none");
    environment.put("EXECUTIONS_DATA_SAVE_ON_ERROR", "all");
    environment.put("EXECUTIONS_DATA_SAVE_ON_PROGRESS", "false");
    environment.put("EXECUTIONS_DATA_SAVE_MANUAL_EXECUTIONS", "true");
    environment.put("EXECUTIONS_DATA_PRUNE", "true");
    environment.put("EXECUTIONS_DATA_MAX_AGE", "72");
    environment.put("N8N_LOG_LEVEL", "warn");
    return environment;
  }

  /** The process, to be supervised. */
  public Part part() {
    return service();
  }

  /** Ends the process; what is published goes on after {@link #startAgain}. */
  public void stop() {
    service().close();
  }

  /** As after {@link #stop}, or a crash. */
  public void startAgain() throws InterruptedException {
    service().restart();
  }

  /** As n8n installs a community package: an unpacked tarball among its nodes. */
  private static void unpack(Path tarball, Path into) throws InterruptedException {
    try {
      Files.createDirectories(into);
      Process tar =
          new ProcessBuilder(
                  "tar", "xzf", tarball.toString(), "-C", into.toString(), "--strip-components=1")
              .inheritIO()
              .start();
      if (tar.waitFor() != 0) {
        throw new IllegalStateException("the node pack " + tarball + " cannot be unpacked");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String url() {
    return url;
  }

  /** The endpoint paths are there a moment after the server says that it is ready. */
  public void createOwner() throws InterruptedException {
    Map<String, Object> owner =
        Http.map("email", EMAIL, "firstName", "Demo", "lastName", "Owner", "password", PASSWORD);
    retried(() -> http.post("/rest/owner/setup", owner));
  }

  /** Signs in as the owner that was created before; returns whether n8n takes the password. */
  boolean signIn() throws InterruptedException {
    Map<String, Object> owner = Http.map("emailOrLdapLoginId", EMAIL, "password", PASSWORD);
    return retried(() -> {
      int status = http.exchange("/rest/login", owner).statusCode();
      if (status / 100 != 2 && status != 401) {
        throw new Http.UnexpectedAnswer("POST %s/rest/login answered %d".formatted(url, status));
      }
      return status != 401;
    });
  }

  /** Lets the credential of the node pack lead to a sidecar that is elsewhere now. */
  void updateCredential(String id, String sidecarUrl, String serviceToken) {
    http.patch(
        "/rest/credentials/" + id,
        Http.map(
            "name",
            "YTEMPIRE",
            "type",
            "ytempireApi",
            "data",
            Http.map("baseUrl", sidecarUrl, "token", serviceToken)));
  }

  /** Whether a workflow can be run: it was neither deleted nor archived. */
  boolean hasWorkflow(String id) {
    return http.status("/rest/workflows/" + id) / 100 == 2
        && !http.get("/rest/workflows/" + id).path("data").path("isArchived").asBoolean(false);
  }

  /** Answers the credential's id. */
  public String createCredential(String sidecarUrl, String serviceToken) {
    return createCredential(
        "YTEMPIRE", "ytempireApi", Http.map("baseUrl", sidecarUrl, "token", serviceToken));
  }

  /** What the credential's own test says: {@code OK}, or {@code Error} with a message. */
  public String testCredential(String id, String sidecarUrl, String serviceToken) {
    JsonNode answer =
        http.post(
            "/rest/credentials/test",
            Http.map(
                "credentials",
                Http.map(
                    "id",
                    id,
                    "name",
                    "YTEMPIRE",
                    "type",
                    "ytempireApi",
                    "data",
                    Http.map("baseUrl", sidecarUrl, "token", serviceToken))));
    JsonNode data = answer.get("data");
    return data.get("status").stringValue() + ": " + data.get("message").stringValue();
  }

  /** A credential that names a bearer token; answers its id. */
  public String createBearerCredential(String name, String token) {
    return createCredential(name, "httpBearerAuth", Http.map("token", token));
  }

  /** A credential of any type; answers its id. */
  public String createCredential(String name, String type, Map<String, ?> data) {
    return http.post("/rest/credentials", Http.map("name", name, "type", type, "data", data))
        .get("data")
        .get("id")
        .stringValue();
  }

  /** Brings a workflow file in, with this credential for our nodes; answers its id. */
  public String importWorkflow(Path file, String credentialId) {
    try {
      return importWorkflow((ObjectNode) Http.JSON.readTree(Files.readString(file)), credentialId);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #importWorkflow(Path, String)}, of what was read already. */
  public String importWorkflow(ObjectNode workflow, String credentialId) {
    // n8n's own interface takes tags by their ids only.
    workflow.remove("tags");
    for (JsonNode node : workflow.get("nodes")) {
      if (node.get("type").stringValue().startsWith("n8n-nodes-ytempire.")) {
        ((ObjectNode) node)
            .putObject("credentials")
            .putObject("ytempireApi")
            .put("id", credentialId)
            .put("name", "YTEMPIRE");
      }
    }
    return http.post("/rest/workflows", workflow).get("data").get("id").stringValue();
  }

  /** Starts the workflow as the button in the editor does; answers the execution's id. */
  public String run(String workflowId, String trigger) {
    return start(workflowId, trigger).get("executionId").asString();
  }

  /** Has a trigger that is called from outside listen for one call, as the editor does. */
  public void listen(String workflowId, String trigger) {
    if (!start(workflowId, trigger).path("waitingForWebhook").asBoolean(false)) {
      throw new IllegalStateException(trigger + " does not listen");
    }
  }

  private JsonNode start(String workflowId, String trigger) {
    JsonNode workflow = http.get("/rest/workflows/" + workflowId).get("data");
    return http.post(
            "/rest/workflows/" + workflowId + "/run",
            Http.map(
                "workflowData",
                workflow,
                "startNodes",
                List.of(),
                "triggerToStartFrom",
                Http.map("name", trigger)))
        .get("data");
  }

  /** From now on the workflow's triggers are live. */
  public void publish(String workflowId) {
    JsonNode workflow = http.get("/rest/workflows/" + workflowId).get("data");
    http.post(
        "/rest/workflows/" + workflowId + "/activate",
        Http.map("versionId", workflow.get("versionId").stringValue()));
  }

  /**
   * Where an execution stands: new, running, success, error, crashed, canceled, waiting, unknown.
   */
  public String status(String workflowId, String executionId) {
    String filter = Http.encode("{\"workflowId\":\"" + workflowId + "\"}");
    JsonNode data = http.get("/rest/executions?limit=20&filter=" + filter).get("data");
    for (JsonNode execution : data.get("results")) {
      if (execution.get("id").asString().equals(executionId)) {
        return execution.get("status").stringValue();
      }
    }
    // What is running may be listed apart.
    return "running";
  }

  /** Whether an execution of this status has not ended; one that waits goes on by itself. */
  public static boolean isUnfinished(String status) {
    return UNFINISHED.contains(status);
  }

  /** The id of the workflow's newest execution. */
  public String newest(String workflowId) {
    String filter = Http.encode("{\"workflowId\":\"" + workflowId + "\"}");
    return http.get("/rest/executions?limit=1&filter=" + filter)
        .get("data")
        .get("results")
        .get(0)
        .get("id")
        .asString();
  }

  /** The ids of the workflow's executions that wait, run or are queued, newest first. */
  public List<String> unfinished(String workflowId) {
    String filter = Http.encode("{\"workflowId\":\"" + workflowId + "\"}");
    List<String> ids = new ArrayList<>();
    for (JsonNode execution :
        http.get("/rest/executions?limit=50&filter=" + filter).get("data").get("results")) {
      if (isUnfinished(execution.get("status").stringValue())) {
        ids.add(execution.get("id").asString());
      }
    }
    return ids;
  }

  /** The workflow's executions that have ended, by their status, newest first. */
  public List<String> ended(String workflowId) {
    String filter = Http.encode("{\"workflowId\":\"" + workflowId + "\"}");
    List<String> statuses = new ArrayList<>();
    for (JsonNode execution :
        http.get("/rest/executions?limit=50&filter=" + filter).get("data").get("results")) {
      String status = execution.get("status").stringValue();
      if (!isUnfinished(status)) {
        statuses.add(status);
      }
    }
    return statuses;
  }

  /**
   * What each node of an execution gave out: by node, the number of items on each of its outputs; a
   * node that failed has none.
   */
  public Map<String, List<Integer>> outputs(String executionId) {
    JsonNode runs = runs(executionId);
    if (runs.isMissingNode()) {
      throw new IllegalStateException("n8n has no data of execution " + executionId);
    }
    Map<String, List<Integer>> outputs = new TreeMap<>();
    for (Map.Entry<String, JsonNode> node : runs.properties()) {
      List<Integer> counts = new ArrayList<>();
      for (JsonNode run : node.getValue()) {
        JsonNode main = run.path("data").path("main");
        for (int output = 0; output < main.size(); output++) {
          int items = main.get(output).size();
          if (output < counts.size()) {
            counts.set(output, counts.get(output) + items);
          } else {
            counts.add(items);
          }
        }
      }
      outputs.put(node.getKey(), counts);
    }
    return outputs;
  }

  /**
   * Returns the first item of a node's last run in an execution; a missing node when it gave out
   * nothing there.
   *
   * @param output the index of the node's output
   */
  public JsonNode firstItem(String executionId, String node, int output) {
    JsonNode runs = runs(executionId).path(node);
    return runs.path(runs.size() - 1).path("data").path("main").path(output).path(0).path("json");
  }

  /** A field of the first item of each run of a node, in order. */
  public List<String> texts(String executionId, String node, String field) {
    List<String> texts = new ArrayList<>();
    for (JsonNode run : runs(executionId).path(node)) {
      texts.add(
          run.path("data").path("main").path(0).path(0).path("json").path(field).asString(""));
    }
    return texts;
  }

  /**
   * Channels that an execution gave up, by what its items say: those with a channel and a reason.
   * The last reason of a channel counts. Reads the execution as a stream, for it may be large.
   */
  public Map<String, String> missedChannels(String executionId) {
    try (InputStream body =
            publicApi().stream("/api/v1/executions/" + executionId + "?includeData=true");
        JsonParser parser = Http.JSON.createParser(body)) {
      return MissedChannels.read(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Why an execution failed, as n8n shows it in its list of executions; null when n8n kept no
   * reason.
   */
  public @Nullable String errorMessage(String executionId) {
    JsonNode message =
        publicApi()
            .get("/api/v1/executions/" + executionId + "?includeData=true")
            .path("data")
            .path("resultData")
            .path("error")
            .path("message");
    return message.isString() ? message.stringValue() : null;
  }

  /** With an API key, as operators have it. */
  private Http publicApi() {
    if (api == null) {
      String key =
          http.post(
                  "/rest/api-keys",
                  Http.JSON.readTree(
                      """
                      {"label": "platform", "expiresAt": null, "scopes": ["execution:read", "execution:list"]}
                      """))
              .get("data")
              .get("rawApiKey")
              .stringValue();
      api = http.with("X-N8N-API-KEY", key);
    }
    return api;
  }

  /** Ends an execution that runs or waits. */
  public void stop(String executionId) {
    http.post("/rest/executions/" + executionId + "/stop", Http.map());
  }

  /** How long an execution took, as n8n reports it. */
  public Duration took(String executionId) {
    JsonNode execution = publicApi().get("/api/v1/executions/" + executionId);
    return Duration.between(
        Instant.parse(execution.get("startedAt").stringValue()),
        Instant.parse(execution.get("stoppedAt").stringValue()));
  }

  /** How long each node of an execution ran, all its runs together, in the order of their first. */
  public Map<String, Duration> nodeDurations(String executionId) {
    Map<String, Duration> durations = new LinkedHashMap<>();
    runs(executionId)
        .forEachEntry((node, runs) -> {
          for (JsonNode run : runs) {
            durations.merge(
                node, Duration.ofMillis(run.path("executionTime").asLong(0)), Duration::plus);
          }
        });
    return durations;
  }

  /** The runs of each node of an execution, by its name; missing where n8n keeps no data of it. */
  private JsonNode runs(String executionId) {
    return publicApi()
        .get("/api/v1/executions/" + executionId + "?includeData=true")
        .path("data")
        .path("resultData")
        .path("runData");
  }

  /** The number of the main process, for whoever measures it. */
  public long pid() {
    return service().process().pid();
  }

  /** The end of n8n's log. */
  public String tail() {
    return service().tail();
  }

  private static <T> T retried(Supplier<T> act) throws InterruptedException {
    for (int tried = 1; ; tried++) {
      try {
        return act.get();
      } catch (Http.UnexpectedAnswer | UncheckedIOException e) {
        if (tried == 20) {
          throw e;
        }
        Thread.sleep(250);
      }
    }
  }

  @Override
  public void close() {
    if (service != null) {
      service.close();
    }
  }
}
