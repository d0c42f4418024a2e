-- Half a year of two users' rows: days, restated days, observations every 8 hours, some of them late and some public; with maintenance in
-- between, so that what comes later meets chunks that are compressed or gone.
set session authorization ytempire_app;
do $$
declare
  u text;
begin
  foreach u in array array['e', 'f'] loop
    perform app.create_user(u || '@example.com', u, 'starter', 10000, 'UTC', '2026-01-01');
    insert into analytics.channels (channel_id, channel_name, created_at)
    select 'UC' || repeat(u, 21) || n, u || n, '2026-01-01' from generate_series(1, 2) n;
    insert into analytics.youtube_metrics (channel_id, date, views, revenue_usd, created_at, updated_at)
    select 'UC' || repeat(u, 21) || n, date '2026-01-01' + d, d * n, d * 0.37, '2026-01-01', '2026-01-01'
      from generate_series(1, 2) n, generate_series(0, 180) d;
    insert into analytics.video_metrics (channel_id, video_id, date, views, created_at, updated_at)
    select 'UC' || repeat(u, 21) || n, repeat(u, 9) || n || v, date '2026-01-01' + d, d * n * v, '2026-01-01', '2026-01-01'
      from generate_series(1, 2) n, generate_series(1, 3) v, generate_series(0, 180) d;
    insert into analytics.channel_statistics (channel_id, observed_at, views, subscribers, videos, without_grant)
    select 'UC' || repeat(u, 21) || n, timestamptz '2026-01-01' + h * interval '8 hours', h * n, h, 7, nullif(h % 5 = 0, false)
      from generate_series(1, 2) n, generate_series(0, 540) h;
    insert into analytics.video_statistics (channel_id, video_id, observed_at, views, likes, without_grant)
    select 'UC' || repeat(u, 21) || n, repeat(u, 9) || n || v, timestamptz '2026-01-01' + h * interval '8 hours', h * n * v, h,
           nullif(h % 7 = 0, false)
      from generate_series(1, 2) n, generate_series(1, 3) v, generate_series(0, 540) h;
  end loop;
end $$;
reset session authorization;
call core.maintain('2026-03-01');
select set_config('test.as_e', sec.prove_tenant(user_id), false) from core.users where email = 'e@example.com';
set session authorization ytempire_app;
do $$
begin
  perform set_config('app.tenant_id', current_setting('test.as_e'), true);
  -- Restated, in chunks that are compressed by now.
  insert into analytics.video_metrics as m (channel_id, video_id, date, views, created_at, updated_at)
  select 'UC' || repeat('e', 21) || 1, repeat('e', 9) || '11', date '2026-01-01' + d, d * 1000, '2026-03-02', '2026-03-02'
    from generate_series(0, 60) d
  on conflict (user_id, video_id, date) do update set views = excluded.views, updated_at = excluded.updated_at
   where m.views is distinct from excluded.views;
  -- Late: a day of long ago, whose raw rows go at the next maintenance.
  insert into analytics.video_statistics (channel_id, video_id, observed_at, views)
  values ('UC' || repeat('e', 21) || 2, repeat('e', 9) || '21', '2026-01-05T03:00:00Z', 123456);
end $$;
reset session authorization;
call core.maintain('2026-06-15');
call core.maintain('2026-07-01');
do $$
begin
  perform core.check_rollups('2026-07-01');
end $$;
