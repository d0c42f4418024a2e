package com.ytempire.sidecar.tenancy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Who sees what: tokens of every kind, and a tenant's own database login. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TenancyTest {
  private static final String OPERATOR = Platform.OPERATOR_TOKEN;

  private final Platform platform = new Platform(3, 2);
  private final String[] users = new String[3];
  private String service = "";

  @BeforeAll
  void threeUsersWithRows() {
    service = platform.token("service", null);
    for (int account = 0; account < 3; account++) {
      String user = platform.createUser("user%d@example.com".formatted(account));
      users[account] = user;
      for (var channel : platform.world.accounts().get(account).channels()) {
        platform.addChannel(user, channel.id());
        platform
            .post(
                "/v1/metrics/store",
                service,
                Map.of(
                    "rows",
                    List.of(
                        Map.of(
                            "kind",
                            "channel-day",
                            "userId",
                            user,
                            "channelId",
                            channel.id(),
                            "day",
                            "2026-11-01",
                            "views",
                            account + 1))))
            .expect(200);
      }
    }
  }

  @AfterAll
  void close() {
    platform.close();
  }

  @Test
  void a_users_token_sees_that_user_and_nobody_else() {
    String token = platform.token("user", users[0]);
    JsonNode rows =
        platform
            .get("/v1/users/" + users[0] + "/metrics/channel-day", token)
            .expect(200)
            .body()
            .get("rows");
    assertEquals(2, rows.size());
    rows.forEach(row -> assertEquals(users[0], row.get("userId").stringValue()));
    JsonNode channels = platform.get("/v1/channels", token).expect(200).body().get("channels");
    assertEquals(2, channels.size());
    channels.forEach(channel -> assertEquals(users[0], channel.get("userId").stringValue()));
    for (String other : List.of(users[1], users[2])) {
      String foreign = platform.world.accounts().get(1).channels().getFirst().id();
      platform.get("/v1/users/" + other, token).expectProblem(404, "unknown-user");
      platform.get("/v1/users/" + other + "/channels", token).expectProblem(404, "unknown-user");
      platform
          .get("/v1/users/" + other + "/metrics/channel-day", token)
          .expectProblem(404, "unknown-user");
      platform.get("/v1/channels?userId=" + other, token).expectProblem(404, "unknown-user");
      platform
          .post("/v1/users/" + other + "/channels/" + foreign + "/connect", token, Map.of())
          .expectProblem(404, "unknown-user");
      platform
          .post("/v1/users/" + other + "/database-login", token, Map.of())
          .expectProblem(404, "unknown-user");
      JsonNode fetched =
          platform
              .post(
                  "/v1/metrics/fetch",
                  token,
                  Map.of(
                      "requests",
                      List.of(
                          Map.of("userId", other, "channelId", foreign, "report", "channel-day"))))
              .expect(200)
              .body();
      assertEquals("unknown-channel", fetched.get("notFetched").get(0).get("reason").stringValue());
    }
    platform.get("/v1/users", token).expectProblem(403, "forbidden");
    platform
        .post("/v1/metrics/store", token, Map.of("rows", List.of(Map.of())))
        .expectProblem(403, "forbidden");
  }

  @Test
  void an_unknown_user_and_another_user_are_answered_alike() {
    String token = platform.token("user", users[0]);
    String nobody = "00000000-0000-4000-8000-000000000000";
    String one =
        platform
            .get("/v1/users/" + users[1], token)
            .expect(404)
            .body()
            .toString()
            .replace(users[1], "X");
    String two =
        platform
            .get("/v1/users/" + nobody, token)
            .expect(404)
            .body()
            .toString()
            .replace(nobody, "X");
    assertEquals(one, two);
  }

  @Test
  void a_tenants_database_login_sees_exactly_its_rows() throws SQLException {
    JsonNode login =
        platform
            .post("/v1/users/" + users[1] + "/database-login", OPERATOR, Map.of())
            .expect(201)
            .body();
    try (Connection tenant =
        Engines.postgres()
            .connect(
                platform.database,
                login.get("login").stringValue(),
                login.get("password").stringValue())) {
      List<Map<String, Object>> rows =
          Platform.rows(tenant, "select user_id::text as user_id, views from youtube_metrics");
      assertEquals(2, rows.size());
      rows.forEach(row -> assertEquals(Map.of("user_id", users[1], "views", 2L), row));
      assertEquals(1, Platform.rows(tenant, "select * from users").size());
      Platform.rows(tenant, "select set_config('app.tenant_id', '" + users[0] + "', false)");
      assertEquals(
          2,
          Platform.rows(tenant, "select * from youtube_metrics where user_id = '" + users[1] + "'")
              .size());
      assertEquals(
          0,
          Platform.rows(tenant, "select * from youtube_metrics where user_id <> '" + users[1] + "'")
              .size());
      SQLException refused =
          assertThrows(
              SQLException.class, () -> Platform.rows(tenant, "select * from core.channel_days"));
      assertEquals("42501", refused.getSQLState());
    }
    assertThrows(
        SQLException.class,
        () ->
            Engines.postgres()
                .connect(platform.database, login.get("login").stringValue(), "wrong")
                .close());
  }

  @Test
  void acts_on_a_user_are_audited_with_workflow_and_execution() {
    platform.get("/v1/users/" + users[2] + "/channels", service).expect(200);
    List<Map<String, Object>> acts =
        platform.admin(
            "select token_kind, workflow_id, execution_id from core.audit_log where user_id = '"
                + users[2]
                + "' and action = 'channel.list'");
    assertTrue(
        acts.contains(
            Map.of("token_kind", "service", "workflow_id", "wfTest", "execution_id", "42")),
        acts.toString());
  }

  @Test
  void no_token_is_kept_or_listed_in_the_clear() {
    String token = platform.token("service", null);
    assertFalse(
        platform.admin("select t::text as t from core.api_tokens t").toString().contains(token));
    assertFalse(
        platform
            .get("/v1/tokens", OPERATOR)
            .expect(200)
            .body()
            .toString()
            .contains(token.substring(12)));
  }

  @Test
  void a_deactivated_users_token_and_channels_are_disabled() {
    String user = platform.createUser("resting@example.com");
    String token = platform.token("user", user);
    platform.get("/v1/users/" + user, token).expect(200);
    platform.patch("/v1/users/" + user, OPERATOR, Map.of("isActive", false)).expect(200);
    platform.get("/v1/users/" + user, token).expectProblem(401, "unauthenticated");
    Set<String> active = new HashSet<>();
    platform
        .get("/v1/users?active=true", OPERATOR)
        .expect(200)
        .body()
        .get("users")
        .forEach(each -> active.add(each.get("userId").stringValue()));
    assertFalse(active.contains(user));
    assertTrue(active.contains(users[0]));
  }

  @Test
  void users_come_page_by_page_each_once() {
    Set<String> seen = new HashSet<>();
    String after = "";
    do {
      JsonNode page =
          platform
              .get("/v1/users?limit=2" + (after.isEmpty() ? "" : "&after=" + after), OPERATOR)
              .expect(200)
              .body();
      page.get("users").forEach(user -> assertTrue(seen.add(user.get("userId").stringValue())));
      after = page.get("next").isNull() ? "" : page.get("next").stringValue();
    } while (!after.isEmpty());
    assertEquals(platform.count("core.users"), seen.size());
  }

  @Test
  void a_channels_niche_is_cleared_by_null_and_kept_when_left_out() {
    String user = platform.createUser("niche@example.com");
    platform
        .post(
            "/v1/users/" + user + "/channels",
            OPERATOR,
            Map.of("channelId", "UCnnnnnnnnnnnnnnnnnnnnnn", "channelName", "N", "niche", "chess"))
        .expect(201);
    String path = "/v1/users/" + user + "/channels/UCnnnnnnnnnnnnnnnnnnnnnn";
    assertEquals(
        "chess",
        platform.patch(path, OPERATOR, Map.of("channelName", "M")).expect(200).text("niche"));
    assertTrue(
        platform
            .send("PATCH", path, OPERATOR, "{\"niche\": null}")
            .expect(200)
            .body()
            .get("niche")
            .isNull());
    assertTrue(
        platform
            .patch(path, OPERATOR, Map.of("isActive", false))
            .expect(200)
            .body()
            .get("slot")
            .isNull());
  }
}
