-- Reports by mail: the tenant's recipients and runs, and which users are to be looked at.
set role ytempire_owner;

call core.replace_view('analytics.report_recipients', $$
select user_id, recipient_id, email, created_at, verified_at, verification_due_at, verification_sent_at, verification_error, unsubscribed_kinds,
       verification_attempts
  from core.report_recipients where user_id = (select sec.tenant())
$$);
comment on view analytics.report_recipients is 'One row an address to which reports are mailed.';

call core.replace_view('analytics.report_runs', $$
select user_id, kind, period, due_at, claimed_at, leased_until, attempts, sent_at, last_error
  from core.report_runs where user_id = (select sec.tenant())
$$);
comment on view analytics.report_runs is 'One row a report that was sent or tried. period: the local date on which it was due.';

call core.replace_view('analytics.report_deliveries', $$
select user_id, kind, period, recipient_id, state, at, reason
  from core.report_deliveries where user_id = (select sec.tenant())
$$);
comment on view analytics.report_deliveries is 'One row a report and recipient: sent, or refused by the mail server for good.';

do $$
declare
  v text;
begin
  foreach v in array '{report_recipients,report_runs,report_deliveries}'::text[] loop
    execute format('revoke all on analytics.%I from ytempire_app, ytempire_reader', v);
    execute format('alter view analytics.%I alter column user_id set default nullif(left(current_setting(''app.tenant_id'', true), 36), '''')::uuid', v);
    execute format('grant select on analytics.%I to ytempire_reader', v);
  end loop;
end $$;
grant select, delete, insert (email, created_at, verification_due_at), update (verified_at, verification_due_at, verification_sent_at, verification_error, verification_attempts, unsubscribed_kinds)
  on analytics.report_recipients to ytempire_app;
grant select, insert (kind, period, due_at, claimed_at, leased_until), update (claimed_at, leased_until, attempts, sent_at, last_error)
  on analytics.report_runs to ytempire_app;
grant select, insert (kind, period, recipient_id, state, at, reason) on analytics.report_deliveries to ytempire_app;
reset role;

grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- Active users who have somebody to receive a report.
create or replace function app.list_report_users() returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select u.user_id from core.users u
   where u.is_active and exists (select from core.report_recipients r where r.user_id = u.user_id and r.verified_at is not null)
   order by u.user_id
$$;

-- Users for whom a mail with a link to verify an address is due.
create or replace function app.list_verification_users(p_now timestamptz, p_limit integer) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select r.user_id from core.report_recipients r join core.users u on u.user_id = r.user_id and u.is_active
   where r.verification_due_at <= p_now and r.verified_at is null
   group by r.user_id order by min(r.verification_due_at) limit p_limit
$$;
revoke all on function app.list_report_users, app.list_verification_users from public;
grant execute on function app.list_report_users, app.list_verification_users to ytempire_app;

reset role;
revoke create on schema app from ytempire_directory;
