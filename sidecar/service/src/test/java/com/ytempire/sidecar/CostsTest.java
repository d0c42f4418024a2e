package com.ytempire.sidecar;

import static com.ytempire.sidecar.testing.Platform.OPERATOR_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * The ledger of costs, through its API. It is 20 November; Ada published two videos in November and
 * one in October, Bob one in October.
 */
final class CostsTest {
  private static final Platform platform = new Platform(2, 1);
  private static String ada = "";
  private static String bob = "";
  private static String channel = "";

  @BeforeAll
  static void store() {
    ada = platform.connectedUser(0);
    bob = platform.connectedUser(1);
    channel = channelOf(0);
    platform.execute("delete from core.videos; delete from core.video_totals");
    video(ada, channel, "november001", "2026-11-03T12:00:00Z");
    video(ada, channel, "november002", "2026-11-10T12:00:00Z");
    video(ada, channel, "october0001", "2026-10-31T12:00:00Z");
    video(bob, channelOf(1), "october0002", "2026-10-10T12:00:00Z");
    price("gpt-5.4-mini", "input-token", "2026-07-01", "0.75");
    price("gpt-5.4-mini", "input-token", "2026-11-15", "1.00");
    price("gpt-5.4-mini", "output-token", "2026-07-01", "4.50");
  }

  @BeforeEach
  void empty() {
    platform.execute(
        "delete from core.costs; delete from core.platform_costs; delete from core.provider_totals; delete from core.webhook_subscriptions");
  }

  @AfterAll
  static void close() {
    platform.close();
  }

  private static String channelOf(int account) {
    return platform.world.accounts().get(account).channels().getFirst().id();
  }

  private static void video(String user, String ofChannel, String id, String publishedAt) {
    Map<String, Object> video =
        Map.of(
            "kind",
            "video",
            "userId",
            user,
            "channelId",
            ofChannel,
            "videoId",
            id,
            "title",
            id,
            "publishedAt",
            publishedAt);
    Map<String, Object> day =
        Map.of(
            "kind",
            "video-day",
            "userId",
            user,
            "channelId",
            ofChannel,
            "videoId",
            id,
            "day",
            "2026-11-11",
            "views",
            1);
    JsonNode stored =
        platform
            .post("/v1/metrics/store", OPERATOR_TOKEN, Map.of("rows", List.of(video, day)))
            .expect(200)
            .body();
    assertEquals(0, stored.get("rejected").intValue(), stored.toString());
  }

  private static void price(String model, String unit, String from, String usd) {
    platform
        .post(
            "/v1/prices",
            OPERATOR_TOKEN,
            Map.of(
                "provider",
                "openai",
                "model",
                model,
                "unit",
                unit,
                "validFrom",
                from,
                "usd",
                usd,
                "per",
                1_000_000))
        .expect(201);
  }

  private static Map<String, Object> cost(String id, Object... more) {
    Map<String, Object> row =
        new LinkedHashMap<>(
            Map.of(
                "externalId",
                id,
                "provider",
                "openai",
                "category",
                "text",
                "at",
                "2026-11-12T10:00:00Z"));
    for (int i = 0; i < more.length; i += 2) {
      row.put(String.valueOf(more[i]), more[i + 1]);
    }
    return row;
  }

  @SafeVarargs
  private static JsonNode record(String user, Map<String, Object>... rows) {
    return platform
        .post("/v1/users/" + user + "/costs", OPERATOR_TOKEN, Map.of("rows", List.of(rows)))
        .expect(200)
        .body();
  }

  private static String text(JsonNode node, String field) {
    return node.get(field).stringValue();
  }

  private static Object ledger() {
    return String.valueOf(
        platform
            .admin("select count(*) || ' ' || coalesce(sum(amount_usd), 0) as n from core.costs")
            .getFirst()
            .get("n"));
  }

