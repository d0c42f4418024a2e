package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Customers;
import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import com.ytempire.platform.Platform;
import com.ytempire.simulator.Catalog.Channel;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Events of the sidecar start workflows, also those that happen while n8n is unavailable. */
@EndToEnd
@Order(10)
@Tag(EndToEnd.ANY_HOUR)
final class EventTriggersTest {
  private static final String FAILED = "failed-channel-follow-up.json";

  private final Platform platform;
  private final N8n n8n;
  private final Workflows workflows;
  private final String user;
  private final List<Channel> channels;

  EventTriggersTest(SyncedPlatform synced) {
    this.platform = synced.platform();
    this.n8n = platform.n8n();
    this.workflows = synced.workflows();
    Customer customer = synced.customers().getFirst();
    this.user = customer.userId();
    this.channels = customer.account().channels();
  }

  @Test
  @Order(1)
  void the_editors_sample_starts_the_follow_up_of_a_failed_channel() throws Exception {
    n8n.listen(workflows.id(FAILED), "When a Channel Fails");
    awaitSuccesses(1);
  }

  @Test
  @Order(2)
  void a_channel_that_fails_starts_its_follow_up() throws Exception {
    n8n.publish(workflows.id(FAILED));
    n8n.publish(workflows.id(Workflows.BACKFILL));
    // n8n answers before its triggers are live, and ends the one of the editor afterwards.
    assertTrue(
        Workflows.within(() -> published() == 2),
        () -> "two published triggers made " + platform.operator().get("/v1/subscriptions"));
    lose(channels.getFirst());
    awaitSuccesses(2);
  }

  @Test
  @Order(3)
  void an_event_that_happens_while_n8n_is_away_is_delivered_later() throws Exception {
    n8n.stop();
    try {
      lose(channels.getLast());
      assertEquals(
          1,
          platform.number("select count(*) from core.webhook_deliveries where due_at is not null"),
          "events that wait for n8n");
    } finally {
      n8n.startAgain();
    }
    awaitSuccesses(3);
    assertEquals(
        2,
        platform.number("select count(*) from core.webhook_subscriptions"),
        "subscriptions after n8n's restart");
  }

  @Test
  @Order(4)
  void a_channel_that_is_connected_starts_the_backfill() throws Exception {
    String backfill = workflows.id(Workflows.BACKFILL);
    int before = n8n.ended(backfill).size();
    Customers.connect(platform.operator(), user, channels.getFirst().id());
    assertTrue(
        Workflows.within(() -> n8n.ended(backfill).size() > before),
        () -> "nothing was started: " + n8n.ended(backfill));
    assertEquals("success", n8n.ended(backfill).getFirst());
  }

  private void awaitSuccesses(int count) throws InterruptedException {
    List<String> wanted = Collections.nCopies(count, "success");
    assertTrue(
        Workflows.within(() -> n8n.ended(workflows.id(FAILED)).equals(wanted)),
        () -> "the follow-up ended with " + n8n.ended(workflows.id(FAILED)));
  }

  /** Subscriptions of triggers that are live; that of the editor has another address. */
  private long published() {
    return platform
        .operator()
        .get("/v1/subscriptions")
        .get("subscriptions")
        .valueStream()
        .filter(each -> each.get("url").stringValue().contains("/webhook/"))
        .count();
  }

  /** The channel's owner takes back the grant, and the next call finds out. */
  private void lose(Channel channel) {
    platform.simulator().faults().killGrant(channel.id());
    platform
        .operator()
        .post(
            "/v1/metrics/fetch",
            Http.map(
                "maxAgeMinutes",
                0,
                "requests",
                List.of(
                    Http.map(
                        "userId",
                        user,
                        "channelId",
                        channel.id(),
                        "report",
                        "channel-statistics"))));
  }
}
