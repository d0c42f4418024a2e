-- What a tenant's login and the sidecar's login can and cannot do. Runs on every engine, as the administrator of a database that has just
-- been migrated; SET SESSION AUTHORIZATION makes each statement that login's. The first thing that does not hold raises an exception.
do $$
begin
  if exists (select from app.isolation_faults()) then
    raise exception 'isolation faults: %', (select string_agg(fault || ': ' || object, '; ') from app.isolation_faults());
  end if;
end $$;

-- A table that was added without thinking of isolation or erasure is named.
do $$
<<isolation_test>>
declare
  made text;
  fault text;
begin
  create table core.added_rows (user_id uuid not null);
  create table core.added_parts (user_id uuid not null, day date not null) partition by range (day);
  create table sec.added_rows (user_id uuid not null);
  for made, fault in
    values ('core.added_rows', 'an ordinary table with user_id has no forced row security'),
           ('core.added_parts', 'an ordinary table with user_id has no forced row security'),
           ('core.added_rows', 'the erasure of a user leaves its rows'),
           ('core.added_parts', 'the erasure of a user leaves its rows'),
           ('sec.added_rows', 'the erasure of a user leaves its rows')
  loop
    if not exists (select from app.isolation_faults() f where f.object = made and f.fault = isolation_test.fault) then
      raise exception '% is not found: %', made, fault;
    end if;
  end loop;
  drop table core.added_rows, core.added_parts, sec.added_rows;
end $$;

-- A server that leaves advisory locks to PUBLIC is named, and what to do.
do $$
declare
  taken regprocedure;
begin
  foreach taken in array '{pg_advisory_lock(bigint),"pg_try_advisory_xact_lock_shared(integer,integer)"}'::regprocedure[] loop
    execute format('grant execute on function %s to public', taken);
    if not exists (select from app.isolation_faults() f
                    where f.object = taken::text and f.fault like 'a tenant''s login may take advisory locks%from public%') then
      raise exception 'PUBLIC may call %, and it is not found', taken;
    end if;
    execute format('revoke execute on function %s from public', taken);
  end loop;
end $$;

-- ---- two users, through the sidecar's own functions and views ----
set session authorization ytempire_app;
do $$
declare
  a uuid := app.create_user('a@example.com', 'A', 'starter', 10000, 'UTC', '2026-01-01');
begin
  insert into analytics.channels (channel_id, channel_name) values ('UCaaaaaaaaaaaaaaaaaaaaaa', 'A one');
  insert into analytics.youtube_metrics (channel_id, date, views, revenue_usd, created_at, updated_at)
  values ('UCaaaaaaaaaaaaaaaaaaaaaa', '2026-01-01', 1, 1.5, now(), now());
  insert into analytics.videos (video_id, channel_id, title, published_at) values ('aaaaaaaaaaa', 'UCaaaaaaaaaaaaaaaaaaaaaa', 'of A', now());
  insert into analytics.video_statistics (channel_id, video_id, observed_at, views) values ('UCaaaaaaaaaaaaaaaaaaaaaa', 'aaaaaaaaaaa', now(), 7);
  insert into analytics.dimension_metrics (channel_id, dimension, dimension_value, date, views, created_at, updated_at)
  values ('UCaaaaaaaaaaaaaaaaaaaaaa', 'deviceType', 'MOBILE', '2026-01-01', 1, now(), now());
  insert into analytics.dimension_periods (channel_id, dimension, dimension_value, start_date, end_date, views, created_at, updated_at)
  values ('UCaaaaaaaaaaaaaaaaaaaaaa', 'country', 'DE', '2026-01-05', '2026-01-11', 1, now(), now());
  insert into analytics.retention_curves (channel_id, video_id, start_date, end_date, elapsed_ratio, audience_watch_ratio, created_at, updated_at)
  values ('UCaaaaaaaaaaaaaaaaaaaaaa', 'aaaaaaaaaaa', '2026-01-05', '2026-02-01', 0.5, 0.4, now(), now());
  update analytics.user_dashboard_config set notification_settings = '{"weekly": false}';
  insert into analytics.events (at, event_id, kind, source, channel_id, data)
  values (now(), gen_random_uuid(), 'video.rendered', 'n8n', 'UCaaaaaaaaaaaaaaaaaaaaaa', '{"of": "A"}');
  insert into analytics.event_hours (hour, kind, source, events) values (date_trunc('hour', now()), 'video.rendered', 'n8n', 1);
  insert into analytics.reach_days (channel_id, date, videos, impressions, clicks) values ('UCaaaaaaaaaaaaaaaaaaaaaa', '2026-01-05', 1, 100, 5);
  insert into analytics.insights (week, sentences, author, channel_ids, video_ids, written_at)
  values ('2026-01-05', '{"A grows."}', 'rules', '{UCaaaaaaaaaaaaaaaaaaaaaa}', '{}', now());
  insert into analytics.quality_results (channel_id, check_name, day, checked_at, level, worst_level, value)
  values ('UCaaaaaaaaaaaaaaaaaaaaaa', 'freshness', '2026-01-05', now(), 'error', 'error', 7);
  insert into analytics.quality_incidents (check_name, opened_at, updated_at, channels) values ('freshness', now(), now(), 1);
  insert into analytics.rejected_rows (day, kind, reason, row_count, last_at) values ('2026-01-05', 'channel-day', 'invalid', 1, now());
  insert into analytics.report_recipients (email, created_at) values ('reports@a.example.com', now());
  insert into analytics.report_runs (kind, period, due_at, claimed_at, leased_until) values ('daily', '2026-01-05', now(), now(), now());
  insert into analytics.report_deliveries (kind, period, recipient_id, state, at)
  select 'daily', '2026-01-05', recipient_id, 'sent', now() from analytics.report_recipients;
  insert into app.billing_accounts (customer_id, linked_at, due_at) values ('cus_ofA', now(), now());
  perform set_config('test.a', a::text, false);
