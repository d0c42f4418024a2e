-- What units cost, what the platform costs, and what providers say of a month: facts of the platform, of no user.
set role ytempire_owner;

create table core.prices (
  provider   text    not null,
  model      text    not null default '',
  unit       text    not null,
  valid_from date    not null,
  usd        numeric(14, 6) not null,
  per        integer not null default 1,
  primary key (provider, model, unit, valid_from),
  constraint prices_not_negative check (usd >= 0 and per > 0)
);
comment on table core.prices is 'The price of so many units (per) from a day (UTC) on, until the next one. A change is another row; costs that were booked keep their amounts. model empty: all models of the provider without a price of their own.';

create table core.platform_costs (
  month        date           not null,
  category     text           not null,
  usd          numeric(14, 2) not null,
  allocated_at timestamptz,
  videos       bigint,
  primary key (month, category),
  constraint platform_costs_of_a_month check (month = date_trunc('month', month::timestamp)::date),
  constraint platform_costs_not_negative check (usd >= 0)
);
comment on table core.platform_costs is 'What the platform cost in a Pacific month. allocated_at: since when it is in the ledgers of the users, split among the videos that were published in it.';

create table core.provider_totals (
  provider   text           not null,
  month      date           not null,
  unit       text           not null,
  total      numeric(20, 6) not null,
  ledger     numeric(20, 6) not null,
  checked_at timestamptz    not null,
  primary key (provider, month, unit)
);
comment on table core.provider_totals is 'What a provider itself says of a calendar month (UTC) beside what the ledgers of all users hold. unit: usd, or a unit of the ledger.';

do $$
declare
  t name;
begin
  foreach t in array array['prices', 'platform_costs', 'provider_totals']::name[] loop
    execute format('alter table core.%I enable row level security, force row level security', t);
    execute format('create policy directory on core.%I to ytempire_directory using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on core.%I to ytempire_directory', t);
  end loop;
end $$;

-- Which kinds of event there are is said by the contract; here, that it is one word of that form.
-- Not valid: the narrower check before has held for every row, and a scan would stop all deliveries meanwhile.
alter table core.webhook_deliveries drop constraint webhook_deliveries_kind_known;
alter table core.webhook_deliveries add constraint webhook_deliveries_kind_known check (kind ~ '^[a-z]+(-[a-z]+)*$' and length(kind) <= 50) not valid;

reset role;
