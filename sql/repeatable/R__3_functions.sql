-- Functions that need more than one tenant's view of things. Each does one thing, for the sidecar only.
set role ytempire_owner;

-- For the sidecar's proofs: which session its statements run in, and the key, which its second login alone reads.
create or replace function app.session_id() returns text
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select sec.session_id() $$;
revoke all on function app.session_id from public;
grant execute on function app.session_id to ytempire_app;

create or replace function app.tenant_key() returns bytea
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select secret from sec.tenant_key where ends_at is null $$;
revoke all on function app.tenant_key from public, ytempire_app;
grant execute on function app.tenant_key to ytempire_operator;

create or replace function app.rotate_tenant_key() returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select sec.rotate_tenant_key() $$;
revoke all on function app.rotate_tenant_key from public, ytempire_app;
grant execute on function app.rotate_tenant_key to ytempire_operator;

-- Sign-up: the id is drawn first, then the tenant is entered, so that even this row passes the policy.
create or replace function app.create_user(p_email text, p_display_name text, p_subscription_tier text, p_target_revenue_usd numeric,
                                           p_time_zone text, p_created_at timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  new_id uuid := gen_random_uuid();
begin
  perform set_config('app.tenant_id', sec.prove_tenant(new_id), true);
  insert into core.users (user_id, email, display_name, subscription_tier, target_revenue_usd, time_zone, created_at)
  values (new_id, p_email, p_display_name, p_subscription_tier, p_target_revenue_usd, p_time_zone, p_created_at);
  insert into core.user_dashboard_config (user_id, created_at, updated_at) values (new_id, p_created_at, p_created_at);
  return new_id;
end $$;
revoke all on function app.create_user from public;
grant execute on function app.create_user to ytempire_app;

-- Ends a channel's grant: nobody can use it from here on, and Google is told as soon as it listens.
create or replace function app.end_grant(p_channel_id text, p_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with ended as (
    delete from core.oauth_grants where user_id = (select sec.tenant()) and channel_id = p_channel_id returning *)
  insert into core.pending_revocations (user_id, channel_id, refresh_token_encrypted, since)
  select e.user_id, e.channel_id, e.refresh_token_encrypted, p_at from ended e
   -- What Google has ended is over; nobody need be told.
   where not exists (select from core.channels c
                      where c.user_id = e.user_id and c.channel_id = e.channel_id and c.connection_reason = 'grant-ended')
$$;

-- Erases everything fetched of a channel of the tenant. The channel itself stays, with nothing in it that came from YouTube.
create or replace function app.erase_channel_data(p_channel_id text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := sec.tenant();
  series name;
begin
  if tenant is null then
    raise exception 'no tenant' using errcode = '42501';
  end if;
  if (select engine from sec.storage) = 'timescale-community' then
    perform set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
  end if;
  -- The ids as constants, so that TimescaleDB decompresses this tenant's rows and no others.
  for series in select table_name from core.time_series union all select 'metric_revisions' union all select 'videos'
    union all select 'video_totals' union all select 'video_weeks'
    union all select 'dimension_days' union all select 'dimension_periods' union all select 'retention_points' union all select 'backfills'
    union all select 'day_checks' union all select 'refused_videos' union all select 'erased_videos' union all select 'held_batches' union all select 'fetch_leases' union all select 'upload_watches' union all select 'webhook_deliveries' loop
    execute format('delete from core.%I where user_id = %L and channel_id = %L', series, tenant, p_channel_id);
  end loop;
  delete from core.oauth_grants where user_id = tenant and channel_id = p_channel_id;
  update core.channels
     set connection = 'not-connected', erase_after = null, is_hidden = false, channel_name = channel_id, uploads_playlist_id = null,
         monetised = null, monetised_asked_at = null, connection_reason = null, youtube_title = null, identity_verified_at = null,
         identity_attempted_at = null, identity_missed_at = null
   where user_id = tenant and channel_id = p_channel_id;
end $$;

-- Erases the tenant: rows, history, tokens, logins, the user. What stays is the pending revocations of its grants, until Google took them.
create or replace function app.erase_user(p_at timestamptz) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := sec.tenant();
  nobody text := 'erased-' || gen_random_uuid();
  channel text;
begin
  -- Batches that are being stored hold its channels; they end first.
  perform 1 from core.users where user_id = tenant for update;
  if not found then
    return false;
  end if;
  for channel in select channel_id from core.channels where user_id = tenant order by channel_id for update loop
    perform app.end_grant(channel, p_at);
    perform app.erase_channel_data(channel);
  end loop;
  -- From here on its logins are nobody's and see nothing. What PostgreSQL keeps of them goes afterwards (app.drop_retired_logins), because a
  -- login can hold that up: by what it owns, by an open session, by a transaction.
  insert into sec.retired_login (role_name) select role_name from sec.login_role where kind = 'tenant' and login_role.user_id = tenant;
  delete from sec.login_role where kind = 'tenant' and login_role.user_id = tenant;
  delete from core.audit_log where user_id = tenant;
  -- What it spent of the shared quota stays counted, under a name that means nobody.
  update core.quota_accounts set account = nobody where account = tenant::text;
  update core.quota_borrowings set payer = nobody where payer = tenant::text;
  update core.quota_reservations set payer = nobody where payer = tenant::text;
  delete from core.users where user_id = tenant;
  return true;
end $$;

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace and p.proname in ('end_grant', 'erase_channel_data') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ytempire_app', f);
  end loop;
end $$;
revoke all on function app.erase_user from public, ytempire_app;
grant execute on function app.erase_user to ytempire_operator;

-- Erases everything fetched of a video. The days of its channel stay: they are the channel's. So does what the user booked as its costs.
create or replace procedure core.erase_video(p_user_id uuid, p_channel_id text, p_video_id text)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  kept name;
begin
  -- The ids as constants, so that TimescaleDB decompresses this tenant's rows and no others.
  for kept in select c.relname from pg_class c
               where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'costs'
                 and 3 = (select count(*) from pg_attribute a where a.attrelid = c.oid and a.attname in ('user_id', 'channel_id', 'video_id')
                             and not a.attisdropped)
               order by c.relname loop
    execute format('delete from core.%I where user_id = %L and channel_id = %L and video_id = %L', kept, p_user_id, p_channel_id, p_video_id);
  end loop;
end $$;
revoke all on procedure core.erase_video from public;

-- The last observation of each Pacific day in a range of moments, into the rollups.
create or replace procedure core.roll_up(p_from timestamptz, p_until timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  -- Whole days only: half of one would overwrite the whole.
  from_day timestamptz := date_trunc('day', p_from at time zone 'America/Los_Angeles') at time zone 'America/Los_Angeles';
  until_day timestamptz := (date_trunc('day', p_until at time zone 'America/Los_Angeles') + interval '1 day') at time zone 'America/Los_Angeles';
begin
  insert into core.channel_statistics_days as d (user_id, channel_id, day, views, subscribers, videos, observed_at, observations)
  select distinct on (user_id, channel_id, day) user_id, channel_id, day, views, subscribers, videos, observed_at,
         count(*) over (partition by user_id, channel_id, day)
    from (select s.*, (observed_at at time zone 'America/Los_Angeles')::date as day from core.channel_statistics s
           where observed_at >= from_day and observed_at < until_day and without_grant is not true) s
   order by user_id, channel_id, day, observed_at desc
  on conflict (user_id, channel_id, day) do update
    set views = excluded.views, subscribers = excluded.subscribers, videos = excluded.videos, observed_at = excluded.observed_at,
        observations = greatest(d.observations, excluded.observations)
  -- An earlier observation than the one known came late, after the day's raw rows were gone.
  where excluded.observed_at >= d.observed_at
    and (d.observed_at, d.observations, d.views) is distinct from (excluded.observed_at, excluded.observations, excluded.views);

  insert into core.video_statistics_days as d (user_id, channel_id, video_id, day, views, likes, comments, observed_at, observations)
  select distinct on (user_id, video_id, day) user_id, channel_id, video_id, day, views, likes, comments, observed_at,
         count(*) over (partition by user_id, video_id, day)
    from (select s.*, (observed_at at time zone 'America/Los_Angeles')::date as day from core.video_statistics s
           where observed_at >= from_day and observed_at < until_day and without_grant is not true) s
   order by user_id, video_id, day, observed_at desc
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
begin
  -- Another replica is at it.
  if not pg_try_advisory_xact_lock(hashtext('ytempire.maintain')) then
    return;
  end if;
  if found_engine = 'timescale-community' then
    perform set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
  end if;

  for series in select * from core.time_series where keep is not null loop
    execute format('select min(%I) from core.%I', series.time_column, series.table_name) into oldest;
    continue when oldest is null;
    -- From where the last one ended, and three days more, for observations that come in late.
    call core.roll_up(least(p_now - interval '3 days', coalesce(series.rolled_up_until, oldest)), p_now);
    update core.time_series set rolled_up_until = p_now where table_name = series.table_name;
    cutoff := date_trunc('day', (p_now - series.keep) at time zone 'America/Los_Angeles') at time zone 'America/Los_Angeles';
    continue when oldest >= cutoff;
    -- Those that came later still are counted before their raw rows go.
    call core.roll_up(oldest, cutoff - interval '1 microsecond');
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

-- ---- the directory ----
grant create on schema app to ytempire_directory;

-- For what the second login alone may do, and the first for the sidecars of the version before, while an upgrade lasts.
create or replace function app.require_operator() returns void
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- Nobody else, although they were members of the first login's role.
  if session_user <> 'ytempire_operator'
     and (session_user <> 'ytempire_app' or not exists (select from sec.upgrade where unproven_until > clock_timestamp())) then
    raise exception 'for the second login of the sidecar alone' using errcode = '42501';
  end if;
end $$;
revoke all on function app.require_operator from public;

create or replace function app.list_users(p_active_only boolean, p_after uuid, p_limit integer)
returns table (user_id uuid, email text, display_name text, subscription_tier text, target_revenue_usd numeric, time_zone text,
               is_active boolean, created_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.require_operator();
  return query
    select u.user_id, u.email, u.display_name, u.subscription_tier, u.target_revenue_usd, u.time_zone, u.is_active, u.created_at
      from core.users u
     where (u.is_active or not p_active_only)
       and (p_after is null or u.email > (select last.email from core.users last where last.user_id = p_after))
     order by u.email
     limit p_limit;
end $$;

-- Who shares in Google's quota, and by which subscription.
create or replace function app.list_tiers() returns table (user_id uuid, subscription_tier text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select u.user_id, u.subscription_tier from core.users u where u.is_active $$;

-- The replicas of the version before run on during an upgrade, with statements prepared of these functions: the columns of a published function
-- never change, a new function has those that came since. Functions of versions that were never published are dropped here.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace
              and (p.proname in ('find_api_token', 'list_api_tokens') and 'scopes' = any (p.proargnames)
                   or p.proname = 'create_api_token' and p.pronargdefaults > 0) loop
    execute format('drop function %s', f);
  end loop;
end $$;

create or replace function app.find_api_token_with_scopes(p_token_hash bytea)
returns table (token_id uuid, kind text, user_id uuid, scopes text[], name text, token_hash bytea, created_at timestamptz, expires_at timestamptz,
               revoked_at timestamptz, last_used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select t.token_id, t.kind, t.user_id, t.scopes, t.name, t.token_hash, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
    from core.api_tokens t
   where t.token_hash = p_token_hash
     and (t.user_id is null or exists (select from core.users u where u.user_id = t.user_id and u.is_active))
$$;

create or replace function app.create_api_token(p_kind text, p_user_id uuid, p_name text, p_token_hash bytea, p_created_at timestamptz,
                                                p_expires_at timestamptz, p_scopes text[]) returns uuid
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.api_tokens (kind, user_id, name, token_hash, created_at, expires_at, scopes)
  values (p_kind, p_user_id, p_name, p_token_hash, p_created_at, p_expires_at, p_scopes)
  returning token_id
$$;

create or replace function app.list_api_tokens_with_scopes()
returns table (token_id uuid, kind text, user_id uuid, scopes text[], name text, created_at timestamptz, expires_at timestamptz, revoked_at timestamptz,
               last_used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select t.token_id, t.kind, t.user_id, t.scopes, t.name, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
    from core.api_tokens t order by t.created_at, t.token_id
$$;

-- For the version before, which knows of no scopes.
create or replace function app.find_api_token(p_token_hash bytea)
returns table (token_id uuid, kind text, user_id uuid, name text, token_hash bytea, created_at timestamptz, expires_at timestamptz,
               revoked_at timestamptz, last_used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select t.token_id, t.kind, t.user_id, t.name, t.token_hash, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
    from core.api_tokens t
   where t.token_hash = p_token_hash
     and (t.user_id is null or exists (select from core.users u where u.user_id = t.user_id and u.is_active))
$$;

create or replace function app.create_api_token(p_kind text, p_user_id uuid, p_name text, p_token_hash bytea, p_created_at timestamptz,
                                                p_expires_at timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  made uuid;
begin
  if p_kind = 'operator' or clock_timestamp() > (select ends_at from sec.upgrade) then
    raise exception 'a sidecar of this version makes such tokens' using errcode = '42501';
  end if;
  -- The scopes that the migration gave to the service tokens that there were.
  insert into core.api_tokens (kind, user_id, name, token_hash, created_at, expires_at, scopes)
  values (p_kind, p_user_id, p_name, p_token_hash, p_created_at, p_expires_at,
          case when p_kind = 'service' then '{administer,read,sync}'::text[] end)
  returning token_id into made;
  return made;
end $$;

create or replace function app.list_api_tokens()
returns table (token_id uuid, kind text, user_id uuid, name text, created_at timestamptz, expires_at timestamptz, revoked_at timestamptz,
               last_used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select t.token_id, t.kind, t.user_id, t.name, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
    from core.api_tokens t order by t.created_at, t.token_id
$$;

create or replace function app.revoke_api_token(p_token_id uuid, p_revoked_at timestamptz) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with revoked as (
    update core.api_tokens set revoked_at = coalesce(revoked_at, p_revoked_at) where token_id = p_token_id returning 1)
  select exists (select from revoked)
$$;

create or replace function app.touch_api_token(p_token_id uuid, p_used_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ update core.api_tokens set last_used_at = p_used_at where token_id = p_token_id $$;

create or replace function app.expire_api_token(p_token_id uuid, p_expires_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.api_tokens set expires_at = least(coalesce(expires_at, 'infinity'), p_expires_at) where token_id = p_token_id
$$;

-- Which grants there are and when Google last took them; not the grants themselves.
create or replace function app.list_grants() returns table (user_id uuid, channel_id text, verified_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select g.user_id, g.channel_id, g.verified_at from core.oauth_grants g order by g.verified_at $$;

-- Whose channels' names and owners are to be asked for again. Those that could not be verified come back after all others.
create or replace function app.channels_to_identify(p_before timestamptz) returns table (user_id uuid, channel_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.user_id, c.channel_id from core.channels c join core.users u on u.user_id = c.user_id and u.is_active
   where c.connection = 'connected' and c.is_active
     and (c.identity_verified_at is null or c.identity_verified_at < p_before or c.identity_missed_at is not null)
   order by c.identity_attempted_at nulls first, c.identity_verified_at nulls first, c.channel_id
   limit 25
$$;

-- How many channels the hub should push for and does not, and how many it is asked to push for.
create or replace function app.count_hub_watches(p_now timestamptz, p_silent_after timestamptz) returns table (leased bigint, silent bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select count(*), count(*) filter (where w.hub_silent_since > p_silent_after) from core.upload_watches w where w.lease_until > p_now
$$;

create or replace function app.channels_to_erase(p_now timestamptz) returns table (user_id uuid, channel_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select c.user_id, c.channel_id from core.channels c where c.erase_after <= p_now order by c.erase_after $$;

-- Whose new videos a push of the hub tells of.
create or replace function app.find_upload_watch(p_subscription_id uuid) returns table (user_id uuid, channel_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select w.user_id, w.channel_id from core.upload_watches w where w.subscription_id = p_subscription_id $$;

-- Whose secrets of the hub may have to be encrypted anew.
create or replace function app.list_upload_watches() returns table (user_id uuid, channel_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select w.user_id, w.channel_id from core.upload_watches w order by w.user_id, w.channel_id $$;

-- Ciphertexts, bound to their user and channel; without the sidecar's key they tell nothing.
create or replace function app.pending_revocations()
returns table (revocation_id uuid, user_id uuid, channel_id text, refresh_token_encrypted bytea, since timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select r.revocation_id, r.user_id, r.channel_id, r.refresh_token_encrypted, r.since from core.pending_revocations r order by r.since
$$;

-- As app.pending_revocations, and whether other grants are held that revoking this one could end: Google ends all grants that a Google account
-- gave the project. Which account gave a grant is not known, so those of the user, and those of the channel, count as the same.
create or replace function app.list_revocations()
returns table (revocation_id uuid, user_id uuid, channel_id text, refresh_token_encrypted bytea, since timestamptz, has_siblings boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select r.revocation_id, r.user_id, r.channel_id, r.refresh_token_encrypted, r.since,
         exists (select from core.oauth_grants g where g.user_id = r.user_id or g.channel_id = r.channel_id)
    from core.pending_revocations r order by r.since
$$;

create or replace function app.forget_revocation(p_revocation_id uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.require_operator();
  delete from core.pending_revocations where revocation_id = p_revocation_id;
end $$;

-- Bytes of rows that wait to be stored, of all users.
create or replace function app.held_bytes(p_now timestamptz) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(sum(b.size_bytes), 0)::bigint from core.held_batches b where b.stored_at is null and b.expires_at > p_now $$;

-- Deletes batches and leases that have ended, and answers how many batches. A time that lies further ahead than the sidecar's clock may be
-- (sec.clock_limit) does not count.
create or replace function app.sweep_held_batches(p_now timestamptz) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with ended as (delete from core.fetch_leases where leased_until <= (select sec.limited_time(p_now))),
  swept as (delete from core.held_batches where expires_at <= (select sec.limited_time(p_now)) returning 1)
  select count(*) from swept
$$;

-- Acts that concern no single user (a token made, all users listed). Whoever could write them at will could bury what was done.
create or replace function app.record_platform_act(p_at timestamptz, p_token_id uuid, p_token_kind text, p_action text, p_workflow_id text,
                                                   p_execution_id text, p_details text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.require_operator();
  insert into core.audit_log (user_id, at, token_id, token_kind, action, workflow_id, execution_id, details)
  values (null, p_at, p_token_id, p_token_kind, p_action, p_workflow_id, p_execution_id, p_details::jsonb);
end $$;

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace
              and p.proname in ('list_users', 'list_tiers', 'find_api_token', 'find_api_token_with_scopes', 'create_api_token', 'list_api_tokens',
                                'list_api_tokens_with_scopes', 'revoke_api_token', 'touch_api_token',
                                'expire_api_token', 'list_grants', 'channels_to_erase', 'find_upload_watch', 'list_upload_watches', 'pending_revocations',
                                'list_revocations', 'channels_to_identify', 'count_hub_watches', 'forget_revocation', 'held_bytes', 'sweep_held_batches',
                                'record_platform_act', 'require_operator') loop
    execute format('alter function %s owner to ytempire_directory', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ytempire_app', f);
  end loop;
  -- Tokens are made, listed and ended by the second login alone; the first finds one and notes its use, and makes some during an upgrade.
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace and not (p.proname = 'create_api_token' and p.pronargs = 6)
              and p.proname in ('create_api_token', 'list_api_tokens', 'list_api_tokens_with_scopes', 'revoke_api_token', 'expire_api_token') loop
    execute format('revoke all on function %s from ytempire_app', f);
    execute format('grant execute on function %s to ytempire_operator', f);
  end loop;
end $$;
revoke create on schema app from ytempire_directory;
