package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Reports by dimension and by period: fetched, stored, read back, and planned thriftily. */
final class DimensionReportsTest {
  private static final List<String> PLANNED =
      List.of(
          "content-type-day",
          "subscribed-status-day",
          "device-type-day",
          "operating-system-day",
          "geography",
          "demographics",
          "traffic-source-details",
          "retention");

  private static Catalog.Channel channel(Platform platform) {
    return platform.world.accounts().getFirst().channels().getFirst();
  }

  private static JsonNode fetch(
      Platform platform, String user, List<String> reports, Map<String, Object> more) {
    List<Map<String, Object>> requests = new ArrayList<>();
    for (String report : reports) {
      Map<String, Object> request = new HashMap<>(more);
      request.remove("onlyDue");
      request.putAll(Map.of("userId", user, "channelId", channel(platform).id(), "report", report));
      requests.add(request);
    }
    Map<String, Object> body = new HashMap<>(Map.of("requests", requests));
    body.put("onlyDue", more.containsKey("onlyDue"));
    return platform.post("/v1/metrics/fetch", Platform.OPERATOR_TOKEN, body).expect(200).body();
  }

  private static List<JsonNode> rows(JsonNode fetched) {
    assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
    return Platform.fetchedRows(fetched);
  }

  private static JsonNode store(Platform platform, List<JsonNode> rows) {
    JsonNode stored =
        platform
            .post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", rows))
            .expect(200)
            .body();
    assertEquals(0, stored.get("rejected").intValue(), stored.toString());
    return stored;
  }

  @Test
  void pages_continue_after_a_key_close_to_zero() {
    try (Platform platform = new Platform(1, 1)) {
      String user = platform.connectedUser(0);
      platform.execute(
          """
          insert into core.retention_points (user_id, channel_id, video_id, start_date, end_date, elapsed_ratio, audience_watch_ratio, created_at, updated_at)
          select user_id, channel_id, 'ggggggggg01', '2026-03-01', '2026-03-08', ratio, 1, now(), now()
            from core.channels, unnest('{0.000001, 0.0001, 0.5}'::numeric[]) ratio\
          """);
      String path = "/v1/users/" + user + "/metrics/retention-point?limit=1";
      List<Double> ratios = new ArrayList<>();
      for (String next = ""; !next.isEmpty() || ratios.isEmpty(); ) {
        JsonNode page = platform.get(path + next, Platform.OPERATOR_TOKEN).expect(200).body();
        ratios.add(page.get("rows").get(0).get("elapsedVideoTimeRatio").doubleValue());
        next = page.get("next").isNull() ? "" : "&after=" + page.get("next").stringValue();
      }
      assertEquals(List.of(0.5, 0.0001, 0.000001), ratios);
    }
  }

  private static long queries(Platform platform) {
    return platform.simulator.usage().methods().getOrDefault("reports.query", 0L);
  }

  @Test
  void revenue_in_another_currency_is_read_and_never_stored() {
    try (Platform platform = new Platform(1, 5)) {
      String ada = platform.connectedUser(0);
      Catalog.Channel paid =
          platform.world.accounts().getFirst().channels().stream()
              .filter(Catalog.Channel::monetized)
              .findFirst()
              .orElseThrow();
      Map<String, Object> request =
          Map.of(
              "userId",
              ada,
              "channelId",
              paid.id(),
              "startDate",
              "2026-11-02",
              "endDate",
              "2026-11-08");
      List<JsonNode> usd = rows(fetchOne(platform, request, "channel-revenue-day", Map.of()));
      List<JsonNode> yen =
          rows(fetchOne(platform, request, "revenue-currency-day", Map.of("currency", "JPY")));
      assertEquals(usd.size(), yen.size());
      assertTrue(usd.size() > 3, usd.toString());
      for (int i = 0; i < usd.size(); i++) {
        assertEquals("JPY", yen.get(i).get("currency").stringValue());
        assertEquals(usd.get(i).get("day"), yen.get(i).get("day"));
        assertEquals(
            usd.get(i).get("monetizedPlaybacks"),
            yen.get(i).get("monetizedPlaybacks"),
            "what is no money is the same in all currencies");
        double dollars = Double.parseDouble(usd.get(i).get("estimatedRevenue").stringValue());
        double converted = Double.parseDouble(yen.get(i).get("estimatedRevenue").stringValue());
        assertEquals(dollars * 156, converted, 0.01 + Math.abs(dollars));
      }
      // Another currency is another answer, not the cached one.
      JsonNode euros =
          fetchOne(platform, request, "revenue-currency-day", Map.of("currency", "EUR"));
      assertEquals("EUR", rows(euros).getFirst().get("currency").stringValue());
      JsonNode stored =
          platform
              .post("/v1/metrics/store", Platform.OPERATOR_TOKEN, Map.of("rows", yen))
              .expect(200)
              .body();
      assertEquals(yen.size(), stored.get("rejected").intValue(), stored.toString());
      assertEquals(0, platform.count("core.channel_days"));
      // One that Google does not convert to, in Google's words.
      JsonNode refused =
          fetchOne(platform, request, "revenue-currency-day", Map.of("currency", "ISK"))
              .get("notFetched")
              .get(0);
      assertEquals("refused", refused.get("reason").stringValue());
      assertTrue(refused.get("message").stringValue().contains("ISK"), refused.toString());
    }
  }

