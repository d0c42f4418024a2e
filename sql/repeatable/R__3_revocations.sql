-- What ended is recorded as it ends, whoever ends it, and ended again after a restore to a moment before.
set role ytempire_owner;

create or replace function core.revocation_subject(p_kind text, p_identifier text) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select encode(sha256(convert_to(p_kind || ' ' || p_identifier, 'UTF8')), 'hex') $$;
revoke all on function core.revocation_subject from public;

-- Whether of this kind the last entry of a subject alone is kept: it goes both ways, as often as a customer, an operator, or whoever has a link
-- to unsubscribe, likes.
create or replace function core.only_last_counts(p_kind text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select p_kind in ('activation', 'channel', 'channel-deleted', 'channel-erased', 'reports', 'unsubscription') $$;
revoke all on function core.only_last_counts from public;

create or replace function core.record_revocation(p_kind text, p_identifier text, p_details jsonb) returns void
language sql set search_path = pg_catalog, pg_temp
as $$
  -- Longer than the oldest backup is kept; at most a day's worth at once, so that a clock that is ahead does not empty the list.
  delete from core.revocations
   where recorded_at < least(clock_timestamp() - interval '35 days', (select min(recorded_at) from core.revocations) + interval '1 day');
  delete from core.revocations
   where core.only_last_counts(p_kind) and kind = p_kind and subject = core.revocation_subject(p_kind, p_identifier);
  insert into core.revocations (kind, subject, details) values (p_kind, core.revocation_subject(p_kind, p_identifier), p_details);
$$;
revoke all on function core.record_revocation from public;

-- One for each table, with its owner's rights: whoever deletes need not see the list.
create or replace function core.record_erased_user() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('user', old.user_id::text, '{}');
  return null;
end $$;

-- When, by an entry of a channel, its grant was last given up; null: never. An entry of a version before says it by its own moment alone.
create or replace function core.given_up_at(p_details jsonb, p_recorded_at timestamptz) returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select case when p_details ->> 'connection' = 'not-connected' or (p_details ->> 'is_given_up')::boolean then p_recorded_at
              else (p_details ->> 'given_up_at')::timestamptz end
$$;
revoke all on function core.given_up_at from public;

-- What ends is recorded by PostgreSQL's clock, so what begins is too: by a sidecar's, which may be minutes off, one could not be told to be later.
create or replace function core.note_stored_grant() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  new.stored_at := clock_timestamp();
  return new;
end $$;
revoke all on function core.note_stored_grant from public;

-- The last one counts, and says when a grant was given up before it.
create or replace function core.record_ended_connection() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  identifier text := new.user_id || ' ' || new.channel_id;
begin
  perform core.record_revocation('channel', identifier, jsonb_build_object(
    'connection', new.connection, 'connection_reason', new.connection_reason, 'is_hidden', new.is_hidden, 'erase_after', new.erase_after,
    'given_up_at', (
      select max(core.given_up_at(r.details, r.recorded_at)) from core.revocations r
       where r.kind = 'channel' and r.subject = core.revocation_subject('channel', identifier))));
  return null;
end $$;

create or replace function core.record_deleted_channel() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('channel-deleted', old.user_id || ' ' || old.channel_id, '{}');
  return null;
end $$;

-- Both ways: the last one counts.
create or replace function core.record_activation() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('activation', new.user_id::text, jsonb_build_object('is_active', new.is_active));
  return null;
end $$;

create or replace function core.record_deleted_subscription() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('subscription', old.subscription_id::text, '{}');
  return null;
end $$;

create or replace function core.record_shortened_token() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('token-expiry', new.token_id::text, jsonb_build_object('expires_at', new.expires_at));
  return null;
end $$;

create or replace function core.record_revoked_token() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('token', new.token_id::text, '{}');
  return null;
end $$;

create or replace function core.record_retired_login() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('login', new.role_name::text, '{}');
  return null;
end $$;

-- Not those that an erased user takes along.
create or replace function core.record_removed_recipient() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('recipient', old.recipient_id::text, '{}');
  return null;
end $$;

-- Both ways: the last one counts.
create or replace function core.record_unsubscription() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform core.record_revocation('unsubscription', new.recipient_id::text, jsonb_build_object('unsubscribed_kinds', new.unsubscribed_kinds));
  return null;
end $$;

-- Of each kind of report whether the user has it mailed; null: as is standard.
create or replace function core.mailed_reports(p_settings jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select jsonb_build_object('daily', p_settings #> '{daily,enabled}', 'weekly', p_settings #> '{weekly,enabled}', 'monthly', p_settings #> '{monthly,enabled}') $$;
revoke all on function core.mailed_reports from public;

create or replace function core.record_mailed_reports() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  before jsonb := core.mailed_reports(case when tg_op = 'UPDATE' then old.notification_settings else '{}' end);
begin
  if core.mailed_reports(new.notification_settings) <> before then
    perform core.record_revocation('reports', new.user_id::text, core.mailed_reports(new.notification_settings));
  end if;
  return null;
end $$;

revoke all on function core.record_removed_recipient, core.record_unsubscription, core.record_mailed_reports from public;
revoke all on function core.record_erased_user, core.record_ended_connection, core.record_deleted_channel, core.record_activation,
                       core.record_deleted_subscription, core.record_shortened_token, core.record_revoked_token, core.record_retired_login from public;

create or replace trigger record_revocation after delete on core.users
  for each row execute function core.record_erased_user();
create or replace trigger note_stored before insert or update of connected_at on core.oauth_grants
  for each row execute function core.note_stored_grant();
create or replace trigger record_revocation after update of connection on core.channels
  for each row when (old.connection <> new.connection and new.connection <> 'connected') execute function core.record_ended_connection();
-- Not those that an erased user takes along.
create or replace trigger record_deletion after delete on core.channels
  for each row when (pg_trigger_depth() = 0) execute function core.record_deleted_channel();
create or replace trigger record_activation after update of is_active on core.users
  for each row when (old.is_active <> new.is_active) execute function core.record_activation();
create or replace trigger record_revocation after delete on core.webhook_subscriptions
  for each row when (pg_trigger_depth() = 0) execute function core.record_deleted_subscription();
create or replace trigger record_expiry after update of expires_at on core.api_tokens
  for each row when (new.expires_at < coalesce(old.expires_at, 'infinity')) execute function core.record_shortened_token();
create or replace trigger record_revocation after update of revoked_at on core.api_tokens
  for each row when (old.revoked_at is null and new.revoked_at is not null) execute function core.record_revoked_token();
create or replace trigger record_revocation after insert on sec.retired_login
  for each row execute function core.record_retired_login();
create or replace trigger record_revocation after delete on core.report_recipients
  for each row when (pg_trigger_depth() = 0) execute function core.record_removed_recipient();
create or replace trigger record_unsubscription after update of unsubscribed_kinds on core.report_recipients
  for each row when (not (old.unsubscribed_kinds @> new.unsubscribed_kinds and old.unsubscribed_kinds <@ new.unsubscribed_kinds)) execute function core.record_unsubscription();
create or replace trigger record_reports after insert or update of notification_settings on core.user_dashboard_config
  for each row execute function core.record_mailed_reports();

-- The list as it is copied beside the backups, in an order that does not change.
create or replace function core.list_revocations() returns jsonb
language sql stable set search_path = pg_catalog, pg_temp
as $$ select coalesce(jsonb_agg(to_jsonb(r) order by r.recorded_at, r.revocation_id), '[]') from core.revocations r $$;
revoke all on function core.list_revocations from public;

-- Ends anew what ended after the moment to which this database was restored: what the list has and the database does not. Run by a superuser,
-- in a database that nobody else is in. Answers how many were ended, by kind; what was made after that moment is not there, and not counted.
create or replace function core.replay_revocations(p_revocations jsonb, p_at timestamptz) returns table (kind text, replayed bigint)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  missing record;
  found_user uuid;
  found_channel text;
  counts jsonb := '{"activation": 0, "channel": 0, "channel-deleted": 0, "channel-erased": 0, "login": 0, "recipient": 0, "reports": 0, "subscription": 0, "token": 0, "token-expiry": 0, "unsubscription": 0, "user": 0}';
  done bigint;
begin
  for missing in
    -- Copies of the list repeat each other, and the older ones have what does not count any more.
    with listed as materialized (
      select distinct r.recorded_at, r.revocation_id, r.kind, r.subject, r.details
        from jsonb_to_recordset(p_revocations) as r (revocation_id uuid, kind text, subject text, details jsonb, recorded_at timestamptz)
       -- At the moment of the restore the database had forgotten what is older, and what was begun again since stays. What cannot begin again ends.
       where not core.only_last_counts(r.kind) or r.recorded_at > least(p_at, coalesce(pg_last_xact_replay_timestamp(), p_at)) - interval '35 days'),
    known as (
      select l.revocation_id, l.kind, l.subject, l.recorded_at, l.details from listed l
       union all
      select k.revocation_id, k.kind, k.subject, k.recorded_at, k.details from core.revocations k),
    -- Of all entries of a channel: the last one, of a version before, may not know of those before it.
    given_up as (
      select n.subject, max(core.given_up_at(n.details, n.recorded_at)) as given_up_at from known n where n.kind = 'channel' group by n.subject)
    select l.*, g.given_up_at from listed l left join given_up g on l.kind = 'channel' and g.subject = l.subject
     where not exists (select from core.revocations k where k.revocation_id = l.revocation_id)
       and not exists (select from known n
                        where core.only_last_counts(l.kind) and n.kind = l.kind and n.subject = l.subject
                          and (n.recorded_at, n.revocation_id) > (l.recorded_at, l.revocation_id))
     order by l.recorded_at, l.revocation_id
  loop
    done := 0;
    if missing.kind = 'user' then
      select u.user_id into found_user from core.users u where core.revocation_subject('user', u.user_id::text) = missing.subject;
      if found then
        -- Its executions came back with n8n's database.
        insert into core.execution_erasures (terms, requested_at, due_at, passes_left)
        select array[u.user_id::text, u.email] || array(select c.channel_id from core.channels c where c.user_id = u.user_id), p_at, p_at, 2
          from core.users u where u.user_id = found_user;
        perform set_config('app.tenant_id', sec.prove_tenant(found_user), true);
        set local session authorization ytempire_operator;
        perform app.erase_user(p_at);
        reset session authorization;
        done := 1;
      end if;
    elsif missing.kind = 'channel' then
      select c.user_id, c.channel_id into found_user, found_channel from core.channels c
       where core.revocation_subject('channel', c.user_id || ' ' || c.channel_id) = missing.subject and c.connection <> 'not-connected';
      if found then
        -- Not a grant that was made after the last one was given up.
        if missing.details ->> 'connection' = 'not-connected' or exists (
             select from core.oauth_grants g
              where g.user_id = found_user and g.channel_id = found_channel
                -- One of a version before has the sidecar's clock alone, which may have been ahead. To end one too many costs a new consent; to keep
                -- one that was given up would use what a customer has withdrawn.
                and coalesce(g.stored_at, g.connected_at - interval '15 minutes') < missing.given_up_at) then
          perform set_config('app.tenant_id', sec.prove_tenant(found_user), true);
          set local session authorization ytempire_operator;
          perform app.end_grant(found_channel, p_at);
          reset session authorization;
        end if;
        update core.channels c
           set connection = missing.details ->> 'connection', connection_reason = missing.details ->> 'connection_reason',
               is_hidden = (missing.details ->> 'is_hidden')::boolean, erase_after = (missing.details ->> 'erase_after')::timestamptz
         where c.user_id = found_user and c.channel_id = found_channel;
        done := 1;
      end if;
    elsif missing.kind in ('channel-erased', 'channel-deleted') then
      select c.user_id, c.channel_id into found_user, found_channel from core.channels c
       where core.revocation_subject(missing.kind, c.user_id || ' ' || c.channel_id) = missing.subject;
      if found then
        perform set_config('app.tenant_id', sec.prove_tenant(found_user), true);
        set local session authorization ytempire_operator;
        perform app.end_grant(found_channel, p_at);
        if missing.kind = 'channel-deleted' then
          perform app.delete_channel(found_channel);
        else
          perform app.erase_channel_data(found_channel);
        end if;
        reset session authorization;
        done := 1;
      end if;
    elsif missing.kind = 'activation' then
      update core.users u set is_active = (missing.details ->> 'is_active')::boolean
       where core.revocation_subject('activation', u.user_id::text) = missing.subject
         and u.is_active <> (missing.details ->> 'is_active')::boolean;
      get diagnostics done = row_count;
    elsif missing.kind = 'subscription' then
      delete from core.webhook_subscriptions s where core.revocation_subject('subscription', s.subscription_id::text) = missing.subject;
      get diagnostics done = row_count;
    elsif missing.kind = 'token-expiry' then
      update core.api_tokens t set expires_at = (missing.details ->> 'expires_at')::timestamptz
       where core.revocation_subject('token-expiry', t.token_id::text) = missing.subject
         and coalesce(t.expires_at, 'infinity') > (missing.details ->> 'expires_at')::timestamptz;
      get diagnostics done = row_count;
    elsif missing.kind = 'token' then
      update core.api_tokens t set revoked_at = missing.recorded_at
       where core.revocation_subject('token', t.token_id::text) = missing.subject and t.revoked_at is null;
      get diagnostics done = row_count;
    elsif missing.kind = 'recipient' then
      delete from core.report_recipients r where core.revocation_subject('recipient', r.recipient_id::text) = missing.subject;
      get diagnostics done = row_count;
    elsif missing.kind = 'unsubscription' then
      -- No mail with a link either: who unsubscribed had used it.
      update core.report_recipients r
         set unsubscribed_kinds = array(select jsonb_array_elements_text(missing.details -> 'unsubscribed_kinds')), verification_due_at = null
       where core.revocation_subject('unsubscription', r.recipient_id::text) = missing.subject;
      get diagnostics done = row_count;
    elsif missing.kind = 'reports' then
      insert into core.user_dashboard_config as c (user_id, notification_settings, updated_at)
      select u.user_id, (select jsonb_object_agg(k.key, jsonb_build_object('enabled', k.value)) from jsonb_each(missing.details) k), p_at
        from core.users u where core.revocation_subject('reports', u.user_id::text) = missing.subject
      on conflict (user_id) do update
         set notification_settings = c.notification_settings || (
               select jsonb_object_agg(k.key, coalesce(nullif(c.notification_settings -> k.key, 'null'), '{}') || jsonb_build_object('enabled', k.value))
                 from jsonb_each(missing.details) k);
      get diagnostics done = row_count;
    elsif missing.kind = 'login' then
      with gone as (
        delete from sec.login_role l where l.kind = 'tenant' and core.revocation_subject('login', l.role_name::text) = missing.subject
        returning l.role_name)
      insert into sec.retired_login (role_name) select g.role_name from gone g;
      get diagnostics done = row_count;
    end if;
    -- Also what the replay itself has recorded.
    delete from core.revocations k where core.only_last_counts(missing.kind) and k.kind = missing.kind and k.subject = missing.subject;
    insert into core.revocations select missing.revocation_id, missing.kind, missing.subject, missing.details, missing.recorded_at;
    counts := counts || jsonb_build_object(missing.kind, (counts ->> missing.kind)::bigint + done);
  end loop;
  return query select c.key, c.value::bigint from jsonb_each_text(counts) c order by 1;
end $$;
revoke all on function core.replay_revocations from public;

-- Ends again what a restore left to the migration, because the restored database was too old to know its kind. Answers how many entries.
create or replace function core.replay_postponed_revocations(p_at timestamptz) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  postponed jsonb;
begin
  with taken as (delete from sec.postponed_revocations returning entry)
  select coalesce(jsonb_agg(t.entry), '[]') into postponed from taken t;
  perform from core.replay_revocations(postponed, p_at);
  return jsonb_array_length(postponed);
end $$;
revoke all on function core.replay_postponed_revocations from public;

-- Refuses a list that lacks what this database itself knows: copies of it are missing, or somebody emptied it. What was recorded in the last hour
-- before the moment to which the database was restored may not have been copied. Where only the last entry counts, a later one stands for it.
create or replace function core.require_revocations(p_revocations jsonb, p_at timestamptz) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  lacking bigint := (
    with listed as materialized (
      select r.* from jsonb_to_recordset(p_revocations) as r (revocation_id uuid, kind text, subject text, recorded_at timestamptz))
    select count(*) from core.revocations k
     where k.recorded_at < coalesce(pg_last_xact_replay_timestamp(), p_at) - interval '1 hour'
       -- When its newest entry was recorded the list forgot what was older; copies that have it may be gone.
       and k.recorded_at > coalesce((select max(l.recorded_at) from listed l), '-infinity') - interval '35 days'
       and not exists (select from listed l where l.revocation_id = k.revocation_id)
       and not exists (select from listed l
                        where core.only_last_counts(k.kind) and l.kind = k.kind and l.subject = k.subject and l.recorded_at > k.recorded_at));
begin
  if lacking > 0 then
    raise exception 'The list of revocations lacks % entries that this database has: it is not whole, and what ended later may be missing, too.', lacking
      using errcode = '55000', hint = 'Look for the copies below revocations/ on the drive and in S3, and for their older versions. docs/operations/backups.md';
  end if;
end $$;
revoke all on function core.require_revocations from public;

-- Counts the buckets of the Pacific day as used: Google has counted calls that a restored ledger does not know. Answers how many.
create or replace function core.close_quota_day(p_at timestamptz) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  today date := (p_at at time zone 'America/Los_Angeles')::date;
  closed bigint;
begin
  insert into core.quota_windows as w (bucket, starts_at, ends_at, units, closed_at)
  select bucket, today::timestamp at time zone 'America/Los_Angeles', (today + 1)::timestamp at time zone 'America/Los_Angeles', 0, p_at
    from unnest('{data.general,data.search,data.upload,data.batchGetStats,analytics.day,reporting.day}'::text[]) as bucket
  on conflict on constraint quota_windows_pkey do update set closed_at = coalesce(w.closed_at, excluded.closed_at);
  get diagnostics closed = row_count;
  return closed;
end $$;
revoke all on function core.close_quota_day from public;

-- The sidecars may work on this timeline from here on.
create or replace function core.open_timeline() returns void
language sql set search_path = pg_catalog, pg_temp
as $$
  insert into sec.opened_timeline as o (timeline_id) values (('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint)
  on conflict (only_row) do update set timeline_id = excluded.timeline_id
$$;
revoke all on function core.open_timeline from public;

-- Refuses a database that was restored without a replay: erased users would be back, and Google's quota would be exceeded.
create or replace function core.require_opened_timeline() returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  opened bigint := (select timeline_id from sec.opened_timeline);
  present bigint := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint;
begin
  if opened is null then
    perform core.open_timeline();
  elsif opened <> present then
    raise exception 'This database was restored, or a standby was promoted: it is on timeline %, and the sidecars worked on timeline %.', present, opened
      using errcode = '55000',
            hint = 'Run ./ytempire backup replay: it ends again what ended since, and counts today''s quota as used. docs/operations/backups.md';
  end if;
end $$;
revoke all on function core.require_opened_timeline from public;

reset role;
