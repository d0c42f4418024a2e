-- What is still to be erased in n8n: the directory's, since no user is left whose rows these could be.
grant create on schema app to ytempire_directory;
set role ytempire_directory;

create or replace function app.request_execution_erasure(p_terms text[], p_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into core.execution_erasures (terms, requested_at, due_at, passes_left) values (p_terms, p_at, p_at, 2)
$$;
revoke all on function app.request_execution_erasure from public, ytempire_app;
grant execute on function app.request_execution_erasure to ytempire_operator;

-- Takes one that is due, which another replica may take over after the lease.
create or replace function app.claim_execution_erasure(p_now timestamptz, p_lease_until timestamptz)
returns table (erasure_id uuid, terms text[], page_cursor text)
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.execution_erasures e
     set due_at = p_lease_until
   where e.erasure_id = (select d.erasure_id from core.execution_erasures d where d.due_at <= p_now
                          order by d.due_at limit 1 for update skip locked)
  returning e.erasure_id, e.terms, e.page_cursor
$$;
revoke all on function app.claim_execution_erasure from public, ytempire_app;
grant execute on function app.claim_execution_erasure to ytempire_operator;

create or replace function app.continue_execution_erasure(p_erasure_id uuid, p_page_cursor text, p_lease_until timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.execution_erasures set page_cursor = p_page_cursor, due_at = p_lease_until where erasure_id = p_erasure_id
$$;
revoke all on function app.continue_execution_erasure from public, ytempire_app;
grant execute on function app.continue_execution_erasure to ytempire_operator;

-- What an erasure that was claimed has to try again, and how often something was.
create or replace function app.read_passed_over_executions(p_erasure_id uuid)
returns table (passes_left smallint, execution_ids text[], repeats smallint)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select e.passes_left, e.passed_over, e.repeats from core.execution_erasures e where e.erasure_id = p_erasure_id
$$;
revoke all on function app.read_passed_over_executions from public, ytempire_app;
grant execute on function app.read_passed_over_executions to ytempire_operator;

-- An execution could not be searched or deleted: it is tried again. Where there is no room to remember it, the pass is repeated.
create or replace function app.note_passed_over_execution(p_erasure_id uuid, p_execution_id text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.execution_erasures
     set is_incomplete = is_incomplete or cardinality(passed_over) >= 1000,
         passed_over = case when cardinality(passed_over) >= 1000 then passed_over else passed_over || p_execution_id end
   where erasure_id = p_erasure_id and p_execution_id <> all (passed_over)
$$;
revoke all on function app.note_passed_over_execution(uuid, text) from public, ytempire_app;
grant execute on function app.note_passed_over_execution(uuid, text) to ytempire_operator;

-- It is deleted, or does not name the user after all.
create or replace function app.forget_passed_over_execution(p_erasure_id uuid, p_execution_id text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update core.execution_erasures set passed_over = array_remove(passed_over, p_execution_id) where erasure_id = p_erasure_id
$$;
revoke all on function app.forget_passed_over_execution from public, ytempire_app;
grant execute on function app.forget_passed_over_execution to ytempire_operator;

-- For the version before, which does not say which execution it was: the pass is repeated.
create or replace function app.note_passed_over_execution(p_erasure_id uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$ update core.execution_erasures set is_incomplete = true where erasure_id = p_erasure_id $$;
revoke all on function app.note_passed_over_execution(uuid) from public, ytempire_app;
grant execute on function app.note_passed_over_execution(uuid) to ytempire_operator;

-- Ends a pass: an incomplete one is repeated; otherwise an earlier one waits until executions that ran meanwhile have ended, and the last one
-- ends the erasure, unless an execution that was passed over is left to be tried again.
create or replace function app.end_execution_erasure_pass(p_erasure_id uuid, p_next_pass_after interval, p_repeat_at timestamptz) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  delete from core.execution_erasures where erasure_id = p_erasure_id and passes_left <= 1 and not is_incomplete and passed_over = '{}';
  update core.execution_erasures
     set passes_left = case when is_incomplete then passes_left else greatest(passes_left - 1, 0) end,
         page_cursor = null,
         due_at = case when is_incomplete or passes_left <= 1 then p_repeat_at else requested_at + p_next_pass_after end,
         repeats = least(repeats + (is_incomplete or passes_left <= 1)::integer, 1000),
         is_incomplete = false
   where erasure_id = p_erasure_id;
$$;
revoke all on function app.end_execution_erasure_pass from public, ytempire_app;
grant execute on function app.end_execution_erasure_pass to ytempire_operator;
drop function if exists app.end_execution_erasure_pass(uuid, interval);

-- Gives up what did not end within 30 days: its terms name a user who asked to be forgotten.
create or replace function app.sweep_execution_erasures(p_now timestamptz) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with swept as (
    delete from core.execution_erasures where requested_at <= (select sec.limited_time(p_now)) - interval '30 days' returning 1)
  select count(*) from swept
$$;
revoke all on function app.sweep_execution_erasures from public, ytempire_app;
grant execute on function app.sweep_execution_erasures to ytempire_operator;

reset role;
revoke create on schema app from ytempire_directory;
