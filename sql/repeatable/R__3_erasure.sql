-- Erasure of a user, of what was fetched of a channel and of what was fetched of a video. A table is erased because it has the columns, so a new one
-- is not forgotten; what stays is named, with the reason.
set role ytempire_owner;

-- Erases everything fetched of a channel of the tenant. The channel itself stays, with nothing in it that came from YouTube.
create or replace function app.erase_channel_data(p_channel_id text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := sec.tenant();
  erased name;
  -- The channel; what the user booked; what Google is still to revoke; notices to the user.
  kept name[] := '{channels,costs,pending_revocations,notices}';
begin
  if tenant is null then
    raise exception 'no tenant' using errcode = '42501';
  end if;
  if (select engine from sec.storage) = 'timescale-community' then
    perform set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
  end if;
  for erased in select t from core.tables_with('user_id', 'channel_id') t where t <> all (kept) loop
    -- The ids as constants, so that TimescaleDB decompresses this tenant's rows and no others.
    execute format('delete from core.%I where user_id = %L and channel_id = %L', erased, tenant, p_channel_id);
  end loop;
  -- A text names figures of all its channels.
  delete from core.insights where user_id = tenant and p_channel_id = any (channel_ids);
  update core.channels
     set connection = 'not-connected', erase_after = null, is_hidden = false, channel_name = channel_id, uploads_playlist_id = null,
         monetised = null, monetised_asked_at = null, connection_reason = null, youtube_title = null, identity_verified_at = null,
         identity_attempted_at = null, identity_missed_at = null
   where user_id = tenant and channel_id = p_channel_id;
  perform core.record_revocation('channel-erased', tenant || ' ' || p_channel_id, '{}');
end $$;
revoke all on function app.erase_channel_data from public;
grant execute on function app.erase_channel_data to ytempire_app;

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
  if (select engine from sec.storage) = 'timescale-community' then
    perform set_config('timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true);
  end if;
  execute format('delete from core.events where user_id = %L', tenant);
  -- What it spent of the shared quota stays counted, under a name that means nobody.
  update core.quota_accounts set account = nobody where account = tenant::text;
  update core.quota_borrowings set payer = nobody where payer = tenant::text;
  update core.quota_reservations set payer = nobody where payer = tenant::text;
  delete from core.users where user_id = tenant;
  return true;
end $$;
revoke all on function app.erase_user from public, ytempire_app;
grant execute on function app.erase_user to ytempire_operator;

-- Erases everything fetched of a video. The days of its channel stay: they are the channel's. So does what the user booked as its costs.
create or replace procedure core.erase_video(p_user_id uuid, p_channel_id text, p_video_id text)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  erased name;
begin
  call core.move_reach(p_user_id, p_video_id, p_channel_id, null);
  for erased in select t from core.tables_with('user_id', 'channel_id', 'video_id') t where t <> 'costs' loop
    -- The ids as constants, so that TimescaleDB decompresses this tenant's rows and no others.
    execute format('delete from core.%I where user_id = %L and channel_id = %L and video_id = %L', erased, p_user_id, p_channel_id, p_video_id);
  end loop;
  delete from core.insights where user_id = p_user_id and p_video_id = any (video_ids);
end $$;
revoke all on procedure core.erase_video from public;

reset role;

grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- Channels whose data is to be erased by now.
create or replace function app.channels_to_erase(p_now timestamptz) returns table (user_id uuid, channel_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select c.user_id, c.channel_id from core.channels c where c.erase_after <= p_now order by c.erase_after $$;
revoke all on function app.channels_to_erase from public;
grant execute on function app.channels_to_erase to ytempire_app;

reset role;
revoke create on schema app from ytempire_directory;
