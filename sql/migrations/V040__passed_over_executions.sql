-- Which executions of n8n could not be searched or deleted: they alone are tried again, ever more rarely, instead of all of n8n's every hour.
set role ytempire_owner;

alter table core.execution_erasures
  add column passed_over text[] not null default '{}' check (cardinality(passed_over) <= 1000),
  add column repeats smallint not null default 0 check (repeats >= 0),
  drop constraint execution_erasures_passes_left_check,
  add constraint execution_erasures_passes_left_check check (passes_left >= 0);
comment on column core.execution_erasures.passed_over is 'Ids of executions that could not be searched or deleted. Tried again before each pass; those that there is no room for have the whole pass repeated.';
comment on column core.execution_erasures.repeats is 'How often something was tried again: each time the pause before the next doubles, up to a day.';
comment on column core.execution_erasures.passes_left is 'An execution that runs is not listed, so that all are gone through again when those have ended. 0: what was passed over is left.';

reset role;
