-- The ledger of Google's quota. Only these functions touch its tables; no user's data is in them.
-- Everything locks in one order: a window, its accounts by name, reservations, borrowings, hours.
set role ytempire_owner;

-- Opens a window if need be, and answers its accounts, locked until the transaction ends.
create or replace function app.quota_lock(p_bucket text, p_starts_at timestamptz, p_ends_at timestamptz, p_units bigint)
returns table (account text, allotted bigint, taken bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into core.quota_windows as w (bucket, starts_at, ends_at, units) values (p_bucket, p_starts_at, p_ends_at, p_units)
  on conflict on constraint quota_windows_pkey do update set units = excluded.units;
  return query
    select a.account, a.allotted, a.spent + a.held from core.quota_accounts a
     where a.bucket = p_bucket and a.starts_at = p_starts_at order by a.account for update;
end $$;
revoke all on function app.quota_lock from public;
grant execute on function app.quota_lock to ytempire_app;

-- What each account may take from now on; never less than it has taken.
create or replace function app.quota_allot(p_bucket text, p_starts_at timestamptz, p_accounts text[], p_allotted bigint[]) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.quota_accounts as a (bucket, starts_at, account, allotted)
  select p_bucket, p_starts_at, wanted.account, wanted.allotted
    from unnest(p_accounts, p_allotted) as wanted (account, allotted) order by wanted.account
  on conflict (bucket, starts_at, account) do update set allotted = greatest(excluded.allotted, a.spent + a.held)
$$;
revoke all on function app.quota_allot from public;
grant execute on function app.quota_allot to ytempire_app;

-- What accounts may still take; none of them where the window is not open yet.
create or replace function app.quota_left(p_bucket text, p_starts_at timestamptz, p_accounts text[])
returns table (account text, units_left bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select a.account, case when w.closed_at is null then a.allotted - a.spent - a.held else 0 end
    from core.quota_accounts a join core.quota_windows w using (bucket, starts_at)
   where a.bucket = p_bucket and a.starts_at = p_starts_at and a.account = any (p_accounts)
$$;
revoke all on function app.quota_left from public;
grant execute on function app.quota_left to ytempire_app;

-- What accounts that have a limit each may still take, of a window whose units nobody shares; those that are not there yet, and the window, are
-- opened. Waits for whoever opens the same window or account at the same time, and for nobody who takes units.
create or replace function app.quota_open(p_bucket text, p_starts_at timestamptz, p_ends_at timestamptz, p_units bigint, p_accounts text[])
returns table (account text, units_left bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into core.quota_windows (bucket, starts_at, ends_at, units) values (p_bucket, p_starts_at, p_ends_at, p_units)
  on conflict on constraint quota_windows_pkey do nothing;
  insert into core.quota_accounts (bucket, starts_at, account, allotted)
  select p_bucket, p_starts_at, name, p_units from unnest(p_accounts) as name order by name
  on conflict on constraint quota_accounts_pkey do nothing;
  return query select l.account, l.units_left from app.quota_left(p_bucket, p_starts_at, p_accounts) l;
end $$;
revoke all on function app.quota_open from public;
grant execute on function app.quota_open to ytempire_app;

-- Takes units: all parts or none; what replicas of the version before call. Answers 0, or the place (from 1) of a part whose account has too little.
-- Spent at once, or held under a reservation's name until it ends.
create or replace function app.quota_take(p_payer text, p_parts jsonb, p_at timestamptz, p_reservation_id uuid, p_expires_at timestamptz)
returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  part record;
begin
  for part in
    select t.* from rows from (jsonb_to_recordset(p_parts) as (bucket text, starts_at timestamptz, account text, units bigint))
      with ordinality as t (bucket, starts_at, account, units, place)
     order by t.bucket, t.starts_at, t.account
  loop
    perform 1 from core.quota_accounts a
     where a.bucket = part.bucket and a.starts_at = part.starts_at and a.account = part.account
       and a.spent + a.held + part.units <= a.allotted
       and not exists (select from core.quota_windows w
                        where w.bucket = a.bucket and w.starts_at = a.starts_at and w.closed_at is not null)
       for no key update;
    if not found then
      return part.place;
    end if;
  end loop;

  update core.quota_accounts a
     set spent = a.spent + case when p_reservation_id is null then t.units else 0 end,
         held = a.held + case when p_reservation_id is null then 0 else t.units end
    from jsonb_to_recordset(p_parts) as t (bucket text, starts_at timestamptz, account text, units bigint)
   where a.bucket = t.bucket and a.starts_at = t.starts_at and a.account = t.account;

  if p_reservation_id is not null then
    insert into core.quota_reservations (reservation_id, bucket, starts_at, account, payer, units, expires_at)
    select p_reservation_id, t.bucket, t.starts_at, t.account, p_payer, t.units, p_expires_at
      from jsonb_to_recordset(p_parts) as t (bucket text, starts_at timestamptz, account text, units bigint);
  end if;
  perform core.quota_note(p_payer, p_parts, p_at, 1);
  return 0;
end $$;
revoke all on function app.quota_take from public;
grant execute on function app.quota_take to ytempire_app;

-- Takes units for many calls in one transaction, each as quota_take does: all its parts or none, in the order given, so that a later take sees what
-- an earlier one left. Answers 0 for each take, or the place (from 1) of a part whose account has too little.
-- A take that was granted before, under the same id, is answered 0 and nothing is taken for it.
-- The arrays of takes have one element for each take; those of parts one for each part, p_part_takes saying (from 1, ascending) whose it is.
create or replace function app.quota_take_all(
  p_take_ids uuid[], p_payers text[], p_reservation_ids uuid[], p_expires_at timestamptz[],
  p_part_takes integer[], p_buckets text[], p_starts_at timestamptz[], p_accounts text[], p_units bigint[], p_at timestamptz) returns integer[]
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  answers integer[] := array_fill(0, array[cardinality(p_take_ids)]);
  granted integer[] := '{}';
  was_granted boolean[];
  account_of integer[]; -- of each part, its account's place in units_left
  units_left bigint[];
  part integer := 1;
  first_part integer;
begin
  -- All accounts at once and in order: one take after the other could meet somebody who comes the other way.
  perform 1 from core.quota_accounts a
   where (a.bucket, a.starts_at, a.account) in (select * from unnest(p_buckets, p_starts_at, p_accounts))
   order by a.bucket, a.starts_at, a.account for no key update;

  -- Whoever granted one of these takes before held the same locks, and has ended.
  select array_agg(k.take_id is not null order by t.take) into was_granted
    from unnest(p_take_ids) with ordinality as t (take_id, take) left join core.quota_takes k using (take_id);

  with parts as (
    select p.place, dense_rank() over (order by p.bucket, p.starts_at, p.account) as account_of, p.bucket, p.starts_at, p.account
      from unnest(p_buckets, p_starts_at, p_accounts) with ordinality as p (bucket, starts_at, account, place)
  ), accounts as (
    select p.account_of, max(case when w.closed_at is null then a.allotted - a.spent - a.held end) as units_left
      from parts p
      left join core.quota_accounts a using (bucket, starts_at, account)
      left join core.quota_windows w using (bucket, starts_at)
     group by p.account_of
  )
  select (select array_agg(p.account_of order by p.place) from parts p),
         (select array_agg(coalesce(a.units_left, 0) order by a.account_of) from accounts a)
    into account_of, units_left;

  for take in 1 .. cardinality(p_take_ids) loop
    first_part := part;
    while part <= cardinality(p_units) and p_part_takes[part] = take loop
      if answers[take] = 0 and not was_granted[take] then
        if units_left[account_of[part]] < p_units[part] then
          answers[take] := part - first_part + 1;
          for earlier in first_part .. part - 1 loop
            units_left[account_of[earlier]] := units_left[account_of[earlier]] + p_units[earlier];
          end loop;
        else
          units_left[account_of[part]] := units_left[account_of[part]] - p_units[part];
        end if;
      end if;
      part := part + 1;
    end loop;
    if answers[take] = 0 and not was_granted[take] then
      granted := granted || take;
    end if;
  end loop;
  if cardinality(granted) = 0 then
    return answers;
  end if;

  update core.quota_accounts a
     set spent = a.spent + t.spent, held = a.held + t.held
    from (select p.bucket, p.starts_at, p.account,
                 coalesce(sum(p.units) filter (where p_reservation_ids[p.take] is null), 0) as spent,
                 coalesce(sum(p.units) filter (where p_reservation_ids[p.take] is not null), 0) as held
            from unnest(p_part_takes, p_buckets, p_starts_at, p_accounts, p_units) as p (take, bucket, starts_at, account, units)
           where p.take = any (granted)
           group by p.bucket, p.starts_at, p.account) t
   where a.bucket = t.bucket and a.starts_at = t.starts_at and a.account = t.account;

  insert into core.quota_reservations (reservation_id, bucket, starts_at, account, payer, units, expires_at)
  select p_reservation_ids[p.take], p.bucket, p.starts_at, p.account, p_payers[p.take], p.units, p_expires_at[p.take]
    from unnest(p_part_takes, p_buckets, p_starts_at, p_accounts, p_units) as p (take, bucket, starts_at, account, units)
   where p.take = any (granted) and p_reservation_ids[p.take] is not null;

  -- As quota_note, in the same order.
  insert into core.quota_borrowings as b (bucket, starts_at, payer, units)
  select p.bucket, p.starts_at, p_payers[p.take], sum(p.units)
    from unnest(p_part_takes, p_buckets, p_starts_at, p_accounts, p_units) as p (take, bucket, starts_at, account, units)
   where p.take = any (granted) and p.account in ('common', 'interactive')
   group by p.bucket, p.starts_at, p_payers[p.take] order by 1, 2, 3
  on conflict (bucket, starts_at, payer) do update set units = b.units + excluded.units;

  insert into core.quota_hours as h (bucket, hour, units)
  select p.bucket, date_trunc('hour', p_at), sum(p.units)
    from unnest(p_part_takes, p_buckets, p_units) as p (take, bucket, units)
   where p.take = any (granted)
   group by p.bucket order by p.bucket
  on conflict (bucket, hour) do update set units = h.units + excluded.units;

  insert into core.quota_takes (take_id, taken_at) select p_take_ids[take], p_at from unnest(granted) as take;
  return answers;
end $$;
revoke all on function app.quota_take_all from public;
grant execute on function app.quota_take_all to ytempire_app;

-- Gives units back that were taken and that Google was never asked for.
create or replace function app.quota_give_back(p_payer text, p_parts jsonb, p_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform 1 from core.quota_accounts a
    join jsonb_to_recordset(p_parts) as t (bucket text, starts_at timestamptz, account text, units bigint) using (bucket, starts_at, account)
   order by a.bucket, a.starts_at, a.account for no key update of a;
  update core.quota_accounts a
     set spent = a.spent - least(a.spent, t.units)
    from jsonb_to_recordset(p_parts) as t (bucket text, starts_at timestamptz, account text, units bigint)
   where a.bucket = t.bucket and a.starts_at = t.starts_at and a.account = t.account;
  perform core.quota_note(p_payer, p_parts, p_at, -1);
end $$;
revoke all on function app.quota_give_back from public;
grant execute on function app.quota_give_back to ytempire_app;

-- Who borrowed, and how fast units go.
create or replace function core.quota_note(p_payer text, p_parts jsonb, p_at timestamptz, p_sign integer) returns void
language sql set search_path = pg_catalog, pg_temp
as $$
  insert into core.quota_borrowings as b (bucket, starts_at, payer, units)
  select t.bucket, t.starts_at, p_payer, p_sign * sum(t.units)
    from jsonb_to_recordset(p_parts) as t (bucket text, starts_at timestamptz, account text, units bigint)
   where t.account in ('common', 'interactive')
   group by t.bucket, t.starts_at order by t.bucket
  on conflict (bucket, starts_at, payer) do update set units = b.units + excluded.units;

  insert into core.quota_hours as h (bucket, hour, units)
  select t.bucket, date_trunc('hour', p_at), p_sign * sum(t.units)
    from jsonb_to_recordset(p_parts) as t (bucket text, starts_at timestamptz, account text, units bigint)
   group by t.bucket order by t.bucket
  on conflict (bucket, hour) do update set units = h.units + excluded.units;
$$;
revoke all on function core.quota_note from public;

-- Ends a reservation: so many of its units were spent, the rest goes back. Answers what it had held, by account; nothing when there is none.
create or replace function app.quota_settle(p_reservation_id uuid, p_spent bigint, p_at timestamptz)
returns table (bucket text, starts_at timestamptz, account text, payer text, units bigint, returned bigint)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  part record;
  unspent bigint;
  left_to_spend bigint := p_spent;
begin
  perform 1 from core.quota_accounts a join core.quota_reservations r using (bucket, starts_at, account)
   where r.reservation_id = p_reservation_id order by a.bucket, a.starts_at, a.account for no key update of a;
  for part in delete from core.quota_reservations r where r.reservation_id = p_reservation_id returning r.* loop
    unspent := part.units - least(part.units, left_to_spend);
    left_to_spend := left_to_spend - (part.units - unspent);
    update core.quota_accounts a
       set held = a.held - part.units, spent = a.spent + part.units - unspent
     where a.bucket = part.bucket and a.starts_at = part.starts_at and a.account = part.account;
    if unspent > 0 then
      perform core.quota_note(part.payer,
        jsonb_build_array(jsonb_build_object('bucket', part.bucket, 'starts_at', part.starts_at, 'account', part.account, 'units', unspent)), p_at, -1);
    end if;
    return query select part.bucket, part.starts_at, part.account, part.payer, part.units, unspent;
  end loop;
end $$;
revoke all on function app.quota_settle from public;
grant execute on function app.quota_settle to ytempire_app;

-- Ends the reservations that ran out, as if nothing of them had been spent. Answers the accounts that have more now.
create or replace function app.quota_expire(p_now timestamptz) returns table (bucket text, starts_at timestamptz, account text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  ended uuid;
begin
  -- All accounts at once and in order: one reservation after the other could meet somebody who comes the other way.
  perform 1 from core.quota_accounts a
   where exists (select from core.quota_reservations r
                  where r.bucket = a.bucket and r.starts_at = a.starts_at and r.account = a.account and r.expires_at <= p_now)
   order by a.bucket, a.starts_at, a.account for no key update;
  for ended in select distinct r.reservation_id from core.quota_reservations r where r.expires_at <= p_now order by 1 loop
    return query select s.bucket, s.starts_at, s.account from app.quota_settle(ended, 0, p_now) s;
  end loop;
  delete from core.quota_takes k
   using (select o.take_id from core.quota_takes o where o.taken_at < sec.limited_time(p_now) - interval '1 hour' limit 50000 for update skip locked) old
   where k.take_id = old.take_id;
end $$;
revoke all on function app.quota_expire from public;
grant execute on function app.quota_expire to ytempire_app;

create or replace function app.quota_find_reservation(p_reservation_id uuid)
returns table (bucket text, starts_at timestamptz, payer text, units bigint, expires_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select r.bucket, r.starts_at, r.payer, sum(r.units)::bigint, r.expires_at from core.quota_reservations r
   where r.reservation_id = p_reservation_id group by r.bucket, r.starts_at, r.payer, r.expires_at
$$;
revoke all on function app.quota_find_reservation from public;
grant execute on function app.quota_find_reservation to ytempire_app;

-- Google says that the window is used up.
create or replace function app.quota_close(p_bucket text, p_starts_at timestamptz, p_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.quota_windows set closed_at = coalesce(closed_at, p_at) where bucket = p_bucket and starts_at = p_starts_at
$$;
revoke all on function app.quota_close from public;
grant execute on function app.quota_close to ytempire_app;

-- A window that was closed before anybody took of it, as a restore does, has no accounts: it stands by one without units.
create or replace function app.quota_standings(p_buckets text[], p_starts timestamptz[])
returns table (bucket text, starts_at timestamptz, is_closed boolean, account text, allotted bigint, spent bigint, held bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select w.bucket, w.starts_at, w.closed_at is not null, coalesce(a.account, 'common'), coalesce(a.allotted, 0), coalesce(a.spent, 0), coalesce(a.held, 0)
    from unnest(p_buckets, p_starts) as t (bucket, starts_at)
    join core.quota_windows w using (bucket, starts_at)
    left join core.quota_accounts a using (bucket, starts_at)
   where a.account is not null or w.closed_at is not null
$$;
revoke all on function app.quota_standings from public;
grant execute on function app.quota_standings to ytempire_app;

create or replace function app.quota_borrowed(p_buckets text[], p_starts timestamptz[])
returns table (bucket text, starts_at timestamptz, payer text, units bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select b.bucket, b.starts_at, b.payer, b.units
    from unnest(p_buckets, p_starts) as t (bucket, starts_at) join core.quota_borrowings b using (bucket, starts_at)
$$;
revoke all on function app.quota_borrowed from public;
grant execute on function app.quota_borrowed to ytempire_app;

create or replace function app.quota_pace(p_since timestamptz) returns table (bucket text, hour timestamptz, units bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select h.bucket, h.hour, h.units from core.quota_hours h where h.hour >= p_since $$;
revoke all on function app.quota_pace from public;
grant execute on function app.quota_pace to ytempire_app;

reset role;
