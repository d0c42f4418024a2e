-- What a tenant's login could learn of others without reading a row: from the planner's estimates, and from the server's own views.
-- docs/architecture/security.md lists what is closed here and what PostgreSQL cannot close.

-- Takes the planner's statistics of users' rows away, but for those of days and moments: an estimate for another's id, channel or figure says
-- how often it is there. Without statistics every value has the same estimate; the indexes, which all begin with user_id, are used as before.
-- As the administrator, whom alone PostgreSQL lets delete statistics that are there.
create or replace procedure core.hide_statistics()
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  visible record;
begin
  for visible in
    select a.attrelid, a.attnum, a.attrelid::regclass as name, a.attname
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p')
     where a.attnum > 0 and not a.attisdropped and coalesce(a.attstattarget, -1) <> 0
       and a.atttypid not in ('date'::regtype, 'timestamptz'::regtype)
       and exists (select from pg_attribute u where u.attrelid = c.oid and u.attname = 'user_id' and not u.attisdropped)
  loop
    execute format('alter table %s alter column %I set statistics 0', visible.name, visible.attname);
    if current_setting('is_superuser') = 'on' then
      delete from pg_statistic s using pg_attribute a
       where s.starelid = a.attrelid and s.staattnum = a.attnum and a.attname = visible.attname
         and (a.attrelid = visible.attrelid
              or a.attrelid in (select inhrelid from pg_inherits where inhparent = visible.attrelid));
    end if;
  end loop;
end $$;
revoke all on procedure core.hide_statistics from public;

call core.hide_statistics();

-- Who else has a login, is connected or holds a lock; how large the tables are and how much is written to them.
do $$
declare
  f regprocedure;
  v regclass;
begin
  if current_setting('is_superuser') <> 'on' then
    return;
  end if;
  for f in
    select oid::regprocedure from pg_proc
     where pronamespace = 'pg_catalog'::regnamespace
       and (proname ~ '^pg_stat_get_'
            or proname in ('pg_lock_status', 'pg_prepared_xact', 'pg_relation_size', 'pg_table_size', 'pg_total_relation_size',
                           'pg_indexes_size', 'pg_database_size', 'pg_tablespace_size', 'pg_current_wal_lsn', 'pg_current_wal_insert_lsn',
                           'pg_current_wal_flush_lsn'))
       and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) x where x.grantee = 0)
  loop
    execute format('revoke execute on function %s from public', f);
    execute format('grant execute on function %s to pg_monitor, ytempire_owner, ytempire_provisioner', f);
  end loop;
  foreach v in array '{pg_roles,pg_user,pg_group,pg_auth_members,pg_db_role_setting,pg_stat_activity,pg_locks}'::regclass[] loop
    continue when not has_table_privilege('ytempire_reader', v, 'select');
    execute format('revoke select on %s from public', v);
    execute format('grant select on %s to pg_monitor, ytempire_owner, ytempire_provisioner, ytempire_directory, ytempire_app', v);
  end loop;
end $$;
