package com.ytempire.sidecar.analytics;

import static com.ytempire.sidecar.analytics.Column.count;
import static com.ytempire.sidecar.analytics.Column.day;
import static com.ytempire.sidecar.analytics.Column.money;
import static com.ytempire.sidecar.analytics.Column.number;
import static com.ytempire.sidecar.analytics.Column.text;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The registry of analytics views. Each is a function of the schema {@code analytics}, which the
 * tenant calls, with what it takes and the columns that it answers. A new view is one more
 * constant, and its name in {@code schemas/analytics-view.json}.
 */
enum AnalyticsView {
  REVENUE_PROGRESS(
      "analytics.current_month_revenue(:channels, :today)",
      Days.RUNNING_MONTH,
      EnumSet.of(Option.CHANNELS),
      "month",
      "",
      day("month", "month"),
      money("revenueUsd", "revenue_usd"),
      money("targetUsd", "target_usd"),
      number("progress", "ratio", "progress"),
      text("status", "status"),
      money("expectedUsd", "expected_usd"),
      money("lastMonthSameDaysUsd", "last_month_same_days_usd"),
      count("knownDays", "days", "known_days"),
      count("daysInMonth", "days", "days_in_month"),
      day("knownUntil", "known_until")),
  SUCCESS_METRICS(
      "analytics.success_metrics(:today)",
      Days.RUNNING_MONTH,
      EnumSet.noneOf(Option.class),
      "month",
      "",
      day("month", "month"),
      money("revenueUsd", "monthly_revenue"),
      money("targetUsd", "target_revenue"),
      text("status", "success_tier"),
      number("growthPercent", "percent", "growth_rate"),
      count("monthsToTarget", "months", "months_to_goal"),
      count("videosPublished", "videos", "videos_published"),
      number("averageViewsPerVideo", "views", "avg_views_per_video"),
      day("knownUntil", "as_of")),
  REVENUE_PROJECTION(
      "analytics.days_to_10k_projection(:channels, :today)",
      Days.NONE,
      EnumSet.of(Option.CHANNELS),
      "as_of",
      "",
      day("knownUntil", "as_of"),
      text("projection", "projection"),
      count("daysToTarget", "days", "days_left"),
      count("daysToTargetLow", "days", "days_left_low"),
      count("daysToTargetHigh", "days", "days_left_high"),
      money("dailyRevenueUsd", "level_usd"),
      money("dailyTargetUsd", "target_usd"),
      money("weeklyGrowthUsd", "growth_a_week_usd"),
      count("weeks", "weeks", "weeks")),
  TOTALS(
      "analytics.period_totals(:channels, :from, :until)",
      Days.PERIOD,
      EnumSet.of(Option.CHANNELS, Option.COMPARE),
      "channels",
      "",
      money("revenueUsd", "revenue_usd"),
      count("views", "views", "views"),
      number("watchHours", "hours", "watch_hours"),
      money("rpmUsd", "rpm_usd"),
      count("netSubscribers", "subscribers", "net_subscribers"),
      count("videosPublished", "videos", "videos_published"),
      money("costUsd", "cost_usd"),
      money("profitUsd", "profit_usd"),
      count("channels", "channels", "channels"),
      count("channelDays", "days", "channel_days"),
      money("previousRevenueUsd", "previous_revenue_usd").compared(),
      number("revenueChange", "ratio", "revenue_change").compared(),
      count("previousViews", "views", "previous_views").compared(),
      number("viewsChange", "ratio", "views_change").compared(),
      number("previousWatchHours", "hours", "previous_watch_hours").compared(),
      count("previousNetSubscribers", "subscribers", "previous_net_subscribers").compared(),
      money("previousCostUsd", "previous_cost_usd").compared()),
  COST_ANALYSIS(
      "analytics.period_totals(:channels, :from, :until)",
      Days.PERIOD,
      EnumSet.of(Option.CHANNELS, Option.COMPARE),
      "channels",
      "",
      money("costUsd", "cost_usd"),
      money("meteredCostUsd", "metered_cost_usd"),
      money("revenueUsd", "revenue_usd"),
      money("profitUsd", "profit_usd"),
      number("returnOnCost", "ratio", "return_on_cost"),
      count("videosPublished", "videos", "videos_published"),
      money("costPerVideoUsd", "cost_per_video_usd"),
      money("previousCostUsd", "previous_cost_usd").compared(),
      money("previousRevenueUsd", "previous_revenue_usd").compared(),
      number("revenueChange", "ratio", "revenue_change").compared()),
  CHANNEL_COMPARISON(
      "analytics.channel_comparison(:channels, :from, :until)",
      Days.PERIOD,
      EnumSet.of(Option.CHANNELS, Option.COMPARE),
      "channel_id",
      "-revenueUsd",
      text("channelId", "channel_id"),
      text("channel", "channel"),
      text("state", "state"),
      money("revenueUsd", "revenue_usd"),
      count("views", "views", "views"),
      number("watchHours", "hours", "watch_hours"),
      money("rpmUsd", "rpm_usd"),
      count("netSubscribers", "subscribers", "net_subscribers"),
      money("costUsd", "cost_usd"),
      money("profitUsd", "profit_usd"),
      count("days", "days", "days"),
      text("url", "url"),
      money("previousRevenueUsd", "previous_revenue_usd").compared(),
      number("revenueChange", "ratio", "revenue_change").compared(),
      count("previousViews", "views", "previous_views").compared(),
      number("viewsChange", "ratio", "views_change").compared(),
      number("previousWatchHours", "hours", "previous_watch_hours").compared(),
      count("previousNetSubscribers", "subscribers", "previous_net_subscribers").compared()),
  DAYS(
      "analytics.metric_days(:channels, :from, :until, :interval)",
      Days.PERIOD,
      EnumSet.of(Option.CHANNELS, Option.INTERVAL),
      "date, channel_id",
      "-day",
      day("day", "date"),
      text("channelId", "channel_id"),
      text("channel", "channel"),
      count("views", "views", "views"),
      count("engagedViews", "views", "engaged_views"),
      number("watchHours", "hours", "watch_hours"),
      number("averageViewPercentage", "percent", "average_view_percentage"),
      count("likes", "likes", "likes"),
      count("comments", "comments", "comments"),
      count("shares", "shares", "shares"),
      count("subscribersGained", "subscribers", "subscribers_gained"),
      count("subscribersLost", "subscribers", "subscribers_lost"),
      money("revenueUsd", "revenue_usd"),
      money("adRevenueUsd", "ad_revenue_usd"),
      money("rpmUsd", "rpm_usd"),
      count("days", "days", "days")),
  TOP_VIDEOS(
      "analytics.top_videos(:channels, :from, :until)",
      Days.PERIOD,
      EnumSet.of(Option.CHANNELS),
      "video_id",
      "-views",
      text("videoId", "video_id"),
      text("title", "title"),
      text("url", "url"),
      text("channelId", "channel_id"),
      text("channel", "channel"),
      day("published", "published"),
      count("views", "views", "views"),
      number("watchHours", "hours", "watch_hours"),
      money("revenueUsd", "revenue_usd"),
      money("rpmUsd", "rpm_usd"),
      count("views48h", "views", "views_48h"),
      count("totalViews", "views", "total_views"),
      money("totalRevenueUsd", "total_revenue_usd"),
      number("watched", "ratio", "watched")),
  REVENUE_GROWTH(
      "analytics.revenue_growth_rate(:channels, :until)",
      Days.FILTER,
      EnumSet.of(Option.CHANNELS),
      "date",
      "-day",
      day("day", "date"),
      money("revenue28dUsd", "revenue_28d_usd"),
      money("before28dUsd", "before_usd"),
      number("growth", "ratio", "growth")),
  CLICK_THROUGH_RATE(
      "analytics.ctr_trends(:channels, :from, :until)",
      Days.FILTER,
      EnumSet.of(Option.CHANNELS),
      "date",
      "-day",
      day("day", "date"),
      count("impressions7d", "impressions", "impressions"),
      number("clickThroughRate7d", "ratio", "click_through_rate")),
  COST_PER_VIDEO(
      "analytics.cost_per_video(:channels)",
      Days.FILTER,
      EnumSet.of(Option.CHANNELS),
      "week, category",
      "-week",
      day("week", "week"),
      text("category", "category"),
      money("costUsd", "cost_usd"),
      count("videos", "videos", "videos")),
  REVENUE_PER_VIDEO(
      "analytics.revenue_per_video(:channels, :today)",
      Days.FILTER,
      EnumSet.of(Option.CHANNELS),
      "week",
      "-week",
      day("week", "week"),
      count("videos", "videos", "videos"),
      money("median28dUsd", "median_28d_usd"),
      money("mean28dUsd", "mean_28d_usd"),
      money("median90dUsd", "median_90d_usd"),
      money("mean90dUsd", "mean_90d_usd")),
  PROFIT_BY_MONTH(
      "analytics.profit_margins(:channels, :today)",
      Days.FILTER,
      EnumSet.of(Option.CHANNELS),
      "month",
      "-month",
      day("month", "month"),
      money("revenueUsd", "revenue_usd"),
      money("costUsd", "cost_usd"),
      money("profitUsd", "profit_usd"),
      number("margin", "ratio", "margin")),
  RETURN_BY_CHANNEL(
      "analytics.roi_by_channel(:channels, :from, :until, :today)",
      Days.PERIOD,
      EnumSet.of(Option.CHANNELS),
      "channel",
      "-revenueUsd",
      text("channel", "channel"),
      money("revenueUsd", "revenue_usd"),
      money("costUsd", "cost_usd"),
      number("returnOnCost", "ratio", "roi")),
  BREAK_EVEN(
      "analytics.break_even_analysis(:channels, :today)",
      Days.NONE,
      EnumSet.of(Option.CHANNELS),
      "age",
      "",
      text("age", "age"),
      count("videos", "videos", "videos"),
      count("pastBreakEven", "videos", "past_break_even"),
      number("share", "ratio", "share")),
  UPLOAD_SCHEDULE(
      "analytics.upload_schedule_effectiveness(:channels, :today)",
      Days.NONE,
      EnumSet.of(Option.CHANNELS),
      "weekday",
      "",
      text("weekday", "weekday"),
      number("from0", "ratio", "from_0"),
      number("from4", "ratio", "from_4"),
      number("from8", "ratio", "from_8"),
      number("from12", "ratio", "from_12"),
      number("from16", "ratio", "from_16"),
      number("from20", "ratio", "from_20"),
      count("videos", "videos", "videos"));

