-- Daily rollups of statistics, retention and compression.
set role ytempire_owner;

-- The last observation of each Pacific day in a range of moments, into the rollups.
create or replace procedure core.roll_up(p_from timestamptz, p_until timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp set work_mem = '32MB'
as $$
declare
  -- Whole days only: half of one would overwrite the whole.
  from_day timestamptz := core.pacific_midnight(core.pacific_day(p_from));
  until_day timestamptz := core.pacific_midnight(core.pacific_day(p_until) + 1);
begin
  -- First which observation is the last one of each day, then its figures by the key: sorting all rows to keep one in 96 takes longer.
  insert into core.channel_statistics_days as d (user_id, channel_id, day, views, subscribers, videos, observed_at, observations)
  select last.user_id, last.channel_id, last.day, s.views, s.subscribers, s.videos, last.observed_at, last.observations
    from (select r.user_id, r.channel_id, core.pacific_day(r.observed_at) as day, max(r.observed_at) as observed_at, count(*) as observations
            from core.channel_statistics r
           where r.observed_at >= from_day and r.observed_at < until_day and r.without_grant is not true
           group by 1, 2, 3) last
   cross join lateral (select f.views, f.subscribers, f.videos from core.channel_statistics f
                        where f.user_id = last.user_id and f.channel_id = last.channel_id and f.observed_at = last.observed_at
                           and f.observed_at >= from_day and f.observed_at < until_day limit 1) s
  on conflict (user_id, channel_id, day) do update
    set views = excluded.views, subscribers = excluded.subscribers, videos = excluded.videos, observed_at = excluded.observed_at,
        observations = greatest(d.observations, excluded.observations)
  -- An earlier observation than the one known came late, after the day's raw rows were gone.
  where excluded.observed_at >= d.observed_at
    and (d.observed_at, d.observations, d.views) is distinct from (excluded.observed_at, excluded.observations, excluded.views);

  insert into core.video_statistics_days as d (user_id, channel_id, video_id, day, views, likes, comments, observed_at, observations)
  select last.user_id, s.channel_id, last.video_id, last.day, s.views, s.likes, s.comments, last.observed_at, last.observations
    from (select r.user_id, r.video_id, core.pacific_day(r.observed_at) as day, max(r.observed_at) as observed_at, count(*) as observations
            from core.video_statistics r
           where r.observed_at >= from_day and r.observed_at < until_day and r.without_grant is not true
           group by 1, 2, 3) last
   cross join lateral (select f.channel_id, f.views, f.likes, f.comments from core.video_statistics f
                        where f.user_id = last.user_id and f.video_id = last.video_id and f.observed_at = last.observed_at
                           and f.observed_at >= from_day and f.observed_at < until_day limit 1) s
  on conflict (user_id, video_id, day) do update
    set views = excluded.views, likes = excluded.likes, comments = excluded.comments, observed_at = excluded.observed_at,
        observations = greatest(d.observations, excluded.observations)
  where excluded.observed_at >= d.observed_at
    and (d.observed_at, d.observations, d.views) is distinct from (excluded.observed_at, excluded.observations, excluded.views);
end $$;
revoke all on procedure core.roll_up from public;

-- Called by the sidecar's own scheduler, so that no engine's background workers are needed. Every engine drops the same rows: whole Pacific
-- days, though TimescaleDB could drop only whole chunks.
create or replace procedure core.maintain(p_now timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  series record;
  gone record;
  chunk regclass;
  found_engine text := (select engine from sec.storage);
  cutoff timestamptz;
  oldest timestamptz;
  rolled_until timestamptz;
begin
  -- Another replica is at it.
  if not pg_try_advisory_xact_lock(hashtext('ytempire.maintain')) then
    return;
  end if;
  if found_engine = 'timescale-community' then
    perform set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
  end if;

  -- From where the last run ended, or from a series' oldest row. Observations that come in late are looked for in the three hours before that, and by
  -- the first run of a day in the three days before it.
  select min(r.until) into rolled_until
    from (select coalesce(t.rolled_up_until, case t.table_name when 'channel_statistics' then (select min(s.observed_at) from core.channel_statistics s)
                                                               else (select min(s.observed_at) from core.video_statistics s) end) as until
            from core.time_series t where t.table_name in ('channel_statistics', 'video_statistics')) r;
  if rolled_until is not null then
    call core.roll_up(least(rolled_until, p_now) - case when core.pacific_day(rolled_until) < core.pacific_day(p_now) then interval '3 days'
                                                        else interval '3 hours' end, p_now);
    update core.time_series t set rolled_up_until = p_now where t.table_name in ('channel_statistics', 'video_statistics');
  end if;

  for series in select * from core.time_series where keep is not null loop
    cutoff := core.pacific_midnight(core.pacific_day(p_now - series.keep));
    execute format('select min(%1$I) from core.%2$I where %1$I < %3$L', series.time_column, series.table_name, cutoff) into oldest;
    continue when oldest is null;
    if series.table_name <> 'events' then     -- counted when they are recorded
      -- Those that came later still are counted before their raw rows go.
      call core.roll_up(oldest, cutoff - interval '1 microsecond');
    end if;
    if found_engine <> 'plain' then
      -- Whole chunks first: that costs nothing.
      execute format('select public.drop_chunks(%L::regclass, older_than => %L::timestamptz)', 'core.' || series.table_name, cutoff);
    end if;
    execute format('delete from core.%I where %I < %L', series.table_name, series.time_column, cutoff);
  end loop;

  -- Google's Developer Policies III.E.4: figures fetched without the owner's grant, and titles that were not fetched again, 30 days.
  -- Asked first, because a delete may decompress what it only has to look at.
  if exists (select from core.channel_statistics where without_grant and observed_at < p_now - interval '30 days') then
    delete from core.channel_statistics where without_grant and observed_at < p_now - interval '30 days';
  end if;
  if exists (select from core.video_statistics where without_grant and observed_at < p_now - interval '30 days') then
    delete from core.video_statistics where without_grant and observed_at < p_now - interval '30 days';
  end if;

  -- A minute's quota is of no interest after it; a day's shows what each user needs of Google.
  delete from core.quota_windows
   where ends_at < p_now - interval '1 hour' and ends_at - starts_at <= interval '1 minute' or ends_at < p_now - interval '400 days';
  delete from core.quota_hours where hour < p_now - interval '400 days';
  delete from core.event_hours where hour < p_now - interval '400 days';
  -- Stripe sends an event again for days, and by hand for 30.
  delete from core.stripe_events where received_at < p_now - interval '40 days';
  -- Of all users, also of those who are not active any more.
  delete from core.quality_results where day < core.pacific_day(p_now) - 90;
  delete from core.rejected_rows where day < core.pacific_day(p_now) - 90;
  delete from core.quality_incidents where closed_at < p_now - interval '400 days';
  delete from core.report_runs where due_at < p_now - interval '400 days';
  -- Addresses of people who never said that they want reports.
  delete from core.report_recipients where verified_at is null and greatest(created_at, verification_sent_at) < p_now - interval '30 days';
  delete from core.provider_totals where month < p_now - interval '400 days';

  if found_engine = 'timescale-community' then
    for series in select * from core.time_series where compress_after is not null loop
      for chunk in execute
        'select format(''%I.%I'', chunk_schema, chunk_name)::regclass from timescaledb_information.chunks
          where hypertable_schema = ''core'' and hypertable_name = $1 and not is_compressed and range_end < $2'
        using series.table_name, p_now - series.compress_after
      loop
        execute format('select public.compress_chunk(%L::regclass, if_not_compressed => true)', chunk);
      end loop;
    end loop;
  end if;

  -- III.E.4.b: what was fetched of a video lasts while the video does. Three days are left to whoever deleted it by mistake, unless its title
  -- expires before. Channels are locked first, as by whoever stores, and those of a batch left to the next run; so this comes last.
  for gone in select v.user_id, v.channel_id, v.video_id from core.videos v
               where v.gone_at < p_now - interval '3 days' or v.gone_at is not null and v.refreshed_at < p_now - interval '30 days'
               order by v.user_id, v.channel_id limit 1000 loop
    -- Where the owner cannot be asked, the rules for such a channel decide.
    perform from core.channels c where c.user_id = gone.user_id and c.channel_id = gone.channel_id
       and c.connection <> 'reconnect-needed' and c.identity_missed_at is null
       for no key update skip locked;
    continue when not found;
    -- It may have come back since it was read.
    perform from core.videos v where v.user_id = gone.user_id and v.video_id = gone.video_id and v.gone_at is not null for update skip locked;
    continue when not found;
    call core.erase_video(gone.user_id, gone.channel_id, gone.video_id);
    call core.note_erased_video(gone.user_id, gone.channel_id, gone.video_id, p_now);
  end loop;
  call core.expire_erased_videos(p_now);
  -- Of a gone video this row alone says that the others are to be erased.
  delete from core.videos where refreshed_at < p_now - interval '30 days' and gone_at is null;
end $$;
revoke all on procedure core.maintain from public;

reset role;

-- core.maintain for the sidecar, which is not its owner: it goes over all users' rows, so it runs as the administrator.
-- Nothing is deleted before it is due by the database's own clock, whatever time the caller names.
create or replace function app.maintain(p_now timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s'
as $$
begin
  call core.maintain(sec.limited_time(p_now));
end $$;
revoke all on function app.maintain from public, ytempire_app;
grant execute on function app.maintain to ytempire_operator;
