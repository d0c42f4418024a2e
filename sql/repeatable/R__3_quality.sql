-- Data quality: what the sidecar's checks measure, and what a user sees of it. Each function reads the views of one tenant, with the rights of
-- whoever calls; thresholds are the sidecar's.
set role ytempire_owner;

-- The channels that are watched: active, connected, and not disconnected. connected_at: of the grant.
create or replace function app.watched_channels() returns table (channel_id text, connected_at timestamptz, has_revenue boolean)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select c.channel_id, g.connected_at,
         c.monetised and 'https://www.googleapis.com/auth/yt-analytics-monetary.readonly' = any (g.scopes)
    from analytics.channels c
    join app.oauth_grants g on g.channel_id = c.channel_id
   where c.is_active and c.connection = 'connected' and not c.is_hidden
$$;

-- Minutes since the newest statistics of each watched channel; of a channel that was just connected, since then.
create or replace function app.observe_freshness(p_now timestamptz) returns table (channel_id text, value numeric)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select w.channel_id,
         round(greatest(0, extract(epoch from p_now - greatest(w.connected_at, s.observed_at))) / 60, 1)
    from app.watched_channels() w
    left join app.newest_channel_statistics() s on s.channel_id = w.channel_id
$$;

-- Percent of the 28 days to three days ago that YouTube told, or answered without a row, of channels that have been connected for a day: the
-- days before the connection are backfilled.
create or replace function app.observe_completeness(p_now timestamptz) returns table (channel_id text, value numeric)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select w.channel_id, round(100.0 * count(*) filter (where m.views is not null or k.day is not null) / count(*), 2)
    from app.watched_channels() w
   cross join lateral (select analytics.pacific_day(p_now) - 2 - n as day from generate_series(1, 28) n) due
    left join analytics.youtube_metrics m on m.channel_id = w.channel_id and m.date = due.day
    left join app.day_checks k on k.channel_id = w.channel_id and k.report = 'channel-day' and k.day = due.day
   where w.connected_at < p_now - interval '1 day'
   group by w.channel_id
$$;

-- Percent of a channel's views, or of its revenue where that is less, that its videos' days have, over a week that has settled. Null under 1,000
-- views; revenue counts from 10 dollars on, of channels that are asked for it.
create or replace function app.observe_video_coverage(p_now timestamptz) returns table (channel_id text, value numeric)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select w.channel_id,
         case when m.views >= 1000
              then round(100.0 * least(coalesce(v.views, 0) / m.views, case when w.has_revenue and m.revenue_usd >= 10 then coalesce(v.revenue_usd, 0) / m.revenue_usd end), 2) end
    from app.watched_channels() w
   cross join lateral (select sum(d.views) as views, sum(d.revenue_usd) as revenue_usd from analytics.youtube_metrics d
                        where d.channel_id = w.channel_id
                          and d.date between analytics.pacific_day(p_now) - 16 and analytics.pacific_day(p_now) - 10) m
   cross join lateral (select sum(d.views) as views, sum(d.revenue_usd) as revenue_usd from analytics.video_metrics d
                        where d.channel_id = w.channel_id
                          and d.date between analytics.pacific_day(p_now) - 16 and analytics.pacific_day(p_now) - 10) v
   where w.connected_at < p_now - interval '1 day'
$$;

-- By how many percent the growth of lifetime views over a week differs from the sum of its days: two counters of YouTube's. Null but for totals
-- that were seen within 45 minutes before midnight, and for weeks of 1,000 views or more.
create or replace function app.observe_view_difference(p_now timestamptz) returns table (channel_id text, value numeric)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select w.channel_id,
         case when m.days = 7 and greatest(b.views - a.views, m.views) >= 1000
                   and a.observed_at >= (x.last - 6)::timestamp at time zone 'America/Los_Angeles' - interval '45 minutes'
                   and b.observed_at >= (x.last + 1)::timestamp at time zone 'America/Los_Angeles' - interval '45 minutes'
              then round(100.0 * abs(b.views - a.views - m.views) / greatest(b.views - a.views, m.views), 2) end
    from app.watched_channels() w
   cross join (select analytics.pacific_day(p_now) - 4 as last) x
    left join analytics.channel_statistics_daily a on a.channel_id = w.channel_id and a.date = x.last - 7
    left join analytics.channel_statistics_daily b on b.channel_id = w.channel_id and b.date = x.last
   cross join lateral (select sum(d.views) as views, count(d.views) as days from analytics.youtube_metrics d
                        where d.channel_id = w.channel_id and d.date between x.last - 6 and x.last) m
$$;

