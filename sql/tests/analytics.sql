-- What dashboards show, against figures worked out by hand; and the rollups under them. As the administrator of a database that has just been
-- migrated. The first claim that does not hold raises an exception.
set session authorization ytempire_app;

-- G: a channel that earned $10 a day until 8 March and lost $3 on the 5th, and was stopped since; another that is not monetized.
do $$
declare
  one text := 'UC' || repeat('g', 21) || '1';
  two text := 'UC' || repeat('g', 21) || '2';
begin
  perform set_config('test.g', app.create_user('g@example.com', 'G', 'starter', 10000, 'UTC', '2026-01-01')::text, false);
  insert into analytics.channels (channel_id, channel_name, monetized, connection) values (one, 'Cooking', true, 'connected'), (two, 'Trains', false, 'connected');
  insert into analytics.youtube_metrics (channel_id, date, views, engaged_views, watch_time_minutes, subscribers_gained, subscribers_lost, revenue_usd, created_at, updated_at)
  select c, date '2026-01-01' + d, 100, case when d = 66 and c = one then 40 end, 60, 3, 1,
         case when c = one then case when d = 63 then -3 else 10 end end, '2026-03-09', '2026-03-09'
    from unnest(array[one, two]) c, generate_series(0, 66) d;
  update analytics.channels set is_active = false where channel_id = one;

  -- Two of Monday, 5 January, of 40 days; two of 2 and 3 March.
  insert into analytics.videos (video_id, channel_id, title, published_at, updated_at, refreshed_at)
  select 'ggggggggg0' || n, one, 'Video ' || n, timestamptz '2026-01-05 12:00-08' + case when n <= 2 then 0 else 55 + n end * interval '1 day', '2026-03-09', '2026-03-09'
    from generate_series(1, 4) n;
  -- The videos of March on the 2nd and 3rd.
  update analytics.videos set published_at = '2026-03-02 12:00-08' where video_id = 'ggggggggg03';
  update analytics.videos set published_at = '2026-03-03 12:00-08' where video_id = 'ggggggggg04';
  insert into analytics.video_metrics (channel_id, video_id, date, views, engaged_views, watch_time_minutes, average_view_percentage, revenue_usd, created_at, updated_at)
  select one, 'ggggggggg0' || n, date '2026-01-05' + d, case n when 1 then 10 else 30 end, case when d = 0 then 5 end, 2, case d when 0 then 80 when 1 then 50 end,
         n, '2026-03-09', '2026-03-09'
    from generate_series(1, 2) n, generate_series(0, 39) d;
  insert into analytics.video_metrics (channel_id, video_id, date, views, revenue_usd, created_at, updated_at)
  values (one, 'ggggggggg03', '2026-03-04', 6, 4, '2026-03-09', '2026-03-09');
  insert into analytics.thumbnail_metrics (channel_id, video_id, date, impressions, click_through_rate, created_at, updated_at)
  values (one, 'ggggggggg01', '2026-03-07', 1000, 0.02, now(), now()), (one, 'ggggggggg02', '2026-03-07', 0, 0, now(), now()),
         (one, 'ggggggggg02', '2026-03-08', 3000, 0.06, now(), now());
  -- 94 views an hour before the video is 48 hours old, 98 an hour after.
  insert into analytics.video_statistics (channel_id, video_id, observed_at, views)
  values (one, 'ggggggggg03', '2026-03-04 11:00-08', 94), (one, 'ggggggggg03', '2026-03-04 13:00-08', 98), (one, 'ggggggggg03', '2026-03-05 13:00-08', 500),
         -- 20 hours lie between these two, so that nobody knows.
         (one, 'ggggggggg04', '2026-03-05 02:00-08', 10), (one, 'ggggggggg04', '2026-03-05 22:00-08', 90);
  update analytics.videos set duration_seconds = 100 where video_id < 'ggggggggg05';
  insert into analytics.videos (video_id, channel_id, title, published_at, duration_seconds, updated_at, refreshed_at) values ('ggggggggg05', one, 'Long', '2025-12-01', 201, now(), now());
  -- Two curves of the first; of the others half as many, as many and twice as many stay as their number says; the last is too long to compare.
  insert into analytics.retention_curves (channel_id, video_id, start_date, end_date, elapsed_ratio, audience_watch_ratio, created_at, updated_at)
  select one, 'ggggggggg0' || n, date '2026-01-01', date '2026-03-01', e, n * 0.1, now(), now() from generate_series(1, 5) n, unnest(array[0.01, 0.5, 1]) e
  union all select one, 'ggggggggg01', '2026-01-01', '2026-03-08', e, 0.9, now(), now() from unnest(array[0.01, 0.5, 1]) e;
  insert into analytics.costs (at, channel_id, video_id, category, provider, amount_usd, basis, external_id)
  values ('2026-01-06', one, 'ggggggggg01', 'video-processing', 'render', 30, 'metered', '1'),
         ('2026-01-06', one, 'ggggggggg02', 'video-processing', 'render', 10, 'metered', '2'),
         ('2026-03-03', one, 'ggggggggg03', 'text', 'openai', 2, 'metered', '3'),
         ('2026-03-08', null, null, 'infrastructure', 'platform', 1, 'allocated', '4'),
         ('2026-04-15', null, null, 'infrastructure', 'platform', 4, 'allocated', '5');
  begin
    insert into analytics.costs (at, category, provider, amount_usd, basis, external_id) values (now(), 'text', 'openai', 2, 'metered', '3');
    raise exception using errcode = 'YT001', message = 'one bill was booked twice';
  exception when unique_violation then null; end;
