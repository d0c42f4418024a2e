package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.ApiRoute;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** API tokens: their life by API and by command, and those that are none. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TokensTest {
  private static final String OPERATOR = Platform.OPERATOR_TOKEN;

  private final Platform platform = new Platform(1, 1);

  @AfterAll
  void close() {
    platform.close();
  }

  @BeforeEach
  void failuresOfOtherTestsAreOver() {
    platform.clock.advance(Duration.ofMinutes(1));
  }

  private Answer create(Map<String, Object> body) {
    return platform.post("/v1/tokens", OPERATOR, body).expect(201);
  }

  private static String id(Answer created) {
    return created.body().get("details").get("tokenId").stringValue();
  }

  private void works(String token) {
    platform.get("/v1/quota", token).expect(200);
  }

  private void isRefused(String token) {
    platform.get("/v1/quota", token).expectProblem(401, "unauthenticated");
  }

  @Test
  void a_rotated_token_is_replaced_at_once_or_after_the_overlap() {
    Answer old = create(Map.of("kind", "service", "name", "sync"));
    Answer next =
        platform
            .post("/v1/tokens/" + id(old) + "/rotate", OPERATOR, Map.of("overlapMinutes", 30))
            .expect(201);
    assertEquals("sync", next.body().get("details").get("name").stringValue());
    assertNotEquals(old.text("token"), next.text("token"));
    works(old.text("token"));
    works(next.text("token"));
    platform.clock.advance(Duration.ofMinutes(30));
    isRefused(old.text("token"));
    works(next.text("token"));

    Answer last =
        platform.post("/v1/tokens/" + id(next) + "/rotate", OPERATOR, Map.of()).expect(201);
    isRefused(next.text("token"));
    works(last.text("token"));
    platform
        .post("/v1/tokens/" + id(next) + "/rotate", OPERATOR, Map.of())
        .expectProblem(409, "token-ended");
    platform
        .post("/v1/tokens/00000000-0000-4000-8000-000000000000/rotate", OPERATOR, Map.of())
        .expectProblem(404, "unknown-token");
  }

  @Test
  void rotating_does_not_prolong_a_token_that_expires() {
    String end = platform.clock.instant().plus(Duration.ofDays(2)).toString();
    Answer old = create(Map.of("kind", "service", "name", "short", "expiresAt", end));
    Answer next =
        platform.post("/v1/tokens/" + id(old) + "/rotate", OPERATOR, Map.of()).expect(201);
    works(next.text("token"));
    platform.clock.advance(Duration.ofDays(2));
    isRefused(next.text("token"));
  }

  @Test
  void the_last_use_is_recorded_and_the_secret_is_kept_nowhere() {
    Answer made = create(Map.of("kind", "service", "name", "seen"));
    works(made.text("token"));
    String lastUsed = "";
    for (JsonNode token : platform.get("/v1/tokens", OPERATOR).expect(200).body().get("tokens")) {
      if (token.get("tokenId").stringValue().equals(id(made))) {
        lastUsed = token.get("lastUsedAt").stringValue();
      }
    }
    assertEquals(platform.clock.instant().toString(), lastUsed);
    assertEquals(
        0,
        platform
            .admin(
                "select 1 as n from core.api_tokens t where t::text like '%"
                    + made.text("token").substring(12)
                    + "%'")
            .size());
  }

  @Test
  void wrong_tokens_wait_and_right_ones_of_the_same_address_pass() {
    String unused = create(Map.of("kind", "service", "name", "not yet used")).text("token");
    for (int i = 0; i < 30; i++) {
      isRefused("yte_service_wrong" + "0".repeat(32) + i);
    }
    Answer limited =
        platform.get("/v1/quota", "yte_service_wrong").expectProblem(429, "too-many-attempts");
    assertTrue(limited.headers().containsKey("retry-after"), limited.headers().toString());
    // A token that was never used from here, and one after a restart, which forgets who was known.
    works(unused);
    String meters = platform.get("/metrics", null).expect(200).body().stringValue();
    assertTrue(
        meters.contains("ytempire_auth_failures_total{limited=\"true\"} 1.0"),
        meters.lines().filter(line -> line.contains("auth")).toList().toString());
    platform.clock.advance(Duration.ofMinutes(1));
    isRefused("yte_service_wrong");
  }

  @Test
  void a_service_token_may_do_what_its_scopes_say_and_no_more() {
    String user = platform.createUser("scoped@example.com");
    String standard = create(Map.of("kind", "service", "name", "standard")).text("token");
    platform.get("/v1/users", standard).expect(200);
    platform
        .post("/v1/quota/reservations", standard, Map.of("bucket", "data.general", "units", 1))
        .expect(201);
    for (Answer refused :
        List.of(
            platform.patch("/v1/users/" + user, standard, Map.of("displayName", "X")),
            platform.get("/v1/users/" + user + "/export", standard),
            platform.delete("/v1/users/" + user + "?confirm=scoped@example.com", standard))) {
      refused.expectProblem(403, "forbidden");
    }
    String administers =
        create(Map.of("kind", "service", "name", "forms", "scopes", List.of("read", "administer")))
            .text("token");
    platform.patch("/v1/users/" + user, administers, Map.of("displayName", "X")).expect(200);
    Answer erase =
        platform
            .delete("/v1/users/" + user + "?confirm=scoped@example.com", administers)
            .expectProblem(403, "forbidden");
    assertTrue(erase.text("detail").contains("lacks the scope erase"), erase.text("detail"));
    String erases =
        create(Map.of("kind", "service", "name", "erases", "scopes", List.of("erase")))
            .text("token");
    platform.delete("/v1/users/" + user + "?confirm=scoped@example.com", erases).expect(200);
    platform
        .post(
            "/v1/tokens",
            OPERATOR,
            Map.of("kind", "operator", "name", "x", "scopes", List.of("read")))
        .expectProblem(400, "invalid-request");
  }

  /** Of every route that the API has: a new one is closed until it is listed here. */
  @Test
  void a_token_that_reads_and_syncs_does_what_workflows_do_and_no_more() {
    String syncs =
        create(Map.of("kind", "service", "name", "syncs", "scopes", List.of("read", "sync")))
            .text("token");
    String reads =
        create(Map.of("kind", "service", "name", "reads", "scopes", List.of("read"))).text("token");
    Set<String> open = new TreeSet<>();
    Set<String> openToReaders = new TreeSet<>();
    for (ApiRoute route : ApiRoute.all(platform.get("/openapi.json", null).expect(200).body())) {
      if (route.isOpen() || route.method().equals("GET")) {
        continue;
      }
      if (changes(route, syncs)) {
        open.add(route.method() + " " + route.path());
      }
      if (changes(route, reads)) {
        openToReaders.add(route.method() + " " + route.path());
      }
    }
    assertEquals(
        new TreeSet<>(
            Set.of(
                "POST /v1/metrics/fetch",
                "POST /v1/metrics/store",
                "POST /v1/metrics/sync",
                "POST /v1/provider-totals",
                "POST /v1/users/{userId}/costs",
                "POST /v1/users/{userId}/events",
                "POST /v1/users/{userId}/insights",
                "POST /v1/users/{userId}/reports/send",
                "POST /v1/quota/check",
                "POST /v1/quota/reservations",
                "POST /v1/quota/reservations/{reservationId}/settle",
                "DELETE /v1/quota/reservations/{reservationId}",
                "POST /v1/subscriptions",
                "POST /v1/subscriptions/{subscriptionId}/resume",
                "DELETE /v1/subscriptions/{subscriptionId}")),
        open);
    // It takes nothing.
    assertEquals(Set.of("POST /v1/quota/check"), openToReaders);
  }

  /** Whether a token is let through to a route, which may then find nothing to change. */
  private boolean changes(ApiRoute route, String token) {
    String path = route.path().replaceAll("\\{[^}]*}", UUID.randomUUID().toString());
    String body = route.body() == null ? null : route.exampleBody().toString();
    Answer answer = platform.send(route.method(), path, token, body);
    return answer.status() != 403;
  }

  @Test
  void a_token_that_expires_out_of_range_is_refused() {
    for (String end :
        List.of("0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-12-31T23:59:60Z")) {
      Answer answer =
          platform.post(
              "/v1/tokens", OPERATOR, Map.of("kind", "service", "name", "odd", "expiresAt", end));
      answer.expectProblem(400, "invalid-request");
      assertEquals("/expiresAt", answer.body().get("faults").get(0).get("pointer").stringValue());
    }
  }

  private record Run(int status, String out, String err) {}

  private Run command(String token, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        new TokenCommand(
                Map.of("YTEMPIRE_URL", platform.url(""), "YTEMPIRE_API_TOKEN", token),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> platform.clock)
            .run(List.of(words));
    return new Run(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void the_command_creates_lists_rotates_and_revokes() {
    Run made = command(OPERATOR, "create", "--kind", "service", "--name", "by hand", "--days", "7");
    assertEquals(0, made.status(), made.err());
    String secret = made.out().strip();
    works(secret);
    Run listed = command(OPERATOR, "list");
    String line =
        listed.out().lines().filter(text -> text.endsWith("by hand")).findFirst().orElseThrow();
    assertTrue(line.contains("7 days") || line.contains("6 days"), line);
    assertFalse(listed.out().contains(secret), "a secret is listed");
    String tokenId = line.substring(0, 36);

    Run rotated = command(OPERATOR, "rotate", tokenId, "--overlap-minutes", "5");
    assertEquals(0, rotated.status(), rotated.err());
    works(secret);
    works(rotated.out().strip());
    assertEquals(0, command(OPERATOR, "revoke", tokenId).status());
    isRefused(secret);
    works(rotated.out().strip());
  }

  @Test
  void the_command_says_what_is_wrong_and_what_to_do() throws Exception {
    Map<List<String>, String> wrong =
        Map.of(
            List.of("make"), "There is no 'token make'",
            List.of("create", "--days"), "--days needs a value",
            List.of("create", "--days", "many"), "not 'many'",
            List.of("create", "--colour", "red"), "no option '--colour'",
            List.of("rotate"), "Say which token",
            List.of("revoke", "yte_service_secret"), "no token's id");
    wrong.forEach((words, message) -> {
      Run ran = command(OPERATOR, words.toArray(String[]::new));
      assertEquals(2, ran.status(), words.toString());
      assertTrue(ran.err().contains(message), ran.err());
      assertFalse(ran.err().contains("yte_service_secret"), "a secret is repeated");
    });
    Run refused = command(OPERATOR, "create", "--kind", "user", "--name", "x");
    assertEquals(1, refused.status());
    assertTrue(refused.err().contains("userId"), refused.err());
    String service = create(Map.of("kind", "service", "name", "no operator")).text("token");
    Run forbidden = command(service, "list");
    assertEquals(1, forbidden.status());
    assertTrue(forbidden.err().contains("operator"), forbidden.err());
    Path empty = Files.createTempFile("token", "");
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertEquals(
        2,
        new TokenCommand(
                Map.of("YTEMPIRE_API_TOKEN_FILE", empty.toString()),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                () -> platform.clock)
            .run(List.of("list")));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("YTEMPIRE_API_TOKEN is missing"));
  }
}
