package com.ytempire.sidecar.metrics;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Backfills: days of reports that are older than the plan looks back. */
@RegisterConstructorMapper(BackfillDao.StoredBackfill.class)
interface BackfillDao {
  /**
   * A backfill of a report of a channel.
   *
   * @param reached this day and all later ones have been fetched
   * @param advancedAt when a part was last stored; null: none yet
   */
  record StoredBackfill(
      UUID userId,
      String channelId,
      String report,
      LocalDate firstDay,
      LocalDate reached,
      @Nullable Instant advancedAt) {}

  /** Backfills of several users that are not done. */
  @SqlQuery("select * from app.plan_backfills(:tenants)")
  List<StoredBackfill> open(String[] tenants);

  @SqlQuery(
      "select user_id, channel_id, report, first_day, reached, advanced_at from analytics.backfills where channel_id = :channelId order by report")
  List<StoredBackfill> of(String channelId);

  /** Starts backfills, or changes how far back they go; what has been reached stays. */
  @SqlUpdate(
      """
      insert into analytics.backfills (channel_id, report, first_day, reached)
      select :channelId, r.report, :firstDay, :reached from unnest(:reports) as r (report)
      on conflict (user_id, channel_id, report) do update set first_day = excluded.first_day
      """)
  void start(String channelId, String[] reports, LocalDate firstDay, LocalDate reached);

  @SqlUpdate("delete from analytics.backfills where channel_id = :channelId")
  void stop(String channelId);

  /**
   * Notes that YouTube has nothing of the days from a day to the day reached.
   *
   * @param at when a part ended with that; null: it did not
   */
  @SqlUpdate(
      "update analytics.backfills set reached = greatest(:day, first_day), advanced_at = coalesce(:at::timestamptz, advanced_at) where channel_id = :channelId and report = :report and reached > :day")
  int skip(String channelId, String report, LocalDate day, @Nullable String at);

  /** Notes that days of a report were stored, each next to the day reached or not far from it. */
  @SqlUpdate(
      """
      update analytics.backfills b
         set reached = greatest(s.first, b.first_day), advanced_at = :at::timestamptz
        from (select channel_id, report, min(day) as first, max(day) as last
                from unnest(:channels, :reports, :days) as c (channel_id, report, day)
               group by channel_id, report) s
       where b.channel_id = s.channel_id and b.report = s.report
         and s.first < b.reached and s.last >= b.reached - 14
      """)
  void advance(String[] channels, String[] reports, LocalDate[] days, String at);
}
