-- What users' videos cost: a ledger. Estimates and allocated shares stand beside what was metered, and are told apart.
set role ytempire_owner;

create table core.costs (
  user_id     uuid not null references core.users on delete cascade,
  cost_id     uuid not null default gen_random_uuid(),
  at          timestamptz not null,
  channel_id  text,
  video_id    text,
  category    text not null,
  provider    text not null,
  model       text,
  quantity    numeric(20, 6),
  unit        text,
  amount_usd  numeric(14, 6) not null,
  basis       text not null,
  external_id text not null,
  primary key (user_id, cost_id),
  constraint costs_booked_once unique (user_id, provider, external_id),
  constraint costs_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade,
  constraint costs_category_known check (category in ('compute', 'storage', 'api-quota', 'monitoring', 'text', 'voice', 'video-processing', 'other-ai',
                                                      'infrastructure', 'bandwidth', 'security')),
  constraint costs_basis_known check (basis in ('metered', 'estimated', 'allocated')),
  constraint costs_video_has_channel check (video_id is null or channel_id is not null)
);
comment on table core.costs is 'Costs of a user, each booked once: a retry has the same provider and external_id. video_id null: shared by all videos of the month, of the channel or, without a channel, of the user. amount_usd negative: a refund.';
create index costs_by_time on core.costs (user_id, at);

do $$
declare
  hidden record;
begin
  for hidden in
    select attname from pg_attribute where attrelid = 'core.costs'::regclass and attnum > 0 and atttypid <> 'timestamptz'::regtype
  loop
    execute format('alter table core.costs alter column %I set statistics 0', hidden.attname);
  end loop;
end $$;
alter table core.costs enable row level security, force row level security;

reset role;
