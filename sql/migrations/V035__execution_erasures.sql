-- Erasures of users that are still to be carried out in n8n, whose executions may name them.
set role ytempire_owner;

create table core.execution_erasures (
  erasure_id   uuid primary key default gen_random_uuid(),
  terms        text[] not null check (cardinality(terms) > 0),
  requested_at timestamptz not null,
  due_at       timestamptz not null,
  passes_left  smallint not null check (passes_left > 0),
  page_cursor  text
);
comment on table core.execution_erasures is 'A row lives until n8n''s executions that hold one of its terms are deleted. No user_id: the user is gone, and this is what is left to do.';
comment on column core.execution_erasures.terms is 'What names the user: its id, email and channels.';
comment on column core.execution_erasures.due_at is 'When it goes on; while a replica is at it, when another one may take over.';
comment on column core.execution_erasures.passes_left is 'An execution that runs is not listed, so that all are gone through again when those have ended.';
comment on column core.execution_erasures.page_cursor is 'Where a pass goes on; null: at the newest execution.';

alter table core.execution_erasures enable row level security;
alter table core.execution_erasures force row level security;
create policy directory on core.execution_erasures to ytempire_directory using (true) with check (true);
grant select, insert, update, delete on core.execution_erasures to ytempire_directory;

reset role;