end $$;

-- H: $1 a day for 28 days, then $2 for 28. I: 8 weeks, each with $7 a day more than the one before. J: nothing at all. K: not monetized.
do $$
begin
  perform set_config('test.h', app.create_user('h@example.com', 'H', 'starter', 10000, 'UTC', '2026-01-01')::text, false);
  insert into analytics.channels (channel_id, channel_name, monetized) values ('UC' || repeat('h', 22), 'H', true);
  insert into analytics.youtube_metrics (channel_id, date, views, revenue_usd, created_at, updated_at)
  select 'UC' || repeat('h', 22), date '2026-01-01' + d, 1, 1 + d / 28, now(), now() from generate_series(0, 55) d
  union all select 'UC' || repeat('h', 22), '2026-02-26', 1, null, now(), now();
end $$;
do $$
begin
  perform set_config('test.i', app.create_user('i@example.com', 'I', 'starter', 10000, 'UTC', '2026-01-01')::text, false);
  insert into analytics.channels (channel_id, channel_name, monetized) values ('UC' || repeat('i', 22), 'I', true);
  insert into analytics.youtube_metrics (channel_id, date, revenue_usd, created_at, updated_at)
  select 'UC' || repeat('i', 22), date '2026-01-01' + d, 10 + 7 * (d / 7), now(), now() from generate_series(0, 55) d;
end $$;
do $$
begin
  perform set_config('test.j', app.create_user('j@example.com', 'J', 'starter', 10000, 'UTC', '2026-01-01')::text, false);
end $$;
do $$
begin
  perform set_config('test.k', app.create_user('k@example.com', 'K', 'starter', 10000, 'UTC', '2026-01-01')::text, false);
  insert into analytics.channels (channel_id, channel_name, monetized) values ('UC' || repeat('k', 22), 'K', false);
  insert into analytics.youtube_metrics (channel_id, date, views, created_at, updated_at) values ('UC' || repeat('k', 22), '2026-03-01', 5, now(), now());
end $$;

-- L: three channels whose last days are 25, 18 and 17 February; views of the first went on for eight days.
do $$
begin
  perform set_config('test.l', app.create_user('l@example.com', 'L', 'starter', 10000, 'UTC', '2026-01-01')::text, false);
  insert into analytics.channels (channel_id, channel_name, monetized) select 'UC' || repeat('l', 21) || n, 'L' || n, true from generate_series(1, 3) n;
  insert into analytics.youtube_metrics (channel_id, date, views, revenue_usd, created_at, updated_at)
  select 'UC' || repeat('l', 21) || n, d, 1, case when d < '2026-02-26' then 1 end, now(), now()
    from (values (1, date '2026-03-05'), (2, '2026-02-18'), (3, '2026-02-17')) c (n, last), generate_series(date '2026-02-01', c.last, interval '1 day') d;
end $$;

-- ---- the rollups ----
reset session authorization;
do $$
declare
  wrong int;
  report core.rollup_checks;
