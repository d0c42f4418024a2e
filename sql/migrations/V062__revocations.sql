-- What ended and must not come back with an older copy of the database. The list is copied beside the backups, and replayed after a restore.
set role ytempire_owner;

create table core.revocations (
  revocation_id uuid        primary key default gen_random_uuid(),
  kind          text        not null,
  subject       text        not null,
  details       jsonb       not null default '{}',
  recorded_at   timestamptz not null default clock_timestamp(),
  constraint revocations_kind_known check (kind in ('user', 'activation', 'channel', 'channel-erased', 'channel-deleted', 'subscription', 'token', 'token-expiry', 'login')),
  constraint revocations_subject_hashed check (subject ~ '^[0-9a-f]{64}$')
);
comment on table core.revocations is 'What ended: an erased or deactivated user, a channel''s connection, its data or the channel, a webhook subscription, an API token or its time, a database login. Written in the same transaction, kept for 35 days: longer than any backup.';
comment on column core.revocations.subject is 'SHA-256 of the identifier, which is drawn at random. Only an older copy of the database, which has the identifier, tells whose it is.';
comment on column core.revocations.details is 'Of a channel''s connection, an activation, a token''s expiry: how it stood afterwards.';

create table sec.opened_timeline (
  only_row    boolean primary key default true check (only_row),
  timeline_id bigint  not null
);
comment on table sec.opened_timeline is 'The timeline of PostgreSQL''s log on which the sidecars work. A restore, and the promotion of a standby, begin another one.';

reset role;
