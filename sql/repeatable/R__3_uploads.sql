-- Channels whose new videos the hub pushes, across tenants.
grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- How many channels the hub should push for and does not, and how many it is asked to push for.
create or replace function app.count_hub_watches(p_now timestamptz, p_silent_after timestamptz) returns table (leased bigint, silent bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select count(*), count(*) filter (where w.hub_silent_since > p_silent_after) from core.upload_watches w where w.lease_until > p_now
$$;
revoke all on function app.count_hub_watches from public;
grant execute on function app.count_hub_watches to ytempire_app;

-- Whose new videos a push of the hub announces.
create or replace function app.find_upload_watch(p_subscription_id uuid) returns table (user_id uuid, channel_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select w.user_id, w.channel_id from core.upload_watches w where w.subscription_id = p_subscription_id $$;
revoke all on function app.find_upload_watch from public;
grant execute on function app.find_upload_watch to ytempire_app;

-- Whose secrets of the hub may have to be encrypted anew.
create or replace function app.list_upload_watches() returns table (user_id uuid, channel_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select w.user_id, w.channel_id from core.upload_watches w order by w.user_id, w.channel_id $$;
revoke all on function app.list_upload_watches from public;
grant execute on function app.list_upload_watches to ytempire_app;

reset role;
revoke create on schema app from ytempire_directory;