begin
  -- These days came without rollups, as from a replica of the version before.
  select count(*) into wrong from core.wrong_rollups(null);
  report := core.check_rollups('2026-03-10');
  if report.repaired <> wrong or wrong < 5 then raise exception '% videos were repaired instead of %', report.repaired, wrong; end if;
  select count(*) into wrong from core.wrong_rollups(null);
  if wrong <> 0 then raise exception '% rollups are wrong after a repair', wrong; end if;
  -- 1,000 x 0.02, a day that was never shown, and 3,000 x 0.06.
  if (select string_agg(concat_ws('|', day, videos, impressions, clicks), ' ' order by day) from core.reach_days) <> '2026-03-07|2|1000|20.000000 2026-03-08|1|3000|180.000000' then
    raise exception 'reach is %', (select jsonb_agg(r) from core.reach_days r);
  end if;
  report := core.check_rollups('2026-03-11');
  if report.repaired <> 0 then raise exception 'right rollups were repaired'; end if;
  -- From the third run on a tenth, and after ten days all were looked at.
  update core.video_totals set views = 7 where video_id <> 'ggggggggg02';
  update core.video_weeks set revenue_usd = null where video_id = 'ggggggggg02';
  update core.reach_days set clicks = 7 where day = '2026-03-07';
  insert into core.reach_days select user_id, channel_id, '2026-03-09', 1, 5, 1 from core.reach_days where day = '2026-03-07';
  delete from core.reach_days where day = '2026-03-08';
  for day in 12 .. 21 loop
    report := core.check_rollups(timestamptz '2026-03-01' + day * interval '1 day');
    if report.part is null then raise exception 'a run went over all videos'; end if;
  end loop;
  select count(*) into wrong from core.wrong_rollups(null);
  if wrong <> 0 or exists (select from core.video_weeks where video_id = 'ggggggggg02' and revenue_usd is null) then
    raise exception '% rollups are wrong after ten days', wrong;
  end if;
  if (select string_agg(concat_ws('|', day, videos, impressions, clicks), ' ' order by day) from core.reach_days) <> '2026-03-07|2|1000|20.000000 2026-03-08|1|3000|180.000000' then
    raise exception 'reach was not repaired: %', (select jsonb_agg(r) from core.reach_days r);
  end if;
  call core.set_views_48h('2026-03-01', '2026-03-10');
end $$;

select set_config('test.as_' || left(email, 1), sec.prove_tenant(user_id), false) from core.users where email ~ '^[ghijkl]@';
set session authorization ytempire_app;

-- ---- G ----
do $$
declare
  r record;
