package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.testing.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The main job with ten times as many users as the platform has. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ManyUsersTest {
  private static final int USERS = 500;

  /** As many as the nodes of n8n name in one request. */
  private static final int USERS_AT_ONCE = 100;

  @Test
  void the_main_job_runs_with_500_users() {
    try (Platform platform = new Platform(USERS, 1)) {
      platform.connectedUsers(USERS);
      String service = platform.token("service", null);
      List<String> users = new ArrayList<>();
      platform
          .get("/v1/users?active=true&limit=500", service)
          .expect(200)
          .body()
          .get("users")
          .forEach(user -> users.add(user.get("userId").stringValue()));
      assertEquals(USERS, users.size());

      Map<String, String> channels = new HashMap<>();
      for (int from = 0; from < USERS; from += USERS_AT_ONCE) {
        channelsOf(platform, service, users.subList(from, from + USERS_AT_ONCE))
            .expect(200)
            .body()
            .get("channels")
            .forEach(channel ->
                channels.put(
                    channel.get("channelId").stringValue(), channel.get("userId").stringValue()));
      }
      assertEquals(USERS, channels.size());
      assertEquals(
          USERS,
          platform.get("/v1/channels", service).expect(200).body().get("channels").size(),
          "without naming them");

      assertEquals(
          150,
          channelsOf(platform, service, users.subList(0, 150))
              .expect(200)
              .body()
              .get("channels")
              .size());
      channelsOf(platform, service, users.subList(0, 151)).expectProblem(400, "invalid-request");

      List<Map<String, Object>> requests = new ArrayList<>();
      channels.forEach((channelId, userId) -> {
        for (String report : List.of("channel-statistics", "recent-uploads")) {
          requests.add(Map.of("userId", userId, "channelId", channelId, "report", report));
        }
      });
      JsonNode fetched =
          platform
              .post(
                  "/v1/metrics/fetch",
                  service,
                  Map.of("requests", requests, "onlyDue", true, "waitSeconds", 300))
              .expect(200)
              .body();
      assertEquals(0, fetched.get("notFetched").size(), fetched.get("notFetched").toString());
      platform.storeFetched(service, fetched);
      assertEquals(
          USERS, platform.count("(select distinct user_id from core.channel_statistics) x"));
      assertEquals(USERS, platform.count("(select distinct user_id from core.videos) x"));
      assertEquals(
          0,
          platform
              .post(
                  "/v1/metrics/fetch",
                  service,
                  Map.of("requests", requests, "onlyDue", true, "waitSeconds", 300))
              .expect(200)
              .body()
              .get("results")
              .size(),
          "nothing is due twice");
    }
  }

  private static Platform.Answer channelsOf(Platform platform, String service, List<String> users) {
    String query = users.stream().map(user -> "&userId=" + user).collect(Collectors.joining());
    return platform.get("/v1/channels?active=true" + query, service);
  }
}
