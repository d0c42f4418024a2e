-- Whether a pass over n8n's executions passed over one that could not be deleted, so that it is repeated.
set role ytempire_owner;

alter table core.execution_erasures add column is_incomplete boolean not null default false;
comment on column core.execution_erasures.is_incomplete is 'Whether the pass under way has passed over an execution that could not be searched or deleted.';

reset role;
