-- Who the tenant is, and row security on the ordinary tables.
set role ytempire_owner;

-- Replaces the key of tenants' proofs. Sidecars that run go on with the one before for a day, and read the new one within seconds.
create or replace function sec.rotate_tenant_key() returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  secret bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
begin
  for i in 0 .. length(secret) - 1 loop
    inner_pad := set_byte(inner_pad, i, get_byte(inner_pad, i) # get_byte(secret, i));
    outer_pad := set_byte(outer_pad, i, get_byte(outer_pad, i) # get_byte(secret, i));
  end loop;
  delete from sec.tenant_key where ends_at <= now();
  update sec.tenant_key set ends_at = now() + interval '1 day' where ends_at is null;
  insert into sec.tenant_key (secret, inner_pad, outer_pad) values (secret, inner_pad, outer_pad);
end $$;
revoke all on function sec.rotate_tenant_key() from public;
do $$
begin
  if not exists (select from sec.tenant_key) then
    perform sec.rotate_tenant_key();
  end if;
end $$;

-- Which session this is, unlike any before and beside it. Not for a parallel worker, which is a process of its own.
create or replace function sec.session_id() returns text
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- PostgreSQL without a postmaster, as tests embed it, keeps no starts of sessions.
  return pg_backend_pid() || ' ' || coalesce((select extract(epoch from backend_start)::text from pg_stat_get_activity(pg_backend_pid())), '');
end $$;
revoke all on function sec.session_id() from public;

-- A value of app.tenant_id for this session: the user's id, a colon, the proof in hexadecimal.
create or replace function sec.prove_tenant(p_user_id uuid) returns text
language sql stable parallel restricted set search_path = pg_catalog, pg_temp
as $$
  select p_user_id || ':' || encode(sha256(outer_pad || sha256(inner_pad || convert_to(p_user_id || ' ' || sec.session_id(), 'UTF8'))), 'hex')
    from sec.tenant_key where ends_at is null
$$;
revoke all on function sec.prove_tenant(uuid) from public;

-- PL/pgSQL keeps its plans for the session: in SQL the function would be planned for each statement anew, which costs more than the proof.
create or replace function sec.tenant() returns uuid
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
declare
  login record;
  entered text;
begin
  select kind, user_id, is_enabled into login from sec.login_role where role_name = session_user;
  if login.kind = 'tenant' then
    return case when login.is_enabled then login.user_id end;
  end if;
  entered := current_setting('app.tenant_id', true);
  if login.kind is null or coalesce(entered, '') = '' then
    return null;
  end if;
  if not exists (
       select from sec.tenant_key
        where (ends_at is null or ends_at > clock_timestamp())
          and encode(sha256(outer_pad || sha256(inner_pad || convert_to(left(entered, 36) || ' ' || sec.session_id(), 'UTF8'))), 'hex')
              = substr(entered, 38))
     and (length(entered) > 36 or not exists (select from sec.upgrade where unproven_until > clock_timestamp())) then
    raise exception 'app.tenant_id has no proof that the sidecar chose it for this session' using errcode = '42501';
  end if;
  return left(entered, 36)::uuid;
end $$;
comment on function sec.tenant() is
  'The user whose rows this session may see. A tenant login: always itself, whatever it sets, and nobody while its user is deactivated. The sidecar: the transaction''s app.tenant_id, which needs a proof for this session. Anybody else: nobody.';
-- session_user, because current_user is this function's owner in here. Never LEAKPROOF. Callers write (select sec.tenant()), so that it runs once a query.
revoke all on function sec.tenant() from public;
grant execute on function sec.tenant() to ytempire_app, ytempire_reader, ytempire_provisioner, ytempire_directory;

-- In PL/pgSQL for the same reason.
create or replace function sec.hidden_channels() returns text[]
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (select coalesce(array_agg(c.channel_id), '{}') from core.channels c where c.user_id = (select sec.tenant()) and c.is_hidden);
end $$;
comment on function sec.hidden_channels() is 'The tenant''s channels that were disconnected: their rows wait to be erased, and the views leave them out.';
revoke all on function sec.hidden_channels() from public;
grant execute on function sec.hidden_channels() to ytempire_app, ytempire_reader;

-- Forces row security on every table of users' rows but the time series, which TimescaleDB does not allow it. Database.migrate calls it too, because
-- this script runs only when it changes, and a migration may have made a table since.
create or replace procedure core.force_row_security()
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  t name;
begin
  for t in select x from core.tables_with('user_id') x where x not in (select table_name from core.time_series) loop
    -- Only where it is not so: each of these takes a lock that readers wait for.
    if not (select relrowsecurity and relforcerowsecurity from pg_class where oid = format('core.%I', t)::regclass) then
      execute format('alter table core.%I enable row level security', t);
      execute format('alter table core.%I force row level security', t);
    end if;
    if not exists (select from pg_policy p
                    where p.polrelid = format('core.%I', t)::regclass and p.polname = 'tenant' and p.polcmd = '*' and p.polroles = '{0}'
                      and pg_get_expr(p.polqual, p.polrelid) = '(user_id = ( SELECT sec.tenant() AS tenant))'
                      and pg_get_expr(p.polwithcheck, p.polrelid) = '(user_id = ( SELECT sec.tenant() AS tenant))') then
      execute format('drop policy if exists tenant on core.%I', t);
      execute format('create policy tenant on core.%I using (user_id = (select sec.tenant())) with check (user_id = (select sec.tenant()))', t);
    end if;
  end loop;
end $$;
revoke all on procedure core.force_row_security from public;
call core.force_row_security();

-- The directory looks across tenants, at these tables and no others.
do $$
declare
  policy record;
begin
  for policy in
    select * from (values
      ('users', 'for select to ytempire_directory using (true)'),
      ('channels', 'for select to ytempire_directory using (true)'),
      ('api_tokens', 'to ytempire_directory using (true) with check (true)'),
      ('oauth_grants', 'for select to ytempire_directory using (true)'),
      ('pending_revocations', 'to ytempire_directory using (true)'),
      ('upload_watches', 'for select to ytempire_directory using (true)'),
      ('webhook_subscriptions', 'to ytempire_directory using (true) with check (true)'),
      ('webhook_deliveries', 'to ytempire_directory using (true) with check (true)'),
      ('held_batches', 'to ytempire_directory using (true)'),
      ('fetch_leases', 'to ytempire_directory using (true) with check (true)'),
      ('audit_log', 'for insert to ytempire_directory with check (user_id is null)')
    ) as wanted (table_name, definition)
  loop
    -- Its text is kept beside it, so that one that stands is not locked to be made again.
    continue when exists (select from pg_policy p
                           where p.polrelid = ('core.' || policy.table_name)::regclass and p.polname = 'directory'
                             and obj_description(p.oid, 'pg_policy') = policy.definition);
    execute format('drop policy if exists directory on core.%I', policy.table_name);
    execute format('create policy directory on core.%I %s', policy.table_name, policy.definition);
    execute format('comment on policy directory on core.%I is %L', policy.table_name, policy.definition);
  end loop;
end $$;

grant usage on schema core, sec, app to ytempire_directory;
grant select on sec.upgrade to ytempire_directory;
grant select on core.users, core.channels to ytempire_directory;
grant select (user_id, channel_id, verified_at) on core.oauth_grants to ytempire_directory;
grant select (user_id, channel_id, subscription_id, lease_until, hub_silent_since) on core.upload_watches to ytempire_directory;
grant select, delete on core.pending_revocations to ytempire_directory;
grant select, insert, update on core.api_tokens to ytempire_directory;
grant select, insert, update, delete on core.webhook_subscriptions to ytempire_directory;
grant select, delete on core.webhook_deliveries to ytempire_directory;
grant update (attempts, due_at) on core.webhook_deliveries to ytempire_directory;
-- Sizes and ends, never the rows.
grant select (size_bytes, expires_at, stored_at), delete on core.held_batches to ytempire_directory;
grant select, update (leased_until), delete on core.fetch_leases to ytempire_directory;
grant insert on core.audit_log to ytempire_directory;
grant usage on schema core, sec, app to ytempire_provisioner;
grant select, insert, update, delete on sec.login_role, sec.retired_login to ytempire_provisioner;
grant select on sec.tenant_limits to ytempire_provisioner;
-- Its own tenant's row, as the policy has it.
grant select (user_id, is_active) on core.users to ytempire_provisioner;
grant usage on schema analytics to ytempire_app, ytempire_reader;
grant usage on schema app to ytempire_app;

-- Five channels a user: the lowest free slot when a channel becomes active, none when it is not. UNIQUE (user_id, slot) is the rule itself.
create or replace function core.choose_channel_slot() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not new.is_active then
    new.slot := null;
    return new;
  end if;
  if tg_op = 'UPDATE' and old.is_active then
    new.slot := old.slot;
    return new;
  end if;
  -- One user's additions queue here, so that two of them do not pick the same slot and fail needlessly.
  perform 1 from core.users where user_id = new.user_id for no key update;
  select s into new.slot
    from generate_series(1, 5) s
   where not exists (select from core.channels c where c.user_id = new.user_id and c.slot = s)
   order by s
   limit 1;
  if new.slot is null then
    raise exception 'a user may have at most 5 active channels' using errcode = '23514', constraint = 'channels_max_5';
  end if;
  return new;
end $$;
create or replace trigger choose_channel_slot before insert or update on core.channels
  for each row execute function core.choose_channel_slot();

reset role;