end $$;
do $$
declare
  b uuid := app.create_user('b@example.com', 'B', 'starter', 10000, 'UTC', '2026-01-01');
begin
  insert into analytics.channels (channel_id, channel_name) values ('UCbbbbbbbbbbbbbbbbbbbbbb', 'B one');
  insert into analytics.youtube_metrics (channel_id, date, views, revenue_usd, created_at, updated_at)
  values ('UCbbbbbbbbbbbbbbbbbbbbbb', '2026-01-01', 20, 2.5, now(), now());
  perform set_config('test.b', b::text, false);
end $$;

-- What the sidecar proves by its key, for this session.
reset session authorization;
select set_config('test.as_a', sec.prove_tenant(current_setting('test.a')::uuid), false),
       set_config('test.as_b', sec.prove_tenant(current_setting('test.b')::uuid), false);

-- ---- the sidecar ----
set session authorization ytempire_app;
do $$
declare
  n int;
  s text;
begin
  perform set_config('app.tenant_id', '', true);
  select count(*) into n from analytics.youtube_metrics;
  if n <> 0 then raise exception 'without a tenant the sidecar sees % rows', n; end if;

  perform set_config('app.tenant_id', current_setting('test.as_a'), true);
  -- Another's proof, none, and one of another's id: a tenant cannot be chosen without the key.
  declare
    forged text;
  begin
    foreach forged in array array[
      current_setting('test.a'), current_setting('test.b'), current_setting('test.b') || substr(current_setting('test.as_a'), 37),
      current_setting('test.b') || ':', current_setting('test.b') || ':' || repeat('0', 64)] loop
      begin
        perform set_config('app.tenant_id', forged, true);
        perform from analytics.youtube_metrics;
        raise exception using errcode = 'YT001', message = 'the sidecar entered a tenant by: ' || forged;
      exception when insufficient_privilege then null; end;
      begin
        perform app.plan_users(array[forged]);
        raise exception using errcode = 'YT001', message = 'the sidecar planned for a tenant by: ' || forged;
      exception when insufficient_privilege then null; end;
    end loop;
  end;
  foreach s in array array[
    'select secret from sec.tenant_key', 'select sec.prove_tenant(gen_random_uuid())', 'select app.tenant_key()', 'select app.rotate_tenant_key()',
    'select * from app.list_users(false, null, 10)', 'select * from app.find_users(null, ''a'', false, null, 10)',
    'select app.record_platform_act(now(), gen_random_uuid(), ''operator'', ''user.erased'', null, null, ''{}'')',
    'update sec.upgrade set unproven_until = ''infinity''', 'select sec.rotate_tenant_key()'] loop
    begin
      execute s;
      raise exception using errcode = 'YT001', message = 'the sidecar may: ' || s;
    exception when insufficient_privilege then null; end;
  end loop;

  select count(*) into n from analytics.youtube_metrics where user_id <> current_setting('test.a')::uuid;
  if n <> 0 then raise exception 'as A the sidecar sees % rows of others', n; end if;
  select sum(views) into n from analytics.youtube_metrics;
  if n <> 1 then raise exception 'as A the sidecar sums % views', n; end if;
  foreach s in array array['dimension_metrics', 'dimension_periods', 'retention_curves'] loop
    execute format('select count(*) from analytics.%I', s) into n;
    if n <> 1 then raise exception 'as A the sidecar sees % rows of %', n, s; end if;
    perform set_config('app.tenant_id', current_setting('test.as_b'), true);
    execute format('select count(*) from analytics.%I', s) into n;
    if n <> 0 then raise exception 'as B the sidecar sees % rows of A in %', n, s; end if;
    execute format('delete from analytics.%I', s);
    get diagnostics n = row_count;
    if n <> 0 then raise exception 'as B the sidecar deleted a row of A from %', s; end if;
    perform set_config('app.tenant_id', current_setting('test.as_a'), true);
  end loop;

  foreach s in array array[
    'analytics.events', 'analytics.event_hours', 'analytics.reach_days', 'analytics.insights', 'analytics.quality_results', 'analytics.quality_incidents',
    'analytics.rejected_rows',
    'analytics.report_recipients', 'analytics.report_runs', 'analytics.report_deliveries',
    'app.billing_accounts'] loop
    execute format('select count(*) from %s', s) into n;
    if n <> 1 then raise exception 'as A the sidecar sees % rows of %', n, s; end if;
    perform set_config('app.tenant_id', current_setting('test.as_b'), true);
    execute format('select count(*) from %s', s) into n;
    if n <> 0 then raise exception 'as B the sidecar sees % rows of A in %', n, s; end if;
    begin
      execute format('delete from %s', s);
      get diagnostics n = row_count;
      if n <> 0 then raise exception 'as B the sidecar deleted a row of A from %', s; end if;
      if s not in ('analytics.insights', 'analytics.report_recipients', 'app.billing_accounts') then
        raise exception using errcode = 'YT001', message = 'the sidecar may delete what only expires: ' || s;
      end if;
    exception when insufficient_privilege then
      if s in ('analytics.insights', 'analytics.report_recipients', 'app.billing_accounts') then raise; end if;
    end;
    begin
      execute format('insert into %s (user_id) values (%L)', s, current_setting('test.a'));
      raise exception using errcode = 'YT001', message = 'the sidecar may name user_id in ' || s;
    exception when insufficient_privilege then null; end;
    perform set_config('app.tenant_id', current_setting('test.as_a'), true);
  end loop;
  -- Settings every user has: B's are its own, and what B changes is not A's.
  perform set_config('app.tenant_id', current_setting('test.as_b'), true);
  update analytics.user_dashboard_config set notification_settings = '{"weekly": true}';
  get diagnostics n = row_count;
  if n <> 1 then raise exception 'as B the sidecar changed the settings of % users', n; end if;
  perform set_config('app.tenant_id', current_setting('test.as_a'), true);
  if (select notification_settings::text from analytics.user_dashboard_config) <> '{"weekly": false}' then
    raise exception 'the settings of A are not what A has set';
  end if;
  -- Neither a customer of A's nor a run nor a channel is B's to use.
  perform set_config('app.tenant_id', current_setting('test.as_b'), true);
  begin
    insert into app.billing_accounts (customer_id, linked_at, due_at) values ('cus_ofA', now(), now());
    raise exception using errcode = 'YT001', message = 'two users are one customer of Stripe';
  exception when unique_violation then null; end;
  begin
    insert into analytics.report_deliveries (kind, period, recipient_id, state, at) values ('daily', '2026-01-05', gen_random_uuid(), 'sent', now());
    raise exception using errcode = 'YT001', message = 'a delivery of B hangs on a run of A';
  exception when foreign_key_violation then null; end;
  begin
    insert into analytics.quality_results (channel_id, check_name, day, checked_at, level, worst_level)
    values ('UCaaaaaaaaaaaaaaaaaaaaaa', 'freshness', '2026-01-05', now(), 'ok', 'ok');
    raise exception using errcode = 'YT001', message = 'a result of B hangs on a channel of A';
  exception when foreign_key_violation then null; end;
  perform set_config('app.tenant_id', current_setting('test.as_a'), true);

  update analytics.youtube_metrics set views = 99 where channel_id = 'UCbbbbbbbbbbbbbbbbbbbbbb';
  get diagnostics n = row_count;
  if n <> 0 then raise exception 'as A the sidecar updated a row of B'; end if;
  delete from analytics.channels where channel_id = 'UCbbbbbbbbbbbbbbbbbbbbbb';
  get diagnostics n = row_count;
  if n <> 0 then raise exception 'as A the sidecar deleted a channel of B'; end if;

  begin
    insert into analytics.youtube_metrics (channel_id, date, views, created_at, updated_at) values ('UCbbbbbbbbbbbbbbbbbbbbbb', '2026-01-02', 1, now(), now());
    raise exception using errcode = 'YT001', message = 'a row of A hangs on a channel of B';
  exception when foreign_key_violation then null; end;

  begin
    execute format('insert into analytics.youtube_metrics (user_id, channel_id, date, views, created_at, updated_at) values (%L, %L, %L, 5, now(), now())
                      on conflict (user_id, channel_id, date) do update set views = excluded.views returning *',
                   current_setting('test.b'), 'UCbbbbbbbbbbbbbbbbbbbbbb', '2026-01-01');
    raise exception using errcode = 'YT001', message = 'the sidecar may name user_id';
  exception when insufficient_privilege then null; end;

  begin
    execute format('update analytics.youtube_metrics set user_id = %L', current_setting('test.b'));
    raise exception using errcode = 'YT001', message = 'the sidecar may move rows to another user';
  exception when insufficient_privilege then null; end;

  begin
    execute 'select * from core.channel_days';
    raise exception using errcode = 'YT001', message = 'the sidecar reads a private table';
  exception when insufficient_privilege then null; end;

  begin
    execute 'update analytics.metric_revisions set changes = ''{}''';
    raise exception using errcode = 'YT001', message = 'history can be rewritten';
  exception when insufficient_privilege then null; end;

  -- The check option, even where no grant stands in the way: another user's email is not A's to change.
  begin
    execute 'update analytics.users set email = ''x@example.com''';
    raise exception using errcode = 'YT001', message = 'the sidecar may change an email';
  exception when insufficient_privilege then null; end;
