-- Who is told when something happens, and what is still to be told: an outbox, written in the transaction in which it happens.
set role ytempire_owner;

create table core.webhook_subscriptions (
  subscription_id uuid not null default gen_random_uuid() primary key,
  user_id         uuid references core.users on delete cascade,
  url             text not null,
  events          text[] not null,
  secret          text not null,
  workflow_id     text,
  created_at      timestamptz not null,
  last_delivered_at timestamptz,
  failing_since   timestamptz,
  last_error      text,
  failures        int not null default 0,
  rests_until     timestamptz,
  constraint webhook_subscriptions_to_the_web check (url ~ '^https?://')
);
comment on table core.webhook_subscriptions is 'An address that wants to be told. user_id null: of all users. secret: signs what is sent, and is shown once.';
comment on column core.webhook_subscriptions.rests_until is 'An address that does not answer is left alone until then, however much waits for it.';

create table core.webhook_deliveries (
  user_id         uuid not null references core.users on delete cascade,
  subscription_id uuid not null references core.webhook_subscriptions on delete cascade,
  event_id        uuid not null,
  kind            text not null,
  cause           text,
  channel_id      text,
  at              timestamptz not null,
  data            jsonb not null,
  attempts        int not null default 0,
  due_at          timestamptz,
  delivered_at    timestamptz,
  primary key (user_id, subscription_id, event_id),
  constraint webhook_deliveries_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade,
  constraint webhook_deliveries_kind_known check (kind in ('sync-finished', 'reconnect-needed', 'channel-connected', 'quota-low', 'new-video'))
);
create index webhook_deliveries_by_due on core.webhook_deliveries (due_at) where due_at is not null;
create index webhook_deliveries_by_subscription on core.webhook_deliveries (subscription_id);
comment on table core.webhook_deliveries is 'What a subscriber is to be told, and for three days what it was told, so that an event that two replicas find is told once.';
comment on column core.webhook_deliveries.due_at is 'When it is to be sent; null: it was, and data is empty.';
comment on column core.webhook_deliveries.cause is 'Counts of one cause (an execution, say) add up until they are sent.';

reset role;
