-- Units are taken for many calls in one transaction. When the connection breaks during its commit, the same takes are asked for again under the same
-- ids, and none is granted twice.
set role ytempire_owner;

create table core.quota_takes (
  take_id  uuid        primary key,
  taken_at timestamptz not null
);
create index quota_takes_by_age on core.quota_takes (taken_at);
comment on table core.quota_takes is 'Idempotency keys of the takes that were granted lately. A key lives an hour; a take is asked for again within a minute.';

reset role;
