-- Time series. No row security here (TimescaleDB refuses it beside its columnstore, and on a bare hypertable it leaks through
-- the chunks): nobody but the owner holds a grant, and every unique key begins with user_id.
set role ytempire_owner;

create table core.time_series (
  table_name     name primary key,
  time_column    name not null,
  chunk_interval interval not null,
  compress_after interval,
  order_by       text,
  keep           interval
);
comment on table core.time_series is 'How each series is stored where TimescaleDB is there (chunk, columnstore), and how long its rows are kept everywhere (null: for ever).';

create table core.channel_days (
  user_id                       uuid not null,
  channel_id                    text not null,
  day                           date not null,
  views                         bigint,
  engaged_views                 bigint,
  watch_time_minutes            bigint,
  average_view_duration_seconds bigint,
  average_view_percentage       numeric(9, 4),
  likes                         bigint,
  comments                      bigint,
  shares                        bigint,
  subscribers_gained            bigint,
  subscribers_lost              bigint,
  revenue_usd                   numeric(14, 4),
  ad_revenue_usd                numeric(14, 4),
  gross_revenue_usd             numeric(14, 4),
  monetized_playbacks           bigint,
  playback_based_cpm_usd        numeric(14, 4),
  ad_impressions                bigint,
  cpm_usd                       numeric(14, 4),
  created_at                    timestamptz not null,
  updated_at                    timestamptz not null,
  primary key (user_id, channel_id, day),
  constraint channel_days_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.channel_days is 'One row a channel and YouTube day (Pacific). Null: YouTube has not told yet. Revenue may be negative: YouTube claws back.';

create table core.video_days (
  user_id                       uuid not null,
  channel_id                    text not null,
  video_id                      text not null,
  day                           date not null,
  views                         bigint,
  engaged_views                 bigint,
  watch_time_minutes            bigint,
  average_view_duration_seconds bigint,
  average_view_percentage       numeric(9, 4),
  likes                         bigint,
  comments                      bigint,
  shares                        bigint,
  subscribers_gained            bigint,
  subscribers_lost              bigint,
  revenue_usd                   numeric(14, 4),
  created_at                    timestamptz not null,
  updated_at                    timestamptz not null,
  primary key (user_id, video_id, day),
  constraint video_days_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
create index video_days_by_day on core.video_days (user_id, day);

create table core.channel_statistics (
  user_id     uuid not null,
  channel_id  text not null,
  observed_at timestamptz not null,
  views       bigint not null,
  subscribers bigint,
  videos      bigint not null,
  primary key (user_id, channel_id, observed_at),
  constraint channel_statistics_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.channel_statistics is 'Lifetime totals as seen at a moment. subscribers: rounded by YouTube to three figures; null when hidden.';

create table core.video_statistics (
  user_id     uuid not null,
  channel_id  text not null,
  video_id    text not null,
  observed_at timestamptz not null,
  views       bigint not null,
  likes       bigint,
  comments    bigint,
  primary key (user_id, video_id, observed_at),
  constraint video_statistics_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);

create table core.metric_revisions (
  revision_id bigint generated always as identity,
  user_id     uuid not null,
  channel_id  text not null,
  video_id    text,
  day         date not null,
  changes     jsonb not null,
  revised_at  timestamptz not null,
  primary key (user_id, revision_id),
  constraint metric_revisions_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.metric_revisions is 'What YouTube restated: one row for each time a stored day changed. video_id null: the channel''s day. changes: {"views": {"from": 10, "to": 12}}.';
create index metric_revisions_by_day on core.metric_revisions (user_id, channel_id, day);

-- 50 users x 5 rows a day is too little for the columnstore, which makes such a table bigger (measured ratio 0.6).
insert into core.time_series values
  ('channel_days',       'day',         '1 year',  null,       null,                         null),
  ('video_days',         'day',         '1 month', '2 months', 'video_id, day',              null),
  ('channel_statistics', 'observed_at', '7 days',  '14 days',  'channel_id, observed_at',    '400 days'),
  ('video_statistics',   'observed_at', '1 day',   '7 days',   'video_id, observed_at',      '90 days');

do $$
declare
  series record;
  found_engine text := (select engine from sec.storage);
begin
  if found_engine = 'plain' then return; end if;
  for series in select * from core.time_series loop
    execute format('select public.create_hypertable(%L, %L, chunk_time_interval => %L::interval, create_default_indexes => false)',
                   'core.' || series.table_name, series.time_column, series.chunk_interval);
    if found_engine = 'timescale-community' and series.compress_after is not null then
      execute format('alter table core.%I set (timescaledb.compress, timescaledb.compress_segmentby = %L, timescaledb.compress_orderby = %L)',
                     series.table_name, 'user_id', series.order_by);
    end if;
  end loop;
end $$;

reset role;
