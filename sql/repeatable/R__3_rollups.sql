-- Rollups of videos' days: what they must hold, how that is checked, and the views of the first 48 hours. The sidecar adds the differences of
-- what it stores (RollupSql); everything here runs as the administrator, over all users.
set role ytempire_owner;

-- The sums as the days have them. p_part: a tenth of the videos (0 to 9); p_user: one user's; p_videos: these; null: all. Without a search_path of
-- their own, so that the planner puts them into the query and uses the indexes.
create or replace function core.computed_video_totals(p_part integer, p_user uuid default null, p_videos text[] default null)
returns table (user_id uuid, video_id text, channel_id text, days bigint, first_day date, last_day date, views numeric, engaged_views numeric,
               watch_time_minutes numeric, likes numeric, comments numeric, shares numeric, subscribers_gained numeric, subscribers_lost numeric,
               revenue_usd numeric, percentage_weight numeric, weighted_percentage numeric, views_7d numeric, views_28d numeric,
               revenue_7d_usd numeric, revenue_28d_usd numeric, revenue_90d_usd numeric)
language sql stable
as $$
  select d.user_id, d.video_id, min(d.channel_id), count(*), min(d.day), max(d.day), sum(d.views), sum(d.engaged_views), sum(d.watch_time_minutes),
         sum(d.likes), sum(d.comments), sum(d.shares), sum(d.subscribers_gained), sum(d.subscribers_lost), sum(d.revenue_usd),
         sum(coalesce(d.engaged_views, d.views)) filter (where d.average_view_percentage is not null),
         sum(coalesce(d.engaged_views, d.views) * d.average_view_percentage),
         sum(d.views) filter (where d.day < p.day + 7), sum(d.views) filter (where d.day < p.day + 28),
         sum(d.revenue_usd) filter (where d.day < p.day + 7), sum(d.revenue_usd) filter (where d.day < p.day + 28),
         sum(d.revenue_usd) filter (where d.day < p.day + 90)
    from core.video_days d
    left join (select t.user_id, t.video_id, (t.published_at at time zone 'America/Los_Angeles')::date as day from core.video_totals t) p
      on p.user_id = d.user_id and p.video_id = d.video_id
   where (p_part is null or (hashtext(d.video_id) & 2147483647) % 10 = p_part) and (p_user is null or d.user_id = p_user)
     and (p_videos is null or d.video_id = any(p_videos))
   group by d.user_id, d.video_id
$$;
revoke all on function core.computed_video_totals from public;

create or replace function core.computed_video_weeks(p_part integer, p_user uuid default null, p_videos text[] default null)
returns table (user_id uuid, week date, video_id text, channel_id text, days bigint, views numeric, watch_time_minutes numeric, revenue_usd numeric)
language sql stable
as $$
  select d.user_id, date_trunc('week', d.day::timestamp)::date, d.video_id, min(d.channel_id), count(*), sum(d.views), sum(d.watch_time_minutes),
         sum(d.revenue_usd)
    from core.video_days d
   where (p_part is null or (hashtext(d.video_id) & 2147483647) % 10 = p_part) and (p_user is null or d.user_id = p_user)
     and (p_videos is null or d.video_id = any(p_videos))
   group by 1, 2, 3
$$;
revoke all on function core.computed_video_weeks from public;

