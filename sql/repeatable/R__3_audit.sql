-- The audit log of the platform; a user's own is written through app.audit_log.
grant create on schema app to ytempire_directory;
set role ytempire_directory;

-- Acts that concern no single user (a token made, all users listed). Whoever could write them at will could bury what was done.
create or replace function app.record_platform_act(p_at timestamptz, p_token_id uuid, p_token_kind text, p_action text, p_workflow_id text,
                                                   p_execution_id text, p_details text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.require_operator();
  insert into core.audit_log (user_id, at, token_id, token_kind, action, workflow_id, execution_id, details)
  values (null, p_at, p_token_id, p_token_kind, p_action, p_workflow_id, p_execution_id, p_details::jsonb);
end $$;
revoke all on function app.record_platform_act from public;
grant execute on function app.record_platform_act to ytempire_app;

reset role;
revoke create on schema app from ytempire_directory;
