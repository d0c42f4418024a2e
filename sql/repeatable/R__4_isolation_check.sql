-- What must hold for isolation, asked of the catalog: the sidecar refuses to start while this answers a row.
set role ytempire_owner;

-- The tables of users' rows that row security cannot protect.
create or replace function app.time_series_tables() returns setof name
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select table_name from core.time_series $$;
revoke all on function app.time_series_tables from public;
grant execute on function app.time_series_tables to ytempire_app;

create or replace function app.isolation_faults() returns table (fault text, object text)
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select 'a unique key of a table without row security leaves out user_id', i.indexrelid::regclass::text
    from pg_index i
    join pg_class c on c.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'core'
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
   where i.indisunique and not c.relforcerowsecurity and a.attnum <> all (i.indkey::int2[])
  union all
  select 'a private table is granted to ' || r.rolname, n.nspname || '.' || c.relname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('core', 'sec')
   cross join pg_roles r
   where c.relkind in ('r', 'p', 'v', 'm') and not r.rolsuper and r.rolname !~ '^pg_'
     and r.rolname not in ('ytempire_owner', 'ytempire_directory', 'ytempire_provisioner')
     and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')
  union all
  select 'a private schema is open to ' || r.rolname, n.nspname
    from pg_namespace n
   cross join pg_roles r
   where n.nspname in ('core', 'sec') and not r.rolsuper and r.rolname !~ '^pg_'
     and r.rolname not in ('ytempire_owner', 'ytempire_directory', 'ytempire_provisioner')
     and has_schema_privilege(r.oid, n.oid, 'usage')
  union all
  select 'a view does not ask who the tenant is behind a security barrier', n.nspname || '.' || c.relname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('analytics', 'app')
   where c.relkind = 'v'
     and (not coalesce(c.reloptions @> '{security_barrier=true}', false) or pg_get_viewdef(c.oid) !~ 'sec\.tenant\(\)')
  union all
  select 'the sidecar may name user_id', n.nspname || '.' || c.relname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('analytics', 'app')
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
   where c.relkind = 'v'
     and (has_column_privilege('ytempire_app', c.oid, a.attnum, 'insert') or has_column_privilege('ytempire_app', c.oid, a.attnum, 'update'))
  union all
  select 'an ordinary table with user_id has no forced row security', n.nspname || '.' || c.relname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'core'
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
   where c.relkind in ('r', 'p') and not c.relforcerowsecurity
     and c.relname not in (select t from app.time_series_tables() t)
  union all
  select 'the erasure of a user leaves its rows', n.nspname || '.' || c.relname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname in ('core', 'sec')
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
   where c.relkind in ('r', 'p') and not c.relispartition
     -- Foreign keys delete them with the user, or with another table's rows that are deleted with it.
     and c.oid not in (with recursive erased (oid) as (
                         select t.oid from pg_class t where t.relnamespace = 'core'::regnamespace and t.relname = 'users'
                         union
                         select k.conrelid
                           from erased e
                           join pg_constraint k on k.contype = 'f' and k.confrelid = e.oid and k.confdeltype = 'c'
                           join pg_attribute u on u.attrelid = k.conrelid and u.attname = 'user_id' and u.attnum = any (k.conkey))
                       select e.oid from erased e)
     -- app.erase_user deletes these; of pending revocations, what Google has not taken yet outlives the user.
     and (n.nspname, c.relname) not in (('core', 'users'), ('core', 'audit_log'), ('core', 'events'), ('core', 'pending_revocations'), ('sec', 'login_role'))
  union all
  select 'a policy lets others than the tenant through', pol.polname || ' on core.' || c.relname
    from pg_policy pol
    join pg_class c on c.oid = pol.polrelid
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'core'
   where pol.polroles <> array['ytempire_directory'::regrole::oid]
     and (pg_get_expr(pol.polqual, pol.polrelid) is distinct from '(user_id = ( SELECT sec.tenant() AS tenant))'
          or pg_get_expr(pol.polwithcheck, pol.polrelid) is distinct from '(user_id = ( SELECT sec.tenant() AS tenant))')
  union all
  select 'a chunk carries a grant', n.nspname || '.' || c.relname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = '_timescaledb_internal'
   where c.relname ~ '^(_hyper_|compress_hyper_|_materialized_|_partial_view|_direct_view)'
     and exists (select from aclexplode(c.relacl) x where x.grantee <> c.relowner)
  union all
  select 'a role of ours may bypass row security', r.rolname
    from pg_roles r
   where (r.rolname ~ '^ytempire_' or r.rolname ~ '^tenant_[0-9a-f]{32}$') and (r.rolsuper or r.rolbypassrls or r.rolreplication)
  union all
  -- Who enters a tenant sees its rows: with the rights of the caller, that is the sidecar alone. Sign-up enters the tenant it has just drawn.
  select 'a function that enters tenants runs with its owner''s rights', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace in ('app'::regnamespace, 'analytics'::regnamespace) and p.prosecdef and p.proname <> 'create_user'
     and p.prosrc ~ 'set_config\(''app\.tenant_id'
  union all
  -- What readers call sees what they see; and a function that is said to leak nothing is run on rows before the policies have judged them.
  select 'a function of readers runs with its owner''s rights', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace = 'analytics'::regnamespace and p.prosecdef
  union all
  select 'a function is called leakproof', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace in ('analytics'::regnamespace, 'app'::regnamespace, 'core'::regnamespace, 'sec'::regnamespace) and p.proleakproof
  union all
  select 'a function for the sidecar may be called by a tenant', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace = 'app'::regnamespace and has_function_privilege('ytempire_reader', p.oid, 'execute')
  union all
  select 'the sidecar''s first login may do what is the second''s', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace = 'app'::regnamespace and has_function_privilege('ytempire_app', p.oid, 'execute')
     and exists (select from aclexplode(p.proacl) x where x.grantee = 'ytempire_operator'::regrole)
  union all
  -- app.enforce_tenant_limits revokes it, so that a start is held up by it no longer than until then. Roles that make roles may give it to
  -- themselves anyhow.
  select 'a role may act as the sidecar; revoke ytempire_app from it', m.rolname
    from pg_auth_members g
    join pg_roles m on m.oid = g.member
   where g.roleid = 'ytempire_app'::regrole and m.rolname <> 'ytempire_operator' and not m.rolsuper and not m.rolcreaterole
  union all
  -- From PostgreSQL 16 on it takes the ADMIN option, which an upgrade of the server does not bring.
  select 'a login cannot be held to its limits; run ./ytempire migrate', r.rolname
    from pg_roles r
   where current_setting('server_version_num')::integer >= 160000
     and (r.rolname = 'ytempire_app' or r.rolname ~ '^tenant_[0-9a-f]{32}$')
     and not exists (select from pg_auth_members g
                      where g.roleid = r.oid and g.member = 'ytempire_provisioner'::regrole and g.admin_option)
  union all
  select 'a proof of a tenant is not of one session alone; grant pg_read_all_stats', 'ytempire_owner'
   where not pg_has_role('ytempire_owner', 'pg_read_all_stats', 'usage')
  union all
  select 'anybody may add a background job', p.oid::regprocedure::text
    from pg_proc p
   where p.proname = 'add_job'
     and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x where x.grantee = 0 and x.privilege_type = 'EXECUTE')
  union all
  -- Whoever holds the lock of a step of the enforcement keeps the sidecar out of it. A managed server may not let its administrator take them from
  -- PUBLIC.
  select 'a tenant''s login may take advisory locks, and with them stop the enforcement of its limits; as a superuser: revoke execute on function '
         || p.oid::regprocedure || ' from public, ytempire_reader; grant execute on function pg_advisory_xact_lock(bigint), pg_try_advisory_xact_lock(bigint)'
         || ' to ytempire_provisioner', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ '^pg_(try_)?advisory_(xact_)?lock'
     and has_function_privilege('ytempire_reader', p.oid, 'execute')
  union all
  select 'the planner keeps statistics of users'' rows; call core.hide_statistics()', c.relname || '.' || a.attname
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p')
   where a.attnum > 0 and not a.attisdropped and coalesce(a.attstattarget, -1) <> 0
     and a.atttypid not in ('date'::regtype, 'timestamptz'::regtype)
     and exists (select from pg_attribute u where u.attrelid = c.oid and u.attname = 'user_id' and not u.attisdropped)
  union all
  select 'a reader''s condition can use an index over all users', i.indexrelid::regclass::text
    from pg_index i
    join pg_class c on c.oid = i.indrelid and c.relnamespace = 'core'::regnamespace
    join pg_attribute u on u.attrelid = c.oid and u.attname = 'user_id'
   where i.indkey[0] not in (0, u.attnum)
     and exists (select from pg_depend d
                   join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
                   join pg_class v on v.oid = r.ev_class and v.relnamespace = 'analytics'::regnamespace
                  where d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid)
  union all
  select 'a tenant''s login can see who else has one, or what others do', v::text
    from unnest('{pg_roles,pg_auth_members,pg_db_role_setting,pg_stat_activity,pg_locks}'::regclass[]) v
   where has_table_privilege('ytempire_reader', v, 'select')
  union all
  select * from app.cluster_faults()
$$;
revoke all on function app.isolation_faults from public;
grant execute on function app.isolation_faults to ytempire_app;

reset role;
