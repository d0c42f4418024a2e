-- What dashboards and reports show: one function for each panel, and the views of a user's progress. They read the tenant's views and nothing
-- else, with the rights of whoever calls.
--
-- Everywhere: days are YouTube's (Pacific). Null is "not reported yet", never 0. Channels that were stopped count, because what they earned stays
-- earned. p_channels null: all channels. p_today: the Pacific day on which it is asked. Sums over several channels end on the day up to which all
-- of them are reported, so that a channel that is late does not look like a loss.
--
-- A day that is asked for once stands in a materialized CTE: the planner, which has no statistics of users' rows, otherwise takes it for cheap and
-- calls the function for each row.
set role ytempire_owner;

-- The YouTube day (Pacific) of a moment. For functions that run with the rights of a tenant's login, which cannot name what is in core.
create or replace function analytics.pacific_day(p_at timestamptz) returns date
language sql immutable parallel safe
return core.pacific_day(p_at);

create or replace function analytics.pacific_today() returns date
language sql stable
as $$ select analytics.pacific_day(now()) $$;

-- The channels a user sees, with a label that tells two of one name apart.
call core.replace_view('analytics.channel_labels', $$
select c.user_id, c.channel_id, c.channel_name || case when count(*) over (partition by c.channel_name) > 1 then ' (' || right(c.channel_id, 4) || ')' else '' end as label,
       c.is_active, c.monetised, c.connection, 'https://www.youtube.com/channel/' || c.channel_id as url, c.monetised as monetized
  from core.channels c where c.user_id = (select sec.tenant()) and not c.is_hidden
$$, p_is_writable => false);
comment on view analytics.channel_labels is 'One row a channel that is not disconnected. label: its name, with the end of its id where two have one name.';

-- The last day up to which revenue is reported of every channel; a channel that is more than a week behind the others holds nobody up. A look from the
-- newest day of each channel, instead of at all its days.
create or replace function analytics.revenue_known_until(p_channels text[] default null, p_today date default analytics.pacific_today()) returns date
language sql stable
as $$
  select min(y.last) filter (where y.last >= y.newest - 7)
    from (select x.last, max(x.last) over () as newest
            from analytics.channels c
           cross join lateral (
             select d.date as last
               from analytics.youtube_metrics d
              where d.channel_id = c.channel_id and d.revenue_usd is not null and d.date <= p_today and d.date > p_today - 400
              order by d.date desc limit 1) x
           where p_channels is null or c.channel_id = any(p_channels)) y
$$;

-- The same of views.
create or replace function analytics.views_known_until(p_channels text[] default null, p_today date default analytics.pacific_today()) returns date
language sql stable
as $$
  select min(y.last) filter (where y.last >= y.newest - 7)
    from (select x.last, max(x.last) over () as newest
            from analytics.channels c
           cross join lateral (
             select d.date as last
               from analytics.youtube_metrics d
              where d.channel_id = c.channel_id and d.views is not null and d.date <= p_today and d.date > p_today - 400
              order by d.date desc limit 1) x
           where p_channels is null or c.channel_id = any(p_channels)) y
$$;

