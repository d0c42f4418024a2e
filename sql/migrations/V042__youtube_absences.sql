-- What YouTube no longer shows, and what became of a channel at Google.
set role ytempire_owner;

-- In the order in which batches lock: the channel first, then what is its.
alter table core.channels
  add column connection_reason     text,
  add column youtube_title         text,
  add column identity_verified_at  timestamptz,
  add column identity_attempted_at timestamptz,
  add column identity_missed_at    timestamptz;
alter table core.channels add constraint channels_connection_reason_known
  check (connection_reason in ('grant-ended', 'account-closed', 'owner-changed'));
comment on column core.channels.connection_reason is 'Why the channel has to be connected again; null: it has not.';
comment on column core.channels.youtube_title is 'The channel''s title at YouTube when it was last asked for; channel_name follows it unless the user chose another.';
comment on column core.channels.identity_verified_at is 'When YouTube last said that the grant is of this channel.';
comment on column core.channels.identity_attempted_at is 'When that was last due and tried, whatever became of it.';
comment on column core.channels.identity_missed_at is 'When YouTube first said that the grant is of no channel; null: it has not said so since identity_verified_at.';

alter table core.videos
  add column first_missed_at timestamptz,
  add column missed_at       timestamptz,
  add column misses          smallint not null default 0,
  add column gone_at         timestamptz;
comment on column core.videos.first_missed_at is 'Since when YouTube does not show this video to everybody; null: it does.';
comment on column core.videos.missed_at is 'When it was last asked for and not shown, or shown to its owner alone.';
comment on column core.videos.misses is 'How often in a row the owner''s own grant was not shown it; a private video is shown to its owner.';
comment on column core.videos.gone_at is 'When it was missed for the third time: it is deleted at YouTube and no longer asked for.';

alter table core.upload_watches add column hub_silent_since timestamptz;
comment on column core.upload_watches.hub_silent_since is
  'When a video was found that the hub, which had confirmed its lease, did not push; null: it pushes.';

reset role;
