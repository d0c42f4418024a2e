package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Caches answers and refusals of Analytics, by request. An answer that is being fetched is waited
 * for and not asked for twice. Safe to share between threads.
 */
final class AnalyticsCache {
  private final SingleFlight<CachedAnswer<FetchedRow>> flights = new SingleFlight<>();

  /** The cached rows of a key, if they are young enough. */
  static Optional<CachedAnswer<FetchedRow>> find(
      FetchContext context, PlannedRequest request, String key) {
    return request.isByPlan()
        ? findByPlan(context, request, key, FetchedRow.class)
        : context.cache().find(key, context.maxAge(request.report()), FetchedRow.class);
  }

  /**
   * The cached answer by plan of a key, if it is young enough and of the same Pacific day: the plan
   * asks again each day because YouTube restates figures, and an answer from before midnight would
   * be stored as today's check.
   */
  static <T> Optional<CachedAnswer<T>> findByPlan(
      FetchContext context, PlannedRequest request, String key, Class<T> type) {
    Duration maxAge = context.maxAge(request.report());
    if (maxAge.isZero()) {
      return Optional.empty();
    }
    return context.cache().findSince(key, oldestByPlan(context, request), type);
  }

  /** The moment before which an answer is too old to be one by plan. */
  static Instant oldestByPlan(FetchContext context, PlannedRequest request) {
    Instant oldest = context.now().minus(context.maxAge(request.report()));
    Instant midnight =
        LocalDate.ofInstant(context.now(), Bucket.PACIFIC).atStartOfDay(Bucket.PACIFIC).toInstant();
    return oldest.isBefore(midnight) ? midnight : oldest;
  }

  /** Asks, and caches the answer. */
  CachedAnswer<FetchedRow> ask(
      FetchContext context, String key, Supplier<List<FetchedRow>> question) {
    return flights.get(
        context.userId() + key, () -> context.cache().put(key, question.get(), null));
  }

  /**
   * The outcome of a request by plan that Google refused lately: such a refusal is for good, so it
   * is not asked again at every tick.
   */
  static Optional<Outcome> refusal(FetchContext context, PlannedRequest request) {
    return request.isByPlan()
        ? context
            .cache()
            .refusal(refusalKey(request))
            .map(refusal ->
                new Outcome.Missed(
                    request.index(),
                    refusal.reason(),
                    refusal.message(),
                    refusal.until(),
                    refusal.videoId()))
        : Optional.empty();
  }

  /**
   * Remembers a failure of a request by plan, if it is one that is for good.
   *
   * @param videoId of the video whose query failed; null: it is not about one video
   */
  static void putRefusal(
      FetchContext context, PlannedRequest request, Failure failure, @Nullable String videoId) {
    if (request.isByPlan()
        && (failure instanceof Failure.Refused || failure instanceof Failure.ScopeMissing)) {
      context
          .cache()
          .putRefusal(
              refusalKey(request),
              new AnswerCache.Refusal(
                  Outcome.Missed.of(request.index(), failure).reason(),
                  failure.message(),
                  context.now().plus(request.report().fresh()),
                  videoId));
    }
  }

  private static String refusalKey(PlannedRequest request) {
    return "%s:%s:%s"
        .formatted(
            request.channelId(),
            request.report().label(),
            request.isBackfill() ? "backfill-refused" : "refused");
  }
}
