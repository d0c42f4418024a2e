-- The planner keeps no statistics of users' rows, of the tables that were made since either: the script that sees to it runs only when it changes.
-- A new installation does not have the procedure yet, and runs the script.
do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
