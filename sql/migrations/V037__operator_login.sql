-- A second login of the sidecar, for the few acts that concern the platform: making and revoking tokens, erasing users, making and dropping tenants'
-- logins, enforcing limits, retention. Whoever gets SQL into a statement of ytempire_app can do none of these.
do $$
begin
  if not exists (select from pg_roles where rolname = 'ytempire_operator') then create role ytempire_operator login; end if;
end $$;
-- It acts for a tenant as the sidecar does.
grant ytempire_app to ytempire_operator;

set role ytempire_owner;
insert into sec.login_role (role_name, kind) values ('ytempire_operator', 'service');
reset role;

-- Sidecars of the version before, which know of the first login alone, may go on making user and service tokens for a day.
set role ytempire_owner;
create table sec.upgrade (
  only_row boolean primary key default true check (only_row),
  ends_at  timestamptz not null default now() + interval '1 day'
);
comment on table sec.upgrade is 'Until when the functions of the version before work for the sidecars that still run it.';
reset role;
-- A new installation has no version before.
insert into sec.upgrade (ends_at) select case when exists (select from core.users) then now() + interval '1 day' else now() end;
