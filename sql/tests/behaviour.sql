-- How the tables behave, on every engine: five channels, slots, keys, maintenance. Run like isolation.sql, after it.
set session authorization ytempire_app;
do $$
declare
  c uuid := app.create_user('c@example.com', 'C', 'growth', 10000, 'UTC', '2026-01-01');
  n int;
begin
  for i in 1..5 loop
    insert into analytics.channels (channel_id, channel_name) values ('UC' || repeat(i::text, 22), 'channel ' || i);
  end loop;
  begin
    insert into analytics.channels (channel_id, channel_name) values ('UC' || repeat('6', 22), 'one too many');
    raise exception using errcode = 'YT001', message = 'a sixth channel went in';
  exception when check_violation then null; end;

  -- A channel that is put to rest gives its slot to another, and must ask for one to come back.
  update analytics.channels set is_active = false where channel_id = 'UC' || repeat('2', 22);
  insert into analytics.channels (channel_id, channel_name) values ('UC' || repeat('6', 22), 'in its place');
  select slot into n from analytics.channels where channel_id = 'UC' || repeat('6', 22);
  if n <> 2 then raise exception 'slot 2 was free, the new channel got %', n; end if;
  begin
    update analytics.channels set is_active = true where channel_id = 'UC' || repeat('2', 22);
    raise exception using errcode = 'YT001', message = 'a sixth channel became active';
  exception when check_violation then null; end;

  -- Upsert through the view, restated and not.
  insert into analytics.video_metrics (channel_id, video_id, date, views, created_at, updated_at)
  values ('UC' || repeat('1', 22), 'ccccccccccc', '2026-01-01', 5, now(), now());
  insert into analytics.video_metrics as m (channel_id, video_id, date, views, created_at, updated_at)
  values ('UC' || repeat('1', 22), 'ccccccccccc', '2026-01-01', 6, now(), now())
  on conflict (user_id, video_id, date) do update set views = excluded.views where m.views is distinct from excluded.views;
  get diagnostics n = row_count;
  if n <> 1 then raise exception 'a restated row was not updated'; end if;
  insert into analytics.video_metrics as m (channel_id, video_id, date, views, created_at, updated_at)
  values ('UC' || repeat('1', 22), 'ccccccccccc', '2026-01-01', 6, now(), now())
  on conflict (user_id, video_id, date) do update set views = excluded.views where m.views is distinct from excluded.views;
  get diagnostics n = row_count;
  if n <> 0 then raise exception 'an unchanged row was updated'; end if;

  insert into analytics.video_statistics (channel_id, video_id, observed_at, views)
  values ('UC' || repeat('1', 22), 'ccccccccccc', '2026-01-01', 5), ('UC' || repeat('1', 22), 'ccccccccccc', '2026-06-01', 5);

  begin
    insert into analytics.channels (channel_id, channel_name) values ('no channel id', 'x');
    raise exception using errcode = 'YT001', message = 'a channel id of any form went in';
  exception when check_violation then null; end;
end $$;
reset session authorization;

-- What is kept for a time goes after it, also of a user who is not active any more.
do $$
declare
  tenant uuid := gen_random_uuid();
  now timestamptz := '2026-06-15 12:00+00';
begin
  insert into core.users (user_id, email, display_name, subscription_tier, target_revenue_usd, time_zone, is_active, created_at)
  values (tenant, 'bounds@example.com', 'Bounds', 'starter', 10000, 'UTC', false, '2024-01-01');
  call core.make_event_partitions(now);
  insert into core.events (user_id, at, event_id, kind, source)
  select tenant, at, gen_random_uuid(), 'x', 'y' from unnest(array[now - interval '92 days', now - interval '89 days']) at;
  insert into core.event_hours (user_id, hour, kind, source, events)
  select tenant, at, 'x', 'y', 1 from unnest(array[now - interval '401 days', now - interval '399 days']) at;
  insert into core.quality_results (user_id, check_name, day, checked_at, level, worst_level)
  select tenant, 'freshness', core.pacific_day(now) - d, now, 'ok', 'ok' from unnest(array[91, 90]) d;
  insert into core.rejected_rows (user_id, day, kind, reason, row_count, last_at)
  select tenant, core.pacific_day(now) - d, 'channel-day', 'invalid', 1, now from unnest(array[91, 90]) d;
  insert into core.quality_incidents (user_id, check_name, opened_at, updated_at, closed_at, channels)
  select tenant, 'freshness', at, at, at, 1 from unnest(array[now - interval '401 days', now - interval '399 days']) at;
  insert into core.quality_incidents (user_id, check_name, opened_at, updated_at, channels) values (tenant, 'validity', '2024-01-01', now, 1);
  insert into core.report_runs (user_id, kind, period, due_at, claimed_at, leased_until)
  select tenant, 'daily', at::date, at, at, at from unnest(array[now - interval '401 days', now - interval '399 days']) at;
  insert into core.report_recipients (user_id, email, created_at, verified_at, verification_sent_at) values
    (tenant, 'never@example.com', now - interval '45 days', null, now - interval '31 days'),
    (tenant, 'again@example.com', now - interval '45 days', null, now - interval '29 days'),
    (tenant, 'wants@example.com', now - interval '45 days', now - interval '45 days', now - interval '45 days');
  insert into core.provider_totals (provider, month, unit, total, ledger, checked_at)
  select 'openai', d, 'usd', 1, 1, d from unnest('{2025-05-01,2026-06-01}'::date[]) d;
  insert into core.stripe_events (event_id, received_at) values ('evt_old', now - interval '41 days'), ('evt_new', now - interval '39 days');
