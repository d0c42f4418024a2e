-- Rows that were not stored, counted by reason; and logins of customers that only the probe of isolation uses.
set role ytempire_owner;

create table core.rejected_rows (
  user_id   uuid        not null references core.users on delete cascade,
  day       date        not null,
  kind      text        not null,
  reason    text        not null,
  row_count bigint      not null,
  last_at   timestamptz not null,
  primary key (user_id, day, kind, reason)
);
comment on table core.rejected_rows is 'How many rows of a user the store rejected on a Pacific day, by kind of row and reason; a row that is sent again counts again. Kinds and reasons are the sidecar''s, a fixed few. Kept for 90 days.';
alter table core.rejected_rows enable row level security, force row level security;

alter table sec.login_role add column probe_since timestamptz;
comment on column sec.login_role.probe_since is 'When the probe of isolation made this login of the user, which it uses once and drops; null: another login. None of those that the user may have.';

reset role;

do $$
begin
  if to_regprocedure('core.hide_statistics()') is not null then
    call core.hide_statistics();
  end if;
end $$;
