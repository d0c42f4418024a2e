-- How many database logins were made for a user in a day: one that is revoked again leaves an entry in core.revocations for 35 days.
set role ytempire_owner;

alter table sec.tenant_limits
  add column logins_a_day integer not null default 20 check (logins_a_day between 1 and 100000);
comment on column sec.tenant_limits.logins_a_day is 'Most logins that are made for a user in a UTC day, whether they are there or not. Of those for the dashboards five times as many: each attempt to store one in a Grafana that fails makes another.';

create table sec.login_days (
  user_id             uuid primary key references core.users on delete cascade,
  day                 date not null,
  made                integer not null,
  made_for_dashboards integer not null
);
comment on table sec.login_days is 'How many database logins were made for a user on the newest UTC day on which any was, without those of the probe of isolation.';

reset role;
