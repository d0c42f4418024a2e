package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Shipped workflows that a clock, a form, a sheet or an event starts. */
@EndToEnd
@Order(7)
final class ShippedWorkflowsTest {
  private final SyncedPlatform synced;
  private final N8n n8n;
  private final Workflows workflows;
  private final Customer user;

  ShippedWorkflowsTest(SyncedPlatform synced) {
    this.synced = synced;
    this.n8n = synced.platform().n8n();
    this.workflows = synced.workflows();
    this.user = synced.customers().getFirst();
  }

  @Test
  @Tag(EndToEnd.ANY_HOUR)
  void a_sheets_good_line_is_stored_and_its_bad_one_is_not() throws Exception {
    String channelId = user.account().channels().getFirst().id();
    n8n.publish(workflows.importWorkflow(sheetByWebhook()));
    Map<String, Object> good =
        Http.map(
            "user",
            user.userId(),
            "channel",
            channelId,
            "day",
            "2019-05-01",
            "views",
            "12,345",
            "watch minutes",
            "99",
            "revenue",
            "$1,234.50");
    Map<String, Object> bad = new LinkedHashMap<>(good);
    bad.put("views", "many");
    Http visitor = workflows.visitor();
    assertTrue(
        Workflows.within(() ->
            visitor
                    .exchange("/webhook/sheet-of-the-test", Http.map("lines", List.of(good, bad)))
                    .statusCode()
                == 200),
        "the lines are not taken");
    assertEquals(
        1,
        synced
            .platform()
            .number(
                "select count(*) from core.channel_days where day = '2019-05-01' and views = 12345 and revenue_usd = 1234.5 and channel_id = '"
                    + channelId
                    + "'"),
        "lines stored");
  }

  /** The sheet's node gives way to a webhook that brings its lines. */
  private ObjectNode sheetByWebhook() {
    ObjectNode workflow = Workflows.keepData(workflows.read("store-from-sheet.json"));
    for (JsonNode each : workflow.get("nodes")) {
      ObjectNode node = (ObjectNode) each;
      if (node.get("type").stringValue().endsWith(".googleSheets")) {
        node.put("type", "n8n-nodes-base.splitOut").put("typeVersion", 1);
        node.putObject("parameters").put("fieldToSplitOut", "body.lines").putObject("options");
      } else if (node.get("type").stringValue().endsWith(".scheduleTrigger")) {
        node.put("type", "n8n-nodes-base.webhook").put("typeVersion", 2);
        node.put("webhookId", "5c1d5a3e-5b0f-4d64-9a4e-5d7f5be3a001");
        node.putObject("parameters")
            .put("httpMethod", "POST")
            .put("path", "sheet-of-the-test")
            .put("responseMode", "lastNode");
      }
    }
    return workflow;
  }

  @Test
  @Tag(EndToEnd.ANY_HOUR)
  void the_form_to_connect_a_channel_makes_a_link() throws Exception {
    String name = "connect-channel-mail.json";
    String newcomer = workflows.createUser("form@example.com", "By the form");
    Http visitor = workflows.visitForm(name);
    assertEquals(
        200,
        visitor.submit(
            workflows.formPath(name),
            Map.of(
                "field-0", "form@example.com",
                "field-1", "UC" + "f".repeat(22),
                "field-2", "Of the form")));
    awaitSuccess(name);
    assertEquals(1, workflows.links(newcomer), "links");
  }

  @Test
  @Tag(EndToEnd.ANY_HOUR)
  void the_form_to_backfill_a_user_reports_the_rows_created() throws Exception {
    String name = "backfill-one-user.json";
    Http visitor = workflows.visitForm(name);
    assertEquals(200, visitor.submit(workflows.formPath(name), Map.of("field-0", user.userId())));
    awaitSuccess(name);
    List<String> reports = n8n.texts(n8n.newest(workflows.id(name)), "Report", "report");
    assertTrue(
        reports.stream().anyMatch(report -> report.contains("rows created")), reports::toString);
  }

