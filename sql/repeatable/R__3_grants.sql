-- Google's grants of channels, across tenants, and those that Google is still to revoke.
set role ytempire_owner;

-- Ends a channel's grant: nobody can use it from here on, and it is revoked at Google as soon as Google answers.
create or replace function app.end_grant(p_channel_id text, p_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with ended as (
    delete from core.oauth_grants where user_id = (select sec.tenant()) and channel_id = p_channel_id returning *)
  insert into core.pending_revocations (user_id, channel_id, refresh_token_encrypted, since)
  select e.user_id, e.channel_id, e.refresh_token_encrypted, p_at from ended e
   -- What Google has ended is over; there is nothing to revoke.
   where not exists (select from core.channels c
                      where c.user_id = e.user_id and c.channel_id = e.channel_id and c.connection_reason = 'grant-ended')
$$;
revoke all on function app.end_grant from public;
grant execute on function app.end_grant to ytempire_app;

reset role;

grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- Which grants there are and when Google last took them; not the grants themselves.
create or replace function app.list_grants() returns table (user_id uuid, channel_id text, verified_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select g.user_id, g.channel_id, g.verified_at from core.oauth_grants g order by g.verified_at $$;
revoke all on function app.list_grants from public;
grant execute on function app.list_grants to ytempire_app;

-- Whose channels' names and owners are to be asked for again. Those that could not be verified come back after all others.
create or replace function app.channels_to_identify(p_before timestamptz) returns table (user_id uuid, channel_id text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.user_id, c.channel_id from core.channels c join core.users u on u.user_id = c.user_id and u.is_active
   where c.connection = 'connected' and c.is_active
     and (c.identity_verified_at is null or c.identity_verified_at < p_before or c.identity_missed_at is not null)
   order by c.identity_attempted_at nulls first, c.identity_verified_at nulls first, c.channel_id
   limit 25
$$;
revoke all on function app.channels_to_identify from public;
grant execute on function app.channels_to_identify to ytempire_app;

-- Ciphertexts, bound to their user and channel; without the sidecar's key they reveal nothing.
create or replace function app.pending_revocations()
returns table (revocation_id uuid, user_id uuid, channel_id text, refresh_token_encrypted bytea, since timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select r.revocation_id, r.user_id, r.channel_id, r.refresh_token_encrypted, r.since from core.pending_revocations r order by r.since
$$;
revoke all on function app.pending_revocations from public;
grant execute on function app.pending_revocations to ytempire_app;

-- As app.pending_revocations, and whether other grants are held that revoking this one could end: Google ends all grants that a Google account
-- gave the project. Which account gave a grant is not known, so those of the user, and those of the channel, count as the same.
create or replace function app.list_revocations()
returns table (revocation_id uuid, user_id uuid, channel_id text, refresh_token_encrypted bytea, since timestamptz, has_siblings boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select r.revocation_id, r.user_id, r.channel_id, r.refresh_token_encrypted, r.since,
         exists (select from core.oauth_grants g where g.user_id = r.user_id or g.channel_id = r.channel_id)
    from core.pending_revocations r order by r.since
$$;
revoke all on function app.list_revocations from public;
grant execute on function app.list_revocations to ytempire_app;

create or replace function app.forget_revocation(p_revocation_id uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.require_operator();
  delete from core.pending_revocations where revocation_id = p_revocation_id;
end $$;
revoke all on function app.forget_revocation from public;
grant execute on function app.forget_revocation to ytempire_app;

reset role;
revoke create on schema app from ytempire_directory;