  @Test
  void a_quantity_costs_what_its_price_was_on_its_day() {
    JsonNode result =
        record(
            ada,
            cost(
                "before",
                "model",
                "gpt-5.4-mini",
                "unit",
                "input-token",
                "quantity",
                2_000_000,
                "at",
                "2026-11-14T23:59:59Z"),
            cost(
                "after",
                "model",
                "gpt-5.4-mini",
                "unit",
                "input-token",
                "quantity",
                2_000_000,
                "at",
                "2026-11-15T00:00:00Z"));
    assertEquals("1.500000", text(result.get("rows").get(0), "amountUsd"));
    assertEquals("2.000000", text(result.get("rows").get(1), "amountUsd"));
  }

  @Test
  void a_quantity_without_a_price_is_refused_naming_the_price() {
    JsonNode result =
        record(ada, cost("a", "model", "gpt-9", "unit", "input-token", "quantity", 5));
    assertEquals(
        "has no price on 2026-11-12: an operator adds one of openai, gpt-9, input-token, or the row says amountUsd",
        text(result.get("rows").get(0).get("faults").get(0), "message"));
    assertEquals("0 0", ledger());
  }

  @Test
  void a_retry_books_nothing_twice() {
    Map<String, Object> row = cost("resp_1", "amountUsd", "0.40", "videoId", "november001");
    JsonNode first = record(ada, row);
    JsonNode again = record(ada, row, row);
    assertEquals(1, first.get("booked").intValue());
    assertEquals(2, again.get("unchanged").intValue());
    assertEquals(
        text(first.get("rows").get(0), "costId"), text(again.get("rows").get(1), "costId"));
    assertEquals("1 0.400000", ledger());
  }

  @Test
  void two_rows_of_one_batch_with_the_same_id_are_booked_once() {
    JsonNode result = record(ada, cost("same", "amountUsd", "1"), cost("same", "amountUsd", "2"));
    assertEquals("booked", text(result.get("rows").get(0), "outcome"));
    assertEquals("unchanged", text(result.get("rows").get(1), "outcome"));
    assertTrue(text(result.get("rows").get(1), "message").contains("booked before with 1 USD"));
    assertEquals("1 1.000000", ledger());
  }

  @Test
  void the_same_external_id_of_two_users_is_two_costs() {
    record(ada, cost("resp_1", "amountUsd", "0.40"));
    assertEquals(1, record(bob, cost("resp_1", "amountUsd", "0.50")).get("booked").intValue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-5 | is -5, and a cost is not negative; set isRefund where the provider gave money back",
        "1000000000 | is 1000000000, more than the 10,000 USD that one cost may be; is it in USD, and of one use?",
      })
  void an_amount_that_no_cost_has_is_refused(String usd, String sentence) {
    JsonNode result = record(ada, cost("a", "amountUsd", usd), cost("b", "amountUsd", "1"));
    assertEquals(sentence, text(result.get("rows").get(0).get("faults").get(0), "message"));
    assertEquals("booked", text(result.get("rows").get(1), "outcome"));
    assertEquals("1 1.000000", ledger());
  }

  @Test
  void an_amount_that_no_cost_has_is_refused_where_a_price_makes_it() {
    JsonNode result =
        record(ada, cost("a", "model", "gpt-5.4-mini", "unit", "output-token", "quantity", 1e11));
    assertTrue(
        text(result.get("rows").get(0).get("faults").get(0), "message")
            .startsWith("comes to 450000.000000 USD"));
  }

  @Test
  void a_declared_refund_is_booked() {
    assertEquals(
        1, record(ada, cost("a", "amountUsd", "-5", "isRefund", true)).get("booked").intValue());
    assertEquals("1 -5.000000", ledger());
  }

  @Test
  void a_refund_of_a_positive_amount_is_refused() {
    JsonNode result = record(ada, cost("a", "amountUsd", "5", "isRefund", true));
    assertEquals("/isRefund", text(result.get("rows").get(0).get("faults").get(0), "pointer"));
  }

  @Test
  void a_video_of_another_user_is_refused_like_one_that_does_not_exist() {
    JsonNode result =
        record(
            ada,
            cost("a", "amountUsd", "1", "videoId", "october0002"),
            cost("b", "amountUsd", "1", "videoId", "nosuchvideo"),
            cost("c", "amountUsd", "1", "channelId", channelOf(1)));
    assertEquals(3, result.get("rejected").intValue());
    assertEquals(result.get("rows").get(0).get("faults"), result.get("rows").get(1).get("faults"));
    assertEquals("0 0", ledger());
  }

