package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.node.ObjectNode;

/** An agent of elsewhere uses the tools of the shipped MCP server, for the user that it names. */
@EndToEnd
@Order(8)
@Tag(EndToEnd.ANY_HOUR)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AgentToolsTest {
  private static final String SERVER = "ytempire";

  private final Workflows workflows;
  private final N8n n8n;
  private final String user;
  private final Agent agent;

  AgentToolsTest(SyncedPlatform synced) {
    this.workflows = synced.workflows();
    this.n8n = synced.platform().n8n();
    this.user = synced.customers().getFirst().userId();
    this.agent = new Agent(new Http(n8n.url(), Workflows.AGENTS_TOKEN), SERVER);
  }

  /** Publishes a copy for one user. */
  @BeforeAll
  void publish() throws Exception {
    ObjectNode workflow =
        workflows.readForAgents("sync-as-ai-tool.json", "Agents of one user", user);
    n8n.publish(workflows.importWorkflow(workflow));
    assertTrue(Workflows.within(agent::connect), "the MCP server lets nobody connect");
  }

  @Test
  void an_agent_without_the_token_is_not_let_in() {
    assertFalse(new Agent(new Http(n8n.url(), "not the token"), SERVER).connect());
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
}