end $$;
call core.maintain('2026-06-15 12:00+00');
do $$
declare
  tenant uuid := (select user_id from core.users where email = 'bounds@example.com');
  found text;
begin
  select concat_ws(' ', (select count(*) from core.events where user_id = tenant), (select count(*) from core.event_hours where user_id = tenant),
                   (select count(*) from core.quality_results where user_id = tenant), (select count(*) from core.quality_incidents where user_id = tenant),
                   (select count(*) from core.report_runs where user_id = tenant), (select count(*) from core.stripe_events),
                   (select count(*) from core.rejected_rows where user_id = tenant),
                   (select count(*) from core.video_statistics where video_id = 'ccccccccccc')) into found;
  if found <> '1 1 1 2 1 1 1 1' then
    raise exception 'events, hours, results, incidents, runs, events of Stripe, counts of rejected rows and statistics of videos that are left: %', found;
  end if;
  select concat_ws(' ', (select string_agg(email, ',' order by email) from core.report_recipients where user_id = tenant),
                   (select string_agg(month::text, ',') from core.provider_totals)) into found;
  if found is distinct from 'again@example.com,wants@example.com 2026-06-01' then
    raise exception 'addresses that somebody confirmed or may yet, and totals of providers that are left: %', found;
  end if;
  delete from core.events where user_id = tenant;
  delete from core.users where user_id = tenant;
  delete from core.stripe_events;
  delete from core.provider_totals;
end $$;

-- A gone video goes with all that was fetched of it, also when its title expires first; what was booked as its costs stays, and so does a video
-- that came back.
do $$
declare
  tenant uuid := (select user_id from core.users where email = 'c@example.com');
  channel text := 'UC' || repeat('1', 22);
  n int;
begin
  insert into core.videos (user_id, video_id, channel_id, title, published_at, refreshed_at, gone_at) values
    (tenant, 'goneandlate', channel, 'Gone', '2026-01-01', '2026-05-20', '2026-06-19'),
    (tenant, 'goneandover', channel, 'Gone', '2026-01-01', '2026-06-19', '2026-06-14'),
    (tenant, 'goneashortw', channel, 'Gone', '2026-01-01', '2026-06-19', '2026-06-19'),
    (tenant, 'onlyexpired', channel, 'Away', '2026-01-01', '2026-05-20', null);
  insert into core.video_days (user_id, channel_id, video_id, day, views, created_at, updated_at)
  select tenant, channel, video_id, '2026-06-01', 1, now(), now() from core.videos where user_id = tenant;
  insert into core.costs (user_id, at, channel_id, video_id, category, provider, amount_usd, basis, external_id)
  values (tenant, '2026-06-01', channel, 'goneandover', 'voice', 'a voice', 1, 'metered', '1');
end $$;
call core.maintain('2026-06-20');
do $$
declare
  tenant uuid := (select user_id from core.users where email = 'c@example.com');
  left_over text;
begin
  select string_agg(video_id, ',' order by video_id) into left_over from core.video_days where user_id = tenant and day = '2026-06-01';
  if left_over is distinct from 'goneashortw,onlyexpired' then raise exception 'days are left of %', left_over; end if;
  select string_agg(video_id, ',' order by video_id) into left_over from core.videos where user_id = tenant;
  if left_over is distinct from 'goneashortw' then raise exception 'titles are left of %', left_over; end if;
  if not exists (select from core.costs where user_id = tenant and video_id = 'goneandover') then raise exception 'costs went with a video'; end if;
  delete from core.costs where user_id = tenant;
  delete from core.videos where user_id = tenant;
  delete from core.video_days where user_id = tenant and day = '2026-06-01';
