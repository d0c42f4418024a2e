-- Sentences about any seven days, as the mailed report has them, and a limit to the mails that verify addresses.
set role ytempire_owner;

alter table core.insights drop constraint insights_of_a_week;
comment on table core.insights is 'Sentences about seven Pacific days, of which week is the first. author rules: reason says why not by the model. channel_ids, video_ids: of whom they may speak; the text goes with the data of any of them.';

alter table core.user_dashboard_config
  add column verification_day   date,
  add column verification_mails integer not null default 0;
comment on column core.user_dashboard_config.verification_mails is 'Mails with a link to verify an address that were sent on verification_day, a UTC day.';

reset role;
