package com.ytempire.sidecar.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Faults;
import com.ytempire.simulator.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Fetching: thrift, dates, and Google's bad days. */
final class FetchTest {
  private final Platform platform = new Platform(1, 5);
  private String ada = "";
  private String service = "";
  private List<Catalog.Channel> channels = List.of();

  @BeforeEach
  void user() {
    ada = platform.connectedUser(0);
    service = platform.token("service", null);
    channels = platform.world.accounts().getFirst().channels();
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private Map<String, Object> of(Catalog.Channel channel, String report) {
    return Map.of("userId", ada, "channelId", channel.id(), "report", report);
  }

  private JsonNode fetch(Map<String, Object> more, List<Map<String, Object>> requests) {
    Map<String, Object> body = new HashMap<>(more);
    body.put("requests", requests);
    return platform.post("/v1/metrics/fetch", service, body).expect(200).body();
  }

  private static String reason(JsonNode body) {
    return body.get("notFetched").get(0).get("reason").stringValue();
  }

  @Test
  void a_users_channels_take_one_unit_and_their_videos_one_call() {
    List<Map<String, Object>> requests = new ArrayList<>();
    channels.forEach(channel -> {
      requests.add(of(channel, "channel-statistics"));
      requests.add(of(channel, "recent-uploads"));
      requests.add(of(channel, "video-statistics"));
    });
    JsonNode body = fetch(Map.of(), requests);
    assertEquals(15, body.get("results").size(), body.get("notFetched").toString());
    // One call for all statistics, one for each channel's uploads, one for all 50 videos.
    assertEquals(
        "{\"data.batchGetStats\":1,\"data.general\":6}", body.get("unitsSpent").toString());
  }

  @Test
  void statistics_of_recent_uploads_that_nobody_read_yet_are_fetched() {
    JsonNode body = fetch(Map.of(), List.of(of(channels.getFirst(), "video-statistics")));
    assertEquals("[]", body.get("notFetched").toString());
    assertEquals(10, body.get("results").get(0).get("rows").size());
    assertEquals(
        "{\"data.batchGetStats\":1,\"data.general\":1}", body.get("unitsSpent").toString());
  }

  @Test
  void a_metric_that_the_rows_of_a_report_cannot_hold_is_refused() {
    Map<String, Object> request = new HashMap<>(of(channels.getFirst(), "video-day"));
    request.put("metrics", List.of("views", "playbackBasedCpm"));
    request.put("startDate", "2026-11-10");
    request.put("endDate", "2026-11-10");
    JsonNode body = fetch(Map.of(), List.of(request));
    assertEquals("refused", reason(body));
    assertEquals("{}", body.get("unitsSpent").toString());
    request.put("metrics", List.of("views", "estimatedRevenue"));
    assertEquals(1, fetch(Map.of(), List.of(request)).get("results").size());
  }

  @Test
  void what_is_still_fresh_costs_nothing_and_what_is_not_is_asked_again() {
    List<Map<String, Object>> requests = List.of(of(channels.getFirst(), "channel-statistics"));
    assertEquals(
        false, fetch(Map.of(), requests).get("results").get(0).get("fromCache").booleanValue());
    JsonNode again = fetch(Map.of(), requests);
    assertEquals(true, again.get("results").get(0).get("fromCache").booleanValue());
    assertEquals("{}", again.get("unitsSpent").toString());
    assertEquals(
        false,
        fetch(Map.of("maxAgeMinutes", 0), requests)
            .get("results")
            .get(0)
            .get("fromCache")
            .booleanValue());
    platform.clock.advance(Duration.ofMinutes(11));
    assertEquals(
        false, fetch(Map.of(), requests).get("results").get(0).get("fromCache").booleanValue());
  }

  @Test
  void revenue_is_fetched_of_monetized_channels_only_and_remembered() {
    for (Catalog.Channel channel : channels) {
      JsonNode body = fetch(Map.of(), List.of(of(channel, "channel-revenue-day")));
      if (channel.monetized()) {
        JsonNode rows = body.get("results").get(0).get("rows");
        assertEquals(28, rows.size());
        assertTrue(rows.get(0).has("estimatedRevenue") && !rows.get(0).has("views"));
      } else {
        assertEquals("not-monetized", reason(body));
      }
      assertEquals(
          channel.monetized(),
          platform
              .get("/v1/users/%s/channels/%s".formatted(ada, channel.id()), service)
              .body()
              .get("monetized")
              .booleanValue());
    }
    Catalog.Channel plain =
        channels.stream().filter(channel -> !channel.monetized()).findFirst().orElseThrow();
    JsonNode again = fetch(Map.of("maxAgeMinutes", 0), List.of(of(plain, "channel-revenue-day")));
    assertEquals("{}", again.get("unitsSpent").toString());
    assertEquals("not-monetized", reason(again));
    // A channel may join the partner programme any day.
    platform.clock.advance(Duration.ofDays(8));
    JsonNode weekLater =
        fetch(Map.of("maxAgeMinutes", 0), List.of(of(plain, "channel-revenue-day")));
    assertEquals(
        "{\"analytics.day\":2}",
        weekLater.get("unitsSpent").toString(),
        "revenue, and views to be sure that it is only revenue that is not shown");
  }

  @Test
  void a_slow_metric_does_not_cut_the_others_short() {
    Catalog.Channel paid =
        channels.stream().filter(Catalog.Channel::monetized).findFirst().orElseThrow();
    Map<String, Object> untilToday = new HashMap<>(of(paid, "channel-day"));
    untilToday.put("startDate", "2026-11-01");
    untilToday.put("endDate", "2026-11-20");
    Map<String, Object> revenue = new HashMap<>(untilToday);
    revenue.put("report", "channel-revenue-day");
    JsonNode results = fetch(Map.of(), List.of(untilToday, revenue)).get("results");
    assertEquals(
        1,
        results.get(0).get("rows").size() - results.get(1).get("rows").size(),
        "views are a day ahead of revenue");
  }

  @Test
  void the_day_that_videos_are_asked_for_is_old_enough_for_its_revenue() {
    for (Catalog.Channel channel : channels) {
      if (channel.monetized()) {
        JsonNode rows =
            fetch(Map.of(), List.of(of(channel, "video-revenue-day")))
                .get("results")
                .get(0)
                .get("rows");
        assertTrue(rows.size() > 10, channel.toString());
        rows.forEach(row -> assertTrue(row.has("estimatedRevenue"), row.toString()));
      }
    }
  }

  @Test
  void periods_that_make_no_sense_are_refused_before_they_cost_a_call() {
    String channel = channels.getFirst().id();
    for (List<String> period :
        List.of(
            List.of("2026-11-10", "2026-11-01"),
            List.of("2026-11-01", "2026-11-21"),
            List.of("2020-01-01", "2026-11-01"))) {
      JsonNode body =
          fetch(
              Map.of(),
              List.of(
                  Map.of(
                      "userId",
                      ada,
                      "channelId",
                      channel,
                      "report",
                      "channel-day",
                      "startDate",
                      period.get(0),
                      "endDate",
                      period.get(1))));
      assertEquals("refused", reason(body), period.toString());
      assertEquals("{}", body.get("unitsSpent").toString());
    }
  }

  @Test
  void nothing_is_sent_after_googles_day_exhausted_until_midnight() {
    platform
        .simulator
        .usage()
        .limit(
            Usage.Bucket.DATA_GENERAL,
            platform.simulator.usage().today().getOrDefault("data.general", 0L));
    List<Map<String, Object>> requests = List.of(of(channels.getFirst(), "channel-statistics"));
    JsonNode body = fetch(Map.of(), requests);
    assertEquals("quota-exhausted", reason(body));
    assertEquals(
        "2026-11-21T08:00:00Z", body.get("notFetched").get(0).get("retryAt").stringValue());
    assertEquals("{\"data.general\":1}", body.get("unitsSpent").toString());

    JsonNode again = fetch(Map.of(), requests);
    assertEquals("quota-exhausted", reason(again));
    assertEquals("{}", again.get("unitsSpent").toString());

    platform.clock.advance(Duration.ofHours(15));
    assertEquals(1, fetch(Map.of(), requests).get("results").size());
  }

  @Test
  void a_bucket_that_is_exhausted_for_the_day_is_not_called_again() {
    fetch(Map.of(), List.of(of(channels.getFirst(), "recent-uploads")));
    platform.simulator.usage().limit(Usage.Bucket.DATA_BATCH_GET_STATS, 0);
    JsonNode body = fetch(Map.of(), List.of(of(channels.getFirst(), "video-statistics")));
    assertEquals("quota-exhausted", reason(body));
    assertEquals("{\"data.batchGetStats\":1}", body.get("unitsSpent").toString());
    assertEquals(
        "{}",
        fetch(Map.of(), List.of(of(channels.getFirst(), "video-statistics")))
            .get("unitsSpent")
            .toString());
  }

  @Test
  void our_own_limit_is_never_passed_though_google_would_allow_more() {
    try (Platform small = new Platform(1, 5, Map.of("YTEMPIRE_QUOTA_DATA_GENERAL", "8"))) {
      String user = small.connectedUser(0); // 5 units
      String token = small.token("service", null);
      List<Map<String, Object>> uploads =
          small.world.accounts().getFirst().channels().stream()
              .<Map<String, Object>>map(channel ->
                  Map.of("userId", user, "channelId", channel.id(), "report", "recent-uploads"))
              .toList();
      JsonNode body =
          small.post("/v1/metrics/fetch", token, Map.of("requests", uploads)).expect(200).body();
      assertEquals(3, body.get("results").size());
      assertEquals(2, body.get("notFetched").size());
      assertEquals(8, small.simulator.usage().today().get("data.general"));
    }
  }

  @Test
  void failures_of_google_are_retried_and_every_try_is_charged() {
    platform.simulator.faults().next(Faults.Kind.SERVER_ERROR, 2);
    JsonNode body = fetch(Map.of(), List.of(of(channels.getFirst(), "channel-statistics")));
    assertEquals(1, body.get("results").size(), body.toString());
    assertEquals("{\"data.general\":3}", body.get("unitsSpent").toString());
    platform.simulator.faults().next(Faults.Kind.RATE_LIMIT, 1);
    assertEquals(
        1,
        fetch(Map.of("maxAgeMinutes", 0), List.of(of(channels.getFirst(), "channel-statistics")))
            .get("results")
            .size());
  }

  @Test
  void the_units_we_count_are_the_units_google_counts() {
    fetch(
        Map.of(),
        channels.stream()
            .flatMap(channel ->
                List.of(
                    of(channel, "channel-day"),
                    of(channel, "video-day"),
                    of(channel, "thumbnail-day"),
                    of(channel, "recent-uploads"))
                    .stream())
            .toList());
    JsonNode buckets = platform.get("/v1/quota", service).expect(200).body().get("buckets");
    Map<String, Long> google = platform.simulator.usage().today();
    List<String> compared =
        StreamSupport.stream(buckets.spliterator(), false)
            .filter(bucket -> google.containsKey(bucket.get("bucket").stringValue()))
            .map(bucket -> {
              String name = bucket.get("bucket").stringValue();
              assertEquals(google.get(name), bucket.get("used").longValue(), name);
              return name;
            })
            .toList();
    assertEquals(7, compared.size(), compared.toString());
    assertTrue(google.getOrDefault("analytics.day", 0L) >= 10);
    assertTrue(google.getOrDefault("reporting.day", 0L) > 10);
  }
}
