package com.ytempire.sidecar.reports;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jspecify.annotations.Nullable;

/**
 * Reads the figures of the tenant's reports by the functions that its dashboards use. Null is not
 * reported yet.
 */
interface FiguresDao {
  /** Revenue of a Pacific day, and its mean of 7 days. */
  record RevenueDay(LocalDate date, BigDecimal revenueUsd, @Nullable BigDecimal mean7dUsd) {}

  /** Views between two moments by current statistics, of so many channels. */
  record ObservedViews(@Nullable BigDecimal views, long channels, long activeChannels) {}

  /** The running month. */
  record Month(
      LocalDate month,
      @Nullable BigDecimal revenueUsd,
      @Nullable LocalDate knownUntil,
      int knownDays,
      int daysInMonth,
      @Nullable BigDecimal lastMonthSameDaysUsd,
      @Nullable BigDecimal expectedUsd,
      BigDecimal targetUsd,
      @Nullable BigDecimal progress,
      String status) {}

  /** The time at which the target is reached. */
  record Projection(String projection, @Nullable Integer daysLeft) {}

  /** A channel in a period, beside the period before. */
  record ChannelFigures(
      String channel,
      String state,
      @Nullable LocalDate asOf,
      @Nullable BigDecimal revenueUsd,
      @Nullable BigDecimal revenueChange,
      @Nullable BigDecimal views,
      @Nullable BigDecimal viewsChange,
      @Nullable BigDecimal rpmUsd,
      @Nullable BigDecimal costUsd,
      @Nullable BigDecimal profitUsd) {}

  /** A video in a period. */
  record Video(
      String title,
      String url,
      String channel,
      @Nullable BigDecimal views,
      @Nullable BigDecimal revenueUsd) {}

  /** All channels in a period, beside the period before. */
  record Totals(
      long videosPublished,
      @Nullable BigDecimal revenueUsd,
      @Nullable BigDecimal revenueChange,
      @Nullable BigDecimal previousRevenueUsd,
      @Nullable BigDecimal views,
      @Nullable BigDecimal viewsChange,
      @Nullable BigDecimal watchHours,
      @Nullable BigDecimal netSubscribers,
      @Nullable BigDecimal costUsd,
      @Nullable BigDecimal profitUsd) {}

  /** A block of four hours in which uploads did well: ratio to the channel's median. */
  record Slot(String weekday, int fromHour, BigDecimal ratio, long videos) {}

  /** Click-through rate of the newest 7 days, and of the 7 that ended 28 days before. */
  record ClickThrough(@Nullable BigDecimal now, @Nullable BigDecimal before) {}

  /** Revenue and cost of a month. */
  record MonthResult(
      LocalDate month, @Nullable BigDecimal revenueUsd, @Nullable BigDecimal costUsd) {}

  /** A video that does far better than its channel's others at that age. */
  record Outlier(String title, String channel, BigDecimal ratio, String age) {}

  @SqlQuery("select analytics.revenue_known_until(null, :today)")
  Optional<LocalDate> revenueKnownUntil(LocalDate today);

  @SqlQuery("select analytics.views_known_until(null, :today)")
  Optional<LocalDate> viewsKnownUntil(LocalDate today);

  @SqlQuery(
      "select date, revenue_usd, mean_7d_usd from analytics.daily_revenue(null, :today) where date between :from and :until order by date")
  @RegisterConstructorMapper(RevenueDay.class)
  List<RevenueDay> revenueDays(LocalDate today, LocalDate from, LocalDate until);

  @SqlQuery(
      """
      select sum(e.views - b.views) as views, count(e.views - b.views) as channels, count(*) as active_channels
        from analytics.channels c
        left join lateral (select s.views from analytics.channel_statistics s
                            where s.channel_id = c.channel_id and s.observed_at <= :until and s.observed_at > :until - interval '1 hour'
                            order by s.observed_at desc limit 1) e on true
        left join lateral (select s.views from analytics.channel_statistics s
                            where s.channel_id = c.channel_id and s.observed_at <= :from and s.observed_at > :from - interval '1 hour'
                            order by s.observed_at desc limit 1) b on true
       where c.is_active and c.connection = 'connected'
      """)
  @RegisterConstructorMapper(ObservedViews.class)
  ObservedViews observedViews(Instant from, Instant until);

