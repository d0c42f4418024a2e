package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.YouTube.ChannelTotals;
import com.ytempire.sidecar.youtube.YouTube.VideoDetails;
import com.ytempire.sidecar.youtube.YouTube.VideoTotals;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Makes the rows of statistics and details.
 *
 * @param isWithoutGrant whether statistics come by the platform's API key: their rows say so, for
 *     they may be kept for 30 days only (Developer Policies III.E.4.b)
 */
record StatisticsRows(boolean isWithoutGrant) {
  /** Makes the row of a value. */
  @FunctionalInterface
  interface Factory<T> {
    /** Returns a row; null where there are no figures: unknown is not 0. */
    @Nullable FetchedRow row(FetchContext context, PlannedRequest request, T value, Instant at);
  }

  @Nullable FetchedRow channel(
      FetchContext context, PlannedRequest request, ChannelTotals totals, Instant at) {
    return totals.views() == null
        ? null
        : marked(
            context
                .row(request)
                .set("observedAt", at)
                .set("views", totals.views())
                .set("subscribers", totals.subscribers())
                .set("videos", totals.videos()));
  }

  @Nullable FetchedRow video(
      FetchContext context, PlannedRequest request, VideoTotals totals, Instant at) {
    return totals.views() == null
        ? null
        : marked(
            context
                .row(request)
                .set("videoId", totals.videoId())
                .set("observedAt", at)
                .set("views", totals.views())
                .set("likes", totals.likes())
                .set("comments", totals.comments()));
  }

  private FetchedRow marked(FetchedRow row) {
    return isWithoutGrant ? row.set("withoutGrant", true) : row;
  }

  static FetchedRow details(
      FetchContext context, PlannedRequest request, VideoDetails video, Instant at) {
    return context
        .row(request)
        .set("videoId", video.videoId())
        .set("title", video.title())
        .set("publishedAt", video.publishedAt())
        .set("durationSeconds", video.durationSeconds())
        .set("description", video.description())
        .set("tags", video.tags())
        .set("thumbnailUrl", video.thumbnailUrl());
  }
}
