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
  -- Who enters a tenant sees its rows: with the rights of the caller, that is the sidecar alone. Sign-up enters the tenant it has just drawn.
  select 'a function that enters tenants runs with its owner''s rights', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace in ('app'::regnamespace, 'analytics'::regnamespace) and p.prosecdef and p.proname <> 'create_user'
     and p.prosrc ~ 'set_config\(''app\.tenant_id'
  union all
  select 'a function for the sidecar may be called by a tenant', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace = 'app'::regnamespace and has_function_privilege('ytempire_reader', p.oid, 'execute')
  union all
  select 'the sidecar''s first login may do what is the second''s', p.oid::regprocedure::text
    from pg_proc p
   where p.pronamespace = 'app'::regnamespace and has_function_privilege('ytempire_app', p.oid, 'execute')
     and not (p.proname = 'create_api_token' and p.pronargs = 6) -- Works during an upgrade alone.
     and p.proname in ('create_api_token', 'list_api_tokens', 'list_api_tokens_with_scopes', 'revoke_api_token', 'expire_api_token', 'erase_user',
                       'provision_tenant_login', 'drop_tenant_login', 'drop_retired_logins', 'enforce_tenant_limits', 'read_sidecar_login', 'restore_sidecar_login',
                       'close_databases', 'maintain', 'set_views_48h', 'is_rollup_check_due', 'list_wrong_rollups', 'repair_rollups', 'note_rollup_check', 'tenant_key', 'rotate_tenant_key',
                       'request_execution_erasure', 'claim_execution_erasure', 'continue_execution_erasure', 'note_passed_over_execution', 'read_passed_over_executions', 'forget_passed_over_execution',
                       'end_execution_erasure_pass', 'sweep_execution_erasures', 'claim_dashboard_organization', 'claim_dashboard_removal',
                       'postpone_dashboard_removal', 'end_dashboard_removal', 'tenant_connections')
  union all
  -- app.enforce_tenant_limits revokes it, so that a start is held up by it no longer than until then. Roles that make roles may give it to
  -- themselves anyhow.
  select 'a role may act as the sidecar; revoke ytempire_app from it', m.rolname
    from pg_auth_members g
    join pg_roles m on m.oid = g.member
   where g.roleid = 'ytempire_app'::regrole and m.rolname <> 'ytempire_operator' and not m.rolsuper and not m.rolcreaterole
  union all
  select 'a proof of a tenant is not of one session alone; grant pg_read_all_stats', 'ytempire_owner'
   where not pg_has_role('ytempire_owner', 'pg_read_all_stats', 'usage')
  union all
  select 'anybody may add a background job', p.oid::regprocedure::text
    from pg_proc p
   where p.proname = 'add_job'
     and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x where x.grantee = 0 and x.privilege_type = 'EXECUTE')
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
