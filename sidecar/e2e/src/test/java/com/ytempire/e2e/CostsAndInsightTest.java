package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Http;
import com.ytempire.platform.MailedReports;
import com.ytempire.platform.ModelPrices;
import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import com.ytempire.simulator.ElevenLabs;
import com.ytempire.simulator.OpenAi;
import com.ytempire.simulator.ReceivedMail;
import java.sql.SQLException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The workflows of costs, of the weekly insight and of the weekly mail that a model introduces,
 * against stand-ins of OpenAI and ElevenLabs.
 */
@EndToEnd
@Order(9)
@Tag(EndToEnd.ANY_HOUR)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CostsAndInsightTest {
  /** From midnight to the weekly report, where nothing else was chosen. */
  private static final Duration WEEKLY_HOUR = Duration.ofHours(8);

  private final Platform platform;
  private final Workflows workflows;
  private final N8n n8n;
  private final OpenAi openAi;
  private final ElevenLabs elevenLabs;
  private final String user;
  private final MailedReports reports;

  CostsAndInsightTest(SyncedPlatform synced) {
    this.platform = synced.platform();
    this.workflows = synced.workflows();
    this.n8n = platform.n8n();
    this.openAi = platform.outside().openAi();
    this.elevenLabs = platform.outside().elevenLabs();
    // Another than the one whose daily report a later test waits for.
    this.user =
        synced.customers().reversed().stream()
            .filter(each ->
                each.account().channels().stream()
                    .noneMatch(platform.world()::closesAfterConnecting))
            .findFirst()
            .orElseThrow()
            .userId();
    this.reports = new MailedReports(platform, user, "weekly@example.com");
  }

  @BeforeAll
  void addPricesAndRecipient() throws InterruptedException {
    ModelPrices.add(platform.operator());
    reports.request();
    reports.verify();
  }

  /**
   * Points a workflow at the stand-ins, by the credential and by the address in Settings, and
   * switches on what is shipped deactivated.
   */
  private String importWorkflow(String name) {
    ObjectNode workflow = Workflows.keepData(workflows.read(name));
    String openAiId =
        n8n.createCredential(
            "OpenAI", "openAiApi", Http.map("apiKey", OpenAi.API_KEY, "url", openAi.url()));
    String headerId =
        n8n.createCredential(
            "ElevenLabs",
            "httpHeaderAuth",
            Http.map("name", "xi-api-key", "value", ElevenLabs.API_KEY));
    for (JsonNode each : workflow.get("nodes")) {
      ObjectNode node = (ObjectNode) each;
      node.remove("disabled");
      if (node.get("type").stringValue().endsWith(".openAi")
          || node.at("/parameters/nodeCredentialType").asString("").equals("openAiApi")) {
        credential(node, "openAiApi", openAiId);
      } else if (node.at("/parameters/genericAuthType").asString("").equals("httpHeaderAuth")) {
        credential(node, "httpHeaderAuth", headerId);
      } else if (node.get("name").stringValue().equals("Settings")) {
        ObjectNode address = (ObjectNode) node.at("/parameters/assignments/assignments/0");
        address.put(
            "value",
            address.get("name").stringValue().equals("openAi") ? openAi.url() : elevenLabs.url());
        ((ObjectNode) node.at("/parameters/assignments/assignments/1"))
            .put("value", month().toString());
      }
    }
    return workflows.importWorkflow(workflow);
  }

  private static void credential(ObjectNode node, String type, String id) {
    node.putObject("credentials").putObject(type).put("id", id).put("name", type);
  }

  private YearMonth month() {
    return YearMonth.from(platform.clock().instant().atZone(ZoneOffset.UTC));
  }

  private String run(String id) throws InterruptedException {
    String execution = n8n.run(id, "Run Now");
    assertEquals(
        "success",
        workflows.awaitEnd(id, execution),
        () -> String.valueOf(n8n.errorMessage(execution)));
    return execution;
  }

  @Test
  void the_week_of_each_user_is_written_by_the_model_checked_and_booked() throws Exception {
    String id = importWorkflow("weekly-insight.json");
    String execution = run(id);
    assertTrue(openAi.responses() > 0, "the model was not asked");
    JsonNode text = n8n.firstItem(execution, "Keep the Text", 0);
    assertEquals("model", text.path("source").asString(""), text::toString);
    assertTrue(
        text.path("sentences").get(0).asString("").startsWith("This week shows "), text::toString);
    assertTrue(text.path("costUsd").doubleValue() > 0, text::toString);
    assertEquals(
        openAi.responses(),
        platform.number(
            "select count(*) from core.costs where external_id like 'insight/%/output-token'"));

    String compared = run(importWorkflow("openai-costs.json"));
    JsonNode comparison = n8n.firstItem(compared, "Compare with the Ledger", 0);
    assertTrue(comparison.path("isWithinLimit").asBoolean(false), comparison::toString);
    assertTrue(comparison.path("total").doubleValue() > 0, comparison::toString);
  }

  @Test
  void an_elevenlabs_month_unlike_the_ledger_fails_with_both() throws Exception {
    Instant now = platform.clock().instant();
    elevenLabs.count(now, 1_500);
    String id = importWorkflow("elevenlabs-usage.json");
    String execution = n8n.run(id, "Run Now");
    assertEquals("error", workflows.awaitEnd(id, execution));
    JsonNode comparison = n8n.firstItem(execution, "Compare with the Ledger", 0);
    assertEquals(1_500, comparison.path("total").doubleValue(), comparison::toString);
    assertEquals(false, comparison.path("isWithinLimit").asBoolean(true), comparison::toString);
    String message = String.valueOf(n8n.errorMessage(execution));
    assertTrue(message.contains("counted 1500 credit in "), message);
  }

  @Test
  void what_a_calling_workflow_used_is_booked_once() throws Exception {
    JsonNode unused =
        platform
            .operator()
            .post(
                "/v1/prices",
                Http.map(
                    "provider",
                    "elevenlabs",
                    "unit",
                    "credit",
                    "validFrom",
                    "2020-01-01",
                    "usd",
                    "0.0002"));
    // So little that the comparison of the month stays within its limit.
    String response =
        "{ id: 'resp_of_a_caller', model: 'gpt-5.4-mini', usage: { input_tokens: 4, input_tokens_details: { cached_tokens: 1 }, output_tokens: 1 } }";
    String speech = "requestId: 'req_of_a_caller', model: 'eleven_v3', credits: 10";
    for (String caller :
        List.of(
            importCaller("openai-costs.json", "response: " + response),
            importCaller("elevenlabs-usage.json", speech))) {
      String unusedFirst = run(caller);
      String unusedAgain = run(caller);
    }
    assertEquals(
        List.of(
            "req_of_a_caller voice 10 0.002000",
            "resp_of_a_caller/cached-input-token text 1 0.000001",
            "resp_of_a_caller/input-token text 3 0.000002",
            "resp_of_a_caller/output-token text 1 0.000005"),
        platform.strings(
            "select concat_ws(' ', external_id, category, trim_scale(quantity), amount_usd) from core.costs where external_id like '%%_of_a_caller%%' and user_id = '%s' order by external_id"
                .formatted(user)));
  }

  /** A workflow that calls a shipped one, as one that renders or writes does. */
  private String importCaller(String called, String fields) {
    ObjectNode workflow = Workflows.keepData(workflows.read("weekly-success.json"));
    workflow.put("name", "Calls " + called);
    ArrayNode nodes = (ArrayNode) workflow.get("nodes");
    nodes.removeIf(node -> !node.get("name").stringValue().equals("Run Now"));
    node(nodes, "Usage", "n8n-nodes-base.set", 3.4)
        .put("mode", "raw")
        .put("jsonOutput", "={{ ({ userId: '%s', videoId: '', %s }) }}".formatted(user, fields))
        .putObject("options");
    ObjectNode call = node(nodes, "Book It", "n8n-nodes-base.executeWorkflow", 1.1);
    call.putObject("options");
    call.putObject("workflowId")
        .put("__rl", true)
        .put("mode", "id")
        .put("value", importWorkflow(called));
    ObjectNode connections = workflow.putObject("connections");
    connect(connections, "Run Now", "Usage");
    connect(connections, "Usage", "Book It");
    return workflows.importWorkflow(workflow);
  }

  private static ObjectNode node(ArrayNode nodes, String name, String type, double version) {
    ObjectNode node = nodes.addObject();
    node.put("id", name).put("name", name).put("type", type).put("typeVersion", version);
    node.putArray("position").add(0).add(0);
    return node.putObject("parameters");
  }

  private static void connect(ObjectNode connections, String from, String to) {
    connections
        .putObject(from)
        .putArray("main")
        .addArray()
        .addObject()
        .put("node", to)
        .put("type", "main")
        .put("index", 0);
  }

  @Test
  void a_weekly_mail_begins_with_what_the_model_wrote() throws Exception {
    makeWeeklyDue();
    int before = reports.mails("weekly").size();
    String id = importWorkflow("scheduled-reports.json");
    String execution = run(id);
    assertEquals("model", kept(execution).path("source").asString(""), kept(execution)::toString);
    assertEquals(before + 1, reports.mails("weekly").size());
    assertBeginsWith(reports.mails("weekly").getLast(), kept(execution));
    assertEquals(1, reports.mails("daily").size(), "what is not weekly goes past the model");

    long asked = openAi.responses();
    String unused = run(id);
    assertEquals(before + 1, reports.mails("weekly").size(), "after another run");
    assertEquals(asked, openAi.responses(), "after another run");
  }

  @Test
  void where_the_model_answers_html_rules_introduce_the_weekly_mail() throws Exception {
    makeWeeklyDue();
    int before = reports.mails("weekly").size();
    openAi.answerNext("<html>502 Bad Gateway</html>");
    String execution = run(importWorkflow("scheduled-reports.json"));
    JsonNode kept = kept(execution);
    assertEquals("rules", kept.path("source").asString(""), kept::toString);
    assertTrue(kept.path("reason").isString(), kept::toString);
    assertEquals(before + 1, reports.mails("weekly").size());
    ReceivedMail mail = reports.mails("weekly").getLast();
    assertBeginsWith(mail, kept);
    assertFalse(mail.text().contains("Bad Gateway"), mail.text());
  }

  @Test
  void while_the_model_is_unavailable_rules_introduce_the_weekly_mail() throws Exception {
    makeWeeklyDue();
    int before = reports.mails("weekly").size();
    long asked = openAi.responses();
    openAi.setUnavailable(true);
    String execution;
    try {
      execution = run(importWorkflow("scheduled-reports.json"));
    } finally {
      openAi.setUnavailable(false);
    }
    assertEquals(asked, openAi.responses());
    JsonNode kept = kept(execution);
    assertEquals("rules", kept.path("source").asString(""), kept::toString);
    assertEquals("the model gave no answer", kept.path("reason").asString(""), kept::toString);
    assertEquals(before + 1, reports.mails("weekly").size());
    assertBeginsWith(reports.mails("weekly").getLast(), kept);
  }

  /**
   * As on a Monday on which the mail server was away a minute ago, and before any model wrote about
   * these days.
   */
  private void makeWeeklyDue() throws SQLException {
    Instant now = platform.clock().instant();
    ZoneId zone =
        ZoneId.of(
            platform
                .operator()
                .get("/v1/users/%s/notification-settings".formatted(user))
                .get("timeZone")
                .stringValue());
    LocalDate monday =
        now.minus(WEEKLY_HOUR)
            .atZone(zone)
            .toLocalDate()
            .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    Instant due = now.minus(Duration.ofMinutes(1));
    platform.execute(
        """
        delete from core.insights where user_id = '%1$s';
        delete from core.report_runs where user_id = '%1$s' and kind = 'weekly';
        insert into core.report_runs (user_id, kind, period, due_at, claimed_at, leased_until, last_error)
        values ('%1$s', 'weekly', '%2$s', '%3$s', '%3$s', '%3$s', 'the mail server was away')
        """
            .formatted(user, monday, due));
  }

  private JsonNode kept(String execution) {
    return n8n.firstItem(execution, "Keep the Text", 0);
  }

  private static void assertBeginsWith(ReceivedMail mail, JsonNode kept) {
    String sentence = kept.path("sentences").path(0).asString("");
    String text = mail.text().replaceAll("\\s+", " ");
    assertTrue(!sentence.isEmpty() && text.contains(sentence), () -> sentence + " in " + text);
  }
}
