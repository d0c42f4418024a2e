-- Events of users, as recorded by workflows and by the sidecar, and their hourly counts. Not to be taken for webhook_deliveries, which are what
-- subscriptions are told.
set role ytempire_owner;

do $$
begin
  -- TimescaleDB makes its chunks by itself; plain PostgreSQL needs the partitions of core.make_event_partitions.
  execute format($table$
    create table core.events (
      user_id      uuid not null,
      at           timestamptz not null,
      event_id     uuid not null,
      kind         text not null,
      source       text not null,
      channel_id   text,
      video_id     text,
      workflow_id  text,
      execution_id text,
      data         jsonb,
      primary key (user_id, at, event_id),
      constraint events_video_has_channel check (video_id is null or channel_id is not null)
    ) %s$table$, case when (select engine from sec.storage) = 'plain' then 'partition by range (at)' else '' end);
end $$;
comment on table core.events is 'Events of users. at: the event''s own time, so that a retry is found by its key. No foreign key, which would be asked for every row: whoever inserts holds the user and its channels, and app.erase_user deletes them.';
create index events_by_kind on core.events (user_id, kind, at);

call core.make_hypertable('events', 'at', '1 day', p_compress_after => '7 days', p_order_by => 'at desc, event_id', p_keep => '90 days');

create table core.event_hours (
  user_id uuid not null references core.users on delete cascade,
  hour    timestamptz not null,
  kind    text not null,
  source  text not null,
  events  bigint not null,
  primary key (user_id, hour, kind, source)
);
comment on table core.event_hours is 'How many events of a user were recorded of an hour (UTC), by kind and source. Written in the statement that records them; kept longer than they are.';
alter table core.event_hours enable row level security, force row level security;

create table core.event_arrivals (
  user_id     uuid primary key references core.users on delete cascade,
  arrival_day date not null,
  events      bigint not null
);
comment on table core.event_arrivals is 'How many events of a user arrived on the last day (UTC) on which some did, whatever their own times: what the daily limit is held against.';
alter table core.event_arrivals enable row level security, force row level security;

-- As before, but without partitions: what is done to a table is done to all of it.
create or replace function core.tables_with(variadic p_columns name[]) returns setof name
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select c.relname from pg_class c
   where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     and cardinality(p_columns) = (select count(*) from pg_attribute a
                                    where a.attrelid = c.oid and a.attname = any (p_columns) and a.attnum > 0 and not a.attisdropped)
   order by c.relname
$$;

reset role;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