begin
  perform set_config('app.tenant_id', current_setting('test.as_g'), true);
  for r in select * from (values
    -- 7 days of $10 and one of -$3; February had 8 of $10. 67 / 8 x 31.
    ('the running month', (select m::text from analytics.current_month_revenue(null, '2026-03-10') m),
     '(2026-03-01,67.0000,2026-03-08,8,31,80.0000,259.63,10000.00,0.0067,behind)'),
    ('the month of a channel that is not monetized', (select status from analytics.current_month_revenue(array['UC' || repeat('g', 21) || '2'], '2026-03-10')), 'not-monetized'),
    ('the first of a month', (select m::text from analytics.current_month_revenue(null, '2026-04-01') m), '(2026-04-01,,2026-03-08,0,30,,,10000.00,,not-reported-yet)'),
    ('the 31st, without a month before', (select m::text from analytics.current_month_revenue(null, '2026-01-31') m),
     '(2026-01-01,310.0000,2026-01-31,31,31,,310.00,10000.00,0.0310,behind)'),
    ('the last 7 days beside the 7 before', (select string_agg(concat_ws('|', channel, state, revenue_usd, revenue_change, views, views_change, watch_hours, rpm_usd, net_subscribers, coalesce(cost_usd::text, 'no cost'), coalesce(profit_usd::text, 'no profit')), ' ' order by channel)
        from analytics.channel_performance_comparison(null, 7, '2026-03-10')),
     'Cooking|stopped|57.0000|-0.1857|700|0.0000|7.0|81.43|14|2.000000|55.000000 Trains|not monetized|700|0.0000|7.0|14|no cost|no profit'),
    ('engaged views are there on one day', (select count(*)::text from analytics.views_by_channel(null, 'engaged_views', '2026-03-10')), '1'),
    ('CTR weighs by impressions', (select string_agg(concat_ws('|', date, impressions, click_through_rate), ' ' order by date) from analytics.ctr_trends(null, '2026-03-01', '2026-03-10')),
     '2026-03-07|0.020000 2026-03-08|0.050000'),
    ('CTR of no channel is nothing', (select count(*)::text from analytics.ctr_trends(array['UC' || repeat('g', 21) || '2'], '2026-03-01', '2026-03-10')), '0'),
    ('retention beside three videos of like length', (select string_agg(concat_ws('|', elapsed, watching, median, lower_quartile, upper_quartile, videos, video, as_of), ' ' order by elapsed) from analytics.retention_analysis('ggggggggg01') where elapsed >= 0.5),
     '0.500000|0.900000|0.3000|0.2500|0.3500|3|Video 1|2026-03-08 1.000000|0.900000|0.3000|0.2500|0.3500|3|Video 1|2026-03-08'),
    ('the newest curve without a choice', (select distinct video from analytics.retention_analysis()), 'Video 1'),
    -- 28 x 10 and 28 x 30 views; their median is 560. The third is 7 days old, of which 6 views lie beside 70 and 210. Watched: (5 x 80 + 10 x 50) / 15, and (5 x 80 + 30 x 50) / 35.
    ('the best videos', (select string_agg(concat_ws('|', video, views_in_period, views_7d, views_28d, views, revenue_usd, watched, click_through_rate, against_median, age), ' ' order by views desc)
        from analytics.best_performing_videos(null, '2026-01-05', '2026-03-08', 5, '2026-03-10')),
     'Video 2|1200|210|840|1200|80.0000|0.5429|0.060000|1.50|28 days Video 1|400|70|280|400|40.0000|0.6000|0.020000|0.50|28 days Video 3|6|6|6|4.0000|0.09|7 days'),
    ('views after 48 hours lie between two observations', (select string_agg(coalesce(views_48h::text, '-'), ' ' order by video_id) from analytics.video_totals), '- - 96 - -'),
    ('a block of one video says nothing', (select count(*)::text from analytics.upload_schedule_effectiveness(null, '2026-03-10') where coalesce(from_0, from_4, from_8, from_12, from_16, from_20) is not null), '0'),
    -- $2 for one of two videos, $1 shared by both.
    ('the cost of a video of a week', (select string_agg(concat_ws('|', category, cost_usd, videos), ' ' order by category) from analytics.cost_per_video(null) where week = '2026-03-02'),
     'infrastructure|0.5000|2 text|1.0000|2'),
    ('the costs of a video of a week in words, beside the limits', (select string_agg(concat_ws('|', metric, value), ' ' order by metric collate "C") from analytics.cost_per_video_series(null) where week = '2026-03-02'),
     'Infrastructure|0.5000 Limit of a video|3.00 Limit of the platform''s share|0.65 Text|1.0000'),
    ('a category of two words', (select string_agg(concat_ws('|', metric, value), ' ' order by metric collate "C") from analytics.cost_per_video_series(null) where week = '2026-01-05' and metric !~ 'Limit'),
     'Video processing|20.0000'),
    ('dashboards of the version before read the same by the name that they call', (select string_agg(x::text, ' ' order by x) from analytics.cost_per_video_lines(null) x),
     (select string_agg(x::text, ' ' order by x) from analytics.cost_per_video_series(null) x)),
    ('limits stand once a week', (select max(n)::text from (select count(*) as n from analytics.cost_per_video_series(null) group by week, metric) x), '1'),
    ('a video has one row for each category and basis of its costs',
     (select max(n)::text from (select count(*) as n from analytics.video_costs() group by video_id, category, basis) x), '1'),
    ('what videos earned in 28 days', (select concat_ws('|', videos, median_28d_usd, mean_28d_usd, coalesce(mean_90d_usd::text, 'too young')) from analytics.revenue_per_video(null, '2026-03-10') where week = '2026-01-05'),
     '2|42.00|42.00|too young'),
    ('and the young ones not yet', (select coalesce(mean_28d_usd::text, 'too young') from analytics.revenue_per_video(null, '2026-03-10') where week = '2026-03-02'), 'too young'),
    -- The 2nd to the 8th: six times $10 and -$3, beside $70 of the week before. $2 booked to a video, $1 to nobody's.
    ('a week of all channels, beside the one before', (select concat_ws('|', revenue_usd, views, watch_hours, net_subscribers, videos_published, cost_usd, metered_cost_usd, profit_usd, previous_revenue_usd, revenue_change, views_change)
        from analytics.period_totals(null, '2026-03-02', '2026-03-08')), '57.0000|1400|14.00|28|2|3.000000|2.000000|54.000000|70.0000|-0.1857|0.0000'),
    -- Nothing is reported after the 8th, so that of the 9 days before only the counterparts of three count: 25 to 27 February.
    ('days not reported yet are no loss', (select concat_ws('|', days, revenue_usd, previous_revenue_usd, revenue_change) from analytics.channel_comparison(null, '2026-03-06', '2026-03-14') where channel = 'Cooking'),
     '3|30.0000|30.0000|0.0000'),
    ('a week and a day of stored metrics', (select string_agg(concat_ws('|', date, days, views, revenue_usd), ' ' order by date) from analytics.metric_days(null, '2026-03-01', '2026-03-08', 'week') where channel = 'Cooking'),
     '2026-02-23|1|100|10.0000 2026-03-02|7|700|57.0000'),
    -- A Tuesday to a Thursday, 38 days: whole weeks and what lies before and after them.
    ('videos of exactly these days', (select string_agg(concat_ws('|', title, views, revenue_usd), ' ' order by views desc) from analytics.top_videos(null, '2026-01-06', '2026-02-12')),
     'Video 2|1140|76.0000 Video 1|380|38.0000'),
    ('the margin of January', (select concat_ws('|', revenue_usd, cost_usd, margin) from analytics.profit_margins(null, '2026-03-10') where month = '2026-01-01'), '310.0000|40.000000|0.8710'),
    -- Of March's $1 that is booked to no channel, both videos are of the one that has $2 of its own; in April nobody published.
    ('what is shared goes by the videos of the month', (select string_agg(concat_ws('|', c.channel_id = 'UC' || repeat('g', 21) || '1', coalesce(m.cost_usd::numeric(14, 2)::text, 'none')), ' ' order by c.channel_id)
        from analytics.channels c left join lateral (select * from analytics.profit_margins(array[c.channel_id], '2026-04-30') where month = '2026-03-01') m on true),
     't|3.00 f|none'),
    ('and by the channels where there are none', (select string_agg(m.cost_usd::numeric(14, 2)::text, ' ') from analytics.channels c, analytics.profit_margins(array[c.channel_id], '2026-04-30') m where m.month = '2026-04-01'),
     '2.00 2.00'),
    ('the progress of the month', (select concat_ws('|', active_channels, current_month, monthly_revenue, target_revenue, progress_percentage, status, expected_revenue, last_month_same_days, known_days, days_in_month, as_of)
        from analytics.revenue_progress('2026-03-10')), '1|2026-03-01|67.0000|10000.00|0.67|behind|259.63|80.0000|8|31|2026-03-08'),
    -- 9 February to 10 March: 20 days of $10 and the $67 of March; two videos and $3, of which $2 was metered.
    ('thirty days of costs', (select concat_ws('|', videos_created, total_cost::numeric(14, 2), metered_cost::numeric(14, 2), total_revenue, profit::numeric(14, 2), roi, cost_per_video, from_day, as_of)
        from analytics.cost_summary('2026-03-10')), '2|3.00|2.00|267.0000|264.00|88.0000|1.5000|2026-02-09|2026-03-08'),
    -- $267 in 28 days after 28 of $10: 4.64% less. One of the two videos of March has views, 6.
    ('how the user does', (select concat_ws('|', month, monthly_revenue, videos_published, avg_views_per_video, growth_rate, success_tier, coalesce(months_to_goal::text, 'never so'), as_of)
        from analytics.success_metrics('2026-03-10')), '2026-03-01|67.0000|2|6.0|-4.64|behind|never so|2026-03-08'),
    ('a month without costs has no margin', (select coalesce(margin::text, 'unknown') from analytics.profit_margins(null, '2026-03-10') where month = '2026-02-01'), 'unknown'),
    -- (57 + 10 - 2) of 1 to 8 March against $2.
    ('return on costs', (select string_agg(concat_ws('|', channel, coalesce(roi::text, 'no cost')), ' ' order by channel) from analytics.roi_by_channel(null, '2026-03-01', '2026-03-10', '2026-03-10')),
     'Cooking|32.5000 Trains|no cost'),
    -- $7, $14 and $4 against $30, $10 and $2.50; then $28 and $56.
    ('break even', (select string_agg(concat_ws('|', age, videos, past_break_even, coalesce(share::text, 'too young')), ' ' order by age) from analytics.break_even_analysis(array['UC' || repeat('g', 21) || '1'], '2026-03-10')),
     '28 days|2|1|0.5000 7 days|3|2|0.6667 90 days|0|0|too young'),
    -- $7, $14 and $4 of the three that have their first week behind them; $30, $10, $2.50 and $0.50 of four. Two are not enough for a second week.
    ('earned after a week, against the cost of a video', (select string_agg(c::text, ' ') from analytics.break_even_curve(null, '2026-03-10') c), '(1,8.33,10.75,3,2026-03-08)'),
    ('the curve of a channel without videos is empty', (select count(*)::text from analytics.break_even_curve(array['UC' || repeat('g', 21) || '2'], '2026-03-10')), '0')
  ) v (claim, seen, expected) where seen is distinct from expected loop
    raise exception '%: % instead of %', r.claim, r.seen, r.expected;
  end loop;
