package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * The locks and queries of a store, on the channels and videos around its rows, for the tenant
 * entered in the transaction.
 */
final class StoreDao {
  private final Handle handle;

  StoreDao(Handle handle) {
    this.handle = handle;
  }

  /**
   * Holds the tenant's channels until the transaction ends, so that batches of one channel follow
   * each other, and answers which of them there are. Always in the same order, so that two batches
   * cannot wait for each other.
   */
  Set<String> lockChannels(Collection<String> channelIds) {
    return new HashSet<>(
        handle
            .createQuery(
                """
                select c.channel_id from analytics.channels c
                 where c.channel_id = any(:ids) and not c.is_hidden order by c.channel_id for no key update of c
                """)
            .bindArray("ids", String.class, channelIds)
            .mapTo(String.class)
            .list());
  }

  /**
   * The videos of these channels that were erased because YouTube shows them no more. To be called
   * after {@link #lockChannels}: while that waits, the one it waits for may erase a video.
   */
  List<ErasedVideos.ErasedVideo> erasedVideos(Collection<String> channelIds) {
    return handle
        .createQuery(
            "select channel_id, video_hash from analytics.erased_videos where channel_id = any(:ids)")
        .bindArray("ids", String.class, channelIds)
        .map((rs, context) ->
            new ErasedVideos.ErasedVideo(rs.getString("channel_id"), rs.getBytes("video_hash")))
        .list();
  }

  /** YouTube shows these videos again: they are stored as any other. */
  void forgetErased(Collection<ErasedVideos.ErasedVideo> videos) {
    for (ErasedVideos.ErasedVideo video : videos) {
      var _ =
          handle
              .createUpdate(
                  "delete from analytics.erased_videos where channel_id = :channel and video_hash = :hash")
              .bind("channel", video.channelId())
              .bind("hash", video.videoHash())
              .execute();
    }
  }

  /** A video and a channel of the tenant. */
  record VideoOfChannel(String videoId, String channelId) {}

  /**
   * Returns the other channels of the tenant under which videos are stored.
   *
   * @param channels the channel of each video
   */
  Map<VideoOfChannel, String> storedElsewhere(Map<String, String> channels) {
    Map<VideoOfChannel, String> elsewhere = new HashMap<>();
    handle
        .createQuery(
            """
            select i.video_id, i.channel_id, o.channel_id
              from unnest(:videos, :channels) as i (video_id, channel_id)
             cross join lateral (
               select v.channel_id from analytics.videos v where v.video_id = i.video_id and v.channel_id <> i.channel_id
               union all
               select t.channel_id from analytics.video_totals t where t.video_id = i.video_id and t.channel_id <> i.channel_id
               limit 1) o
            """)
        // Keys and values of a map stand in the same order.
        .bindArray("videos", String.class, channels.keySet())
        .bindArray("channels", String.class, channels.values())
        .map((rs, context) ->
            Map.entry(new VideoOfChannel(rs.getString(1), rs.getString(2)), rs.getString(3)))
        .forEach(each -> elsewhere.put(each.getKey(), each.getValue()));
    return elsewhere;
  }

  /**
   * Moves what is stored of a video to its own channel, which is locked; false: the other channel
   * is locked by another transaction.
   */
  boolean moveVideo(VideoOfChannel video, String from) {
    return handle
        .createQuery("select app.move_video(:video, :from, :to)")
        .bind("video", video.videoId())
        .bind("from", from)
        .bind("to", video.channelId())
        .mapTo(Boolean.class)
        .one();
  }

  /** Notes that days of reports have been looked at; what is due is planned by it. */
  void check(Collection<DayCheck> checks, Instant now) {
    handle
        .createUpdate(
            """
            insert into app.day_checks (channel_id, report, day, checked_at)
            select *, :at from unnest(:channels, :reports, :days)
            on conflict (user_id, channel_id, report, day) do update set checked_at = excluded.checked_at
            """)
        .bind("at", now)
        .bindArray("channels", String.class, checks.stream().map(DayCheck::channelId).toList())
        .bindArray(
            "reports", String.class, checks.stream().map(each -> each.report().label()).toList())
        .bindArray("days", LocalDate.class, checks.stream().map(DayCheck::day).toList())
        .execute();
    handle
        .attach(BackfillDao.class)
        .advance(
            checks.stream().map(DayCheck::channelId).toArray(String[]::new),
            checks.stream().map(each -> each.report().label()).toArray(String[]::new),
            checks.stream().map(DayCheck::day).toArray(LocalDate[]::new),
            now.toString());
  }

  /** A day of a channel's report. */
  record DayCheck(String channelId, Report report, LocalDate day) {}
}
