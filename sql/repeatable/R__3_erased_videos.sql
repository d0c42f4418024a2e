-- Videos that were erased because YouTube shows them no more (core.maintain). The sidecar leaves out days of them that come back.
set role ytempire_owner;

-- Notes that a video was erased; of its id only a hash, which knows it again and names it to nobody.
create or replace procedure core.note_erased_video(p_user_id uuid, p_channel_id text, p_video_id text, p_at timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  insert into core.erased_videos (user_id, channel_id, video_hash, erased_at)
  values (p_user_id, p_channel_id, sha256(convert_to(p_user_id::text || ' ' || p_video_id, 'UTF8')), p_at)
  on conflict (user_id, channel_id, video_hash) do update set erased_at = excluded.erased_at;
end $$;
revoke all on procedure core.note_erased_video from public;

-- Forgets erased videos after 90 days, longer than YouTube restates days or keeps files of them, and all but the newest 2,000 of a channel after
-- 60 days, as long as YouTube keeps files.
create or replace procedure core.expire_erased_videos(p_now timestamptz)
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  delete from core.erased_videos where erased_at < p_now - interval '90 days';
  delete from core.erased_videos e
   using (select user_id, channel_id, video_hash, row_number() over (partition by user_id, channel_id order by erased_at desc) as place
            from core.erased_videos) placed
   where placed.place > 2000 and e.erased_at < p_now - interval '60 days' and e.user_id = placed.user_id and e.channel_id = placed.channel_id and e.video_hash = placed.video_hash;
end $$;
revoke all on procedure core.expire_erased_videos from public;

reset role;
