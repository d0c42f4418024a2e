-- The other databases of the cluster, in which a tenant's login would work too: PostgreSQL lets everybody connect to a new one. As the
-- administrator, who owns them.

-- Takes CONNECT and TEMPORARY on every database from PUBLIC, and nothing from a role that has it by name. Logins that are there and no tenant's
-- keep both where they had them by PUBLIC, in the databases other than this one, which may be another program's. What this administrator may not
-- revoke is left for app.isolation_faults to name.
create or replace function app.close_databases() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  open_database record;
  login name;
  closed bigint := 0;
begin
  for open_database in
    select d.oid, d.datname, d.datdba from pg_database d
     where d.datallowconn
       and exists (select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
                    where x.grantee = 0 and x.privilege_type in ('CONNECT', 'TEMPORARY'))
       and pg_has_role(d.datdba, 'usage')
  loop
    begin
      if open_database.datname <> current_database() then
        for login in
          select r.rolname from pg_roles r
           where r.rolcanlogin and not r.rolsuper and r.oid <> open_database.datdba and r.rolname !~ '^ytempire_' and r.rolname !~ '^tenant_[0-9a-f]{32}$'
             and not exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid
                              where m.member = r.oid and g.rolname = 'ytempire_reader')
        loop
          if has_database_privilege(login, open_database.oid, 'connect') then
            execute format('grant connect on database %I to %I', open_database.datname, login);
          end if;
          if has_database_privilege(login, open_database.oid, 'temporary') then
            execute format('grant temporary on database %I to %I', open_database.datname, login);
          end if;
        end loop;
      end if;
      execute format('revoke connect, temporary on database %I from public', open_database.datname);
      closed := closed + 1;
    exception when others then
      -- Another sidecar is at it ("tuple concurrently updated"), or the database is being dropped: the next time.
      raise debug 'database % was not closed: %', open_database.datname, sqlerrm;
    end;
  end loop;
  return closed;
end $$;
revoke all on function app.close_databases from public, ytempire_app;
grant execute on function app.close_databases to ytempire_operator;

select app.close_databases();

set role ytempire_owner;

create or replace function app.cluster_faults() returns table (fault text, object text)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select 'any login, a tenant''s too, may ' || lower(x.privilege_type) || ' in this database of the cluster; its owner must: revoke connect, temporary on database '
         || quote_ident(d.datname) || ' from public', d.datname::text
    from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
   where d.datallowconn and x.grantee = 0 and x.privilege_type in ('CONNECT', 'TEMPORARY')
  union all
  select 'a tenant''s login is granted ' || lower(x.privilege_type) || ' on a database; revoke it from ' || r.rolname, d.datname::text
    from pg_database d, aclexplode(d.datacl) x
    join pg_roles r on r.oid = x.grantee and r.rolname ~ '^tenant_[0-9a-f]{32}$'
$$;
revoke all on function app.cluster_faults from public;
grant execute on function app.cluster_faults to ytempire_app;

reset role;
