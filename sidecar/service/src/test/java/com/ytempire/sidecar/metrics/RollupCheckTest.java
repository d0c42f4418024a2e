package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.testing.Platform;
import java.time.Duration;
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
}
