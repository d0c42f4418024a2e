-- The sidecar proves whom a transaction is for. Whoever has no more than SQL as the sidecar knows no key, and so cannot choose a tenant.

-- When a session began is part of what is proven; the owner's functions read it of sessions that are not the owner's.
grant pg_read_all_stats to ytempire_owner;

set role ytempire_owner;

create table sec.tenant_key (
  key_id     bigint generated always as identity primary key,
  secret     bytea not null check (length(secret) = 32),
  inner_pad  bytea not null check (length(inner_pad) = 64),
  outer_pad  bytea not null check (length(outer_pad) = 64),
  created_at timestamptz not null default now(),
  ends_at    timestamptz
);
comment on table sec.tenant_key is 'Keys of the proofs beside app.tenant_id (HMAC-SHA-256). One has no end and is used; those before it are accepted until theirs. The pads are the secret''s, as RFC 2104 has them.';

alter table sec.upgrade add column unproven_until timestamptz not null default now();
comment on column sec.upgrade.unproven_until is 'Until when a tenant is believed without proof, for the sidecars of the version before.';
reset role;

-- A new installation has no version before. The directory asks, before which row security hides no user; an administrator that cannot bypass it
-- would see none. Where the migration before found none for that reason, a moment ago in this transaction, its day is opened too.
do $$
declare
  is_new boolean := true;
begin
  set role ytempire_owner;
  if has_table_privilege('ytempire_directory', 'core.users', 'select') then
    set role ytempire_directory;
    is_new := not exists (select from core.users);
  end if;
  if not is_new then
    set role ytempire_owner;
    update sec.upgrade
       set unproven_until = now() + interval '1 day',
           ends_at = case when ends_at = now() then now() + interval '1 day' else ends_at end;
  end if;
  reset role;
end $$;
