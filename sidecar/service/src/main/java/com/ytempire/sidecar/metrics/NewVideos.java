package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.tenancy.Events;
import com.ytempire.sidecar.tenancy.Events.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Publishes events of videos that were stored for the first time. */
final class NewVideos {
  /** What is older was found by looking back, and is news to nobody. */
  private static final Duration NEWS = Duration.ofDays(3);

  private NewVideos() {}

  /**
   * Publishes an event for each new one, in the transaction that stored them.
   *
   * @param rows of videos, in the order of their outcomes
   */
  static void publish(
      Handle handle, UUID userId, List<TypedRow> rows, List<RowResult> outcomes, Instant now) {
    for (int i = 0; i < rows.size(); i++) {
      TypedRow row = rows.get(i);
      if (outcomes.get(i).outcome() == StoreOutcome.STORED
          && row.value("publishedAt") instanceof Instant publishedAt
          && publishedAt.isAfter(now.minus(NEWS))) {
        String videoId = row.text("videoId");
        Events.publish(
            handle,
            Kind.NEW_VIDEO,
            Events.idOf(Kind.NEW_VIDEO, userId, videoId),
            row.channelId(),
            now,
            Map.of(
                "videoId", videoId,
                "title", row.text("title"),
                "publishedAt", publishedAt.toString()));
      }
    }
  }
}
