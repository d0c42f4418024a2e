package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What the product is for, once through: connect, fetch, store, read. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MainJobTest {
  private static final List<String> REPORTS =
      List.of(
          "channel-statistics",
          "recent-uploads",
          "video-statistics",
          "video-details",
          "channel-day",
          "channel-revenue-day",
          "video-day",
          "video-revenue-day",
          "traffic-source-day",
          "thumbnail-day");

  private final Platform platform = new Platform(2, 2);
  private String ada = "";
  private String service = "";

  @BeforeAll
  void connectUsers() {
    ada = platform.connectedUser(0);
    platform.connectedUser(1);
    service = platform.token("service", null);
  }

  @AfterAll
  void close() {
    platform.close();
  }

  private List<Map<String, Object>> everything(String userId, int account) {
    List<Map<String, Object>> requests = new ArrayList<>();
    for (Catalog.Channel channel : platform.world.accounts().get(account).channels()) {
      REPORTS.forEach(report ->
          requests.add(Map.of("userId", userId, "channelId", channel.id(), "report", report)));
    }
    return requests;
  }

  /** Days of the last 28 that YouTube has and on which somebody watched. */
  private long watchedDays(Catalog.Channel channel) {
    LocalDate last = platform.world.today().minusDays(3);
    return last.minusDays(27)
        .datesUntil(last.plusDays(1))
        .filter(day -> !platform.world.isQuiet(channel, day))
        .count();
  }

  @Test
  void what_is_fetched_can_be_stored_as_it_is_and_read_back() {
    JsonNode fetched =
        platform
            .post("/v1/metrics/fetch", service, Map.of("requests", everything(ada, 0)))
            .expect(200)
            .body();
    assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
    assertEquals(2 * REPORTS.size(), fetched.get("results").size());
    List<JsonNode> rows = new ArrayList<>();
    fetched.get("results").forEach(result -> result.get("rows").forEach(rows::add));

    JsonNode stored =
        platform.post("/v1/metrics/store", service, Map.of("rows", rows)).expect(200).body();
    assertEquals(0, stored.get("rejected").intValue(), stored.toString());
    // A video comes twice, from the uploads and with its details, and a paid day with its revenue.
    assertTrue(stored.get("updated").intValue() >= 20, stored.toString());
    assertEquals(rows.size(), stored.get("stored").intValue() + stored.get("updated").intValue());
    assertEquals(0, platform.count("core.metric_revisions"), "late figures restate nothing");
    JsonNode again =
        platform.post("/v1/metrics/store", service, Map.of("rows", rows)).expect(200).body();
    assertEquals(rows.size(), again.get("unchanged").intValue(), again.toString());

    assertEquals(
        // Revenue begins and ends a day earlier.
        2 * 29,
        platform
            .get("/v1/users/" + ada + "/metrics/channel-day", service)
            .expect(200)
            .body()
            .get("rows")
            .size());
    assertTrue(platform.count("core.video_days") > 20);
    assertEquals(2, platform.count("core.channel_statistics"));
    assertEquals(20, platform.count("core.videos"));
    assertEquals(20, platform.count("core.video_statistics"));
    assertEquals(
        20,
        platform.count(
            "core.videos where description <> '' and tags @> '[]' and thumbnail_url like 'https://%'"));
    assertEquals(
        8
            * platform.world.accounts().getFirst().channels().stream()
                .mapToLong(this::watchedDays)
                .sum(),
        platform.count("core.traffic_source_days"));
    assertEquals(
        platform.count("core.channel_days where views is not null"),
        platform.count("core.day_checks where report = 'channel-day'"));
  }
}
