package com.ytempire.platform.week;

import com.ytempire.platform.EventSubscriptions;
import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import com.ytempire.simulator.OpenAi;
import com.ytempire.simulator.ReceivedMail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Shipped workflows as an operator sets them up: with credentials of the stand-ins of OpenAI and of
 * the mail server, mails to the operators, and the nodes that are shipped deactivated switched on.
 * Used by one thread.
 */
final class OperatorWorkflows {
  /** To whom the workflows for operators send their mails. */
  static final String OPERATORS = "operators@ytempire.example";

  private static final Duration TIMEOUT = Duration.ofMinutes(15);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final Platform platform;
  private final N8n n8n;
  private final String openAi;
  private final String smtp;

  OperatorWorkflows(Platform platform) {
    this.platform = platform;
    this.n8n = platform.n8n();
    this.openAi =
        n8n.createCredential(
            "OpenAI",
            "openAiApi",
            Http.map("apiKey", OpenAi.API_KEY, "url", platform.outside().openAi().url()));
    this.smtp =
        n8n.createCredential(
            "Mail server",
            "smtp",
            Http.map(
                "user",
                "",
                "password",
                "",
                "host",
                "127.0.0.1",
                "port",
                platform.outside().mailbox().port(),
                "secure",
                false,
                "disableStartTls",
                true,
                "hostName",
                ""));
  }

  /** Brings a shipped workflow into n8n; returns its id. */
  String load(String file) throws IOException {
    Path shipped = platform.settings().root().resolve("n8n-nodes/workflows").resolve(file);
    ObjectNode workflow = (ObjectNode) Http.JSON.readTree(Files.readString(shipped));
    workflow.put("name", workflow.get("name").stringValue() + ", set up for the week");
    // Runs of triggers are counted here; n8n forgets those that succeed unless told otherwise.
    ((ObjectNode) workflow.get("settings")).put("saveDataSuccessExecution", "all");
    for (JsonNode each : workflow.get("nodes")) {
      ObjectNode node = (ObjectNode) each;
      node.remove("disabled");
      String type = node.get("type").stringValue();
      if (type.endsWith(".openAi")) {
        setCredential(node, "openAiApi", openAi);
      } else if (type.endsWith(".emailSend")) {
        setCredential(node, "smtp", smtp);
        ((ObjectNode) node.get("parameters")).put("toEmail", OPERATORS);
      }
    }
    return n8n.importWorkflow(workflow, platform.credential());
  }

  private static void setCredential(ObjectNode node, String type, String id) {
    node.putObject("credentials").putObject(type).put("id", id).put("name", type);
  }

  /** Runs a workflow by its button; returns the status with which the execution ended. */
  String run(String workflow) throws Exception {
    return awaitEnd(workflow, start(workflow));
  }

  /** Starts a workflow by its button; returns the execution. */
  String start(String workflow) throws Exception {
    return platform.whileAway(() -> n8n.run(workflow, "Run Now"));
  }

  /** Waits for the end of an execution; returns its status. */
  String awaitEnd(String workflow, String execution) throws Exception {
    String[] status = {"new"};
    boolean unused =
        isSoon(() -> {
          status[0] = n8n.status(workflow, execution);
          return !N8n.isUnfinished(status[0]);
        });
    return status[0];
  }

  /** Publishes the workflow with the trigger of an event; returns whether it has subscribed. */
  boolean publish(String workflow, String event) throws InterruptedException {
    n8n.publish(workflow);
    return isSoon(() -> EventSubscriptions.includes(platform.operator(), event));
  }

  /** How many executions of a workflow have succeeded. */
  long successes(String workflow) {
    return n8n.ended(workflow).stream().filter("success"::equals).count();
  }

  /** The mails that the operators have got, the newest last. */
  List<ReceivedMail> operatorMails() {
    return platform.outside().mailbox().mailsTo(OPERATORS);
  }

  /** Returns whether something holds within a quarter of an hour. */
  static boolean isSoon(BooleanSupplier holds) throws InterruptedException {
    long until = System.nanoTime() + TIMEOUT.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > until) {
        return false;
      }
      Thread.sleep(PAUSE);
    }
    return true;
  }
}
