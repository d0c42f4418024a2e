package com.ytempire.sidecar.webhooks;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Events that did not happen, to build a workflow with. They say so: {@code isSample}. */
final class Samples {
  private static final UUID NOBODY = UUID.fromString("3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d");
  private static final String CHANNEL = "UCabcdefghijklmnopqrstuv";

  private Samples() {}

  /**
   * A sample of a kind.
   *
   * @param userId whose it claims to be; null: an invented user's
   */
  static ObjectNode of(String kind, Instant now, @Nullable UUID userId) {
    Instant at = now.truncatedTo(ChronoUnit.MILLIS);
    ObjectNode event =
        Deliveries.event(UUID.randomUUID(), kind, at, userId == null ? NOBODY : userId, true);
    switch (kind) {
      case "sync-finished" ->
          event
              .put("stored", 120)
              .put("updated", 14)
              .put("unchanged", 866)
              .put("workflowId", "sample")
              .put("executionId", "1");
      case "quota-low" ->
          event
              .put("bucket", "data.general")
              .put("guaranteed", 100)
              .put("used", 85)
              .put("available", 15)
              .put("resetsAt", at.plus(6, ChronoUnit.HOURS).toString());
      default -> event.put("channelId", CHANNEL).put("channelName", "A sample channel");
    }
    switch (kind) {
      case "reconnect-needed" ->
          event.put("message", "Google no longer lets us read this channel. Connect it again.");
      case "channel-connected" -> event.put("revenue", true);
      case "new-video" ->
          event
              .put("videoId", "dQw4w9WgXcQ")
              .put("title", "A sample video")
              .put("publishedAt", at.minus(20, ChronoUnit.MINUTES).toString());
      default -> {}
    }
    return event;
  }
}
