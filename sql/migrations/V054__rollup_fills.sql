-- Whose rollups of videos do not hold yet what was stored before there were rollups. They are filled beside the running service, a few videos a
-- transaction (app.fill_rollups), instead of by the migration, whose locks would last as long.
set role ytempire_owner;

create table sec.rollup_fills (
  user_id   uuid primary key references core.users on delete cascade,
  is_listed boolean not null default false
);
comment on table sec.rollup_fills is 'Users whose rollups are still being filled. Until then analytics.video_totals and video_weeks refuse to be read by the user''s logins.';
comment on column sec.rollup_fills.is_listed is 'Whether sec.rollup_fill_videos has the user''s videos.';

create table sec.rollup_fill_videos (
  user_id      uuid not null references sec.rollup_fills on delete cascade,
  video_id     text not null,
  channel_id   text not null,
  published_at timestamptz,
  primary key (user_id, video_id)
);
create index rollup_fill_videos_newest on sec.rollup_fill_videos (user_id, published_at desc nulls last, video_id);
comment on table sec.rollup_fill_videos is 'Videos whose rollups are still to be filled.';

reset role;

-- Row security hides users from the owner of the tables.
insert into sec.rollup_fills (user_id)
select u.user_id from core.users u
 where not exists (select from core.video_totals) and exists (select from core.channels c where c.user_id = u.user_id);
