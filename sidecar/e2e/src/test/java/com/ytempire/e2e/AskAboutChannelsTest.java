package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.node.ObjectNode;

/** An agent asks how the channels of one user did, by that user's own token. */
@EndToEnd
@Order(8)
@Tag(EndToEnd.ANY_HOUR)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AskAboutChannelsTest {
  /** The most characters of an answer to an agent, who pays for each. */
  private static final int SHORT_ANSWER = 4_000;

  private final Platform platform;
  private final Workflows workflows;
  private final N8n n8n;
  private final String user;
  private final Agent agent;

  AskAboutChannelsTest(SyncedPlatform synced) {
    this.platform = synced.platform();
    this.workflows = synced.workflows();
    this.n8n = platform.n8n();
    this.user = synced.customers().getFirst().userId();
    this.agent = new Agent(new Http(n8n.url(), Workflows.AGENTS_TOKEN), "channels");
  }

  /** Publishes a copy for one user, with that user's token. */
  @BeforeAll
  void publish() throws Exception {
    ObjectNode workflow =
        workflows.readForAgents("ask-about-channels.json", "Agents that read", user);
    String token =
        platform
            .operator()
            .post("/v1/tokens", Http.map("kind", "user", "name", "agents", "userId", user))
            .get("token")
            .stringValue();
    n8n.publish(n8n.importWorkflow(workflow, n8n.createCredential(platform.sidecarUrl(), token)));
    assertTrue(Workflows.within(agent::connect), "the MCP server lets nobody connect");
  }

  @Test
  void the_server_offers_four_tools_that_read() {
    assertEquals(
        List.of(
            "Find_Videos",
            "Get_Top_Videos_of_Last_Week",
            "How_Channels_Did_Last_Week",
            "List_Channels"),
        agent.tools());
  }

  @Test
  void an_agent_lists_the_users_channels_in_a_short_answer() {
    String channels = agent.call("List_Channels", Map.of());
    assertTrue(
        channels.contains("\"connection\"")
            && channels.contains(user)
            && channels.length() < SHORT_ANSWER,
        channels);
  }

  @Test
  void an_agent_gets_last_week_by_channel_in_a_short_answer() {
    String week = agent.call("How_Channels_Did_Last_Week", Map.of());
    assertTrue(
        week.contains("\"channelId\"")
            && week.contains("\"channelName\"")
            && week.contains("\"weekFrom\"")
            && week.matches("(?s).*\"days\": ?7,.*")
            && week.contains("\"minutesWatched\"")
            && week.length() < SHORT_ANSWER,
        week);
  }

  @Test
  void an_agent_gets_last_weeks_top_videos_in_a_short_answer() {
    String top = agent.call("Get_Top_Videos_of_Last_Week", Map.of());
    assertTrue(
        top.contains("\"videoTitle\"") && top.contains("\"rank\":3") && top.length() < SHORT_ANSWER,
        top);
  }

  @Test
  void an_agent_finds_a_video_by_its_title_in_any_case() throws Exception {
    String title =
        platform
            .strings(
                "select title from core.videos where user_id = '%s' order by published_at desc limit 1"
                    .formatted(user))
            .getFirst();
    String found = agent.call("Find_Videos", Map.of("words", title.toUpperCase(Locale.ROOT)));
    assertTrue(
        found.contains("https://www.youtube.com/watch?v=") && found.length() < SHORT_ANSWER, found);
  }

  @Test
  void words_of_no_title_find_no_video() {
    String none = agent.call("Find_Videos", Map.of("words", "no title has these words"));
    assertFalse(none.contains("watch?v="), none);
  }
}