end $$;

-- Costs of a channel and of all, in two categories, and videos of both channels: $43 booked to videos, $12 shared by two, $10 by three and $1 by three.
do $$
declare
  r record;
  one text := 'UC' || repeat('g', 21) || '1';
  two text := 'UC' || repeat('g', 21) || '2';
begin
  perform set_config('app.tenant_id', current_setting('test.as_g'), true);
  begin
    insert into analytics.video_totals (video_id, channel_id, published_at, days, updated_at)
    values ('gggggggggt1', two, '2026-01-20 12:00-08', 0, now()), ('gggggggggt2', two, '2026-03-05 12:00-08', 0, now());
    insert into analytics.costs (at, channel_id, video_id, category, provider, amount_usd, basis, external_id)
    values ('2026-01-10', one, null, 'voice', 'openai', 7, 'metered', '6'), ('2026-01-11', one, null, 'infrastructure', 'platform', 5, 'allocated', '7'),
           ('2026-01-31', null, null, 'infrastructure', 'platform', 10, 'allocated', '8'), ('2026-03-05', two, 'gggggggggt2', 'text', 'openai', 1, 'metered', '9'),
           -- A month in which the channel published nothing.
           ('2026-02-10', two, null, 'voice', 'openai', 9, 'metered', '10');
    for r in select c.channels, c.expected, (select max(b.cost_usd) from analytics.break_even_curve(c.channels, '2026-03-10') b) as seen
               from (values (null::text[], 11.00), (array[one], 15.33), (array[one, two], 11.00)) c (channels, expected) loop
      if r.seen is distinct from r.expected then raise exception 'a video of % costs % instead of %', coalesce(r.channels::text, 'all'), r.seen, r.expected; end if;
    end loop;
    raise exception using errcode = 'YT002', message = 'what was booked is taken back';
  exception when sqlstate 'YT002' then null; end;
