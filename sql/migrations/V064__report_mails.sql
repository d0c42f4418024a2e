-- Reports by mail: who receives them, which were sent, and to whom.
set role ytempire_owner;

create table core.report_recipients (
  user_id              uuid not null references core.users on delete cascade,
  recipient_id         uuid not null default gen_random_uuid(),
  email                text not null,
  created_at           timestamptz not null,
  verified_at          timestamptz,
  verification_due_at  timestamptz,
  verification_sent_at timestamptz,
  verification_error   text,
  unsubscribed_kinds   text[] not null default '{}',
  primary key (user_id, recipient_id),
  constraint report_recipients_once unique (user_id, email),
  constraint report_recipients_email_is_one_line check (email !~ '[[:cntrl:]]' and length(email) between 3 and 254),
  constraint report_recipients_kinds_known check (unsubscribed_kinds <@ '{daily,weekly,monthly}')
);
comment on table core.report_recipients is 'Addresses to which a user''s reports are mailed. An address receives nothing but the mail with its link until that link was used.';
comment on column core.report_recipients.verification_due_at is 'When the mail with the link is sent or tried again; null: it was sent, or is not needed.';
comment on column core.report_recipients.unsubscribed_kinds is 'Kinds of report that this address does not want.';

create table core.report_runs (
  user_id      uuid not null references core.users on delete cascade,
  kind         text not null,
  period       date not null,
  due_at       timestamptz not null,
  claimed_at   timestamptz not null,
  leased_until timestamptz not null,
  attempts     integer not null default 1,
  sent_at      timestamptz,
  last_error   text,
  primary key (user_id, kind, period),
  constraint report_runs_kind_known check (kind in ('daily', 'weekly', 'monthly'))
);
comment on table core.report_runs is 'A row is the claim on one report: whoever inserts it sends it. period: the user''s own date on which it was due.';
comment on column core.report_runs.leased_until is 'While a replica is at it: when another one may take over.';
comment on column core.report_runs.sent_at is 'When each recipient had been sent it or was refused; null: it is not finished.';

create table core.report_deliveries (
  user_id      uuid not null,
  kind         text not null,
  period       date not null,
  recipient_id uuid not null,
  state        text not null,
  at           timestamptz not null,
  reason       text,
  primary key (user_id, kind, period, recipient_id),
  constraint report_deliveries_of_run foreign key (user_id, kind, period) references core.report_runs on delete cascade,
  constraint report_deliveries_to_recipient foreign key (user_id, recipient_id) references core.report_recipients on delete cascade,
  constraint report_deliveries_state_known check (state in ('sent', 'refused'))
);
comment on table core.report_deliveries is 'What became of a report for one recipient. Written when the mail server has answered; until then it is sent again, with the same Message-ID.';

alter table core.report_recipients enable row level security, force row level security;
alter table core.report_runs enable row level security, force row level security;
alter table core.report_deliveries enable row level security, force row level security;
create policy directory on core.report_recipients for select to ytempire_directory using (true);
grant select (user_id, verified_at, verification_due_at) on core.report_recipients to ytempire_directory;

reset role;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