  @Test
  void a_cost_from_the_future_is_refused() {
    JsonNode result = record(ada, cost("a", "amountUsd", "1", "at", "2026-11-22T00:00:00Z"));
    assertEquals("/at", text(result.get("rows").get(0).get("faults").get(0), "pointer"));
  }

  @Test
  void an_allocated_cost_cannot_be_sent() {
    JsonNode result = record(ada, cost("a", "amountUsd", "1", "basis", "allocated"));
    assertEquals(1, result.get("rejected").intValue());
  }

  @Test
  void a_user_token_books_nothing() {
    platform
        .post(
            "/v1/users/" + ada + "/costs",
            platform.token("user", ada),
            Map.of("rows", List.of(cost("a", "amountUsd", "1"))))
        .expect(403);
  }

  @Test
  void pages_return_every_cost_once_newest_first() {
    record(
        ada,
        cost("a", "amountUsd", "1", "at", "2026-11-01T10:00:00Z"),
        cost("b", "amountUsd", "1", "at", "2026-11-02T10:00:00Z"),
        cost("c", "amountUsd", "1", "at", "2026-11-02T10:00:00Z"));
    String path = "/v1/users/" + ada + "/costs?limit=2";
    JsonNode first = platform.get(path, OPERATOR_TOKEN).expect(200).body();
    JsonNode second =
        platform.get(path + "&after=" + text(first, "next"), OPERATOR_TOKEN).expect(200).body();
    assertEquals(2, first.get("costs").size());
    assertEquals("a", text(second.get("costs").get(0), "externalId"));
    assertTrue(second.get("next").isNull());
  }

  @Test
  void the_summary_shows_costs_per_video_beside_the_limits() {
    record(
        ada,
        cost("a", "amountUsd", "5.00", "videoId", "november001"),
        cost("b", "amountUsd", "0.60", "category", "compute", "channelId", channel),
        cost("c", "amountUsd", "1.00", "category", "bandwidth"),
        cost("d", "amountUsd", "9.00", "videoId", "october0001"));
    JsonNode summary =
        platform.get("/v1/users/" + ada + "/costs/summary", OPERATOR_TOKEN).expect(200).body();
    assertEquals("2026-11", text(summary, "month"));
    assertEquals(2, summary.get("videos").intValue());
    assertEquals("15.600000", text(summary, "bookedUsd"));
    assertEquals(
        "data 0.3000 false|ai 2.5000 true|platform 0.5000 false|total 3.3000 true",
        String.join(
            "|",
            summary
                .get("groups")
                .valueStream()
                .map(group ->
                    text(group, "group")
                        + " "
                        + text(group, "costPerVideoUsd")
                        + " "
                        + group.get("isPassed"))
                .toList()));
    assertEquals("november001", text(summary.get("topVideos").get(0), "videoId"));
    assertEquals("5.8000", text(summary.get("topVideos").get(0), "costUsd"));
    assertTrue(summary.get("channels").get(0).get("isPassed").booleanValue());
  }

  @Test
  void a_month_without_videos_has_no_cost_per_video() {
    JsonNode summary =
        platform
            .get("/v1/users/" + ada + "/costs/summary?month=2025-01", OPERATOR_TOKEN)
            .expect(200)
            .body();
    assertEquals(0, summary.get("videos").intValue());
    assertTrue(summary.get("groups").get(3).get("costPerVideoUsd").isNull());
  }

  @Test
  void a_limit_that_is_passed_is_told_once() {
    subscribeToLimits();
    record(ada, cost("a", "amountUsd", "2.90", "videoId", "november001"));
    assertEquals("", told());
    record(ada, cost("b", "amountUsd", "0.20", "videoId", "november002"));
    assertEquals("ai 1.5500 1.50", told());
    record(ada, cost("c", "amountUsd", "5", "videoId", "november002"));
    assertEquals("ai 1.5500 1.50|total 4.0500 3.00", told());
  }

