-- The sidecar's first login needs no advisory locks, large objects, calls of pg_notify or temporary objects. With them, whoever gets SQL into one
-- of its statements could hold up migrations, fill the disk and shadow relations for the session's later statements. PostgreSQL cannot take the
-- statements LOCK, on what the login may change, and NOTIFY from it.
do $$
declare
  f regprocedure;
begin
  for f in
    select oid::regprocedure from pg_proc
     where pronamespace = 'pg_catalog'::regnamespace
       and (proname in ('pg_notify', 'lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'lowrite', 'lo_open', 'loread', 'lo_get', 'lo_unlink',
                        'lo_truncate', 'lo_truncate64', 'lo_lseek', 'lo_lseek64', 'lo_tell', 'lo_tell64', 'lo_close')
            or proname ~ '^pg_(try_)?advisory_(xact_)?lock')
  loop
    execute format('revoke execute on function %s from ytempire_app', f);
  end loop;
end $$;
do $$
begin
  execute format('revoke temporary on database %I from ytempire_app', current_database());
end $$;
