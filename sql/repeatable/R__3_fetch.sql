-- What a fetch for many users reads and writes, each in one statement. SECURITY INVOKER on purpose: these functions enter one tenant after
-- the other, as their caller may do by itself, and see through the same views. So they give nobody a right that it has not: p_tenants are
-- values of app.tenant_id, each with its proof. Those with p_users are for the version before, whose tenants need none during an upgrade.
set role ytempire_owner;

-- Which of these users there are, by what subscription, and whether they are active.
create or replace function app.plan_users(p_tenants text[]) returns table (user_id uuid, subscription_tier text, is_active boolean)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query select u.user_id, u.subscription_tier, u.is_active from analytics.users u;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_users(text[]) from public;
grant execute on function app.plan_users(text[]) to ytempire_app;

-- Their channels, as far as fetching goes.
create or replace function app.plan_channels(p_tenants text[])
returns table (user_id uuid, channel_id text, uploads_playlist_id text, monetised boolean, monetised_asked_at timestamptz, connection text,
               is_active boolean, allows_revenue boolean, statistics_at timestamptz, is_watched boolean, subscribe_asked_at timestamptz,
               lease_until timestamptz, feed_read_at timestamptz, playlist_read_at timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query
      select c.user_id, c.channel_id, c.uploads_playlist_id, c.monetised, c.monetised_asked_at, c.connection, c.is_active,
             coalesce('https://www.googleapis.com/auth/yt-analytics-monetary.readonly' = any (g.scopes), false),
             (select s.observed_at from analytics.channel_statistics s
               where s.channel_id = c.channel_id order by s.observed_at desc limit 1),
             w.channel_id is not null, w.asked_at, w.lease_until, w.feed_read_at, w.playlist_read_at
        from analytics.channels c
        left join app.upload_watches w on w.channel_id = c.channel_id
        left join app.oauth_grants g on g.channel_id = c.channel_id
       order by c.channel_id;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_channels(text[]) from public;
grant execute on function app.plan_channels(text[]) to ytempire_app;

-- Days of each report of each of their channels, as days since 1970, and when each was last stored, in microseconds since then: a client
-- reads tens of thousands of numbers in a tenth of the time of as many dates and times.
create or replace function app.plan_day_check_times(p_tenants text[], p_since date)
returns table (user_id uuid, channel_id text, report text, days integer[], checked bigint[])
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query
      select d.user_id, d.channel_id, d.report, array_agg(d.day - date '1970-01-01'),
             array_agg(round(date_part('epoch', d.checked_at) * 1000000)::bigint)
        from app.day_checks d where d.day >= p_since group by d.user_id, d.channel_id, d.report;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_day_check_times(text[], date) from public;
grant execute on function app.plan_day_check_times(text[], date) to ytempire_app;

-- The same as dates and times; what replicas of the version before call.
create or replace function app.plan_day_checks(p_tenants text[], p_since date)
returns table (user_id uuid, channel_id text, report text, days date[], checked timestamptz[])
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query
      select d.user_id, d.channel_id, d.report, array_agg(d.day order by d.day), array_agg(d.checked_at order by d.day)
        from app.day_checks d where d.day >= p_since group by d.user_id, d.channel_id, d.report;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_day_checks(text[], date) from public;
grant execute on function app.plan_day_checks(text[], date) to ytempire_app;

-- Their videos of which something can be due, and when the totals of each were last stored.
create or replace function app.plan_videos(p_tenants text[], p_now timestamptz)
returns table (user_id uuid, channel_id text, video_id text, published_at timestamptz, refreshed_at timestamptz, has_details boolean,
               observed_at timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query
      select v.user_id, v.channel_id, v.video_id, v.published_at, v.refreshed_at, v.duration_seconds is not null,
             case when v.published_at > p_now - interval '31 days' then
               (select s.observed_at from analytics.video_statistics s
                 where s.video_id = v.video_id and s.observed_at > p_now - interval '2 days'
                 order by s.observed_at desc limit 1)
             end
        from analytics.videos v
       where v.published_at > p_now - interval '31 days'
          or v.duration_seconds is null
          or v.refreshed_at < p_now - interval '24 days'
       order by v.published_at desc;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_videos(text[], timestamptz) from public;
grant execute on function app.plan_videos(text[], timestamptz) to ytempire_app;

-- Backfills of their channels that are not done.
create or replace function app.plan_backfills(p_tenants text[])
returns table (user_id uuid, channel_id text, report text, first_day date, reached date, advanced_at timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query
      select b.user_id, b.channel_id, b.report, b.first_day, b.reached, b.advanced_at from analytics.backfills b
       where b.reached > b.first_day;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_backfills from public;
grant execute on function app.plan_backfills to ytempire_app;

-- Batches of their channels that runs fetched by plan and nobody has stored, oldest first.
create or replace function app.plan_waiting_batches(p_tenants text[], p_now timestamptz)
returns table (user_id uuid, batch_id uuid, channel_id text, report text, kinds text[], row_count integer, size_bytes bigint,
               fetched_at timestamptz, expires_at timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query
      select b.user_id, b.batch_id, b.channel_id, b.report, b.kinds, b.row_count, b.size_bytes, b.fetched_at, b.expires_at
        from app.held_batches b
       where b.stored_at is null and b.is_due and b.expires_at > p_now
       order by b.fetched_at, b.batch_id;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_waiting_batches from public;
grant execute on function app.plan_waiting_batches to ytempire_app;

-- Leases reports of channels to a run, the n-th report of the n-th channel, whose user is in p_tenants at the n-th of p_users, where no other
-- run holds them by the database's clock: those of sidecars differ. Answers of each place, from 1, whether it is this run's, and until when it
-- is leased by the caller's time. Users in the order given and each one's rows always in the same, so that two runs cannot wait for each other.
create or replace function app.claim_fetch_leases(p_tenants text[], p_users integer[], p_channels text[], p_reports text[], p_holder text,
                                                  p_now timestamptz, p_lease interval)
returns table (place bigint, is_claimed boolean, leased_until timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  asked record;
begin
  for asked in select a.owner, array_agg(a.channel) as channels, array_agg(a.report) as reports, array_agg(a.place) as places
                 from unnest(p_users, p_channels, p_reports) with ordinality as a (owner, channel, report, place)
                group by a.owner order by a.owner loop
    perform set_config('app.tenant_id', p_tenants[asked.owner], true);
    return query
      with wanted as (select * from unnest(asked.channels, asked.reports, asked.places) as w (channel_id, report, place)),
      claimed as (
        insert into app.fetch_leases as l (channel_id, report, holder, leased_until)
        select w.channel_id, w.report, p_holder, app.lease_time() + p_lease
          from wanted w
          -- A channel that is being deleted is not claimed: the claims of all users would wait until it is gone, and fail.
          join (select c.channel_id from analytics.channels c where c.channel_id = any (asked.channels) for key share skip locked) c
            on c.channel_id = w.channel_id
         order by w.channel_id, w.report
        on conflict (user_id, channel_id, report) do update set holder = excluded.holder, leased_until = excluded.leased_until
         where l.holder = excluded.holder or l.leased_until <= app.lease_time()
        returning l.channel_id, l.report)
      select w.place, c.channel_id is not null, p_now + coalesce(l.leased_until - app.lease_time(), p_lease)
        from wanted w
        left join claimed c on c.channel_id = w.channel_id and c.report = w.report
        left join app.fetch_leases l on l.channel_id = w.channel_id and l.report = w.report;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.claim_fetch_leases from public;
grant execute on function app.claim_fetch_leases to ytempire_app;

-- The sizes of held batches, the n-th of the user in p_tenants at the n-th of p_users: what their rows take of memory while they are stored, 0 where they were stored
-- before. Unknown batches and those that have expired have none.
create or replace function app.held_batch_sizes(p_tenants text[], p_users integer[], p_batches uuid[], p_now timestamptz)
returns table (user_id uuid, batch_id uuid, row_count integer, size_bytes bigint)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  asked record;
begin
  for asked in select a.owner, array_agg(a.batch) as batches from unnest(p_users, p_batches) as a (owner, batch) group by a.owner loop
    perform set_config('app.tenant_id', p_tenants[asked.owner], true);
    return query
      select b.user_id, b.batch_id, case when b.stored_at is null then b.row_count else 0 end,
             case when b.stored_at is null then b.size_bytes else 0 end
        from app.held_batches b
       where b.batch_id = any (asked.batches) and b.expires_at > p_now
       order by b.batch_id;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.held_batch_sizes from public;
grant execute on function app.held_batch_sizes to ytempire_app;

-- Grants of these channels, the n-th channel of the n-th user: ciphertexts, bound to their user and channel.
create or replace function app.read_grants(p_tenants text[], p_channels text[])
returns table (user_id uuid, channel_id text, refresh_token_encrypted bytea, verified_at timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  asked record;
begin
  for asked in select a.tenant, array_agg(a.channel) as channels from unnest(p_tenants, p_channels) as a (tenant, channel) group by a.tenant loop
    perform set_config('app.tenant_id', asked.tenant, true);
    return query
      select g.user_id, g.channel_id, g.refresh_token_encrypted, g.verified_at from app.oauth_grants g
       where g.channel_id = any (asked.channels);
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.read_grants(text[], text[]) from public;
grant execute on function app.read_grants(text[], text[]) to ytempire_app;

-- Google took these grants; noted once a day at most.
create or replace function app.note_verified_grants(p_tenants text[], p_channels text[], p_at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  taken record;
begin
  for taken in select a.tenant, a.channel from unnest(p_tenants, p_channels) as a (tenant, channel) order by a.tenant, a.channel loop
    perform set_config('app.tenant_id', taken.tenant, true);
    update app.oauth_grants g set verified_at = p_at where g.channel_id = taken.channel and g.verified_at < p_at - interval '1 day';
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.note_verified_grants(text[], text[], timestamptz) from public;
grant execute on function app.note_verified_grants(text[], text[], timestamptz) to ytempire_app;

-- The newest totals of each of the tenant's channels, and whether they had not moved for two days. With its owner's rights: a view that is a security
-- barrier keeps no order, so that through it all that was ever observed of a channel is read to find its newest row.
create or replace function app.newest_channel_statistics()
returns table (channel_id text, observed_at timestamptz, views bigint, subscribers bigint, videos bigint, is_idle boolean)
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := sec.tenant();
begin
  return query
    select c.channel_id, s.observed_at, s.views, s.subscribers, s.videos,
           coalesce(e.views = s.views and e.videos is not distinct from s.videos and e.subscribers is not distinct from s.subscribers, false)
      from core.channels c
     cross join lateral (select l.observed_at, l.views, l.subscribers, l.videos from core.channel_statistics l
                          where l.user_id = tenant and l.channel_id = c.channel_id order by l.observed_at desc limit 1) s
      left join lateral (select l.views, l.subscribers, l.videos from core.channel_statistics l
                          where l.user_id = tenant and l.channel_id = c.channel_id
                            and l.observed_at between s.observed_at - interval '4 days' and s.observed_at - interval '2 days'
                          order by l.observed_at desc limit 1) e on true
     where c.user_id = tenant and not c.is_hidden;
end $$;
revoke all on function app.newest_channel_statistics from public;
grant execute on function app.newest_channel_statistics to ytempire_app;

-- When the totals of videos of the tenant were last stored since a moment. The caller names videos of channels that are not hidden.
create or replace function app.newest_video_statistics(p_videos text[], p_since timestamptz)
returns table (video_id text, observed_at timestamptz)
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := sec.tenant();
begin
  return query
    select v.video_id, s.observed_at
      from unnest(p_videos) as v (video_id)
     cross join lateral (select l.observed_at from core.video_statistics l
                          where l.user_id = tenant and l.video_id = v.video_id and l.observed_at > p_since
                          order by l.observed_at desc limit 1) s;
end $$;
revoke all on function app.newest_video_statistics from public;
grant execute on function app.newest_video_statistics to ytempire_app;

-- As app.plan_channels, with what became of the hub's pushes, how many videos YouTube counted last, and whether its totals have not moved for
-- two days, and when it was connected.
create or replace function app.plan_connected_channels(p_tenants text[])
returns table (user_id uuid, channel_id text, uploads_playlist_id text, monetised boolean, monetised_asked_at timestamptz, connection text,
               is_active boolean, allows_revenue boolean, statistics_at timestamptz, is_watched boolean, subscribe_asked_at timestamptz,
               lease_until timestamptz, feed_read_at timestamptz, playlist_read_at timestamptz, video_count bigint, hub_silent_since timestamptz,
               is_idle boolean, connected_at timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query
      select c.user_id, c.channel_id, c.uploads_playlist_id, c.monetised, c.monetised_asked_at, c.connection, c.is_active,
             coalesce('https://www.googleapis.com/auth/yt-analytics-monetary.readonly' = any (g.scopes), false),
             s.observed_at,
             w.channel_id is not null, w.asked_at, w.lease_until, w.feed_read_at, w.playlist_read_at, s.videos, w.hub_silent_since,
             coalesce(s.is_idle, false), g.connected_at
        from analytics.channels c
        left join app.newest_channel_statistics() s on s.channel_id = c.channel_id
        left join app.upload_watches w on w.channel_id = c.channel_id
        left join app.oauth_grants g on g.channel_id = c.channel_id
       order by c.channel_id;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_connected_channels from public;
grant execute on function app.plan_connected_channels to ytempire_app;

-- As app.plan_videos, with what YouTube did not show of them.
create or replace function app.plan_video_states(p_tenants text[], p_now timestamptz)
returns table (user_id uuid, channel_id text, video_id text, published_at timestamptz, refreshed_at timestamptz, has_details boolean,
               observed_at timestamptz, first_missed_at timestamptz, missed_at timestamptz, misses smallint, gone_at timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    return query
      with due as materialized (
        select v.user_id, v.channel_id, v.video_id, v.published_at, v.refreshed_at, v.duration_seconds is not null as has_details,
               v.first_missed_at, v.missed_at, v.misses, v.gone_at
          from analytics.videos v
         where v.published_at > p_now - interval '31 days'
            or v.duration_seconds is null
            or v.first_missed_at is not null
            or v.refreshed_at < p_now - interval '24 days'
      )
      select v.user_id, v.channel_id, v.video_id, v.published_at, v.refreshed_at, v.has_details, s.observed_at, v.first_missed_at, v.missed_at,
             v.misses, v.gone_at
        from due v
        left join app.newest_video_statistics(array(select r.video_id from due r where r.published_at > p_now - interval '31 days'),
                                              p_now - interval '2 days') s on s.video_id = v.video_id
       order by v.published_at desc;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.plan_video_states from public;
grant execute on function app.plan_video_states to ytempire_app;

-- What asking for these videos showed, the n-th video of the n-th user: 'public', 'hidden' (its owner alone sees it, or it has no figures)
-- or 'missed' (not even its owner is shown it). Misses of one moment count once, whichever reports found them; the third makes it gone;
-- it is asked for daily until it is erased.
create or replace function app.note_video_checks(p_tenants text[], p_videos text[], p_results text[], p_at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  checked record;
begin
  for checked in select a.tenant, a.result, array_agg(a.video) as videos
                   from unnest(p_tenants, p_videos, p_results) as a (tenant, video, result)
                  group by a.tenant, a.result order by a.tenant, a.result loop
    perform set_config('app.tenant_id', checked.tenant, true);
    if checked.result = 'public' then
      update analytics.videos v set first_missed_at = null, missed_at = null, misses = 0, gone_at = null
       where v.video_id = any (checked.videos) and v.first_missed_at is not null;
    elsif checked.result = 'hidden' then
      update analytics.videos v set first_missed_at = coalesce(v.first_missed_at, p_at), missed_at = p_at, misses = 0, gone_at = null
       where v.video_id = any (checked.videos);
    else
      update analytics.videos v
         set first_missed_at = coalesce(v.first_missed_at, p_at), missed_at = p_at, misses = v.misses + 1,
             gone_at = coalesce(v.gone_at, case when v.misses >= 2 then p_at end)
       where v.video_id = any (checked.videos)
         and (v.misses = 0 or v.missed_at < p_at - interval '5 hours');
    end if;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.note_video_checks from public;
grant execute on function app.note_video_checks to ytempire_app;

-- The hub did not push a video of these channels that it should have pushed.
create or replace function app.note_hub_silence(p_tenants text[], p_channels text[], p_at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  silent record;
begin
  for silent in select a.tenant, a.channel from unnest(p_tenants, p_channels) as a (tenant, channel) order by a.tenant, a.channel loop
    perform set_config('app.tenant_id', silent.tenant, true);
    update app.upload_watches w set hub_silent_since = p_at where w.channel_id = silent.channel;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.note_hub_silence from public;
grant execute on function app.note_hub_silence to ytempire_app;

-- When the feeds and playlists of these channels were read; null: it was not read.
create or replace function app.note_uploads_read(p_tenants text[], p_channels text[], p_feeds timestamptz[], p_playlists timestamptz[])
returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  done record;
begin
  for done in select a.tenant, a.channel, a.feed, a.playlist
                from unnest(p_tenants, p_channels, p_feeds, p_playlists) as a (tenant, channel, feed, playlist)
               order by a.tenant, a.channel loop
    perform set_config('app.tenant_id', done.tenant, true);
    update app.upload_watches w
       set feed_read_at = coalesce(done.feed, w.feed_read_at), playlist_read_at = coalesce(done.playlist, w.playlist_read_at)
     where w.channel_id = done.channel;
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.note_uploads_read(text[], text[], timestamptz[], timestamptz[]) from public;
grant execute on function app.note_uploads_read(text[], text[], timestamptz[], timestamptz[]) to ytempire_app;

-- What was done to each of these users with one request, in the transaction that does it.
create or replace function app.record_acts(p_tenants text[], p_at timestamptz, p_token_id uuid, p_token_kind text, p_action text,
                                           p_workflow_id text, p_execution_id text, p_details text) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('app.tenant_id', true), '');
  tenant text;
begin
  foreach tenant in array p_tenants loop
    perform set_config('app.tenant_id', tenant, true);
    insert into app.audit_log (at, token_id, token_kind, action, workflow_id, execution_id, details)
    values (p_at, p_token_id, p_token_kind, p_action, p_workflow_id, p_execution_id, p_details::jsonb);
  end loop;
  perform set_config('app.tenant_id', before, true);
end $$;
revoke all on function app.record_acts(text[], timestamptz, uuid, text, text, text, text, text) from public;
grant execute on function app.record_acts(text[], timestamptz, uuid, text, text, text, text, text) to ytempire_app;

-- ---- the version before ----

create or replace function app.plan_channel_activity(p_tenants text[])
returns table (user_id uuid, channel_id text, uploads_playlist_id text, monetised boolean, monetised_asked_at timestamptz, connection text,
               is_active boolean, allows_revenue boolean, statistics_at timestamptz, is_watched boolean, subscribe_asked_at timestamptz,
               lease_until timestamptz, feed_read_at timestamptz, playlist_read_at timestamptz, video_count bigint, hub_silent_since timestamptz,
               is_idle boolean)
language sql set search_path = pg_catalog, pg_temp
as $$
  select c.user_id, c.channel_id, c.uploads_playlist_id, c.monetised, c.monetised_asked_at, c.connection, c.is_active, c.allows_revenue,
         c.statistics_at, c.is_watched, c.subscribe_asked_at, c.lease_until, c.feed_read_at, c.playlist_read_at, c.video_count, c.hub_silent_since,
         c.is_idle
    from app.plan_connected_channels(p_tenants) c
$$;
revoke all on function app.plan_channel_activity from public;
grant execute on function app.plan_channel_activity to ytempire_app;

create or replace function app.plan_channel_states(p_tenants text[])
returns table (user_id uuid, channel_id text, uploads_playlist_id text, monetised boolean, monetised_asked_at timestamptz, connection text,
               is_active boolean, allows_revenue boolean, statistics_at timestamptz, is_watched boolean, subscribe_asked_at timestamptz,
               lease_until timestamptz, feed_read_at timestamptz, playlist_read_at timestamptz, video_count bigint, hub_silent_since timestamptz)
language sql set search_path = pg_catalog, pg_temp
as $$
  select a.user_id, a.channel_id, a.uploads_playlist_id, a.monetised, a.monetised_asked_at, a.connection, a.is_active, a.allows_revenue,
         a.statistics_at, a.is_watched, a.subscribe_asked_at, a.lease_until, a.feed_read_at, a.playlist_read_at, a.video_count, a.hub_silent_since
    from app.plan_channel_activity(p_tenants) a
$$;
revoke all on function app.plan_channel_states from public;
grant execute on function app.plan_channel_states to ytempire_app;

create or replace function app.plan_users(p_users uuid[])
returns table (user_id uuid, subscription_tier text, is_active boolean)
language sql set search_path = pg_catalog, pg_temp
as $$ select * from app.plan_users(p_users::text[]) $$;
revoke all on function app.plan_users(uuid[]) from public;
grant execute on function app.plan_users(uuid[]) to ytempire_app;

create or replace function app.plan_channels(p_users uuid[])
returns table (user_id uuid, channel_id text, uploads_playlist_id text, monetised boolean, monetised_asked_at timestamptz, connection text, is_active boolean, allows_revenue boolean, statistics_at timestamptz, is_watched boolean, subscribe_asked_at timestamptz, lease_until timestamptz, feed_read_at timestamptz, playlist_read_at timestamptz)
language sql set search_path = pg_catalog, pg_temp
as $$ select * from app.plan_channels(p_users::text[]) $$;
revoke all on function app.plan_channels(uuid[]) from public;
grant execute on function app.plan_channels(uuid[]) to ytempire_app;

create or replace function app.plan_day_checks(p_users uuid[], p_since date)
returns table (user_id uuid, channel_id text, report text, days date[], checked timestamptz[])
language sql set search_path = pg_catalog, pg_temp
as $$ select * from app.plan_day_checks(p_users::text[], p_since) $$;
revoke all on function app.plan_day_checks(uuid[], date) from public;
grant execute on function app.plan_day_checks(uuid[], date) to ytempire_app;

create or replace function app.plan_videos(p_users uuid[], p_now timestamptz)
returns table (user_id uuid, channel_id text, video_id text, published_at timestamptz, refreshed_at timestamptz, has_details boolean, observed_at timestamptz)
language sql set search_path = pg_catalog, pg_temp
as $$ select * from app.plan_videos(p_users::text[], p_now) $$;
revoke all on function app.plan_videos(uuid[], timestamptz) from public;
grant execute on function app.plan_videos(uuid[], timestamptz) to ytempire_app;

create or replace function app.read_grants(p_users uuid[], p_channels text[])
returns table (user_id uuid, channel_id text, refresh_token_encrypted bytea, verified_at timestamptz)
language sql set search_path = pg_catalog, pg_temp
as $$ select * from app.read_grants(p_users::text[], p_channels) $$;
revoke all on function app.read_grants(uuid[], text[]) from public;
grant execute on function app.read_grants(uuid[], text[]) to ytempire_app;

create or replace function app.note_verified_grants(p_users uuid[], p_channels text[], p_at timestamptz)
returns void
language sql set search_path = pg_catalog, pg_temp
as $$ select app.note_verified_grants(p_users::text[], p_channels, p_at) $$;
revoke all on function app.note_verified_grants(uuid[], text[], timestamptz) from public;
grant execute on function app.note_verified_grants(uuid[], text[], timestamptz) to ytempire_app;

create or replace function app.note_uploads_read(p_users uuid[], p_channels text[], p_feeds timestamptz[], p_playlists timestamptz[])
returns void
language sql set search_path = pg_catalog, pg_temp
as $$ select app.note_uploads_read(p_users::text[], p_channels, p_feeds, p_playlists) $$;
revoke all on function app.note_uploads_read(uuid[], text[], timestamptz[], timestamptz[]) from public;
grant execute on function app.note_uploads_read(uuid[], text[], timestamptz[], timestamptz[]) to ytempire_app;

create or replace function app.record_acts(p_users uuid[], p_at timestamptz, p_token_id uuid, p_token_kind text, p_action text, p_workflow_id text, p_execution_id text, p_details text)
returns void
language sql set search_path = pg_catalog, pg_temp
as $$ select app.record_acts(p_users::text[], p_at, p_token_id, p_token_kind, p_action, p_workflow_id, p_execution_id, p_details) $$;
revoke all on function app.record_acts(uuid[], timestamptz, uuid, text, text, text, text, text) from public;
grant execute on function app.record_acts(uuid[], timestamptz, uuid, text, text, text, text, text) to ytempire_app;

reset role;
