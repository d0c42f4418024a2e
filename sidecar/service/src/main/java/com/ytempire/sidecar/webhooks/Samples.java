package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.webhooks.WebhookDao.StoredVideo;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Sample events, to build a workflow with before one happens. They say so: {@code isSample}. */
final class Samples {
  /**
   * Whose the sample claims to be, so that the nodes after it find what they look for.
   *
   * @param video the newest that is stored; null: none is
   */
  record Subject(UUID userId, String channelId, String channelName, @Nullable StoredVideo video) {
    static final Subject INVENTED =
        new Subject(
            UUID.fromString("3f1c9e6a-4f0e-4b8e-9d3f-2a6f2f9c1b7d"),
            "UCabcdefghijklmnopqrstuv",
            "A sample channel",
            null);
  }

  private Samples() {}

  /** A sample of a kind. */
  static ObjectNode of(String kind, Instant now, Subject subject) {
    Instant at = now.truncatedTo(ChronoUnit.MILLIS);
    ObjectNode event = EventDocument.of(UUID.randomUUID(), kind, at, subject.userId(), true);
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
      case "cost-limit-passed" ->
          event
              .put("month", at.toString().substring(0, 7))
              .put("group", "total")
              .put("costPerVideoUsd", "3.25")
              .put("limitUsd", "3.00")
              .put("videos", 12);
      case "quality-incident" ->
          event
              .put("incidentId", "8f14e45f-ceea-467f-a9d4-1c2b3d4e5f60")
              .put("check", "freshness")
              .put("state", "open")
              .put("value", 62.5)
              .put("unit", "minutes")
              .put("threshold", 45)
              .put("channels", 3);
      case "tier-changed" ->
          event.put("tier", "growth").put("previousTier", "starter").put("reason", "subscription");
      default ->
          event.put("channelId", subject.channelId()).put("channelName", subject.channelName());
    }
    switch (kind) {
      case "reconnect-needed" ->
          event.put("message", "Google no longer lets us read this channel. Connect it again.");
      case "channel-connected" -> event.put("revenue", true);
      case "new-video" -> {
        @Nullable StoredVideo video = subject.video();
        Instant publishedAt =
            video == null ? at.minus(20, ChronoUnit.MINUTES) : video.publishedAt();
        event
            .put("videoId", video == null ? "dQw4w9WgXcQ" : video.videoId())
            .put("title", video == null ? "A sample video" : video.title())
            .put("publishedAt", publishedAt.toString());
      }
      default -> {}
    }
    return event;
  }
}