-- Stored figures of the last 35 days that cannot be: negative ones, and lifetime views that fell by more than a hundredth in a day. YouTube takes
-- off invalid views, which is less. And without a channel, rows of today and yesterday that the database refused, or did not try after those: what
-- else the store rejects was sent wrongly, and says nothing of the figures.
create or replace function app.observe_validity(p_now timestamptz) returns table (channel_id text, value numeric)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select w.channel_id,
         (select count(*) from analytics.youtube_metrics d
           where d.channel_id = w.channel_id and d.date > analytics.pacific_day(p_now) - 35
             and least(d.views, d.engaged_views, d.watch_time_minutes, d.subscribers_gained, d.subscribers_lost, d.ad_impressions) < 0)
         + (select count(*) from analytics.video_metrics d
             where d.channel_id = w.channel_id and d.date > analytics.pacific_day(p_now) - 35
               and least(d.views, d.engaged_views, d.watch_time_minutes) < 0)
         + (select count(*) from (select s.views, lag(s.views) over (order by s.date) as before
                                    from analytics.channel_statistics_daily s
                                   where s.channel_id = w.channel_id and s.date > analytics.pacific_day(p_now) - 35) s
             where s.views < s.before * 0.99)
    from app.watched_channels() w
  union all
  select null, (select coalesce(sum(r.row_count), 0) from analytics.rejected_rows r
                 where r.day > analytics.pacific_day(p_now) - 2 and r.reason in ('refused', 'not-tried'))
$$;

-- Videos whose rollup is not the sum of their days.
create or replace function app.observe_rollups() returns table (channel_id text, value numeric)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select w.channel_id, count(x.video_id)
    from app.watched_channels() w
    left join (
      select coalesce(t.channel_id, d.channel_id) as channel_id, coalesce(t.video_id, d.video_id) as video_id
        from analytics.video_totals t
        full join (select m.channel_id, m.video_id, count(*) as days, sum(m.views) as views, sum(m.revenue_usd) as revenue_usd
                     from analytics.video_metrics m group by m.channel_id, m.video_id) d on d.video_id = t.video_id
       where (coalesce(t.days, 0), t.views, t.revenue_usd) is distinct from (coalesce(d.days, 0), d.views, d.revenue_usd)) x
      on x.channel_id = w.channel_id
   group by w.channel_id
$$;

drop function if exists app.observe_costs(timestamptz);

-- Views of the tenant that show a row of another user: none, unless isolation is broken. channel_id: always null.
create or replace function app.observe_isolation(p_tenant uuid) returns table (channel_id text, value numeric)
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  v regclass;
  shows boolean;
begin
  value := 0;
  for v in select c.oid::regclass from pg_class c
             join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id' and a.atttypid = 'uuid'::regtype and not a.attisdropped
            where c.relnamespace = 'analytics'::regnamespace and c.relkind = 'v' and has_table_privilege(c.oid, 'select')
            order by c.relname loop
    execute format('select exists (select from %s where user_id <> $1)', v) into shows using p_tenant;
    value := value + shows::integer;
  end loop;
  return next;
end
$$;

-- Days of views that a detector of anomalies judges: those that are told, to four days ago, from the last day on which YouTube changed what a
-- view is. judged_on: the last day before this one on which any could be judged.
drop function if exists app.observe_view_days(timestamptz);
create function app.observe_view_days(p_now timestamptz) returns table (channel_id text, days date[], views bigint[], judged_on date)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select w.channel_id, coalesce(array_agg(d.date order by d.date) filter (where d.date is not null), '{}'),
         coalesce(array_agg(d.views order by d.date) filter (where d.date is not null), '{}'),
         (select max(r.day) from analytics.quality_results r
           where r.channel_id = w.channel_id and r.check_name = 'anomalies' and r.value is not null and r.day < analytics.pacific_day(p_now))
    from app.watched_channels() w
    left join analytics.youtube_metrics d
      on d.channel_id = w.channel_id and d.views is not null
     and d.date between analytics.pacific_day(p_now) - 100 and analytics.pacific_day(p_now) - 4
     and d.date >= coalesce((select max(b.day) from analytics.metric_breaks b
                              where b.metric = 'views' and b.day <= analytics.pacific_day(p_now)), '-infinity')
   group by w.channel_id
$$;

-- How far the user has come: one row, for shares of users. reached…: days from sign-up to the first day whose 30 days to it earned as much;
-- null: not yet.
create or replace function app.observe_milestones(p_now timestamptz)
returns table (days_since_sign_up integer, channels integer, reached5000 integer, reached10000 integer)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select analytics.pacific_day(p_now) - s.day, (select count(*)::integer from app.watched_channels()),
         min(r.date) filter (where r.revenue_usd >= 5000) - s.day, min(r.date) filter (where r.revenue_usd >= 10000) - s.day
    from (select analytics.pacific_day(u.created_at) as day from analytics.users u) s
    left join (select d.date, sum(sum(d.revenue_usd)) over (order by d.date range between interval '29 days' preceding and current row) as revenue_usd
                 from analytics.youtube_metrics d where d.revenue_usd is not null group by d.date) r on true
   group by s.day
