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
  /** What a check measured of a channel, or of the user. */
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

  @SqlQuery("select channel_id, value from app.observe_costs(:now)")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> costs(Instant now);

  @SqlQuery("select channel_id, value from app.observe_isolation(:tenant)")
  @RegisterConstructorMapper(Measure.class)
  List<Measure> isolation(UUID tenant);

  /** Days of views of a channel that may be judged; the n-th figure is of the n-th day. */
  record ViewDays(String channelId, List<LocalDate> days, List<Long> views) {}

  @SqlQuery("select channel_id, days, views from app.observe_view_days(:now)")
  @RegisterConstructorMapper(ViewDays.class)
  List<ViewDays> viewDays(Instant now);

  /** When a check of the user was last made today. */
  record LastCheck(String checkName, Instant checkedAt) {}

  @SqlQuery(
      """
      select check_name, checked_at from analytics.quality_results
       where channel_id is null and day = :today
      """)
  @RegisterConstructorMapper(LastCheck.class)
  List<LastCheck> lastChecks(LocalDate today);

  @SqlUpdate(
      """
      insert into analytics.quality_results as r
             (channel_id, check_name, day, checked_at, level, worst_level, value, worst_value)
      values (:channelId, :check, :day, :now, :level, :level, :value, :value)
      on conflict (user_id, channel_id, check_name, day) do update
         set checked_at = excluded.checked_at, level = excluded.level, value = excluded.value,
             worst_value = case when array_position(array['ok', 'warn', 'error'], excluded.level) >= array_position(array['ok', 'warn', 'error'], r.worst_level)
                                then excluded.value else r.worst_value end,
             worst_level = case when array_position(array['ok', 'warn', 'error'], excluded.level) >= array_position(array['ok', 'warn', 'error'], r.worst_level)
                                then excluded.level else r.worst_level end
      """)
  void put(
      @Nullable String channelId,
      String check,
      LocalDate day,
      Instant now,
      String level,
      @Nullable BigDecimal value);

  /** The newest result of a check, of the user or one of its channels. */
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

  @SqlQuery(
      """
      select r.check_name, r.channel_id, c.channel_name, r.day, r.checked_at, r.level, r.value, r.worst_level, r.worst_value
        from (select distinct on (x.check_name, x.channel_id) x.*
                from analytics.quality_results x
               where x.day >= :since and (cast(:check as text) is null or x.check_name = :check)
               order by x.check_name, x.channel_id, x.day desc) r
        left join analytics.channels c on c.channel_id = r.channel_id
       order by r.check_name, r.channel_id nulls first
      """)
  @RegisterConstructorMapper(Result.class)
  List<Result> newest(LocalDate since, @Nullable String check);

  @SqlQuery(
      """
      select r.check_name, r.channel_id, c.channel_name, r.day, r.checked_at, r.level, r.value, r.worst_level, r.worst_value
        from analytics.quality_results r
        left join analytics.channels c on c.channel_id = r.channel_id
       where r.day >= :since and (cast(:check as text) is null or r.check_name = :check)
       order by r.day desc, r.check_name, r.channel_id nulls first
       limit :limit
      """)
  @RegisterConstructorMapper(Result.class)
  List<Result> history(LocalDate since, @Nullable String check, int limit);

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
  void goOn(String check, Instant now, int channels, @Nullable BigDecimal value, boolean isWorse);

  /** Closes the open incident; empty: there is none. */
  @SqlQuery(
      """
      update analytics.quality_incidents set closed_at = :now, updated_at = :now
       where check_name = :check and closed_at is null
      returning incident_id
      """)
  Optional<UUID> close(String check, Instant now);

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
       where closed_at is null and :open or closed_at >= :closedSince
       order by opened_at desc, check_name
       limit :limit
      """)
  @RegisterConstructorMapper(Incident.class)
  List<Incident> incidents(boolean open, Instant closedSince, int limit);

  /** The incidents that are open, one a check. */
  @SqlQuery(
      """
      select user_id, incident_id, check_name, opened_at, updated_at, closed_at, value, channels
        from analytics.quality_incidents where closed_at is null
      """)
  @RegisterConstructorMapper(Incident.class)
  List<Incident> openIncidents();

  /** A channel whose revenue is to be reconciled today. */
  @SqlQuery(
      """
      select w.channel_id from app.watched_channels() w
       where w.has_revenue and w.connected_at < :connectedBefore
         and not exists (select from analytics.quality_results r
                          where r.channel_id = w.channel_id and r.check_name = 'revenue-reconciliation' and r.day >= :today)
       order by w.channel_id
      """)
  List<String> unreconciled(LocalDate today, Instant connectedBefore);

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
