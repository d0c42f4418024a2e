-- Partitions of core.events on plain PostgreSQL. The sidecar sees to them in a transaction of their own, because they lock the table.
set role ytempire_owner;

-- Makes the weekly partitions (from Monday, UTC) that hold the events of 90 days, and three weeks ahead. What no partition holds, because the
-- maintenance did not run for weeks or a clock is far off, goes into the default one and is kept as long.
create or replace procedure core.make_event_partitions(p_now timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  week timestamp := date_trunc('week', (p_now - interval '90 days') at time zone 'UTC');
  part name;
begin
  if (select engine from sec.storage) <> 'plain' then
    return;       -- TimescaleDB makes its chunks by itself
  end if;
  if to_regclass('core.events_default') is null then
    create table core.events_default partition of core.events default;
    call core.protect_event_partition('events_default');
  end if;
  while week <= (p_now at time zone 'UTC') + interval '21 days' loop
    part := 'events_' || to_char(week, 'YYYYMMDD');
    if to_regclass('core.' || part) is null
       and not exists (select from core.events e where e.at >= week at time zone 'UTC' and e.at < (week + interval '7 days') at time zone 'UTC') then
      execute format('create table core.%I partition of core.events for values from (%L) to (%L)', part,
                     week at time zone 'UTC', (week + interval '7 days') at time zone 'UTC');
      call core.protect_event_partition(part);
    end if;
    week := week + interval '7 days';
  end loop;
end $$;

-- Row security, which the partitioned table's own queries do not ask, and no statistics of users' rows.
create or replace procedure core.protect_event_partition(p_part name)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  hidden name;
begin
  execute format('alter table core.%I enable row level security, force row level security', p_part);
  execute format('create policy tenant on core.%I using (user_id = (select sec.tenant())) with check (user_id = (select sec.tenant()))', p_part);
  for hidden in
    select attname from pg_attribute
     where attrelid = format('core.%I', p_part)::regclass and attnum > 0 and not attisdropped and atttypid <> 'timestamptz'::regtype
  loop
    execute format('alter table core.%I alter column %I set statistics 0', p_part, hidden);
  end loop;
end $$;

-- Drops the partitions whose events have all expired; core.maintain deletes what of the others has.
create or replace procedure core.drop_event_partitions(p_before timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  part name;
begin
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'core.events'::regclass and c.relname ~ '^events_[0-9]{8}$'
       and (to_date(right(c.relname, 8), 'YYYYMMDD') + 7)::timestamp at time zone 'UTC' <= p_before
  loop
    execute format('drop table core.%I', part);
  end loop;
end $$;
revoke all on procedure core.make_event_partitions, core.protect_event_partition, core.drop_event_partitions from public;

call core.make_event_partitions(now());

-- Both for the sidecar. Nothing is dropped before it is due by the database's own clock, whatever time the caller names.
create or replace function app.maintain_event_partitions(p_now timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s'
as $$
declare
  expired timestamptz := core.pacific_midnight(core.pacific_day(sec.limited_time(p_now) - (select keep from core.time_series where table_name = 'events')));
begin
  if pg_try_advisory_xact_lock(hashtext('ytempire.event_partitions')) and (select engine from sec.storage) = 'plain' then
    call core.make_event_partitions(p_now);
    call core.drop_event_partitions(expired);
  end if;
end $$;
revoke all on function app.maintain_event_partitions from public, ytempire_app;
grant execute on function app.maintain_event_partitions to ytempire_operator;

reset role;