-- Revenue of all channels together, by day, and its mean of the last 7 reported days.
create or replace function analytics.daily_revenue(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (date date, revenue_usd numeric, mean_7d_usd numeric, as_of date)
language sql stable
as $$
  with k as materialized (select analytics.revenue_known_until(p_channels, p_today) as day)
  select d.date, sum(d.revenue_usd),
         case when count(*) over w = 7 then round(avg(sum(d.revenue_usd)) over w, 4) end, k.day
    from k
    join analytics.youtube_metrics d on d.date <= k.day and d.revenue_usd is not null
   where p_channels is null or d.channel_id = any(p_channels)
   group by d.date, k.day
  window w as (order by d.date rows between 6 preceding and current row)
$$;

-- ---- revenue_tracker ----

-- The running month: so far, at the same day of last month, and at the pace of the days that are reported.
create or replace function analytics.current_month_revenue(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (month date, revenue_usd numeric, known_until date, known_days integer, days_in_month integer, last_month_same_days_usd numeric,
               expected_usd numeric, target_usd numeric, progress numeric, status text)
language sql stable
as $$
  with m as materialized (
    select date_trunc('month', p_today::timestamp)::date as month,
           extract(day from date_trunc('month', p_today::timestamp) + interval '1 month - 1 day')::integer as days_in_month,
           analytics.revenue_known_until(p_channels, p_today) as known_until)
  select m.month, s.revenue_usd, m.known_until, s.known_days, m.days_in_month, s.last_month_same_days_usd,
         round(s.revenue_usd / nullif(s.known_days, 0) * m.days_in_month, 2), u.target_revenue_usd,
         case when s.revenue_usd < 0 then 0 else round(s.revenue_usd / u.target_revenue_usd, 4) end,
         case
           when s.revenue_usd >= u.target_revenue_usd then 'reached'
           when m.known_until is null and s.is_not_monetized then 'not-monetized'
           when m.known_until is null then 'no-revenue-yet'
           when s.known_days = 0 then 'not-reported-yet'
           when s.revenue_usd <= 0 then 'no-revenue-yet'
           when s.revenue_usd / s.known_days * m.days_in_month >= u.target_revenue_usd then 'on-track'
           else 'behind'
         end
    from analytics.users u
   cross join m
   cross join lateral (
     select sum(d.revenue_usd) filter (where d.date >= m.month) as revenue_usd,
            count(distinct d.date) filter (where d.date >= m.month)::integer as known_days,
            -- As many days; a month of 31 has no like in one of 30, and then that is whole.
            sum(d.revenue_usd) filter (where d.date < m.month
                                         and d.date < (m.month - interval '1 month')::date + (m.known_until - m.month + 1)) as last_month_same_days_usd,
            not exists (select from analytics.channels c
                         where c.monetized is distinct from false and (p_channels is null or c.channel_id = any(p_channels)))
              and exists (select from analytics.channels) as is_not_monetized
       from analytics.youtube_metrics d
      where d.date >= (m.month - interval '1 month')::date and d.date <= m.known_until and d.revenue_usd is not null
        and (p_channels is null or d.channel_id = any(p_channels))) s
$$;

-- By channel and day, as it comes: the last days are missing until YouTube reports them.
create or replace function analytics.daily_revenue_trend(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (date date, channel_id text, channel text, revenue_usd numeric)
language sql stable
as $$
  select d.date, d.channel_id, c.label, d.revenue_usd
    from analytics.youtube_metrics d
    join analytics.channel_labels c on c.channel_id = d.channel_id
   where d.revenue_usd is not null and d.date <= p_today and (p_channels is null or d.channel_id = any(p_channels))
$$;

-- Each channel in the last p_days reported days beside the p_days before them. Changes are null where the days before are not all reported.
create or replace function analytics.channel_performance_comparison(p_channels text[] default null, p_days integer default 28,
                                                                    p_today date default analytics.pacific_today())
returns table (channel_id text, channel text, url text, state text, as_of date, revenue_usd numeric, revenue_change numeric, views numeric,
               views_change numeric, watch_hours numeric, rpm_usd numeric, net_subscribers numeric, cost_usd numeric, profit_usd numeric)
language sql stable
as $$
  with k as materialized (
    -- Revenue comes a day after views: the last day would count as one without any. Where it is more than a week behind, as of channels that earn
    -- nothing any more, views do not wait.
    select case when r.day >= v.day - 7 then least(v.day, r.day) else v.day end as day
      from (select analytics.views_known_until(p_channels, p_today) as day) v,
           (select analytics.revenue_known_until(p_channels, p_today) as day) r)
  select c.channel_id, c.label, c.url,
         case when not c.is_active then 'stopped' when c.connection <> 'connected' then c.connection when c.monetized is false then 'not monetized'
              else 'active' end,
         k.day, s.revenue_usd,
         case when s.revenue_days_before = n.days and s.revenue_before_usd >= 1 then round(s.revenue_usd / s.revenue_before_usd - 1, 4) end,
         s.views, case when s.view_days_before = n.days then round(s.views / nullif(s.views_before, 0) - 1, 4) end,
         s.watch_hours, round(1000 * s.rpm_revenue_usd / nullif(s.rpm_views, 0), 2), s.net_subscribers, e.cost_usd,
         s.revenue_usd - e.cost_usd
    from analytics.channel_labels c
   cross join (select greatest(p_days, 1) as days) n
   cross join k
    left join lateral (
      select sum(d.revenue_usd) filter (where d.date > k.day - n.days) as revenue_usd,
             sum(d.revenue_usd) filter (where d.date <= k.day - n.days) as revenue_before_usd,
             count(d.revenue_usd) filter (where d.date <= k.day - n.days) as revenue_days_before,
             sum(d.views) filter (where d.date > k.day - n.days) as views,
             sum(d.views) filter (where d.date <= k.day - n.days) as views_before,
             count(d.views) filter (where d.date <= k.day - n.days) as view_days_before,
             round(sum(d.watch_time_minutes) filter (where d.date > k.day - n.days) / 60.0, 1) as watch_hours,
             sum(d.revenue_usd) filter (where d.date > k.day - n.days and d.views is not null) as rpm_revenue_usd,
             sum(d.views) filter (where d.date > k.day - n.days and d.revenue_usd is not null) as rpm_views,
             sum(d.subscribers_gained - d.subscribers_lost) filter (where d.date > k.day - n.days) as net_subscribers
        from analytics.youtube_metrics d
       where d.channel_id = c.channel_id and d.date > k.day - 2 * n.days and d.date <= k.day) s on true
    left join lateral (
      select sum(e.amount_usd) as cost_usd
        from analytics.costs e
       where e.channel_id = c.channel_id and analytics.pacific_day(e.at) > k.day - n.days
         and analytics.pacific_day(e.at) <= k.day) e on true
   where p_channels is null or c.channel_id = any(p_channels)
$$;

-- The last 28 reported days against the 28 before: four whole weeks each, so that weekdays do not show. Null while there are not 56 of them, and
-- on a base under $1.
create or replace function analytics.revenue_growth_rate(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (date date, revenue_28d_usd numeric, before_usd numeric, growth numeric, as_of date)
language sql stable
as $$
  select t.date, t.revenue_usd, t.before_usd,
         case when t.days = 28 and t.days_before = 28 and t.before_usd >= 1 then round(t.revenue_usd / t.before_usd - 1, 4) end, t.as_of
    from (select r.date, r.as_of, sum(r.revenue_usd) over now_28 as revenue_usd, count(*) over now_28 as days,
                 sum(r.revenue_usd) over before_28 as before_usd, count(*) over before_28 as days_before
            from analytics.daily_revenue(p_channels, p_today) r
          window now_28 as (order by r.date rows between 27 preceding and current row),
                 before_28 as (order by r.date rows between 55 preceding and 28 preceding)) t
$$;

-- Means of up to 8 whole weeks that end on the last reported day. day_offset: from that day to the middle of the week.
create or replace function analytics.recent_revenue_weeks(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (week_ends date, day_offset integer, mean_usd numeric, as_of date)
language sql stable
as $$
  select r.as_of - 7 * ((r.as_of - r.date) / 7), -7 * ((r.as_of - r.date) / 7) - 3, avg(r.revenue_usd), r.as_of
    from analytics.daily_revenue(p_channels, p_today) r
   where r.date > r.as_of - 56
   group by r.as_of, (r.as_of - r.date) / 7
  having count(*) = 7
$$;

-- When the target is reached, if revenue goes on growing by as much each day as it did: a line of least squares through recent weeks, and its 80%
-- interval by Student's t. Words instead of a number where a number would mislead.
create or replace function analytics.days_to_10k_projection(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (as_of date, weeks integer, level_usd numeric, target_usd numeric, growth_a_week_usd numeric, days_left integer, days_left_low integer,
               days_left_high integer, projection text)
language sql stable
as $$
  select f.as_of, f.weeks, round(f.level, 2), round(f.target, 2), round(f.slope * 7, 2), d.days, d.low, d.high,
         case
           when f.as_of is null then 'no revenue reported'
           when f.level >= f.target then 'reached'
           when f.weeks < 4 then 'too little history'
           when f.slope <= 0 then 'not at this pace'
           when d.days > 365 then 'more than a year'
           else d.days || ' days'
         end
    from (select max(w.as_of) as as_of, count(*)::integer as weeks, u.target_revenue_usd * 12 / 365.25 as target,
                 case when count(*) >= 4 then regr_intercept(w.mean_usd, w.day_offset)::numeric else avg(w.mean_usd) end as level,
                 case when count(*) >= 4 then regr_slope(w.mean_usd, w.day_offset)::numeric end as slope,
                 case when count(*) >= 4
                      then sqrt(greatest(0, regr_syy(w.mean_usd, w.day_offset) - regr_slope(w.mean_usd, w.day_offset) * regr_sxy(w.mean_usd, w.day_offset))
                                / (count(*) - 2) / regr_sxx(w.mean_usd, w.day_offset))::numeric
                           * (array[1.886, 1.638, 1.533, 1.476, 1.440])[count(*) - 3] end as margin
            from analytics.users u
            left join analytics.recent_revenue_weeks(p_channels, p_today) w on true
           group by u.target_revenue_usd) f
   cross join lateral (
     select case when f.level < f.target and f.slope > 0 then least(99999, ceil((f.target - f.level) / f.slope))::integer - (p_today - f.as_of) end as days,
            case when f.level < f.target and f.slope > 0
                 then least(99999, ceil((f.target - f.level) / (f.slope + f.margin)))::integer - (p_today - f.as_of) end as low,
            case when f.level < f.target and f.slope > f.margin
                 then least(99999, ceil((f.target - f.level) / (f.slope - f.margin)))::integer - (p_today - f.as_of) end as high) d
$$;

-- The line itself and its band, from the first of the weeks to 90 days ahead.
create or replace function analytics.revenue_projection_line(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (date date, week_mean_usd numeric, projected_usd numeric, low_usd numeric, high_usd numeric, target_usd numeric)
language sql stable
as $$
  select f.as_of + x.day, w.mean_usd, round(f.level + f.slope * x.day, 2),
         case when x.day >= 0 then round(f.level + (f.slope - f.margin) * x.day, 2) end,
         case when x.day >= 0 then round(f.level + (f.slope + f.margin) * x.day, 2) end, round(f.target, 2)
    from (select w.as_of, u.target_revenue_usd * 12 / 365.25 as target, min(w.day_offset) as first_day,
                 regr_intercept(w.mean_usd, w.day_offset)::numeric as level, regr_slope(w.mean_usd, w.day_offset)::numeric as slope,
                 sqrt(greatest(0, regr_syy(w.mean_usd, w.day_offset) - regr_slope(w.mean_usd, w.day_offset) * regr_sxy(w.mean_usd, w.day_offset))
                      / (count(*) - 2) / regr_sxx(w.mean_usd, w.day_offset))::numeric
                 * (array[1.886, 1.638, 1.533, 1.476, 1.440])[count(*) - 3] as margin
            from analytics.users u
            join analytics.recent_revenue_weeks(p_channels, p_today) w on true
           group by w.as_of, u.target_revenue_usd
          having count(*) >= 4) f
   cross join lateral generate_series(f.first_day, 90) x (day)
    left join analytics.recent_revenue_weeks(p_channels, p_today) w on w.day_offset = x.day
$$;

-- ---- channel_analytics ----

-- p_measure: views or engaged_views.
create or replace function analytics.views_by_channel(p_channels text[] default null, p_measure text default 'views',
                                                      p_today date default analytics.pacific_today())
returns table (date date, channel_id text, channel text, views bigint)
language sql stable
as $$
  select d.date, d.channel_id, c.label, case when p_measure = 'engaged_views' then d.engaged_views else d.views end
    from analytics.youtube_metrics d
    join analytics.channel_labels c on c.channel_id = d.channel_id
   where d.date <= p_today and (p_channels is null or d.channel_id = any(p_channels))
     and case when p_measure = 'engaged_views' then d.engaged_views else d.views end is not null
$$;

-- Of the 7 days that end on each day: thumbnail impressions, and clicks as a share of them. Impressions weigh: a mean of rates would give a video
-- that nobody was shown as much as one that all were. Impressions are null before there are 7 days of them.
create or replace function analytics.ctr_trends(p_channels text[] default null, p_from date default null, p_today date default analytics.pacific_today())
returns table (date date, impressions numeric, click_through_rate numeric, as_of date)
language sql stable
as $$
  select t.date, case when t.date >= t.first_day + 6 then t.impressions end, round(t.clicks / nullif(t.impressions, 0), 6), t.as_of
    from (select d.date, max(d.date) over () as as_of, min(d.date) over () as first_day, sum(sum(d.impressions)) over w as impressions,
                 sum(sum(d.clicks)) over w as clicks
            from analytics.reach_days d
           where d.date <= p_today and d.date > coalesce(p_from, p_today - 90) - 7 and d.videos > 0
             and (p_channels is null or d.channel_id = any(p_channels))
           group by d.date
          window w as (order by d.date range between interval '6 days' preceding and current row)) t
   where t.date >= coalesce(p_from, p_today - 90)
$$;

-- How many viewers are still there at each hundredth of a video: the newest stored curve of p_video, against the median and the quartiles of the
-- last 10 videos of its channel that are at most twice as long and at least half as long. null: the video of the newest curve.
create or replace function analytics.retention_analysis(p_video text default null)
returns table (elapsed numeric, watching numeric, median numeric, lower_quartile numeric, upper_quartile numeric, videos bigint, video text, as_of date)
language sql stable
as $$
  with curve as materialized (
    (select r.video_id, r.channel_id, r.start_date, r.end_date from analytics.retention_curves r where r.video_id = p_video
      order by r.end_date desc, r.start_date limit 1)
    union all
    (select r.video_id, r.channel_id, r.start_date, r.end_date
       from (select distinct n.video_id, n.channel_id, n.start_date, n.end_date from analytics.retention_curves n
              where p_video is null
                and n.end_date = (select l.end_date from analytics.retention_curves l order by l.end_date desc limit 1)) r
       left join analytics.videos v on v.video_id = r.video_id
      order by r.end_date desc, v.published_at desc nulls last, r.video_id, r.start_date limit 1)),
  chosen as materialized (
    select c.*, v.title, v.duration_seconds from curve c left join analytics.videos v on v.video_id = c.video_id),
  -- Videos by age, each with a look for its newest curve, until ten are found.
  peers as materialized (
    select n.video_id, n.start_date, n.end_date
      from chosen c
     cross join lateral (
       select v.video_id, x.start_date, x.end_date
         from (select a.video_id, a.published_at from analytics.videos a
                where a.channel_id = c.channel_id and a.video_id <> c.video_id
                  and a.duration_seconds between c.duration_seconds / 2 and c.duration_seconds * 2
                order by a.published_at desc nulls last offset 0) v
        cross join lateral (select r.start_date, r.end_date from analytics.retention_curves r where r.video_id = v.video_id
                             order by r.end_date desc, r.start_date limit 1) x
        order by v.published_at desc nulls last limit 10) n),
  band as materialized (
    select x.elapsed_ratio, round((percentile_cont(0.5) within group (order by x.audience_watch_ratio))::numeric, 4) as median,
           round((percentile_cont(0.25) within group (order by x.audience_watch_ratio))::numeric, 4) as lower,
           round((percentile_cont(0.75) within group (order by x.audience_watch_ratio))::numeric, 4) as upper, count(*) as videos
      from peers n
     cross join lateral (select r.elapsed_ratio, r.audience_watch_ratio from analytics.retention_curves r
                          where r.video_id = n.video_id and r.end_date = n.end_date and r.start_date = n.start_date offset 0) x
     group by x.elapsed_ratio
    having count(*) >= 3)
  select r.elapsed_ratio, r.audience_watch_ratio, p.median, p.lower, p.upper, p.videos, coalesce(c.title, 'Video ' || c.video_id), c.end_date
    from chosen c
    join analytics.retention_curves r on r.video_id = c.video_id and r.end_date = c.end_date and r.start_date = c.start_date
    left join band p on p.elapsed_ratio = r.elapsed_ratio
   where r.audience_watch_ratio is not null
$$;

-- Videos that have a curve, newest first, for the choice of one.
create or replace function analytics.videos_with_retention(p_channels text[] default null, p_limit integer default 200)
returns table (video_id text, title text, published_at timestamptz)
language sql stable
as $$
  select v.video_id, coalesce(v.title, v.video_id), v.published_at
    from analytics.videos v
   where (p_channels is null or v.channel_id = any(p_channels))
     and exists (select from analytics.retention_curves r where r.video_id = v.video_id)
   order by v.published_at desc nulls last, v.video_id limit least(greatest(p_limit, 1), 1000)
$$;

-- The videos with most views in the weeks of a period, and how each did against the median of its channel's videos at the same age.
create or replace function analytics.best_performing_videos(p_channels text[] default null, p_from date default null, p_until date default null,
                                                            p_limit integer default 20, p_today date default analytics.pacific_today())
returns table (thumbnail text, video text, url text, channel text, published date, views_in_period numeric, views_48h bigint, views_7d bigint,
               views_28d bigint, views bigint, revenue_usd numeric, watched numeric, click_through_rate numeric, against_median numeric, age text)
language sql stable
as $$
  with best as materialized (
    select w.video_id, sum(w.views) as views
      from analytics.video_weeks w
     where w.week >= date_trunc('week', coalesce(p_from, p_today - 28)::timestamp)::date and w.week <= coalesce(p_until, p_today)
       and (p_channels is null or w.channel_id = any(p_channels))
     group by w.video_id
     order by sum(w.views) desc nulls last, w.video_id
     limit least(greatest(p_limit, 1), 100)),
  until as materialized (select analytics.views_known_until(p_channels, p_today) as day),
  labels as materialized (select l.channel_id, l.label from analytics.channel_labels l),
  -- Only ages that a video has reached, else young ones would pull the median down.
  aged as materialized (
    select t.channel_id, t.views_48h, case when t.published + 6 <= until.day then t.views_7d end as views_7d,
           case when t.published + 27 <= until.day then t.views_28d end as views_28d
      from until
     cross join (
       -- Days are computed once a video, and what follows from p_today once.
       select x.channel_id, x.views_48h, x.views_7d, x.views_28d, analytics.pacific_day(x.published_at) as published
         from analytics.video_totals x
        where (p_channels is null or x.channel_id = any(p_channels))
          and (x.published_at > (select (p_today - 365)::timestamp at time zone 'America/Los_Angeles') or x.video_id in (select b.video_id from best b))
       offset 0) t),
  medians as materialized (
    select a.channel_id, percentile_cont(0.5) within group (order by a.views_48h) as views_48h,
           percentile_cont(0.5) within group (order by a.views_7d) as views_7d, percentile_cont(0.5) within group (order by a.views_28d) as views_28d
      from aged a group by a.channel_id),
  -- Of the few best, looked up one by one: without statistics of users' rows the planner would read all for each, or each once a channel.
  shown as materialized (
    select b.video_id, b.views as views_in_period, t.*
      from best b
     cross join until
     cross join lateral (
        select x.channel_id, analytics.pacific_day(x.published_at) as published, x.views_48h, x.views, x.revenue_usd,
               case when analytics.pacific_day(x.published_at) + 6 <= until.day then x.views_7d end as views_7d,
               case when analytics.pacific_day(x.published_at) + 27 <= until.day then x.views_28d end as views_28d,
               round(x.weighted_percentage / nullif(x.percentage_weight, 0) / 100, 4) as watched
          from analytics.video_totals x where x.video_id = b.video_id offset 0) t)
  select v.thumbnail_url, coalesce(v.title, 'Video ' || t.video_id), 'https://www.youtube.com/watch?v=' || t.video_id, c.label, t.published,
         t.views_in_period, t.views_48h, t.views_7d, t.views_28d, t.views, t.revenue_usd, t.watched, r.click_through_rate,
         round((case when t.views_28d is not null then t.views_28d / nullif(m.views_28d, 0)
                     when t.views_7d is not null then t.views_7d / nullif(m.views_7d, 0)
                     else t.views_48h / nullif(m.views_48h, 0) end)::numeric, 2),
         case when t.views_28d is not null then '28 days' when t.views_7d is not null then '7 days' when t.views_48h is not null then '48 hours' end
    from shown t
    join labels c on c.channel_id = t.channel_id
    left join medians m on m.channel_id = t.channel_id
    left join lateral (select x.title, x.thumbnail_url from analytics.videos x where x.video_id = t.video_id offset 0) v on true
    left join lateral (
      select round(sum(d.impressions * d.click_through_rate) / nullif(sum(d.impressions), 0), 6) as click_through_rate
        from analytics.thumbnail_metrics d
       where d.video_id = t.video_id and d.date >= coalesce(p_from, p_today - 28) and d.date <= coalesce(p_until, p_today)
         and d.click_through_rate is not null) r on true
   order by t.views_in_period desc nulls last, t.video_id
$$;

-- Weekday and 4-hour block of publication, in the user's time zone: the median of views after 48 hours, against the channel's own median of the
-- last 90 days. In a user's first weeks few videos were observed at that age: while more, and at least 10, have their first 7 days, those views
-- are taken instead. A block with fewer than 3 videos is null. An association: what was published then may differ in more than its hour.
create or replace function analytics.upload_schedule_effectiveness(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (weekday text, from_0 numeric, from_4 numeric, from_8 numeric, from_12 numeric, from_16 numeric, from_20 numeric, videos bigint)
language sql stable
as $$
  with until as materialized (select analytics.views_known_until(p_channels, p_today) as day),
  published as materialized (
    select t.channel_id, t.views_48h, t.published_at at time zone u.time_zone as at,
           case when analytics.pacific_day(t.published_at) + 6 <= until.day then t.views_7d end as views_7d
      from until, analytics.video_totals t, analytics.users u
     where t.published_at > (p_today - 90)::timestamp at time zone 'America/Los_Angeles'
       and t.published_at < (p_today + 1)::timestamp at time zone 'America/Los_Angeles'
       and (p_channels is null or t.channel_id = any(p_channels))),
  age as materialized (select count(views_48h) >= count(views_7d) or count(views_7d) < 10 as is_observed from published),
  recent as materialized (
    select p.channel_id, p.at, case when m.is_observed then p.views_48h else p.views_7d end as views
      from published p, age m
     where case when m.is_observed then p.views_48h else p.views_7d end is not null),
  medians as materialized (select channel_id, percentile_cont(0.5) within group (order by views) as median from recent group by channel_id),
  blocks as materialized (
    select extract(isodow from r.at)::integer as weekday, extract(hour from r.at)::integer / 4 as block, count(*) as videos,
           percentile_cont(0.5) within group (order by r.views / nullif(m.median, 0)) as ratio
      from recent r join medians m on m.channel_id = r.channel_id
     group by 1, 2)
  select (array['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])[n],
         round((max(b.ratio) filter (where b.block = 0 and b.videos >= 3))::numeric, 2), round((max(b.ratio) filter (where b.block = 1 and b.videos >= 3))::numeric, 2),
         round((max(b.ratio) filter (where b.block = 2 and b.videos >= 3))::numeric, 2), round((max(b.ratio) filter (where b.block = 3 and b.videos >= 3))::numeric, 2),
         round((max(b.ratio) filter (where b.block = 4 and b.videos >= 3))::numeric, 2), round((max(b.ratio) filter (where b.block = 5 and b.videos >= 3))::numeric, 2),
         coalesce(sum(b.videos), 0)::bigint
    from generate_series(1, 7) n
    left join blocks b on b.weekday = n
   group by n
   order by n
$$;

-- ---- cost_analysis ----

-- What each video costs: a row for each booking to it, and its share of what is booked, by category, to its channel or to the user in the Pacific
-- month of its publication. A month without videos has nobody to share its costs.
create or replace function analytics.video_cost_entries(p_channels text[] default null)
returns table (video_id text, channel_id text, published date, category text, basis text, cost_usd numeric)
language sql stable
as $$
  with published as materialized (
    select t.video_id, t.channel_id, analytics.pacific_day(t.published_at) as day,
           date_trunc('month', analytics.pacific_day(t.published_at)::timestamp)::date as month
      from analytics.video_totals t where t.published_at is not null),
  counted as materialized (
    select p.channel_id, p.month, count(*) as of_channel, sum(count(*)) over (partition by p.month) as of_all
      from published p group by p.channel_id, p.month),
  booked as materialized (
    select e.at, e.channel_id, e.video_id, e.category, e.basis, e.amount_usd from analytics.costs e),
  shared as materialized (
    select b.channel_id, b.category, b.basis, date_trunc('month', b.at at time zone 'America/Los_Angeles')::date as month, sum(b.amount_usd) as amount
      from booked b where b.video_id is null group by 1, 2, 3, 4),
  shares as materialized (
    select c.channel_id, c.month, s.category, s.basis, sum(s.amount / case when s.channel_id is null then c.of_all else c.of_channel end) as amount
      from shared s join counted c on c.month = s.month and (s.channel_id is null or c.channel_id = s.channel_id)
     group by 1, 2, 3, 4)
  select p.video_id, p.channel_id, p.day, b.category, b.basis, b.amount_usd
    from published p join booked b on b.video_id = p.video_id
   where p_channels is null or p.channel_id = any(p_channels)
  union all
  select p.video_id, p.channel_id, p.day, s.category, s.basis, s.amount
    from published p join shares s on s.month = p.month and s.channel_id = p.channel_id
   where p_channels is null or s.channel_id = any(p_channels)
$$;

-- The same with one row for each video, category and basis.
create or replace function analytics.video_costs(p_channels text[] default null)
returns table (video_id text, channel_id text, published date, category text, basis text, cost_usd numeric)
language sql stable
as $$
  select e.video_id, e.channel_id, e.published, e.category, e.basis, sum(e.cost_usd)
    from analytics.video_cost_entries(p_channels) e group by 1, 2, 3, 4, 5
$$;

-- Mean cost of the videos published in a week (from Monday), by category: the bars add up to the mean cost of a video.
create or replace function analytics.cost_per_video(p_channels text[] default null)
returns table (week date, category text, cost_usd numeric, videos bigint)
language sql stable
as $$
  with published as materialized (
    select date_trunc('week', analytics.pacific_day(t.published_at)::timestamp)::date as week, count(*) as videos
      from analytics.video_totals t
     where t.published_at is not null and (p_channels is null or t.channel_id = any(p_channels))
     group by 1),
  spent as materialized (
    select date_trunc('week', c.published::timestamp)::date as week, c.category, sum(c.cost_usd) as cost_usd
      from analytics.video_cost_entries(p_channels) c group by 1, 2)
  select p.week, s.category, round(s.cost_usd / p.videos, 4), p.videos
    from published p join spent s on s.week = p.week
$$;

-- What videos earned in their first 28 and 90 days, by week of publication; a week is null until all its videos are that old. Videos of which no
-- revenue was ever reported are left out here and below; one that earned later, and nothing in these days, counts with 0.
create or replace function analytics.revenue_per_video(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (week date, videos bigint, median_28d_usd numeric, mean_28d_usd numeric, median_90d_usd numeric, mean_90d_usd numeric, as_of date)
language sql stable
as $$
  with k as materialized (select analytics.revenue_known_until(p_channels, p_today) as day)
  select v.week, count(v.revenue_28d_usd),
         case when v.week + 33 <= v.as_of then round((percentile_cont(0.5) within group (order by v.revenue_28d_usd))::numeric, 2) end,
         case when v.week + 33 <= v.as_of then round(avg(v.revenue_28d_usd), 2) end,
         case when v.week + 95 <= v.as_of then round((percentile_cont(0.5) within group (order by v.revenue_90d_usd))::numeric, 2) end,
         case when v.week + 95 <= v.as_of then round(avg(v.revenue_90d_usd), 2) end, v.as_of
    from (select date_trunc('week', analytics.pacific_day(t.published_at)::timestamp)::date as week,
                 case when t.revenue_usd is not null then coalesce(t.revenue_28d_usd, 0) end as revenue_28d_usd,
                 case when t.revenue_usd is not null then coalesce(t.revenue_90d_usd, 0) end as revenue_90d_usd, k.day as as_of
            from analytics.video_totals t, k
           where t.published_at is not null and (p_channels is null or t.channel_id = any(p_channels))) v
   group by v.week, v.as_of
$$;

-- Revenue, cost and margin of each Pacific month up to the last reported day. What is booked to no channel is shared by the month's videos, or by the
-- channels where there are none, so that the channels add up to the whole. Cost null: none is booked, which is not the same as none.
create or replace function analytics.profit_margins(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (month date, revenue_usd numeric, cost_usd numeric, profit_usd numeric, margin numeric, as_of date)
language sql stable
as $$
  with k as materialized (select analytics.revenue_known_until(p_channels, p_today) as day),
  published as materialized (
    select date_trunc('month', analytics.pacific_day(t.published_at)::timestamp)::date as month, count(*)::numeric as of_all,
           count(*) filter (where p_channels is null or t.channel_id = any(p_channels)) as of_these
      from analytics.video_totals t where t.published_at is not null group by 1),
  channels as materialized (
    select count(*)::numeric as of_all, count(*) filter (where p_channels is null or c.channel_id = any(p_channels)) as of_these from analytics.channels c),
  booked as materialized (
    select date_trunc('month', analytics.pacific_day(e.at)::timestamp)::date as month, e.channel_id is null as is_shared, sum(e.amount_usd) as usd
      from analytics.costs e
     where (p_channels is null or e.channel_id = any(p_channels) or e.channel_id is null)
       and analytics.pacific_day(e.at) <= p_today
     group by 1, 2),
  spent as materialized (
    select b.month, round(sum(b.usd * x.share), 6) as cost_usd
      from booked b
     cross join channels h
      left join published p on p.month = b.month
     cross join lateral (
       select case when b.is_shared then coalesce(p.of_these / p.of_all, h.of_these / nullif(h.of_all, 0), 1) else 1 end as share) x
     where x.share > 0
     group by b.month)
  select coalesce(r.month, c.month), r.revenue_usd, c.cost_usd, r.revenue_usd - c.cost_usd,
         case when r.revenue_usd > 0 then round((r.revenue_usd - c.cost_usd) / r.revenue_usd, 4) end, k.day
    from k
   cross join ((select date_trunc('month', d.date::timestamp)::date as month, sum(d.revenue_usd) as revenue_usd
                  from analytics.daily_revenue(p_channels, p_today) d group by 1) r
               full join spent c on c.month = r.month)
$$;

-- Return on what was spent for each channel in a period: costs booked to it. Null without any.
create or replace function analytics.roi_by_channel(p_channels text[] default null, p_from date default null, p_until date default null,
                                                    p_today date default analytics.pacific_today())
returns table (channel text, revenue_usd numeric, cost_usd numeric, roi numeric, as_of date)
language sql stable
as $$
  with k as materialized (
    select x.day, coalesce(p_from, p_today - 90) as since, least(coalesce(p_until, p_today), x.day) as until
      from (select analytics.revenue_known_until(p_channels, p_today) as day) x),
  earned as materialized (
    select d.channel_id, sum(d.revenue_usd) as usd
      from k join analytics.youtube_metrics d on d.date >= k.since and d.date <= k.until
     group by d.channel_id),
  spent as materialized (
    select e.channel_id, sum(e.amount_usd) as usd
      from k join analytics.costs e on e.at >= k.since::timestamp at time zone 'America/Los_Angeles'
                                   and e.at < (k.until + 1)::timestamp at time zone 'America/Los_Angeles'
     group by e.channel_id)
  select c.label, r.usd, e.usd, case when e.usd > 0 then round((r.usd - e.usd) / e.usd, 4) end, k.day
    from analytics.channel_labels c
   cross join k
    left join earned r on r.channel_id = c.channel_id
    left join spent e on e.channel_id = c.channel_id
   where p_channels is null or c.channel_id = any(p_channels)
$$;

-- What a video has earned by the end of its first weeks, on average over the videos of the last year that are so old, against what one costs: the mean
-- by video of analytics.video_cost_entries, summed here without a row for each booking of each video, which took as long as the rest.
--
-- What follows from p_today alone stands in a subquery of its own, else it would be computed for each row.
create or replace function analytics.break_even_curve(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (age_weeks integer, revenue_usd numeric, cost_usd numeric, videos bigint, as_of date)
language sql stable
as $$
  with until as materialized (select analytics.revenue_known_until(p_channels, p_today) as day),
  -- Of all channels, which share costs. Weeks from the Monday of publication, counted from a Monday: cheaper than date_trunc, of which the planner
  -- would make two.
  published as materialized (
    select p.video_id, p.channel_id, p.day, p.is_selected, p.is_earning, p.day - (p.day - date '2001-01-01') % 7 as week,
           date_trunc('month', p.day::timestamp)::date as month
      from (select t.video_id, t.channel_id, analytics.pacific_day(t.published_at) as day, p_channels is null or t.channel_id = any(p_channels) as is_selected,
                   t.revenue_usd is not null and t.published_at > (select (p_today - 365)::timestamp at time zone 'America/Los_Angeles') as is_earning
              from analytics.video_totals t where t.published_at is not null
            offset 0) p),
  aged as materialized (
    select p.video_id, p.week, x.weeks, p.week + 7 * least(x.weeks, 26) as until
      from until cross join published p cross join lateral (select (until.day + 1 - p.week) / 7 as weeks offset 0) x
     where p.is_selected and p.is_earning),
  -- Each week's mean over the videos that have it behind them, added up. No week is read from before the first one of a video of the last year.
  earned as materialized (
    select (w.week - a.week) / 7 + 1 as age, sum(w.revenue_usd) as revenue
      from aged a join analytics.video_weeks w on w.video_id = a.video_id and w.week >= a.week and w.week < a.until
     where w.week >= (select p_today - 365 - 6) and w.revenue_usd is not null
     group by w.week - a.week),
  by_age as materialized (select a.weeks, count(*) as videos from aged a group by a.weeks),
  videos as materialized (
    select n.age, sum(b.videos)::bigint as videos from by_age b join generate_series(1, 26) n (age) on n.age <= b.weeks group by n.age),
  -- Costs are shared as in analytics.video_cost_entries.
  counted as materialized (
    select p.channel_id, p.month, count(*) as of_channel, sum(count(*)) over (partition by p.month) as of_all
      from published p group by p.channel_id, p.month),
  shared as materialized (
    select e.channel_id, e.category, e.basis, date_trunc('month', e.at at time zone 'America/Los_Angeles')::date as month, sum(e.amount_usd) as amount
      from analytics.costs e where e.video_id is null group by 1, 2, 3, 4),
  shares as materialized (
    select c.channel_id, c.month, sum(s.amount / case when s.channel_id is null then c.of_all else c.of_channel end) as amount
      from shared s join counted c on c.month = s.month and (s.channel_id is null or c.channel_id = s.channel_id)
     group by 1, 2),
  recent as materialized (
    select p.video_id, p.channel_id, p.month from published p where p.is_selected and p.day > (select p_today - 365)),
  -- A video without any cost is none of them.
  cost as materialized (
    select round((coalesce((select sum(e.amount_usd) from analytics.costs e where e.video_id in (select n.video_id from recent n)), 0)
                  + coalesce(sum(s.amount), 0))
                 / nullif(count(*) filter (where s.channel_id is not null
                                              or r.video_id in (select e.video_id from analytics.costs e where e.video_id is not null)), 0), 2) as cost_usd
      from recent r left join shares s on s.channel_id = r.channel_id and s.month = r.month)
  select v.age, round(sum(e.revenue / v.videos) over (order by v.age), 2), cost.cost_usd, v.videos, until.day
    from videos v
    left join earned e on e.age = v.age
   cross join until
   cross join cost
   where v.videos >= 3
$$;

-- The share of the videos of the last year that had earned what they cost when they were 7, 28 and 90 days old.
create or replace function analytics.break_even_analysis(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (age text, videos bigint, past_break_even bigint, share numeric, as_of date)
language sql stable
as $$
  with until as materialized (select analytics.revenue_known_until(p_channels, p_today) as day),
  -- Grouped instead of joined: without statistics of users' rows the planner would compare each video with each cost.
  videos as materialized (
    select x.video_id, max(x.published) as published, sum(x.cost_usd) as cost_usd, array[max(x.revenue_7d), max(x.revenue_28d), max(x.revenue_90d)] as revenue
      from (select v.video_id, analytics.pacific_day(v.published_at) as published, null::numeric as cost_usd,
                   coalesce(v.revenue_7d_usd, 0) as revenue_7d, coalesce(v.revenue_28d_usd, 0) as revenue_28d, coalesce(v.revenue_90d_usd, 0) as revenue_90d
              from analytics.video_totals v
             where v.published_at > (p_today - 365)::timestamp at time zone 'America/Los_Angeles' and v.revenue_usd is not null and (p_channels is null or v.channel_id = any(p_channels))
             union all
            select c.video_id, null, c.cost_usd, null, null, null from analytics.video_cost_entries(p_channels) c) x
     group by x.video_id
    having max(x.published) is not null and sum(x.cost_usd) is not null)
  select n.days || ' days', count(v.video_id), count(*) filter (where v.revenue[n.place] >= v.cost_usd),
         round((count(*) filter (where v.revenue[n.place] >= v.cost_usd))::numeric / nullif(count(v.video_id), 0), 4), until.day
    from until
   cross join (values (1, 7), (2, 28), (3, 90)) n (place, days)
    left join videos v on v.published + n.days - 1 <= until.day
   group by n.days, until.day
   order by n.days
$$;

-- ---- the views of a user's progress ----

create or replace function analytics.revenue_progress(p_today date default analytics.pacific_today())
returns table (active_channels bigint, current_month date, monthly_revenue numeric, target_revenue numeric, progress_percentage numeric, status text,
               expected_revenue numeric, last_month_same_days numeric, known_days integer, days_in_month integer, as_of date)
language sql stable
as $$
  select (select count(*) from analytics.channels c where c.is_active), m.month, m.revenue_usd, m.target_usd, case when m.progress > 1 then 100 else round(100 * m.progress, 2) end,
         m.status, m.expected_usd, m.last_month_same_days_usd, m.known_days, m.days_in_month, m.known_until
    from analytics.current_month_revenue(null, p_today) m
$$;

call core.replace_view('analytics.user_revenue_progress', $$
select u.user_id, u.email, p.active_channels, p.current_month, p.monthly_revenue, p.target_revenue, p.progress_percentage, p.status,
       p.expected_revenue, p.last_month_same_days, p.known_days, p.days_in_month, p.as_of
  from core.users u cross join analytics.revenue_progress() p where u.user_id = (select sec.tenant())
$$, p_is_writable => false);
comment on view analytics.user_revenue_progress is 'One row: the running Pacific month on its way to the user''s target. status: reached, on-track and behind by the pace of the reported days; no-revenue-yet; not-reported-yet (no day of this month); not-monetized.';

create or replace function analytics.cost_summary(p_today date default analytics.pacific_today())
returns table (videos_created bigint, total_cost numeric, metered_cost numeric, total_revenue numeric, profit numeric, roi numeric, cost_per_video numeric,
               from_day date, as_of date)
language sql stable
as $$
  with k as materialized (select analytics.revenue_known_until(null, p_today) as day)
  select v.videos, c.cost, c.metered, r.revenue, r.revenue - c.cost, case when c.cost > 0 then round((r.revenue - c.cost) / c.cost, 4) end,
         round(c.cost / nullif(v.videos, 0), 4), p_today - 29, k.day
    from k
   cross join lateral (select count(*) as videos from analytics.video_totals t
                        where analytics.pacific_day(t.published_at) between p_today - 29 and p_today) v
   cross join lateral (select sum(e.amount_usd) as cost, sum(e.amount_usd) filter (where e.basis = 'metered') as metered from analytics.costs e
                        where analytics.pacific_day(e.at) between p_today - 29 and p_today) c
   cross join lateral (select sum(d.revenue_usd) as revenue from analytics.youtube_metrics d where d.date between p_today - 29 and p_today) r
$$;

call core.replace_view('analytics.user_cost_analysis', $$
select u.user_id, u.email, s.videos_created, s.total_cost, s.total_revenue, s.profit, s.roi, s.metered_cost, s.cost_per_video, s.from_day, s.as_of
  from core.users u cross join analytics.cost_summary() s where u.user_id = (select sec.tenant())
$$, p_is_writable => false);
comment on view analytics.user_cost_analysis is 'One row: the last 30 Pacific days. Revenue of all videos and costs of all kinds in these days; roi: profit as a share of cost. Costs are null, not 0, while none is booked.';

create or replace function analytics.success_metrics(p_today date default analytics.pacific_today())
returns table (month date, monthly_revenue numeric, videos_published bigint, avg_views_per_video numeric, target_revenue numeric, growth_rate numeric,
               success_tier text, months_to_goal integer, as_of date)
language sql stable
as $$
  select m.month, m.revenue_usd, v.videos, v.views, m.target_usd, round(100 * g.growth, 2), m.status,
         case when m.status = 'reached' or g.revenue_28d_usd * 365.25 / 12 / 28 >= m.target_usd then 0
              when g.growth > 0 and g.revenue_28d_usd > 0
              then ceil(ln(m.target_usd / (g.revenue_28d_usd * 365.25 / 12 / 28)) / ln(1 + g.growth) * 28 * 12 / 365.25)::integer end,
         m.known_until
    from analytics.current_month_revenue(null, p_today) m
   cross join lateral (select count(*) as videos, round(avg(t.views), 1) as views from analytics.video_totals t
                        where analytics.pacific_day(t.published_at) between m.month and p_today) v
    left join lateral (select g.growth, g.revenue_28d_usd from analytics.revenue_growth_rate(null, p_today) g order by g.date desc limit 1) g on true
$$;

call core.replace_view('analytics.user_success_metrics', $$
select u.user_id, u.email, s.month, s.monthly_revenue, s.videos_published, s.avg_views_per_video, s.target_revenue, s.growth_rate, s.success_tier,
       s.months_to_goal, s.as_of
  from core.users u cross join analytics.success_metrics() s where u.user_id = (select sec.tenant())
$$, p_is_writable => false);
comment on view analytics.user_success_metrics is 'One row. growth_rate: the last 28 reported days against the 28 before, in percent; null while there are not 56. months_to_goal: at that growth, compounded; null without growth. avg_views_per_video: of the videos published this month.';

do $$
declare
  r record;
begin
  for r in select p.oid::regprocedure as f from pg_proc p where p.pronamespace = 'analytics'::regnamespace loop
    execute format('revoke all on function %s from public', r.f);
    execute format('grant execute on function %s to ytempire_app, ytempire_reader', r.f);
  end loop;
  for r in select c.oid::regclass as v from pg_class c
            where c.oid = any ('{analytics.channel_labels,analytics.user_revenue_progress,analytics.user_cost_analysis,analytics.user_success_metrics}'::regclass[]) loop
    execute format('revoke all on %s from ytempire_app, ytempire_reader', r.v);
    execute format('grant select on %s to ytempire_app, ytempire_reader', r.v);
  end loop;
end $$;

reset role;