-- Videos whose rollups are not what their days say, in one snapshot: days and rollups are committed together, so that none is under way.
-- p_user: of this user alone. With the arguments as constants of the plan, so that one user's rows are found by index.
drop function if exists core.wrong_rollups(integer);
create or replace function core.wrong_rollups(p_part integer, p_user uuid default null) returns table (user_id uuid, channel_id text, video_id text)
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute $query$
  select coalesce(c.user_id, t.user_id), coalesce(c.channel_id, t.channel_id), coalesce(c.video_id, t.video_id)
    from core.computed_video_totals($1, $2) c
    full join (select * from core.video_totals
                where ($1 is null or (hashtext(video_id) & 2147483647) % 10 = $1) and ($2 is null or user_id = $2)) t
      on t.user_id = c.user_id and t.video_id = c.video_id
   where (coalesce(t.days, -1), t.first_day, t.last_day, t.views, t.engaged_views, t.watch_time_minutes, t.likes, t.comments, t.shares,
          t.subscribers_gained, t.subscribers_lost, t.revenue_usd, t.percentage_weight, t.weighted_percentage, t.views_7d, t.views_28d,
          t.revenue_7d_usd, t.revenue_28d_usd, t.revenue_90d_usd)
         is distinct from
         (coalesce(c.days, 0), c.first_day, c.last_day, c.views, c.engaged_views, c.watch_time_minutes, c.likes, c.comments, c.shares,
          c.subscribers_gained, c.subscribers_lost, c.revenue_usd, c.percentage_weight, c.weighted_percentage, c.views_7d, c.views_28d,
          c.revenue_7d_usd, c.revenue_28d_usd, c.revenue_90d_usd)
  union
  select coalesce(c.user_id, w.user_id), coalesce(c.channel_id, w.channel_id), coalesce(c.video_id, w.video_id)
    from core.computed_video_weeks($1, $2) c
    full join (select * from core.video_weeks
                where ($1 is null or (hashtext(video_id) & 2147483647) % 10 = $1) and ($2 is null or user_id = $2)) w
      on w.user_id = c.user_id and w.week = c.week and w.video_id = c.video_id
   where (w.days, w.views, w.watch_time_minutes, w.revenue_usd) is distinct from (c.days, c.views, c.watch_time_minutes, c.revenue_usd)
  union
  select v.user_id, v.channel_id, v.video_id
    from core.videos v
    left join core.video_totals t on t.user_id = v.user_id and t.video_id = v.video_id
   where ($1 is null or (hashtext(v.video_id) & 2147483647) % 10 = $1) and ($2 is null or v.user_id = $2)
     and t.published_at is distinct from v.published_at
  $query$ using p_part, p_user;
end $$;
revoke all on function core.wrong_rollups from public;

-- Makes these videos' rollups what their days say, and answers how many videos that were. It waits for nobody: videos of a channel that a batch
-- holds are left out.
create or replace function core.repair_rollups(p_user uuid, p_channels text[], p_videos text[], p_now timestamptz) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  ids text[];
  held text[];
begin
  select array_agg(h.channel_id) into held
    from (select c.channel_id from core.channels c
           where c.user_id = p_user and c.channel_id = any(p_channels) order by c.channel_id for no key update skip locked) h;
  select array_agg(w.video_id) into ids from unnest(p_channels, p_videos) w (channel_id, video_id) where w.channel_id = any(held);
  if ids is null then
    return 0;
  end if;

  insert into core.video_totals as t (user_id, video_id, channel_id, published_at, updated_at)
  select v.user_id, v.video_id, v.channel_id, v.published_at, p_now
    from core.videos v
   where v.user_id = p_user and v.video_id = any(ids)
  on conflict (user_id, video_id) do update set published_at = excluded.published_at, updated_at = excluded.updated_at
   where t.published_at is distinct from excluded.published_at;

  update core.video_totals t
     set days = 0, first_day = null, last_day = null, views = null, engaged_views = null, watch_time_minutes = null, likes = null, comments = null,
         shares = null, subscribers_gained = null, subscribers_lost = null, revenue_usd = null, percentage_weight = null,
         weighted_percentage = null, views_7d = null, views_28d = null, revenue_7d_usd = null, revenue_28d_usd = null, revenue_90d_usd = null,
         updated_at = p_now
   where t.user_id = p_user and t.video_id = any(ids);
  execute '
  insert into core.video_totals as t (user_id, video_id, channel_id, days, first_day, last_day, views, engaged_views, watch_time_minutes, likes,
                                      comments, shares, subscribers_gained, subscribers_lost, revenue_usd, percentage_weight,
                                      weighted_percentage, views_7d, views_28d, revenue_7d_usd, revenue_28d_usd, revenue_90d_usd, updated_at)
  select c.*, $1 from core.computed_video_totals(null, $2, $3) c
  on conflict (user_id, video_id) do update
    set days = excluded.days, first_day = excluded.first_day, last_day = excluded.last_day, views = excluded.views,
        engaged_views = excluded.engaged_views, watch_time_minutes = excluded.watch_time_minutes, likes = excluded.likes,
        comments = excluded.comments, shares = excluded.shares, subscribers_gained = excluded.subscribers_gained,
        subscribers_lost = excluded.subscribers_lost, revenue_usd = excluded.revenue_usd, percentage_weight = excluded.percentage_weight,
        weighted_percentage = excluded.weighted_percentage, views_7d = excluded.views_7d, views_28d = excluded.views_28d,
        revenue_7d_usd = excluded.revenue_7d_usd, revenue_28d_usd = excluded.revenue_28d_usd, revenue_90d_usd = excluded.revenue_90d_usd,
        updated_at = excluded.updated_at' using p_now, p_user, ids;

  delete from core.video_weeks w where w.user_id = p_user and w.video_id = any(ids);
  execute '
  insert into core.video_weeks (user_id, week, video_id, channel_id, days, views, watch_time_minutes, revenue_usd)
  select c.* from core.computed_video_weeks(null, $1, $2) c' using p_user, ids;
  return cardinality(ids);
