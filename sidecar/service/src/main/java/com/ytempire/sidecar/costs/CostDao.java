package com.ytempire.sidecar.costs;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jspecify.annotations.Nullable;

/** Reads and writes the ledger of the tenant. */
interface CostDao {
  /** The price of {@code per} units. */
  record UnitPrice(BigDecimal usd, int per) {}

  @SqlQuery("select * from app.price_at(:provider, :model, :unit, :at)")
  @RegisterConstructorMapper(UnitPrice.class)
  Optional<UnitPrice> price(String provider, @Nullable String model, String unit, Instant at);

  /** A stored video and its channel. */
  record KnownVideo(String videoId, String channelId) {}

  @SqlQuery("select video_id, channel_id from analytics.videos where video_id = any(:ids)")
  @RegisterConstructorMapper(KnownVideo.class)
  List<KnownVideo> videos(String[] ids);

  /** Those of the channels that are the tenant's, and not about to be erased. */
  @SqlQuery(
      "select channel_id from analytics.channels where channel_id = any(:ids) and not is_hidden")
  List<String> channels(String[] ids);

  /** A cost as the ledger has it. */
  record Entry(UUID costId, String provider, String externalId, BigDecimal amountUsd) {}

  /**
   * Books what was not booked before.
   *
   * @param rows a JSON array of objects with the names of the columns
   */
  @SqlQuery(
      """
      insert into analytics.costs (at, channel_id, video_id, category, provider, model, quantity, unit, amount_usd, basis, external_id)
      select at, channel_id, video_id, category, provider, model, quantity, unit, amount_usd, basis, external_id
        from jsonb_to_recordset(cast(:rows as jsonb)) as r(at timestamptz, channel_id text, video_id text, category text, provider text, model text,
                                                           quantity numeric, unit text, amount_usd numeric, basis text, external_id text)
      on conflict do nothing
      returning cost_id, provider, external_id, amount_usd
      """)
  @RegisterConstructorMapper(Entry.class)
  List<Entry> book(String rows);

  /** What is booked of these, by provider and external id. */
  @SqlQuery(
      """
      select c.cost_id, c.provider, c.external_id, c.amount_usd
        from analytics.costs c
        join unnest(cast(:providers as text[]), cast(:externalIds as text[])) k(provider, external_id)
          on k.provider = c.provider and k.external_id = c.external_id
      """)
  @RegisterConstructorMapper(Entry.class)
  List<Entry> find(String[] providers, String[] externalIds);

  /** {@code schemas/cost.json}. */
  record Cost(
      UUID costId,
      Instant at,
      @Nullable String channelId,
      @Nullable String videoId,
      String category,
      String provider,
      @Nullable String model,
      @Nullable BigDecimal quantity,
      @Nullable String unit,
      BigDecimal amountUsd,
      String basis,
      String externalId) {}

  @SqlQuery(
      """
      select cost_id, at, channel_id, video_id, category, provider, model, quantity, unit, amount_usd, basis, external_id
        from analytics.costs
       where (cast(:from as timestamptz) is null or at >= :from) and (cast(:until as timestamptz) is null or at < :until)
         and (cast(:channelId as text) is null or channel_id = :channelId) and (cast(:videoId as text) is null or video_id = :videoId)
         and (cast(:category as text) is null or category = :category)
         and (cast(:after as uuid) is null or (at, cost_id) < (select c.at, c.cost_id from analytics.costs c where c.cost_id = :after))
       order by at desc, cost_id desc limit :limit
      """)
  @RegisterConstructorMapper(Cost.class)
  List<Cost> list(
      @Nullable Instant from,
      @Nullable Instant until,
      @Nullable String channelId,
      @Nullable String videoId,
      @Nullable String category,
      @Nullable UUID after,
      int limit);

  /** A group of costs in a month, beside its limit. */
  record Group(
      LocalDate month,
      String costGroup,
      long videos,
      @Nullable BigDecimal costUsd,
      @Nullable BigDecimal costPerVideoUsd,
      BigDecimal limitUsd,
      boolean isPassed) {}

