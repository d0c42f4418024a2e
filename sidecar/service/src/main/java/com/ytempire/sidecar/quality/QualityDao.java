package com.ytempire.sidecar.quality;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Measures, results and incidents of the tenant of the transaction. */
interface QualityDao {
  /** The value that a check measured of a channel, or of the user. */
  record Measure(@Nullable String channelId, @Nullable BigDecimal value) {}

  @SqlQuery("select channel_id, value from app.observe_freshness(:now)")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> freshness(Instant now);

  @SqlQuery("select channel_id, value from app.observe_completeness(:now)")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> completeness(Instant now);

  @SqlQuery("select channel_id, value from app.observe_video_coverage(:now)")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> videoCoverage(Instant now);

  @SqlQuery("select channel_id, value from app.observe_view_difference(:now)")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> viewDifference(Instant now);

  @SqlQuery("select channel_id, value from app.observe_validity(:now)")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> validity(Instant now);

  @SqlQuery("select channel_id, value from app.observe_rollups()")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> rollups();

  @SqlQuery("select channel_id, value from app.observe_isolation(:tenant)")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> isolation(UUID tenant);

  /**
   * Days of views of a channel that may be judged; the n-th figure is of the n-th day.
   *
   * @param judgedOn the last day before today on which any could be judged; null: never
   */
  record ViewDays(
      String channelId, List<LocalDate> days, List<Long> views, @Nullable LocalDate judgedOn) {}

  @SqlQuery("select channel_id, days, views, judged_on from app.observe_view_days(:now)")
  @RegisterConstructorMapper(ViewDays.class)
  List<ViewDays> viewDays(Instant now);

  /** The time at which a check of the user was last made today. */
  record LastCheck(String checkName, Instant checkedAt) {}

  @SqlQuery(
      """
      select check_name, checked_at from analytics.quality_results
       where channel_id is null and day = :today
      """)
  @RegisterConstructorMapper(LastCheck.class)
  List<LastCheck> lastChecks(LocalDate today);

  /** Stores a result; one that is unknown leaves what was known that day. */
  @SqlUpdate(
      """
      insert into analytics.quality_results as r
             (channel_id, check_name, day, checked_at, level, worst_level, value, worst_value)
      values (:channelId, :check, :day, :now, :level, :level, :value, :value)
      on conflict (user_id, channel_id, check_name, day) do update
         set checked_at = excluded.checked_at,
             level = case when excluded.level = 'unknown' then r.level else excluded.level end,
             value = case when excluded.level = 'unknown' then r.value else excluded.value end,
             worst_value = case when array_position(array['unknown', 'ok', 'warn', 'error'], excluded.level) >= array_position(array['unknown', 'ok', 'warn', 'error'], r.worst_level)
                                then excluded.value else r.worst_value end,
             worst_level = case when array_position(array['unknown', 'ok', 'warn', 'error'], excluded.level) >= array_position(array['unknown', 'ok', 'warn', 'error'], r.worst_level)
                                then excluded.level else r.worst_level end
      """)
  void put(
      @Nullable String channelId,
      String check,
      LocalDate day,
      Instant now,
      String level,
      @Nullable BigDecimal value);

  /** The result of a check on a day, of the user or one of its channels. */
  record Result(
      String checkName,
      @Nullable String channelId,
      @Nullable String channelName,
      LocalDate day,
      Instant checkedAt,
      String level,
      @Nullable BigDecimal value,
      String worstLevel,
      @Nullable BigDecimal worstValue) {}

  /**
   * The newest results since a day, one a check and channel, by check and channel.
   *
   * @param afterCheck the check behind which they begin, with its channel (empty: the user's own);
   *     null: at the first
   */
  @SqlQuery(
      """
      select r.check_name, r.channel_id, c.channel_name, r.day, r.checked_at, r.level, r.value, r.worst_level, r.worst_value
        from (select distinct on (x.check_name, x.channel_id) x.*
                from analytics.quality_results x
               where x.day >= :since and (cast(:check as text) is null or x.check_name = :check)
               order by x.check_name, x.channel_id, x.day desc) r
        left join analytics.channels c on c.channel_id = r.channel_id
       where cast(:afterCheck as text) is null or (r.check_name, coalesce(r.channel_id, '')) > (:afterCheck, :afterChannel)
       order by r.check_name, coalesce(r.channel_id, '')
       limit :limit
      """)
  @RegisterConstructorMapper(Result.class)
  List<Result> newest(
      LocalDate since,
      @Nullable String check,
      @Nullable String afterCheck,
      @Nullable String afterChannel,
      int limit);

