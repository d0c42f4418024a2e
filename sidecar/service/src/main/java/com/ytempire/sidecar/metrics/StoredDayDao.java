package com.ytempire.sidecar.metrics;

import java.time.LocalDate;
import java.util.List;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/**
 * Reads days of the tenant's channels that are stored. Apart from {@link PlanDao}, because a fetch
 * attaches it for each report of each channel, and Jdbi prepares every method of an interface that
 * is attached.
 */
interface StoredDayDao {
  /**
   * A stored day of a channel.
   *
   * @param hasViews whether views are stored of it, and not 0; so {@code hasRevenue}
   * @param isFirst whether it is the first that has views
   */
  record StoredDay(LocalDate day, boolean hasViews, boolean hasRevenue, boolean isFirst) {}

  /** These days of a channel, as far as they are stored, and the first with views. */
  @SqlQuery(
      """
      select date as day, coalesce(views <> 0, false) as has_views, coalesce(revenue_usd <> 0, false) as has_revenue,
             false as is_first
        from analytics.youtube_metrics where channel_id = :channelId and date = any(:days)
      union all
      (select date, true, false, true
         from analytics.youtube_metrics where channel_id = :channelId and views > 0 order by date limit 1)
      """)
  @RegisterConstructorMapper(StoredDay.class)
  List<StoredDay> storedDays(String channelId, LocalDate[] days);
}
