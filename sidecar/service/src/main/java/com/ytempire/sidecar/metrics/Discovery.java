package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The result of looking for a channel's new videos by plan.
 *
 * @param videoIds videos that were found; they are not stored yet
 * @param failure why there may be more
 * @param feedReadAt null: not read
 * @param playlistReadAt null: not read
 * @param isHubSilent whether the hub did not push what was found
 */
record Discovery(
    PlannedRequest request,
    List<Outcome> outcomes,
    List<String> videoIds,
    Optional<Outcome.Missed> failure,
    @Nullable Instant feedReadAt,
    @Nullable Instant playlistReadAt,
    boolean isHubSilent) {
  /** The outcomes of a request that looks for no new videos. */
  static Discovery none(PlannedRequest request, List<Outcome> outcomes) {
    return new Discovery(request, outcomes, List.of(), Optional.empty(), null, null, false);
  }

  /** The result of looking for new videos in vain. */
  static Discovery failed(PlannedRequest request, Outcome.Missed failure) {
    return new Discovery(
        request, List.of(failure), List.of(), Optional.of(failure), null, null, false);
  }
}
