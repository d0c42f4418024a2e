-- Users found by their email or name, for the second login alone.
grant create on schema app to ytempire_directory;

-- Users in order of email: the one of an email (as stored, or as the sidecar writes it today), or those whose email or name has a text in it.
create or replace function app.find_users(p_emails text[], p_text text, p_active_only boolean, p_after uuid, p_limit integer)
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
       and (p_emails is null or lower(u.email) = any (p_emails))
       and (p_text is null or position(lower(p_text) in lower(u.email)) > 0 or position(lower(p_text) in lower(u.display_name)) > 0)
       and (p_after is null or u.email > (select last.email from core.users last where last.user_id = p_after))
     order by u.email
     limit p_limit;
end $$;

do $$
begin
  alter function app.find_users owner to ytempire_directory;
  revoke all on function app.find_users from public;
  grant execute on function app.find_users to ytempire_app;
end $$;
revoke create on schema app from ytempire_directory;