  @Test
  void a_limit_is_checked_in_the_month_in_which_the_video_was_published() {
    subscribeToLimits();
    record(ada, cost("a", "amountUsd", "3.50", "videoId", "october0001"));
    assertEquals("2026-10 ai|2026-10 total", toldMonths());
  }

  @Test
  void the_limits_of_all_months_of_a_batch_are_checked() {
    subscribeToLimits();
    for (int month = 1; month <= 6; month++) {
      video(ada, channel, "past000000" + month, "2026-0%d-10T12:00:00Z".formatted(month));
    }
    try {
      Map<String, Object> first = cost("m1", "amountUsd", "2.00", "videoId", "past0000001");
      Map<String, Object> shared = cost("m2", "amountUsd", "2.00", "at", "2026-02-12T10:00:00Z");
      Map<String, Object> last = cost("m6", "amountUsd", "2.00", "videoId", "past0000006");
      record(
          ada,
          first,
          shared,
          cost("m3", "amountUsd", "0.10", "videoId", "past0000003"),
          cost("m4", "amountUsd", "2.00", "videoId", "past0000004"),
          cost("m5", "amountUsd", "2.00", "videoId", "past0000005"),
          last);
      assertEquals("2026-01 ai|2026-02 ai|2026-04 ai|2026-05 ai|2026-06 ai", toldMonths());
    } finally {
      platform.execute(
          "delete from core.videos where video_id like 'past%'; delete from core.video_totals where video_id like 'past%'");
    }
  }

  @Test
  void what_a_language_model_costs_is_held_against_the_limits() {
    subscribeToLimits();
    platform
        .post(
            "/v1/users/" + ada + "/insights",
            OPERATOR_TOKEN,
            Map.of(
                "usage",
                Map.of(
                    "responseId",
                    "resp_limit",
                    "model",
                    "gpt-5.4-mini",
                    "inputTokens",
                    2_000_000,
                    "outputTokens",
                    500_000)))
        .expect(200);
    // 2.00 and 2.25 USD, shared by two videos.
    assertEquals("2 4.250000", ledger());
    assertEquals("ai 2.1250 1.50", told());
  }

  private static String toldMonths() {
    return String.join(
        "|",
        platform
            .admin(
                "select concat_ws(' ', data ->> 'month', data ->> 'group') as e from core.webhook_deliveries where kind = 'cost-limit-passed' order by 1")
            .stream()
            .map(row -> String.valueOf(row.get("e")))
            .toList());
  }

  private static String told() {
    return String.join(
        "|",
        platform
            .admin(
                "select concat_ws(' ', data ->> 'group', data ->> 'costPerVideoUsd', data ->> 'limitUsd') as e from core.webhook_deliveries where kind = 'cost-limit-passed' order by 1")
            .stream()
            .map(row -> String.valueOf(row.get("e")))
            .toList());
  }

  private static Answer platformCost(String month, String usd) {
    return platform.post(
        "/v1/platform-costs",
        OPERATOR_TOKEN,
        Map.of("month", month, "category", "infrastructure", "usd", usd));
  }

  private static String allocated() {
    return String.join(
        "|",
        platform
            .admin(
                "select concat_ws(' ', case user_id when '%s' then 'ada' else 'bob' end, external_id, amount_usd, basis) as e from core.costs order by 1"
                    .formatted(ada))
            .stream()
            .map(row -> String.valueOf(row.get("e")))
            .toList());
  }

  @Test
  void a_month_of_the_platform_is_shared_by_videos_once() {
    platformCost("2026-10", "10.00").expect(200);
    platformCost("2026-11", "10.00").expect(200);
    platform.app.runJobs();
    platform.app.runJobs();
    assertEquals(
        "ada 2026-10/infrastructure 5.000000 allocated|bob 2026-10/infrastructure 5.000000 allocated",
        allocated());
    platformCost("2026-10", "10.00").expect(200);
    platformCost("2026-10", "11.00").expect(409);
    JsonNode october =
        platform.get("/v1/platform-costs", OPERATOR_TOKEN).expect(200).body().get("costs").get(1);
    assertEquals(2, october.get("videos").intValue());
  }

