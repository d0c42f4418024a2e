package com.ytempire.sidecar.metrics;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.ytempire.sidecar.web.LargeAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The result of a fetch; {@code schemas/fetch-result.json}. */
record FetchResult(
    List<FetchedBatch> results,
    List<NotFetched> notFetched,
    List<NotDue> notDue,
    Map<String, Long> unitsSpent)
    implements LargeAnswer {

  /**
   * Rows of a request, or a reference to them. Neither: there are no rows to refer to.
   *
   * @param fromCache whether it cost nothing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FetchedBatch(
      int request,
      @Nullable PackedRows rows,
      @Nullable BatchReference reference,
      Instant fetchedAt,
      boolean fromCache) {
    static FetchedBatch rows(Outcome.Rows rows) {
      return new FetchedBatch(
          rows.request(), rows.rows(), null, rows.fetchedAt(), rows.isFromCache());
    }

    /**
     * A reference in place of rows.
     *
     * @param reference null: there are no rows
     */
    static FetchedBatch reference(Outcome.Rows rows, @Nullable BatchReference reference) {
      return new FetchedBatch(
          rows.request(), null, reference, rows.fetchedAt(), rows.isFromCache());
    }
  }

  /**
   * A request that was not fetched, and why.
   *
   * @param videoId where it is about one video
   */
  record NotFetched(
      int request,
      UUID userId,
      String channelId,
      Report report,
      Reason reason,
      String message,
      @Nullable Instant retryAt,
      @Nullable Long retryAfterSeconds,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String videoId) {
    private static NotFetched of(FetchRequest.Item item, Outcome.Missed missed) {
      return new NotFetched(
          missed.request(),
          item.userId(),
          item.channelId(),
          item.report(),
          missed.reason(),
          missed.message(),
          missed.retryAt(),
          null,
          missed.videoId() == null ? item.onlyVideo() : missed.videoId());
    }

    /** The same with its time to wait; a part of a second counts as one. */
    private NotFetched asOf(Instant now) {
      return retryAt == null
          ? this
          : new NotFetched(
              request,
              userId,
              channelId,
              report,
              reason,
              message,
              retryAt,
              Math.max(0, Duration.between(now, retryAt).plusMillis(999).toSeconds()),
              videoId);
    }
  }

  /** A request that was left alone. */
  record NotDue(int request, @Nullable Instant nextDueAt, Outcome.NotDue.Cause reason) {}

  /**
   * Collects a result.
   *
   * @param outcomes of which rows are left out: they are in {@code results}
   */
  static FetchResult of(
      FetchRequest request,
      List<FetchedBatch> results,
      List<? extends Outcome> outcomes,
      Map<String, Long> unitsSpent) {
    return new FetchResult(
        results.stream().sorted(Comparator.comparingInt(FetchedBatch::request)).toList(),
        sorted(outcomes, Outcome.Missed.class)
            .map(missed -> NotFetched.of(request.requests().get(missed.request()), missed))
            .toList(),
        sorted(outcomes, Outcome.NotDue.class)
            .map(each -> new NotDue(each.request(), each.nextDueAt(), each.cause()))
            .toList(),
        new TreeMap<>(unitsSpent));
  }

  private static <T extends Outcome> Stream<T> sorted(
      List<? extends Outcome> outcomes, Class<T> type) {
    return outcomes.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .sorted(Comparator.comparingInt(Outcome::request));
  }

  /** The same, where what was not fetched says how long to wait from this moment on. */
  FetchResult asOf(Instant now) {
    return new FetchResult(
        results, notFetched.stream().map(each -> each.asOf(now)).toList(), notDue, unitsSpent);
  }
}
