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

  /** How long a first refusal counts. */
  private static final Duration REMEMBERED = Duration.ofDays(14);

  /**
   * A query that brought no curve.
   *
   * @param end of the period that was asked for
   */
  record Attempt(String videoId, LocalDate end) {}

  /** A refusal on a day, in Pacific time, on which no other video of the channel was answered. */
  record Refusal(String videoId, LocalDate day) {}

  private final FetchContext context;
  private final String key;
  private final List<Attempt> attempts;
  private final List<Refusal> refusals;

  private VideosWithoutCurve(
      FetchContext context, String key, List<Attempt> attempts, List<Refusal> refusals) {
    this.context = context;
    this.key = key;
    this.attempts = attempts;
    this.refusals = refusals;
  }

  /** Reads those of a request's channel. */
  static VideosWithoutCurve of(FetchContext context, PlannedRequest request) {
    String key = request.channelId() + ":without-curve";
    LocalDate oldest = request.last().minusDays(RECHECK.toDays());
    List<Attempt> attempts = cached(context, key, RECHECK, Attempt.class);
    attempts.removeIf(attempt -> attempt.end().isBefore(oldest));
    LocalDate since =
        CurvePlan.openDay(request.channelId(), context.now()).minusDays(REMEMBERED.toDays());
    List<Refusal> refusals = cached(context, refusalsKey(key), REMEMBERED, Refusal.class);
    refusals.removeIf(refusal -> refusal.day().isBefore(since));
    return new VideosWithoutCurve(context, key, attempts, refusals);
  }

  private static <T> List<T> cached(
      FetchContext context, String key, Duration maxAge, Class<T> type) {
    return new ArrayList<>(
        context.cache().find(key, maxAge, type).map(CachedAnswer::rows).orElse(List.of()));
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
    refusals.removeIf(refusal -> refusal.videoId().equals(videoId));
    if (!hasCurve) {
      attempts.add(new Attempt(videoId, end));
    }
  }

  /**
   * Notes that a video was refused on a day on which all others were, too, which says little of it:
   * unless it is known to have no curve, only the second such day counts.
   */
  void noteRefusal(String videoId, LocalDate end, LocalDate day) {
    Refusal refusal = new Refusal(videoId, day);
    boolean isKnown = attempts.stream().anyMatch(each -> each.videoId().equals(videoId));
    boolean isSecond =
        refusals.stream()
            .anyMatch(each -> each.videoId().equals(videoId) && !each.day().equals(day));
    if (isKnown || isSecond) {
      note(videoId, end, false);
    } else if (!refusals.contains(refusal)) {
      refusals.add(refusal);
    }
  }

  /** Caches them. */
  void save() {
    var _ = context.cache().putFor(RECHECK, key, List.copyOf(attempts));
    var _ = context.cache().putFor(REMEMBERED, refusalsKey(key), List.copyOf(refusals));
  }

  private static String refusalsKey(String key) {
    return key + ":refused";
  }
}
