package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.youtube.AnalyticsQuery.AD_TYPE;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.AGE_GROUP;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.CONTENT_TYPE;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.COUNTRY;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.DAY;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.DEVICE_TYPE;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.ELAPSED;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.GENDER;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.OPERATING_SYSTEM;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.PLAYBACK_LOCATION;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.SUBSCRIBED_STATUS;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.TRAFFIC_DETAIL;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.TRAFFIC_SOURCE;
import static com.ytempire.sidecar.youtube.AnalyticsQuery.VIDEO;

import com.fasterxml.jackson.annotation.JsonValue;
import com.ytempire.sidecar.metrics.ReportQuery.Form;
import com.ytempire.sidecar.youtube.BulkQuery;
import com.ytempire.sidecar.youtube.Metric;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
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
      new ReportQuery(Form.DAYS, List.of(DAY), Metric.CORE, Metric.CHANNEL_DAY)),
  CHANNEL_REVENUE_DAY(
      "channel-revenue-day",
      RowKind.CHANNEL_DAY,
      new Schedule.ByDay(Restatement.REVENUE, 90, 90),
      new ReportQuery(Form.DAYS, List.of(DAY), Metric.REVENUE, Metric.CHANNEL_DAY)),
  VIDEO_DAY(
      "video-day",
      RowKind.VIDEO_DAY,
      new Schedule.ByDay(Restatement.VIEWS, 28, 14),
      new ReportQuery(Form.VIDEOS_OF_A_DAY, List.of(VIDEO), Metric.CORE, Metric.VIDEO_DAY)),
  VIDEO_REVENUE_DAY(
      "video-revenue-day",
      RowKind.VIDEO_DAY,
      new Schedule.ByDay(Restatement.VIDEO_REVENUE, 28, 14),
      new ReportQuery(
          Form.VIDEOS_OF_A_DAY,
          List.of(VIDEO),
          List.of(Metric.ESTIMATED_REVENUE),
          Metric.VIDEO_DAY)),
  TRAFFIC_SOURCE_DAY(
      "traffic-source-day",
      RowKind.TRAFFIC_SOURCE_DAY,
      new Schedule.ByDay(Restatement.VIEWS, 90, 45),
      new ReportQuery(Form.DAYS, List.of(DAY, TRAFFIC_SOURCE), Metric.TRAFFIC, Metric.TRAFFIC)),
  THUMBNAIL_DAY(
      "thumbnail-day",
      RowKind.THUMBNAIL_DAY,
      Provider.THUMBNAILS,
      Schedule.Rule.DAILY_FILE,
      Duration.ofHours(6)),
  REVENUE_CURRENCY_DAY(
      "revenue-currency-day",
      RowKind.REVENUE_CURRENCY_DAY,
      Schedule.Rule.ON_DEMAND,
      new ReportQuery(Form.DAYS, List.of(DAY), Metric.REVENUE, Metric.REVENUE)),
  TOP_VIDEOS(
      "top-videos",
      RowKind.TOP_VIDEO,
      Schedule.Rule.ON_DEMAND,
      new ReportQuery(Form.TOP, List.of(VIDEO), Metric.CORE, Metric.TOP_VIDEOS)),
  RETENTION(
      "retention",
      RowKind.RETENTION_POINT,
      Schedule.ByVideo.RETENTION,
      new ReportQuery(Form.CURVE, List.of(ELAPSED), Metric.RETENTION, Metric.RETENTION)),
  CONTENT_TYPE_DAY(
      "content-type-day",
      RowKind.DIMENSION_DAY,
      new Schedule.Weekly(1, 90),
      new ReportQuery(
          Form.DAYS, List.of(DAY, CONTENT_TYPE), Metric.CONTENT_TYPE, Metric.CONTENT_TYPE)),
  SUBSCRIBED_STATUS_DAY(
      "subscribed-status-day",
      RowKind.DIMENSION_DAY,
      new Schedule.Weekly(2, 90),
      new ReportQuery(
          Form.DAYS, List.of(DAY, SUBSCRIBED_STATUS), Metric.PLAYBACK, Metric.PLAYBACK)),
  DEVICE_TYPE_DAY(
      "device-type-day",
      RowKind.DIMENSION_DAY,
      new Schedule.Weekly(2, 90),
      new ReportQuery(Form.DAYS, List.of(DAY, DEVICE_TYPE), Metric.TRAFFIC, Metric.TRAFFIC)),
  OPERATING_SYSTEM_DAY(
      "operating-system-day",
      RowKind.DIMENSION_DAY,
      new Schedule.Weekly(2, 90),
      new ReportQuery(Form.DAYS, List.of(DAY, OPERATING_SYSTEM), Metric.TRAFFIC, Metric.TRAFFIC)),
  GEOGRAPHY(
      "geography",
      RowKind.DIMENSION_PERIOD,
      new Schedule.ByPeriod(1, 1),
      new ReportQuery(Form.PERIOD, List.of(COUNTRY), Metric.GEOGRAPHY, Metric.GEOGRAPHY)),
  DEMOGRAPHICS(
      "demographics",
      RowKind.DIMENSION_PERIOD,
      new Schedule.ByPeriod(2, 4),
      new ReportQuery(
          Form.PERIOD, List.of(AGE_GROUP, GENDER), Metric.DEMOGRAPHICS, Metric.DEMOGRAPHICS)),
  TRAFFIC_SOURCE_DETAILS(
      "traffic-source-details",
      RowKind.DIMENSION_PERIOD,
      new Schedule.ByPeriod(2, 4),
      new ReportQuery(
          Form.DETAILS, List.of(TRAFFIC_SOURCE, TRAFFIC_DETAIL), Metric.TRAFFIC, Metric.TRAFFIC)),
  PLAYBACK_LOCATION_DAY(
      "playback-location-day",
      RowKind.DIMENSION_DAY,
      Schedule.Rule.ON_DEMAND,
      new ReportQuery(Form.DAYS, List.of(DAY, PLAYBACK_LOCATION), Metric.TRAFFIC, Metric.TRAFFIC)),
  AD_TYPE_DAY(
      "ad-type-day",
      RowKind.DIMENSION_DAY,
      Schedule.Rule.ON_DEMAND,
      new ReportQuery(Form.DAYS, List.of(DAY, AD_TYPE), Metric.ADS, Metric.ADS)),
  COUNTRY_DAY("country-day", RowKind.DIMENSION_DAY, BulkQuery.COUNTRIES),
  THUMBNAIL_SOURCE_DAY("thumbnail-source-day", RowKind.DIMENSION_DAY, BulkQuery.REACH_SOURCES);

  /** The part that fetches a report. */
  enum Provider {
    CHANNEL_STATISTICS,
    UPLOADS,
    VIDEOS,
    ANALYTICS,
    THUMBNAILS,
    BULK
  }

  private final String label;
  private final RowKind rowKind;
  private final Provider provider;
  private final Schedule schedule;
  private final Duration fresh;
  private final @Nullable ReportQuery query;
  private final @Nullable BulkQuery bulk;

  Report(String label, RowKind rowKind, Provider provider, Schedule schedule, Duration fresh) {
    this(label, rowKind, provider, schedule, fresh, null, null);
  }

  Report(String label, RowKind rowKind, BulkQuery bulk) {
    this(label, rowKind, Provider.BULK, Schedule.Rule.DAILY_FILE, Duration.ofHours(6), null, bulk);
  }

  Report(String label, RowKind rowKind, Schedule schedule, ReportQuery query) {
    this(
        label,
        rowKind,
        Provider.ANALYTICS,
        schedule,
        // By plan it is asked for once on its day of the week, whatever the answer.
        schedule instanceof Schedule.Weekly
                || schedule instanceof Schedule.ByPeriod
                || schedule instanceof Schedule.ByVideo
            ? Duration.ofDays(1)
            : Duration.ofHours(6),
        query,
        null);
  }

  Report(
      String label,
      RowKind rowKind,
      Provider provider,
      Schedule schedule,
      Duration fresh,
      @Nullable ReportQuery query,
      @Nullable BulkQuery bulk) {
    this.label = label;
    this.rowKind = rowKind;
    this.provider = provider;
    this.schedule = schedule;
    this.fresh = fresh;
    this.query = query;
    this.bulk = bulk;
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
  ReportQuery query() {
    if (query == null) {
      throw new IllegalStateException(label + " does not come from Analytics");
    }
    return query;
  }

  /**
   * How its files of the Reporting API are added up.
   *
   * @throws IllegalStateException when another provider fetches the report
   */
  BulkQuery bulk() {
    if (bulk == null) {
      throw new IllegalStateException(label + " is not added up from files");
    }
    return bulk;
  }

  /** Whether this is a report of Analytics with a query of this form. */
  boolean hasForm(Form form) {
    return query != null && query.form() == form;
  }

  /** Whether it is part of a sync: fetched by plan, and stored. */
  boolean isSynced() {
    return schedule != Schedule.Rule.ON_DEMAND && rowKind.isStored();
  }

  boolean isFetchedBy(Provider other) {
    return provider == other;
  }

  /** The metrics that it asks Analytics for by default; empty: it does not ask Analytics. */
  List<Metric> metrics() {
    return query == null ? List.of() : query.metrics();
  }

  boolean isAnalytics() {
    return query != null;
  }

  /** Whether it covers days from a first to a last. */
  boolean hasPeriod() {
    return isAnalytics() || provider == Provider.THUMBNAILS || provider == Provider.BULK;
  }

  /** Whether only monetized channels have it. */
  boolean isRevenue() {
    return metrics().stream().anyMatch(Metric::isRevenue);
  }

  /** Whether its amounts are in a currency that the request names. */
  boolean takesCurrency() {
    return rowKind.hasField("currency");
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
          case Schedule.Weekly weekly -> isOfDimension(row);
          case Schedule.ByPeriod period -> isOfDimension(row) && isOfWeeks(row, period::first);
          case Schedule.ByVideo videos -> isOfWeeks(row, videos::first);
          case Schedule.Rule rule ->
              rule == Schedule.Rule.DAILY_FILE
                  && (bulk == null || bulk.columns().containsKey(row.text("dimension")));
        };
  }

  /**
   * Whether a row is of whole weeks, Monday to Sunday.
   *
   * @param first the first day of a period that ends on a day
   */
  private static boolean isOfWeeks(TypedRow row, UnaryOperator<LocalDate> first) {
    return row.value("endDate") instanceof LocalDate last
        && last.getDayOfWeek() == DayOfWeek.SUNDAY
        && first.apply(last).equals(row.value("startDate"));
  }

  /** Whether a row of its kind has its dimension, and is of the whole channel. */
  private boolean isOfDimension(TypedRow row) {
    return !rowKind.hasField("dimension")
        || (query().dimension().equals(row.value("dimension"))
            && (!rowKind.hasField("videoId") || "".equals(row.value("videoId"))));
  }

  /** The day that is noted when rows of a day were stored: of a week's days its Monday. */
  LocalDate checkDay(LocalDate day) {
    return schedule instanceof Schedule.Weekly
        ? day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
        : day;
  }

  /** Whether rows of its kind come from another report, too, which has other metrics. */
  private boolean sharesRowKind() {
    return of(rowKind).size() > 1;
  }

  /** Reports by the kind of their rows; asked for each row of a batch. */
  private static final class ByRowKind {
    static final Map<RowKind, List<Report>> REPORTS =
        Stream.of(values())
            .collect(
                Collectors.groupingBy(
                    Report::rowKind,
                    () -> new EnumMap<>(RowKind.class),
                    Collectors.toUnmodifiableList()));
  }

  /** The reports whose rows are of a kind. */
  static List<Report> of(RowKind kind) {
    return ByRowKind.REPORTS.getOrDefault(kind, List.of());
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