  private void awaitSuccess(String name) throws InterruptedException {
    String id = workflows.id(name);
    assertTrue(
        Workflows.within(() -> n8n.ended(id).equals(List.of("success"))),
        () -> name + " ended with " + n8n.ended(id));
  }

  @Test
  void the_weekly_mail_lists_the_top_videos_with_their_links() throws Exception {
    String execution =
        workflows.runWithoutMail("weekly-top-videos.json", "Every Monday", "Send the List");
    List<String> texts = n8n.texts(execution, "Send the List", "text");
    assertTrue(
        texts.stream()
            .anyMatch(text ->
                text.contains("number 1: ") && text.contains("https://www.youtube.com/watch?v=")),
        texts::toString);
  }

  @Test
  void a_message_to_slack_lists_the_top_videos_of_a_user() throws Exception {
    String execution =
        workflows.runWithoutMail("top-videos-to-slack.json", "Every Monday", "Send the Message");
    List<String> texts = n8n.texts(execution, "Send the Message", "text");
    assertTrue(
        texts.getFirst().startsWith("*Top videos of ") && texts.getFirst().contains("number 1: "),
        texts::toString);
    List<Integer> messages = n8n.outputs(execution).getOrDefault("Send the Message", List.of(0));
    assertTrue(messages.getFirst() > 1, () -> "a message for each user: " + messages);
  }

  @Test
  void the_revenue_alert_looks_at_every_channel() throws Exception {
    String unused = workflows.runWithoutMail("revenue-fall-alert.json", "Run Now", "By Channel");
  }

  @Test
  void operators_are_mailed_the_incidents_and_how_users_do() throws Exception {
    synced
        .platform()
        .number(
            "with opened as (insert into core.quality_incidents (user_id, check_name, opened_at, updated_at, value, channels) values ('"
                + user.userId()
                + "', 'rollups', now(), now(), 2, 0) on conflict do nothing returning 1) select count(*) from opened");
    String execution = workflows.runWithoutMail("data-quality.json", "Run Now", "Send the List");
    List<String> texts = n8n.texts(execution, "Send the List", "text");
    assertTrue(
        texts.stream().anyMatch(text -> text.contains("open rollups: 1 user")), texts::toString);
    String weekly = workflows.runWithoutMail("weekly-success.json", "Run Now", "Send the Figures");
    List<String> figures = n8n.texts(weekly, "Send the Figures", "text");
    assertTrue(
        figures.stream().anyMatch(text -> text.startsWith("Users onboarded: ")), figures::toString);
  }

  /** The sample of the editor, without the two days' wait: a video that is stored. */
  @Test
  void a_new_videos_line_has_its_views() throws Exception {
    ObjectNode workflow = Workflows.keepData(workflows.read("new-video-after-48-hours.json"));
    for (JsonNode each : workflow.get("nodes")) {
      ObjectNode node = (ObjectNode) each;
      if (node.get("type").stringValue().endsWith(".wait")) {
        node.put("type", "n8n-nodes-base.noOp").put("typeVersion", 1).putObject("parameters");
      } else if (node.get("type").stringValue().endsWith(".ytempireTrigger")) {
        ((ObjectNode) node.get("parameters"))
            .put("users", "one")
            .putObject("userId")
            .put("__rl", true)
            .put("mode", "id")
            .put("value", user.userId());
      }
    }
    String id = workflows.importWorkflow(workflow);
    n8n.listen(id, "When a New Video Is Found");
    assertTrue(
        Workflows.within(() -> n8n.ended(id).equals(List.of("success"))),
        () -> "it ended with " + n8n.ended(id));
    String execution = n8n.newest(id);
    JsonNode line = n8n.firstItem(execution, "One Table", 0);
    assertTrue(line.path("views").isNumber(), line::toString);
    Map<String, List<Integer>> outputs = n8n.outputs(execution);
    assertEquals(List.of(1), outputs.get("CSV File"), outputs::toString);
    assertEquals(1, outputs.getOrDefault("Statistics", List.of(0)).getFirst(), outputs::toString);
  }
}
