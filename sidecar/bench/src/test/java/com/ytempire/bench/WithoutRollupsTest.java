package com.ytempire.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class WithoutRollupsTest {
  @Test
  void leaves_out_the_rollups_and_what_they_alone_need() {
    assertEquals(
        """
        with judged as (select i.*, case when o.is_known then 1 end as changes
          from i left join lateral (select true as is_known, m.views from days m) o on true),
        inserted as (insert into days select * from judged)

        select case when not is_known then 'stored' end from judged
        """,
        WithoutRollups.statement(
            """
            with judged as (select i.*, case when o.is_known then 1 end as changes, o.was_views, o.was_likes
              from i left join lateral (select true as is_known, m.views, m.views as was_views, m.likes as was_likes from days m) o on true),
            inserted as (insert into days select * from judged)
            , differences as materialized (
              select views - coalesce(was_views, 0) as views from judged),
            totalled as (
              insert into analytics.video_totals as m (views) select sum(views) from differences),
            by_week as (
              insert into analytics.video_weeks as m (views) select sum(views) from differences)
            select case when not is_known then 'stored' end from judged
            """));
  }

  @Test
  void a_statement_without_rollups_stays_as_it_is() {
    String statement = "select channel_id from analytics.video_totals where video_id = ?";
    assertEquals(statement, WithoutRollups.statement(statement));
  }

  @Test
  void a_statement_whose_rollups_it_does_not_know_is_refused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            WithoutRollups.statement(
                "with x as (insert into analytics.video_weeks values (1)) select 1"));
  }
}