  /**
   * Four groups of each month.
   *
   * @param months their first days
   * @param videoIds whose months of publication are added
   */
  @SqlQuery(
      """
      select month, cost_group, videos, round(cost_usd, 4) as cost_usd, cost_per_video_usd, limit_usd, is_passed
        from analytics.cost_groups_by_month(array(
          select m from unnest(cast(:months as date[])) m
           union
          select date_trunc('month', analytics.pacific_day(t.published_at)\\:\\:timestamp)\\:\\:date
            from analytics.video_totals t where t.video_id = any(:videoIds) and t.published_at is not null))
      """)
  @RegisterConstructorMapper(Group.class)
  List<Group> groups(LocalDate[] months, String[] videoIds);

  @SqlQuery(
      """
      select sum(amount_usd) from analytics.costs
       where at >= cast(:month as date)\\:\\:timestamp at time zone 'America/Los_Angeles'
         and at < (cast(:month as date) + interval '1 month') at time zone 'America/Los_Angeles'
      """)
  @Nullable BigDecimal booked(LocalDate month);

  /** The costs of a channel's videos. */
  record ChannelCosts(
      String channelId,
      String channel,
      long videos,
      @Nullable BigDecimal costUsd,
      @Nullable BigDecimal costPerVideoUsd,
      boolean isPassed) {}

  @SqlQuery(
      """
      select v.channel_id, c.channel_name as channel, count(*) as videos, round(sum(v.cost_usd), 4) as cost_usd,
             round(sum(v.cost_usd) / count(*), 4) as cost_per_video_usd,
             coalesce(sum(v.cost_usd) > count(*) * max(l.limit_usd), false) as is_passed
        from analytics.month_video_costs(:month) v
        join analytics.channels c on c.channel_id = v.channel_id
        join analytics.cost_limits() l on l.cost_group = 'total'
       group by v.channel_id, c.channel_name
       order by cost_per_video_usd desc nulls last, v.channel_id
      """)
  @RegisterConstructorMapper(ChannelCosts.class)
  List<ChannelCosts> byChannel(LocalDate month);

  /** The costs of a video. */
  record VideoCosts(
      String videoId,
      String title,
      String channelId,
      LocalDate published,
      @Nullable BigDecimal dataUsd,
      @Nullable BigDecimal aiUsd,
      @Nullable BigDecimal platformUsd,
      @Nullable BigDecimal costUsd,
      boolean isPassed) {}

  @SqlQuery(
      """
      select v.video_id, coalesce(t.title, v.video_id) as title, v.channel_id, v.published, round(v.data_usd, 4) as data_usd, round(v.ai_usd, 4) as ai_usd,
             round(v.platform_usd, 4) as platform_usd, round(v.cost_usd, 4) as cost_usd, coalesce(v.cost_usd > l.limit_usd, false) as is_passed
        from analytics.month_video_costs(:month) v
        join analytics.cost_limits() l on l.cost_group = 'total'
        left join analytics.videos t on t.video_id = v.video_id
       order by v.cost_usd desc nulls last, v.video_id limit 100
      """)
  @RegisterConstructorMapper(VideoCosts.class)
  List<VideoCosts> byVideo(LocalDate month);

  /** The tenant's videos that were published in a Pacific month. */
  @SqlQuery(
      """
      select count(*) from analytics.video_totals
       where published_at >= cast(:month as date)\\:\\:timestamp at time zone 'America/Los_Angeles'
         and published_at < (cast(:month as date) + interval '1 month') at time zone 'America/Los_Angeles'
      """)
  long videosOf(LocalDate month);

  /** What is metered of a provider in a calendar month, UTC: in a unit of the ledger, or in USD. */
  @SqlQuery(
      """
      select coalesce(sum(case when :unit = 'usd' then amount_usd else quantity end), 0) from analytics.costs
       where provider = :provider and basis = 'metered' and (:unit = 'usd' or unit = :unit)
         and at >= cast(:month as date)\\:\\:timestamp at time zone 'UTC'
         and at < (cast(:month as date) + interval '1 month') at time zone 'UTC'
      """)
  BigDecimal metered(String provider, String unit, LocalDate month);
}
