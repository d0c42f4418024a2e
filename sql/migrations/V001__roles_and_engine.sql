-- Roles, extension and what PUBLIC may no longer do. Runs as the cluster's administrator.
--
-- ytempire_owner        owns every table. LOGIN without a password, because TimescaleDB runs a hypertable's jobs as its owner.
-- ytempire_app          the sidecar: reads and writes views, for one tenant a transaction.
-- ytempire_reader       group of the tenants' database logins (Grafana, psql): reads views only.
-- ytempire_directory    owns the few functions that must look across tenants (who owns this token, which users are active).
-- ytempire_provisioner  owns the functions that make and drop tenants' logins.
do $$
begin
  if not exists (select from pg_roles where rolname = 'ytempire_owner') then create role ytempire_owner login; end if;
  if not exists (select from pg_roles where rolname = 'ytempire_app') then create role ytempire_app login; end if;
  if not exists (select from pg_roles where rolname = 'ytempire_reader') then create role ytempire_reader nologin; end if;
  if not exists (select from pg_roles where rolname = 'ytempire_directory') then create role ytempire_directory nologin; end if;
  if not exists (select from pg_roles where rolname = 'ytempire_provisioner') then create role ytempire_provisioner nologin createrole; end if;
  grant ytempire_reader to ytempire_provisioner with admin option;
end $$;

-- TimescaleDB where the machine has it loaded; plain PostgreSQL otherwise.
do $$
begin
  if exists (select from pg_available_extensions where name = 'timescaledb')
     and current_setting('shared_preload_libraries') like '%timescaledb%' then
    create extension if not exists timescaledb;
  end if;
end $$;

do $$
declare
  d name := current_database();
begin
  execute format('revoke all on database %I from public', d);
  execute format('grant connect on database %I to ytempire_app, ytempire_reader, ytempire_owner', d);
  execute format('grant temporary on database %I to ytempire_app', d);
end $$;
revoke create on schema public from public;

-- A tenant has no need of these, and with them could block the sidecar, signal other sessions or fill the disk.
do $$
declare
  f regprocedure;
begin
  for f in
    select oid::regprocedure from pg_proc
     where pronamespace = 'pg_catalog'::regnamespace
       and proname in ('pg_notify', 'lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'lowrite', 'lo_open', 'loread', 'lo_get',
                       'lo_unlink', 'lo_truncate', 'lo_truncate64', 'lo_lseek', 'lo_lseek64', 'lo_tell', 'lo_tell64', 'lo_close',
                       'pg_advisory_lock', 'pg_advisory_lock_shared', 'pg_try_advisory_lock', 'pg_try_advisory_lock_shared',
                       'pg_advisory_xact_lock', 'pg_advisory_xact_lock_shared', 'pg_try_advisory_xact_lock',
                       'pg_try_advisory_xact_lock_shared')
  loop
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to ytempire_owner, ytempire_app', f);
  end loop;
end $$;

-- TimescaleDB lets any login add background jobs and read the size of every hypertable.
do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid::regprocedure
      from pg_proc p
      join pg_depend d on d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e'
      join pg_extension e on e.oid = d.refobjid and e.extname = 'timescaledb'
     where p.proname in ('add_job', 'run_job', 'alter_job', 'delete_job', 'show_chunks', 'approximate_row_count', 'get_approx_row_count')
        or p.proname ~ '^(add|remove)_.*policy'
        or (p.proname ~ '(_size|_stats)$' and p.pronamespace = 'public'::regnamespace)
  loop
    execute format('revoke execute on routine %s from public', f);
    execute format('grant execute on routine %s to ytempire_owner', f);
  end loop;
end $$;

-- sec: who is the tenant. core: the tables. app: what only the sidecar sees. analytics: what readers see.
create schema sec authorization ytempire_owner;
create schema core authorization ytempire_owner;
create schema app authorization ytempire_owner;
create schema analytics authorization ytempire_owner;
revoke all on schema sec, core, app, analytics from public;

set role ytempire_owner;

create table sec.storage (
  only_row boolean primary key default true check (only_row),
  engine   text not null check (engine in ('plain', 'timescale-apache', 'timescale-community'))
);
comment on table sec.storage is 'Which engine this database was made on; found once, by the first migration.';
insert into sec.storage (engine)
select case
         when not exists (select from pg_extension where extname = 'timescaledb') then 'plain'
         when current_setting('timescaledb.license', true) = 'timescale' then 'timescale-community'
         else 'timescale-apache'
       end;

create table sec.login_role (
  role_name name primary key,
  kind      text not null check (kind in ('service', 'tenant')),
  user_id   uuid,
  check ((kind = 'tenant') = (user_id is not null))
);
comment on table sec.login_role is 'Which login is whom. A tenant login is one user for ever; the service login says for each transaction whom it acts for.';
insert into sec.login_role (role_name, kind) values ('ytempire_app', 'service');

reset role;
