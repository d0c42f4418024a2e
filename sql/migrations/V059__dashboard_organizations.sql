-- Which organization of Grafana is whose, and what is left to be removed there.
set role ytempire_owner;

create table core.dashboard_organizations (
  user_id           uuid primary key references core.users on delete cascade,
  organization_id   bigint,
  organization_name text,
  viewer_id         bigint,
  viewer_login      text,
  viewer_enabled    boolean,
  database_login    text,
  files_hash        text,
  rendered_hash     text,
  provisioned_at    timestamptz,
  due_at            timestamptz not null,
  leased_until      timestamptz,
  attempts          smallint not null default 0,
  failed_at         timestamptz,
  last_error        text,
  constraint dashboard_organizations_identity check ((organization_id is null) = (organization_name is null) and (viewer_id is null) = (viewer_login is null))
);
comment on table core.dashboard_organizations is 'A user''s organization in Grafana. Its id and name together say that it is ours: Grafana gives ids anew when its database is lost, and anybody may make an organization of that name.';
comment on column core.dashboard_organizations.database_login is 'The user''s database login that the data source has. Its password is in Grafana alone.';
comment on column core.dashboard_organizations.files_hash is 'Of the dashboard files that were last stored in Grafana; rendered_hash: of these with the user''s settings.';
comment on column core.dashboard_organizations.viewer_enabled is 'Whether the account may sign in, as Grafana was last told; it follows users.is_active.';
comment on column core.dashboard_organizations.due_at is 'When it is looked at again.';
comment on column core.dashboard_organizations.leased_until is 'While a replica is at it: when another one may take over.';

alter table core.dashboard_organizations enable row level security, force row level security;
create policy directory on core.dashboard_organizations to ytempire_directory using (true) with check (true);
grant select (user_id, organization_id, viewer_id, due_at, leased_until, files_hash, attempts, viewer_enabled, failed_at), insert (user_id, due_at), update (leased_until)
  on core.dashboard_organizations to ytempire_directory;

create table core.dashboard_removals (
  removal_id      uuid primary key default gen_random_uuid(),
  organization_id bigint not null,
  organization_name text not null,
  viewer_id       bigint,
  viewer_login    text,
  requested_at    timestamptz not null,
  due_at          timestamptz not null,
  attempts        smallint not null default 0
);
comment on table core.dashboard_removals is 'A row lives until an organization of Grafana and its account are deleted. No user_id: the user is gone, and this is what is left to do.';
alter table core.dashboard_removals enable row level security, force row level security;
create policy directory on core.dashboard_removals to ytempire_directory using (true) with check (true);
grant select, insert, update, delete on core.dashboard_removals to ytempire_directory;

alter table sec.login_role add column is_for_dashboards boolean not null default false;
comment on column sec.login_role.is_for_dashboards is 'The login of the data source in Grafana: it does not count among those that a user may have.';

reset role;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
