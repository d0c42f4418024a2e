package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Http;
import com.ytempire.platform.ModelPrices;
import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import com.ytempire.simulator.ElevenLabs;
import com.ytempire.simulator.OpenAi;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The workflows of costs and of the weekly insight, against stand-ins of OpenAI and ElevenLabs. */
@EndToEnd
@Order(9)
@Tag(EndToEnd.ANY_HOUR)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CostsAndInsightTest {
  private final Platform platform;
  private final Workflows workflows;
  private final N8n n8n;
  private final OpenAi openAi;
  private final ElevenLabs elevenLabs;

  CostsAndInsightTest(SyncedPlatform synced) {
    this.platform = synced.platform();
    this.workflows = synced.workflows();
    this.n8n = platform.n8n();
    this.openAi = platform.outside().openAi();
    this.elevenLabs = platform.outside().elevenLabs();
  }

  @BeforeAll
  void addPrices() {
    ModelPrices.add(platform.operator());
  }

  /** Points a workflow at the stand-ins: by the credential, and by the address in Settings. */
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
  void an_elevenlabs_month_unlike_the_ledger_fails_with_both_figures() throws Exception {
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
}
