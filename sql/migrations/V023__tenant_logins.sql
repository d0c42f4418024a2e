-- Tenants' database logins: what each is entitled to, kept where the login cannot change it, so that what it changes is put back.
set role ytempire_owner;

alter table sec.login_role
  add column verifier text,
  add column is_enabled boolean not null default true;
comment on column sec.login_role.verifier is 'SCRAM-SHA-256 verifier of the password that was given out; null: not known. A login that sets another password gets this one back.';
comment on column sec.login_role.is_enabled is 'False while the user is deactivated: the login sees nothing and cannot connect.';

create table sec.retired_login (
  role_name  name primary key,
  retired_at timestamptz not null default now(),
  last_error text
);
comment on table sec.retired_login is 'Logins that were revoked, or whose user was erased, until PostgreSQL has dropped their roles. They are nobody''s already.';

create table sec.tenant_limits (
  only_row                boolean primary key default true check (only_row),
  logins                  integer not null default 2 check (logins between 1 and 100),
  connections_each        integer not null default 3 check (connections_each between 1 and 1000),
  reserved_connections    integer not null default 30 check (reserved_connections between 0 and 10000),
  statement_seconds       numeric not null default 30 check (statement_seconds between 0 and 86400),
  transaction_seconds     numeric not null default 120 check (transaction_seconds between 0 and 86400),
  idle_transaction_seconds numeric not null default 60 check (idle_transaction_seconds between 0 and 86400),
  temporary_megabytes     integer not null default 64 check (temporary_megabytes between 1 and 1000000)
);
comment on table sec.tenant_limits is 'What tenants'' database logins may use. Changed by hand, by the administrator; in force within seconds.';
comment on column sec.tenant_limits.logins is 'Most logins of a user.';
comment on column sec.tenant_limits.connections_each is 'Most connections of a login at the same time.';
comment on column sec.tenant_limits.reserved_connections is 'Connections of the server that tenants leave free: sessions of theirs are ended when fewer are.';
comment on column sec.tenant_limits.statement_seconds is 'Longest statement. A login can lift its own statement_timeout; app.enforce_tenant_limits ends the session all the same.';
comment on column sec.tenant_limits.temporary_megabytes is 'Most temporary files of a process (temp_file_limit, which a login cannot lift) and of a session with its parallel workers.';
insert into sec.tenant_limits default values;

-- A login follows its user, in the same transaction.
create function sec.follow_user() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update sec.login_role set is_enabled = new.is_active where user_id = new.user_id and is_enabled <> new.is_active;
  return null;
end $$;
revoke all on function sec.follow_user from public;
create trigger users_logins_follow after update of is_active on core.users
  for each row when (old.is_active <> new.is_active) execute function sec.follow_user();

reset role;

-- Those of users that were deactivated before, and the passwords that were given out, where the administrator may read their verifiers.
set role ytempire_owner;
alter table core.users no force row level security;
update sec.login_role set is_enabled = false
  from core.users where users.user_id = login_role.user_id and not users.is_active;
alter table core.users force row level security;
reset role;
do $$
begin
  if has_table_privilege('pg_authid', 'select') then
    update sec.login_role set verifier = rolpassword from pg_authid where rolname = role_name and kind = 'tenant';
  end if;
end $$;

-- What the provisioner needs to hold a login to its limits.
grant pg_read_all_stats to ytempire_provisioner;
do $$
begin
  if current_setting('is_superuser') = 'on' then
    grant select (rolname, rolpassword) on pg_authid to ytempire_provisioner;
    grant execute on function pg_ls_tmpdir() to ytempire_provisioner;
    grant execute on function pg_advisory_xact_lock(bigint) to ytempire_provisioner;
    grant set on parameter temp_file_limit to ytempire_provisioner;
  end if;
end $$;
