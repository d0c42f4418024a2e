-- Users across tenants, and who may ask for them.
grant create on schema app to ytempire_directory;
set role ytempire_directory;

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
grant execute on function app.require_operator to ytempire_app;

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
revoke all on function app.list_users from public;
grant execute on function app.list_users to ytempire_app;

-- Who shares in Google's quota, and by which subscription.
create or replace function app.list_tiers() returns table (user_id uuid, subscription_tier text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select u.user_id, u.subscription_tier from core.users u where u.is_active $$;
revoke all on function app.list_tiers from public;
grant execute on function app.list_tiers to ytempire_app;

reset role;
revoke create on schema app from ytempire_directory;
