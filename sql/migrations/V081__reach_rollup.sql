-- Thumbnail impressions and clicks of a channel by day, so that the click-through rate over time reads one row a day instead of one for each video.
set role ytempire_owner;

create table core.reach_days (
  user_id     uuid not null,
  channel_id  text not null,
  day         date not null,
  videos      integer not null,
  impressions numeric(28, 0) not null,
  clicks      numeric(34, 6) not null,
  primary key (user_id, channel_id, day),
  constraint reach_days_of_own_channel foreign key (user_id, channel_id) references core.channels on delete cascade
);
comment on table core.reach_days is 'Rollup of core.thumbnail_days: one row a channel and Pacific day, updated by differences in the statement that stores the days. core.repair_reach_days compares it with them.';
comment on column core.reach_days.videos is 'Videos of which both impressions and a click-through rate are reported: these alone are in the sums.';
comment on column core.reach_days.clicks is 'Sum of impressions times click-through rate. Wider than one video''s, so that no sum overflows.';

-- Before the policy is made: the owner's statements below it would see nothing.
alter table core.reach_days enable row level security, force row level security;

reset role;

-- Locks nothing that is written meanwhile. What a replica of the version before stores after this is repaired by the daily check.
insert into core.reach_days (user_id, channel_id, day, videos, impressions, clicks)
select d.user_id, d.channel_id, d.day, count(*), sum(d.impressions), sum(d.impressions * d.click_through_rate)
  from core.thumbnail_days d
 where d.impressions is not null and d.click_through_rate is not null
 group by d.user_id, d.channel_id, d.day;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