  private static JsonNode fetchOne(
      Platform platform, Map<String, Object> of, String report, Map<String, Object> more) {
    Map<String, Object> request = new HashMap<>(of);
    request.put("report", report);
    request.putAll(more);
    return platform
        .post("/v1/metrics/fetch", Platform.OPERATOR_TOKEN, Map.of("requests", List.of(request)))
        .expect(200)
        .body();
  }

  @Test
  void every_new_report_is_fetched_stored_and_read_back() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Map<String, Object> week = Map.of("startDate", "2026-11-02", "endDate", "2026-11-08");
      String video =
          rows(fetch(platform, ada, List.of("top-videos"), week))
              .getFirst()
              .get("videoId")
              .asString();
      List<JsonNode> rows =
          new ArrayList<>(
              rows(
                  fetch(
                      platform,
                      ada,
                      List.of(
                          "content-type-day",
                          "subscribed-status-day",
                          "device-type-day",
                          "operating-system-day",
                          "geography",
                          "demographics",
                          "traffic-source-details"),
                      week)));
      Map<String, Object> ofVideo = new HashMap<>(week);
      ofVideo.put("videoIds", List.of(video));
      rows.addAll(
          rows(
              fetch(
                  platform,
                  ada,
                  List.of("geography", "traffic-source-details", "retention"),
                  ofVideo)));
      assertEquals(rows.size(), store(platform, rows).get("stored").intValue());
      assertEquals(rows.size(), store(platform, rows).get("unchanged").intValue());

