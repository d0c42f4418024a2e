-- Metrics of a channel broken down by one of YouTube's dimensions, by day or by period, and retention curves of videos. Ordinary tables
-- with forced row security: they are written once a week and are small beside the days of videos.
set role ytempire_owner;

create table core.dimension_days (
  user_id                       uuid not null,
  channel_id                    text not null,
  dimension                     text not null,
  dimension_value               text not null,
  day                           date not null,
  views                         bigint,
  engaged_views                 bigint,
  watch_time_minutes            bigint,
  average_view_duration_seconds bigint,
  likes                         bigint,
  comments                      bigint,
  shares                        bigint,
  subscribers_gained            bigint,
  subscribers_lost              bigint,
  gross_revenue_usd             numeric(14, 4),
  ad_impressions                bigint,
  cpm_usd                       numeric(14, 4),
  impressions                   bigint,
  click_through_rate            numeric(9, 6),
  created_at                    timestamptz not null,
  updated_at                    timestamptz not null,
  primary key (user_id, channel_id, dimension, dimension_value, day),
  constraint dimension_days_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.dimension_days is 'One row a channel, YouTube day (Pacific) and value of a dimension, such as deviceType MOBILE. Rows of different dimensions count the same views: never add them.';
create index dimension_days_by_day on core.dimension_days (user_id, dimension, day);

create table core.dimension_periods (
  user_id                       uuid not null,
  channel_id                    text not null,
  video_id                      text not null default '',
  dimension                     text not null,
  dimension_value               text not null,
  start_date                    date not null,
  end_date                      date not null,
  views                         bigint,
  engaged_views                 bigint,
  watch_time_minutes            bigint,
  average_view_duration_seconds bigint,
  likes                         bigint,
  comments                      bigint,
  shares                        bigint,
  subscribers_gained            bigint,
  subscribers_lost              bigint,
  viewer_percentage             numeric(9, 4),
  created_at                    timestamptz not null,
  updated_at                    timestamptz not null,
  primary key (user_id, channel_id, video_id, dimension, dimension_value, end_date, start_date),
  constraint dimension_periods_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.dimension_periods is 'One row a channel or video, period and value of a dimension that YouTube does not break down by day, such as country. video_id empty: the whole channel. Periods overlap: do not add them without choosing one length.';
create index dimension_periods_by_end on core.dimension_periods (user_id, dimension, end_date);

create table core.retention_points (
  user_id                        uuid not null,
  channel_id                     text not null,
  video_id                       text not null,
  start_date                     date not null,
  end_date                       date not null,
  elapsed_ratio                  numeric(9, 6) not null,
  audience_watch_ratio           numeric(9, 6),
  relative_retention_performance numeric(9, 6),
  started_watching               bigint,
  stopped_watching               bigint,
  segment_impressions            bigint,
  created_at                     timestamptz not null,
  updated_at                     timestamptz not null,
  primary key (user_id, video_id, end_date, start_date, elapsed_ratio),
  constraint retention_points_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.retention_points is 'Points of a video''s retention curve in a period. elapsed_ratio: share of the video that has passed, 0.01 to 1.';

alter table core.dimension_days enable row level security, force row level security;
alter table core.dimension_periods enable row level security, force row level security;
alter table core.retention_points enable row level security, force row level security;

reset role;
