-- One more kind of event. The kinds there are are read from the constraint, so that others may have been added meanwhile.
set role ytempire_owner;

do $$
declare
  kinds text;
begin
  select string_agg(distinct quote_literal(k.kind), ', ' order by quote_literal(k.kind)) into kinds
    from (select (regexp_matches(pg_get_constraintdef(oid), '''([a-z-]+)''', 'g'))[1] as kind
            from pg_constraint
           where conrelid = 'core.webhook_deliveries'::regclass and conname = 'webhook_deliveries_kind_known'
          union select 'quality-incident') k;
  alter table core.webhook_deliveries drop constraint webhook_deliveries_kind_known;
  execute format('alter table core.webhook_deliveries add constraint webhook_deliveries_kind_known check (kind in (%s))', kinds);
end $$;

reset role;
