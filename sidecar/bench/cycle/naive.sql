-- The brief's tables, mended so that they can be made: for the job that ours is measured beside, and for nothing else.
create schema naive;

create table naive.users (
  user_id uuid primary key,
  email text unique not null,
  subscription_tier text not null default 'starter'
);

create table naive.channels (
  channel_id text primary key,
  user_id uuid references naive.users,
  channel_name text,
  access_token text,
  is_active boolean default true
);

create table naive.youtube_metrics (
  user_id uuid not null,
  channel_id text not null references naive.channels,
  date date not null,
  views bigint,
  watch_time_minutes numeric(12, 2),
  subscribers_gained bigint,
  revenue_usd numeric(10, 2),
  unique (channel_id, date)
);

create table naive.videos (
  user_id uuid not null,
  channel_id text not null references naive.channels,
  video_id text primary key,
  title text,
  views bigint,
  likes bigint
);
