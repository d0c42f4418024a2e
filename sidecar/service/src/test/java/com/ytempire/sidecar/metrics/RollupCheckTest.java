package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RollupCheckTest {
  @Test
  void sums_of_one_user_that_do_not_fit_leave_those_of_others_repaired() {
    try (Platform platform = new Platform(3, 1)) {
      String ada = platform.connectedUser(0);
      String bob = platform.connectedUser(1);
      String eve = platform.connectedUser(2);
      // As a replica of the version before stores them: without rollups.
      platform.execute(
          """
          insert into core.video_days (user_id, channel_id, video_id, day, views, created_at, updated_at)
          select c.user_id, c.channel_id, 'ggggggggg01', date '2026-03-01' + d,
                 case when c.user_id = '%s' then 9000000000000000000 else 5 end, now(), now()
            from core.channels c, generate_series(0, 1) d\
          """
              .formatted(bob));
      platform.clock.advance(Duration.ofDays(1));
      platform.app.runJobs();
      for (String repaired : new String[] {ada, eve}) {
        assertEquals(
            1,
            platform.count(
                "core.video_totals where user_id = '%s' and views = 10".formatted(repaired)));
      }
      assertEquals(
          2,
          platform.count("(select distinct xmin::text from core.video_totals where days > 0) t"),
          "a transaction a user");
      assertEquals(
          0, platform.count("core.video_totals where user_id = '%s' and days > 0".formatted(bob)));
      assertEquals(1, platform.count("core.rollup_checks where repaired = 2 and postponed = 1"));
      platform.app.runJobs();
      assertEquals(1, platform.count("core.rollup_checks"), "once a day");
    }
  }

  @Test
  void reach_that_a_replica_of_the_version_before_stored_is_repaired() {
    try (Platform platform = new Platform(2, 1)) {
      String ada = platform.connectedUser(0);
      String bob = platform.connectedUser(1);
      platform.execute(
          """
          insert into core.thumbnail_days (user_id, channel_id, video_id, day, impressions, click_through_rate, created_at, updated_at)
          select c.user_id, c.channel_id, 'reachedvid' || v, current_date - d, 100 * v, 0.5, now(), now()
            from core.channels c, generate_series(0, 200, 100) d, generate_series(1, 2) v;
          insert into core.reach_days (user_id, channel_id, day, videos, impressions, clicks)
          select c.user_id, c.channel_id, current_date, 7, 7, 7 from core.channels c where c.user_id = '%s'\
          """
              .formatted(bob));
      platform.clock.advance(Duration.ofDays(1));
      platform.app.runJobs();
      for (String user : new String[] {ada, bob}) {
        assertEquals(
            3,
            platform.count(
                "core.reach_days where user_id = '%s' and videos = 2 and impressions = 300 and clicks = 150"
                    .formatted(user)));
      }
    }
  }

  @Test
  void a_check_of_reach_locks_the_channels_of_wrong_days_alone() throws Exception {
    try (Platform platform = new Platform(2, 1)) {
      String ada = platform.connectedUser(0);
      String bob = platform.connectedUser(1);
      platform.execute(
          """
          insert into core.thumbnail_days (user_id, channel_id, video_id, day, impressions, click_through_rate, created_at, updated_at)
          select c.user_id, c.channel_id, 'reachedvid1', current_date, 100, 0.5, now(), now() from core.channels c;
          insert into core.reach_days (user_id, channel_id, day, videos, impressions, clicks)
          select c.user_id, c.channel_id, current_date, 1, 100, case when c.user_id = '%s' then 50 else 7 end from core.channels c\
          """
              .formatted(ada));
      String repair =
          "select sum(core.repair_reach_days(user_id, null, now())) as n from core.users";
      try (Connection checking = Engines.admin(platform.database);
          var statement = checking.createStatement()) {
        checking.setAutoCommit(false);
        statement.execute(repair);
        assertEquals(
            List.of(Map.of("user_id", ada)),
            platform.admin(
                "select user_id::text from core.channels for no key update skip locked"));
        assertEquals(
            "0",
            String.valueOf(platform.admin(repair).getFirst().get("n")),
            "what another repairs is left out");
        checking.commit();
      }
      assertEquals(2, platform.count("core.reach_days where clicks = 50"), bob);
    }
  }

  /** Three videos of Ada, one of whose sums does not fit; stored without rollups. */
  private static String storeOverflowing(Platform platform) {
    String ada = platform.connectedUser(0);
    platform.execute("delete from core.video_days; delete from core.video_totals");
    platform.execute(
        """
        insert into core.video_days (user_id, channel_id, video_id, day, views, created_at, updated_at)
        select c.user_id, c.channel_id, 'ggggggggg0' || v, date '2026-03-01' + d,
               case v when 2 then 9000000000000000000 else 5 end, now(), now()
          from core.channels c, generate_series(0, 1) d, generate_series(1, 3) v\
        """);
    return ada;
  }

  private static void assertOthersHaveSums(Platform platform) {
    assertEquals(
        List.of(
            Map.of("video_id", "ggggggggg01", "views", 10L),
            Map.of("video_id", "ggggggggg03", "views", 10L)),
        platform.admin("select video_id, views from core.video_totals where days > 0 order by 1"));
  }

  @Test
  void a_sum_that_does_not_fit_leaves_the_users_other_videos_repaired() {
    try (Platform platform = new Platform(1, 1)) {
      String unused = storeOverflowing(platform);
      platform.clock.advance(Duration.ofDays(1));
      platform.app.runJobs();
      assertOthersHaveSums(platform);
      assertEquals(1, platform.count("core.rollup_checks where repaired = 2 and postponed = 1"));
    }
  }

  @Test
  void a_sum_that_does_not_fit_leaves_the_others_filled_after_an_upgrade() throws Exception {
    try (Platform platform = new Platform(1, 1)) {
      String ada = storeOverflowing(platform);
      platform.execute("insert into sec.rollup_fills (user_id) values ('%s')".formatted(ada));
      // Sums would be too low.
      String views = "/v1/users/%s/analytics/".formatted(ada);
      Platform.Answer refused =
          platform
              .get(views + "top-videos", Platform.OPERATOR_TOKEN)
              .expectProblem(503, "unavailable");
      assertTrue(refused.text("detail").contains("still being computed"), refused.text("detail"));
      assertEquals(List.of("61"), refused.headers().get("retry-after"));
      platform
          .get("/v1/users/%s/export".formatted(ada), Platform.OPERATOR_TOKEN)
          .expectProblem(503, "unavailable");
      platform.get(views + "days", Platform.OPERATOR_TOKEN).expect(200);
      // Who erases a user holds it first, and is not waited for.
      try (Connection erasing = Engines.admin(platform.database);
          var statement = erasing.createStatement()) {
        erasing.setAutoCommit(false);
        statement.execute("select from core.users for update");
        assertEquals(
            List.of(Map.of("n", 0L)), platform.admin("select app.fill_rollups(now(), 9) as n"));
      }
      while (!platform
          .admin("select app.fill_rollups(now(), 9) as n")
          .equals(List.of(Map.of("n", 0L)))) {
        // Until nothing is left.
      }
      assertOthersHaveSums(platform);
      platform.get(views + "top-videos", Platform.OPERATOR_TOKEN).expect(200);
    }
  }
}
