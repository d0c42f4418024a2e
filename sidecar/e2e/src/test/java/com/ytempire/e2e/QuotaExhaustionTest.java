package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Workflows that find no unit left of a bucket. */
@EndToEnd
@Order(4)
final class QuotaExhaustionTest {
  private static final String PAUSE = "pause-until-reset.json";

  /** n8n sleeps through pauses that are shorter than this; longer ones it keeps in its database. */
  private static final String PAUSE_NODE = "Wait Until Reset";

  private static final String SETTLE_NODE = "Settle";

  /** The bucket that the workflow with the pause reserves. */
  private static final String SEARCHES = "data.search";

  /** The bucket that pays for the days of a channel. */
  private static final String QUERIES = "analytics.day";

  /** What it reserves and settles, for calls that an editor is to put there. */
  private static final long SEARCHES_OF_WORKFLOW = 5;

  /** A day may begin in between, and the next one. */
  private static final int TRIES = 3;

  private final SyncedPlatform synced;
  private final N8n n8n;
  private final Http operator;
  private final Workflows workflows;

  QuotaExhaustionTest(SyncedPlatform synced) {
    this.synced = synced;
    this.n8n = synced.platform().n8n();
    this.operator = synced.platform().operator();
    this.workflows = synced.workflows();
  }

  @Test
  @Order(1)
  void a_workflow_pauses_until_the_quota_is_reset() throws Exception {
    String workflow = workflows.id(PAUSE);
    for (int tried = 1; ; tried++) {
      String day = day(SEARCHES);
      List<String> reservations = takeAll(SEARCHES);
      String execution = n8n.run(workflow, "Run Now");
      String status = workflows.awaitEnd(workflow, execution);
      boolean hasPaused =
          status.equals(Workflows.PAUSED) || n8n.outputs(execution).containsKey(PAUSE_NODE);
      if (status.equals(Workflows.PAUSED)) {
        n8n.stop(execution);
      } else if (n8n.outputs(execution).containsKey(SETTLE_NODE)) {
        // The day began anew: the pause was over before it was looked at.
        synced.settledForOwnCalls().merge(SEARCHES, SEARCHES_OF_WORKFLOW, Long::sum);
      }
      release(reservations);
      if (hasPaused || day(SEARCHES).equals(day) || tried == TRIES) {
        assertTrue(hasPaused, "it did not pause: " + status);
        return;
      }
    }
  }

  @Test
  @Order(2)
  void a_sync_without_quota_waits_for_it_and_does_not_fail() throws Exception {
    String workflow = workflows.importSync("seconds: 20", 1);
    for (int tried = 1; ; tried++) {
      assertEquals(0, workflows.held("channel-day"), "batches that a sync would store");
      // A part of the days of the last answer, which is cached and serves only when all are due.
      workflows.makeDue(10 + tried, 15);
      String day = day(QUERIES);
      List<String> reservations = takeAll(QUERIES);
      JsonNode before = status(QUERIES);
      String execution = n8n.run(workflow, "Run Now");
      String status = workflows.awaitEnd(workflow, execution);
      JsonNode after = status(QUERIES);
      release(reservations);
      JsonNode summary = n8n.firstItem(execution, "Summary", 0);
      boolean hasWaited =
          status.equals("success")
              && summary.path("channelsMissing").asInt(-1) == 0
              && summary.path("channelsWaitingForQuota").asInt(-1) == synced.channelsWithDays();
      if (hasWaited || day(QUERIES).equals(day) || tried == TRIES) {
        assertTrue(
            hasWaited,
            "it ended with %s and the summary %s; the quota was %s before and %s after"
                .formatted(status, summary, before, after));
        return;
      }
    }
  }

  /** When the day of a bucket began. */
  private String day(String bucket) {
    return status(bucket).get("windowStartedAt").stringValue();
  }

  private JsonNode status(String bucket) {
    return operator.get("/v1/quota/shares?bucket=" + bucket).get("bucket");
  }

  /** Returns reserved units. */
  private void release(List<String> reservations) {
    for (String reservation : reservations) {
      // What the day that ended has given is not there any more.
      HttpResponse<String> unused =
          operator.exchange(
              "/v1/quota/reservations/" + reservation + "/settle", Http.map("unitsSpent", 0));
    }
  }

  /**
   * Reserves every unit of a day's bucket, whoever it is guaranteed to or kept for, so that nothing
   * is left that could be released. Returns the reservations.
   *
   * <p>In the last hours of a day, what is left is shared out again while it is taken, also to
   * users who took their share before. So it is not over when each user was refused, but when
   * nothing remains; and what others have reserved must not come back.
   */
  private List<String> takeAll(String bucket) throws InterruptedException {
    assertTrue(
        Workflows.within(() -> status(bucket).get("reserved").longValue() == 0),
        () -> "somebody else has reserved of " + status(bucket));
    List<String> reservations = new ArrayList<>();
    boolean isTaken =
        Workflows.within(() -> {
          for (JsonNode share : operator.get("/v1/quota/shares?bucket=" + bucket).get("shares")) {
            // Who has a guarantee may draw from what is common, too.
            if (share.get("guaranteed").longValue() > 0) {
              take(bucket, share.get("payer").stringValue(), reservations);
            }
          }
          return status(bucket).get("remaining").longValue() == 0;
        });
    assertTrue(isTaken, () -> "not all could be taken of " + status(bucket));
    return reservations;
  }

  /** Reserves what a user may take now; nothing when that is refused. */
  private void take(String bucket, String userId, List<String> into) {
    Map<String, Object> body =
        Http.map("bucket", bucket, "units", 1, "interactive", true, "userId", userId);
    long available = operator.post("/v1/quota/check", body).get("available").longValue();
    // A refusal makes the sidecar look again.
    body.put("units", Math.max(1, available));
    HttpResponse<String> answer = operator.exchange("/v1/quota/reservations", body);
    if (answer.statusCode() == 201) {
      into.add(Http.JSON.readTree(answer.body()).get("reservationId").stringValue());
    } else if (answer.statusCode() != 429) {
      throw new IllegalStateException("a reservation was answered by " + answer.body());
    }
  }
}
