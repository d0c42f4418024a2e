-- Functions that need more than one tenant's view of things. Each does one thing, for the sidecar only.
set role ytempire_owner;

-- Sign-up: the id is drawn first, then the tenant is entered, so that even this row passes the policy.
create or replace function app.create_user(p_email text, p_display_name text, p_subscription_tier text, p_target_revenue_usd numeric,
                                           p_time_zone text, p_created_at timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  new_id uuid := gen_random_uuid();
begin
  perform set_config('app.tenant_id', new_id::text, true);
  insert into core.users (user_id, email, display_name, subscription_tier, target_revenue_usd, time_zone, created_at)
  values (new_id, p_email, p_display_name, p_subscription_tier, p_target_revenue_usd, p_time_zone, p_created_at);
  insert into core.user_dashboard_config (user_id, created_at, updated_at) values (new_id, p_created_at, p_created_at);
  return new_id;
end $$;
revoke all on function app.create_user from public;
grant execute on function app.create_user to ytempire_app;

-- Called by the sidecar's own scheduler, so that no engine's background workers are needed. Answers what it did.
create or replace procedure core.maintain(p_now timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  series record;
  chunk regclass;
  found_engine text := (select engine from sec.storage);
begin
  for series in select * from core.time_series loop
    if series.keep is not null then
      if found_engine = 'plain' then
        execute format('delete from core.%I where %I < $1', series.table_name, series.time_column) using p_now - series.keep;
      else
        execute format('select public.drop_chunks(%L::regclass, older_than => %L::timestamptz)', 'core.' || series.table_name, p_now - series.keep);
      end if;
    end if;
    if found_engine = 'timescale-community' and series.compress_after is not null then
      for chunk in execute
        'select format(''%I.%I'', chunk_schema, chunk_name)::regclass from timescaledb_information.chunks
          where hypertable_schema = ''core'' and hypertable_name = $1 and not is_compressed and range_end < $2'
        using series.table_name, p_now - series.compress_after
      loop
        execute format('select public.compress_chunk(%L::regclass, if_not_compressed => true)', chunk);
      end loop;
    end if;
  end loop;
end $$;
revoke all on procedure core.maintain from public;

reset role;

-- ---- the directory ----
grant create on schema app to ytempire_directory;

create or replace function app.list_users(p_active_only boolean, p_after uuid, p_limit integer)
returns table (user_id uuid, email text, display_name text, subscription_tier text, target_revenue_usd numeric, time_zone text,
               is_active boolean, created_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select u.user_id, u.email, u.display_name, u.subscription_tier, u.target_revenue_usd, u.time_zone, u.is_active, u.created_at
    from core.users u
   where (u.is_active or not p_active_only)
     and (p_after is null or u.email > (select last.email from core.users last where last.user_id = p_after))
   order by u.email
   limit p_limit
$$;

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
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.api_tokens (kind, user_id, name, token_hash, created_at, expires_at)
  values (p_kind, p_user_id, p_name, p_token_hash, p_created_at, p_expires_at)
  returning token_id
$$;

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

-- Acts that concern no single user (a token made, all users listed).
create or replace function app.record_platform_act(p_at timestamptz, p_token_id uuid, p_token_kind text, p_action text, p_workflow_id text,
                                                   p_execution_id text, p_details text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.audit_log (user_id, at, token_id, token_kind, action, workflow_id, execution_id, details)
  values (null, p_at, p_token_id, p_token_kind, p_action, p_workflow_id, p_execution_id, p_details::jsonb)
$$;

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace
              and p.proname in ('list_users', 'find_api_token', 'create_api_token', 'list_api_tokens', 'revoke_api_token', 'touch_api_token',
                                'record_platform_act') loop
    execute format('alter function %s owner to ytempire_directory', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ytempire_app', f);
  end loop;
end $$;
revoke create on schema app from ytempire_directory;

-- ---- tenants' own database logins ----
grant create on schema app to ytempire_provisioner;

-- Takes a SCRAM verifier, not a password, so that no statement log ever holds a secret.
create or replace function app.provision_tenant_login(p_verifier text) returns name
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
  execute format('create role %I login connection limit 10 password %L', login, p_verifier);
  execute format('grant ytempire_reader to %I', login);
  execute format('alter role %I set default_transaction_read_only = on', login);
  execute format('alter role %I set statement_timeout = %L', login, '30s');
  execute format('alter role %I set search_path = analytics', login);
  insert into sec.login_role (role_name, kind, user_id) values (login, 'tenant', tenant);
  return login;
end $$;

create or replace function app.drop_tenant_login(p_login name) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  delete from sec.login_role where role_name = p_login and kind = 'tenant' and user_id = sec.tenant();
  if not found then
    raise exception 'not a login of this tenant' using errcode = '42501';
  end if;
  perform pg_terminate_backend(pid) from pg_stat_activity where usename = p_login;
  execute format('drop role %I', p_login);
end $$;

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace and p.proname in ('provision_tenant_login', 'drop_tenant_login') loop
    execute format('alter function %s owner to ytempire_provisioner', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ytempire_app', f);
  end loop;
end $$;
revoke create on schema app from ytempire_provisioner;
