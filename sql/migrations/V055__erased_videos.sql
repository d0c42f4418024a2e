-- Videos that were erased because YouTube shows them no more, so that days of them that YouTube still answers are not stored again.
set role ytempire_owner;

create table core.erased_videos (
  user_id    uuid not null,
  channel_id text not null,
  video_hash bytea not null,
  erased_at  timestamptz not null,
  primary key (user_id, channel_id, video_hash),
  constraint erased_videos_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade,
  constraint erased_videos_hash_is_sha256 check (length(video_hash) = 32)
);
comment on table core.erased_videos is 'Videos that were erased because YouTube shows them no more: SHA-256 of the user''s id, a space and the video''s id. Kept for 90 days from erased_at, after 60 days the newest 2,000 of a channel, and until YouTube shows the video again.';
alter table core.erased_videos enable row level security, force row level security;

reset role;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
