-- Attempts to mail links to verify addresses, of a user in a day, beside the mails that went out.
set role ytempire_owner;

alter table core.user_dashboard_config add column verification_attempts integer not null default 0;
comment on column core.user_dashboard_config.verification_attempts is 'Attempts on verification_day to mail a link to verify an address, whether a mail went out or not.';

reset role;
