-- Which customer of Stripe a user is, and what Stripe last said of its subscription. No card, no address, no invoice: Stripe keeps those.
set role ytempire_owner;

create table core.billing_accounts (
  user_id         uuid primary key references core.users on delete cascade,
  customer_id     text not null,
  stripe_subscription_id text,
  status          text,
  price_id        text,
  tier            text,
  period_ends_at  timestamptz,
  is_canceled_at_period_end boolean not null default false,
  past_due_since  timestamptz,
  linked_at       timestamptz not null,
  read_at         timestamptz,
  due_at          timestamptz not null,
  version         bigint not null default 0,
  constraint billing_accounts_customer unique (customer_id),
  constraint billing_accounts_customer_form check (customer_id ~ '^cus_[A-Za-z0-9_]{1,250}$'),
  constraint billing_accounts_tier_known check (tier in ('starter', 'growth', 'scale'))
);
comment on table core.billing_accounts is 'A user''s customer at Stripe and its subscription as it was last read there.';
comment on column core.billing_accounts.tier is 'What the subscription grants now; null: none was read yet.';
comment on column core.billing_accounts.past_due_since is 'When a payment that is late was first seen; the grace period begins.';
comment on column core.billing_accounts.due_at is 'When Stripe is asked again, whatever events come.';
comment on column core.billing_accounts.version is 'Counts what was read: who read while another one did reads again, so that an older state never replaces a newer one.';
alter table core.billing_accounts enable row level security, force row level security;
create policy directory on core.billing_accounts for select to ytempire_directory using (true);
grant select (user_id, customer_id, due_at) on core.billing_accounts to ytempire_directory;

create table core.stripe_events (
  event_id    text primary key,
  received_at timestamptz not null,
  constraint stripe_events_form check (event_id ~ '^evt_[A-Za-z0-9_]{1,250}$')
);
comment on table core.stripe_events is 'Events of Stripe''s that were acted on; one that comes again changes nothing. Ids alone: they say nothing of anybody.';
create index stripe_events_by_time on core.stripe_events (received_at);
alter table core.stripe_events enable row level security, force row level security;
create policy directory on core.stripe_events to ytempire_directory using (true) with check (true);
grant select, insert on core.stripe_events to ytempire_directory;

reset role;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
