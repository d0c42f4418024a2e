package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.App;
import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.testing.AnswerCheck;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The quota as callers see it. */
final class QuotaRoutesTest {
  private final Platform platform =
      new Platform(
          1,
          1,
          Map.of("YTEMPIRE_QUOTA_DATA_SEARCH", "100", "YTEMPIRE_QUOTA_INTERACTIVE_PERCENT", "0"));
  private final String service = platform.token("service", null);

  @AfterEach
  void close() {
    platform.close();
  }

  private Answer reserve(int units) {
    return platform.post(
        "/v1/quota/reservations",
        service,
        Map.of("bucket", "data.search", "units", units, "leaseMinutes", 1440));
  }

  @Test
  void a_check_takes_nothing_and_says_when_there_is_enough_again() {
    Map<String, Object> sixty = Map.of("bucket", "data.search", "units", 60);
    assertEquals(
        true,
        platform
            .post("/v1/quota/check", service, sixty)
            .expect(200)
            .body()
            .get("enough")
            .booleanValue());
    assertEquals(
        true,
        platform
            .post("/v1/quota/check", service, sixty)
            .expect(200)
            .body()
            .get("enough")
            .booleanValue());
    reserve(50).expect(201);
    Answer no = platform.post("/v1/quota/check", service, sixty).expect(200);
    assertEquals(false, no.body().get("enough").booleanValue());
    assertEquals("2026-11-21T08:00:00Z", no.text("waitUntil"));
  }

  @Test
  void what_is_reserved_is_gone_until_it_is_given_back_and_only_once() {
    Answer reserved = reserve(100).expect(201);
    Answer refused = reserve(1).expectProblem(429, "quota-exhausted");
    assertEquals("2026-11-21T08:00:00Z", refused.text("resetsAt"));
    assertTrue(
        Integer.parseInt(refused.headers().getOrDefault("retry-after", List.of("0")).getFirst())
            >= 14 * 3600,
        refused.headers().toString());
    String path = "/v1/quota/reservations/" + reserved.text("reservationId");
    platform.delete(path, service).expect(204);
    platform.delete(path, service).expectProblem(404, "unknown-reservation");
    reserve(100).expect(201);
  }

  @Test
  void what_is_settled_goes_back_and_nobody_spends_more_than_was_reserved() {
    String path = "/v1/quota/reservations/" + reserve(60).expect(201).text("reservationId");
    platform
        .post(path + "/settle", service, Map.of("unitsSpent", 61))
        .expectProblem(400, "invalid-request");
    Answer settled = platform.post(path + "/settle", service, Map.of("unitsSpent", 20)).expect(200);
    assertEquals(20, settled.body().get("unitsSpent").intValue());
    assertEquals(40, settled.body().get("unitsReturned").intValue());
    assertEquals(80, settled.body().get("bucket").get("remaining").intValue());
    platform
        .post(path + "/settle", service, Map.of("unitsSpent", 20))
        .expectProblem(404, "unknown-reservation");
  }

  @Test
  void a_reservation_on_a_users_share_is_an_act_for_that_user() {
    String ada = platform.createUser("ada@example.com");
    Map<String, Object> body =
        Map.of("bucket", "data.general", "units", 5, "userId", ada, "leaseMinutes", 5);
    Answer reserved = platform.post("/v1/quota/reservations", service, body).expect(201);
    assertEquals("2026-11-20T18:05:00Z", reserved.text("expiresAt"));
    assertEquals(List.of("\"data.general\";r=9995;t=50400"), reserved.headers().get("ratelimit"));
    assertEquals(
        1,
        platform.count(
            "core.audit_log where action = 'quota.reserve' and workflow_id = 'wfTest' and user_id = '"
                + ada
                + "'"));
    platform
        .post(
            "/v1/quota/reservations",
            service,
            Map.of(
                "bucket",
                "data.general",
                "units",
                5,
                "userId",
                "00000000-0000-4000-8000-000000000000"))
        .expectProblem(404, "unknown-user");
  }

