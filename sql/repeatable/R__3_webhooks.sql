-- The outbox of events. Subscriptions may be of all users and are the directory's; events of a user are written and read as that user.
grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- Who wants to hear of this; of a user: without those who have subscribed to another alone. Locked until
-- the transaction ends, so that none is deleted before its event is stored.
create or replace function app.event_subscribers(p_kind text, p_user_id uuid) returns setof uuid
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  select s.subscription_id from core.webhook_subscriptions s
   where p_kind = any (s.events) and (s.user_id is null or s.user_id = p_user_id)
   order by 1
     for key share
$$;
revoke all on function app.event_subscribers from public;
grant execute on function app.event_subscribers to ytempire_app, ytempire_owner;

create or replace function app.create_webhook_subscription(p_user_id uuid, p_url text, p_events text[], p_secret text, p_workflow_id text,
                                                           p_created_at timestamptz) returns uuid
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  made uuid;
begin
  -- Of whatever user: whoever could make one at will would be sent another's events.
  perform app.require_operator();
  -- Each costs something at every event: null beyond a bound, though two who are at it at once may pass it by one. Of one user, and of
  -- those of all users, a fifth: so that those who subscribe for one leave room for the others.
  if (select count(*) >= 1000 or count(*) filter (where user_id is not distinct from p_user_id) >= 200 from core.webhook_subscriptions) then
    return null;
  end if;
  insert into core.webhook_subscriptions (user_id, url, events, secret, workflow_id, created_at)
  values (p_user_id, p_url, p_events, p_secret, p_workflow_id, p_created_at)
  returning subscription_id into made;
  return made;
end $$;
revoke all on function app.create_webhook_subscription from public;
grant execute on function app.create_webhook_subscription to ytempire_app, ytempire_owner;