end $$;

-- The same month as other targets have it.
do $$
declare
  r record;
begin
  perform set_config('app.tenant_id', current_setting('test.as_g'), true);
  for r in select * from (values (259, 'on-track'), (260, 'behind'), (67, 'reached')) v (target, expected) loop
    update analytics.users set target_revenue_usd = r.target;
    if (select status from analytics.current_month_revenue(null, '2026-03-10')) <> r.expected then
      raise exception 'with a target of % the month is %', r.target, (select status from analytics.current_month_revenue(null, '2026-03-10'));
    end if;
  end loop;
  update analytics.users set target_revenue_usd = 10000;
end $$;

-- ---- what is a week behind is waited for, and no longer ----
do $$
declare
  r record;
  one text[] := array['UC' || repeat('l', 21) || '1'];
  others text[] := array['UC' || repeat('l', 21) || '1', 'UC' || repeat('l', 21) || '3'];
begin
  perform set_config('app.tenant_id', current_setting('test.as_l'), true);
  for r in select * from (values
    ('revenue waits for a channel a week behind', analytics.revenue_known_until(null, '2026-02-25'), date '2026-02-18'),
    ('revenue does not wait for eight days', analytics.revenue_known_until(others, '2026-02-25'), '2026-02-25'),
    ('views wait for a channel a week behind', analytics.views_known_until(null, '2026-02-25'), '2026-02-18'),
    ('views do not wait for eight days', analytics.views_known_until(others, '2026-02-25'), '2026-02-25'),
    ('views wait for revenue a week behind', (select as_of from analytics.channel_performance_comparison(one, 28, '2026-03-04')), '2026-02-25'),
    ('views do not wait for revenue eight days behind', (select as_of from analytics.channel_performance_comparison(one, 28, '2026-03-05')), '2026-03-05')
  ) v (claim, seen, expected) where seen is distinct from expected loop
    raise exception '%: % instead of %', r.claim, r.seen, r.expected;
  end loop;
end $$;