end $$;
revoke all on function core.repair_rollups from public;

-- Which tenth of the videos is looked at, another one each day; null: all. The first two runs go over all, because during an upgrade replicas of
-- the version before store days without rollups.
create or replace function core.rollup_part(p_now timestamptz) returns integer
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select case when (select count(*) from core.rollup_checks) >= 2
              then (extract(julian from p_now at time zone 'America/Los_Angeles')::bigint % 10)::integer end
$$;
revoke all on function core.rollup_part from public;

create or replace function core.note_rollup_check(p_now timestamptz, p_repaired bigint, p_postponed bigint) returns core.rollup_checks
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  looked_at integer := core.rollup_part(p_now);
  report core.rollup_checks;
begin
  insert into core.rollup_checks (checked_at, part, videos, repaired, postponed)
  select p_now, looked_at,
         (select count(*) from core.video_totals t where looked_at is null or (hashtext(t.video_id) & 2147483647) % 10 = looked_at),
         p_repaired, p_postponed
  on conflict (checked_at) do nothing
  returning * into report;
  delete from core.rollup_checks where checked_at < p_now - interval '400 days';
  return report;
end $$;
revoke all on function core.note_rollup_check from public;

-- Compares the rollups with their days, repairs what is wrong and notes the run, all in one transaction. The sidecar takes a
-- transaction for each user and tenth of the videos (app.list_wrong_rollups, app.repair_rollups). Sums that do not fit are that user's alone, and are left as they were.
create or replace function core.check_rollups(p_now timestamptz) returns core.rollup_checks
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  wrong record;
  found bigint := 0;
  repaired bigint := 0;
begin
  for wrong in
    select w.user_id, array_agg(w.channel_id) as channels, array_agg(w.video_id) as videos
      from core.wrong_rollups(core.rollup_part(p_now)) w group by w.user_id order by w.user_id
  loop
    found := found + cardinality(wrong.videos);
    begin
      repaired := repaired + core.repair_rollups(wrong.user_id, wrong.channels, wrong.videos, p_now);
    exception when data_exception then
      raise warning 'rollups of user % cannot be repaired: %', wrong.user_id, sqlerrm;
    end;
  end loop;
  for wrong in select u.user_id from core.users u order by u.user_id loop
    perform core.repair_reach_days(wrong.user_id, core.rollup_part(p_now), p_now);
  end loop;
  return core.note_rollup_check(p_now, repaired, found - repaired);
end $$;
revoke all on function core.check_rollups from public;

-- Takes what a video's days have off the sums of reach of a channel and, unless p_to_channel_id is null, adds it to those of another one. To be
-- called before the days are moved or erased, by whoever holds the channels.
create or replace procedure core.move_reach(p_user_id uuid, p_video_id text, p_from_channel_id text, p_to_channel_id text)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if p_to_channel_id is not null then
    insert into core.reach_days as r (user_id, channel_id, day, videos, impressions, clicks)
    select d.user_id, p_to_channel_id, d.day, 1, d.impressions, d.impressions * d.click_through_rate
      from core.thumbnail_days d
     where d.user_id = p_user_id and d.channel_id = p_from_channel_id and d.video_id = p_video_id
       and d.impressions is not null and d.click_through_rate is not null
    on conflict (user_id, channel_id, day) do update
      set videos = r.videos + 1, impressions = r.impressions + excluded.impressions, clicks = r.clicks + excluded.clicks;
  end if;
  update core.reach_days r
     set videos = r.videos - 1, impressions = r.impressions - d.impressions, clicks = r.clicks - d.impressions * d.click_through_rate
    from core.thumbnail_days d
   where d.user_id = p_user_id and d.channel_id = p_from_channel_id and d.video_id = p_video_id
     and d.impressions is not null and d.click_through_rate is not null
     and r.user_id = p_user_id and r.channel_id = p_from_channel_id and r.day = d.day;
  delete from core.reach_days r where r.user_id = p_user_id and r.channel_id = p_from_channel_id and r.videos = 0;