  /** What a trigger does, stands for what another connection does at that moment. */
  private static void whenInserted(String table, String act) {
    platform.execute(
        """
        create function public.act() returns trigger language plpgsql security definer as $$ begin %s; return new; end $$;
        create trigger act before insert on %s for each row execute function public.act()
        """
            .formatted(act, table));
  }

  private static void endTrigger(String table) {
    platform.execute("drop trigger act on %s; drop function public.act()".formatted(table));
  }

  @Test
  void a_cost_that_is_recorded_while_its_month_is_booked_is_booked_too() {
    whenInserted(
        "core.costs",
        "insert into core.platform_costs (month, category, usd) values ('2026-10-01', 'security', 4) on conflict do nothing");
    try {
      platformCost("2026-10", "10.00").expect(200);
    } finally {
      endTrigger("core.costs");
    }
    assertEquals(
        "ada 2026-10/infrastructure 5.000000 allocated|ada 2026-10/security 2.000000 allocated|bob 2026-10/infrastructure 5.000000 allocated|bob 2026-10/security 2.000000 allocated",
        allocated());
  }

  private static void subscribeToLimits() {
    platform
        .post(
            "/v1/subscriptions",
            OPERATOR_TOKEN,
            Map.of("url", "http://costs.invalid/", "events", List.of("cost-limit-passed")))
        .expect(201);
  }

  @Test
  void a_failed_limit_notice_of_one_user_blocks_no_others_booking() {
    subscribeToLimits();
    whenInserted(
        "core.webhook_deliveries",
        "if new.user_id = '%s' then raise 'no delivery'; end if".formatted(ada));
    try {
      platformCost("2026-10", "10.00").expect(200);
    } finally {
      endTrigger("core.webhook_deliveries");
    }
    assertEquals(
        "ada 2026-10/infrastructure 5.000000 allocated|bob 2026-10/infrastructure 5.000000 allocated",
        allocated());
    assertEquals("platform 5.0000 0.85|total 5.0000 3.00", told());
  }

  @Test
  void while_sums_are_being_filled_no_month_is_booked_and_no_limit_is_told() {
    subscribeToLimits();
    platform.execute("insert into sec.rollup_fills (user_id) values ('%s')".formatted(ada));
    try {
      platformCost("2026-10", "10.00").expect(200);
      assertEquals("", allocated());
      record(ada, cost("a", "amountUsd", "9", "videoId", "november001"));
      assertEquals("1 9.000000", ledger());
      assertEquals("", told());
    } finally {
      platform.execute("delete from sec.rollup_fills");
    }
    platformCost("2026-10", "10.00").expect(200);
    assertEquals("3 19.000000", ledger());
  }

  @Test
  void a_month_without_any_video_is_booked_to_nobody() {
    platformCost("2025-01", "10.00").expect(200);
    platform.app.runJobs();
    assertEquals("", allocated());
  }

  @ParameterizedTest
  @CsvSource({"usd, 1.50, true", "usd, 1.60, false", "input-token, 2000000, true"})
  void a_providers_total_is_compared_with_the_ledger(
      String unit, String total, boolean isWithinLimit) {
    record(
        ada,
        cost("a", "model", "gpt-5.4-mini", "unit", "input-token", "quantity", 1_000_000),
        cost("o", "amountUsd", "70", "at", "2026-10-31T23:59:59Z"));
    record(bob, cost("b", "model", "gpt-5.4-mini", "unit", "input-token", "quantity", 1_000_000));
    JsonNode compared =
        platform
            .post(
                "/v1/provider-totals",
                OPERATOR_TOKEN,
                Map.of("provider", "openai", "month", "2026-11", "unit", unit, "total", total))
            .expect(200)
            .body();
    assertEquals(isWithinLimit, compared.get("isWithinLimit").booleanValue(), compared.toString());
    JsonNode listed =
        platform.get("/v1/provider-totals", OPERATOR_TOKEN).expect(200).body().get("totals");
    assertEquals(
        0,
        new BigDecimal(total).compareTo(new BigDecimal(text(listed.get(0), "total"))),
        listed.toString());
  }

