-- Billing across tenants: whose customer it is, which events came already, who is to be asked for again.
grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- The user who is this customer of Stripe's.
create or replace function app.billing_user(p_customer_id text) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select user_id from core.billing_accounts where customer_id = p_customer_id $$;
revoke all on function app.billing_user from public, ytempire_app;
grant execute on function app.billing_user to ytempire_operator;

create or replace function app.is_stripe_event_known(p_event_id text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select exists (select from core.stripe_events where event_id = p_event_id) $$;
revoke all on function app.is_stripe_event_known from public, ytempire_app;
grant execute on function app.is_stripe_event_known to ytempire_operator;

-- Notes that an event was acted on; false: it had been.
create or replace function app.note_stripe_event(p_event_id text, p_at timestamptz) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with noted as (insert into core.stripe_events (event_id, received_at) values (p_event_id, p_at) on conflict do nothing returning 1)
  select exists (select from noted)
$$;
revoke all on function app.note_stripe_event from public, ytempire_app;
grant execute on function app.note_stripe_event to ytempire_operator;

-- Users whose subscription is to be read again, the longest due first.
create or replace function app.due_billing_users(p_now timestamptz, p_limit integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select user_id from core.billing_accounts where due_at <= p_now order by due_at limit p_limit $$;
revoke all on function app.due_billing_users from public, ytempire_app;
grant execute on function app.due_billing_users to ytempire_operator;

reset role;
revoke create on schema app from ytempire_directory;