end $$;
revoke all on procedure core.move_reach from public;

-- Days of a user's channels whose sums of reach are not what the videos' days say; videos null: they have none. Of the last 60 days, and of all days
-- of a tenth of the channels (p_part; null: of all): what a replica of the version before stored is young. p_channels, p_days: of these alone; null:
-- all. With the arguments as constants of the plan, so that one user's rows are found by index, and those of the last 60 days by a range of it.
drop function if exists core.wrong_reach_days(uuid, integer, timestamptz);
create or replace function core.wrong_reach_days(p_user uuid, p_part integer, p_now timestamptz, p_channels text[] default null, p_days date[] default null)
returns table (channel_id text, day date, videos integer, impressions numeric, clicks numeric)
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return query execute $query$
  select coalesce(c.channel_id, r.channel_id), coalesce(c.day, r.day), c.videos, c.impressions, c.clicks
    from (select t.channel_id, t.day, count(*)::integer as videos, sum(t.impressions) as impressions,
                 sum(t.impressions * t.click_through_rate) as clicks
            from (select d.channel_id, d.day, d.impressions, d.click_through_rate
                    from core.thumbnail_days d
                   where d.user_id = $1 and d.day >= $3
                  union all
                  select d.channel_id, d.day, d.impressions, d.click_through_rate
                    from core.thumbnail_days d
                   where d.user_id = $1 and d.day < $3 and ($2 is null or (hashtext(d.channel_id) & 2147483647) % 10 = $2)) t
           where t.impressions is not null and t.click_through_rate is not null
             and ($4 is null or t.channel_id = any($4)) and ($5 is null or t.day = any($5))
           group by t.channel_id, t.day) c
    full join (select x.*
                 from (select * from core.reach_days y where y.user_id = $1 and y.day >= $3
                       union all
                       select * from core.reach_days y
                        where y.user_id = $1 and y.day < $3 and ($2 is null or (hashtext(y.channel_id) & 2147483647) % 10 = $2)) x
                where ($4 is null or x.channel_id = any($4)) and ($5 is null or x.day = any($5))) r
      on r.channel_id = c.channel_id and r.day = c.day
   where (r.videos, r.impressions, r.clicks) is distinct from (c.videos, c.impressions, c.clicks)
  $query$ using p_user, p_part, core.pacific_day(p_now) - 60, p_channels, p_days;
end $$;
revoke all on function core.wrong_reach_days from public;

-- Makes these sums what the videos' days say, and answers how many days were wrong. Days are compared without a lock; the channels of wrong ones are
-- locked, and their days compared again, as a batch may have stored them meanwhile. It waits for nobody: channels that a batch holds are left out.
create or replace function core.repair_reach_days(p_user uuid, p_part integer, p_now timestamptz) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  channels text[];
  days date[];
  held text[];
  repaired bigint;
begin
  select array_agg(distinct w.channel_id), array_agg(distinct w.day) into channels, days
    from core.wrong_reach_days(p_user, p_part, p_now) w;
  if channels is null then
    return 0;
  end if;
  select array_agg(h.channel_id) into held
    from (select c.channel_id from core.channels c
           where c.user_id = p_user and c.channel_id = any(channels) order by c.channel_id for no key update skip locked) h;
  if held is null then
    return 0;
  end if;
  with wrong as materialized (select w.* from core.wrong_reach_days(p_user, p_part, p_now, held, days) w),
  removed as (
    delete from core.reach_days r using wrong w
     where w.videos is null and r.user_id = p_user and r.channel_id = w.channel_id and r.day = w.day),
  written as (
    insert into core.reach_days (user_id, channel_id, day, videos, impressions, clicks)
    select p_user, w.channel_id, w.day, w.videos, w.impressions, w.clicks from wrong w where w.videos is not null
    on conflict (user_id, channel_id, day) do update
      set videos = excluded.videos, impressions = excluded.impressions, clicks = excluded.clicks)
  select count(*) into repaired from wrong;
  return repaired;