-- Without secrets.
create or replace function app.list_webhook_subscriptions()
returns table (subscription_id uuid, user_id uuid, url text, events text[], workflow_id text, created_at timestamptz,
               last_delivered_at timestamptz, failing_since timestamptz, last_error text, waiting bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select s.subscription_id, s.user_id, s.url, s.events, s.workflow_id, s.created_at, s.last_delivered_at, s.failing_since, s.last_error,
         (select count(*) from core.webhook_deliveries d where d.subscription_id = s.subscription_id and d.due_at is not null)
    from core.webhook_subscriptions s
   order by s.created_at, s.subscription_id
$$;
revoke all on function app.list_webhook_subscriptions from public;
grant execute on function app.list_webhook_subscriptions to ytempire_app, ytempire_owner;

create or replace function app.delete_webhook_subscription(p_subscription_id uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.require_operator();
  delete from core.webhook_subscriptions where subscription_id = p_subscription_id;
  return found;
end $$;
revoke all on function app.delete_webhook_subscription from public;
grant execute on function app.delete_webhook_subscription to ytempire_app, ytempire_owner;

-- Ciphertexts, each bound to its address alone; without the sidecar's key they reveal nothing.
create or replace function app.webhook_secrets() returns table (subscription_id uuid, url text, secret text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select s.subscription_id, s.url, s.secret from core.webhook_subscriptions s order by s.subscription_id $$;
revoke all on function app.webhook_secrets from public;
grant execute on function app.webhook_secrets to ytempire_app, ytempire_owner;

create or replace function app.change_webhook_secret(p_subscription_id uuid, p_old text, p_new text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.require_operator();
  update core.webhook_subscriptions set secret = p_new where subscription_id = p_subscription_id and secret = p_old;
end $$;
revoke all on function app.change_webhook_secret from public;
grant execute on function app.change_webhook_secret to ytempire_app, ytempire_owner;

-- Whether anybody wants to hear of this, of whatever user.
create or replace function app.is_event_wanted(p_kind text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select exists (select from core.webhook_subscriptions where p_kind = any (events)) $$;
revoke all on function app.is_event_wanted from public;
grant execute on function app.is_event_wanted to ytempire_app, ytempire_owner;

-- Takes what is due, each by one replica: it is due again when the lease ends, if that replica never says what came of it.
-- A few of each subscription, or of one alone; none of one that rests or that this replica is busy with, nothing of a hidden channel.
create or replace function app.claim_webhook_deliveries(p_now timestamptz, p_lease_until timestamptz, p_of_each int, p_only uuid, p_busy uuid[])
returns table (user_id uuid, subscription_id uuid, event_id uuid, attempts int, url text, secret text, failures int)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with due as (
    select d.user_id, d.subscription_id, d.event_id, d.due_at
      from core.webhook_subscriptions s
     cross join lateral (
       select d.user_id, d.subscription_id, d.event_id, d.due_at
         from core.webhook_deliveries d
        where d.subscription_id = s.subscription_id and d.due_at <= p_now
          and not exists (select from core.channels c where c.user_id = d.user_id and c.channel_id = d.channel_id and c.is_hidden)
        order by d.due_at
        limit p_of_each
        for update of d skip locked) d
     where (s.rests_until is null or s.rests_until <= p_now)
       and (p_only is null or s.subscription_id = p_only) and s.subscription_id <> all (p_busy)),
  taken as (
    update core.webhook_deliveries d
       set due_at = p_lease_until, attempts = d.attempts + 1
      from due, core.webhook_subscriptions s
     where (d.user_id, d.subscription_id, d.event_id) = (due.user_id, due.subscription_id, due.event_id)
       and s.subscription_id = d.subscription_id
    returning d.user_id, d.subscription_id, d.event_id, d.attempts, s.url, s.secret, s.failures, due.due_at as was_due_at)
  select t.user_id, t.subscription_id, t.event_id, t.attempts, t.url, t.secret, t.failures from taken t order by t.was_due_at
$$;
revoke all on function app.claim_webhook_deliveries from public;
grant execute on function app.claim_webhook_deliveries to ytempire_app, ytempire_owner;

-- What an address said: well, or not, in which case it rests.
create or replace function app.note_webhook_answer(p_subscription_id uuid, p_at timestamptz, p_error text, p_rests_until timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.webhook_subscriptions
     set last_delivered_at = case when p_error is null then p_at else last_delivered_at end,
         failing_since = case when p_error is null then null else coalesce(failing_since, p_at) end,
         failures = case when p_error is null then 0 else failures + 1 end,
         last_error = p_error,
         rests_until = p_rests_until
   where subscription_id = p_subscription_id
$$;
revoke all on function app.note_webhook_answer from public;
grant execute on function app.note_webhook_answer to ytempire_app, ytempire_owner;

-- An address did not take what a replica had claimed at p_claimed_at, and rests; answers until when. The call may have failed because the
-- address was only starting: where it has said since the claim that it takes deliveries, it rests for p_first_pause alone.
create or replace function app.note_webhook_failure(p_subscription_id uuid, p_at timestamptz, p_error text, p_rests_until timestamptz,
                                                    p_claimed_at timestamptz, p_first_pause interval) returns timestamptz
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.webhook_subscriptions
     set failing_since = coalesce(failing_since, p_at),
         failures = case when resumed_at >= p_claimed_at then 1 else failures + 1 end,
         last_error = p_error,
         rests_until = case when resumed_at >= p_claimed_at then least(p_rests_until, p_at + p_first_pause) else p_rests_until end
   where subscription_id = p_subscription_id
  returning rests_until
$$;
revoke all on function app.note_webhook_failure from public;
grant execute on function app.note_webhook_failure to ytempire_app, ytempire_owner;

-- An address says that it takes deliveries again: if it rests, what it did not take is due now, as if tried for the first time. If it
-- does not, some replica may be sending just now, and hears of it when that fails. What was never tried keeps its time, so that counts
-- still add up.
create or replace function app.resume_webhook_subscription(p_subscription_id uuid, p_now timestamptz) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with resting as (
    select subscription_id from core.webhook_subscriptions
     where subscription_id = p_subscription_id and rests_until > p_now for no key update),
  resumed as (
    update core.webhook_subscriptions s
       set resumed_at = p_now,
           rests_until = case when exists (select from resting) then null else s.rests_until end,
           failures = case when exists (select from resting) then 0 else s.failures end
     where s.subscription_id = p_subscription_id returning s.subscription_id),
  due as (
    update core.webhook_deliveries d set due_at = p_now, attempts = 0
      from resting where d.subscription_id = resting.subscription_id and d.due_at > p_now and d.attempts > 0 returning 1)
  select exists (select from core.webhook_subscriptions where subscription_id = p_subscription_id)
$$;
revoke all on function app.resume_webhook_subscription from public;
grant execute on function app.resume_webhook_subscription to ytempire_app, ytempire_owner;

-- Drops what was sent, or could not be, for so long, at least three days; and addresses that have not answered for at least a week.
create or replace function app.sweep_webhooks(p_before timestamptz, p_failing_before timestamptz) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with silent as (
    delete from core.webhook_subscriptions where failing_since < sec.limited_time(p_failing_before + interval '7 days') - interval '7 days' returning 1),
  gone as (
    delete from core.webhook_deliveries where at < sec.limited_time(p_before + interval '3 days') - interval '3 days' returning due_at)
  select count(due_at) from gone
$$;
revoke all on function app.sweep_webhooks from public;
grant execute on function app.sweep_webhooks to ytempire_app, ytempire_owner;

reset role;
revoke create on schema app from ytempire_directory;

-- ---- as the tenant ----
set role ytempire_owner;

-- Writes an event of the tenant for each subscription that wants it; answers how many do. An event of the same id is delivered once.
create or replace function app.publish_event(p_event_id uuid, p_kind text, p_channel_id text, p_at timestamptz, p_data text) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with published as (
    insert into core.webhook_deliveries (user_id, subscription_id, event_id, kind, channel_id, at, data, due_at)
    select sec.tenant(), wanted, p_event_id, p_kind, p_channel_id, p_at, p_data::jsonb, p_at
      from app.event_subscribers(p_kind, sec.tenant()) wanted
     where sec.tenant() is not null
    on conflict do nothing
    returning 1)
  select count(*) from published
$$;

-- As publish_event, of counts that come in pieces: those of one cause add up until they are sent.
create or replace function app.publish_counts(p_kind text, p_cause text, p_at timestamptz, p_due_at timestamptz, p_counts text, p_data text)
returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := sec.tenant();
  wanted uuid;
  published bigint := 0;
begin
  for wanted in select app.event_subscribers(p_kind, tenant) where tenant is not null loop
    published := published + 1;
    update core.webhook_deliveries d
       set at = p_at, due_at = p_due_at,
           data = d.data || (select jsonb_object_agg(key, coalesce((d.data ->> key)::bigint, 0) + value::bigint)
                               from jsonb_each_text(p_counts::jsonb))
     where d.user_id = tenant and d.subscription_id = wanted and d.kind = p_kind and d.cause = p_cause
       and d.attempts = 0 and d.due_at is not null;
    if not found then
      insert into core.webhook_deliveries (user_id, subscription_id, event_id, kind, cause, at, data, due_at)
      values (tenant, wanted, gen_random_uuid(), p_kind, p_cause, p_at, p_data::jsonb || p_counts::jsonb, p_due_at);
    end if;
  end loop;
  return published;
end $$;

revoke all on function app.publish_event, app.publish_counts from public;
grant execute on function app.publish_event, app.publish_counts to ytempire_app;

reset role;
