-- Figures for ./ytempire bench panels, made by the administrator: bench.users users of 5 channels, each with a video a day for 180 days, 180 days
-- of the channels and the last 90 days of the videos; thumbnails, retention curves of recent videos, costs. 50 users: 45,000 videos and some
-- 3 million days of videos. All of it follows from the numbers of users, channels and days, and from today.
set jit = off;
set work_mem = '128MB';
-- All of it is of one making: no row has to be looked up.
set session_replication_role = replica;

create function pg_temp.noise(a bigint, b bigint) returns double precision language sql immutable
as $$ select (hashint8(a * 7919 + b) & 65535) / 65535::double precision $$;

create temp table bench_day as select analytics.pacific_today() as today;

insert into core.users (user_id, email, display_name, target_revenue_usd)
select ('00000000-0000-4000-8000-' || lpad(u::text, 12, '0'))::uuid, 'bench' || u || '@example.com', 'User ' || u, 10000
  from generate_series(1, current_setting('bench.users')::integer) u;

insert into core.channels (slot, user_id, channel_id, channel_name, monetised, connection)
select c, u.user_id, 'UC' || lpad(right(u.user_id::text, 6), 20, '0') || c || 'x',
       (array['Slow Cooking', 'Night Trains', 'Tiny Robots', 'Quiet Math', 'Garden Diary'])[c], c < 5, 'connected'
  from core.users u, generate_series(1, 5) c
 where u.email like 'bench%@example.com'
 order by u.user_id, c;

create temp table bench_channel as
select c.user_id, c.channel_id, c.slot as c, row_number() over (order by c.user_id, c.slot) as n from core.channels c;

insert into core.channel_days (user_id, channel_id, day, views, engaged_views, watch_time_minutes, subscribers_gained, subscribers_lost, revenue_usd,
                               created_at, updated_at)
select x.user_id, x.channel_id, x.day, x.v * case when x.day >= '2026-08-24' then 1.3 else 1 end, x.v, x.v * 3, x.v / 60, x.v / 300,
       case when x.c < 5 then (x.v * (0.004 + x.c * 0.0008))::numeric(14, 4) end, now(), now()
  from (select h.user_id, h.channel_id, h.c, b.today - d as day,
               round((6 - h.c) * 2600 * (1 + (180 - d) / 160.0) * (0.85 + 0.3 * pg_temp.noise(h.n, d))
                     * case when extract(isodow from b.today - d) >= 6 then 1.25 else 1 end) as v
          from bench_channel h, bench_day b, generate_series(3, 180) d) x
 order by x.day, x.user_id;

insert into core.videos (user_id, channel_id, video_id, title, published_at, duration_seconds, thumbnail_url, updated_at, refreshed_at)
select h.user_id, h.channel_id, lpad(h.n::text, 5, 'v') || 'x' || lpad(d::text, 5, '0'), 'Video ' || (181 - d) || ' of channel ' || h.n,
       ((b.today - d)::timestamp + pg_temp.noise(h.n, d + 1000) * 23 * interval '1 hour') at time zone 'America/Los_Angeles', 300 + d * 37 % 600,
       'https://i.ytimg.com/vi/x/default.jpg', now(), now()
  from bench_channel h, bench_day b, generate_series(1, 180) d;

create temp table bench_video as
select v.user_id, v.channel_id, v.video_id, h.c, (v.published_at at time zone 'America/Los_Angeles')::date as published, hashtext(v.video_id)::bigint as key,
       (6 - h.c) * 1500 * power(0.1 + pg_temp.noise(hashtext(v.video_id), 1), 2) as views, (30 + 30 * pg_temp.noise(hashtext(v.video_id), 3))::numeric(7, 2) as watched
  from core.videos v join bench_channel h on h.channel_id = v.channel_id;

-- In order of arrival: day by day.
insert into core.video_days (user_id, channel_id, video_id, day, views, engaged_views, watch_time_minutes, average_view_percentage, revenue_usd,
                             created_at, updated_at)
