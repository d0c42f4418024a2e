package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the sidecar records of its own work among the events of the users whom it was for. */
final class ActivitiesTest {
  private final Platform platform = new Platform(2, 1);
  private String ada = "";
  private String grace = "";
  private String service = "";

  @BeforeEach
  void users() {
    List<String> users = platform.connectedUsers(2);
    ada = users.get(0);
    grace = users.get(1);
    service = platform.token("service", null);
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private String channel(int account) {
    return platform.world.accounts().get(account).channels().getFirst().id();
  }

  private static Map<String, Object> days(String user, String channel) {
    return Map.of(
        "userId", user,
        "channelId", channel,
        "report", "channel-day",
        "startDate", "2026-11-01",
        "endDate", "2026-11-03");
  }

  private List<String> recorded(String user) {
    platform.app.recordActivities();
    return platform
        .admin(
            "select concat_ws(' ', kind, workflow_id, execution_id, data) as v from core.events where user_id = '%s' order by kind, data::text"
                .formatted(user))
        .stream()
        .map(row -> String.valueOf(row.get("v")))
        .toList();
  }

  @Test
  void a_fetch_and_its_store_are_one_event_each_of_each_user() {
    JsonNode fetched =
        platform
            .post(
                "/v1/metrics/fetch",
                service,
                Map.of("requests", List.of(days(ada, channel(0)), days(grace, channel(1)))))
            .expect(200)
            .body();
    platform
        .post("/v1/metrics/store", service, Map.of("rows", fetched.at("/results/0/rows")))
        .expect(200);
    assertEquals(
        List.of(
            "metrics.fetched wfTest 42 {\"rows\": 3, \"reports\": 1}",
            "metrics.stored wfTest 42 {\"stored\": 3}",
            "youtube.called {\"reports.query\": {\"ok\": 1}}"),
        recorded(ada));
    assertEquals(
        List.of(
            "metrics.fetched wfTest 42 {\"rows\": 3, \"reports\": 1}",
            "youtube.called {\"reports.query\": {\"ok\": 1}}"),
        recorded(grace));
  }

  @Test
  void a_sync_is_an_event_with_counts_and_is_counted_by_the_hour() {
    JsonNode result =
        platform
            .post(
                "/v1/metrics/sync",
                service,
                Map.of("users", List.of(Map.of("userId", ada)), "reports", List.of("channel-day")))
            .expect(200)
            .body();
    int created = result.at("/channels/0/created").intValue();
    assertTrue(
        recorded(ada)
            .contains(
                "metrics.synced wfTest 42 {\"stored\": %d, \"channels\": 1}".formatted(created)),
        recorded(ada).toString());
    JsonNode counts =
        platform
            .get("/v1/users/" + ada + "/event-counts?type=metrics.synced", service)
            .expect(200)
            .body();
    assertEquals(1, counts.at("/counts/0/events").intValue());
    assertEquals(List.of(), recorded(grace));
  }

  @Test
  void a_users_token_that_names_another_user_leaves_no_event_with_it() {
    String token = platform.token("user", ada);
    platform
        .post("/v1/metrics/fetch", token, Map.of("requests", List.of(days(grace, channel(1)))))
        .expect(200);
    assertEquals(List.of(), recorded(grace));
  }

  @Test
  void a_dry_run_is_no_event() {
    Map<String, Object> row =
        Map.of(
            "kind",
            "channel-day",
            "userId",
            ada,
            "channelId",
            channel(0),
            "date",
            "2026-11-01",
            "views",
            1);
    platform
        .post("/v1/metrics/store", service, Map.of("rows", List.of(row), "dryRun", true))
        .expect(200);
    assertEquals(List.of(), recorded(ada));
  }

  @Test
  void erasure_takes_what_was_recorded_and_what_waits() {
    Map<String, Object> body = Map.of("requests", List.of(days(ada, channel(0))));
    platform.post("/v1/metrics/fetch", service, body).expect(200);
    assertEquals(2, recorded(ada).size());
    platform.post("/v1/metrics/fetch", service, body).expect(200);
    platform
        .delete(
            "/v1/users/%s?confirm=%s".formatted(ada, platform.world.accounts().getFirst().email()),
            Platform.OPERATOR_TOKEN)
        .expect(200);
    assertEquals(List.of(), recorded(ada));
    assertEquals(0, platform.count("core.event_hours where user_id = '%s'".formatted(ada)));
  }
}
