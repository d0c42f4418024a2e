-- What must hold for isolation, asked of the catalog: the sidecar refuses to start while this answers a row.
set role ytempire_owner;

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
   where c.relkind = 'r' and not c.relforcerowsecurity
     and c.relname not in ('channel_days', 'video_days', 'channel_statistics', 'video_statistics', 'channel_statistics_days',
                           'video_statistics_days', 'metric_revisions', 'traffic_source_days', 'thumbnail_days')
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
  select 'anybody may add a background job', p.oid::regprocedure::text
    from pg_proc p
   where p.proname = 'add_job'
     and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x where x.grantee = 0 and x.privilege_type = 'EXECUTE')
$$;
revoke all on function app.isolation_faults from public;
grant execute on function app.isolation_faults to ytempire_app;

reset role;