-- ---- growth and projection ----
do $$
declare
  r record;
begin
  perform set_config('app.tenant_id', current_setting('test.as_h'), true);
  for r in select * from (values
    ('four weeks against four', (select string_agg(concat_ws('|', date, coalesce(growth::text, 'unknown')), ' ' order by date) from analytics.revenue_growth_rate(null, '2026-02-28') where date >= '2026-02-24'),
     '2026-02-24|unknown 2026-02-25|1.0000'),
    ('views that came before their revenue wait for it', (select concat_ws('|', as_of, revenue_usd, revenue_change, views, views_change) from analytics.channel_performance_comparison(null, 28, '2026-02-28')),
     '2026-02-25|56.0000|1.0000|28|0.0000'),
    ('no growth, no projection', (select projection from analytics.days_to_10k_projection(null, '2026-01-28')), 'not at this pace'),
    ('a month of 31 days against all of February', (select last_month_same_days_usd::text from analytics.current_month_revenue(null, '2026-01-31')), null)
  ) v (claim, seen, expected) where seen is distinct from expected loop
    raise exception '%: % instead of %', r.claim, r.seen, r.expected;
  end loop;

  perform set_config('app.tenant_id', current_setting('test.as_i'), true);
  for r in select * from (values
    -- The last week's mean is 59 three days before the end, and each day has $1 more: 62. The target is 10000 x 12 / 365.25 a day, 266.54 more.
    ('267 days from the last reported day', (select p::text from analytics.days_to_10k_projection(null, '2026-02-28') p), '(2026-02-25,8,62.00,328.54,7.00,264,264,264,"264 days")'),
    ('three weeks are too few', (select projection from analytics.days_to_10k_projection(null, '2026-01-27')), 'too little history'),
    ('the line on the last reported day and 90 days on', (select string_agg(concat_ws('|', date, projected_usd), ' ' order by date) from analytics.revenue_projection_line(null, '2026-02-28') where date in ('2026-02-25', '2026-05-26')),
     '2026-02-25|62.00 2026-05-26|152.00'),
    ('each week is drawn once', (select count(week_mean_usd)::text from analytics.revenue_projection_line(null, '2026-02-28')), '8')
  ) v (claim, seen, expected) where seen is distinct from expected loop
    raise exception '%: % instead of %', r.claim, r.seen, r.expected;
  end loop;
  update analytics.users set target_revenue_usd = 300;
  if (select projection from analytics.days_to_10k_projection(null, '2026-02-28')) <> 'reached' then raise exception 'a level above the target is not reached'; end if;
end $$;

-- ---- users of whom little is known ----
do $$
declare
  r record;
begin
  perform set_config('app.tenant_id', current_setting('test.as_j'), true);
  for r in select * from (values
    ('progress', (select concat_ws('|', active_channels, coalesce(monthly_revenue::text, 'unknown'), target_revenue, coalesce(progress_percentage::text, 'unknown'), status) from analytics.user_revenue_progress), '0|unknown|10000.00|unknown|no-revenue-yet'),
    ('costs', (select concat_ws('|', videos_created, coalesce(total_cost::text, 'unknown'), coalesce(roi::text, 'unknown')) from analytics.user_cost_analysis), '0|unknown|unknown'),
    ('success', (select concat_ws('|', videos_published, coalesce(avg_views_per_video::text, 'unknown'), coalesce(growth_rate::text, 'unknown'), coalesce(months_to_goal::text, 'unknown')) from analytics.user_success_metrics), '0|unknown|unknown|unknown'),
    ('projection', (select projection from analytics.days_to_10k_projection(null, '2026-02-28')), 'no revenue reported')
  ) v (claim, seen, expected) where seen is distinct from expected loop
    raise exception 'of a user without anything, %: % instead of %', r.claim, r.seen, r.expected;
  end loop;
  perform set_config('app.tenant_id', current_setting('test.as_k'), true);
  if (select status from analytics.user_revenue_progress) <> 'not-monetized' then raise exception 'a user without a monetized channel is %', (select status from analytics.user_revenue_progress); end if;
end $$;

-- H's growth doubles in 28 days, to $56 in 28: ln(10000 / 60.875) / ln 2 = 7.36 times 28 days, 6.77 months.
do $$
declare
  found text;
begin
  perform set_config('app.tenant_id', current_setting('test.as_h'), true);
  select concat_ws('|', growth_rate, months_to_goal) into found from analytics.success_metrics('2026-02-28');
  if found <> '100.00|7' then raise exception 'growth compounds to % instead of 100.00|7', found; end if;