end $$;
revoke all on function core.repair_reach_days from public;

-- The views that videos published since p_from had after 48 hours, for those that are that old and have none yet. Public figures, fetched
-- without the owner's grant, may not be kept so long.
drop procedure if exists core.set_views_48h(timestamptz, timestamptz);
create or replace procedure core.set_views_48h(p_from timestamptz, p_now timestamptz, p_user uuid default null, p_videos text[] default null)
language sql set search_path = pg_catalog, pg_temp
as $$
  update core.video_totals t
     set views_48h = round(a.views + (b.views - a.views)
                           * coalesce(extract(epoch from t.published_at + interval '48 hours' - a.observed_at)
                                      / nullif(extract(epoch from b.observed_at - a.observed_at), 0), 0)),
         updated_at = p_now
    from core.video_totals due
   cross join lateral (select s.views, s.observed_at from core.video_statistics s
                        where s.user_id = due.user_id and s.video_id = due.video_id and s.without_grant is not true
                          and s.observed_at <= due.published_at + interval '48 hours'
                          and s.observed_at >= due.published_at + interval '36 hours'
                        order by s.observed_at desc limit 1) a
   cross join lateral (select s.views, s.observed_at from core.video_statistics s
                        where s.user_id = due.user_id and s.video_id = due.video_id and s.without_grant is not true
                          and s.observed_at >= due.published_at + interval '48 hours'
                          and s.observed_at <= due.published_at + interval '60 hours'
                        order by s.observed_at limit 1) b
   where t.user_id = due.user_id and t.video_id = due.video_id and due.views_48h is null
     and due.published_at >= p_from and due.published_at <= p_now - interval '48 hours'
     and b.observed_at - a.observed_at <= interval '12 hours'
     and (p_user is null or due.user_id = p_user) and (p_videos is null or due.video_id = any(p_videos))
$$;
revoke all on procedure core.set_views_48h from public;

reset role;

