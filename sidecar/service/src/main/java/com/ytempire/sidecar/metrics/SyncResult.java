package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.ytempire.sidecar.oauth.ChannelKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The result of a sync: what was stored and what was missed; {@code schemas/sync-result.json}. */
record SyncResult(List<Counts> channels, List<NotSynced> notFetched, Map<String, Long> unitsSpent) {
  /** The counts of a channel. */
  record Counts(
      UUID userId,
      String channelId,
      int created,
      int updated,
      int unchanged,
      int rejected,
      int missed,
      int notDue) {
    private static Counts none(UUID userId, String channelId) {
      return new Counts(userId, channelId, 0, 0, 0, 0, 0, 0);
    }

    private Counts plus(BatchResult batch) {
      return new Counts(
          userId,
          channelId,
          created + batch.stored(),
          updated + batch.updated(),
          unchanged + batch.unchanged(),
          rejected + batch.rejected(),
          missed,
          notDue);
    }

    private Counts plus(int moreMissed, int moreNotDue) {
      return new Counts(
          userId,
          channelId,
          created,
          updated,
          unchanged,
          rejected,
          missed + moreMissed,
          notDue + moreNotDue);
    }
  }

  /**
   * A report that was not fetched, or could not be stored.
   *
   * @param channelId null, and so is the report: the user is unknown, or has no active channel
   * @param videoId where it is about one video
   */
  record NotSynced(
      UUID userId,
      @Nullable String channelId,
      @Nullable String report,
      Reason reason,
      String message,
      @Nullable Instant retryAt,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String videoId) {}

  /**
   * Collects a result.
   *
   * @param channels that were to be synced, by user
   * @param without users of which there was nothing to sync
   * @param stored what became of the batches of the fetch
   * @param retryAt when to try again what could not be stored
   */
  static SyncResult of(
      Map<UUID, Set<String>> channels,
      List<NotSynced> without,
      FetchRequest request,
      FetchResult fetched,
      List<BatchResult> stored,
      Instant retryAt) {
    Map<ChannelKey, Counts> counts = new LinkedHashMap<>();
    channels.forEach((userId, ids) ->
        ids.forEach(id -> counts.put(new ChannelKey(userId, id), Counts.none(userId, id))));
    List<NotSynced> missed = new ArrayList<>(without);
    for (FetchResult.NotFetched each : fetched.notFetched()) {
      add(counts, each.userId(), each.channelId(), 1, 0);
      missed.add(
          new NotSynced(
              each.userId(),
              each.channelId(),
              each.report().label(),
              each.reason(),
              each.message(),
              each.retryAt(),
              each.videoId()));
    }
    for (FetchResult.NotDue each : fetched.notDue()) {
      FetchRequest.Item item = request.requests().get(each.request());
      add(counts, item.userId(), item.channelId(), 0, 1);
    }
    Map<UUID, BatchReference> references = new HashMap<>();
    for (FetchResult.FetchedBatch each : fetched.results()) {
      @Nullable BatchReference reference = each.reference();
      if (reference != null) {
        references.put(reference.batchId(), reference);
      }
    }
    for (BatchResult batch : stored) {
      @Nullable BatchReference reference = references.get(batch.batchId());
      if (reference == null) {
        continue;
      }
      ChannelKey key = new ChannelKey(reference.userId(), reference.channelId());
      switch (batch.outcome()) {
        case STORED -> counts.computeIfPresent(key, (same, sum) -> sum.plus(batch));
        // Another run was faster.
        case ALREADY_STORED -> {}
        case UNKNOWN_BATCH, UNAVAILABLE -> {
          add(counts, key.userId(), key.channelId(), 1, 0);
          missed.add(
              new NotSynced(
                  key.userId(),
                  key.channelId(),
                  reference.report(),
                  Reason.UNAVAILABLE,
                  batch.message() == null ? "The rows could not be stored." : batch.message(),
                  retryAt,
                  null));
        }
      }
    }
    return new SyncResult(List.copyOf(counts.values()), missed, fetched.unitsSpent());
  }

  private static void add(
      Map<ChannelKey, Counts> counts, UUID userId, String channelId, int missed, int notDue) {
    var _ =
        counts.compute(
            new ChannelKey(userId, channelId),
            (key, sum) ->
                (sum == null ? Counts.none(userId, channelId) : sum).plus(missed, notDue));
  }
}