      for (String kind : List.of("dimension-day", "dimension-period", "retention-point")) {
        List<JsonNode> sent =
            rows.stream().filter(row -> row.get("kind").asString().equals(kind)).toList();
        assertFalse(sent.isEmpty(), kind);
        List<JsonNode> read = new ArrayList<>();
        String next = "";
        do {
          JsonNode page =
              platform
                  .get(
                      "/v1/users/%s/metrics/%s?limit=7%s".formatted(ada, kind, next),
                      Platform.OPERATOR_TOKEN)
                  .expect(200)
                  .body();
          page.get("rows").forEach(read::add);
          next = page.get("next").isNull() ? "" : "&after=" + page.get("next").asString();
        } while (!next.isEmpty());
        assertEquals(texts(sent), texts(read), kind);
      }
    }
  }

  /** The rows as sets of fields, numbers by their value. */
  private static Set<String> texts(List<JsonNode> rows) {
    Set<String> texts = new TreeSet<>();
    for (JsonNode row : rows) {
      Set<String> fields = new TreeSet<>();
      row.properties()
          .forEach(field ->
              fields.add(
                  field.getKey()
                      + "="
                      + (field.getValue().isNumber()
                          ? field.getValue().doubleValue()
                          : field.getValue().asString())));
      texts.add(fields.toString());
    }
    return texts;
  }

  @Test
  void views_by_each_dimension_add_up_to_the_channels_views() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      Map<String, Object> week = Map.of("startDate", "2026-11-02", "endDate", "2026-11-08");
      Map<String, Long> views = new LinkedHashMap<>();
      for (String report :
          List.of(
              "channel-day",
              "content-type-day",
              "subscribed-status-day",
              "device-type-day",
              "operating-system-day",
              "geography")) {
        views.put(
            report,
            rows(fetch(platform, ada, List.of(report), week)).stream()
                .mapToLong(row -> row.get("views").longValue())
                .sum());
      }
      assertEquals(1, Set.copyOf(views.values()).size(), views.toString());
      double percent =
          rows(fetch(platform, ada, List.of("demographics"), week)).stream()
              .mapToDouble(row -> row.get("viewerPercentage").doubleValue())
              .sum();
      assertEquals(100, percent, 0.1);
    }
  }

  /** Fetches what is due and stores it, each noon in California, for some days. */
  private static Map<String, Set<LocalDate>> sync(Platform platform, String user, int days) {
    Map<String, Set<LocalDate>> fetchedOn = new LinkedHashMap<>();
    for (int day = 0; day < days; day++) {
      for (String report : PLANNED) {
        JsonNode fetched = fetch(platform, user, List.of(report), Map.of("onlyDue", true));
        if (!fetched.get("results").isEmpty()) {
          fetchedOn.computeIfAbsent(report, each -> new TreeSet<>()).add(platform.world.today());
          List<JsonNode> rows = rows(fetched);
          if (!rows.isEmpty()) {
            store(platform, rows);
            assertEquals(
                0,
                fetch(platform, user, List.of(report), Map.of("onlyDue", true))
                    .get("results")
                    .size(),
                report + " is due again on the day on which it was stored");
          }
        }
      }
      platform.clock.advance(Duration.ofDays(1));
    }
    return fetchedOn;
  }

  @Test
  void slow_reports_have_a_day_each_and_curves_have_every_day() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      sync(platform, ada, 14);
      // Curves are of the top videos that are known.
      LocalDate today = platform.world.today();
      store(
          platform,
          rows(
              fetch(
                  platform,
                  ada,
                  List.of("video-day"),
                  Map.of(
                      "startDate",
                      today.minusDays(34).toString(),
                      "endDate",
                      today.minusDays(4).toString()))));
      platform.simulator.usage().forgetMethods();
      Map<String, Set<LocalDate>> fetchedOn = sync(platform, ada, 28);
      assertEquals(Set.copyOf(PLANNED), fetchedOn.keySet());
      fetchedOn.forEach((report, days) -> {
        int expected =
            switch (report) {
              case "content-type-day", "geography" -> 4;
              case "retention" -> 28;
              default -> 2;
            };
        assertEquals(expected, days.size(), report + " " + days);
      });
      long curves =
          platform
              .simulator
              .usage()
              .queries()
              .getOrDefault("elapsedVideoTimeRatio, chosen videos", 0L);
      assertEquals(4 * 20, curves, "queries for curves in 28 days");
      long others = queries(platform) - curves;
      assertTrue(others <= 24, others + " other queries in 28 days");
      assertEquals(
          1,
          platform.count(
              "(select end_date from core.dimension_periods where dimension like '%Detail' and video_id <> '' group by end_date having count(distinct video_id) = 2) p"),
          "traffic sources of two top videos, every other time");
    }
  }

  @Test
  void a_slow_report_without_rows_is_asked_once_on_its_day() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      for (int day = 0; day < 14; day++) {
        long before = queries(platform);
        for (int tick = 0; tick < 4; tick++) {
          fetch(platform, ada, List.of("device-type-day"), Map.of("onlyDue", true));
          platform.clock.advance(Duration.ofMinutes(15));
        }
        assertTrue(queries(platform) - before <= 1, "asked more than once");
        platform.clock.advance(Duration.ofHours(23));
      }
    }
  }

  @Test
  void files_are_added_up_by_country_and_source_and_each_is_read_once() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      List<String> reports = List.of("country-day", "thumbnail-source-day");
      // The jobs are made, and a little later their files are there.
      fetch(platform, ada, reports, Map.of("startDate", "2026-11-02", "endDate", "2026-11-03"));
      platform.clock.advance(Duration.ofMinutes(5));
      for (int tick = 0; tick < 3 * 24 * 4; tick++) {
        for (String report : reports) {
          List<JsonNode> rows =
              rows(fetch(platform, ada, List.of(report), Map.of("onlyDue", true)));
          if (!rows.isEmpty()) {
            store(platform, rows);
          }
        }
        platform.clock.advance(Duration.ofMinutes(15));
      }
      assertTrue(platform.count("core.dimension_days where dimension = 'country'") > 50);
      assertTrue(
          platform.count(
                  "core.dimension_days where dimension = 'thumbnailDevice' and click_through_rate > 0")
              > 20);
      long files =
          platform.count("core.day_checks where report in ('country-day', 'thumbnail-source-day')");
      long downloads = platform.simulator.usage().methods().getOrDefault("media.download", 0L);
      // Besides those of the first fetch, and of days whose better file came in these days.
      assertTrue(downloads <= files + 4, downloads + " downloads of " + files + " days");
    }
  }

  @Test
  void a_period_of_two_videos_is_refused() {
    try (Platform platform = new Platform(1, 1)) {
      String ada = platform.connectedUser(0);
      JsonNode fetched =
          fetch(
              platform,
              ada,
              List.of("geography", "traffic-source-details"),
              Map.of("videoIds", List.of("aaaaaaaaaa1", "aaaaaaaaaa2")));
      assertEquals(2, fetched.get("notFetched").size(), fetched.toString());
      fetched
          .get("notFetched")
          .forEach(each -> assertEquals("refused", each.get("reason").asString()));
    }
  }
}
