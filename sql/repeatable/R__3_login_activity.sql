-- The processor's share of tenants' database logins. PostgreSQL cannot limit what a login computes, and a login can lift the settings that it has.
-- So it is observed, several times a second, which statements compute, and a user whose statements compute too much has a pause.
grant select, insert, update, delete on sec.tenant_activity to ytempire_provisioner;
grant create on schema app to ytempire_provisioner;
set role ytempire_provisioner;

-- Observes what each user's logins compute, ends the sessions of those who are beyond their limits and refuses their logins for a while, and ends
-- pauses that are over. p_seconds: since this sidecar observed before. Returns the users who have to pause from now on. Statements that wait, be it for
-- a lock, their client or a disk, do not count; parallel workers do. Where more statements compute than there are processors, each counts for its part
-- of one, so that no user pays for the load of others. An error of a statement's length at most: what is observed counts since before.
create or replace function app.observe_tenant_activity(p_now timestamptz, p_seconds numeric)
returns table (user_id uuid, paused_until timestamptz)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s'
as $$
declare
  limits sec.tenant_limits := (select l from sec.tenant_limits l);
  at timestamptz;
  over record;
  login name;
begin
  -- Another replica is at it.
  if not pg_try_advisory_xact_lock(7365902184418) then
    return;
  end if;

  at := sec.activity_time(p_now);
  -- The clock was set back.
  update sec.tenant_activity a set observed_at = at where a.observed_at > at;

  -- app.enforce_tenant_limits lets the logins in again. A pause never lasts longer than the longest, also when the clock was set back.
  update sec.tenant_activity a set is_paused = false, paused_until = least(a.paused_until, at)
   where (a.is_paused and a.paused_until <= at) or a.paused_until > at + limits.max_pause_seconds * interval '1 second';

  insert into sec.tenant_activity as a (user_id, busy, parallel, observed_at)
  select c.user_id, c.processors * p_seconds, greatest(0, c.processors - 1) * p_seconds, at
    from (select l.user_id, count(*) / greatest(1, sum(count(*)) over () / limits.processors) as processors
            from pg_stat_activity s
            -- What the probe of isolation computes is not the user's doing.
            join sec.login_role l on l.role_name = s.usename and l.kind = 'tenant' and l.probe_since is null
           where s.state in ('active', 'fastpath function call') and s.wait_event_type is null
           group by l.user_id) c
  on conflict on constraint tenant_activity_pkey do update
    -- Since another replica observed, if that was later.
    set busy = greatest(0, a.busy - limits.busy_share * greatest(0, extract(epoch from at - a.observed_at)))
               + excluded.busy * least(1, greatest(0, extract(epoch from at - a.observed_at)) / nullif(p_seconds, 0)),
        parallel = greatest(0, a.parallel - limits.parallel_share * greatest(0, extract(epoch from at - a.observed_at)))
                   + excluded.parallel * least(1, greatest(0, extract(epoch from at - a.observed_at)) / nullif(p_seconds, 0)),
        observed_at = at;

  for over in
    update sec.tenant_activity a
       set is_paused = true,
           pauses = case when a.paused_until > at - limits.max_pause_seconds * interval '1 second' then least(a.pauses, 20) + 1 else 1 end,
           paused_until = at + interval '1 second'
                          * least(limits.max_pause_seconds,
                                  limits.pause_seconds * 2 ^ case when a.paused_until > at - limits.max_pause_seconds * interval '1 second'
                                                                  then least(a.pauses, 20) else 0 end),
           busy = 0, parallel = 0
     where not a.is_paused and a.observed_at = at
           -- Who had to pause lately has half of the time, and then half of that.
       and (a.busy > limits.busy_seconds / 2 ^ least(a.pauses, 3) or a.parallel > limits.parallel_seconds / 2 ^ least(a.pauses, 3))
    returning a.user_id, a.paused_until
  loop
    user_id := over.user_id;
    paused_until := over.paused_until;
    return next;
  end loop;

  -- Logins that connected just before they were refused, too.
  perform pg_terminate_backend(s.pid)
     from pg_stat_activity s
     join sec.login_role l on l.role_name = s.usename and l.kind = 'tenant'
     join sec.tenant_activity a on a.user_id = l.user_id and a.is_paused;
  for login in
    select l.role_name
      from sec.tenant_activity a
      join sec.login_role l on l.user_id = a.user_id and l.kind = 'tenant'
      join pg_roles r on r.rolname = l.role_name
     where a.is_paused and r.rolconnlimit <> 0
  loop
    begin
      execute format('alter role %I connection limit 0', login);
    exception when others then
      -- Its own transaction held the role, and has just been ended: the next time.
      raise debug '% is not paused yet: %', login, sqlerrm;
    end;
  end loop;

  delete from sec.tenant_activity a
   where not a.is_paused and a.busy <= limits.busy_share * extract(epoch from at - a.observed_at)
     and a.parallel <= limits.parallel_share * extract(epoch from at - a.observed_at)
     and coalesce(a.paused_until, '-infinity') < at - limits.max_pause_seconds * interval '1 second'
     and a.observed_at < at - interval '1 minute';
end $$;

reset role;
revoke all on function app.observe_tenant_activity from public;
grant execute on function app.observe_tenant_activity to ytempire_operator;
revoke create on schema app from ytempire_provisioner;