$$;

do $$
declare
  f text;
begin
  foreach f in array '{watched_channels(),observe_freshness(timestamptz),observe_completeness(timestamptz),observe_video_coverage(timestamptz),observe_view_difference(timestamptz),observe_validity(timestamptz),observe_rollups(),observe_isolation(uuid),observe_view_days(timestamptz),observe_milestones(timestamptz)}'::text[] loop
    execute format('revoke all on function app.%s from public', f);
    execute format('grant execute on function app.%s to ytempire_app', f);
  end loop;
end $$;

-- Counts this minute as one in which the platform was up, whichever replica says so first. Of the database's own clock where it is moved far.
create or replace function app.note_uptime(p_now timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.uptime_days as u (day, minutes, first_minute, last_minute)
  select core.pacific_day(t.minute), 1, t.minute, t.minute from (select date_trunc('minute', sec.limited_time(p_now)) as minute) t
  on conflict (day) do update set minutes = u.minutes + 1, last_minute = excluded.last_minute where u.last_minute < excluded.last_minute
$$;
revoke all on function app.note_uptime from public;
grant execute on function app.note_uptime to ytempire_app;

-- Percent of the minutes of the last p_days Pacific days, to this one, in which the platform was up, from its first minute on; null: there are none.
create or replace function app.uptime_percent(p_now timestamptz, p_days integer) returns numeric
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select round(least(100, 100.0 * sum(u.minutes)
                          / nullif(floor(extract(epoch from p_now - greatest(core.pacific_midnight(core.pacific_day(p_now) - p_days + 1), f.began)) / 60) + 1, 0)), 3)
    from core.uptime_days u
   cross join (select min(first_minute) as began from core.uptime_days) f
   where u.day > core.pacific_day(p_now) - p_days and u.day <= core.pacific_day(p_now)
   group by f.began
$$;
revoke all on function app.uptime_percent from public;
grant execute on function app.uptime_percent to ytempire_app;

-- What a user sees: each channel with the days up to which its figures are told, how complete they are, and the checks that are not well.
create or replace function analytics.data_quality(p_channels text[] default null, p_today date default analytics.pacific_today())
returns table (channel_id text, channel text, statistics_at timestamptz, views_as_of date, revenue_as_of date, completeness numeric, state text, problems text)
language sql stable
as $$
  select c.channel_id, c.label, newest.observed_at, m.views_as_of, m.revenue_as_of, coalesce(q.completeness, m.completeness), coalesce(q.state, 'not checked yet'), q.problems
    from analytics.channel_labels c
   -- From the newest one on that the rollup has seen: to find the newest without it, all that was ever observed would be read.
   cross join lateral (select coalesce(max(d.observed_at), '-infinity') as observed_at from analytics.channel_statistics_daily d
                        where d.channel_id = c.channel_id) rolled_up
   cross join lateral (select max(s.observed_at) as observed_at from analytics.channel_statistics s
                        where s.channel_id = c.channel_id and s.observed_at >= rolled_up.observed_at) newest
    left join lateral (
      select max(d.date) filter (where d.views is not null) as views_as_of, max(d.date) filter (where d.revenue_usd is not null) as revenue_as_of,
             round(count(d.views) filter (where d.date between p_today - 30 and p_today - 3) / 28.0, 4) as completeness
        from analytics.youtube_metrics d
       where d.channel_id = c.channel_id and d.date <= p_today and d.date > p_today - 400) m on true
    left join lateral (
      select max(r.value) filter (where r.check_name = 'completeness') / 100 as completeness,
             case when bool_or(r.level = 'error') then 'error' when bool_or(r.level = 'warn') then 'warning' when bool_or(r.level = 'ok') then 'ok' end as state,
             string_agg(replace(r.check_name, '-', ' '), ', ' order by r.check_name) filter (where r.level in ('warn', 'error')) as problems
        from (select distinct on (x.check_name) x.check_name, x.level, x.value
                from analytics.quality_results x
               where x.channel_id = c.channel_id and x.day <= p_today + 1 and x.day > p_today - 4
               order by x.check_name, x.day desc) r) q on true
   where p_channels is null or c.channel_id = any(p_channels)
$$;
revoke all on function analytics.data_quality from public;
grant execute on function analytics.data_quality to ytempire_app, ytempire_reader;

reset role;
