-- A few sentences about a user's week, by a language model or by rules, and what the model may cost.
set role ytempire_owner;

create table core.insights (
  user_id     uuid        not null references core.users on delete cascade,
  week        date        not null,
  sentences   text[]      not null,
  author      text        not null,
  reason      text,
  model       text,
  channel_ids text[]      not null,
  video_ids   text[]      not null,
  written_at  timestamptz not null,
  primary key (user_id, week),
  constraint insights_of_a_week check (extract(isodow from week) = 1),
  constraint insights_author_known check (author in ('model', 'rules')),
  constraint insights_bounded check (cardinality(sentences) between 1 and 12)
);
comment on table core.insights is 'Sentences about a week of Pacific days from Monday. author rules: reason says why not by the model. channel_ids, video_ids: of whom they may speak; the text goes with the data of any of them.';

create table core.insight_settings (
  user_id            uuid          primary key references core.users on delete cascade,
  monthly_budget_usd numeric(8, 2) not null,
  updated_at         timestamptz   not null,
  constraint insight_settings_not_negative check (monthly_budget_usd >= 0)
);
comment on table core.insight_settings is 'What the language model may cost of a user in a Pacific month. No row: the standard.';

alter table core.insights enable row level security, force row level security;
alter table core.insight_settings enable row level security, force row level security;

reset role;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
