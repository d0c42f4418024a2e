package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.mapper.Nested;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.config.RegisterRowMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/**
 * Reads what plans need to know of channels, and records what fetches found out. {@code
 * sql/repeatable/R__3_fetch.sql} has the functions that answer for several users in one statement.
 */
interface PlanDao {
  /**
   * Marks, in place of a day, when the plan was last answered: no curve is of a period that ends on
   * it. What is stored does not say whether it was asked for by plan or by hand.
   */
  LocalDate ANSWERED_TO_PLAN = LocalDate.of(9999, 12, 31);

  /** Of a row of {@code analytics.videos}: not even the video's owner was shown it. */
  String IS_MISSED = "first_missed_at is not null and (misses > 0 or gone_at is not null)";

  /**
   * The videos of a channel that were viewed in a period, and their views; without those that not
   * even their owner was shown.
   */
  String VIEWED_VIDEOS =
      """
      select s.video_id, s.views
        from (select m.video_id, sum(m.views) as views from analytics.video_metrics m
               where m.channel_id = :channelId and m.date between :first and :last
               group by m.video_id) s
       where s.views > 0
         and not exists (select from analytics.videos g where g.video_id = s.video_id
      """
          + "and "
          + IS_MISSED
          + ")\n";

  /** A channel, as far as fetching goes. */
  record Source(
      UUID userId,
      String channelId,
      @Nested Access access,
      @Nested Revenue revenue,
      @Nested Statistics statistics,
      @Nested Uploads uploads) {

    /**
     * Whether the channel may be fetched.
     *
     * @param connectedAt when its owner last connected it; null: it is not connected
     */
    record Access(String connection, boolean isActive, @Nullable Instant connectedAt) {}

    /**
     * What is known of its revenue.
     *
     * @param allowsRevenue whether the owner's grant covers it
     * @param monetized whether YouTube showed some when it was last asked, at {@code
     *     monetizedAskedAt}; null: never asked
     */
    record Revenue(
        boolean allowsRevenue, @Nullable Boolean monetized, @Nullable Instant monetizedAskedAt) {
      /** What YouTube answered about revenue is remembered for this time. */
      private static final Duration ANSWER_KEPT = Duration.ofDays(7);

      /** Whether YouTube showed no revenue of the channel lately. */
      boolean isKnownToBeNone(Instant now) {
        return Boolean.FALSE.equals(monetized)
            && monetizedAskedAt != null
            && now.isBefore(monetizedAskedAt.plus(ANSWER_KEPT));
      }
    }

    /**
     * Its totals.
     *
     * @param statisticsAt when they were last stored
     * @param videoCount how many public videos YouTube counted then
     * @param isIdle whether they were the same two days before
     */
    record Statistics(@Nullable Instant statisticsAt, @Nullable Long videoCount, boolean isIdle) {}

    /**
     * How its new videos are found.
     *
     * @param isWatched whether there is a row to note the rest in
     * @param subscribeAskedAt when the hub was last asked to push its videos; it does so until
     *     {@code leaseUntil}
     * @param hubSilentSince when a video was found that the hub had not pushed; null: it pushes
     */
    record Uploads(
        @Nullable String uploadsPlaylistId,
        boolean isWatched,
        @Nullable Instant subscribeAskedAt,
        @Nullable Instant leaseUntil,
        @Nullable Instant feedReadAt,
        @Nullable Instant playlistReadAt,
        @Nullable Instant hubSilentSince) {}
  }

  @SqlQuery(
      "select p.*, p.monetised as monetized, p.monetised_asked_at as monetized_asked_at from app.plan_connected_channels(:tenants) p")
  @RegisterConstructorMapper(Source.class)
  List<Source> sources(String[] tenants);

  /** A user, as far as fetching goes. */
  record Owner(UUID userId, String subscriptionTier, boolean isActive) {}

  /** Those of these users that there are. */
  @SqlQuery("select * from app.plan_users(:tenants)")
  @RegisterConstructorMapper(Owner.class)
  List<Owner> owners(String[] tenants);

  @SqlUpdate(
      "update analytics.channels set monetized = :monetized, monetized_asked_at = :at where channel_id = :channelId")
  void setMonetized(String channelId, boolean monetized, Instant at);

  /**
   * Notes that YouTube answered for days of a report without a row: nothing is stored of them, and
   * they are not asked for again before the rule says so.
   */
  @SqlUpdate(
      """
      insert into app.day_checks (channel_id, report, day, checked_at)
      select c.channel_id, :report, d.day, :at
        from analytics.channels c, unnest(:days) as d (day)
       where c.channel_id = :channelId
      on conflict (user_id, channel_id, report, day) do update set checked_at = excluded.checked_at
      """)
  void noteWithoutRows(String channelId, String report, LocalDate[] days, Instant at);

  /** Notes that what the plan asked for was answered: {@link #ANSWERED_TO_PLAN}. */
  default void noteAnsweredToPlan(String channelId, String report, Instant at) {
    noteWithoutRows(channelId, report, new LocalDate[] {ANSWERED_TO_PLAN}, at);
  }

  /** Those of these days of a channel of which views are stored, and not 0. */
  @SqlQuery(
      "select date from analytics.youtube_metrics where channel_id = :channelId and date = any(:days) and views <> 0")
  Set<LocalDate> daysWithViews(String channelId, LocalDate[] days);

