-- A channel deleted with all that is stored of it.
set role ytempire_owner;

-- Deletes a channel of the tenant with everything stored of it. False: the tenant has no such channel.
create or replace function app.delete_channel(p_channel_id text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := sec.tenant();
begin
  if tenant is null then
    raise exception 'no tenant' using errcode = '42501';
  end if;
  -- Batches that are being stored hold the channel; they end first.
  perform 1 from core.channels where user_id = tenant and channel_id = p_channel_id for update;
  if not found then
    return false;
  end if;
  perform app.erase_channel_data(p_channel_id);
  delete from core.channels where user_id = tenant and channel_id = p_channel_id;
  return true;
end $$;
revoke all on function app.delete_channel from public;
grant execute on function app.delete_channel to ytempire_app;

reset role;