  @SqlQuery(
      "select month, revenue_usd, known_until, coalesce(known_days, 0) as known_days, days_in_month, last_month_same_days_usd, expected_usd, target_usd, progress, status from analytics.current_month_revenue(null, :today)")
  @RegisterConstructorMapper(Month.class)
  Month month(LocalDate today);

  @SqlQuery("select projection, days_left from analytics.days_to_10k_projection(null, :today)")
  @RegisterConstructorMapper(Projection.class)
  Projection projection(LocalDate today);

  @SqlQuery(
      "select channel, state, as_of, revenue_usd, revenue_change, views, views_change, rpm_usd, cost_usd, profit_usd from analytics.channel_performance_comparison(null, :days, :today) order by revenue_usd desc nulls last, views desc nulls last, channel")
  @RegisterConstructorMapper(ChannelFigures.class)
  List<ChannelFigures> lastDays(int days, LocalDate today);

  @SqlQuery(
      "select channel, state, null\\:\\:date as as_of, revenue_usd, revenue_change, views, views_change, rpm_usd, cost_usd, profit_usd from analytics.channel_comparison(null, :from, :until) order by revenue_usd desc nulls last, views desc nulls last, channel")
  @RegisterConstructorMapper(ChannelFigures.class)
  List<ChannelFigures> channels(LocalDate from, LocalDate until);

  @SqlQuery(
      "select title, url, channel, views, revenue_usd from analytics.top_videos(null, :from, :until) order by views desc nulls last, video_id limit :limit")
  @RegisterConstructorMapper(Video.class)
  List<Video> topVideos(LocalDate from, LocalDate until, int limit);

  @SqlQuery(
      "select videos_published, revenue_usd, revenue_change, previous_revenue_usd, views, views_change, watch_hours, net_subscribers, cost_usd, profit_usd from analytics.period_totals(null, :from, :until)")
  @RegisterConstructorMapper(Totals.class)
  Totals totals(LocalDate from, LocalDate until);

  @SqlQuery(
      """
      select s.weekday, b.hour as from_hour, b.ratio, s.videos
        from analytics.upload_schedule_effectiveness(null, :today) s
       cross join lateral (values (0, s.from_0), (4, s.from_4), (8, s.from_8), (12, s.from_12), (16, s.from_16), (20, s.from_20)) b (hour, ratio)
       where b.ratio is not null
       order by b.ratio desc, s.weekday, b.hour limit 1
      """)
  @RegisterConstructorMapper(Slot.class)
  Optional<Slot> bestSlot(LocalDate today);

  @SqlQuery(
      """
      select max(click_through_rate) filter (where date = as_of) as now, max(click_through_rate) filter (where date = as_of - 28) as before
        from analytics.ctr_trends(null, :from, :today)
      """)
  @RegisterConstructorMapper(ClickThrough.class)
  ClickThrough clickThrough(LocalDate from, LocalDate today);

  @SqlQuery(
      "select month, revenue_usd, cost_usd from analytics.profit_margins(null, :today) where month between :from and :until order by month")
  @RegisterConstructorMapper(MonthResult.class)
  List<MonthResult> months(LocalDate today, LocalDate from, LocalDate until);

  @SqlQuery(
      "select video as title, channel, against_median as ratio, age from analytics.best_performing_videos(null, :from, :until, 20, :today) where against_median >= 1.5 and published > :today - 28 order by against_median desc limit 3")
  @RegisterConstructorMapper(Outlier.class)
  List<Outlier> outliers(LocalDate from, LocalDate until, LocalDate today);
}
