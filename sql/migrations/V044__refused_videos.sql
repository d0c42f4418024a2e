-- Videos that Analytics refuses a whole query for, so that no query names them again until they are due for another try.
set role ytempire_owner;

create table core.refused_videos (
  user_id    uuid not null,
  channel_id text not null,
  video_id   text not null,
  refused_at timestamptz not null,
  primary key (user_id, channel_id, video_id),
  constraint refused_videos_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.refused_videos is 'Videos that YouTube Analytics answers a query with 400 for, as it does for some that were deleted. Left out of queries for 30 days from refused_at.';
alter table core.refused_videos enable row level security;
alter table core.refused_videos force row level security;

reset role;