  @Test
  void comparisons_that_are_not_within_the_limit_are_counted_for_prometheus() {
    record(ada, cost("a", "amountUsd", "100"));
    for (String total : List.of("102.5", "98", "102")) {
      platform
          .post(
              "/v1/provider-totals",
              OPERATOR_TOKEN,
              Map.of("provider", "openai", "month", "2026-11", "unit", "usd", "total", total))
          .expect(200);
      assertEquals(total.equals("102") ? 0 : 1, outsideLimit(), total);
    }
    platform.execute(
        "insert into core.provider_totals (provider, month, unit, total, ledger, checked_at) values ('openai', '2026-09-01', 'usd', 2, 1, now()), ('openai', '2026-08-01', 'usd', 2, 1, now())");
    platform.app.runJobs();
    assertEquals(1, outsideLimit(), "what is three months old is not watched any more");
  }

  private static double outsideLimit() {
    return platform
        .get("/metrics", null)
        .body()
        .asString()
        .lines()
        .filter(line -> line.startsWith("ytempire_costs_totals_outside_limit{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf('}') + 2)))
        .sum();
  }

  @Test
  void a_price_is_changed_by_another_from_another_day_on() {
    Map<String, Object> same =
        Map.of(
            "provider",
            "openai",
            "model",
            "gpt-5.4-mini",
            "unit",
            "output-token",
            "validFrom",
            "2026-07-01",
            "usd",
            "4.50",
            "per",
            1_000_000);
    platform.post("/v1/prices", OPERATOR_TOKEN, same).expect(201);
    Map<String, Object> other = new LinkedHashMap<>(same);
    other.put("usd", "5");
    platform.post("/v1/prices", OPERATOR_TOKEN, other).expect(409);
    platform
        .delete(
            "/v1/prices?provider=openai&model=none&unit=output-token&validFrom=2026-07-01",
            OPERATOR_TOKEN)
        .expect(404);
  }

  @ParameterizedTest
  @CsvSource({"prices,prices", "platform-costs,costs", "provider-totals,totals"})
  void pages_of_a_list_of_the_platform_have_every_row_once(String path, String field) {
    platform.execute(
        "insert into core.platform_costs (month, category, usd) select month, category, 1 from unnest(array['2024-01-01', '2024-02-01']::date[]) month, unnest(array['compute', 'storage']) category; "
            + "insert into core.provider_totals (provider, month, unit, total, ledger, checked_at) select provider, month, 'usd', 1, 1, now() from unnest(array['2024-01-01', '2024-02-01']::date[]) month, unnest(array['elevenlabs', 'openai']) provider");
    String address = "/v1/" + path;
    JsonNode whole = platform.get(address + "?limit=500", OPERATOR_TOKEN).expect(200).body();
    assertTrue(whole.get("next").isNull());
    List<JsonNode> read = new ArrayList<>();
    String query = "?limit=1";
    while (!query.isEmpty()) {
      JsonNode page = platform.get(address + query, OPERATOR_TOKEN).expect(200).body();
      assertEquals(1, page.get(field).size());
      page.get(field).forEach(read::add);
      query = page.get("next").isNull() ? "" : "?limit=1&after=" + text(page, "next");
      assertTrue(read.size() <= whole.get(field).size(), read.toString());
    }
    assertEquals(whole.get(field).valueStream().toList(), read);
    assertTrue(read.size() >= 3, read.toString());
    platform.get(address + "?after=W10", OPERATOR_TOKEN).expectProblem(400, "invalid-request");
  }

  @Test
  void a_batch_of_a_thousand_is_booked() {
    List<Map<String, Object>> rows =
        IntStream.range(0, 1000)
            .mapToObj(i -> cost("row-" + i, "amountUsd", "0.01", "videoId", "november001"))
            .toList();
    JsonNode result =
        platform
            .post("/v1/users/" + ada + "/costs", OPERATOR_TOKEN, Map.of("rows", rows))
            .expect(200)
            .body();
    assertEquals(1000, result.get("booked").intValue());
    assertEquals("1000 10.000000", ledger());
  }
}
