-- How far back a channel's days are to be fetched, and how far that has come.
set role ytempire_owner;

create table core.backfills (
  user_id     uuid not null,
  channel_id  text not null,
  report      text not null,
  first_day   date not null,
  reached     date not null,
  advanced_at timestamptz,
  primary key (user_id, channel_id, report),
  constraint backfills_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.backfills is 'Days of a report that are older than its plan looks back, and are to be fetched down to first_day. reached: this day and all later ones have been fetched. advanced_at: when a part was last stored; one part a channel and day is fetched.';
alter table core.backfills enable row level security, force row level security;

reset role;
