package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What becomes of rows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StoreTest {
  private static final String CHANNEL = "UCstorestorestorestorest";

  private final Platform platform = new Platform(1, 1);
  private String ada = "";
  private String service = "";

  @BeforeAll
  void user() {
    ada = platform.createUser("ada@example.com");
    platform.addChannel(ada, CHANNEL);
    service = platform.token("service", null);
  }

  @AfterAll
  void close() {
    platform.close();
  }

  private Map<String, Object> row(String day, Object... metrics) {
    Map<String, Object> row =
        new HashMap<>(
            Map.of("kind", "channel-day", "userId", ada, "channelId", CHANNEL, "day", day));
    for (int i = 0; i < metrics.length; i += 2) {
      row.put((String) metrics[i], metrics[i + 1]);
    }
    return row;
  }

  private JsonNode store(List<?> rows) {
    return platform.post("/v1/metrics/store", service, Map.of("rows", rows)).expect(200).body();
  }

  private static List<String> outcomes(JsonNode answer) {
    return StreamSupport.stream(answer.get("rows").spliterator(), false)
        .map(row -> row.get("outcome").stringValue())
        .toList();
  }

  @Test
  void a_restated_day_is_updated_with_its_revision_kept() {
    assertEquals(
        List.of("stored"),
        outcomes(store(List.of(row("2026-10-01", "views", 10, "estimatedRevenue", "1.5")))));
    JsonNode answer = store(List.of(row("2026-10-01", "views", 12, "estimatedRevenue", "1.5000")));
    assertEquals(List.of("updated"), outcomes(answer));
    assertEquals(
        "{\"views\":{\"from\":10,\"to\":12}}", answer.get("rows").get(0).get("changes").toString());
    List<Map<String, Object>> revisions =
        platform.admin(
            "select changes::text as changes from core.metric_revisions where day = '2026-10-01'");
    assertEquals(List.of(Map.of("changes", "{\"views\": {\"to\": 12, \"from\": 10}}")), revisions);
  }

  @Test
  void a_dry_run_reports_each_rows_outcome_and_changes_nothing() {
    store(List.of(row("2026-02-01", "views", 10)));
    List<Map<String, Object>> before =
        platform.admin("select to_jsonb(d)::text as row from core.channel_days d");
    long revisions = platform.count("core.metric_revisions");
    JsonNode result =
        platform
            .post(
                "/v1/metrics/store",
                service,
                Map.of(
                    "dryRun",
                    true,
                    "rows",
                    List.of(
                        row("2026-02-01", "views", 12),
                        row("2026-02-02", "views", 1),
                        row("no day", "views", 1))))
            .expect(200)
            .body();
    assertEquals(List.of("updated", "stored", "rejected"), outcomes(result));
    assertTrue(result.get("dryRun").booleanValue());
    assertEquals(
        "{\"views\":{\"from\":10,\"to\":12}}", result.get("rows").get(0).get("changes").toString());
    assertEquals(
        before, platform.admin("select to_jsonb(d)::text as row from core.channel_days d"));
    assertEquals(revisions, platform.count("core.metric_revisions"));
    assertEquals(
        1,
        platform.count("core.audit_log where action = 'metrics.store-dry-run'"),
        "it was audited");
    // What it said is what happens.
    assertEquals(
        List.of("updated", "stored"),
        outcomes(store(List.of(row("2026-02-01", "views", 12), row("2026-02-02", "views", 1)))));
  }

  @Test
  void what_a_row_leaves_out_stays_as_it_is() {
    store(List.of(row("2026-10-02", "views", 10)));
    assertEquals(
        List.of("updated"),
        outcomes(store(List.of(row("2026-10-02", "estimatedRevenue", "2.25")))));
    assertEquals(
        "[{views=10, revenue_usd=2.2500}]",
        platform
            .admin("select views, revenue_usd from core.channel_days where day = '2026-10-02'")
            .toString());
  }

  @Test
  void the_same_row_twice_in_a_batch_counts_as_sent_twice() {
    JsonNode answer =
        store(
            List.of(
                row("2026-10-03", "views", 1),
                row("2026-10-03", "views", 1),
                row("2026-10-03", "views", 2)));
    assertEquals(List.of("stored", "unchanged", "updated"), outcomes(answer));
    assertEquals(
        "[{views=2}]",
        platform.admin("select views from core.channel_days where day = '2026-10-03'").toString());
  }

  @Test
  void one_moment_written_in_two_ways_is_one_row() {
    Map<String, Object> one =
        Map.of(
            "kind",
            "channel-statistics",
            "userId",
            ada,
            "channelId",
            CHANNEL,
            "observedAt",
            "2026-11-01T12:00:00Z",
            "views",
            5,
            "videos",
            1);
    Map<String, Object> same = new HashMap<>(one);
    same.put("observedAt", "2026-11-01T14:00:00+02:00");
    assertEquals(List.of("stored", "unchanged"), outcomes(store(List.of(one, same))));
    assertEquals(1, platform.count("core.channel_statistics"));
  }

  @Test
  void rows_of_many_kinds_and_users_go_in_together() {
    String bob = platform.createUser("bob@example.com");
    platform.addChannel(bob, CHANNEL);
    Map<String, Object> bobs = row("2026-10-04", "views", 7);
    bobs.put("userId", bob);
    Map<String, Object> video =
        Map.of(
            "kind",
            "video",
            "userId",
            ada,
            "channelId",
            CHANNEL,
            "videoId",
            "abcdefghijk",
            "title",
            "Soup",
            "publishedAt",
            "2026-10-01T00:00:00Z");
    assertEquals(
        List.of("stored", "stored", "stored"),
        outcomes(store(List.of(row("2026-10-04", "views", 3), bobs, video))));
    assertEquals(
        "[{views=3}, {views=7}]",
        platform
            .admin("select views from core.channel_days where day = '2026-10-04' order by views")
            .toString());
  }

  private Map<String, Object> videoWithALongDescription(int number) {
    return Map.of(
        "kind",
        "video",
        "userId",
        ada,
        "channelId",
        CHANNEL,
        "videoId",
        "long%07d".formatted(number),
        "title",
        "Soup",
        "publishedAt",
        "2026-10-01T00:00:00Z",
        "description",
        "x".repeat(20_000));
  }

  @Test
  void a_page_of_long_rows_ends_at_four_megabytes_and_the_next_one_goes_on() {
    int videos = 300;
    for (int first = 0; first < videos; first += 100) {
      store(IntStream.range(first, first + 100).mapToObj(this::videoWithALongDescription).toList());
    }
    Set<String> read = new HashSet<>();
    String path = "/v1/users/" + ada + "/metrics/video?limit=5000";
    JsonNode page = platform.get(path, service).expect(200).body();
    int inOne = page.get("rows").size();
    assertTrue(inOne > 200 && inOne < 220, inOne + " rows of 20 kB");
    while (true) {
      page.get("rows").forEach(row -> read.add(row.get("videoId").stringValue()));
      if (page.get("next").isNull()) {
        break;
      }
      page =
          platform
              .get(path + "&after=" + page.get("next").stringValue(), service)
              .expect(200)
              .body();
    }
    assertEquals(videos, read.size());
  }

  @Test
  void stored_rows_come_back_newest_first_page_by_page_as_they_went_in() {
    Map<String, Object> full =
        row(
            "2026-09-02",
            "views",
            5,
            "averageViewPercentage",
            41.5,
            "estimatedRevenue",
            "3.1000",
            "subscribersLost",
            0);
    store(List.of(row("2026-09-01", "views", 4), full, row("2026-09-03", "views", 6)));
    String path = "/v1/users/" + ada + "/metrics/channel-day?from=2026-09-01&to=2026-09-03&limit=2";
    JsonNode first = platform.get(path, service).expect(200).body();
    assertEquals("2026-09-03", first.get("rows").get(0).get("day").stringValue());
    assertEquals(Platform.JSON.valueToTree(full), first.get("rows").get(1));
    JsonNode second =
        platform
            .get(path + "&after=" + first.get("next").stringValue(), service)
            .expect(200)
            .body();
    assertEquals(1, second.get("rows").size());
    assertEquals("2026-09-01", second.get("rows").get(0).get("day").stringValue());
    assertEquals(true, second.get("next").isNull());
    assertEquals(
        0,
        platform
            .get("/v1/users/" + ada + "/metrics/channel-day?from=2026-03-01&to=2026-08-31", service)
            .expect(200)
            .body()
            .get("rows")
            .size());
  }

  @Test
  void a_row_that_the_database_refuses_is_rejected_alone() {
    String refuse = "alter table core.channel_days %s constraint refused_by_a_test %s";
    platform.execute(refuse.formatted("add", "check (views <> 13)"));
    try {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (int day = 1; day <= 28; day++) {
        rows.add(row("2025-01-%02d".formatted(day), "views", day));
      }
      JsonNode answer = store(rows);
      assertEquals(27, answer.get("stored").intValue(), answer.toString());
      JsonNode refused = answer.get("rows").get(12);
      assertEquals("rejected", refused.get("outcome").stringValue());
      assertTrue(
          refused.get("faults").get(0).get("message").stringValue().contains("SQLSTATE 23514"),
          refused.toString());
      assertEquals(
          27, platform.count("core.channel_days where day between '2025-01-01' and '2025-01-31'"));
      assertEquals(
          0,
          platform.count("core.day_checks where day = '2025-01-13'"),
          "a day that was not stored was not looked at");
      // Restated as well, where all rows are known but one.
      rows.replaceAll(row -> {
        Map<String, Object> more = new HashMap<>(row);
        more.put("likes", 1);
        return more;
      });
      assertEquals(27, store(rows).get("updated").intValue());
    } finally {
      platform.execute(refuse.formatted("drop", ""));
      platform.execute("delete from core.channel_days where day < '2026-01-01'");
    }
  }

  @Test
  void a_batch_with_many_refused_rows_is_given_up() {
    String refuse = "alter table core.channel_days %s constraint refused_by_a_test %s";
    platform.execute(refuse.formatted("add", "check (day = '2020-01-01' or day >= '2025-01-01')"));
    try {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (LocalDate day = LocalDate.parse("2020-01-01");
          rows.size() < 300;
          day = day.plusDays(1)) {
        rows.add(row(day.toString(), "views", 1));
      }
      JsonNode answer = store(rows);
      assertEquals(1, answer.get("stored").intValue());
      Map<Boolean, Integer> refused = new HashMap<>();
      for (JsonNode row : answer.get("rows").values()) {
        if (row.has("faults")) {
          String fault = row.get("faults").get(0).get("message").stringValue();
          refused.merge(fault.contains("SQLSTATE 23514"), 1, Integer::sum);
          assertTrue(fault.contains("SQLSTATE") || fault.contains("send it again"), fault);
        }
      }
      assertEquals(Map.of(true, 50, false, 249), refused);
    } finally {
      platform.execute(refuse.formatted("drop", ""));
      platform.execute("delete from core.channel_days where day < '2026-01-01'");
    }
  }

  private Map<String, Object> video(String day, Object... metrics) {
    Map<String, Object> row = row(day, metrics);
    row.put("kind", "video-day");
    row.put("videoId", "rolledupvid");
    return row;
  }

  private String totals() {
    return String.valueOf(
        platform
            .admin(
                "select concat_ws('|', days, first_day, last_day, views, coalesce(revenue_usd::text, '-'), coalesce(views_7d::text, '-'), coalesce(revenue_28d_usd::text, '-')) as t from core.video_totals where video_id = 'rolledupvid'")
            .getFirst()
            .get("t"));
  }

  @Test
  void rollups_follow_days_restatements_and_a_late_publication_date() {
    Map<String, Object> published = row("", "title", "t", "publishedAt", "2026-09-01T12:00:00Z");
    published.remove("day");
    published.put("kind", "video");
    published.put("videoId", "rolledupvid");
    try {
      // Monday, the next Monday, and a day past the first 28.
      store(
          List.of(
              video("2026-09-07", "views", 10),
              video("2026-09-14", "views", 5),
              video("2026-10-05", "views", 1, "estimatedRevenue", "2.5")));
      assertEquals("3|2026-09-07|2026-10-05|16|2.5000|-|-", totals(), "age is unknown");
      store(List.of(published));
      assertEquals("3|2026-09-07|2026-10-05|16|2.5000|10|-", totals());
      store(
          List.of(
              video("2026-09-07", "views", 8, "estimatedRevenue", "1.25"),
              video("2026-09-14", "views", 5),
              video("2026-09-15", "views", 7)));
      assertEquals("4|2026-09-07|2026-10-05|21|3.7500|8|1.2500", totals());
      assertEquals(
          List.of(
              Map.of("w", "2026-09-07 1 8"),
              Map.of("w", "2026-09-14 2 12"),
              Map.of("w", "2026-10-05 1 1")),
          platform.admin(
              "select concat_ws(' ', week, days, views) as w from core.video_weeks where video_id = 'rolledupvid' order by 1"));
      published.put("publishedAt", "2026-09-14T12:00:00Z");
      store(List.of(published));
      assertEquals("4|2026-09-07|2026-10-05|21|3.7500|20|3.7500", totals(), "republished");
      assertEquals(List.of(), platform.admin("select * from core.wrong_rollups(null)"));
    } finally {
      platform.execute(
          "delete from core.video_days; delete from core.video_totals; delete from core.video_weeks; delete from core.videos");
    }
  }

  @Test
  void a_known_row_is_found_among_many_new_ones() {
    try {
      // Few rows of a batch are looked up before it is stored, and this one is not among them.
      int known = 7;
      LocalDate first = LocalDate.of(2026, 1, 1);
      store(List.of(video(first.plusDays(known).toString(), "views", 5)));
      List<Map<String, Object>> rows = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        rows.add(video(first.plusDays(i).toString(), "views", 6));
      }
      JsonNode answer = store(rows);
      assertEquals(99, answer.get("stored").intValue());
      assertEquals(1, answer.get("updated").intValue());
      assertEquals(
          "{\"views\":{\"from\":5,\"to\":6}}",
          answer.get("rows").get(known).get("changes").toString());
      assertEquals("100|2026-01-01|2026-04-10|600|-|-|-", totals());
      assertEquals(List.of(), platform.admin("select * from core.wrong_rollups(null)"));
    } finally {
      platform.execute(
          "delete from core.video_days; delete from core.video_totals; delete from core.video_weeks; delete from core.videos; delete from core.metric_revisions where video_id is not null");
    }
  }

  private Map<String, Object> thumbnail(String videoId, String day, Object... metrics) {
    Map<String, Object> row = row(day, metrics);
    row.put("kind", "thumbnail-day");
    row.put("videoId", videoId);
    return row;
  }

  private List<String> reach() {
    return platform
        .admin(
            "select concat_ws('|', day, videos, impressions, clicks) as r from core.reach_days order by day")
        .stream()
        .map(row -> String.valueOf(row.get("r")))
        .toList();
  }

  @Test
  void sums_of_reach_follow_thumbnails_and_their_restatements() {
    try {
      store(
          List.of(
              thumbnail("reachedvid1", "2026-09-07", "impressions", 100, "clickThroughRate", 0.05),
              thumbnail("reachedvid2", "2026-09-07", "impressions", 300, "clickThroughRate", 0.01),
              thumbnail("reachedvid1", "2026-09-08", "impressions", 50)));
      // 100 x 0.05 + 300 x 0.01; of the next day no rate is known.
      assertEquals(List.of("2026-09-07|2|400|8.000000"), reach());
      store(
          List.of(
              thumbnail("reachedvid1", "2026-09-07", "impressions", 100, "clickThroughRate", 0.05),
              thumbnail("reachedvid2", "2026-09-07", "impressions", 200),
              thumbnail("reachedvid1", "2026-09-08", "clickThroughRate", 0.1),
              thumbnail("reachedvid2", "2026-09-08", "impressions", 0, "clickThroughRate", 0)));
      // 100 x 0.05 + 200 x 0.01, and 50 x 0.1 + 0 x 0.
      assertEquals(List.of("2026-09-07|2|300|7.000000", "2026-09-08|2|50|5.000000"), reach());
      assertEquals(
          List.of(),
          platform.admin(
              "select w.* from core.users u, core.wrong_reach_days(u.user_id, null, now()) w"));
    } finally {
      platform.execute("delete from core.thumbnail_days; delete from core.reach_days");
    }
  }

  @Test
  void a_rehearsal_leaves_rollups_alone() {
    platform
        .post(
            "/v1/metrics/store",
            service,
            Map.of("dryRun", true, "rows", List.of(video("2026-09-07", "views", 10))))
        .expect(200);
    assertEquals(0, platform.count("core.video_totals where video_id = 'rolledupvid'"));
  }

  @Test
  void the_job_repairs_wrong_rollups_and_sets_views_after_48_hours() {
    String published = platform.clock.instant().minus(Duration.ofHours(60)).toString();
    Map<String, Object> title = row("", "title", "t", "publishedAt", published);
    title.remove("day");
    title.put("kind", "video");
    title.put("videoId", "rolledupvid");
    List<Map<String, Object>> rows =
        new ArrayList<>(List.of(title, video("2026-09-07", "views", 10)));
    for (int hours : List.of(11, 13)) {
      Map<String, Object> seen =
          video(
              "",
              "views",
              200 - hours,
              "observedAt",
              platform.clock.instant().minus(Duration.ofHours(hours)).toString());
      seen.remove("day");
      seen.put("kind", "video-statistics");
      rows.add(seen);
    }
    store(rows);
    platform.execute("update core.video_totals set views = 99 where video_id = 'rolledupvid'");
    try {
      platform.app.runJobs();
      assertEquals(
          List.of(Map.of("views", 10L, "views_48h", 188L)),
          platform.admin(
              "select views, views_48h from core.video_totals where video_id = 'rolledupvid'"));
      assertEquals(1, platform.count("core.rollup_checks where repaired = 1"));
      platform.app.runJobs();
      assertEquals(1, platform.count("core.rollup_checks"), "once a day");
    } finally {
      platform.execute(
          "delete from core.video_days; delete from core.video_statistics; delete from core.video_totals; delete from core.video_weeks; delete from core.videos; delete from core.rollup_checks");
    }
  }

  @Test
  void money_and_shares_come_back_as_they_went_in() {
    List<String> money =
        List.of(
            "0", "-0.0001", "0.0001", "9999", "10000", "10000.5", "9999999999.9999", "-12345678.9");
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < money.size(); i++) {
      rows.add(
          row(
              "2024-03-%02d".formatted(i + 1),
              "estimatedRevenue",
              money.get(i),
              "averageViewPercentage",
              i * 1234.5678));
    }
    assertEquals(money.size(), store(rows).get("stored").intValue());
    List<Map<String, Object>> stored =
        platform.admin(
            "select trim_scale(revenue_usd)::text as money, average_view_percentage::float8 as share from core.channel_days where day between '2024-03-01' and '2024-03-31' order by day");
    assertEquals(
        List.of(
            "0", "-0.0001", "0.0001", "9999", "10000", "10000.5", "9999999999.9999", "-12345678.9"),
        stored.stream().map(each -> String.valueOf(each.get("money"))).toList());
    for (int i = 0; i < money.size(); i++) {
      assertTrue(
          stored.get(i).get("share") instanceof Double share
              && Math.abs(share - i * 1234.5678) <= 1e-4,
          String.valueOf(stored.get(i)));
    }
    assertEquals(money.size(), store(rows).get("unchanged").intValue(), "the same figures again");
    platform.execute("delete from core.channel_days where day < '2026-01-01'");
  }
}
