package com.ytempire.sidecar.quality;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;
import org.jspecify.annotations.Nullable;

/** Reads the counts of the view of success: of the tenant of the transaction, and the uptime. */
interface SuccessDao {
  /** The milestones of the tenant in days since sign-up; null: not reached yet. */
  record Milestones(
      int daysSinceSignUp,
      int channels,
      @Nullable Integer reached5000,
      @Nullable Integer reached10000) {}

  @SqlQuery("select * from app.observe_milestones(:now)")
  @RegisterConstructorMapper(Milestones.class)
  Optional<Milestones> milestones(Instant now);

  /** The worst level of a check on a day. */
  record DayLevel(String checkName, String worstLevel) {}

  @SqlQuery(
      """
      select check_name, worst_level from analytics.quality_results
       where channel_id is null and value is not null and day >= :since
      """)
  @RegisterConstructorMapper(DayLevel.class)
  List<DayLevel> dayLevels(LocalDate since);

  /** Reads three panels of the Revenue Tracker, for the time that it takes. */
  @SqlQuery(
      """
      select (select count(*) from analytics.current_month_revenue(null, :today))
             + (select count(*) from analytics.daily_revenue_trend(null, :today))
             + (select count(*) from analytics.channel_performance_comparison(null, 28, :today))
      """)
  long readPanels(LocalDate today);

  @SqlUpdate("select app.note_uptime(:now)")
  void noteUptime(Instant now);

  /** Empty: there are no minutes. */
  @SqlQuery("select app.uptime_percent(:now, :days)")
  Optional<BigDecimal> uptimePercent(Instant now, int days);
}
