package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An agent of elsewhere uses the tools of the shipped MCP server, for the user that it names. */
@EndToEnd
@Order(8)
@Tag(EndToEnd.ANY_HOUR)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AgentToolsTest {
  private final Workflows workflows;
  private final N8n n8n;
  private final String user;
  private final Agent agent;

  AgentToolsTest(SyncedPlatform synced) {
    this.workflows = synced.workflows();
    this.n8n = synced.platform().n8n();
    this.user = synced.customers().getFirst().userId();
    this.agent = new Agent(new Http(n8n.url(), Workflows.AGENTS_TOKEN));
  }

  /** Publishes a copy for one user. */
  @BeforeAll
  void publish() throws Exception {
    ObjectNode workflow = workflows.read("sync-as-ai-tool.json");
    workflows.setAgents(workflow, "Agents of one user");
    for (JsonNode node : workflow.get("nodes")) {
      if (node.get("name").stringValue().equals("Settings")) {
        ((ObjectNode) node.at("/parameters/assignments/assignments/0")).put("value", user);
      }
    }
    n8n.publish(workflows.importWorkflow(workflow));
    assertTrue(Workflows.within(agent::connect), "the MCP server lets nobody connect");
  }

  @Test
  void an_agent_without_the_token_is_not_let_in() {
    assertFalse(new Agent(new Http(n8n.url(), "not the token")).connect());
  }

  @Test
  void the_server_offers_five_tools() {
    assertEquals(
        List.of(
            "Check_Quota_for_a_Sync",
            "Get_Top_Videos",
            "List_Channels",
            "Look_at_the_Quota",
            "Sync_a_User"),
        agent.tools());
  }

  @Test
  void an_agent_lists_the_users_channels() {
    String channels = agent.call("List_Channels", Map.of());
    assertTrue(channels.contains("\"connection\"") && channels.contains(user), channels);
  }

  @Test
  void an_agent_reads_the_quota() {
    String quota = agent.call("Look_at_the_Quota", Map.of());
    assertTrue(quota.contains("data.general"), quota);
  }

  @Test
  void an_agent_asks_whether_the_quota_suffices_for_a_sync() {
    String estimate = agent.call("Check_Quota_for_a_Sync", Map.of());
    assertTrue(estimate.contains("\"enough\"") && estimate.contains("\"waitUntil\""), estimate);
  }

  @Test
  void an_agent_gets_the_top_videos() {
    String top = agent.call("Get_Top_Videos", Map.of());
    assertTrue(top.contains("\"missed\"") && top.contains("\"videoTitle\""), top);
  }

  @Test
  void an_agent_syncs_the_user() {
    String synced = agent.call("Sync_a_User", Map.of());
    assertTrue(synced.contains("\"rejected\""), synced);
  }

  /** A client of the Model Context Protocol, 2025-06-18, over streamable HTTP. */
  private static final class Agent {
    private static final String VERSION = "2025-06-18";

    private Http http;
    private int calls;

    Agent(Http http) {
      this.http = http.with("Accept", "application/json, text/event-stream");
    }

    /** Whether it was let in. */
    boolean connect() {
      HttpResponse<String> answer =
          send(
              "initialize",
              Http.map(
                  "protocolVersion",
                  VERSION,
                  "capabilities",
                  Map.of(),
                  "clientInfo",
                  Http.map("name", "agent of the tests", "version", "1")));
      if (answer.statusCode() != 200) {
        return false;
      }
      http = http.with("MCP-Protocol-Version", VERSION);
      answer
          .headers()
          .firstValue("mcp-session-id")
          .ifPresent(session -> http = http.with("Mcp-Session-Id", session));
      HttpResponse<String> unused =
          http.exchange(
              "/mcp/ytempire", Http.map("jsonrpc", "2.0", "method", "notifications/initialized"));
      return true;
    }

    List<String> tools() {
      List<String> names = new ArrayList<>();
      for (JsonNode tool : result(send("tools/list", Map.of())).get("tools")) {
        names.add(tool.get("name").stringValue());
      }
      return names.stream().sorted().toList();
    }

    String call(String tool, Map<String, Object> arguments) {
      return result(send("tools/call", Http.map("name", tool, "arguments", arguments)))
          .get("content")
          .get(0)
          .get("text")
          .stringValue();
    }

    private HttpResponse<String> send(String method, Map<String, Object> parameters) {
      return http.exchange(
          "/mcp/ytempire",
          Http.map("jsonrpc", "2.0", "id", ++calls, "method", method, "params", parameters));
    }

    /** As JSON, or as the event of a stream. */
    private static JsonNode result(HttpResponse<String> answer) {
      String body = answer.body();
      int data = body.indexOf("data:");
      JsonNode message =
          Http.JSON.readTree(
              data < 0 ? body : body.substring(data + 5).lines().findFirst().orElse(""));
      JsonNode result = message.get("result");
      if (result == null) {
        throw new IllegalStateException("the MCP server answered " + body);
      }
      return result;
    }
  }
}
