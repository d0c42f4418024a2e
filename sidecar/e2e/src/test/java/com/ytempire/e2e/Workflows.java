package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shipped workflows in the real n8n, and what a person, a form or an agent does with them. Used
 * by one thread.
 */
final class Workflows {
  static final String SYNC = "multi-user-sync.json";
  static final String BACKFILL = "backfill-new-channels.json";

  /** The token that agents show. */
  static final String AGENTS_TOKEN = "the token of the agents";

  /** The status of an execution that sleeps, as n8n calls it. */
  static final String PAUSED = "waiting";

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** How long a fetch may take; what takes longer is said to be missed because YouTube is busy. */
  private static final long FETCH_SECONDS = 240;

  private static final Duration POLL = Duration.ofMillis(250);

  private final Platform platform;
  private final N8n n8n;
  private final Http operator;
  private final Map<String, String> ids = new LinkedHashMap<>();

  Workflows(Platform platform) {
    this.platform = platform;
    this.n8n = platform.n8n();
    this.operator = platform.operator();
  }

  /** The folder of the shipped workflows. */
  Path library() {
    return platform.settings().root().resolve("n8n-nodes/workflows");
  }

  /** The workflows in which each operation of each node runs. */
  static List<Path> fixtures(Path root) {
    return files(root.resolve("n8n-nodes/test/workflows"));
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ObjectNode read(Path file) {
    try {
      return (ObjectNode) Http.JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a shipped workflow, to be changed for a test. */
  ObjectNode read(String name) {
    return read(library().resolve(name));
  }

  /** Brings a workflow into n8n; returns its id. */
  String importWorkflow(ObjectNode workflow) {
    return n8n.importWorkflow(workflow, platform.credential());
  }

  /** The id of a shipped workflow in n8n, which keeps the data of its executions. */
  String id(String name) {
    return ids.computeIfAbsent(name, _ -> importWorkflow(keepData(read(name))));
  }

  /** Lets n8n keep what became of each execution, to be looked at after it ended. */
  static ObjectNode keepData(ObjectNode workflow) {
    ((ObjectNode) workflow.get("settings")).put("saveDataSuccessExecution", "all");
    return workflow;
  }

  /**
   * A shipped MCP server, set to serve one user.
   *
   * @param credentialName of the token that its agents send
   */
  ObjectNode readForAgents(String file, String credentialName, String userId) {
    ObjectNode workflow = read(file);
    setAgents(workflow, credentialName);
    for (JsonNode node : workflow.get("nodes")) {
      if (node.get("name").stringValue().equals("Settings")) {
        ((ObjectNode) node.at("/parameters/assignments/assignments/0")).put("value", userId);
      }
    }
    return workflow;
  }

  /** Gives the MCP server of a workflow the credential that agents show. */
  private void setAgents(ObjectNode workflow, String credentialName) {
    String agents = n8n.createBearerCredential(credentialName, AGENTS_TOKEN);
    for (JsonNode node : workflow.get("nodes")) {
      if (node.get("type").stringValue().endsWith(".mcpTrigger")) {
        ((ObjectNode) node)
            .putObject("credentials")
            .putObject("httpBearerAuth")
            .put("id", agents)
            .put("name", credentialName);
      }
    }
  }

  /** Runs a shipped workflow by its button; returns the status it ended with. */
  String run(String name) throws InterruptedException {
    return awaitEnd(id(name), n8n.run(id(name), "Run Now"));
  }

  /**
   * Runs a workflow whose mail or message gives way to a node that keeps its text: none leaves the
   * machine.
   *
   * @param node that must have given something out
   * @return the execution
   */
  String runWithoutMail(String name, String trigger, String node) throws Exception {
    ObjectNode workflow = keepData(read(name));
    for (JsonNode each : workflow.get("nodes")) {
      String type = each.get("type").stringValue();
      if (type.endsWith(".emailSend") || type.endsWith(".slack")) {
        ObjectNode mail = (ObjectNode) each;
        String text = mail.at("/parameters/text").stringValue();
        mail.put("type", "n8n-nodes-base.set").put("typeVersion", 3.4);
        mail.putObject("parameters")
            .putObject("assignments")
            .putArray("assignments")
            .addObject()
            .put("id", "text")
            .put("name", "text")
            .put("value", text)
            .put("type", "string");
      }
    }
    String id = importWorkflow(workflow);
    String execution = n8n.run(id, trigger);
    assertEquals("success", awaitEnd(id, execution), () -> n8n.errorMessage(execution));
    List<Integer> items = n8n.outputs(execution).getOrDefault(node, List.of());
    assertTrue(
        !items.isEmpty() && items.getFirst() > 0,
        () -> "the node %s gave out %s".formatted(node, items));
    return execution;
  }

  /** Waits for an execution's end, or until it sleeps; returns its status. */
  String awaitEnd(String workflow, String execution) throws InterruptedException {
    String[] status = {"new"};
    boolean unused =
        within(() -> {
          status[0] = n8n.status(workflow, execution);
          return status[0].equals(PAUSED) || !N8n.isUnfinished(status[0]);
        });
    return status[0];
  }

  /** Returns whether something holds before five minutes have passed. */
  static boolean within(BooleanSupplier holds) throws InterruptedException {
    long until = System.nanoTime() + TIMEOUT.toNanos();
    while (System.nanoTime() < until) {
      if (holds.getAsBoolean()) {
        return true;
      }
      Thread.sleep(POLL);
    }
    return false;
  }

  /** The path of the form that starts a workflow. */
  String formPath(String name) {
    for (JsonNode node : read(name).get("nodes")) {
      if (node.get("type").stringValue().endsWith(".formTrigger")) {
        return "/form/" + node.get("webhookId").stringValue();
      }
    }
    throw new IllegalArgumentException(name + " has no form");
  }

  /** Publishes a shipped workflow with a form; returns a visitor to whom the form is shown. */
  Http visitForm(String name) throws InterruptedException {
    n8n.publish(id(name));
    Http visitor = visitor();
    String path = formPath(name);
    if (!within(() -> visitor.status(path) == 200)) {
      throw new AssertionError(name + " shows no form");
    }
    return visitor;
  }

  /** Somebody who is not known to n8n. */
  Http visitor() {
    return new Http(n8n.url(), (@Nullable String) null);
  }

  /** Creates a user without channels; returns the id. */
  String createUser(String email, String name) {
    return operator
        .post("/v1/users", Http.map("email", email, "displayName", name))
        .get("userId")
        .stringValue();
  }

  /** Connect links that workflows made for a user. */
  long links(String userId) throws SQLException {
    return platform.number(
        "select count(*) from core.audit_log where action = 'channel.connect' and token_kind = 'service' and user_id = '"
            + userId
            + "'");
  }

  /**
   * Imports the sync with other limits. Its fetches may take minutes, so that a slow machine is no
   * reason for a channel to be missed.
   *
   * @param tryAgainFor how long what failed is tried again, as n8n's dates write it
   * @param waitSeconds before what was not stored is stored again
   */
  String importSync(String tryAgainFor, int waitSeconds) {
    ObjectNode workflow = keepData(read(SYNC));
    workflow.put("name", "Sync of the test, " + tryAgainFor);
    for (JsonNode node : workflow.get("nodes")) {
      String name = node.get("name").stringValue();
      if (name.equals("Wait to Store")) {
        ((ObjectNode) node.get("parameters")).put("amount", waitSeconds);
      } else if (node.get("type").stringValue().endsWith(".fetchMetrics")) {
        ((ObjectNode) node.at("/parameters/options")).put("waitSeconds", FETCH_SECONDS);
      } else if (name.equals("Settings")) {
        for (JsonNode each : node.at("/parameters/assignments/assignments")) {
          if (each.get("name").stringValue().equals("tryAgainUntil")) {
            ((ObjectNode) each)
                .put("value", "={{ $now.toUTC().plus({ " + tryAgainFor + " }).toISO() }}");
          }
        }
      }
    }
    return importWorkflow(workflow);
  }

  /** Lets the next sync fetch channels that an execution which failed has left leased. */
  void endLeases() throws SQLException {
    platform.execute("update core.fetch_leases set leased_until = leased_until - interval '1 day'");
  }

  /** Returns how many batches of a report were fetched by plan and wait to be stored. */
  long held(String report) throws SQLException {
    return platform.number(
        "select count(*) from core.held_batches where stored_at is null and is_due and report = '%s'"
            .formatted(report));
  }

  /** Makes the days of all channels due again. */
  void makeDue() throws SQLException {
    platform.execute("delete from core.day_checks where report = 'channel-day'");
  }

  /** Makes so many days of all channels due again, the newest of them this long before the last. */
  void makeDue(int daysBefore, int days) throws SQLException {
    platform.execute(
        """
        delete from core.day_checks
         using (select max(day) - %d as last from core.day_checks where report = 'channel-day') as until
         where report = 'channel-day' and day > until.last - %d and day <= until.last
        """
            .formatted(daysBefore, days));
  }
}
