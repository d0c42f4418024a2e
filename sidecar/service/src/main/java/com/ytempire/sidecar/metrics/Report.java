package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.youtube.AnalyticsQuery.DAY;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.ELAPSED;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.TRAFFIC_SOURCE;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.VIDEO;

import com.fasterxml.jackson.annotation.JsonValue;
import com.ytempire.sidecar.metrics.Report.Query.Form;
import com.ytempire.sidecar.youtube.Metric;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The reports that can be fetched. Admission, plan, query and rows of a report are read from its
 * row of this table; {@code docs/adding-a-report.md} says how to add one.
 */
enum Report {
  CHANNEL_STATISTICS(
      "channel-statistics",
      RowKind.CHANNEL_STATISTICS,
      Provider.CHANNEL_STATISTICS,
      Schedule.Rule.EVERY_TICK,
      Duration.ofMinutes(10)),
  RECENT_UPLOADS(
      "recent-uploads",
      RowKind.VIDEO,
      Provider.UPLOADS,
      Schedule.Rule.UPLOADS,
      Duration.ofMinutes(120)),
  VIDEO_STATISTICS(
      "video-statistics",
      RowKind.VIDEO_STATISTICS,
      Provider.VIDEOS,
      Schedule.Rule.VIDEO_STATISTICS,
      Duration.ofMinutes(10)),
  VIDEO_DETAILS(
      "video-details",
      RowKind.VIDEO,
      Provider.VIDEOS,
      Schedule.Rule.VIDEO_DETAILS,
      Duration.ofDays(1)),
  CHANNEL_DAY(
      "channel-day",
      RowKind.CHANNEL_DAY,
      new Schedule.ByDay(Restatement.VIEWS, 90, 90),
      new Query(Form.DAYS, List.of(DAY), Metric.CORE, Metric.CHANNEL_DAY)),
  CHANNEL_REVENUE_DAY(
      "channel-revenue-day",
      RowKind.CHANNEL_DAY,
      new Schedule.ByDay(Restatement.REVENUE, 90, 90),
      new Query(Form.DAYS, List.of(DAY), Metric.REVENUE, Metric.CHANNEL_DAY)),
  VIDEO_DAY(
      "video-day",
      RowKind.VIDEO_DAY,
      new Schedule.ByDay(Restatement.VIEWS, 28, 14),
      new Query(Form.VIDEOS_OF_A_DAY, List.of(VIDEO), Metric.CORE, Metric.VIDEO_DAY)),
  VIDEO_REVENUE_DAY(
      "video-revenue-day",
      RowKind.VIDEO_DAY,
      new Schedule.ByDay(Restatement.VIDEO_REVENUE, 28, 14),
      new Query(
          Form.VIDEOS_OF_A_DAY,
          List.of(VIDEO),
          List.of(Metric.ESTIMATED_REVENUE),
          Metric.VIDEO_DAY)),
  TRAFFIC_SOURCE_DAY(
      "traffic-source-day",
      RowKind.TRAFFIC_SOURCE_DAY,
      new Schedule.ByDay(Restatement.VIEWS, 90, 45),
      new Query(Form.DAYS, List.of(DAY, TRAFFIC_SOURCE), Metric.TRAFFIC, Metric.TRAFFIC)),
  THUMBNAIL_DAY(
      "thumbnail-day",
      RowKind.THUMBNAIL_DAY,
      Provider.THUMBNAILS,
      Schedule.Rule.DAILY_FILE,
      Duration.ofHours(6)),
  TOP_VIDEOS(
      "top-videos",
      RowKind.TOP_VIDEO,
      Schedule.Rule.ON_DEMAND,
      new Query(Form.TOP, List.of(VIDEO), Metric.CORE, Metric.TOP_VIDEOS)),
  RETENTION(
      "retention",
      RowKind.RETENTION_POINT,
      Schedule.Rule.ON_DEMAND,
      new Query(Form.CURVE, List.of(ELAPSED), Metric.RETENTION, Metric.RETENTION));

  /** Who fetches a report. */
  enum Provider {
    CHANNEL_STATISTICS,
    UPLOADS,
    VIDEOS,
    ANALYTICS,
    THUMBNAILS
  }

  /** When a report is due. */
  sealed interface Schedule {
    /** A rule of one report of its own. */
    enum Rule implements Schedule {
      EVERY_TICK,
      UPLOADS,
      VIDEO_STATISTICS,
      VIDEO_DETAILS,
      DAILY_FILE,
      /** Never by plan: people ask for it. */
      ON_DEMAND
    }

