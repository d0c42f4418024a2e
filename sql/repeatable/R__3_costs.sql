-- Prices, the platform's costs, providers' totals; and what a month's videos of the tenant cost, beside the limits.
grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- The price of a unit at a moment: the model's own, or else that of all models of the provider.
create or replace function app.price_at(p_provider text, p_model text, p_unit text, p_at timestamptz) returns table (usd numeric, per integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select x.usd, x.per from core.prices x
   where x.provider = p_provider and x.unit = p_unit and x.model in (coalesce(p_model, ''), '') and x.valid_from <= (p_at at time zone 'UTC')::date
   order by x.model <> '' desc, x.valid_from desc limit 1
$$;

-- Without a bound, as they were before.
drop function if exists app.list_prices(), app.list_platform_costs(), app.list_provider_totals();

-- Lists begin after a key, a day and the other parts; null: with the first row.
create or replace function app.list_prices(p_day date, p_names text[], p_limit integer)
returns table (provider text, model text, unit text, valid_from date, usd numeric, per integer)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select x.provider, nullif(x.model, ''), x.unit, x.valid_from, x.usd, x.per from core.prices x
   where p_day is null or (x.provider, x.model, x.unit) > (p_names[1], p_names[2], p_names[3])
      or ((x.provider, x.model, x.unit) = (p_names[1], p_names[2], p_names[3]) and x.valid_from < p_day)
   order by x.provider, x.model, x.unit, x.valid_from desc limit p_limit
$$;

-- False: there is another price of the same day.
create or replace function app.add_price(p_provider text, p_model text, p_unit text, p_valid_from date, p_usd numeric, p_per integer) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.prices (provider, model, unit, valid_from, usd, per)
  values (p_provider, coalesce(p_model, ''), p_unit, p_valid_from, p_usd, p_per) on conflict do nothing;
  select x.usd = p_usd and x.per = p_per from core.prices x
   where x.provider = p_provider and x.model = coalesce(p_model, '') and x.unit = p_unit and x.valid_from = p_valid_from
$$;

create or replace function app.delete_price(p_provider text, p_model text, p_unit text, p_valid_from date) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with deleted as (
    delete from core.prices x
     where x.provider = p_provider and x.model = coalesce(p_model, '') and x.unit = p_unit and x.valid_from = p_valid_from returning 1)
  select exists (select from deleted)
$$;

create or replace function app.list_platform_costs(p_day date, p_names text[], p_limit integer)
returns table (month text, category text, usd numeric, allocated_at timestamptz, videos bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select to_char(p.month, 'YYYY-MM'), p.category, p.usd, p.allocated_at, p.videos from core.platform_costs p
   where p_day is null or p.month < p_day or (p.month = p_day and p.category > p_names[1])
   order by p.month desc, p.category limit p_limit
$$;

-- False: the month is booked already, with another amount.
create or replace function app.record_platform_cost(p_month date, p_category text, p_usd numeric) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.platform_costs as p (month, category, usd) values (p_month, p_category, p_usd)
  on conflict (month, category) do update set usd = excluded.usd where p.allocated_at is null;
  select p.usd = p_usd from core.platform_costs p where p.month = p_month and p.category = p_category
$$;

-- Holds the costs of the oldest month before this one that is not booked, for one replica; none: nothing is due.
create or replace function app.hold_platform_costs(p_before date) returns table (month date, category text, usd numeric)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  select p.month, p.category, p.usd from core.platform_costs p
   where p.allocated_at is null
     and p.month = (select min(d.month) from core.platform_costs d where d.allocated_at is null and d.month < p_before)
   order by p.category for update of p
$$;

-- Ends the categories that were held; one that was recorded since is due by itself.
drop function if exists app.end_platform_costs(date, timestamptz, bigint);
create or replace function app.end_platform_costs(p_month date, p_categories text[], p_at timestamptz, p_videos bigint) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.platform_costs set allocated_at = p_at, videos = p_videos
   where month = p_month and category = any(p_categories) and allocated_at is null
$$;

create or replace function app.record_provider_total(p_provider text, p_month date, p_unit text, p_total numeric, p_ledger numeric, p_at timestamptz)
returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.provider_totals (provider, month, unit, total, ledger, checked_at)
  values (p_provider, p_month, p_unit, p_total, p_ledger, p_at)
  on conflict (provider, month, unit) do update set total = excluded.total, ledger = excluded.ledger, checked_at = excluded.checked_at
$$;

create or replace function app.list_provider_totals(p_day date, p_names text[], p_limit integer)
returns table (provider text, month text, unit text, total numeric, ledger numeric, checked_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select x.provider, to_char(x.month, 'YYYY-MM'), x.unit, x.total, x.ledger, x.checked_at
    from core.provider_totals x
   where p_day is null or x.month < p_day or (x.month = p_day and (x.provider, x.unit) > (p_names[1], p_names[2]))
   order by x.month desc, x.provider, x.unit limit p_limit
$$;

reset role;
revoke create on schema app from ytempire_directory;

do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name, p.proname from pg_proc p
            where p.pronamespace = 'app'::regnamespace
              and p.proname in ('price_at', 'list_prices', 'add_price', 'delete_price', 'list_platform_costs', 'record_platform_cost', 'hold_platform_costs',
                                'end_platform_costs', 'record_provider_total', 'list_provider_totals') loop
    execute format('revoke all on function %s from public, ytempire_app', f.name);
    -- What a booking asks is the first login's; the rest is the platform's.
    execute format('grant execute on function %s to %I', f.name, case when f.proname = 'price_at' then 'ytempire_app' else 'ytempire_operator' end);
  end loop;
end $$;

set role ytempire_owner;

-- The groups of costs that have a limit per video, and the limits in USD.
create or replace function analytics.cost_limits() returns table (cost_group text, limit_usd numeric)
language sql immutable
as $$ values ('data', 0.65), ('ai', 1.50), ('platform', 0.85), ('total', 3.00) $$;

create or replace function analytics.cost_group(p_category text) returns text
language sql immutable
as $$
  select case when p_category in ('compute', 'storage', 'api-quota', 'monitoring') then 'data'
              when p_category in ('text', 'voice', 'video-processing', 'other-ai') then 'ai'
              else 'platform' end
$$;

-- The series of a chart of analytics.cost_per_video: the categories in words, and the limits of a whole video and of the group data in each week that
-- has costs.
create or replace function analytics.cost_per_video_series(p_channels text[] default null)
returns table (week date, metric text, value numeric)
language sql stable
as $$
  with costs as materialized (select c.week, c.category, c.cost_usd from analytics.cost_per_video(p_channels) c)
  select c.week, upper(left(c.category, 1)) || replace(substr(c.category, 2), '-', ' '), c.cost_usd from costs c
   union all
  select w.week, case l.cost_group when 'total' then 'Limit of a video' else 'Limit of the platform''s share' end, l.limit_usd
    from (select distinct c.week from costs c) w
    join analytics.cost_limits() l on l.cost_group in ('total', 'data')
$$;

-- The name of analytics.cost_per_video_series in dashboards that a sidecar of the version before provisions; goes with the release after the first.
create or replace function analytics.cost_per_video_lines(p_channels text[] default null)
returns table (week date, metric text, value numeric)
language sql stable
as $$ select s.week, s.metric, s.value from analytics.cost_per_video_series(p_channels) s $$;

-- The videos that were published in a Pacific month, with what each costs by group; null: nothing is booked.
create or replace function analytics.month_video_costs(p_month date)
returns table (video_id text, channel_id text, published date, data_usd numeric, ai_usd numeric, platform_usd numeric, cost_usd numeric)
language sql stable
as $$
  with costs as materialized (
    select e.video_id, sum(e.cost_usd) filter (where analytics.cost_group(e.category) = 'data') as data_usd,
           sum(e.cost_usd) filter (where analytics.cost_group(e.category) = 'ai') as ai_usd,
           sum(e.cost_usd) filter (where analytics.cost_group(e.category) = 'platform') as platform_usd, sum(e.cost_usd) as cost_usd
      from analytics.video_cost_entries(null) e
     where e.published >= p_month and e.published < (p_month + interval '1 month')::date group by e.video_id)
  select t.video_id, t.channel_id, analytics.pacific_day(t.published_at), c.data_usd, c.ai_usd, c.platform_usd, c.cost_usd
    from analytics.video_totals t left join costs c on c.video_id = t.video_id
   where t.published_at >= p_month::timestamp at time zone 'America/Los_Angeles'
     and t.published_at < (p_month + interval '1 month') at time zone 'America/Los_Angeles'
$$;

-- What the videos of each of these Pacific months (their first days) cost on average by group, beside the limits: four rows a month. The ledger is
-- read once, however many months are asked for.
create or replace function analytics.cost_groups_by_month(p_months date[])
returns table (month date, cost_group text, videos bigint, cost_usd numeric, cost_per_video_usd numeric, limit_usd numeric, is_passed boolean)
language sql stable
as $$
  with published as materialized (
    select date_trunc('month', analytics.pacific_day(t.published_at)::timestamp)::date as month, count(*) as videos
      from analytics.video_totals t where t.published_at is not null group by 1),
  booked as materialized (
    select date_trunc('month', e.published::timestamp)::date as month, sum(e.cost_usd) as total,
           sum(e.cost_usd) filter (where analytics.cost_group(e.category) = 'data') as data,
           sum(e.cost_usd) filter (where analytics.cost_group(e.category) = 'ai') as ai,
           sum(e.cost_usd) filter (where analytics.cost_group(e.category) = 'platform') as platform
      from analytics.video_cost_entries(null) e
     where date_trunc('month', e.published::timestamp)::date = any(p_months) group by 1)
  select m.month, l.cost_group, coalesce(p.videos, 0), g.usd, round(g.usd / nullif(p.videos, 0), 4), l.limit_usd,
         coalesce(g.usd > l.limit_usd * p.videos, false)
    from (select distinct x as month from unnest(p_months) x) m
   cross join analytics.cost_limits() l
    left join published p on p.month = m.month
    left join booked b on b.month = m.month
   cross join lateral (select case l.cost_group when 'data' then b.data when 'ai' then b.ai when 'platform' then b.platform else b.total end as usd) g
   order by m.month, array_position(array['data', 'ai', 'platform', 'total'], l.cost_group)
$$;

-- The same of one month.
create or replace function analytics.month_cost_groups(p_month date)
returns table (cost_group text, videos bigint, cost_usd numeric, cost_per_video_usd numeric, limit_usd numeric, is_passed boolean)
language sql stable
as $$
  select g.cost_group, g.videos, g.cost_usd, g.cost_per_video_usd, g.limit_usd, g.is_passed from analytics.cost_groups_by_month(array[p_month]) g
$$;

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p
            where p.pronamespace = 'analytics'::regnamespace and p.proname in ('cost_limits', 'cost_group', 'cost_per_video_series', 'cost_per_video_lines', 'month_video_costs', 'cost_groups_by_month',
                                                                                'month_cost_groups') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ytempire_app, ytempire_reader', f);
  end loop;
end $$;

reset role;
