-- What the API and the nodes read back of a period: stored metrics, and channels, videos and costs of exactly these Pacific days. They read the
-- tenant's views with the rights of whoever calls, as the functions of R__3_analytics.sql do; what is said there holds here, too.
--
-- A period is p_from to p_until, both included. The period before is as long and ends on the day before it. Figures of the period before cover
-- the days whose counterparts are reported, and a change is null unless every reported day has its counterpart: days that YouTube has not
-- reported yet do not look like a loss.
set role ytempire_owner;

-- Stored metrics of each channel by day, week (from Monday) or month. The first and the last may be cut off by the period.
-- days: how many of them are reported. Null: reported on none.
create or replace function analytics.metric_days(p_channels text[], p_from date, p_until date, p_interval text default 'day')
returns table (date date, channel_id text, channel text, days bigint, views numeric, engaged_views numeric, watch_hours numeric,
               average_view_percentage numeric, likes numeric, comments numeric, shares numeric, subscribers_gained numeric,
               subscribers_lost numeric, revenue_usd numeric, ad_revenue_usd numeric, rpm_usd numeric)
language sql stable
as $$
  select date_trunc(case when p_interval in ('week', 'month') then p_interval else 'day' end, d.date::timestamp)::date, d.channel_id, c.label,
         count(*), sum(d.views), sum(d.engaged_views), round(sum(d.watch_time_minutes) / 60.0, 2),
         round(sum(d.average_view_percentage * coalesce(d.engaged_views, d.views))
               / nullif(sum(coalesce(d.engaged_views, d.views)) filter (where d.average_view_percentage is not null), 0), 2),
         sum(d.likes), sum(d.comments), sum(d.shares), sum(d.subscribers_gained), sum(d.subscribers_lost), sum(d.revenue_usd),
         sum(d.ad_revenue_usd),
         round(1000 * sum(d.revenue_usd) filter (where d.views is not null)
               / nullif(sum(d.views) filter (where d.revenue_usd is not null), 0), 4)
    from analytics.youtube_metrics d
    join analytics.channel_labels c on c.channel_id = d.channel_id
   where d.date between p_from and p_until and (p_channels is null or d.channel_id = any(p_channels))
   group by 1, 2, 3
$$;

-- The days of each channel in a period, each beside the day that is a period earlier.
create or replace function analytics.paired_days(p_channels text[], p_from date, p_until date)
returns table (channel_id text, date date, views bigint, watch_time_minutes bigint, net_subscribers bigint, revenue_usd numeric,
               previous_views bigint, previous_watch_time_minutes bigint, previous_net_subscribers bigint, previous_revenue_usd numeric)
language sql stable
as $$
  select d.channel_id, d.date, d.views, d.watch_time_minutes::bigint, (d.subscribers_gained - d.subscribers_lost)::bigint, d.revenue_usd,
         b.views, b.watch_time_minutes::bigint, (b.subscribers_gained - b.subscribers_lost)::bigint, b.revenue_usd
    from analytics.youtube_metrics d
    left join analytics.youtube_metrics b on b.channel_id = d.channel_id and b.date = d.date - (p_until - p_from + 1)
   where d.date between p_from and p_until and (p_channels is null or d.channel_id = any(p_channels))
$$;

-- Each channel in a period beside the period before.
create or replace function analytics.channel_comparison(p_channels text[], p_from date, p_until date)
returns table (channel_id text, channel text, url text, state text, days bigint, revenue_usd numeric, views numeric, watch_hours numeric,
               rpm_usd numeric, net_subscribers numeric, cost_usd numeric, profit_usd numeric, previous_revenue_usd numeric,
               revenue_change numeric, previous_views numeric, views_change numeric, previous_watch_hours numeric,
               previous_net_subscribers numeric)
