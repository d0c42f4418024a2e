-- Rows between fetch and store: n8n carries a reference to them, never the rows. And who fetches what at the moment.
set role ytempire_owner;

create table core.held_batches (
  user_id    uuid        not null,
  batch_id   uuid        not null,
  channel_id text        not null,
  report     text        not null,
  kinds      text[]      not null,
  row_count  integer     not null,
  size_bytes bigint      not null,
  content    bytea,
  is_due     boolean     not null,
  fetched_at timestamptz not null,
  expires_at timestamptz not null,
  stored_at  timestamptz,
  primary key (user_id, batch_id),
  constraint held_batches_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade,
  constraint held_batches_row_count_positive check (row_count > 0),
  constraint held_batches_content_until_stored check ((content is null) = (stored_at is not null))
);
comment on table core.held_batches is 'Fetched rows that wait to be stored by reference. content: JSON, deflated; emptied by the transaction that stores the rows, so that storing twice is noticed. is_due: fetched by plan, so that the next run may take it over.';
-- Compressed already.
alter table core.held_batches alter column content set storage external;
create index held_batches_by_channel on core.held_batches (user_id, channel_id, report) where stored_at is null;
create index held_batches_by_expiry on core.held_batches (expires_at);

create table core.fetch_leases (
  user_id      uuid        not null,
  channel_id   text        not null,
  report       text        not null,
  holder       text        not null,
  leased_until timestamptz not null,
  primary key (user_id, channel_id, report),
  constraint fetch_leases_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.fetch_leases is 'Which run fetches a report of a channel now, or has fetched and not yet stored it; others leave it alone until leased_until.';
create index fetch_leases_by_end on core.fetch_leases (leased_until);

reset role;
