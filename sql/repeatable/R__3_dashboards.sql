-- Users' organizations in Grafana: which one is to be looked at next, and which is to be removed.
grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- Takes an organization that is due, whose dashboards are of other files than these, or whose user was activated or deactivated, which waits a minute
-- after a failure and no longer; null: none.
-- Users that have no row yet get one.
create or replace function app.claim_dashboard_organization(p_now timestamptz, p_lease_until timestamptz, p_files_hash text) returns uuid
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.dashboard_organizations (user_id, due_at)
  select u.user_id, p_now from core.users u
   where u.is_active and not exists (select from core.dashboard_organizations o where o.user_id = u.user_id)
  on conflict (user_id) do nothing;
  update core.dashboard_organizations o
     set leased_until = p_lease_until
   where o.user_id = (select d.user_id from core.dashboard_organizations d join core.users u on u.user_id = d.user_id
                       where (d.due_at <= p_now or (d.attempts = 0 and d.files_hash <> p_files_hash)
                              or (d.viewer_enabled <> u.is_active and (d.failed_at is null or d.failed_at <= p_now - interval '1 minute')))
                         and (d.leased_until is null or d.leased_until <= p_now)
                       order by d.due_at limit 1 for update of d skip locked)
  returning o.user_id
$$;

-- What an erased user leaves in Grafana.
create or replace function app.request_dashboard_removal() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if old.organization_id is not null then
    insert into core.dashboard_removals (organization_id, organization_name, viewer_id, viewer_login, requested_at, due_at)
    values (old.organization_id, old.organization_name, old.viewer_id, old.viewer_login, now(), '-infinity');
  end if;
  return old;
end $$;

create or replace function app.claim_dashboard_removal(p_now timestamptz, p_lease_until timestamptz)
returns table (removal_id uuid, organization_id bigint, organization_name text, viewer_id bigint, viewer_login text, attempts smallint)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.dashboard_removals r
     set due_at = p_lease_until, attempts = least(r.attempts + 1, 1000)::smallint
   where r.removal_id = (select d.removal_id from core.dashboard_removals d where d.due_at <= p_now order by d.due_at limit 1 for update skip locked)
  returning r.removal_id, r.organization_id, r.organization_name, r.viewer_id, r.viewer_login, r.attempts
$$;

create or replace function app.postpone_dashboard_removal(p_removal_id uuid, p_due_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ update core.dashboard_removals set due_at = p_due_at where removal_id = p_removal_id $$;

create or replace function app.end_dashboard_removal(p_removal_id uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ delete from core.dashboard_removals where removal_id = p_removal_id $$;

reset role;
revoke create on schema app from ytempire_directory;

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace
              and p.proname in ('claim_dashboard_organization', 'request_dashboard_removal', 'claim_dashboard_removal', 'postpone_dashboard_removal',
                                'end_dashboard_removal') loop
    execute format('revoke all on function %s from public, ytempire_app', f);
    execute format('grant execute on function %s to %I', f,
                   case when f = 'app.request_dashboard_removal()'::regprocedure then 'ytempire_owner' else 'ytempire_operator' end);
  end loop;
end $$;

grant create on schema app to ytempire_provisioner;
set role ytempire_provisioner;
-- Most connections of a tenant's login at the same time.
create or replace function app.tenant_connections() returns integer
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select connections_each from sec.tenant_limits $$;
revoke all on function app.tenant_connections from public, ytempire_app;
grant execute on function app.tenant_connections to ytempire_operator;
reset role;
revoke create on schema app from ytempire_provisioner;

set role ytempire_owner;
create or replace trigger dashboard_organizations_removed before delete on core.dashboard_organizations
  for each row execute function app.request_dashboard_removal();

call core.replace_view('app.dashboard_organizations', $$
select user_id, organization_id, organization_name, viewer_id, viewer_login, database_login, files_hash, rendered_hash, provisioned_at, due_at, attempts,
       last_error, leased_until, viewer_enabled, failed_at
  from core.dashboard_organizations where user_id = (select sec.tenant())
$$);
revoke all on app.dashboard_organizations from ytempire_app, ytempire_reader;
alter view app.dashboard_organizations alter column user_id set default nullif(left(current_setting('app.tenant_id', true), 36), '')::uuid;
grant select, insert (due_at), update (organization_id, organization_name, viewer_id, viewer_login, database_login, files_hash, rendered_hash, provisioned_at,
                                       due_at, attempts, last_error, leased_until, viewer_enabled, failed_at) on app.dashboard_organizations to ytempire_app;
reset role;