  /** The days that a view covers. */
  enum Days {
    /** Those asked for; its function takes them. */
    PERIOD,
    /** Those asked for; its rows of other days are left out. */
    FILTER,
    /** The running Pacific month; no period can be asked for. */
    RUNNING_MONTH,
    /** What its definition says; no period can be asked for. */
    NONE
  }

  /** A parameter of a view beside its period. */
  enum Option {
    /** Of some channels only. */
    CHANNELS,
    /** By day, week or month. */
    INTERVAL,
    /** With the period before. */
    COMPARE
  }

  private final String function;
  private final Days days;
  private final Set<Option> options;
  private final String key;
  private final String sort;
  private final List<Column> columns;

  /**
   * A view.
   *
   * @param function the call, with the parameters {@code :channels}, {@code :from}, {@code :until},
   *     {@code :interval} and {@code :today}
   * @param key columns in SQL by which rows differ, so that their order is the same at each call
   * @param sort the order when none is asked for; empty: that of the key
   */
  AnalyticsView(
      String function, Days days, Set<Option> options, String key, String sort, Column... columns) {
    this.function = function;
    this.days = days;
    this.options = Set.copyOf(options);
    this.key = key;
    this.sort = sort;
    this.columns = List.of(columns);
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<AnalyticsView> of(String label) {
    return Arrays.stream(values()).filter(view -> view.label().equals(label)).findFirst();
  }

  static String labels() {
    return Arrays.stream(values()).map(AnalyticsView::label).collect(Collectors.joining(", "));
  }

  String function() {
    return function;
  }

  Days days() {
    return days;
  }

  boolean takesPeriod() {
    return days == Days.PERIOD || days == Days.FILTER;
  }

  boolean takes(Option option) {
    return options.contains(option);
  }

  String key() {
    return key;
  }

  /** The column of its function that holds the day of a row: its first. */
  String dateColumn() {
    return columns.getFirst().sql();
  }

  /** The columns of an answer. */
  List<Column> columns(boolean isCompared) {
    return isCompared
        ? columns
        : columns.stream().filter(column -> !column.isComparison()).toList();
  }

  /** The order when none is asked for, as a request names it; empty: that of the keys. */
  String defaultSort() {
    return sort;
  }
}
