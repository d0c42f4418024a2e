-- Batches of fetched rows that wait to be stored, across tenants: sizes and ends, never the rows.
set role ytempire_owner;

-- The time by which leases of fetches begin and end: this server's, since those of sidecars differ.
create or replace function app.lease_time() returns timestamptz
language sql volatile set search_path = pg_catalog, pg_temp
as $$ select clock_timestamp() $$;
revoke all on function app.lease_time from public;
grant execute on function app.lease_time to ytempire_app, ytempire_directory;

reset role;
grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- Bytes of rows that wait to be stored, of all users.
create or replace function app.held_bytes(p_now timestamptz) returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select coalesce(sum(b.size_bytes), 0)::bigint from core.held_batches b where b.stored_at is null and b.expires_at > p_now $$;
revoke all on function app.held_bytes from public;
grant execute on function app.held_bytes to ytempire_app;

-- Lets the leases of these runs of which less than p_margin is left last for p_lease from now, ten minutes at most, and answers how many.
-- What another transaction holds, such as the erasure of one user, is left to the next renewal: it keeps no other user's lease from being
-- renewed.
create or replace function app.renew_fetch_leases(p_holders text[], p_margin interval, p_lease interval) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with due as materialized (
    select user_id, channel_id, report from core.fetch_leases
     where holder = any (p_holders) and leased_until < (select app.lease_time()) + p_margin
     order by user_id, channel_id, report for no key update skip locked),
  renewed as (
    update core.fetch_leases l set leased_until = (select app.lease_time()) + least(p_lease, interval '10 minutes')
      from due d
     where l.user_id = d.user_id and l.channel_id = d.channel_id and l.report = d.report returning 1)
  select count(*) from renewed
$$;
revoke all on function app.renew_fetch_leases(text[], interval, interval) from public;
grant execute on function app.renew_fetch_leases(text[], interval, interval) to ytempire_app;

-- The same as sidecars of the version before call it, which may run during an upgrade: they say moments by their own clocks, which do not
-- count any more.
create or replace function app.renew_fetch_leases(p_holders text[], p_soon timestamptz, p_until timestamptz) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select app.renew_fetch_leases(p_holders, interval '20 seconds', interval '30 seconds') $$;
revoke all on function app.renew_fetch_leases(text[], timestamptz, timestamptz) from public;
grant execute on function app.renew_fetch_leases(text[], timestamptz, timestamptz) to ytempire_app;

-- Deletes batches and leases that have ended, and answers how many batches. A time that lies further ahead than the sidecar's clock may be
-- (sec.clock_limit) does not count. Leases end by app.lease_time alone; those that have ended hold up nobody and go an hour later.
create or replace function app.sweep_held_batches(p_now timestamptz) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with ended as (delete from core.fetch_leases where leased_until <= (select app.lease_time()) - interval '1 hour'),
  swept as (delete from core.held_batches where expires_at <= (select sec.limited_time(p_now)) returning 1)
  select count(*) from swept
$$;
revoke all on function app.sweep_held_batches from public;
grant execute on function app.sweep_held_batches to ytempire_app;

reset role;
revoke create on schema app from ytempire_directory;
