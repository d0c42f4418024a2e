-- Retention takes the time from the sidecar, whose clock demos and tests move. A caller's time counts only up to a limit that the sidecar cannot
-- change: otherwise whoever speaks as the sidecar could delete before it is due.
set role ytempire_owner;

create table sec.clock_limit (
  only_row  boolean primary key default true check (only_row),
  max_ahead interval not null default '1 hour' check (max_ahead between '0' and '36525 days')
);
comment on table sec.clock_limit is 'How far ahead of the database''s clock the sidecar''s may be, as retention believes it. Changed by the administrator; a migration with YTEMPIRE_CLOCK_OFFSET lifts it, for demos and tests.';
insert into sec.clock_limit default values;

-- The time that a caller names, but never later than the limit.
create function sec.limited_time(p_time timestamptz) returns timestamptz
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select least(p_time, clock_timestamp() + max_ahead) from sec.clock_limit $$;
revoke all on function sec.limited_time from public;
grant usage on schema sec to ytempire_directory;
grant execute on function sec.limited_time to ytempire_directory;

reset role;
