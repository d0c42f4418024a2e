-- Data quality: results of checks and incidents, of a user each; and in how many minutes of a day the platform was up.
set role ytempire_owner;

create table core.quality_results (
  user_id     uuid        not null references core.users on delete cascade,
  channel_id  text,
  check_name  text        not null,
  day         date        not null,
  checked_at  timestamptz not null,
  level       text        not null,
  worst_level text        not null,
  value       numeric,
  worst_value numeric,
  constraint quality_results_one_a_day unique nulls not distinct (user_id, channel_id, check_name, day),
  constraint quality_results_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade,
  constraint quality_results_level_known check (level in ('unknown', 'ok', 'warn', 'error') and worst_level in ('unknown', 'ok', 'warn', 'error'))
);
comment on table core.quality_results is 'What a check found, one row a Pacific day: of a channel, and of the user (channel_id null: the worst of the channels). Kept for 90 days.';
comment on column core.quality_results.value is 'As found last that day, in the unit of the check; null: there was nothing to judge by, and the level is unknown.';
comment on column core.quality_results.worst_level is 'Of the day; worst_value: the value with it.';

create table core.quality_incidents (
  user_id     uuid        not null references core.users on delete cascade,
  incident_id uuid        not null default gen_random_uuid(),
  check_name  text        not null,
  opened_at   timestamptz not null,
  updated_at  timestamptz not null,
  closed_at   timestamptz,
  value       numeric,
  channels    integer     not null,
  primary key (user_id, incident_id)
);
create unique index quality_incidents_one_open on core.quality_incidents (user_id, check_name) where closed_at is null;
comment on table core.quality_incidents is 'From a result at error until the last known one of each watched channel is ok: one of a user and check at a time. Kept for 400 days after it closed.';
comment on column core.quality_incidents.value is 'The worst so far.';
comment on column core.quality_incidents.channels is 'Channels at warn or error when it was last looked at; 0: it is about none in particular.';

create table core.uptime_days (
  day          date        primary key,
  minutes      integer     not null,
  first_minute timestamptz not null,
  last_minute  timestamptz not null
);
comment on table core.uptime_days is 'In how many minutes of a Pacific day a sidecar ran and reached PostgreSQL. Of the platform, not of a user.';

alter table core.quality_results enable row level security, force row level security;
alter table core.quality_incidents enable row level security, force row level security;

reset role;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
