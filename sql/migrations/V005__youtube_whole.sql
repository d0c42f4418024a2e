-- What else YouTube tells: what is written about a video, where views come from, how thumbnails do; what has been checked and when,
-- so that nothing is asked again that cannot have changed; and which figures changed their meaning.
set role ytempire_owner;

alter table core.videos
  add column description   text,
  add column tags          jsonb,
  add column thumbnail_url text;
comment on column core.videos.duration_seconds is 'Null until the video''s details were fetched; a feed tells only its title.';

create table core.traffic_source_days (
  user_id            uuid not null,
  channel_id         text not null,
  source             text not null,
  day                date not null,
  views              bigint,
  watch_time_minutes bigint,
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  primary key (user_id, channel_id, source, day),
  constraint traffic_source_days_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.traffic_source_days is 'Where a channel''s views of a day came from. source: YouTube''s insightTrafficSourceType, such as YT_SEARCH.';

create table core.thumbnail_days (
  user_id            uuid not null,
  channel_id         text not null,
  video_id           text not null,
  day                date not null,
  impressions        bigint,
  click_through_rate numeric(9, 6),
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  primary key (user_id, video_id, day),
  constraint thumbnail_days_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.thumbnail_days is 'How often a video''s thumbnail was shown on a day, and which share of that was clicked (0 to 1). To average rates, weight them by impressions.';

insert into core.time_series (table_name, time_column, chunk_interval, compress_after, order_by) values
  ('traffic_source_days', 'day', '1 year',  null,       null),
  ('thumbnail_days',      'day', '1 month', '2 months', 'video_id, day');

do $$
declare
  series record;
  found_engine text := (select engine from sec.storage);
begin
  if found_engine = 'plain' then return; end if;
  for series in select * from core.time_series where table_name in ('traffic_source_days', 'thumbnail_days') loop
    execute format('select public.create_hypertable(%L, %L, chunk_time_interval => %L::interval, create_default_indexes => false)',
                   'core.' || series.table_name, series.time_column, series.chunk_interval);
    if found_engine = 'timescale-community' and series.compress_after is not null then
      execute format('alter table core.%I set (timescaledb.compress, timescaledb.compress_segmentby = %L, timescaledb.compress_orderby = %L)',
                     series.table_name, 'user_id', series.order_by);
    end if;
  end loop;
end $$;

create table core.day_checks (
  user_id    uuid not null,
  channel_id text not null,
  report     text not null,
  day        date not null,
  checked_at timestamptz not null,
  primary key (user_id, channel_id, report, day),
  constraint day_checks_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.day_checks is 'When a day of a report was last stored, changed or not. What is due is planned by it: a day that was fetched but never stored stays due.';

create table core.upload_watches (
  user_id          uuid not null,
  channel_id       text not null,
  subscription_id  uuid not null default gen_random_uuid() constraint upload_watches_subscription_key unique,
  secret           text not null,
  asked_at         timestamptz,
  lease_until      timestamptz,
  pushed_at        timestamptz,
  feed_read_at     timestamptz,
  playlist_read_at timestamptz,
  primary key (user_id, channel_id),
  constraint upload_watches_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.upload_watches is 'How a channel''s new videos are found. lease_until: until when the WebSub hub pushes them, as it confirmed; secret signs what it pushes.';

create table core.metric_breaks (
  metric       text not null,
  video_format text not null,
  day          date not null,
  before       text not null,
  after        text not null,
  primary key (metric, video_format, day)
);
comment on table core.metric_breaks is 'Days on which YouTube changed what a figure means. Do not compare figures across them without saying so.';
-- developers.google.com/youtube/analytics/revision_history and /youtube/revision_history
insert into core.metric_breaks values
  ('views', 'short', '2025-03-31', 'plays that passed the first seconds; since then engagedViews', 'every start and every replay'),
  ('views', 'any',   '2026-08-27', 'plays that passed the first seconds; since then engagedViews', 'every start of playback, in all formats');

reset role;