end $$;

-- Logins for both, as the sidecar makes them: by its second login.
do $$
begin
  perform app.provision_tenant_login('SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$c3RvcmVk:c2VydmVy');
  raise exception using errcode = 'YT001', message = 'the first login made a tenant''s login';
exception when insufficient_privilege then null; end $$;
reset session authorization;
set session authorization ytempire_operator;
do $$
begin
  perform set_config('app.tenant_id', current_setting('test.as_a'), true);
  perform set_config('test.login_a', app.provision_tenant_login('SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$c3RvcmVk:c2VydmVy'), false);
  begin
    perform app.provision_tenant_login('a plain password');
    raise exception using errcode = 'YT001', message = 'a password went into a statement';
  exception when invalid_parameter_value then null; end;
end $$;
reset session authorization;

-- ---- the tenant's login ----
do $$
begin
  execute format('set session authorization %I', current_setting('test.login_a'));
end $$;
do $$
declare
  n int;
  s text;
begin
  select count(*) into n from analytics.youtube_metrics;
  if n <> 1 then raise exception 'the login of A sees % rows of metrics', n; end if;
  select count(*) into n from analytics.users;
  if n <> 1 then raise exception 'the login of A sees % users', n; end if;

  -- Nothing it can set changes who it is.
  perform set_config('app.tenant_id', current_setting('test.as_b'), true);
  select count(*) into n from analytics.youtube_metrics where user_id = current_setting('test.b')::uuid;
  if n <> 0 then raise exception 'the login of A became B by a setting'; end if;

  foreach s in array array['dimension_metrics', 'dimension_periods', 'retention_curves'] loop
    execute format('select count(*) from analytics.%I', s) into n;
    if n <> 1 then raise exception 'the login of A sees % rows of %', n, s; end if;
    begin
      execute format('update analytics.%I set updated_at = now()', s);
      raise exception using errcode = 'YT001', message = 'the login of A may change ' || s;
    exception when insufficient_privilege or read_only_sql_transaction then null; end;
  end loop;

  foreach s in array array[
    'user_dashboard_config', 'events', 'event_hours', 'reach_days', 'insights', 'quality_results', 'quality_incidents', 'rejected_rows', 'report_recipients', 'report_runs',
    'report_deliveries'] loop
    execute format('select count(*) from analytics.%I', s) into n;
    if n <> 1 then raise exception 'the login of A sees % rows of %', n, s; end if;
    begin
      execute format('delete from analytics.%I', s);
      raise exception using errcode = 'YT001', message = 'the login of A may delete from ' || s;
    exception when insufficient_privilege or read_only_sql_transaction then null; end;
  end loop;

  -- A function with a side effect, cheap enough to run before the view's condition if the barrier let it.
  begin
    perform 1 from analytics.youtube_metrics where 1 / (case when user_id = current_setting('test.a')::uuid then 1 else 0 end) = 1;
  exception when division_by_zero then
    raise exception 'a leaky operator saw a row of another user';
  end;

  foreach s in array array[
    'select * from core.channel_days', 'select * from core.dimension_days', 'select * from core.dimension_periods',
    'select * from core.retention_points', 'select * from core.erased_videos', 'select * from core.users', 'select * from sec.login_role', 'select * from app.oauth_grants',
    'select * from app.billing_accounts', 'select * from core.events', 'select * from core.event_hours', 'select * from core.reach_days', 'select * from core.billing_accounts',
    'select * from core.stripe_events', 'select * from core.insights', 'select * from core.quality_results', 'select * from core.report_recipients',
    'insert into analytics.events (at, event_id, kind, source) values (now(), gen_random_uuid(), ''x'', ''y'')',
    'select * from app.audit_log', 'insert into analytics.videos (video_id, channel_id, title, published_at) values (''x'', ''y'', ''z'', now())',
    'update analytics.youtube_metrics set views = 0', 'delete from analytics.channels', 'create table public.mine (x int)',
    'create temp table mine (x int)', 'set role ytempire_app', 'select * from app.list_users(false, null, 10)',
    'select * from app.find_users(null, ''a'', false, null, 10)', 'select app.delete_channel(''UCaaaaaaaaaaaaaaaaaaaaaa'')',
    'select app.find_api_token(''\x00'')', 'select app.isolation_faults()', 'select pg_notify(''x'', ''y'')', 'select lo_create(0)',
    'select pg_advisory_lock(1)', 'copy analytics.youtube_metrics to program ''cat''', 'select pg_read_file(''pg_hba.conf'')']
  loop
    begin
      execute s;
      raise exception using errcode = 'YT001', message = 'the login of A may: ' || s;
    exception when insufficient_privilege or read_only_sql_transaction then null; end;
  end loop;

  select count(*) into n from pg_stats where schemaname in ('core', 'sec', '_timescaledb_internal');
  if n <> 0 then raise exception 'statistics show % columns of private tables', n; end if;
end $$;
reset session authorization;

-- ---- away again ----
set session authorization ytempire_operator;
do $$
begin
  perform set_config('app.tenant_id', current_setting('test.as_b'), true);
  begin
    perform app.drop_tenant_login(current_setting('test.login_a')::name);
    raise exception using errcode = 'YT001', message = 'as B the sidecar dropped the login of A';
  exception when insufficient_privilege then null; end;
  perform set_config('app.tenant_id', current_setting('test.as_a'), true);
  perform app.drop_tenant_login(current_setting('test.login_a')::name);
end $$;
reset session authorization;
