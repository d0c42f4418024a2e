-- Retries: when a subscriber last said that it takes deliveries, and how often a link to verify an address was tried.
set role ytempire_owner;

alter table core.webhook_subscriptions add column resumed_at timestamptz;
comment on column core.webhook_subscriptions.resumed_at is 'When the address last said that it takes deliveries. A call that was under way then proves nothing when it fails.';

alter table core.report_recipients add column verification_attempts integer not null default 0;
comment on column core.report_recipients.verification_attempts is 'How often the mail with the link was tried since it was last asked for; after the twelfth it is given up.';

reset role;
