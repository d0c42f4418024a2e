package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.FetchRequest.Item;
import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Metric;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request that was admitted.
 *
 * @param index of the request, from 0
 */
record PlannedRequest(int index, Item item, KnownChannel channel, Selection selection) {
  Report report() {
    return item.report();
  }

  String channelId() {
    return item.channelId();
  }

  boolean isByPlan() {
    return selection instanceof Selection.Plan;
  }

  /** The days to fetch: by plan newest first, otherwise oldest first. */
  List<LocalDate> days() {
    return switch (selection) {
      case Selection.Plan plan -> plan.days();
      case Selection.Period(LocalDate first, LocalDate last) ->
          first.datesUntil(last.plusDays(1)).toList();
    };
  }

  /** The first day, of a report by day or period. */
  LocalDate first() {
    return switch (selection) {
      case Selection.Plan plan -> plan.days().getLast();
      case Selection.Period period -> period.first();
    };
  }

  /** The last day, of a report by day or period. */
  LocalDate last() {
    return switch (selection) {
      case Selection.Plan plan -> plan.days().getFirst();
      case Selection.Period period -> period.last();
    };
  }

  /**
   * The metrics asked for, or all that the report has; what the rows are sorted by is among them.
   */
  List<Metric> metrics() {
    List<Metric> metrics =
        item.metrics() == null
            ? report().metrics()
            : item.metrics().stream().map(label -> Metric.of(label).orElseThrow()).toList();
    if (item.sortBy() == null) {
      return metrics;
    }
    Metric sort = Metric.of(item.sortBy()).orElseThrow();
    return metrics.contains(sort)
        ? metrics
        : Stream.concat(metrics.stream(), Stream.of(sort)).toList();
  }

  /** The videos that the request names; empty: none. */
  List<String> videoIds() {
    return item.videoIds() == null ? List.of() : item.videoIds();
  }

  /** Whether it is for all of a channel's videos by day. */
  boolean isOfAllVideos() {
    return report().hasForm(ReportQuery.Form.VIDEOS_OF_A_DAY) && item.videoIds() == null;
  }

  /** Whether it is for a part of a backfill. */
  boolean isBackfill() {
    @Nullable Backfill backfill = channel.backfills().get(report());
    return isByPlan()
        && backfill != null
        && !days().isEmpty()
        && last().isBefore(backfill.reached());
  }

  /** The query of Analytics for the request's days and metrics, by these dimensions. */
  AnalyticsQuery query(List<String> dimensions) {
    return AnalyticsQuery.of(channelId(), first(), last(), dimensions, metrics())
        .in(item.currency());
  }

  /** The same request with another selection. */
  PlannedRequest with(Selection other) {
    return new PlannedRequest(index, item, channel, other);
  }

  /** The same request for these videos only. */
  PlannedRequest withVideos(List<String> videoIds) {
    return new PlannedRequest(index, item.withVideos(videoIds), channel, selection);
  }

  /** The key of the cached answer. */
  String cacheKey() {
    return report().hasPeriod() ? cacheKey(first(), last()) : cacheKey(List.of());
  }

  /** The key of the answer by plan that is cached, whatever days it is about. */
  String plannedCacheKey() {
    return cacheKey(List.of("plan"));
  }

  /** The key of the answer about a part of a backfill that is cached. */
  String backfillCacheKey() {
    return cacheKey(List.of("backfill"));
  }

  /** The key of the cached answer about these days. */
  String cacheKey(LocalDate first, LocalDate last) {
    return cacheKey(List.of(first + ".." + last));
  }

  private String cacheKey(List<String> period) {
    List<String> parts = new ArrayList<>(List.of(channelId(), report().label()));
    parts.addAll(period);
    if (item.videoIds() != null) {
      parts.add(String.join(",", item.videoIds().stream().sorted().toList()));
    }
    if (item.metrics() != null) {
      parts.add(String.join(",", item.metrics().stream().sorted().toList()));
    }
    if (item.sortBy() != null || item.limit() != null) {
      parts.add(item.sortBy() + " " + item.limit());
    }
    if (item.currency() != null) {
      parts.add(item.currency());
    }
    return String.join(":", parts);
  }
}
