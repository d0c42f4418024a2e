-- How long tenants' database logins compute, and which user's have to wait for it.
set role ytempire_owner;

alter table sec.tenant_limits
  add column processors        integer not null default 2 check (processors between 1 and 4096),
  add column busy_seconds      numeric not null default 25 check (busy_seconds between 1 and 86400),
  add column busy_share        numeric not null default 0.25 check (busy_share between 0.001 and 100),
  add column parallel_seconds  numeric not null default 6 check (parallel_seconds between 0.1 and 86400),
  add column parallel_share    numeric not null default 0.2 check (parallel_share between 0.001 and 100),
  add column pause_seconds     integer not null default 120 check (pause_seconds between 1 and 86400),
  add column max_pause_seconds integer not null default 3600 check (max_pause_seconds between 1 and 86400);
comment on column sec.tenant_limits.processors is 'Processors that statements share. Where more statements compute than that, each counts for its part of one.';
comment on column sec.tenant_limits.busy_seconds is 'How long a user''s database logins may compute beyond their share, in seconds of one statement.';
comment on column sec.tenant_limits.busy_share is 'What they may compute all the time, in statements at once.';
comment on column sec.tenant_limits.parallel_seconds is 'The same of what they compute beyond one statement at once: it is what takes the processor from others.';
comment on column sec.tenant_limits.parallel_share is 'What they may compute of that all the time.';
comment on column sec.tenant_limits.pause_seconds is 'How long a user''s logins are refused when it has computed more than that; twice as long each time that it does so again within max_pause_seconds.';

create table sec.tenant_activity (
  user_id      uuid primary key references core.users on delete cascade,
  busy         numeric not null default 0,
  parallel     numeric not null default 0,
  observed_at  timestamptz not null,
  pauses       integer not null default 0,
  paused_until timestamptz,
  is_paused    boolean not null default false
);
comment on table sec.tenant_activity is 'What a user''s database logins compute. A row is kept while the user computes, or its pauses count.';
comment on column sec.tenant_activity.busy is 'Seconds beyond the share, as of observed_at; the same of parallel.';
comment on column sec.tenant_activity.pauses is 'How often in a row the logins had to pause.';

-- The time by which activity is counted: the database's clock, or the caller's where the clock limit is lifted, for demos and tests.
create function sec.activity_time(p_time timestamptz) returns timestamptz
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select case when max_ahead >= interval '36525 days' then p_time else clock_timestamp() end from sec.clock_limit $$;
revoke all on function sec.activity_time from public;
grant execute on function sec.activity_time to ytempire_provisioner;

alter table core.notices drop constraint notices_kind_known;
alter table core.notices add constraint notices_kind_known
  check (kind in ('reconnect-needed', 'channel-disconnected', 'channel-erased', 'database-logins-paused'));

reset role;