-- As core.maintain, these go over all users' rows, and so run as the administrator. Each is a transaction of its own, so that no channel is held
-- until all are done.
create or replace function app.set_views_48h(p_now timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s'
as $$
declare
  at timestamptz := sec.limited_time(p_now);
begin
  if pg_try_advisory_xact_lock(hashtext('ytempire.set_views_48h')) then
    call core.set_views_48h(at - interval '5 days', at);
  end if;
end $$;

-- Once a Pacific day.
create or replace function app.is_rollup_check_due(p_now timestamptz) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select not exists (select from core.rollup_checks c
                      where c.checked_at >= date_trunc('day', sec.limited_time(p_now) at time zone 'America/Los_Angeles')
                                            at time zone 'America/Los_Angeles')
$$;

-- Which tenths of the videos are to be looked at now.
create or replace function app.list_rollup_parts(p_now timestamptz) returns integer[]
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select case when p.part is null then array[0, 1, 2, 3, 4, 5, 6, 7, 8, 9] else array[p.part] end
    from core.rollup_part(sec.limited_time(p_now)) p (part)
$$;

create or replace function app.list_rollup_users() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select distinct c.user_id from core.channels c where c.user_id not in (select f.user_id from sec.rollup_fills f) order by c.user_id $$;

-- Of one user and a tenth of the videos, so that a transaction is short; of all, as the version before asks. The n-th video is of the n-th channel.
drop function if exists app.list_wrong_rollups(timestamptz);
create or replace function app.list_wrong_rollups(p_now timestamptz, p_user uuid default null, p_part integer default null)
returns table (user_id uuid, channel_ids text[], video_ids text[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select w.user_id, array_agg(w.channel_id), array_agg(w.video_id)
    from core.wrong_rollups(coalesce(p_part, core.rollup_part(sec.limited_time(p_now))), p_user) w group by w.user_id order by w.user_id
$$;

create or replace function app.repair_rollups(p_user_id uuid, p_channel_ids text[], p_video_ids text[], p_now timestamptz) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s'
as $$ select core.repair_rollups(p_user_id, p_channel_ids, p_video_ids, sec.limited_time(p_now)) $$;

-- Answers how many days of the user's channels were wrong.
create or replace function app.repair_reach_days(p_user_id uuid, p_part integer, p_now timestamptz) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s'
as $$ select core.repair_reach_days(p_user_id, p_part, sec.limited_time(p_now)) $$;

-- Answers how many videos were looked at.
create or replace function app.note_rollup_check(p_now timestamptz, p_repaired bigint, p_postponed bigint) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$ select (core.note_rollup_check(sec.limited_time(p_now), p_repaired, p_postponed)).videos $$;

-- Fills the rollups of so many videos at most that were stored before there were rollups, the newest of a user first; to be called until it
-- answers 0. What is left is in the database, so that whoever comes next goes on with it. A sum that does not fit is left to the daily check.
create or replace function app.fill_rollups(p_now timestamptz, p_limit integer) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '10s'
as $$
declare
  at timestamptz := sec.limited_time(p_now);
  candidate uuid;
  fill sec.rollup_fills;
  channels text[];
  ids text[];
begin
  for candidate in select f.user_id from sec.rollup_fills f order by f.user_id loop
    -- The user first, as whoever erases one: in another order the two could wait for each other.
    perform from core.users u where u.user_id = candidate for key share skip locked;
    continue when not found;
    -- Another replica fills another user's.
    select * into fill from sec.rollup_fills f where f.user_id = candidate for update skip locked;
    exit when found;
  end loop;
  if fill.user_id is null then
    return 0;
  end if;
  if not fill.is_listed then
    insert into sec.rollup_fill_videos (user_id, video_id, channel_id, published_at)
    select fill.user_id, v.video_id, v.channel_id, v.published_at from core.videos v where v.user_id = fill.user_id
    on conflict do nothing;
    insert into sec.rollup_fill_videos (user_id, video_id, channel_id)
    select distinct on (d.video_id) fill.user_id, d.video_id, d.channel_id from core.video_days d where d.user_id = fill.user_id
    on conflict do nothing;
    update sec.rollup_fills f set is_listed = true where f.user_id = fill.user_id;
    return 1;
  end if;

  with newest as (
    select w.video_id from sec.rollup_fill_videos w
     where w.user_id = fill.user_id order by w.published_at desc nulls last, w.video_id limit p_limit),
  taken as (
    delete from sec.rollup_fill_videos w using newest n
     where w.user_id = fill.user_id and w.video_id = n.video_id
    returning w.channel_id, w.video_id)
  select array_agg(t.channel_id), array_agg(t.video_id) into channels, ids from taken t;
  if ids is null then
    delete from sec.rollup_fills f where f.user_id = fill.user_id;
    return 1;
  end if;
  -- Here a batch that holds a channel is waited for.
  perform from core.channels c where c.user_id = fill.user_id and c.channel_id = any(channels) order by c.channel_id for no key update;
  begin
    perform core.repair_rollups(fill.user_id, channels, ids, at);
    call core.set_views_48h('-infinity', at, fill.user_id, ids);
  exception when data_exception then
    -- Of one video; the others fit.
    for i in 1 .. cardinality(ids) loop
      begin
        perform core.repair_rollups(fill.user_id, channels[i:i], ids[i:i], at);
        call core.set_views_48h('-infinity', at, fill.user_id, ids[i:i]);
      exception when data_exception then
        raise warning 'rollups of a video of user % cannot be filled: %', fill.user_id, sqlerrm;
      end;
    end loop;
  end;
  return cardinality(ids);
end $$;

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'app'::regnamespace
              and p.proname in ('fill_rollups', 'list_rollup_parts', 'list_rollup_users', 'set_views_48h', 'is_rollup_check_due', 'list_wrong_rollups', 'repair_rollups', 'repair_reach_days', 'note_rollup_check') loop
    execute format('revoke all on function %s from public, ytempire_app', f);
    execute format('grant execute on function %s to ytempire_operator', f);
  end loop;
end $$;
