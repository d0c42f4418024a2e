-- Functions that migrations and repeatable scripts call. They are here rather than in a repeatable script, because on an empty database every
-- migration runs before the first of those.
set role ytempire_owner;

-- The YouTube day (Pacific) of a moment. The planner inlines it, so that an index on the expression serves.
create function core.pacific_day(p_at timestamptz) returns date
language sql immutable parallel safe
return (p_at at time zone 'America/Los_Angeles')::date;

-- The moment at which a YouTube day (Pacific) begins.
create function core.pacific_midnight(p_day date) returns timestamptz
language sql immutable parallel safe
return p_day::timestamp at time zone 'America/Los_Angeles';

-- The tables of users' rows that have all of these columns, by name. Schema core holds no others with a column user_id.
create function core.tables_with(variadic p_columns name[]) returns setof name
language sql stable set search_path = pg_catalog, pg_temp
as $$
  select c.relname from pg_class c
   where c.relnamespace = 'core'::regnamespace and c.relkind in ('r', 'p')
     and cardinality(p_columns) = (select count(*) from pg_attribute a
                                    where a.attrelid = c.oid and a.attname = any (p_columns) and a.attnum > 0 and not a.attisdropped)
   order by c.relname
$$;

-- Makes a table of schema core a time series: notes it in core.time_series, and where TimescaleDB is there makes it a hypertable. Its unique keys
-- begin with user_id, because row security does not protect it.
--
--   p_compress_after  age at which a chunk is compressed; null: never
--   p_order_by        order of the rows of a compressed segment, which is a user's
--   p_keep            age at which core.maintain deletes a row; null: never
create procedure core.make_hypertable(p_table name, p_time_column name, p_chunk_interval interval, p_compress_after interval default null,
                                      p_order_by text default null, p_keep interval default null)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  found_engine text := (select engine from sec.storage);
begin
  insert into core.time_series (table_name, time_column, chunk_interval, compress_after, order_by, keep)
  values (p_table, p_time_column, p_chunk_interval, p_compress_after, p_order_by, p_keep);
  if found_engine = 'plain' then
    return;
  end if;
  execute format('select public.create_hypertable(%L, %L, chunk_time_interval => %L::interval, create_default_indexes => false)',
                 'core.' || quote_ident(p_table), p_time_column, p_chunk_interval);
  if found_engine = 'timescale-community' and p_compress_after is not null then
    execute format('alter table core.%I set (timescaledb.compress, timescaledb.compress_segmentby = %L, timescaledb.compress_orderby = %L)',
                   p_table, 'user_id', p_order_by);
  end if;
end $$;

-- Views and functions that run with their caller's rights use these two.
grant execute on function core.pacific_day, core.pacific_midnight to public;
revoke all on function core.tables_with from public;
revoke all on procedure core.make_hypertable from public;

reset role;
