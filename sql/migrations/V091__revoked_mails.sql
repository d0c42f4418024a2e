-- Mails that somebody did not want any more must not go on after a restore: they are in the list of what ended.
set role ytempire_owner;

alter table core.revocations drop constraint revocations_kind_known;
alter table core.revocations add constraint revocations_kind_known check (kind in
  ('user', 'activation', 'channel', 'channel-erased', 'channel-deleted', 'subscription', 'token', 'token-expiry', 'login', 'recipient', 'unsubscription', 'reports')) not valid;
comment on table core.revocations is 'What ended: an erased or deactivated user, a channel''s connection, its data or the channel, a webhook subscription, an API token or its time, a database login, an address of reports, the reports that an address or a user does not want. Written in the same transaction, kept for 35 days: longer than any backup.';

-- Each entry looks for those whose time is over, and for the one that it replaces.
create index revocations_recorded_at on core.revocations (recorded_at);
create index revocations_subject on core.revocations (kind, subject);

-- A restore makes it too, in a database of a version before this one.
create table if not exists sec.postponed_revocations (entry jsonb not null);
comment on table sec.postponed_revocations is 'Entries of the list of revocations of a kind that the database, which was restored, was too old to know. The migration ends them again, before a sidecar starts.';

reset role;