  /** A channel's videos that are known and were published before a moment, newest first. */
  @SqlQuery(
      "select video_id from analytics.videos where channel_id = :channelId and (published_at is null or published_at < :before) order by published_at desc, video_id limit :limit")
  List<String> videoIds(String channelId, Instant before, int limit);

  /** Those of these videos that are stored under a channel. */
  @SqlQuery(
      "select video_id from analytics.videos where channel_id = :channelId and video_id = any(:videoIds)")
  Set<String> storedVideos(String channelId, String[] videoIds);

  /**
   * Those of these channels that the tenant has.
   *
   * @param connection that they have; null: any
   */
  @SqlQuery(
      "select channel_id from analytics.channels where (cast(:connection as text) is null or connection = :connection) and channel_id = any(:channelIds) and not is_hidden")
  Set<String> channelsWith(@Nullable String connection, String[] channelIds);

  /** The user's subscription tier. */
  @SqlQuery("select subscription_tier from analytics.users")
  List<String> tier();

  /** A channel's videos that Analytics refused a query for since a moment. */
  @SqlQuery(
      "select video_id from app.refused_videos where channel_id = :channelId and refused_at > :since")
  Set<String> refusedVideos(String channelId, Instant since);

  /** A channel's videos that not even its owner was shown when they were last asked for. */
  @SqlQuery("select video_id from analytics.videos where channel_id = :channelId and " + IS_MISSED)
  Set<String> missedVideos(String channelId);

  @SqlUpdate(
      """
      insert into app.refused_videos (channel_id, video_id, refused_at)
      select c.channel_id, v.video_id, :at
        from analytics.channels c, unnest(:videoIds) as v (video_id)
       where c.channel_id = :channelId
      on conflict (user_id, channel_id, video_id) do update set refused_at = excluded.refused_at
      """)
  void noteRefusedVideos(String channelId, String[] videoIds, Instant at);

  /** When days of each report of channels were last stored. */
  @SqlQuery("select * from app.plan_day_check_times(:tenants, :since)")
  @RegisterRowMapper(PlanRows.ChecksMapper.class)
  List<PlanRows.Checks> checks(String[] tenants, LocalDate since);

  /** Videos of which something can be due. */
  @SqlQuery("select * from app.plan_video_states(:tenants, :now)")
  @RegisterRowMapper(PlanRows.StoredVideoMapper.class)
  List<PlanRows.StoredVideo> videos(String[] tenants, Instant now);

  /**
   * Those of the top videos of a channel in a period of which no retention curve of it is stored,
   * those first whose newest curve is the oldest. Videos without a curve make place for others that
   * were watched, and come last. Left out are videos that not even their owner was shown.
   *
   * @param without videos that were asked for lately and have no curve, in the order of the last
   *     attempt
   * @param tried those of them that were asked for in this period
   * @param top how many videos count as top
   * @param limit how many are answered
   */
  @SqlQuery(
      "select t.video_id from ("
          + VIEWED_VIDEOS
          + """
            order by s.video_id = any(:without), s.views desc, s.video_id limit :top) t
            left join lateral (select r.end_date from analytics.retention_curves r
                                where r.video_id = t.video_id order by r.end_date desc limit 1) r on true
           where t.video_id <> all(:tried)
             and not exists (select from analytics.retention_curves c where c.video_id = t.video_id
                                and c.end_date = :last and c.start_date = :first)
           order by coalesce(array_position(:without, t.video_id), 0), r.end_date nulls first, t.views desc, t.video_id
           limit :limit
          """)
  List<String> videosWithOldestCurve(
      String channelId,
      LocalDate first,
      LocalDate last,
      String[] without,
      String[] tried,
      int top,
      int limit);

  /**
   * The top videos of a channel in a period, the most viewed first; without those that not even
   * their owner was shown.
   */
  @SqlQuery(
      "select s.video_id from ("
          + VIEWED_VIDEOS
          + ") s order by s.views desc, s.video_id limit :limit")
  List<String> topVideos(String channelId, LocalDate first, LocalDate last, int limit);

  /** YouTube's hub or feed says that these videos of a channel were deleted or hidden. */
  @SqlUpdate(
      """
      update analytics.videos set first_missed_at = coalesce(first_missed_at, :at)
       where channel_id = :channelId and video_id = any(:videoIds) and gone_at is null
      """)
  void vanished(String channelId, String[] videoIds, Instant at);

  /** YouTube lists these videos of a channel: those that were given up are asked for again. */
  @SqlUpdate(
      """
      update analytics.videos set gone_at = null, missed_at = null, misses = 0
       where channel_id = :channelId and video_id = any(:videoIds) and gone_at is not null
      """)
  int listed(String channelId, String[] videoIds);

  /** What asking for videos showed, the n-th video of the n-th user. */
  @SqlUpdate("select app.note_video_checks(:tenants, :videoIds, :results, :at)")
  void videosChecked(String[] tenants, String[] videoIds, String[] results, Instant at);

  /** A day on which a figure changed its meaning. */
  record Break(String metric, String videoFormat, LocalDate day, String before, String after) {}

  @SqlQuery(
      "select metric, video_format, day, before, after from analytics.metric_breaks order by day, metric desc")
  @RegisterConstructorMapper(Break.class)
  List<Break> breaks();
}
