package com.ytempire.sidecar;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.web.Contract;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * Reads of stored analytics against figures worked out by hand.
 *
 * <p>It is 20 November: the last 7 complete days are the 10th to the 16th. Ada's first channel has
 * 100 views, 60 minutes and $2 on each of them and $1 on each of the 7 days before; her second has
 * 10 views on the 10th to the 14th and nothing before.
 */
final class AnalyticsReadsTest {
  private static final Platform platform = new Platform(2, 2);
  private static final LocalDate FIRST = LocalDate.of(2026, 11, 10);
  private static String ada = "";
  private static String token = "";
  private static String one = "";
  private static String two = "";

  @BeforeAll
  static void store() {
    ada = platform.connectedUser(0);
    platform.createUser("nobody@example.com");
    token = platform.token("user", ada);
    one = platform.world.accounts().getFirst().channels().getFirst().id();
    two = platform.world.accounts().getFirst().channels().getLast().id();
    platform.execute("delete from core.channel_days; delete from core.video_days");
    platform.execute(
        "update core.channels set channel_name = case channel_id when '%s' then '=Cooking' else 'Trains' end"
            .formatted(one));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int d = -7; d < 7; d++) {
      rows.add(day(one, FIRST.plusDays(d), 100, d < 0 ? "1" : "2"));
    }
    for (int d = 0; d < 5; d++) {
      rows.add(day(two, FIRST.plusDays(d), 10, null));
    }
    // A whole week from Monday the 2nd, and days at both ends of it.
    for (String day : List.of("2026-10-31", "2026-11-02", "2026-11-08", "2026-11-09")) {
      rows.add(video("ggggggggg01", day, 5, "0.5"));
    }
    rows.add(video("ggggggggg02", "2026-11-09", 7, null));
    platform.post("/v1/metrics/store", OPERATOR_TOKEN, Map.of("rows", rows)).expect(200);
    platform.execute(
        """
        insert into core.costs (user_id, at, channel_id, category, provider, amount_usd, basis, external_id) values
          ('%1$s', '2026-11-10 09:00-08', '%2$s', 'text', 'openai', 4, 'metered', 'a'),
          ('%1$s', '2026-11-16 23:59-08', null, 'infrastructure', 'platform', 1.5, 'allocated', 'b'),
          ('%1$s', '2026-11-17 00:01-08', '%2$s', 'text', 'openai', 100, 'metered', 'c'),
          ('%1$s', '2026-11-09 23:59-08', '%2$s', 'text', 'openai', 3, 'metered', 'd')\
        """
            .formatted(ada, one));
  }

  @AfterAll
  static void close() {
    platform.close();
  }

  private static Map<String, Object> day(
      String channel, LocalDate day, long views, @Nullable String revenue) {
    Map<String, Object> row =
        new LinkedHashMap<>(
            Map.of(
                "kind",
                "channel-day",
                "userId",
                ada,
                "channelId",
                channel,
                "day",
                day.toString(),
                "views",
                views,
                "estimatedMinutesWatched",
                60));
    if (revenue != null) {
      row.put("estimatedRevenue", revenue);
    }
    return row;
  }

  private static Map<String, Object> video(
      String id, String day, long views, @Nullable String revenue) {
    Map<String, Object> row =
        new LinkedHashMap<>(
            Map.of(
                "kind",
                "video-day",
                "userId",
                ada,
                "channelId",
                one,
                "videoId",
                id,
                "day",
                day,
                "views",
                views));
    if (revenue != null) {
      row.put("estimatedRevenue", revenue);
    }
    return row;
  }

  private static Answer read(String view) {
    return platform.get("/v1/users/" + ada + "/analytics/" + view, token);
  }

  private static List<JsonNode> rows(String view) {
    return StreamSupport.stream(read(view).expect(200).body().get("rows").spliterator(), false)
        .toList();
  }

  private static String values(JsonNode row, String... columns) {
    return String.join(
        " ", List.of(columns).stream().map(name -> row.get(name).asString("null")).toList());
  }

  @Test
  void totals_are_of_exactly_the_complete_days_of_the_period() {
    Answer week = read("totals?period=last-7-days&compare=previous-period").expect(200);
    assertEquals("2026-11-10", week.text("from"));
    assertEquals("2026-11-16", week.text("to"));
    JsonNode row = week.body().get("rows").get(0);
    // $14 of 7 days; $5.50 of costs, the one at 23:59 of the last day among them.
    assertEquals(
        "14.0000 750 12.0 5.500000 8.500000 2 12 7.0000 1.0 700 null 3.000000",
        values(
            row,
            "revenueUsd",
            "views",
            "watchHours",
            "costUsd",
            "profitUsd",
            "channels",
            "channelDays",
            "previousRevenueUsd",
            "revenueChange",
            "previousViews",
            "viewsChange",
            "previousCostUsd"));
    assertTrue(row.get("revenueUsd").isString(), "money is exact");
    assertEquals("2026-11-14", week.text("asOf"), "the second channel is reported until then");
    assertEquals(10, read("totals").expect(200).body().get("columns").size(), "not compared");
  }

  @Test
  void named_periods_end_with_a_complete_day_and_weeks_with_a_sunday() {
    // The latest complete day is Monday the 16th.
    for (String wanted :
        List.of(
            "last-30-days 2026-10-18 2026-11-16",
            "last-365-days 2025-11-17 2026-11-16",
            "last-week 2026-11-09 2026-11-15",
            "last-month 2026-10-01 2026-10-31",
            "this-month 2026-11-01 2026-11-16",
            "year-to-date 2026-01-01 2026-11-16")) {
      String name = wanted.split(" ", 2)[0];
      Answer answer = read("totals?period=" + name).expect(200);
      assertEquals(wanted, name + " " + answer.text("from") + " " + answer.text("to"));
    }
  }

  @Test
  void compares_channels_with_the_same_days_before() {
    List<JsonNode> rows =
        rows("channel-comparison?from=2026-11-10&to=2026-11-16&compare=previous-period");
    assertEquals(2, rows.size());
    assertEquals(
        one + " 14.0000 700 20.0000 4.000000 10.000000 7 7.0000 1.0 0.0",
        values(
            rows.getFirst(),
            "channelId",
            "revenueUsd",
            "views",
            "rpmUsd",
            "costUsd",
            "profitUsd",
            "days",
            "previousRevenueUsd",
            "revenueChange",
            "viewsChange"));
    assertEquals(
        two + " null 50 null null null 5 null null null",
        values(
            rows.getLast(),
            "channelId",
            "revenueUsd",
            "views",
            "rpmUsd",
            "costUsd",
            "profitUsd",
            "days",
            "previousRevenueUsd",
            "revenueChange",
            "viewsChange"));
    // Days that YouTube has not reported yet are no loss: five of seven are compared with five.
    JsonNode open =
        rows("channel-comparison?from=2026-11-12&to=2026-11-18&compare=previous-period").getFirst();
    assertEquals("10.0000 500", values(open, "revenueUsd", "views"));
    assertEquals(
        "5.0000 500 1.0", values(open, "previousRevenueUsd", "previousViews", "revenueChange"));
    // The 10th and the 11th have no counterparts, nine days before.
    JsonNode uneven =
        rows("channel-comparison?from=2026-11-10&to=2026-11-18&compare=previous-period").getFirst();
    assertEquals(
        "5.0000 500 null", values(uneven, "previousRevenueUsd", "previousViews", "revenueChange"));
  }

  @Test
  void days_come_by_day_week_and_month() {
    List<JsonNode> days = rows("days?period=last-7-days&sort=day");
    assertEquals(12, days.size());
    assertEquals(
        "2026-11-10 100 1.0 2.0000 20.0000 1",
        values(
            days.stream()
                .filter(row -> row.get("channelId").asString().equals(one))
                .findFirst()
                .orElseThrow(),
            "day",
            "views",
            "watchHours",
            "revenueUsd",
            "rpmUsd",
            "days"));
    List<JsonNode> weeks =
        rows("days?from=2026-11-03&to=2026-11-16&interval=week&sort=day&channelId=" + one);
    // The 3rd to the 8th, the 9th to the 15th, and the 16th, a Monday.
    assertEquals(
        List.of("2026-11-02 600 6.0000 6", "2026-11-09 700 13.0000 7", "2026-11-16 100 2.0000 1"),
        weeks.stream().map(row -> values(row, "day", "views", "revenueUsd", "days")).toList());
    List<JsonNode> months =
        rows(
            "days?from=2026-11-01&to=2026-11-30&interval=month&channelId="
                + one
                + "&channelId="
                + two);
    assertEquals(2, months.size());
    assertEquals("2026-11-01", values(months.getFirst(), "day"));
  }

  @Test
  void top_videos_count_exactly_the_days_of_the_period() {
    assertEquals(
        List.of("ggggggggg01 15 1.5000", "ggggggggg02 7 null"),
        rows("top-videos?from=2026-11-01&to=2026-11-09").stream()
            .map(row -> values(row, "videoId", "views", "revenueUsd"))
            .toList());
    assertEquals(
        List.of("ggggggggg01 10 1.0000"),
        rows("top-videos?from=2026-10-31&to=2026-11-07").stream()
            .map(row -> values(row, "videoId", "views", "revenueUsd"))
            .toList());
    assertEquals(
        List.of("ggggggggg02", "ggggggggg01"),
        rows("top-videos?from=2026-11-09&to=2026-11-09").stream()
            .map(row -> values(row, "videoId"))
            .toList());
  }

  @Test
  void costs_of_a_period_say_what_was_metered_and_what_came_of_it() {
    assertEquals(
        "5.500000 4.000000 14.0000 8.500000 1.5455 null",
        values(
            rows("cost-analysis?period=last-7-days").getFirst(),
            "costUsd",
            "meteredCostUsd",
            "revenueUsd",
            "profitUsd",
            "returnOnCost",
            "costPerVideoUsd"));
  }

  @Test
  void the_running_month_is_read_as_its_panel_shows_it() {
    Answer answer = read("revenue-progress").expect(200);
    assertEquals("2026-11-01", answer.text("from"));
    assertEquals("2026-11-20", answer.text("to"));
    // $7 before and $14 of the 10th to the 16th.
    assertEquals(
        "21.0000 10000.00 behind 2026-11-16",
        values(
            answer.body().get("rows").get(0), "revenueUsd", "targetUsd", "status", "knownUntil"));
  }

  @Test
  void every_view_answers_as_the_contract_says_also_without_a_channel() {
    JsonNode views = Contract.load().document("analytics-view");
    String nobody =
        platform
            .get("/v1/users", OPERATOR_TOKEN)
            .body()
            .get("users")
            .valueStream()
            .filter(user -> user.get("email").asString().equals("nobody@example.com"))
            .findFirst()
            .orElseThrow()
            .get("userId")
            .asString();
    for (JsonNode name : views.get("enum")) {
      String view = name.asString();
      JsonNode traits = views.get("x-values").get(view);
      List<String> takes = traits.get("takes").valueStream().map(JsonNode::asString).toList();
      String query = takes.contains("compare") ? "?compare=previous-period" : "";
      List<String> wanted = new ArrayList<>();
      traits.get("columns").forEach(column -> wanted.add(column.asString()));
      if (traits.has("comparison")) {
        traits.get("comparison").forEach(column -> wanted.add(column.asString()));
      }
      for (String user : List.of(ada, nobody)) {
        Answer answer =
            platform
                .get("/v1/users/%s/analytics/%s%s".formatted(user, view, query), OPERATOR_TOKEN)
                .expect(200);
        assertEquals(
            wanted,
            answer.body().get("columns").valueStream().map(c -> c.get("name").asString()).toList(),
            view);
        answer.body().get("rows").forEach(row -> assertEquals(wanted.size(), row.size(), view));
      }
      for (Map.Entry<String, String> option :
          Map.of(
                  "period", "last-7-days",
                  "channelId", one,
                  "interval", "day",
                  "compare", "previous-period")
              .entrySet()) {
        read(view + "?" + option.getKey() + "=" + option.getValue())
            .expect(takes.contains(option.getKey()) ? 200 : 400);
      }
    }
  }

  @Test
  void pages_follow_each_other_and_keep_their_days_over_midnight() {
    String query = "days?period=last-7-days&sort=-views&limit=5";
    Answer first = read(query).expect(200);
    List<String> seen = new ArrayList<>();
    first.body().get("rows").forEach(row -> seen.add(values(row, "day", "channelId")));
    String cursor = first.text("nextCursor");
    read("days?period=last-28-days&sort=-views&limit=5&cursor=" + cursor).expect(400);
    read("days?period=last-7-days&cursor=" + cursor).expect(400);
    platform.clock.advance(Duration.ofHours(20));
    try {
      while (!cursor.isEmpty()) {
        Answer page = read(query + "&cursor=" + cursor).expect(200);
        assertEquals("2026-11-16", page.text("to"));
        page.body().get("rows").forEach(row -> seen.add(values(row, "day", "channelId")));
        cursor = page.body().get("nextCursor").asString("");
      }
    } finally {
      platform.clock.advance(Duration.ofHours(-20));
    }
    assertEquals(12, seen.size());
    assertEquals(12, seen.stream().distinct().count());
  }

  @Test
  void csv_comes_by_format_or_accept_and_has_no_formulas() throws Exception {
    String address =
        platform.url(
            "/v1/users/" + ada + "/analytics/channel-comparison?period=last-7-days&limit=1");
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> csv =
          http.send(
              HttpRequest.newBuilder(URI.create(address))
                  .header("Authorization", "Bearer " + token)
                  .header("Accept", "text/csv")
                  .build(),
              BodyHandlers.ofString());
      List<String> lines = csv.body().lines().toList();
      assertTrue(csv.headers().firstValue("content-type").orElse("").startsWith("text/csv"));
      assertEquals(2, lines.size());
      assertTrue(lines.getFirst().startsWith("channelId,channel,state,revenueUsd,"), csv.body());
      assertTrue(lines.get(1).startsWith(one + ",'=Cooking,active,14.0000,700,"), csv.body());
      String next = csv.headers().firstValue("x-next-cursor").orElseThrow();
      HttpResponse<String> last =
          http.send(
              HttpRequest.newBuilder(URI.create(address + "&format=csv&cursor=" + next))
                  .header("Authorization", "Bearer " + token)
                  .build(),
              BodyHandlers.ofString());
      assertTrue(last.body().lines().toList().get(1).startsWith(two + ",Trains,active,,50,"));
    }
    assertNotNull(read("channel-comparison?format=json").expect(200).body().get("rows"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "totals?from=1926-01-01 | from must be a day from 2000",
        "totals?from=2001-01-01&to=2026-01-01 | may be 1,830 days (five years) apart at most, not 9,132",
        "totals?from=2026-01-02&to=2026-01-01 | to is before from",
        "totals?to=2026-01-01 | from is missing",
        "totals?period=last-100-years | period must be one of last-7-days",
        "totals?period=last-month&from=2026-01-01 | send one of them",
        "revenue-progress?period=last-month | is of the running month",
        "break-even?from=2026-01-01 | says itself which days",
        "days?sort=views;drop%20table%20x | sort must be a column of days",
        "days?sort=user_id | sort must be a column of days",
        "days?channelId=UC'%20or%20true%20-- | must be UC and 22 more characters",
        "days?interval=hour | interval must be day, week or month",
        "totals?interval=day | interval is not for totals; it is for days",
        "days?compare=previous-period | compare is not for days; it is for totals",
        "totals?compare=last-year | compare must be previous-period",
        "success-metrics?channelId=UCaaaaaaaaaaaaaaaaaaaaaa | of all channels together",
        "days?limit=0 | limit must be a whole number from 1 to 1000",
        "days?cursor=abc | `cursor` is not",
        "days?format=xml | format must be json or csv"
      })
  void bad_input_is_answered_with_a_sentence(String address, String sentence) {
    Answer answer = read(address).expect(400);
    assertTrue(answer.text("detail").contains(sentence), answer.text("detail"));
  }

  @Test
  void unknown_views_channels_and_users_are_not_found() {
    assertTrue(
        read("nonsense").expectProblem(404, "not-found").text("detail").contains("top-videos"));
    read("days?channelId=UCaaaaaaaaaaaaaaaaaaaaaa").expectProblem(404, "unknown-channel");
    String many =
        String.join(
            "&",
            IntStream.range(0, 51)
                .mapToObj("channelId=UCaaaaaaaaaaaaaaaaaaaa%02d"::formatted)
                .toList());
    assertTrue(read("days?" + many).expect(400).text("detail").contains("50 times at most"));
    String other = platform.world.accounts().get(1).channels().getFirst().id();
    String bob = platform.connectedUser(1);
    read("days?channelId=" + other).expectProblem(404, "unknown-channel");
    platform.get("/v1/users/" + bob + "/analytics/days", token).expectProblem(404, "unknown-user");
  }
}
