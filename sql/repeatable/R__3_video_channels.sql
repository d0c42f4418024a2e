-- The channel of a video, where rows of it were stored under another one.
set role ytempire_owner;

-- Moves what is stored of a video of the tenant to the channel that YouTube names. The caller holds that channel. False: a batch holds the
-- other one, which is not waited for, because both may wait for each other. Costs stay where they were booked.
create or replace function app.move_video(p_video_id text, p_from_channel_id text, p_to_channel_id text) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant uuid := sec.tenant();
  moved name;
begin
  if tenant is null then
    raise exception 'no tenant' using errcode = '42501';
  end if;
  perform from core.channels c where c.user_id = tenant and c.channel_id = p_from_channel_id for no key update skip locked;
  if not found then
    return false;
  end if;
  call core.move_reach(tenant, p_video_id, p_from_channel_id, p_to_channel_id);
  for moved in select t from core.tables_with('user_id', 'channel_id', 'video_id') t where t <> 'costs' loop
    -- The ids as constants, so that TimescaleDB decompresses this tenant's rows and no others.
    if exists (select from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey)
                where k.conrelid = format('core.%I', moved)::regclass and k.contype = 'p' and a.attname = 'channel_id') then
      -- The right channel may have the same rows.
      execute format('delete from core.%I where user_id = %L and channel_id = %L and video_id = %L', moved, tenant, p_from_channel_id, p_video_id);
    else
      execute format('update core.%I set channel_id = %L where user_id = %L and channel_id = %L and video_id = %L',
                     moved, p_to_channel_id, tenant, p_from_channel_id, p_video_id);
    end if;
  end loop;
  return true;
end $$;
revoke all on function app.move_video from public;
grant execute on function app.move_video to ytempire_app;

reset role;
