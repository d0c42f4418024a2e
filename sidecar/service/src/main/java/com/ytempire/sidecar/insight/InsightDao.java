package com.ytempire.sidecar.insight;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Reads the figures of a week of the tenant, and reads and writes what was written of it. */
interface InsightDao {
  /** All channels together. */
  record Totals(
      @Nullable BigDecimal revenueUsd,
      @Nullable BigDecimal revenueChange,
      @Nullable BigDecimal views,
      @Nullable BigDecimal viewsChange,
      @Nullable BigDecimal watchHours,
      @Nullable BigDecimal rpmUsd,
      @Nullable BigDecimal netSubscribers,
      @Nullable BigDecimal costUsd,
      @Nullable BigDecimal profitUsd,
      long videosPublished) {}

  @SqlQuery(
      "select revenue_usd, revenue_change, views, views_change, watch_hours, rpm_usd, net_subscribers, cost_usd, profit_usd, videos_published from analytics.period_totals(null, :from, :until)")
  @RegisterConstructorMapper(Totals.class)
  Totals totals(LocalDate from, LocalDate until);

  /** A channel of the week. */
  record ChannelWeek(
      String channelId,
      String channel,
      @Nullable BigDecimal revenueUsd,
      @Nullable BigDecimal viewsChange) {}

  @SqlQuery(
      "select channel_id, channel, revenue_usd, views_change from analytics.channel_comparison(null, :from, :until) where views is not null order by views desc, channel_id")
  @RegisterConstructorMapper(ChannelWeek.class)
  List<ChannelWeek> channels(LocalDate from, LocalDate until);

  /** The video with the most views of the week. */
  record TopVideo(String videoId, String title, BigDecimal views) {}

  @SqlQuery(
      "select video_id, title, views from analytics.top_videos(null, :from, :until) where views is not null and title is not null order by views desc, video_id limit 1")
  @RegisterConstructorMapper(TopVideo.class)
  Optional<TopVideo> topVideo(LocalDate from, LocalDate until);

  @SqlQuery("select channel_id from analytics.channels where not is_hidden order by channel_id")
  List<String> channelIds();

  @SqlQuery(
      "select notification_settings ->> 'numberLanguage' from analytics.user_dashboard_config where notification_settings ->> 'numberLanguage' is not null")
  Optional<String> numberLanguage();

  @SqlQuery("select monthly_budget_usd from analytics.insight_settings")
  Optional<BigDecimal> budget();

  @SqlUpdate(
      "insert into analytics.insight_settings (monthly_budget_usd, updated_at) values (:usd, :at) on conflict (user_id) do update set monthly_budget_usd = excluded.monthly_budget_usd, updated_at = excluded.updated_at")
  int setBudget(BigDecimal usd, Instant at);

  /** What answers of models for insights have cost since a moment. */
  @SqlQuery(
      "select coalesce(sum(amount_usd), 0) from analytics.costs where at >= :since and external_id like 'insight/%'")
  BigDecimal spent(Instant since);

  /** What an answer cost. */
  @SqlQuery(
      "select coalesce(sum(amount_usd), 0) from analytics.costs where provider = :provider and external_id like 'insight/' || :responseId || '/%'")
  BigDecimal costOf(String provider, String responseId);

  /** The stored insight of a week. */
  record StoredInsight(
      List<String> sentences,
      String source,
      @Nullable String reason,
      @Nullable String model,
      Instant createdAt) {}

  @SqlQuery(
      "select sentences, author as source, reason, model, written_at as created_at from analytics.insights where week = :week")
  @RegisterConstructorMapper(StoredInsight.class)
  Optional<StoredInsight> find(LocalDate week);

  /** Stores sentences; those of rules do not replace a model's. */
  @SqlUpdate(
      """
      insert into analytics.insights as i (week, sentences, author, reason, model, channel_ids, video_ids, written_at)
      values (:week, :sentences, :source, :reason, :model, :channelIds, :videoIds, :at)
      on conflict (user_id, week) do update
         set sentences = excluded.sentences, author = excluded.author, reason = excluded.reason, model = excluded.model,
             channel_ids = excluded.channel_ids, video_ids = excluded.video_ids, written_at = excluded.written_at
       where excluded.author = 'model' or i.author = 'rules'
      """)
  int store(
      LocalDate week,
      String[] sentences,
      String source,
      @Nullable String reason,
      @Nullable String model,
      String[] channelIds,
      String[] videoIds,
      Instant at);
}
