package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * The videos of a channel of which YouTube had no retention curve, in the order of the last
 * attempt: deleted ones, and those that hardly anybody watches. Cached; what is lost is asked for
 * once more. For one thread.
 */
final class VideosWithoutCurve {
  /** After this time a video without a curve is as good as one that was never asked for. */
  private static final Duration RECHECK = Duration.ofDays(60);

  /**
   * A query that brought no curve.
   *
   * @param end of the period that was asked for
   */
  record Attempt(String videoId, LocalDate end) {}

  private final FetchContext context;
  private final String key;
  private final List<Attempt> attempts;

  private VideosWithoutCurve(FetchContext context, String key, List<Attempt> attempts) {
    this.context = context;
    this.key = key;
    this.attempts = attempts;
  }

  /** Reads those of a request's channel. */
  static VideosWithoutCurve of(FetchContext context, PlannedRequest request) {
    String key = request.channelId() + ":without-curve";
    LocalDate oldest = request.last().minusDays(RECHECK.toDays());
    List<Attempt> attempts = new ArrayList<>();
    context
        .cache()
        .find(key, RECHECK, Attempt.class)
        .map(CachedAnswer::rows)
        .orElse(List.of())
        .stream()
        .filter(attempt -> !attempt.end().isBefore(oldest))
        .forEach(attempts::add);
    return new VideosWithoutCurve(context, key, attempts);
  }

  /** Their ids. */
  String[] ids() {
    return attempts.stream().map(Attempt::videoId).toArray(String[]::new);
  }

  /** Those that were asked for in vain for the period that ends on this day. */
  String[] ids(LocalDate end) {
    return attempts.stream()
        .filter(attempt -> attempt.end().equals(end))
        .map(Attempt::videoId)
        .toArray(String[]::new);
  }

  /** Notes the answer to the query for a video. */
  void note(String videoId, LocalDate end, boolean hasCurve) {
    attempts.removeIf(attempt -> attempt.videoId().equals(videoId));
    if (!hasCurve) {
      attempts.add(new Attempt(videoId, end));
    }
  }

  /** Caches them. */
  void save() {
    var _ = context.cache().putFor(RECHECK, key, List.copyOf(attempts));
  }
}