language sql stable
as $$
  select c.channel_id, c.label, c.url,
         case when not c.is_active then 'stopped' when c.connection <> 'connected' then c.connection when c.monetized is false then 'not-monetized'
              else 'active' end,
         s.days, s.revenue_usd, s.views, s.watch_hours, s.rpm_usd, s.net_subscribers, e.cost_usd, s.revenue_usd - e.cost_usd,
         s.previous_revenue_usd,
         case when s.revenue_days = s.revenue_pairs and s.previous_revenue_usd >= 1 then round(s.revenue_usd / s.previous_revenue_usd - 1, 4) end,
         s.previous_views, case when s.view_days = s.view_pairs then round(s.views / nullif(s.previous_views, 0) - 1, 4) end,
         s.previous_watch_hours, s.previous_net_subscribers
    from analytics.channel_labels c
    left join lateral (
      select count(*) as days, sum(d.revenue_usd) as revenue_usd, sum(d.views) as views, round(sum(d.watch_time_minutes) / 60.0, 2) as watch_hours,
             round(1000 * sum(d.revenue_usd) filter (where d.views is not null) / nullif(sum(d.views) filter (where d.revenue_usd is not null), 0), 4) as rpm_usd,
             sum(d.net_subscribers) as net_subscribers, sum(d.previous_revenue_usd) filter (where d.revenue_usd is not null) as previous_revenue_usd,
             sum(d.previous_views) filter (where d.views is not null) as previous_views,
             round(sum(d.previous_watch_time_minutes) filter (where d.watch_time_minutes is not null) / 60.0, 2) as previous_watch_hours,
             sum(d.previous_net_subscribers) filter (where d.net_subscribers is not null) as previous_net_subscribers,
             count(d.revenue_usd) as revenue_days, count(d.previous_revenue_usd) filter (where d.revenue_usd is not null) as revenue_pairs,
             count(d.views) as view_days, count(d.previous_views) filter (where d.views is not null) as view_pairs
        from analytics.paired_days(array[c.channel_id], p_from, p_until) d) s on true
    left join lateral (
      select sum(e.amount_usd) as cost_usd
        from analytics.costs e
       where e.channel_id = c.channel_id and (e.at at time zone 'America/Los_Angeles')::date between p_from and p_until) e on true
   where p_channels is null or c.channel_id = any(p_channels)
$$;

-- All channels together in a period: one row. Costs that belong to no channel count where all channels are asked for.
create or replace function analytics.period_totals(p_channels text[], p_from date, p_until date)
returns table (channels bigint, channel_days bigint, videos_published bigint, revenue_usd numeric, views numeric, watch_hours numeric, rpm_usd numeric,
               net_subscribers numeric, cost_usd numeric, metered_cost_usd numeric, profit_usd numeric, return_on_cost numeric,
               cost_per_video_usd numeric, previous_revenue_usd numeric, revenue_change numeric, previous_views numeric, views_change numeric,
               previous_watch_hours numeric, previous_net_subscribers numeric, previous_cost_usd numeric)
language sql stable
as $$
  select (select count(*) from analytics.channel_labels c where p_channels is null or c.channel_id = any(p_channels)), s.days, v.videos,
         s.revenue_usd, s.views, s.watch_hours, s.rpm_usd, s.net_subscribers, e.cost_usd, e.metered_usd, s.revenue_usd - e.cost_usd,
         case when e.cost_usd > 0 then round((s.revenue_usd - e.cost_usd) / e.cost_usd, 4) end, round(e.cost_usd / nullif(v.videos, 0), 4),
         s.previous_revenue_usd,
         case when s.revenue_days = s.revenue_pairs and s.previous_revenue_usd >= 1 then round(s.revenue_usd / s.previous_revenue_usd - 1, 4) end,
         s.previous_views, case when s.view_days = s.view_pairs then round(s.views / nullif(s.previous_views, 0) - 1, 4) end,
         s.previous_watch_hours, s.previous_net_subscribers, e.previous_usd
    from (select count(*) as days, sum(d.revenue_usd) as revenue_usd, sum(d.views) as views, round(sum(d.watch_time_minutes) / 60.0, 2) as watch_hours,
                 round(1000 * sum(d.revenue_usd) filter (where d.views is not null) / nullif(sum(d.views) filter (where d.revenue_usd is not null), 0), 4) as rpm_usd,
                 sum(d.net_subscribers) as net_subscribers, sum(d.previous_revenue_usd) filter (where d.revenue_usd is not null) as previous_revenue_usd,
                 sum(d.previous_views) filter (where d.views is not null) as previous_views,
                 round(sum(d.previous_watch_time_minutes) filter (where d.watch_time_minutes is not null) / 60.0, 2) as previous_watch_hours,
                 sum(d.previous_net_subscribers) filter (where d.net_subscribers is not null) as previous_net_subscribers,
                 count(d.revenue_usd) as revenue_days, count(d.previous_revenue_usd) filter (where d.revenue_usd is not null) as revenue_pairs,
                 count(d.views) as view_days, count(d.previous_views) filter (where d.views is not null) as view_pairs
            from analytics.paired_days(p_channels, p_from, p_until) d) s
   cross join (select count(*) as videos from analytics.video_totals t
                where (t.published_at at time zone 'America/Los_Angeles')::date between p_from and p_until
                  and (p_channels is null or t.channel_id = any(p_channels))) v
   cross join (select sum(e.amount_usd) filter (where x.day >= p_from) as cost_usd,
                      sum(e.amount_usd) filter (where x.day >= p_from and e.basis = 'metered') as metered_usd,
                      sum(e.amount_usd) filter (where x.day < p_from) as previous_usd
                 from analytics.costs e cross join lateral (select (e.at at time zone 'America/Los_Angeles')::date as day) x
                where x.day between p_from - (p_until - p_from + 1) and p_until and (p_channels is null or e.channel_id = any(p_channels))) e
