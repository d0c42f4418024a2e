package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.PlanDao.Source;
import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Failure;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.Line;
import com.ytempire.sidecar.youtube.YouTube.VideoDays;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Queries of Analytics that are repeated in another form where the first answer has a known gap:
 * without revenue where a channel has none to read, and without percentages where these may have
 * blanked the answer. Remembers which channels earn money. Safe to share between threads.
 */
final class AnalyticsCalls {
  /** After so many days YouTube has finished a day, whether or not it has a row. */
  static final int FINISHED_AGE = 5;

  /** A channel's answer without rows is looked into, whether it was blanked, so often. */
  private static final Duration BLANK_RECHECK = Duration.ofDays(7);

  private final Database database;
  private final YouTube youTube;

  AnalyticsCalls(Database database, YouTube youTube) {
    this.database = database;
    this.youTube = youTube;
  }

  /** The way of sending a query, with the answers to it that have no rows. */
  private record Method<T>(Function<AnalyticsQuery, T> send, Predicate<T> isBlank) {}

  /**
   * The lines of the answer to a query.
   *
   * @throws YouTubeException when there is no answer
   */
  List<Line> lines(FetchContext context, PlannedRequest request, AnalyticsQuery query) {
    return execute(
        context,
        request,
        query,
        new Method<>(
            some -> youTube.analytics(context.call(request.channelId()), some), List::isEmpty));
  }

  /**
   * Several videos by day.
   *
   * @throws YouTubeException when there is no answer
   */
  VideoDays videoDays(FetchContext context, PlannedRequest request, AnalyticsQuery query) {
    return execute(
        context,
        request,
        query,
        new Method<>(
            some -> youTube.videoDays(context.call(request.channelId()), some),
            found -> found.extent() == VideoDays.Extent.COMPLETE && found.lines().isEmpty()));
  }

  /** Revenue is guarded by the metrics of the query and not by the report. */
  private <T> T execute(
      FetchContext context, PlannedRequest request, AnalyticsQuery query, Method<T> method) {
    return query.metrics().stream().anyMatch(Metric::isRevenue)
        ? withRevenue(context, request, query, method)
        : withoutRevenue(context, request, query, method);
  }

  /**
   * Where revenue is not to be had, for want of the owner's consent or of revenue, it is left out
   * and the other metrics are asked for without it.
   */
  private <T> T withRevenue(
      FetchContext context, PlannedRequest request, AnalyticsQuery query, Method<T> method) {
    Source source = request.channel().source();
    try {
      requireRevenue(context, request, source);
      T answer = method.send().apply(query);
      if (!Boolean.TRUE.equals(source.revenue().monetized())) {
        setMonetized(context, source, true);
      }
      return answer;
    } catch (YouTubeException e) {
      boolean isWithoutRevenue = e.failure() instanceof Failure.NotMonetized;
      if (isWithoutRevenue && !source.revenue().isKnownToBeNone(context.now())) {
        setMonetized(context, source, false);
      }
      List<Metric> others = query.metrics().stream().filter(metric -> !metric.isRevenue()).toList();
      boolean hasOthers =
          !others.isEmpty() && (query.sortBy() == null || others.contains(query.sortBy()));
      if (hasOthers && (isWithoutRevenue || e.failure() instanceof Failure.ScopeMissing)) {
        return method.send().apply(query.withMetrics(others));
      }
      throw e;
    }
  }

  /**
   * Spares a call whose answer is known.
   *
   * @throws YouTubeException where the channel's revenue cannot be read
   */
  private static void requireRevenue(FetchContext context, PlannedRequest request, Source source) {
    if (!source.revenue().allowsRevenue()) {
      throw new YouTubeException(
          new Failure.ScopeMissing("The owner did not allow revenue to be read."));
    }
    if (!request.isByPlan() && source.revenue().isKnownToBeNone(context.now())) {
      throw new YouTubeException(
          new Failure.NotMonetized(
              "YouTube shows no revenue of this channel; it is asked again a week after it said so."));
    }
  }

  private void setMonetized(FetchContext context, Source source, boolean isMonetized) {
    database.useTenant(handle ->
        handle.attach(PlanDao.class).setMonetized(source.channelId(), isMonetized, context.now()));
  }

  /** The answer; without percentages where it may be blanked, unless that lately had no rows. */
  private static <T> T withoutRevenue(
      FetchContext context, PlannedRequest request, AnalyticsQuery query, Method<T> method) {
    T answer = method.send().apply(query);
    if (!mayBeBlanked(context, query) || !method.isBlank().test(answer)) {
      return answer;
    }
    // Of these videos: those of another query may have been watched.
    String key =
        "%s:%s:quiet:%08x"
            .formatted(request.channelId(), request.report().label(), query.videoIds().hashCode());
    if (context.cache().refusal(key).isPresent()) {
      return answer;
    }
    T other = method.send().apply(withoutPercentages(query));
    if (method.isBlank().test(other)) {
      context
          .cache()
          .putRefusal(
              key,
              new AnswerCache.Refusal(
                  Reason.REFUSED,
                  "YouTube Analytics has no rows of this channel.",
                  context.now().plus(BLANK_RECHECK)));
    }
    return other;
  }

  /**
   * Whether an answer without rows may be a blanked one: engaged views asked together with
   * percentages can blank an answer (issuetracker.google.com/issues/552694602). Of days that are
   * not finished, none is expected.
   */
  private static boolean mayBeBlanked(FetchContext context, AnalyticsQuery query) {
    return query.metrics().contains(Metric.ENGAGED_VIEWS)
        && query.metrics().contains(Metric.AVERAGE_VIEW_PERCENTAGE)
        && query
            .first()
            .isBefore(LocalDate.ofInstant(context.now(), Bucket.PACIFIC).minusDays(FINISHED_AGE));
  }

  private static AnalyticsQuery withoutPercentages(AnalyticsQuery query) {
    return query.withMetrics(
        query.metrics().stream()
            .filter(metric -> metric != Metric.AVERAGE_VIEW_PERCENTAGE)
            .toList());
  }
}
