package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The plan of a tick finds the newest observation of each channel and video, and reads no other:
 * what it costs must not grow with what was ever observed.
 */
final class NewestObservationsTest {
  private static final int OBSERVATIONS = 30_000;

  /** All observations of a channel or a video are on hundreds of pages. */
  private static final int MOST_PAGES = 100;

  private static final String CHANNEL = "UC" + "1".repeat(22);
  private static final String HIDDEN = "UC" + "2".repeat(22);

  private static Platform platform;
  private static String user;
  private static String other;

  /** Every five seconds of the last 42 hours; views count the observations. */
  @BeforeAll
  static void observe() {
    platform = new Platform(1, 1);
    user = platform.createUser("newest@example.com");
    other = platform.createUser("other@example.com");
    platform.addChannel(user, CHANNEL);
    platform.addChannel(user, HIDDEN);
    platform.addChannel(other, "UC" + "3".repeat(22));
    platform.execute(
        """
        insert into core.videos (user_id, video_id, channel_id, title, published_at, refreshed_at)
        select user_id, 'ofchannel' || right(channel_id, 2), channel_id, 'title', '2026-11-18', '2026-11-18' from core.channels;
        insert into core.channel_statistics (user_id, channel_id, observed_at, views, subscribers, videos)
        select user_id, channel_id, timestamptz '2026-11-20 18:00Z' - (%1$d - n) * interval '5 seconds', n, 1, 1
          from core.channels, generate_series(1, %1$d) n;
        insert into core.video_statistics (user_id, channel_id, video_id, observed_at, views)
        select user_id, channel_id, video_id, timestamptz '2026-11-20 18:00Z' - (%1$d - n) * interval '5 seconds', n
          from core.videos, generate_series(1, %1$d) n;
        update core.channels set is_hidden = true, is_active = false, erase_after = '2026-12-01' where channel_id = '%2$s'
        """
            .formatted(OBSERVATIONS, HIDDEN));
    platform.execute("analyze core.channel_statistics, core.video_statistics, core.videos");
  }

  @AfterAll
  static void close() {
    platform.close();
  }

  /** What a query answers for the user; it must not read more than so many pages for it. */
  private static List<Map<String, Object>> read(String query, long mostPages) throws SQLException {
    try (Connection connection = Engines.admin(platform.database);
        var statement = connection.createStatement()) {
      statement.execute(
          "select set_config('app.tenant_id', sec.prove_tenant('%s'), false)".formatted(user));
      statement.execute("set session authorization ytempire_app");
      String asked = query.replace(":tenants", "array[current_setting('app.tenant_id')]");
      // The first one reads PostgreSQL's catalogs, too.
      List<Map<String, Object>> rows = Platform.rows(connection, asked);
      String plan =
          Platform.rows(connection, "explain (analyze, buffers) " + asked).stream()
              .map(line -> String.valueOf(line.get("QUERY PLAN")))
              .collect(Collectors.joining("\n"));
      Matcher pages = Pattern.compile("Buffers: shared hit=(\\d+)").matcher(plan);
      assertTrue(pages.find(), plan);
      assertTrue(Long.parseLong(pages.group(1)) <= mostPages, plan);
      return rows;
    }
  }

  @Test
  void the_plan_reads_the_newest_totals_of_a_channel_alone() throws Exception {
    List<Map<String, Object>> channels =
        read(
            "select channel_id, statistics_at::text, is_idle from app.plan_connected_channels(:tenants)",
            MOST_PAGES);
    assertEquals(
        List.of(
            Map.of(
                "channel_id",
                CHANNEL,
                "statistics_at",
                "2026-11-20 18:00:00+00",
                "is_idle",
                false)),
        channels.stream().filter(each -> CHANNEL.equals(each.get("channel_id"))).toList());
    assertTrue(
        channels.stream()
            .filter(each -> HIDDEN.equals(each.get("channel_id")))
            .allMatch(each -> each.get("statistics_at") == null),
        "rows of a channel that was disconnected wait to be erased");
  }

  @Test
  void the_plan_reads_when_a_video_was_last_looked_at_and_no_time_before() throws Exception {
    List<Map<String, Object>> videos =
        read(
            "select video_id, observed_at::text from app.plan_video_states(:tenants, '2026-11-20 18:10Z')",
            MOST_PAGES);
    assertEquals(
        List.of(Map.of("video_id", "ofchannel11", "observed_at", "2026-11-20 18:00:00+00")),
        videos);
  }

  @Test
  void no_totals_of_another_user_are_found() throws Exception {
    List<Map<String, Object>> found =
        read(
            "select s.video_id from app.newest_video_statistics(array['ofchannel11', 'ofchannel33'], '2026-11-19') s"
                + " union all select s.channel_id from app.newest_channel_statistics() s order by 1",
            MOST_PAGES);
    assertEquals(
        List.of(Map.of("video_id", CHANNEL), Map.of("video_id", "ofchannel11")),
        found,
        "nothing of " + other);
  }

  @Test
  void what_a_user_sees_of_quality_names_the_newest_totals_with_and_without_a_rollup()
      throws Exception {
    String query =
        "select channel_id, statistics_at::text from analytics.data_quality(null, '2026-11-20') where channel_id = '%s'"
            .formatted(CHANNEL);
    List<Map<String, Object>> newest =
        List.of(Map.of("channel_id", CHANNEL, "statistics_at", "2026-11-20 18:00:00+00"));
    platform.execute("delete from core.channel_statistics_days");
    assertEquals(newest, read(query, Long.MAX_VALUE));
    platform.execute("call core.maintain('2026-11-20 18:00Z')");
    assertEquals(newest, read(query, MOST_PAGES));
  }
}
