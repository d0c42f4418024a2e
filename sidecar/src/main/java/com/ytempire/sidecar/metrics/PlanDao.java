package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** What fetching needs to know of the tenant's channels, and what it learns of them. */
interface PlanDao {
  /**
   * A channel, as far as fetching goes.
   *
   * @param monetised whether YouTube showed revenue when it was last asked, at {@code
   *     monetisedAskedAt}; null: never asked
   * @param allowsRevenue whether the owner's grant covers revenue
   * @param statisticsAt when its totals were last stored
   * @param subscribeAskedAt when the hub was last asked to push its videos; it does so until {@code
   *     leaseUntil}
   */
  record Source(
      String channelId,
      @Nullable String uploadsPlaylistId,
      @Nullable Boolean monetised,
      @Nullable Instant monetisedAskedAt,
      String connection,
      boolean isActive,
      boolean allowsRevenue,
      @Nullable Instant statisticsAt,
      @Nullable Instant subscribeAskedAt,
      @Nullable Instant leaseUntil,
      @Nullable Instant feedReadAt,
      @Nullable Instant playlistReadAt) {}

  @SqlQuery(
      """
      select c.channel_id, c.uploads_playlist_id, c.monetised, c.monetised_asked_at, c.connection, c.is_active,
             coalesce('https://www.googleapis.com/auth/yt-analytics-monetary.readonly' = any (g.scopes), false) as allows_revenue,
             (select s.observed_at from analytics.channel_statistics s
               where s.channel_id = c.channel_id order by s.observed_at desc limit 1) as statistics_at,
             w.asked_at as subscribe_asked_at, w.lease_until, w.feed_read_at, w.playlist_read_at
        from analytics.channels c
        left join app.upload_watches w on w.channel_id = c.channel_id
        left join app.oauth_grants g on g.channel_id = c.channel_id
       order by c.channel_id
      """)
  @RegisterConstructorMapper(Source.class)
  List<Source> sources();

  @SqlQuery("select subscription_tier from analytics.users where is_active")
  List<String> tierIfActive();

  @SqlUpdate(
      "update analytics.channels set monetised = :monetised, monetised_asked_at = :at where channel_id = :channelId")
  int setMonetised(String channelId, boolean monetised, OffsetDateTime at);

  /** Days of a report of a channel, and when each was last stored. */
  record Checks(String channelId, String report, List<LocalDate> days, List<Instant> checked) {}

  @SqlQuery(
      """
      select channel_id, report, array_agg(day order by day) as days,
             array_agg(checked_at order by day) as checked
        from app.day_checks
       where day >= :since
       group by channel_id, report
      """)
  @RegisterConstructorMapper(Checks.class)
  List<Checks> checks(LocalDate since);

  /** A video of which something can be due, and when its totals were last stored. */
  record VideoSeen(
      String channelId,
      String videoId,
      Instant publishedAt,
      Instant refreshedAt,
      boolean hasDetails,
      @Nullable Instant observedAt) {}

  @SqlQuery(
      """
      select v.channel_id, v.video_id, v.published_at, v.refreshed_at, v.duration_seconds is not null as has_details,
             case when v.published_at > cast(:now as timestamptz) - interval '31 days' then
               (select s.observed_at from analytics.video_statistics s
                 where s.video_id = v.video_id and s.observed_at > cast(:now as timestamptz) - interval '2 days'
                 order by s.observed_at desc limit 1)
             end as observed_at
        from analytics.videos v
       where v.published_at > cast(:now as timestamptz) - interval '31 days'
          or v.duration_seconds is null
          or v.refreshed_at < cast(:now as timestamptz) - interval '24 days'
       order by v.published_at desc
      """)
  @RegisterConstructorMapper(VideoSeen.class)
  List<VideoSeen> videos(OffsetDateTime now);

  /** A row to write what happens into. */
  @SqlUpdate(
      "insert into app.upload_watches (channel_id, secret) values (:channelId, :secret) on conflict do nothing")
  int watch(String channelId, String secret);

  /** How the hub reaches us, and what it signs with. */
  record Watch(String channelId, String subscriptionId, String secret) {}

  @SqlQuery(
      "select channel_id, subscription_id::text, secret from app.upload_watches where channel_id = :channelId")
  @RegisterConstructorMapper(Watch.class)
  List<Watch> watchOf(String channelId);

  @SqlUpdate("update app.upload_watches set asked_at = :at where channel_id = :channelId")
  int subscribeAsked(String channelId, OffsetDateTime at);

  @SqlUpdate("update app.upload_watches set lease_until = :until where channel_id = :channelId")
  int leased(String channelId, @Nullable OffsetDateTime until);

  @SqlUpdate("update app.upload_watches set pushed_at = :at where channel_id = :channelId")
  int pushed(String channelId, OffsetDateTime at);

  @SqlUpdate("update app.upload_watches set feed_read_at = :at where channel_id = :channelId")
  int feedRead(String channelId, OffsetDateTime at);

  @SqlUpdate("update app.upload_watches set playlist_read_at = :at where channel_id = :channelId")
  int playlistRead(String channelId, OffsetDateTime at);

  /** Whose subscription this is. */
  record Subscriber(String userId, String channelId) {}

  /** The directory's answer, over all users. */
  @SqlQuery(
      "select user_id::text, channel_id from app.find_upload_watch(cast(:subscriptionId as uuid))")
  @RegisterConstructorMapper(Subscriber.class)
  List<Subscriber> subscriber(String subscriptionId);

  /** A day on which a figure changed its meaning. */
  record Break(String metric, String videoFormat, LocalDate day, String before, String after) {}

  @SqlQuery(
      "select metric, video_format, day, before, after from analytics.metric_breaks order by day")
  @RegisterConstructorMapper(Break.class)
  List<Break> breaks();
}
