package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Http;
import com.ytempire.platform.N8n;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

  /** What it reserves and settles, for calls that an editor is to put there. */
  private static final long SEARCHES_OF_WORKFLOW = 5;

  /** How often a reservation may be refused because the sidecar is busy, which passes. */
  private static final int BUSY_TRIES = 50;

  private static final String EXHAUSTED = "/problems/quota-exhausted";

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
      // Days that nothing has asked for as one period: such an answer would be cached.
      workflows.makeDue(10 + tried, 15);
      String day = day("analytics.day");
      List<String> reservations = takeAll("analytics.day");
      String execution = n8n.run(workflow, "Run Now");
      String status = workflows.awaitEnd(workflow, execution);
      release(reservations);
      JsonNode summary = n8n.firstItem(execution, "Summary", 0);
      boolean hasWaited =
          status.equals("success")
              && summary.path("channelsMissing").asInt(-1) == 0
              && summary.path("channelsWaitingForQuota").asInt(-1) == synced.channelsWithDays();
      if (hasWaited || day("analytics.day").equals(day) || tried == TRIES) {
        assertTrue(hasWaited, "it ended with %s and the summary %s".formatted(status, summary));
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
   * Reserves every unit of a day's bucket: what is common, and what is guaranteed to each user, so
   * that nothing is left that could be released. Returns the reservations.
   */
  private List<String> takeAll(String bucket) {
    List<String> reservations = new ArrayList<>();
    take(bucket, null, reservations);
    for (JsonNode share : operator.get("/v1/quota/shares?bucket=" + bucket).get("shares")) {
      if (share.get("guaranteed").longValue() > share.get("used").longValue()) {
        take(bucket, share.get("payer").stringValue(), reservations);
      }
    }
    return reservations;
  }

  /** Reserves in halves, for nobody says how much a payer may take. */
  private void take(String bucket, @Nullable String userId, List<String> into) {
    long left = status(bucket).get("remaining").longValue();
    int busy = 0;
    for (long units = left; units >= 1 && left > 0; ) {
      Map<String, Object> body = Http.map("bucket", bucket, "units", units, "interactive", true);
      if (userId != null) {
        body.put("userId", userId);
      }
      HttpResponse<String> answer = operator.exchange("/v1/quota/reservations", body);
      if (answer.statusCode() == 201) {
        JsonNode reserved = Http.JSON.readTree(answer.body());
        into.add(reserved.get("reservationId").stringValue());
        left = reserved.get("bucket").get("remaining").longValue();
        units = Math.min(units, left);
      } else if (answer.body().contains(EXHAUSTED)) {
        units /= 2;
      } else if (answer.statusCode() != 429 || ++busy == BUSY_TRIES) {
        throw new IllegalStateException("a reservation was answered by " + answer.body());
      }
    }
  }
}
