-- How things end: channels that are disconnected, grants that die, rows that may be kept only so long, and what is left of
-- statistics when their raw rows go.
set role ytempire_owner;

alter table core.channels
  add column erase_after timestamptz,
  add column is_hidden boolean not null default false,
  add constraint channels_hidden_are_to_be_erased check (not is_hidden or erase_after is not null);
comment on column core.channels.erase_after is
  'When everything fetched of this channel is erased; null: not at all. Within 7 days of a disconnection, within 30 of a grant that Google no longer takes.';
comment on column core.channels.is_hidden is 'Disconnected: its rows wait to be erased and nobody sees them. Connecting it again shows them.';

alter table core.videos add column refreshed_at timestamptz;
alter table core.videos no force row level security;
update core.videos set refreshed_at = updated_at;
alter table core.videos force row level security;
alter table core.videos
  alter column refreshed_at set default now(),
  alter column refreshed_at set not null;
comment on column core.videos.refreshed_at is 'When YouTube last told of this video. Titles may be kept 30 days after that.';

-- Without a default or a constraint: TimescaleDB takes none on a table with a columnstore.
alter table core.channel_statistics add column without_grant boolean;
alter table core.video_statistics add column without_grant boolean;
comment on column core.channel_statistics.without_grant is 'True: public figures, fetched without the owner''s grant, which may be kept 30 days.';
comment on column core.video_statistics.without_grant is 'True: public figures, fetched without the owner''s grant, which may be kept 30 days.';

-- Rollups are ordinary upserts on every engine, not continuous aggregates: of those nobody can take out one user's rows without
-- refreshing the whole range, which loses the days whose raw rows are gone.
create table core.channel_statistics_days (
  user_id      uuid not null,
  channel_id   text not null,
  day          date not null,
  views        bigint not null,
  subscribers  bigint,
  videos       bigint not null,
  observed_at  timestamptz not null,
  observations bigint not null,
  primary key (user_id, channel_id, day),
  constraint channel_statistics_days_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.channel_statistics_days is 'The last observation of each YouTube day (Pacific), and how many there were.';

create table core.video_statistics_days (
  user_id      uuid not null,
  channel_id   text not null,
  video_id     text not null,
  day          date not null,
  views        bigint not null,
  likes        bigint,
  comments     bigint,
  observed_at  timestamptz not null,
  observations bigint not null,
  primary key (user_id, video_id, day),
  constraint video_statistics_days_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.video_statistics_days is 'The last observation of each YouTube day (Pacific), and how many there were.';

alter table core.time_series add column rolled_up_until timestamptz;
comment on column core.time_series.rolled_up_until is 'Up to when the daily rollup of this series has been made; null: it has none, or not yet.';
insert into core.time_series (table_name, time_column, chunk_interval) values
  ('channel_statistics_days', 'day', '1 year'),
  ('video_statistics_days',   'day', '1 month');

do $$
declare
  series record;
begin
  if (select engine from sec.storage) = 'plain' then return; end if;
  for series in select * from core.time_series where table_name like '%statistics_days' loop
    execute format('select public.create_hypertable(%L, %L, chunk_time_interval => %L::interval, create_default_indexes => false)',
                   'core.' || series.table_name, series.time_column, series.chunk_interval);
  end loop;
end $$;

-- One index instead of two: history is read by channel and day, and written with every restatement.
drop index core.metric_revisions_by_day;
alter table core.metric_revisions
  drop constraint metric_revisions_pkey,
  add primary key (user_id, channel_id, day, revision_id);

create table core.pending_revocations (
  revocation_id           uuid primary key default gen_random_uuid(),
  user_id                 uuid not null,
  channel_id              text not null,
  refresh_token_encrypted bytea not null,
  since                   timestamptz not null
);
comment on table core.pending_revocations is 'Grants that we gave up and Google must still be told of. No foreign keys: it outlives the user.';

create table core.notices (
  user_id    uuid not null references core.users on delete cascade,
  notice_id  bigint generated always as identity,
  at         timestamptz not null,
  kind       text not null,
  channel_id text,
  message    text not null,
  primary key (user_id, notice_id),
  constraint notices_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade,
  constraint notices_kind_known check (kind in ('reconnect-needed', 'channel-disconnected', 'channel-erased'))
);
comment on table core.notices is 'What a user should know, told once.';

reset role;

-- To end the sessions of a login that is dropped.
grant pg_signal_backend to ytempire_provisioner;