    /**
     * Each day, for as long as YouTube restates it.
     *
     * @param window days that are fetched when nothing of them is stored; those that are stored are
     *     restated for longer, as {@link Restatement#lastAge} says
     * @param batchSize days of one fetch at most
     */
    record ByDay(Restatement restatement, int window, int batchSize) implements Schedule {}
  }

  /**
   * A query of Analytics.
   *
   * @param dimensions by YouTube's names
   * @param metrics that are fetched unless the request names others
   * @param selectable metrics that a request may name: those that the rows have a field for
   */
  record Query(Form form, List<String> dimensions, List<Metric> metrics, List<Metric> selectable) {
    /** What one query covers. */
    enum Form {
      /** The days of a channel. */
      DAYS,
      /** The largest videos of one day, or the days of certain videos. */
      VIDEOS_OF_A_DAY,
      /** The largest videos of a period. */
      TOP,
      /** One video in a period. */
      CURVE
    }
  }

  private final String label;
  private final RowKind rowKind;
  private final Provider provider;
  private final Schedule schedule;
  private final Duration fresh;
  private final @Nullable Query query;

  Report(String label, RowKind rowKind, Provider provider, Schedule schedule, Duration fresh) {
    this(label, rowKind, provider, schedule, fresh, null);
  }

  Report(String label, RowKind rowKind, Schedule schedule, Query query) {
    this(label, rowKind, Provider.ANALYTICS, schedule, Duration.ofHours(6), query);
  }

  Report(
      String label,
      RowKind rowKind,
      Provider provider,
      Schedule schedule,
      Duration fresh,
      @Nullable Query query) {
    this.label = label;
    this.rowKind = rowKind;
    this.provider = provider;
    this.schedule = schedule;
    this.fresh = fresh;
    this.query = query;
  }

  /** The name in the contract. */
  @JsonValue
  String label() {
    return label;
  }

  /** The kind of its rows. */
  RowKind rowKind() {
    return rowKind;
  }

  Schedule schedule() {
    return schedule;
  }

  /**
   * For how long its figures stay the same by their nature, so that asking again sooner buys
   * nothing.
   */
  Duration fresh() {
    return fresh;
  }

  /**
   * The query of a report of Analytics.
   *
   * @throws IllegalStateException when another provider fetches the report
   */
  Query query() {
    if (query == null) {
      throw new IllegalStateException(label + " does not come from Analytics");
    }
    return query;
  }

  /** Whether this is a report of Analytics with a query of this form. */
  boolean hasForm(Form form) {
    return query != null && query.form() == form;
  }

  boolean isFetchedBy(Provider other) {
    return provider == other;
  }

  /** What it asks Analytics for unless told otherwise; empty: it does not ask Analytics. */
  List<Metric> metrics() {
    return query == null ? List.of() : query.metrics();
  }

  boolean isAnalytics() {
    return query != null;
  }

  /** Whether it covers days from a first to a last. */
  boolean hasPeriod() {
    return isAnalytics() || provider == Provider.THUMBNAILS;
  }

  /** Whether only monetised channels have it. */
  boolean isRevenue() {
    return schedule instanceof Schedule.ByDay days && days.restatement().isRevenue();
  }

  /** Whether all requests of a user travel together, fifty channels or videos in a call. */
  boolean isBatched() {
    return provider == Provider.CHANNEL_STATISTICS || provider == Provider.VIDEOS;
  }

  /** Whether an answer by plan, too, is cached under the request's own key. */
  boolean isCachedByRequest(boolean isByPlan) {
    return provider == Provider.CHANNEL_STATISTICS || (provider == Provider.VIDEOS && !isByPlan);
  }

  /** Whether a stored row proves that this report of its day was fetched. */
  boolean isCheckedBy(TypedRow row) {
    return rowKind == row.kind()
        && switch (schedule) {
          case Schedule.ByDay days ->
              !sharesRowKind() || row.value(metrics().getFirst().label()) != null;
          case Schedule.Rule rule -> rule == Schedule.Rule.DAILY_FILE;
        };
  }

  /** Whether rows of its kind come from another report, too, which has other metrics. */
  private boolean sharesRowKind() {
    return Stream.of(values()).anyMatch(other -> other != this && other.rowKind == rowKind);
  }

  /** The reports of providers. */
  static Set<Report> of(Provider... providers) {
    return Stream.of(values())
        .filter(report -> List.of(providers).contains(report.provider))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Report.class)));
  }

  /** The report of a name; the contract lets no other through. */
  static Report of(String label) {
    return Stream.of(values())
        .filter(report -> report.label.equals(label))
        .findFirst()
        .orElseThrow();
  }
}
