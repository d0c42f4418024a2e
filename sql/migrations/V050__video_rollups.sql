-- Sums of a video's days, so that a dashboard reads one row for a video instead of every day it had.
set role ytempire_owner;

create table core.video_totals (
  user_id             uuid not null,
  video_id            text not null,
  channel_id          text not null,
  published_at        timestamptz,
  days                integer not null default 0,
  first_day           date,
  last_day            date,
  views               bigint,
  engaged_views       bigint,
  watch_time_minutes  bigint,
  likes               bigint,
  comments            bigint,
  shares              bigint,
  subscribers_gained  bigint,
  subscribers_lost    bigint,
  revenue_usd         numeric(18, 4),
  percentage_weight   bigint,
  weighted_percentage numeric(28, 4),
  views_48h           bigint,
  views_7d            bigint,
  views_28d           bigint,
  revenue_7d_usd      numeric(18, 4),
  revenue_28d_usd     numeric(18, 4),
  revenue_90d_usd     numeric(18, 4),
  updated_at          timestamptz not null,
  primary key (user_id, video_id),
  constraint video_totals_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.video_totals is 'Rollup of core.video_days: one row a video, updated by differences in the statement that stores the days. Null: YouTube has not reported the metric on any day. core.check_rollups compares it with the days.';
comment on column core.video_totals.published_at is 'As core.videos had it; kept when the title is deleted. Null: not known, and then neither are the sums by age.';
comment on column core.video_totals.weighted_percentage is 'Sum over days of the average percentage viewed times its weight; divided by percentage_weight it is the average of all days. Weight: engaged views, before these were reported views.';
comment on column core.video_totals.views_48h is 'Views 48 hours after publication, interpolated between two observations at most 12 hours apart. Null: not observed.';
comment on column core.video_totals.views_28d is 'Sum of the first 28 Pacific days from the day of publication, as far as reported. Complete only when that many days are. The same of the columns like it.';

create table core.video_weeks (
  user_id            uuid not null,
  week               date not null,
  video_id           text not null,
  channel_id         text not null,
  days               integer not null default 0,
  views              bigint,
  watch_time_minutes bigint,
  revenue_usd        numeric(18, 4),
  primary key (user_id, week, video_id),
  constraint video_weeks_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade,
  constraint video_weeks_from_monday check (extract(isodow from week) = 1)
);
comment on table core.video_weeks is 'Rollup of core.video_days: one row a video and week of Pacific days from Monday.';

create table core.rollup_checks (
  checked_at timestamptz primary key,
  part       smallint,
  videos     bigint not null,
  repaired   bigint not null,
  postponed  bigint not null
);
comment on table core.rollup_checks is 'Runs of core.check_rollups. part: which tenth of the videos; null: all. postponed: wrong, and left to the next run, because a batch held the channel.';

-- The planner keeps no statistics of users' rows (core.hide_statistics, which a new installation does not have yet).
do $$
declare
  hidden record;
begin
  for hidden in
    select attrelid::regclass as name, attname from pg_attribute
     where attrelid in ('core.video_totals'::regclass, 'core.video_weeks'::regclass) and attnum > 0
       and atttypid not in ('date'::regtype, 'timestamptz'::regtype)
  loop
    execute format('alter table %s alter column %I set statistics 0', hidden.name, hidden.attname);
  end loop;
end $$;

-- Before the policies are made: the owner's statements below them would see nothing.
alter table core.video_totals enable row level security, force row level security;
alter table core.video_weeks enable row level security, force row level security;

reset role;
