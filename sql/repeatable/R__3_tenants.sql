-- Proofs of tenants, for the sidecar, and the sign-up of one.
set role ytempire_owner;

-- Which session the sidecar's statements run in, for its proofs.
create or replace function app.session_id() returns text
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select sec.session_id() $$;
revoke all on function app.session_id from public;
grant execute on function app.session_id to ytempire_app;

-- The key of the sidecar's proofs.
create or replace function app.tenant_key() returns bytea
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select secret from sec.tenant_key where ends_at is null $$;
revoke all on function app.tenant_key from public, ytempire_app;
grant execute on function app.tenant_key to ytempire_operator;

-- Replaces it; sec.rotate_tenant_key says when the one before ends.
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

reset role;
