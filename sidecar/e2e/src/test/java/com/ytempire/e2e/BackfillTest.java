package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.platform.Http;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Workflows that people start by their button. */
@EndToEnd
@Order(5)
final class BackfillTest {
  private final SyncedPlatform synced;
  private final Workflows workflows;

  BackfillTest(SyncedPlatform synced) {
    this.synced = synced;
    this.workflows = synced.workflows();
  }

  @Test
  @Order(1)
  void a_backfill_brings_90_days_of_every_channel() throws Exception {
    assertEquals("success", workflows.run(Workflows.BACKFILL));
    assertEquals(
        synced.channelsWithDays(),
        synced
            .platform()
            .number(
                "select count(*) from (select channel_id from core.channel_days group by channel_id having count(*) >= 90) c"));
  }

  @Test
  @Order(2)
  void the_quota_watch_succeeds() throws Exception {
    assertEquals("success", workflows.run("quota-watch.json"));
  }

  @Test
  @Order(3)
  void the_follow_up_makes_a_link_for_a_channel_that_is_not_connected() throws Exception {
    String newcomer = workflows.createUser("newcomer@example.com", "Newcomer");
    synced
        .platform()
        .operator()
        .post(
            "/v1/users/" + newcomer + "/channels",
            Http.map("channelId", "UC" + "n".repeat(22), "channelName", "Not connected yet"));
    assertEquals("success", workflows.run("reconnect-follow-up.json"));
    assertEquals(1, workflows.links(newcomer), "links");
  }
}
