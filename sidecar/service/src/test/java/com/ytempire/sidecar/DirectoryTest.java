package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.Simulator;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Users and channels that are found by something else than their ids, and channels deleted. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DirectoryTest {
  private final Platform platform = new Platform(2, 2);
  private final Catalog.Channel channel =
      platform.world.accounts().getFirst().channels().getFirst();
  private String ada = "";
  private String email = "";
  private String service = "";

  @BeforeAll
  void users() {
    ada = platform.connectedUser(0);
    email = platform.world.accounts().getFirst().email();
    platform.createUser("Bob@Example.org");
    service = platform.token("service", null);
  }

  @AfterAll
  void close() {
    platform.close();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private List<String> emails(String query) {
    JsonNode page = platform.get("/v1/users?" + query, service).expect(200).body();
    assertTrue(page.get("next").isNull());
    return StreamSupport.stream(page.get("users").spliterator(), false)
        .map(user -> user.get("email").stringValue())
        .toList();
  }

  @Test
  void a_user_is_found_by_an_email_however_it_is_written() {
    for (String written :
        List.of(email, email.toUpperCase(Locale.ROOT), email.replace("a", "\uff41"))) {
      assertEquals(List.of(email), emails("email=" + encode(written)), written);
    }
    assertEquals(List.of("bob@example.org"), emails("email=" + encode("BOB@\uff45xample.org")));
    assertEquals(List.of(), emails("email=nobody@example.com"));
    assertEquals(List.of(), emails("email=" + encode("%@example.org")));
  }

  @Test
  void users_are_searched_by_words_of_their_name_or_email() {
    assertEquals(List.of("bob@example.org"), emails("search=" + encode("B@eXAMPLE.O")));
    assertEquals(List.of(), emails("search=" + encode("%")), "no pattern");
    platform
        .get("/v1/users?search=" + "x".repeat(101), service)
        .expectProblem(400, "invalid-request");
    platform.get("/v1/users?email=none", service).expectProblem(400, "invalid-request");
  }

  @Test
  void a_users_token_learns_of_no_email_whether_it_is_known() {
    String token = platform.token("user", ada);
    String known = platform.get("/v1/users?email=" + encode(email), token).body().toString();
    String unknown = platform.get("/v1/users?email=nobody@example.com", token).body().toString();
    assertTrue(known.contains("/problems/forbidden"), known);
    assertEquals(known, unknown);
  }

  private Platform.Answer lookUp(String user, String handle) {
    return platform.get(
        "/v1/users/%s/channel-lookup?handle=%s".formatted(user, encode(handle)), service);
  }

  @Test
  void a_channel_is_found_by_its_handle_or_address() {
    Catalog.Channel wanted = platform.world.accounts().getLast().channels().getFirst();
    for (String written :
        List.of(
            wanted.handle(),
            wanted.handle().substring(1),
            "https://www.youtube.com/" + wanted.handle() + "/videos",
            " youtube.com/" + wanted.handle())) {
      JsonNode found = lookUp(ada, written).expect(200).body();
      assertEquals(wanted.id(), found.get("channelId").stringValue(), written);
      assertEquals(wanted.title(), found.get("title").stringValue());
    }
    lookUp(ada, "@no-such-handle").expectProblem(404, "unknown-channel");
    for (String none : List.of("", "@", "https://example.com/@woodwork", "two words")) {
      lookUp(ada, none).expectProblem(400, "invalid-request");
    }
  }

  @Test
  void a_handle_is_asked_for_once_while_its_answer_is_cached() {
    try (Platform own = new Platform(1, 1)) {
      String user = own.connectedUser(0);
      String token = own.token("user", user);
      String handle = own.world.accounts().getFirst().channels().getFirst().handle();
      String path = "/v1/users/" + user + "/channel-lookup?handle=";
      String found = own.get(path + encode(handle), token).expect(200).body().toString();
      own.get(path + "no-such-handle", token).expectProblem(404, "unknown-channel");
      own.simulator.usage().forgetMethods();
      assertEquals(found, own.get(path + encode(handle), token).expect(200).body().toString());
      own.get(path + "no-such-handle", token).expectProblem(404, "unknown-channel");
      assertEquals(Map.of(), own.simulator.usage().methods());
      // A channel may have got the handle since.
      own.clock.advance(Duration.ofMinutes(11));
      own.get(path + "no-such-handle", token).expectProblem(404, "unknown-channel");
      assertEquals(1, own.simulator.usage().methods().size());
    }
  }

  @Test
  void a_user_may_have_so_many_handles_looked_up_an_hour() {
    try (Platform own = new Platform(2, 1)) {
      String user = own.connectedUser(0);
      String other = own.connectedUser(1);
      String token = own.token("service", null);
      for (int i = 0; i < 60; i++) {
        own.get("/v1/users/%s/channel-lookup?handle=none-%d".formatted(user, i), token)
            .expectProblem(404, "unknown-channel");
      }
      String more = "/v1/users/%s/channel-lookup?handle=one-more";
      own.get(more.formatted(user), token).expectProblem(429, "quota-exhausted");
      own.get(more.formatted(other), token).expectProblem(404, "unknown-channel");
      own.clock.advance(Duration.ofHours(1));
      own.get(more.formatted(user), token).expectProblem(404, "unknown-channel");
    }
  }

  @Test
  void without_a_grant_a_handle_is_looked_up_by_the_key_or_refused() {
    String carl = platform.createUser("carl@example.com");
    Platform.Answer refused = lookUp(carl, "@woodwork").expectProblem(409, "not-connected");
    assertTrue(refused.text("detail").contains("UC\u2026"), refused.text("detail"));
    try (Platform keyed =
        new Platform(1, 1, Map.of("YTEMPIRE_GOOGLE_API_KEY", Simulator.API_KEY))) {
      Catalog.Channel wanted = keyed.world.accounts().getFirst().channels().getFirst();
      String user = keyed.createUser("dora@example.com");
      keyed
          .get(
              "/v1/users/%s/channel-lookup?handle=%s".formatted(user, encode(wanted.handle())),
              keyed.token("service", null))
          .expect(200);
    }
  }

  @Test
  void a_deleted_channel_leaves_nothing_and_ends_its_grant() {
    String eve = platform.connectedUser(1);
    Catalog.Channel gone = platform.world.accounts().getLast().channels().getFirst();
    platform
        .post(
            "/v1/metrics/sync",
            service,
            Map.of(
                "users",
                List.of(Map.of("userId", eve)),
                "reports",
                List.of("channel-statistics", "channel-day")))
        .expect(200);
    String path = "/v1/users/%s/channels/%s".formatted(eve, gone.id());
    String administers =
        platform
            .post(
                "/v1/tokens",
                Platform.OPERATOR_TOKEN,
                Map.of(
                    "kind", "service",
                    "name", "administers",
                    "scopes", List.of("read", "sync", "administer")))
            .expect(201)
            .text("token");
    platform.delete(path, administers).expectProblem(403, "forbidden");
    platform
        .delete("/v1/users/%s/channels/%s".formatted(ada, gone.id()), operator())
        .expectProblem(404, "unknown-channel");
    assertTrue(
        platform.count("core.channel_days where channel_id = '%s'".formatted(gone.id())) > 0);
    platform.delete(path, operator()).expect(204);
    for (String table :
        List.of("channels", "channel_days", "channel_statistics", "oauth_grants", "day_checks")) {
      assertEquals(
          0, platform.count("core.%s where channel_id = '%s'".formatted(table, gone.id())), table);
    }
    platform.get(path, service).expectProblem(404, "unknown-channel");
    platform.delete(path, operator()).expectProblem(404, "unknown-channel");
    // Google ends all grants of an account at once: only with the last of them.
    String other = platform.world.accounts().getLast().channels().getLast().id();
    platform.delete("/v1/users/%s/channels/%s".formatted(eve, other), operator()).expect(204);
    assertEquals(0, platform.count("core.pending_revocations"), "revoked at Google");
    // It may be added again.
    platform.addChannel(eve, gone.id());
  }

  private static String operator() {
    return Platform.OPERATOR_TOKEN;
  }

  @Test
  void a_handle_is_looked_up_for_one_unit_of_the_user() {
    long before = platform.simulator.usage().today().getOrDefault("data.general", 0L);
    lookUp(ada, channel.handle()).expect(200);
    assertEquals(before + 1, platform.simulator.usage().today().getOrDefault("data.general", 0L));
  }
}
