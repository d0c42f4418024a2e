-- Addresses of reports that were added, of a user in a day: one that is removed again leaves an entry in core.revocations for 35 days.
set role ytempire_owner;

alter table core.user_dashboard_config
  add column recipients_day   date,
  add column recipients_added integer not null default 0;
comment on column core.user_dashboard_config.recipients_added is 'Addresses to mail reports to that were added on recipients_day, a UTC day, whether they are still there or not.';

reset role;