  /** All results since a day, the newest day first; the rest as {@link #newest}. */
  @SqlQuery(
      """
      select r.check_name, r.channel_id, c.channel_name, r.day, r.checked_at, r.level, r.value, r.worst_level, r.worst_value
        from analytics.quality_results r
        left join analytics.channels c on c.channel_id = r.channel_id
       where r.day >= :since and (cast(:check as text) is null or r.check_name = :check)
         and (cast(:afterDay as date) is null or r.day < :afterDay
              or r.day = :afterDay and (r.check_name, coalesce(r.channel_id, '')) > (:afterCheck, :afterChannel))
       order by r.day desc, r.check_name, coalesce(r.channel_id, '')
       limit :limit
      """)
  @RegisterConstructorMapper(Result.class)
  List<Result> history(
      LocalDate since,
      @Nullable String check,
      @Nullable LocalDate afterDay,
      @Nullable String afterCheck,
      @Nullable String afterChannel,
      int limit);

  /** Opens an incident; empty: one is open. */
  @SqlQuery(
      """
      insert into analytics.quality_incidents (check_name, opened_at, updated_at, value, channels)
      values (:check, :now, :now, :value, :channels)
      on conflict (user_id, check_name) where closed_at is null do nothing
      returning incident_id
      """)
  Optional<UUID> open(String check, Instant now, @Nullable BigDecimal value, int channels);

  /** Notes that the open incident, if there is one, goes on. */
  @SqlUpdate(
      """
      update analytics.quality_incidents
         set updated_at = :now, channels = :channels, value = case when :isWorse then :value else value end
       where check_name = :check and closed_at is null
      """)
  void update(String check, Instant now, int channels, @Nullable BigDecimal value, boolean isWorse);

  /**
   * Closes the open incident.
   *
   * @param unknown channels that cannot be judged now; those that were at warn or error when they
   *     last could keep the incident open
   * @return empty: there is none, or it stays open
   */
  @SqlQuery(
      """
      update analytics.quality_incidents set closed_at = :now, updated_at = :now
       where check_name = :check and closed_at is null
         and not exists (
           select from (select distinct on (r.channel_id) r.level from analytics.quality_results r
                         where r.check_name = :check and r.channel_id = any(:unknown) and r.level <> 'unknown'
                         order by r.channel_id, r.day desc) last
            where last.level <> 'ok')
      returning incident_id
      """)
  Optional<UUID> close(String check, Instant now, List<String> unknown);

  /** An incident. {@code closedAt} null: it is open. */
  record Incident(
      UUID userId,
      UUID incidentId,
      String checkName,
      Instant openedAt,
      Instant updatedAt,
      @Nullable Instant closedAt,
      @Nullable BigDecimal value,
      int channels) {}

  /** Incidents that are open or were closed since; the newest first. */
  @SqlQuery(
      """
      select user_id, incident_id, check_name, opened_at, updated_at, closed_at, value, channels
        from analytics.quality_incidents
       where (closed_at is null and :open or closed_at >= :closedSince)
         and (cast(:afterOpenedAt as timestamptz) is null or (opened_at, incident_id) < (:afterOpenedAt, :afterId))
       order by opened_at desc, incident_id desc
       limit :limit
      """)
  @RegisterConstructorMapper(Incident.class)
  List<Incident> incidents(
      boolean open,
      Instant closedSince,
      @Nullable Instant afterOpenedAt,
      @Nullable UUID afterId,
      int limit);

  /** The incidents that are open, one a check. */
  @SqlQuery(
      """
      select user_id, incident_id, check_name, opened_at, updated_at, closed_at, value, channels
        from analytics.quality_incidents where closed_at is null
      """)
  @RegisterConstructorMapper(Incident.class)
  List<Incident> openIncidents();

  /** A channel whose revenue is reconciled once a day, and whether it still is to be today. */
  record RevenueChannel(String channelId, boolean isDue) {}

  @SqlQuery(
      """
      select w.channel_id,
             not exists (select from analytics.quality_results r
                          where r.channel_id = w.channel_id and r.check_name = 'revenue-reconciliation' and r.day >= :today) as is_due
        from app.watched_channels() w
       where w.has_revenue and w.connected_at < :connectedBefore
       order by w.channel_id
      """)
  @RegisterConstructorMapper(RevenueChannel.class)
  List<RevenueChannel> reconciledChannels(LocalDate today, Instant connectedBefore);

  /** Channels whose revenue is watched. */
  @SqlQuery("select channel_id from app.watched_channels() where has_revenue")
  List<String> revenueChannels();

  /** Stored revenue of a day. */
  record RevenueDay(LocalDate day, BigDecimal revenueUsd) {}

  @SqlQuery(
      """
      select date as day, revenue_usd from analytics.youtube_metrics
       where channel_id = :channelId and date >= :first and revenue_usd is not null order by date
      """)
  @RegisterConstructorMapper(RevenueDay.class)
  List<RevenueDay> revenue(String channelId, LocalDate first);
}