  @Test
  void a_user_sees_its_own_share_and_no_other() {
    String ada = platform.createUser("ada@example.com");
    String bob = platform.createUser("bob@example.com");
    String adas = platform.token("user", ada);
    assertEquals(
        List.of(ada),
        platform
            .get("/v1/quota/shares?userId=" + bob, adas)
            .expect(200)
            .body()
            .get("shares")
            .valueStream()
            .map(share -> share.get("payer").stringValue())
            .toList());
    assertEquals(
        2, platform.get("/v1/quota/shares", service).expect(200).body().get("shares").size());
    platform
        .post("/v1/quota/check", adas, Map.of("bucket", "data.general", "units", 1, "userId", bob))
        .expectProblem(404, "unknown-user");
    platform.get("/v1/quota/shares?bucket=analytics.minute", service).expect(400);
  }

  @Test
  void at_pacific_midnight_the_bucket_is_full_again() {
    reserve(100).expect(201);
    platform.clock.advance(Duration.ofHours(13).plusMinutes(59));
    reserve(1).expectProblem(429, "quota-exhausted");
    platform.clock.advance(Duration.ofMinutes(1));
    reserve(100).expect(201);
  }

  @Test
  void two_replicas_and_many_callers_never_take_a_unit_too_many() throws Exception {
    Map<String, String> settings =
        new HashMap<>(
            Platform.settings(
                platform.database,
                platform.redis.url(),
                platform.simulator.url(),
                platform.keyset));
    settings.put("YTEMPIRE_QUOTA_DATA_SEARCH", "100");
    settings.put("YTEMPIRE_QUOTA_INTERACTIVE_PERCENT", "0");
    App first = platform.app;
    try (App second = App.start(Config.from(settings), platform.clock);
        ExecutorService callers = Executors.newFixedThreadPool(16)) {
      List<Callable<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        App app = i % 2 == 0 ? first : second;
        all.add(() ->
            platform
                .at(app)
                .post(
                    "/v1/quota/reservations", service, Map.of("bucket", "data.search", "units", 1))
                .status());
      }
      int granted = 0;
      for (Future<Integer> status : callers.invokeAll(all)) {
        granted += status.get() == 201 ? 1 : 0;
      }
      assertEquals(100, granted);
    }
  }

  @Test
  void the_buckets_survive_a_restart_of_the_sidecar() {
    reserve(70).expect(201);
    platform.restart();
    reserve(31).expectProblem(429, "quota-exhausted");
    reserve(30).expect(201);
  }

  @Test
  void an_answer_that_breaks_its_promise_would_fail_every_test() {
    AnswerCheck check = new AnswerCheck(platform.get("/openapi.json", null).expect(200).body());
    check.check("GET", "/v1/users", 200, Platform.JSON.readTree("{\"users\": [], \"next\": null}"));
    assertThrows(
        AssertionError.class,
        () -> check.check("GET", "/v1/users", 200, Platform.JSON.readTree("{\"users\": []}")));
    assertThrows(
        AssertionError.class,
        () -> check.check("GET", "/v1/nothing", 200, Platform.JSON.readTree("{}")));
    assertThrows(
        AssertionError.class,
        () -> check.check("GET", "/v1/users", 404, Platform.JSON.readTree("{\"detail\": \"x\"}")));
    for (String row :
        List.of("{\"kind\": \"none\"}", "{\"kind\": \"channel-day\", \"views\": \"1\"}", "7")) {
      assertThrows(
          AssertionError.class,
          () ->
              check.check(
                  "GET",
                  "/v1/users/1/metrics/channel-day",
                  200,
                  Platform.JSON.readTree("{\"rows\": [" + row + "], \"next\": null}")),
          row);
    }
  }

  @Test
  void meters_and_api_page_are_there() {
    reserve(40).expect(201);
    String meters = platform.get("/metrics", null).expect(200).body().asString();
    assertTrue(meters.contains("ytempire_quota_remaining{bucket=\"data.search\"} 60.0"), meters);
    assertTrue(
        meters.contains("ytempire_quota_reset_timestamp_seconds{bucket=\"data.search\"} 1."),
        meters);
    assertTrue(
        meters.contains(
            "ytempire_http_requests_seconds_count{method=\"POST\",path=\"/v1/quota/reservations\""),
        meters);
    assertEquals("3.1.0", platform.get("/openapi.json", null).expect(200).text("openapi"));
    String page = platform.get("/docs", null).expect(200).body().asString();
    String script = page.replaceAll("(?s).*script src=\"([^\"]+)\".*", "$1");
    platform.get(script, null).expect(200);
  }
}
