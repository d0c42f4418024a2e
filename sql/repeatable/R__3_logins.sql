-- Tenants' own database logins: made, listed, held to their limits, revoked. The functions are the provisioner's, which may make roles and
-- end sessions, and read no table but those of the logins.
grant create on schema app to ytempire_provisioner;
grant select, insert, update on sec.login_days to ytempire_provisioner;
do $$
begin
  -- Otherwise (a managed server, say) everybody has it still.
  if current_setting('is_superuser') = 'on' then
    grant execute on function pg_try_advisory_xact_lock(bigint) to ytempire_provisioner;
  end if;
end $$;
set role ytempire_provisioner;

-- The settings that a tenant's login has, as pg_db_role_setting keeps them.
create or replace function app.tenant_settings() returns text[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select array['default_transaction_read_only=on',
               'idle_in_transaction_session_timeout=' || ceil(idle_transaction_seconds * 1000),
               'max_parallel_workers_per_gather=0',
               'search_path=analytics',
               'statement_timeout=' || ceil(statement_seconds * 1000),
               'temp_file_limit=' || temporary_megabytes || 'MB']
    from sec.tenant_limits
$$;

-- Gives a role the attributes and settings of a tenant's login. Waits for nobody longer than a second: a login can hold its own role.
create or replace function app.configure_tenant_login(p_login name, p_verifier text, p_is_enabled boolean) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
declare
  setting text;
  elsewhere name;
begin
  execute format('alter role %I %s connection limit %s valid until ''infinity''', p_login,
                 case when p_is_enabled then 'login' else 'nologin' end,
                 case when exists (select from sec.login_role l join sec.tenant_activity a on a.user_id = l.user_id and a.is_paused
                                    where l.role_name = p_login)
                      then 0 else (select connections_each from sec.tenant_limits) end);
  if p_verifier is not null then
    execute format('alter role %I password %L', p_login, p_verifier);
  end if;
  if exists (select from pg_db_role_setting s where s.setdatabase <> 0 and s.setrole = quote_ident(p_login)::regrole) then
    for elsewhere in select d.datname from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where s.setrole = quote_ident(p_login)::regrole loop
      execute format('alter role %I in database %I reset all', p_login, elsewhere);
    end loop;
  end if;
  execute format('alter role %I reset all', p_login);
  foreach setting in array app.tenant_settings() loop
    -- temp_file_limit is the administrator's to allow (a managed server may not).
    continue when setting like 'temp_file_limit=%' and not has_parameter_privilege('temp_file_limit', 'set');
    execute format('alter role %I set %I = %L', p_login, split_part(setting, '=', 1), split_part(setting, '=', 2));
  end loop;
end $$;

drop function if exists app.make_tenant_login(text, boolean);

-- Fails where the transaction's tenant has as many logins of a kind as it may have, or had as many made today as a day may have. Asked before a
-- verifier is computed, which takes thousands of hashes.
create or replace function app.require_login_room(p_is_for_dashboards boolean, p_is_for_probe boolean) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  most integer := (select logins from sec.tenant_limits);
begin
  if (select count(*) from sec.login_role
       where kind = 'tenant' and user_id = sec.tenant() and is_for_dashboards = p_is_for_dashboards and (probe_since is not null) = p_is_for_probe) >= most then
    raise exception 'a user may have % database logins', most using errcode = '23514', constraint = 'login_role_most';
  end if;
  if not p_is_for_probe
     and exists (select from sec.login_days d, sec.tenant_limits l
                  where d.user_id = sec.tenant() and d.day = (clock_timestamp() at time zone 'UTC')::date
                    and case when p_is_for_dashboards then d.made_for_dashboards >= 5 * l.logins_a_day else d.made >= l.logins_a_day end) then
    raise exception 'no more database logins are made for the user today' using errcode = '23514', constraint = 'login_days_most';
  end if;
end $$;

-- Makes a login for the transaction's tenant; that of the dashboards, and one of the probe of isolation, do not count among the user's. Takes a SCRAM
-- verifier, not a password, so that no statement log ever holds a secret.
create or replace function app.make_tenant_login(p_verifier text, p_is_for_dashboards boolean, p_is_for_probe boolean) returns name
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  login name := 'tenant_' || replace(gen_random_uuid()::text, '-', '');
  tenant uuid := sec.tenant();
begin
  if tenant is null then
    raise exception 'no tenant' using errcode = '42501';
  end if;
  if p_verifier !~ '^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$' then
    raise exception 'pass a SCRAM-SHA-256 verifier, not a password' using errcode = '22023';
  end if;
  -- Two at once would both find room for the last one.
  lock table sec.login_role in share row exclusive mode;
  perform app.require_login_room(p_is_for_dashboards, p_is_for_probe);
  if not p_is_for_probe then
    insert into sec.login_days as d (user_id, day, made, made_for_dashboards)
    values (tenant, (clock_timestamp() at time zone 'UTC')::date, (not p_is_for_dashboards)::integer, p_is_for_dashboards::integer)
    on conflict on constraint login_days_pkey do update
       set day = excluded.day,
           made = excluded.made + case when d.day = excluded.day then d.made else 0 end,
           made_for_dashboards = excluded.made_for_dashboards + case when d.day = excluded.day then d.made_for_dashboards else 0 end;
  end if;
  execute format('create role %I nologin', login);
  insert into sec.login_role (role_name, kind, user_id, verifier, is_for_dashboards, probe_since, is_enabled)
  select login, 'tenant', tenant, p_verifier, p_is_for_dashboards, case when p_is_for_probe then clock_timestamp() end,
         coalesce((select is_active from core.users where user_id = tenant), true);
  perform app.configure_tenant_login(login, p_verifier, is_enabled) from sec.login_role where role_name = login;
  if has_column_privilege('pg_authid', 'rolpassword', 'select') then
    update sec.login_role set verifier = (select rolpassword from pg_authid where rolname = login) where role_name = login;
  end if;
  execute format('grant ytempire_reader to %I', login);
  return login;
end $$;

create or replace function app.provision_tenant_login(p_verifier text) returns name
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select app.make_tenant_login(p_verifier, false, false) $$;

create or replace function app.provision_dashboard_login(p_verifier text) returns name
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select app.make_tenant_login(p_verifier, true, false) $$;

create or replace function app.provision_probe_login(p_verifier text) returns name
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select app.make_tenant_login(p_verifier, false, true) $$;

-- Revokes logins that a probe of isolation left behind, of all users.
create or replace function app.drop_probe_logins() returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with dropped as (
    delete from sec.login_role where probe_since < clock_timestamp() - interval '10 minutes' returning role_name),
  retired as (
    insert into sec.retired_login (role_name) select role_name from dropped returning role_name)
  select count(*) from retired
$$;

create or replace function app.tenant_logins() returns setof name
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select role_name from sec.login_role where kind = 'tenant' and user_id = sec.tenant() and probe_since is null order by role_name $$;

-- Revokes a login of the transaction's tenant: it sees nothing as soon as this commits; app.drop_retired_logins does the rest.
create or replace function app.drop_tenant_login(p_login name) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  delete from sec.login_role where role_name = p_login and kind = 'tenant' and user_id = sec.tenant();
  if not found then
    raise exception 'not a login of this tenant' using errcode = '42501';
  end if;
  insert into sec.retired_login (role_name) values (p_login);
end $$;

drop function if exists app.drop_retired_logins();

-- Drops the roles of retired logins: disables, ends sessions, drops what the role owns here, drops the role. Returns those that must wait, and
-- why: what a role owns in another database can be dropped only there. A row without a login: another session is at it, and has
-- left some for a minute.
-- Milliseconds to wait for that session; 0: none.
create or replace function app.drop_retired_logins(p_wait integer default 10000) returns table (login name, database name, error text)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' set client_min_messages = error
as $$
declare
  retired name;
  elsewhere name[];
  is_ours boolean;
begin
  -- One session at a time: two that drop the same role stand in each other's way, and neither says that it is gone when it is.
  is_ours := pg_try_advisory_xact_lock(7365902184419);
  if not is_ours and p_wait > 0 then
    perform set_config('lock_timeout', p_wait::text, true);
    begin
      perform pg_advisory_xact_lock(7365902184419);
      is_ours := true;
    exception when lock_not_available then
      null;
    end;
  end if;
  if not is_ours then
    return query select null::name, null::name, 'another session drops retired logins, and some have been there for a minute'
      where exists (select from sec.retired_login r where r.retired_at < clock_timestamp() - interval '1 minute');
    return;
  end if;
  perform set_config('lock_timeout', '1s', true);
  for retired in select role_name from sec.retired_login order by retired_at, role_name loop
    perform pg_terminate_backend(pid, 1000) from pg_stat_activity where usename = retired;
    begin
      if not exists (select from pg_roles where rolname = retired) then
        delete from sec.retired_login where role_name = retired;
        continue;
      end if;
      execute format('alter role %I nologin password null', retired);
    exception when others then
      -- Its own transaction holds the role; it has just been ended.
      update sec.retired_login set last_error = sqlerrm where role_name = retired;
      return query select retired, null::name, sqlerrm;
      continue;
    end;
    begin
      elsewhere := null;
      if exists (select from pg_shdepend s where s.refclassid = 'pg_authid'::regclass and s.refobjid = quote_ident(retired)::regrole and s.dbid <> 0) then
        select array_agg(distinct d.datname) into elsewhere
          from pg_shdepend s join pg_database d on d.oid = s.dbid
         where s.refclassid = 'pg_authid'::regclass and s.refobjid = quote_ident(retired)::regrole and d.datname <> current_database();
      end if;
      execute format('grant %I to ytempire_provisioner', retired);
      execute format('drop owned by %I', retired);
      if elsewhere is null then
        execute format('drop role %I', retired);
        delete from sec.retired_login where role_name = retired;
        continue;
      end if;
      update sec.retired_login set last_error = 'owns objects in ' || array_to_string(elsewhere, ', ') where role_name = retired;
      return query select retired, d, 'owns objects there' from unnest(elsewhere) d;
    exception when others then
      update sec.retired_login set last_error = sqlerrm where role_name = retired;
      return query select retired, null::name, sqlerrm;
    end;
  end loop;
end $$;

-- Takes members from a role, and answers how many memberships that ended. From PostgreSQL 16 on a membership is revoked in the name of who granted
-- it, and one that an administrator granted only by an administrator: it stays, and app.isolation_faults names it.
create or replace function app.revoke_memberships(p_role oid, p_members oid[]) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' set client_min_messages = error
as $$
declare
  membership record;
  before bigint := (select count(*) from pg_auth_members g where g.roleid = p_role and g.member = any(p_members));
begin
  for membership in
    select pg_get_userbyid(g.member) as member, pg_get_userbyid(g.grantor) as grantor
      from pg_auth_members g where g.roleid = p_role and g.member = any(p_members) loop
    begin
      execute format(case when current_setting('server_version_num')::integer >= 160000 then 'revoke %I from %I granted by %I' else 'revoke %I from %I' end,
                     pg_get_userbyid(p_role), membership.member, membership.grantor);
    exception when insufficient_privilege then
      raise debug '% stays a member: %', membership.member, sqlerrm;
    end;
  end loop;
  return before - (select count(*) from pg_auth_members g where g.roleid = p_role and g.member = any(p_members));
end $$;

-- Ends sessions of tenants that go beyond their limits, and puts back what a login changed of its own role. Called every few seconds. Returns
-- how many of each there were; a login can lift every limit that is a setting of its session, so the settings alone are no limit.
create or replace function app.enforce_tenant_limits() returns table (reason text, count bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
declare
  limits sec.tenant_limits := (select l from sec.tenant_limits l);
  known record;
  grantee name;
  ended integer[];
  -- Those that only a superuser may set, and reset: not what a login has changed.
  unsettable text[] := array(select lower(p.name) from pg_settings p where p.context <> 'user' and not has_parameter_privilege(p.name, 'set'));
  settings integer := 0;
  passwords integer := 0;
  memberships integer := 0;
  missing integer;
  pids integer[];
  sizes bigint[];
  reads_verifiers boolean := has_column_privilege('pg_authid', 'rolpassword', 'select');
begin
  -- Another replica is at it; to wait for it would hold a connection each.
  if not pg_try_advisory_xact_lock(7365902184417) then
    return;
  end if;

  -- The files of a session are named by its process.
  if has_function_privilege('pg_ls_tmpdir()', 'execute') then
    select array_agg(substring(f.name from '^pgsql_tmp(\d+)\.')::integer), array_agg(f.size) into pids, sizes from pg_ls_tmpdir() f;
  end if;

  return query
    with tenant as (
      select r.oid, not coalesce(l.is_enabled, false) as is_disabled
        from pg_roles r left join sec.login_role l on l.role_name = r.rolname and l.kind = 'tenant'
       where l.role_name is not null or r.rolname in (select role_name from sec.retired_login)),
    temporary_file as (select * from unnest(pids, sizes) f (pid, size)),
    session as (
      select a.pid, t.is_disabled, a.state, a.state_change, a.query_start, a.xact_start, coalesce(sum(f.size), 0) as temporary_bytes
        from tenant t
        join pg_stat_activity a on a.usesysid = t.oid and a.leader_pid is null
        left join pg_stat_activity w on w.leader_pid = a.pid
        left join temporary_file f on f.pid in (a.pid, w.pid)
       group by a.pid, t.is_disabled, a.state, a.state_change, a.query_start, a.xact_start),
    judged as materialized (
      select pid, case
               when is_disabled then 'disabled'
               when temporary_bytes > limits.temporary_megabytes * 1048576::bigint then 'temporary-files'
               when state like 'idle in transaction%'
                    and state_change < clock_timestamp() - limits.idle_transaction_seconds * interval '1 second' then 'idle-in-transaction'
               when state in ('active', 'fastpath function call')
                    and query_start < clock_timestamp() - limits.statement_seconds * interval '1 second' then 'statement'
               when xact_start < clock_timestamp() - limits.transaction_seconds * interval '1 second' then 'transaction'
             end as reason
        from session
       union all
      -- Of a role that has just been dropped.
      select a.pid, 'disabled' from pg_stat_activity a
       where a.backend_type = 'client backend' and a.usesysid is not null and not exists (select from pg_roles r where r.oid = a.usesysid))
    -- Not in the condition, where the planner could ask it of every session first.
    select j.reason, count(*) filter (where pg_terminate_backend(j.pid)) from judged j where j.reason is not null group by j.reason;

  -- A limit for each login is none for all of them together.
  select limits.reserved_connections
         - (current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
            - count(*) filter (where backend_type = 'client backend'))
    into missing from pg_stat_activity;
  if missing > 0 then
    return query
      with extra as materialized (
        select pid
          from (select a.pid, a.state = 'idle' as is_idle, a.state_change,
                       row_number() over (partition by l.user_id order by a.state = 'idle', a.state_change desc) as sessions_kept
                  from pg_stat_activity a join sec.login_role l on l.role_name = a.usename and l.kind = 'tenant'
                 where a.backend_type = 'client backend') session
         -- Of the user with the most first, so that one who hoards them ends nobody else's; of one user, the longest idle first.
         order by sessions_kept desc, is_idle desc, state_change limit missing)
      select 'connections', count(*) filter (where pg_terminate_backend(pid)) from extra having count(*) > 0;
  end if;

  for known in
    select l.role_name, l.verifier, l.is_enabled, r.oid, r.rolcanlogin, r.rolconnlimit, coalesce(a.is_paused, false) as is_paused,
           (select array_agg(s order by s)
              from (select unnest(d.setconfig) from pg_db_role_setting d where d.setrole = r.oid and d.setdatabase = 0) x (s)
             where lower(split_part(s, '=', 1)) <> all (unsettable)) as settings,
           exists (select from pg_db_role_setting d, unnest(d.setconfig) s
                    where d.setrole = r.oid and d.setdatabase <> 0 and lower(split_part(s, '=', 1)) <> all (unsettable)) as has_others
      from sec.login_role l
      join pg_roles r on r.rolname = l.role_name
      left join sec.tenant_activity a on a.user_id = l.user_id
     where l.kind = 'tenant'
  loop
    -- A login that holds its own role in a transaction is left for the next time, by when that has been ended.
    begin
      if reads_verifiers and known.verifier is distinct from (select a.rolpassword from pg_authid a where a.rolname = known.role_name)
         and known.verifier is not null then
        perform app.configure_tenant_login(known.role_name, known.verifier, known.is_enabled);
        passwords := passwords + 1;
      elsif known.has_others or known.rolcanlogin <> known.is_enabled
            or known.rolconnlimit <> (case when known.is_paused then 0 else limits.connections_each end)
            or known.settings is distinct from
               (select array_agg(s order by s) from unnest(app.tenant_settings()) s
                 where s not like 'temp_file_limit=%' or has_parameter_privilege('temp_file_limit', 'set')) then
        perform app.configure_tenant_login(known.role_name, null, known.is_enabled);
        -- One that was only enabled or disabled, or had to pause, has changed nothing.
        settings := settings + (known.rolcanlogin = known.is_enabled and known.rolconnlimit <> 0 and not known.is_paused)::integer;
      end if;
      -- Up to PostgreSQL 14 a role may make others members of itself.
      memberships := memberships + app.revoke_memberships(known.oid, array(
        select m.oid from pg_auth_members g join pg_roles m on m.oid = g.member
         where g.roleid = known.oid and m.rolname <> 'ytempire_provisioner' and not m.rolsuper and not m.rolcreaterole));
    exception when others then
      -- What cannot be put back of one login holds up no other.
      raise debug '% was not put back: %', known.role_name, sqlerrm;
    end;
  end loop;
  -- Nor may others be members of the sidecar's first login. What a session has become by SET ROLE it stays, so such sessions end.
  for grantee in select m.rolname from pg_auth_members g join pg_roles m on m.oid = g.member
                  where g.roleid = 'ytempire_app'::regrole and m.rolname <> 'ytempire_operator' and not m.rolsuper and not m.rolcreaterole loop
    begin
      ended := array(select a.pid from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
                      where not r.rolsuper and not r.rolcreaterole and pg_has_role(r.oid, quote_ident(grantee)::regrole, 'member')
                        and r.rolname not in ('ytempire_app', 'ytempire_operator', 'ytempire_owner'));
      memberships := memberships + app.revoke_memberships('ytempire_app'::regrole, array[quote_ident(grantee)::regrole::oid]);
      perform pg_terminate_backend(pid) from unnest(ended) pid;
    exception when others then
      -- app.isolation_faults names it.
      raise debug 'ytempire_app could not be revoked from %: %', grantee, sqlerrm;
    end;
  end loop;
  return query
    select * from (values ('settings', settings::bigint), ('password', passwords), ('membership', memberships)) changed (reason, count)
     where changed.count > 0;
end $$;

-- The defaults of sessions that the sidecar's first login has and that can be reset here: not those that only a superuser may set, and has set.
create or replace function app.sidecar_settings() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select p.name
    from pg_db_role_setting s
   cross join lateral unnest(s.setconfig) x (setting)
    join pg_settings p on lower(p.name) = lower(split_part(x.setting, '=', 1))
   where s.setrole = 'ytempire_app'::regrole
     and s.setdatabase in (0, (select d.oid from pg_database d where d.datname = current_database()))
     and (p.context = 'user' or p.context = 'superuser' and has_parameter_privilege(p.name, 'set'))
$$;

-- What the sidecar's first login has changed of its own role, as PostgreSQL lets every login do: whether its verifier may be read here, which is
-- null for a role without a password too, and whether it has settings.
drop function if exists app.read_sidecar_login();
create function app.read_sidecar_login() returns table (is_readable boolean, verifier text, has_settings boolean)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  may_read boolean := has_column_privilege('pg_authid', 'rolpassword', 'select');
begin
  return query
    select may_read, case when may_read then (select a.rolpassword from pg_authid a where a.rolname = 'ytempire_app') end,
           exists (select from app.sidecar_settings());
end $$;

-- Puts both back; the verifier only if one is given.
create or replace function app.restore_sidecar_login(p_verifier text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
begin
  if p_verifier !~ '^SCRAM-SHA-256\$' then
    raise exception 'pass a SCRAM-SHA-256 verifier, not a password' using errcode = '22023';
  end if;
  if p_verifier is not null then
    execute format('alter role ytempire_app password %L', p_verifier);
  end if;
  if exists (select from app.sidecar_settings()) then
    alter role ytempire_app reset all;
    execute format('alter role ytempire_app in database %I reset all', current_database());
  end if;
end $$;

reset role;

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_roles r on r.oid = p.proowner
            where p.pronamespace = 'app'::regnamespace and r.rolname = 'ytempire_provisioner' loop
    execute format('revoke all on function %s from public', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace
              and p.proname in ('require_login_room', 'provision_tenant_login', 'provision_dashboard_login', 'provision_probe_login', 'drop_probe_logins', 'drop_tenant_login', 'drop_retired_logins', 'enforce_tenant_limits',
                                'read_sidecar_login', 'restore_sidecar_login') loop
    execute format('revoke all on function %s from ytempire_app', f);
    execute format('grant execute on function %s to ytempire_operator, ytempire_owner', f);
  end loop;
  grant execute on function app.tenant_logins() to ytempire_app, ytempire_owner;
end $$;
revoke create on schema app from ytempire_provisioner;

-- From PostgreSQL 16 on, to make roles is not enough to change them: that takes the ADMIN option of each, which whoever makes a role gets, but not
-- of a role that came from an earlier server or was made by the administrator. As the administrator, at each migration (Database.migrate).
create or replace procedure app.adopt_roles()
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  adopted name;
begin
  if current_setting('server_version_num')::integer < 160000 then
    return;
  end if;
  for adopted in
    select r.rolname from pg_roles r
     where (r.rolname in ('ytempire_app', 'ytempire_reader') or r.rolname ~ '^tenant_[0-9a-f]{32}$')
       and not exists (select from pg_auth_members g where g.roleid = r.oid and g.member = 'ytempire_provisioner'::regrole and g.admin_option)
  loop
    execute format('grant %I to ytempire_provisioner with admin true, inherit false, set false', adopted);
  end loop;
exception when insufficient_privilege then
  raise warning 'logins cannot be held to their limits: %; grant them to ytempire_provisioner with admin option', sqlerrm;
end $$;
revoke all on procedure app.adopt_roles from public;

call app.adopt_roles();

-- Logins that were made before have the limits of today from here on.
select app.drop_retired_logins();
select app.enforce_tenant_limits();