select x.user_id, x.channel_id, x.video_id, x.day, x.v, x.v, x.v * 3, x.watched, case when x.c < 5 then x.v * 0.005 end, now(), now()
  from (select v.user_id, v.channel_id, v.video_id, v.c, v.watched, b.today - d as day,
               (v.views * exp((v.published - b.today + d) / 12::double precision) * (0.7 + 0.6 * pg_temp.noise(v.key, d)) + 20)::bigint as v
          from bench_video v, bench_day b, generate_series(3, 92) d
         where v.published <= b.today - d
        offset 0) x
 order by x.day, x.user_id, x.channel_id;

insert into core.thumbnail_days (user_id, channel_id, video_id, day, impressions, click_through_rate, created_at, updated_at)
select d.user_id, d.channel_id, d.video_id, d.day, d.views * 12, (0.03 + 0.05 * pg_temp.noise(hashtext(d.video_id), 2))::numeric(8, 6), now(), now()
  from core.video_days d
 order by d.day, d.user_id, d.channel_id;

-- Three costs a video, and what the platform costs each month.
insert into core.costs (user_id, at, channel_id, video_id, category, provider, amount_usd, basis, external_id)
select v.user_id, v.published_at, v.channel_id, v.video_id, k.category, 'bench',
       (k.usd * (0.7 + 0.6 * pg_temp.noise(hashtext(v.video_id), hashtext(k.category))))::numeric(14, 4), 'metered', v.video_id || k.category
  from core.videos v, (values ('text', 0.50), ('voice', 0.30), ('video-processing', 0.40)) k (category, usd);
insert into core.costs (user_id, at, category, provider, amount_usd, basis, external_id)
select u.user_id, m, 'infrastructure', 'bench', 95, 'allocated', m::text
  from core.users u, generate_series(now() - interval '5 months', now(), interval '1 month') m;

insert into core.retention_points (user_id, channel_id, video_id, start_date, end_date, elapsed_ratio, audience_watch_ratio, created_at, updated_at)
select v.user_id, v.channel_id, v.video_id, b.today - 31, b.today - 4, e / 100.0,
       (exp(-e / (55.0 + 40 * pg_temp.noise(hashtext(v.video_id), 5))) * 1.05)::numeric(10, 4), now(), now()
  from core.videos v, bench_day b, generate_series(1, 100) e where v.published_at > now() - interval '12 days';

-- The rollups, as core.check_rollups would make them of so many days in one pass.
insert into core.video_totals as t (user_id, video_id, channel_id, published_at, updated_at)
select v.user_id, v.video_id, v.channel_id, v.published_at, now() from core.videos v
on conflict do nothing;
update core.video_totals t
   set days = c.days, first_day = c.first_day, last_day = c.last_day, views = c.views, engaged_views = c.engaged_views,
       watch_time_minutes = c.watch_time_minutes, revenue_usd = c.revenue_usd, percentage_weight = c.percentage_weight,
       weighted_percentage = c.weighted_percentage, views_7d = c.views_7d, views_28d = c.views_28d, revenue_7d_usd = c.revenue_7d_usd,
       revenue_28d_usd = c.revenue_28d_usd, revenue_90d_usd = c.revenue_90d_usd,
       views_48h = case when t.published_at < now() - interval '48 hours' then round(800 + 2500 * pg_temp.noise(hashtext(t.video_id), 1)) end
  from core.computed_video_totals(null) c
 where c.user_id = t.user_id and c.video_id = t.video_id;
insert into core.reach_days (user_id, channel_id, day, videos, impressions, clicks)
select d.user_id, d.channel_id, d.day, count(*), sum(d.impressions), sum(d.impressions * d.click_through_rate)
  from core.thumbnail_days d
 where d.impressions is not null and d.click_through_rate is not null
 group by d.user_id, d.channel_id, d.day
on conflict do nothing;
insert into core.video_weeks (user_id, week, video_id, channel_id, days, views, watch_time_minutes, revenue_usd)
select * from core.computed_video_weeks(null) order by week, user_id
on conflict do nothing;