end $$;

-- Of a day its last observation counts, and how many there were. What comes in within three hours, also over midnight, is seen by the next run; what
-- comes later, up to three days, by the first run of the next day.
create function pg_temp.observe(at timestamptz, seen bigint) returns void
language sql as $$
  insert into core.channel_statistics (user_id, channel_id, observed_at, views, subscribers, videos)
  select user_id, channel_id, at, seen, 1, 1 from core.channels where channel_id = 'UC' || repeat('1', 22);
  insert into core.video_statistics (user_id, channel_id, video_id, observed_at, views)
  select user_id, channel_id, 'ccccccccccc', at, seen from core.channels where channel_id = 'UC' || repeat('1', 22);
$$;
create function pg_temp.require_days(moment text, expected text) returns void
language plpgsql as $$
declare
  days text;
begin
  foreach days in array array[
    (select string_agg(concat_ws(' ', d.day, d.views, d.observations), ', ' order by d.day) from core.channel_statistics_days d
      where d.channel_id = 'UC' || repeat('1', 22) and d.day >= '2026-06-19'),
    (select string_agg(concat_ws(' ', d.day, d.views, d.observations), ', ' order by d.day) from core.video_statistics_days d
      where d.video_id = 'ccccccccccc' and d.day >= '2026-06-19')] loop
    if days is distinct from expected then raise exception 'days %: % instead of %', moment, days, expected; end if;
  end loop;
end $$;
select pg_temp.observe('2026-06-21 17:00+00', 10), pg_temp.observe('2026-06-21 18:00+00', 12);
call core.maintain('2026-06-21 18:30+00');
select pg_temp.require_days('of this morning', '2026-06-21 12 2');
select pg_temp.observe('2026-06-19 20:00+00', 7);
call core.maintain('2026-06-21 19:30+00');
select pg_temp.require_days('while an observation of two days ago waits', '2026-06-21 12 2');
call core.maintain('2026-06-22 07:30+00');
select pg_temp.require_days('after midnight', '2026-06-19 7 1, 2026-06-21 12 2');
-- Stored three hours after it was observed, just before midnight.
call core.maintain('2026-06-22 09:50+00');
select pg_temp.observe('2026-06-22 06:59+00', 15);
call core.maintain('2026-06-22 10:50+00');
select pg_temp.require_days('with an observation from before midnight', '2026-06-19 7 1, 2026-06-21 15 3');
-- Just before midnight, three days before the day on which it comes, after that day's last run; the next run is days later.
call core.maintain('2026-06-23 06:30+00');
select pg_temp.observe('2026-06-20 06:59+00', 8), pg_temp.observe('2026-06-23 18:00+00', 20), pg_temp.observe('2026-06-29 18:00+00', 30);
call core.maintain('2026-06-29 18:30+00');
select pg_temp.require_days('after runs were missed', '2026-06-19 8 2, 2026-06-21 15 3, 2026-06-23 20 1, 2026-06-29 30 1');
-- A series that was never rolled up is, from its oldest row.
delete from core.video_statistics_days where video_id = 'ccccccccccc' and day >= '2026-06-19';
update core.time_series set rolled_up_until = null where table_name = 'video_statistics';
call core.maintain('2026-06-29 19:30+00');
select pg_temp.require_days('of videos that were never rolled up', '2026-06-19 8 2, 2026-06-21 15 3, 2026-06-23 20 1, 2026-06-29 30 1');
delete from core.channel_statistics_days where channel_id = 'UC' || repeat('1', 22) and day >= '2026-06-19';
update core.time_series set rolled_up_until = null where table_name = 'channel_statistics';
call core.maintain('2026-06-29 20:30+00');
select pg_temp.require_days('of channels that were never rolled up', '2026-06-19 8 2, 2026-06-21 15 3, 2026-06-23 20 1, 2026-06-29 30 1');
delete from core.channel_statistics where channel_id = 'UC' || repeat('1', 22) and observed_at >= '2026-06-19';
delete from core.video_statistics where video_id = 'ccccccccccc' and observed_at >= '2026-06-19';
delete from core.channel_statistics_days where channel_id = 'UC' || repeat('1', 22) and day >= '2026-06-19';
delete from core.video_statistics_days where video_id = 'ccccccccccc' and day >= '2026-06-19';
