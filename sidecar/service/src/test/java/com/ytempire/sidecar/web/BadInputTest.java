package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.RawHttp;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Bad input: what is answered, and that nothing is stored by halves. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputTest {
  private static final String NOBODY = "00000000-0000-4000-8000-000000000000";
  private static final String OPERATOR = Platform.OPERATOR_TOKEN;

  private final Platform platform = new Platform(2, 5);
  private String ada = "";
  private String bob = "";
  private String adasChannel = "";
  private String bobsChannel = "";
  private String service = "";

  @BeforeAll
  void users() {
    ada = platform.createUser("ada@example.com");
    bob = platform.createUser("bob@example.com");
    adasChannel = platform.world.accounts().get(0).channels().getFirst().id();
    bobsChannel = platform.world.accounts().get(1).channels().getFirst().id();
    platform.addChannel(ada, adasChannel);
    platform.addChannel(bob, bobsChannel);
    service = platform.token("service", null);
  }

  @AfterAll
  void close() {
    platform.close();
  }

  private Map<String, Object> row(Object... changes) {
    Map<String, Object> row =
        new HashMap<>(
            Map.of(
                "kind",
                "channel-day",
                "userId",
                ada,
                "channelId",
                adasChannel,
                "day",
                "2026-11-01",
                "views",
                10));
    for (int i = 0; i < changes.length; i += 2) {
      row.put((String) changes[i], changes[i + 1]);
    }
    return row;
  }

  /**
   * Stores a bad row before and after good ones: it alone is refused, and its fault names the
   * field.
   */
  private void refusedAlone(String pointer, Map<String, Object> bad) {
    platform.admin("delete from core.channel_days returning 1");
    JsonNode answer =
        platform
            .post(
                "/v1/metrics/store",
                service,
                Map.of("rows", List.of(row("day", "2026-10-01"), bad, row("day", "2026-10-02"))))
            .expect(200)
            .body();
    assertEquals(2, answer.get("stored").intValue(), answer.toString());
    assertEquals(1, answer.get("rejected").intValue(), answer.toString());
    JsonNode refused = answer.get("rows").get(1);
    assertEquals("rejected", refused.get("outcome").stringValue());
    assertEquals(
        pointer, refused.get("faults").get(0).get("pointer").stringValue(), refused.toString());
    assertEquals(2, platform.count("core.channel_days"));
  }

  @Test
  void an_unknown_user_is_unknown() {
    platform.get("/v1/users/" + NOBODY, OPERATOR).expectProblem(404, "unknown-user");
    platform.get("/v1/users/not-an-id", OPERATOR).expectProblem(404, "unknown-user");
    platform
        .post(
            "/v1/users/" + NOBODY + "/channels",
            OPERATOR,
            Map.of("channelId", "UCxxxxxxxxxxxxxxxxxxxxxx", "channelName", "x"))
        .expectProblem(404, "unknown-user");
    JsonNode fetched =
        platform
            .post(
                "/v1/metrics/fetch",
                service,
                Map.of(
                    "requests",
                    List.of(
                        Map.of(
                            "userId", NOBODY, "channelId", adasChannel, "report", "channel-day"))))
            .expect(200)
            .body();
    assertEquals("unknown-channel", fetched.get("notFetched").get(0).get("reason").stringValue());
  }

  @Test
  void another_users_channel_is_unknown() {
    platform
        .get("/v1/users/" + ada + "/channels/" + bobsChannel, OPERATOR)
        .expectProblem(404, "unknown-channel");
    platform
        .patch("/v1/users/" + ada + "/channels/" + bobsChannel, OPERATOR, Map.of("isActive", false))
        .expectProblem(404, "unknown-channel");
    refusedAlone("/channelId", row("channelId", bobsChannel));
  }

  @Test
  void a_sixth_channel_is_refused_and_the_five_stay() {
    String carol = platform.createUser("carol@example.com");
    platform
        .world
        .accounts()
        .get(0)
        .channels()
        .forEach(channel -> platform.addChannel(carol, channel.id()));
    platform
        .post(
            "/v1/users/" + carol + "/channels",
            OPERATOR,
            Map.of("channelId", bobsChannel, "channelName", "one too many"))
        .expectProblem(409, "too-many-channels");
    assertEquals(
        5,
        platform
            .get("/v1/users/" + carol + "/channels", OPERATOR)
            .expect(200)
            .body()
            .get("channels")
            .size());
  }

  @Test
  void the_same_channel_twice_is_refused() {
    platform
        .post(
            "/v1/users/" + ada + "/channels",
            OPERATOR,
            Map.of("channelId", adasChannel, "channelName", "again"))
        .expectProblem(409, "channel-exists");
  }

  @Test
  void an_email_is_taken_once() {
    platform
        .post("/v1/users", OPERATOR, Map.of("email", "ADA@example.com", "displayName", "Ada"))
        .expectProblem(409, "email-taken");
  }

  @Test
  void wrong_missing_and_revoked_tokens_are_refused_alike() {
    platform.get("/v1/users", null).expectProblem(401, "unauthenticated");
    platform.get("/v1/users", "yte_operator_wrong").expectProblem(401, "unauthenticated");
    String token = platform.token("operator", null);
    platform.get("/v1/users", token).expect(200);
    String id = "";
    for (JsonNode each : platform.get("/v1/tokens", OPERATOR).expect(200).body().get("tokens")) {
      if (each.get("kind").stringValue().equals("operator")
          && each.get("name").stringValue().equals("test")) {
        id = each.get("tokenId").stringValue();
      }
    }
    platform.delete("/v1/tokens/" + id, OPERATOR).expect(204);
    platform.get("/v1/users", token).expectProblem(401, "unauthenticated");
    platform.delete("/v1/tokens/" + NOBODY, OPERATOR).expectProblem(404, "unknown-token");
  }

  @Test
  void an_expired_token_is_refused() {
    String token =
        platform
            .post(
                "/v1/tokens",
                OPERATOR,
                Map.of("kind", "service", "name", "short", "expiresAt", "2026-11-20T18:00:00Z"))
            .expect(201)
            .text("token");
    platform.get("/v1/users", token).expectProblem(401, "unauthenticated");
  }

  @Test
  void a_token_of_the_wrong_kind_is_answered_with_the_kinds_needed() {
    Answer answer = platform.get("/v1/tokens", service).expectProblem(403, "forbidden");
    assertTrue(answer.text("detail").contains("operator"), answer.text("detail"));
  }

  @Test
  void malformed_json_is_reported_with_its_place() {
    Answer answer =
        platform
            .send("POST", "/v1/metrics/store", service, "{\"rows\": [}")
            .expectProblem(400, "malformed-json");
    assertTrue(answer.text("detail").contains("line 1, column 11"), answer.text("detail"));
    platform.send("POST", "/v1/metrics/store", service, "").expectProblem(400, "malformed-json");
    platform
        .send(
            "POST",
            "/v1/quota/check",
            service,
            "{\"bucket\":\"data.general\",\"units\":1,\"units\":2}")
        .expectProblem(400, "malformed-json");
  }

  @Test
  void a_body_that_does_not_fit_is_reported_by_json_pointer() {
    Answer answer =
        platform.post(
            "/v1/users",
            OPERATOR,
            Map.of("email", "x@example.com", "displayName", "X", "role", "admin"));
    answer.expectProblem(400, "invalid-request");
    assertEquals("/role", answer.body().get("faults").get(0).get("pointer").stringValue());
    platform
        .post(
            "/v1/users",
            OPERATOR,
            Map.of("email", "x@example.com", "displayName", "X", "timeZone", "Mars/Olympus"))
        .expectProblem(400, "invalid-request");
    assertTrue(
        platform.admin("select 1 as n from core.users where email = 'x@example.com'").isEmpty());
  }

  @Test
  void a_bad_date_is_refused_alone() {
    refusedAlone("/day", row("day", "2026-02-30"));
    refusedAlone("/day", row("day", "yesterday"));
  }

  @Test
  void negative_views_are_refused_alone() {
    refusedAlone("/views", row("views", -1));
  }

  @Test
  void a_day_in_the_future_is_refused_alone() {
    refusedAlone("/day", row("day", "2026-11-21"));
  }

  @Test
  void today_is_today_on_youtube() {
    // 18:00 UTC on the 20th is the 20th in California.
    assertEquals(
        1,
        platform
            .post("/v1/metrics/store", service, Map.of("rows", List.of(row("day", "2026-11-20"))))
            .expect(200)
            .body()
            .get("stored")
            .intValue());
  }

  @Test
  void a_metric_that_youtube_does_not_have_is_refused_alone() {
    refusedAlone("/virality", row("virality", 3));
  }

  @Test
  void an_unknown_kind_of_row_is_rejected_alone() {
    refusedAlone("/kind", row("kind", "channel-century"));
  }

  @Test
  void a_body_of_20_megabytes_is_too_large() {
    long before = platform.count("core.channel_days");
    String padding = " ".repeat(20 * 1024 * 1024);
    platform
        .send("POST", "/v1/metrics/store", service, "{\"rows\": [" + padding + "]}")
        .expectProblem(413, "too-large");
    assertEquals(before, platform.count("core.channel_days"));
  }

  @Test
  void a_body_that_does_not_say_how_long_it_is_is_cut_off_as_well() throws Exception {
    byte[] padding = " ".repeat(20 * 1024 * 1024).getBytes(StandardCharsets.US_ASCII);
    HttpRequest chunked =
        HttpRequest.newBuilder(URI.create(platform.url("/v1/metrics/store")))
            .version(HttpClient.Version.HTTP_1_1)
            .header("Authorization", "Bearer " + service)
            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(padding)))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(chunked, HttpResponse.BodyHandlers.ofString());
    assertEquals(413, response.statusCode(), response.body());
    assertTrue(response.body().contains("/problems/too-large"), response.body());
  }

  @Test
  void a_batch_of_100000_rows_is_refused_whole() {
    platform.admin("delete from core.channel_days returning 1");
    List<Object> rows =
        new ArrayList<>(IntStream.range(0, 100_000).mapToObj(i -> Map.of("kind", "x")).toList());
    rows.set(0, row());
    Answer answer =
        platform
            .post("/v1/metrics/store", service, Map.of("rows", rows))
            .expectProblem(400, "invalid-request");
    assertEquals("/rows", answer.body().get("faults").get(0).get("pointer").stringValue());
    assertTrue(answer.text("detail").contains("5000"), answer.text("detail"));
    assertEquals(0, platform.count("core.channel_days"));
  }

  @Test
  void an_unknown_address_is_a_problem_document_too() {
    platform.get("/v2/everything", OPERATOR).expectProblem(404, "not-found");
    platform.send("PUT", "/v1/users", OPERATOR, "{}").expectProblem(405, "method-not-allowed");
  }

  @Test
  void queries_are_checked_too() {
    platform.get("/v1/users?limit=many", OPERATOR).expectProblem(400, "invalid-request");
    platform.get("/v1/users?active=perhaps", OPERATOR).expectProblem(400, "invalid-request");
    platform
        .get("/v1/users/" + ada + "/metrics/channel-day?from=lately", OPERATOR)
        .expectProblem(400, "invalid-request");
    platform
        .get("/v1/users/" + ada + "/metrics/channel-day?after=%27;drop", OPERATOR)
        .expectProblem(400, "invalid-request");
    platform
        .get("/v1/users/" + ada + "/metrics/everything", OPERATOR)
        .expectProblem(404, "not-found");
  }

  private Answer listing(String query) {
    return platform.get("/v1/users/" + ada + "/metrics/channel-day?" + query, OPERATOR);
  }

  @Test
  void a_day_outside_the_calendar_of_youtube_is_refused() {
    listing("from=2000-01-01&to=2999-12-31").expect(200);
    platform
        .get("/v1/users/" + ada + "/metrics/channel-statistics?to=2999-12-31", OPERATOR)
        .expect(200);
    for (String day :
        List.of("9999-12-31", "0000-01-01", "%2B12345-01-01", "-0001-01-01", "2026-02-30")) {
      listing("from=" + day).expectProblem(400, "invalid-request");
      listing("to=" + day).expectProblem(400, "invalid-request");
    }
  }

  @Test
  void an_id_with_a_nul_is_refused() {
    listing("channelId=%00").expectProblem(400, "invalid-request");
    listing("channelId=" + adasChannel + "%00").expectProblem(400, "invalid-request");
    listing("channelId=no-channel-of-youtube").expectProblem(404, "unknown-channel");
  }

  @Test
  void a_forged_cursor_is_refused() {
    listing("after=" + PageKey.encode("2026-01-01", adasChannel)).expect(200);
    for (String key :
        List.of(
            PageKey.encode("2026-99-99", adasChannel),
            PageKey.encode("0000-01-01", adasChannel),
            PageKey.encode("2026-02-30", adasChannel),
            PageKey.encode("2026-01-01T99:99:99Z", adasChannel),
            PageKey.encode("2026-01-01", "a\0b"),
            PageKey.encode("2026-01-01"),
            PageKey.encode("\0"),
            encoded("2026-01-01 " + adasChannel),
            encoded("[\"2026-01-01\",null]"),
            encoded("null"),
            encoded("\0"))) {
      listing("after=" + key).expectProblem(400, "invalid-request");
    }
  }

  @Test
  void numbers_beyond_all_bounds_are_refused_in_any_body() {
    for (String number : List.of("1e308", "1e400", "1e999999999", "9".repeat(900))) {
      platform
          .send(
              "POST",
              "/v1/quota/check",
              service,
              "{\"bucket\":\"data.general\",\"units\":" + number + "}")
          .expectProblem(400, "invalid-request");
      platform
          .send(
              "POST",
              "/v1/metrics/fetch",
              service,
              "{\"requests\":[{\"userId\":\"%s\",\"channelId\":\"%s\",\"report\":\"recent-uploads\",\"limit\":%s}]}"
                  .formatted(ada, adasChannel, number))
          .expectProblem(400, "invalid-request");
    }
  }

  @Test
  void query_values_out_of_range_are_refused_with_their_name() {
    String metrics = "/v1/users/" + ada + "/metrics/channel-day?";
    for (String[] each :
        new String[][] {
          {"to=9999-12-31", "?to"},
          {"from=0000-01-01", "?from"},
          {"from=%2B12345-01-01", "?from"},
          {"channelId=%00", "?channelId"},
          {"channelId=UC%0A", "?channelId"},
          {"after=" + PageKey.encode("9999-99-99", "UCxxxxxxxxxxxxxxxxxxxxxx"), "?after"},
          {"after=" + PageKey.encode("2026-01-01", "UC\u0000"), "?after"},
        }) {
      Answer answer = platform.get(metrics + each[0], OPERATOR);
      answer.expectProblem(400, "invalid-request");
      assertEquals(each[1], answer.body().get("faults").get(0).get("pointer").stringValue());
    }
    platform.get("/v1/users/1-1-1-1-1", OPERATOR).expectProblem(404, "unknown-user");
    platform.get("/v1/channels?userId=1-1-1-1-1", OPERATOR).expectProblem(400, "invalid-request");
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_query_that_is_no_utf8_is_refused() throws Exception {
    for (String query : List.of("after=%ff", "after=%zz", "after=%", "%c3=x", "after=%ed%a0%80")) {
      try (RawHttp raw = new RawHttp(platform.app.port())) {
        raw.exchange(
                "GET /v1/users?%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n"
                    .formatted(query, OPERATOR))
            .expectProblem(400, "invalid-request");
      }
    }
  }

  @Test
  void text_that_cannot_be_stored_is_refused_with_its_place() {
    for (String bad : List.of("\\u0000", "\\ud800", "x\\udc00x")) {
      Answer answer =
          platform.send(
              "POST",
              "/v1/users",
              OPERATOR,
              "{\"email\": \"z@example.com\", \"displayName\": \"%s\"}".formatted(bad));
      answer.expectProblem(400, "invalid-request");
      assertEquals("/displayName", answer.body().get("faults").get(0).get("pointer").stringValue());
    }
  }

  @Test
  void no_answer_ever_shows_a_stack_trace_or_sql() {
    for (Answer answer :
        List.of(
            platform.get("/v1/users/" + NOBODY, OPERATOR),
            platform.send("POST", "/v1/metrics/store", service, "nonsense"),
            platform.get("/v1/nothing", null))) {
      String text = answer.body().toString();
      assertFalse(
          text.contains("Exception")
              || text.contains("at com.")
              || text.toLowerCase(Locale.ROOT).contains("select "),
          text);
    }
  }

  @Test
  void a_body_of_countless_tiny_rows_is_refused_before_it_fills_the_heap() {
    StringBuilder body = new StringBuilder("{\"rows\":[{}");
    while (body.length() < 9_000_000) {
      body.append(",{}");
    }
    platform
        .send("POST", "/v1/metrics/store", Platform.OPERATOR_TOKEN, body.append("]}").toString())
        .expectProblem(413, "too-large");
  }

  @Test
  void a_large_body_full_of_faults_names_one() {
    StringBuilder body = new StringBuilder("{\"rows\":[");
    for (int i = 0; i < 80_000; i++) {
      body.append(i == 0 ? "" : ",").append("{\"a\":1,\"b\":2}");
    }
    Platform.Answer answer =
        platform
            .send(
                "POST", "/v1/metrics/store", Platform.OPERATOR_TOKEN, body.append("]}").toString())
            .expect(400);
    assertEquals(1, answer.body().get("faults").size(), answer.body().toString());
  }

  @Test
  void emails_that_look_alike_are_one_and_invisible_characters_are_refused() {
    platform.createUser("b\u00fccher@example.com");
    for (String alike : List.of("B\u00dcCHER@example.com", "bu\u0308cher@\uff45xample.com")) {
      int status =
          platform.post("/v1/users", OPERATOR, Map.of("email", alike, "displayName", "x")).status();
      assertTrue(status == 409 || status == 400, alike + ": " + status);
    }
    for (String bad :
        List.of("a\u200bda@example.com", "ada\uff20evil@example.com", "ada@exa\u00admple.com")) {
      platform
          .post("/v1/users", OPERATOR, Map.of("email", bad, "displayName", "x"))
          .expectProblem(400, "invalid-request");
    }
  }
}