$$;

-- Every video with figures in a period. Whole weeks come from their rollup, the days before the first and after the last from the days. Revenue
-- for a thousand views is of the days up to which revenue is reported.
create or replace function analytics.top_videos(p_channels text[], p_from date, p_until date)
returns table (video_id text, title text, url text, channel_id text, channel text, published date, views numeric, watch_hours numeric,
               revenue_usd numeric, rpm_usd numeric, views_48h bigint, total_views bigint, total_revenue_usd numeric, watched numeric)
language sql stable
as $$
  with weeks as materialized (
    select date_trunc('week', (p_from + 6)::timestamp)::date as first, date_trunc('week', (p_until + 1)::timestamp)::date - 7 as last),
  parts as (
    select w.video_id, w.views, w.watch_time_minutes, w.revenue_usd
      from analytics.video_weeks w, weeks k
     where w.week between k.first and k.last and (p_channels is null or w.channel_id = any(p_channels))
    union all
    select d.video_id, d.views, d.watch_time_minutes, d.revenue_usd
      from analytics.video_metrics d, weeks k
     where d.date between p_from and least(p_until, case when k.first <= k.last then k.first - 1 else p_until end)
       and (p_channels is null or d.channel_id = any(p_channels))
    union all
    select d.video_id, d.views, d.watch_time_minutes, d.revenue_usd
      from analytics.video_metrics d, weeks k
     where k.first <= k.last and d.date between k.last + 7 and p_until and (p_channels is null or d.channel_id = any(p_channels))),
  sums as materialized (
    select x.video_id, sum(x.views) as views, round(sum(x.watch_time_minutes) / 60.0, 2) as watch_hours, sum(x.revenue_usd) as revenue_usd
      from parts x group by x.video_id),
  known as materialized (select analytics.revenue_known_until(p_channels, p_until) as day),
  late as materialized (
    select d.video_id, sum(d.views) as views, sum(d.revenue_usd) as revenue_usd
      from analytics.video_metrics d, known
     where d.date > known.day and d.date between p_from and p_until and (p_channels is null or d.channel_id = any(p_channels))
     group by d.video_id)
  select s.video_id, coalesce(v.title, 'Video ' || s.video_id), 'https://www.youtube.com/watch?v=' || s.video_id, t.channel_id, c.label,
         (t.published_at at time zone 'America/Los_Angeles')::date, s.views, s.watch_hours, s.revenue_usd,
         round(1000 * (s.revenue_usd - coalesce(l.revenue_usd, 0)) / nullif(s.views - coalesce(l.views, 0), 0), 4), t.views_48h, t.views, t.revenue_usd,
         round(t.weighted_percentage / nullif(t.percentage_weight, 0) / 100, 4)
    from sums s
    left join late l on l.video_id = s.video_id
    join analytics.video_totals t on t.video_id = s.video_id
    join analytics.channel_labels c on c.channel_id = t.channel_id
    left join analytics.videos v on v.video_id = s.video_id
$$;

do $$
declare
  f text;
begin
  foreach f in array '{metric_days,paired_days,channel_comparison,period_totals,top_videos}'::text[] loop
    execute format('revoke all on function analytics.%I from public', f);
    execute format('grant execute on function analytics.%I to ytempire_app, ytempire_reader', f);
  end loop;
end $$;

reset role;