end $$;

-- ---- what must hold of any data ----
do $$
declare
  r record;
  u text;
begin
  foreach u in array '{g,h,i,j,k}'::text[] loop
    perform set_config('app.tenant_id', current_setting('test.as_' || u), true);
    for r in select * from (values
      ('channels add up to the total', (select sum(revenue_usd) from analytics.daily_revenue_trend(null, '2026-12-31')), (select sum(revenue_usd) from analytics.daily_revenue(null, '2026-12-31'))),
      ('days add up to months', (select sum(revenue_usd) from analytics.profit_margins(null, '2026-12-31')), (select sum(revenue_usd) from analytics.youtube_metrics)),
      ('costs of videos add up to the ledger', (select sum(cost_usd) from analytics.video_costs()),
       (select sum(amount_usd) from analytics.costs where at < '2026-04-01')),
      ('costs of each channel add up to those of all', (select sum(m.cost_usd)::numeric(14, 4) from analytics.channels c, analytics.profit_margins(array[c.channel_id], '2026-12-31') m),
       (select sum(cost_usd)::numeric(14, 4) from analytics.profit_margins(null, '2026-12-31'))),
      ('costs of months add up to the ledger', (select sum(cost_usd) from analytics.profit_margins(null, '2026-12-31')), (select sum(amount_usd) from analytics.costs)),
      ('weeks add up to totals', (select sum(views) from analytics.video_weeks), (select sum(views) from analytics.video_totals)),
      ('totals add up to days', (select sum(views) from analytics.video_totals), (select sum(views) from analytics.video_metrics)),
      ('one row a channel', (select count(*)::numeric from analytics.channel_performance_comparison(null, 28, '2026-03-10')), (select count(*)::numeric from analytics.channels)),
      ('one row a channel of costs', (select count(*)::numeric from analytics.roi_by_channel(null, null, null, '2026-03-10')), (select count(*)::numeric from analytics.channels)),
      ('one row a user', (select count(*)::numeric from analytics.user_revenue_progress) + (select count(*) from analytics.user_cost_analysis) + (select count(*) from analytics.user_success_metrics), 3::numeric),
      ('one row a video', (select count(*)::numeric from analytics.best_performing_videos(null, '2026-01-01', '2026-12-31', 100, '2026-03-10')), (select count(distinct video_id)::numeric from analytics.video_metrics)),
      ('seven weekdays', (select count(*)::numeric from analytics.upload_schedule_effectiveness()), 7::numeric),
      ('each channel alone adds up to all', (select sum(m.revenue_usd) from analytics.channels c, analytics.current_month_revenue(array[c.channel_id], '2026-03-10') m),
       (select m.revenue_usd from analytics.current_month_revenue(null, '2026-03-10') m)),
      ('costs of each channel''s videos add up to all', (select sum(v.cost_usd) from analytics.channels c, analytics.video_costs(array[c.channel_id]) v),
       (select sum(cost_usd) from analytics.video_costs())),
      ('a hundred years have one row a day', (select count(*)::numeric from analytics.ctr_trends(null, '1926-01-01', '2026-03-10')), (select count(distinct date)::numeric from analytics.thumbnail_metrics)),
      ('a hundred years have one row a channel', (select count(*)::numeric from analytics.roi_by_channel(null, '1926-01-01', '2026-12-31', '2026-03-10')), (select count(*)::numeric from analytics.channels)),
      ('periods of 100 years are compared with nothing', (select count(revenue_change)::numeric from analytics.channel_performance_comparison(null, 36525, '2026-03-10')), 0::numeric),
      ('one row a hundredth of a video', (select count(*)::numeric from analytics.retention_analysis()), (select count(distinct elapsed)::numeric from analytics.retention_analysis())),
      ('one row an age', (select count(*)::numeric from analytics.break_even_analysis(null, '2026-03-10')), 3::numeric),
      ('the cost of the curve is the mean of what videos cost', (select max(cost_usd) from analytics.break_even_curve(null, '2026-03-10')),
       (select round(sum(cost_usd) / count(distinct video_id), 2) from analytics.video_costs() where published > date '2026-03-10' - 365))
    ) v (claim, seen, expected) where seen is distinct from expected loop
      raise exception 'of user %, %: % and %', u, r.claim, r.seen, r.expected;
    end loop;
  end loop;
end $$;
reset session authorization;
