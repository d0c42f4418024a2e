-- Tokens of the API. They are made, listed and revoked by the sidecar's second login alone; the first finds one and notes its use.

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

grant create on schema app to ytempire_directory;
set role ytempire_directory;

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
revoke all on function app.find_api_token_with_scopes from public;
grant execute on function app.find_api_token_with_scopes to ytempire_app;

create or replace function app.create_api_token(p_kind text, p_user_id uuid, p_name text, p_token_hash bytea, p_created_at timestamptz,
                                                p_expires_at timestamptz, p_scopes text[]) returns uuid
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.api_tokens (kind, user_id, name, token_hash, created_at, expires_at, scopes)
  values (p_kind, p_user_id, p_name, p_token_hash, p_created_at, p_expires_at, p_scopes)
  returning token_id
$$;
revoke all on function app.create_api_token(text, uuid, text, bytea, timestamptz, timestamptz, text[]) from public, ytempire_app;
grant execute on function app.create_api_token(text, uuid, text, bytea, timestamptz, timestamptz, text[]) to ytempire_operator;

create or replace function app.list_api_tokens_with_scopes()
returns table (token_id uuid, kind text, user_id uuid, scopes text[], name text, created_at timestamptz, expires_at timestamptz, revoked_at timestamptz,
               last_used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select t.token_id, t.kind, t.user_id, t.scopes, t.name, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
    from core.api_tokens t order by t.created_at, t.token_id
$$;
revoke all on function app.list_api_tokens_with_scopes from public, ytempire_app;
grant execute on function app.list_api_tokens_with_scopes to ytempire_operator;

create or replace function app.revoke_api_token(p_token_id uuid, p_revoked_at timestamptz) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with revoked as (
    update core.api_tokens set revoked_at = coalesce(revoked_at, p_revoked_at) where token_id = p_token_id returning 1)
  select exists (select from revoked)
$$;
revoke all on function app.revoke_api_token from public, ytempire_app;
grant execute on function app.revoke_api_token to ytempire_operator;

create or replace function app.touch_api_token(p_token_id uuid, p_used_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ update core.api_tokens set last_used_at = p_used_at where token_id = p_token_id $$;
revoke all on function app.touch_api_token from public;
grant execute on function app.touch_api_token to ytempire_app;

create or replace function app.expire_api_token(p_token_id uuid, p_expires_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.api_tokens set expires_at = least(coalesce(expires_at, 'infinity'), p_expires_at) where token_id = p_token_id
$$;
revoke all on function app.expire_api_token from public, ytempire_app;
grant execute on function app.expire_api_token to ytempire_operator;

-- ---- the version before, which knows of no scopes ----

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
revoke all on function app.find_api_token from public;
grant execute on function app.find_api_token to ytempire_app;

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
revoke all on function app.create_api_token(text, uuid, text, bytea, timestamptz, timestamptz) from public;
grant execute on function app.create_api_token(text, uuid, text, bytea, timestamptz, timestamptz) to ytempire_app;

create or replace function app.list_api_tokens()
returns table (token_id uuid, kind text, user_id uuid, name text, created_at timestamptz, expires_at timestamptz, revoked_at timestamptz,
               last_used_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select t.token_id, t.kind, t.user_id, t.name, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
    from core.api_tokens t order by t.created_at, t.token_id
$$;
revoke all on function app.list_api_tokens from public, ytempire_app;
grant execute on function app.list_api_tokens to ytempire_operator;

reset role;
revoke create on schema app from ytempire_directory;
