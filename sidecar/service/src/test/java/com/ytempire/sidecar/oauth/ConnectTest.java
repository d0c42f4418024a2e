package com.ytempire.sidecar.oauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.simulator.Faults;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Connecting channels to Google, and what can go wrong. */
final class ConnectTest {
  private static final String OPERATOR = Platform.OPERATOR_TOKEN;

  private final Platform platform = new Platform(1, 2);
  private String ada = "";
  private String one = "";
  private String two = "";
  private String service = "";

  @BeforeEach
  void user() {
    ada = platform.createUser(platform.world.accounts().getFirst().email());
    one = platform.world.accounts().getFirst().channels().get(0).id();
    two = platform.world.accounts().getFirst().channels().get(1).id();
    platform.addChannel(ada, one);
    platform.addChannel(ada, two);
    service = platform.token("service", null);
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private String connection(String channelId) {
    return platform
        .get("/v1/users/%s/channels/%s".formatted(ada, channelId), OPERATOR)
        .expect(200)
        .text("connection");
  }

  private JsonNode fetch(String channelId, String report) {
    return platform
        .post(
            "/v1/metrics/fetch",
            service,
            Map.of(
                "requests",
                List.of(Map.of("userId", ada, "channelId", channelId, "report", report)),
                "maxAgeMinutes",
                0))
        .expect(200)
        .body();
  }

  @Test
  void a_channel_is_connected_and_named_as_at_youtube() {
    assertEquals("not-connected", connection(one));
    assertEquals(
        "not-connected",
        fetch(one, "channel-day").get("notFetched").get(0).get("reason").stringValue());
    HttpResponse<String> page = platform.connect(ada, one, one);
    assertEquals(200, page.statusCode(), page.body());
    assertEquals("connected", connection(one));
    assertEquals(
        platform.world.accounts().getFirst().channels().getFirst().title(),
        platform.get("/v1/users/%s/channels/%s".formatted(ada, one), OPERATOR).text("channelName"));
    assertEquals(1, fetch(one, "channel-day").get("results").size());
  }

  @Test
  void the_wrong_channel_is_explained_and_nothing_is_kept() {
    HttpResponse<String> page = platform.connect(ada, one, two);
    assertEquals(409, page.statusCode());
    assertTrue(
        page.body().contains("another channel")
            && page.body().contains(one)
            && page.body().contains("Try again"),
        page.body());
    assertEquals("not-connected", connection(one));
    assertEquals("not-connected", connection(two));
    assertEquals(0, platform.count("core.oauth_grants"));
  }

  @Test
  void an_owner_who_cancels_reads_that_nothing_was_connected() {
    HttpResponse<String> page = platform.connect(ada, one, "");
    assertEquals(200, page.statusCode());
    assertTrue(page.body().contains("Nothing was connected"), page.body());
    assertEquals(0, platform.count("core.oauth_grants"));
  }

  @Test
  void a_link_works_for_a_day_and_not_when_it_was_tampered_with() {
    String link =
        platform
            .post("/v1/users/%s/channels/%s/connect".formatted(ada, one), OPERATOR, Map.of())
            .text("connectUrl");
    String state = link.replaceAll(".*[?&]state=([^&]+).*", "$1");
    assertEquals(
        400,
        platform
            .get(
                "/v1/oauth/callback?code=x&state="
                    + state.substring(0, state.length() - 4)
                    + "AAAA",
                null)
            .status());
    assertEquals(400, platform.get("/v1/oauth/callback?code=x&state=nonsense", null).status());
    platform.clock.advance(Duration.ofHours(25));
    assertEquals(400, platform.get("/v1/oauth/callback?code=x&state=" + state, null).status());
  }

  /** Where the owner's first page leads. */
  private String googlesPage(String link, String more) {
    String state = link.replaceAll(".*[?&]state=([^&]+).*", "$1");
    Answer answer = platform.get("/v1/connect/start?agree=on" + more + "&state=" + state, null);
    answer.expect(302);
    return String.join("", answer.headers().getOrDefault("location", List.of()));
  }

  private String connectLink(String query) {
    return platform
        .post("/v1/users/%s/channels/%s/connect%s".formatted(ada, one, query), OPERATOR, Map.of())
        .text("connectUrl");
  }

  @Test
  void the_link_asks_for_the_channel_picker_and_a_lasting_grant_with_pkce() {
    String link = googlesPage(connectLink(""), "&revenue=on");
    for (String part :
        List.of(
            "prompt=select_account%20consent",
            "access_type=offline",
            "code_challenge_method=S256",
            "yt-analytics-monetary.readonly")) {
      assertTrue(link.contains(part), part + " is not in " + link);
    }
    assertFalse(link.contains("client_secret"));
  }

  @Test
  void revenue_is_asked_for_only_where_its_owner_ticks_it() {
    assertFalse(googlesPage(connectLink(""), "").contains("monetary"));
    String notOffered = connectLink("?revenue=false");
    assertFalse(googlesPage(notOffered, "&revenue=on").contains("monetary"));
    String page =
        platform
            .get("/v1/connect?state=" + notOffered.replaceAll(".*state=", ""), null)
            .expect(200)
            .body()
            .asString();
    assertFalse(page.contains("name=\"revenue\""), page);
  }

  @Test
  void the_first_page_names_scopes_and_channel_and_links_policies() {
    String state = connectLink("").replaceAll(".*state=", "");
    String page = platform.get("/v1/connect?state=" + state, null).expect(200).body().asString();
    for (String part :
        List.of(
            "YouTube Analytics",
            one,
            platform.world.accounts().getFirst().email(),
            "https://www.youtube.com/t/terms",
            "https://policies.google.com/privacy",
            "https://security.google.com/settings/security/permissions",
            "YouTube API Services",
            "name=\"revenue\"",
            "name=\"viewport\"",
            "lang=\"en\"")) {
      assertTrue(page.contains(part), part + " is not on the page");
    }
    assertFalse(page.contains("<script"), "the page needs no script");
  }

  @Test
  void nobody_goes_on_without_having_agreed() {
    String state = connectLink("").replaceAll(".*state=", "");
    Answer answer = platform.get("/v1/connect/start?state=" + state, null).expect(200);
    assertTrue(answer.body().asString().contains("role=\"alert\""), answer.body().toString());
    platform.get("/v1/connect?state=nonsense", null).expect(400);
    platform.get("/v1/connect/start?agree=on&state=nonsense", null).expect(400);
  }

  @Test
  void a_missing_permission_is_named_and_nothing_is_stored() {
    String google =
        googlesPage(connectLink(""), "&revenue=on")
            .replaceAll("https?[^ &]{0,60}yt-analytics.readonly(%20)?", "");
    HttpResponse<String> page = platform.consent(google, one);
    assertEquals(409, page.statusCode(), page.body());
    assertTrue(page.body().contains("YouTube Analytics"), page.body());
    assertEquals(0, platform.count("core.oauth_grants"));
  }

  @Test
  void an_owner_who_keeps_its_revenue_for_itself_is_connected_without_it() {
    HttpResponse<String> page = platform.consent(googlesPage(connectLink(""), ""), one);
    assertEquals(200, page.statusCode(), page.body());
    JsonNode missed = fetch(one, "channel-revenue-day").get("notFetched").get(0);
    assertEquals("wrong-scope", missed.get("reason").stringValue(), missed.toString());
    assertEquals(1, fetch(one, "channel-day").get("results").size());
  }

  @Test
  void a_dead_grant_marks_the_channel_and_says_what_to_do() {
    platform.connect(ada, one, one);
    platform.simulator.faults().killGrant(one);
    JsonNode missed = fetch(one, "channel-day").get("notFetched").get(0);
    assertEquals("reconnect-needed", missed.get("reason").stringValue());
    assertTrue(missed.get("message").stringValue().contains("connect link"), missed.toString());
    assertEquals("reconnect-needed", connection(one));
    assertEquals(200, platform.connect(ada, one, one).statusCode());
    assertEquals("connected", connection(one));
    assertEquals(1, fetch(one, "channel-day").get("results").size());
  }

  @Test
  void a_query_refused_with_a_fresh_token_ends_no_grant() {
    platform.connect(ada, one, one);
    platform.simulator.faults().next(Faults.Kind.UNAUTHENTICATED, 2);
    JsonNode missed = fetch(one, "channel-day").get("notFetched").get(0);
    assertEquals("unavailable", missed.get("reason").stringValue(), missed.toString());
    assertTrue(missed.has("retryAt"), missed.toString());
    assertEquals("connected", connection(one));
    assertEquals(1, fetch(one, "channel-day").get("results").size());
  }

  @Test
  void an_api_that_is_not_enabled_touches_no_channel() {
    platform.connect(ada, one, one);
    platform.simulator.faults().next(Faults.Kind.API_DISABLED, 1);
    JsonNode missed = fetch(one, "channel-day").get("notFetched").get(0);
    assertEquals("unavailable", missed.get("reason").stringValue(), missed.toString());
    assertTrue(missed.get("message").stringValue().contains("operator"), missed.toString());
    assertEquals("connected", connection(one));
    platform.clock.advance(Duration.ofMinutes(16));
    assertEquals(1, fetch(one, "channel-day").get("results").size());
  }

  @Test
  void a_dead_grant_does_not_stop_the_statistics_of_other_channels() {
    platform.connect(ada, one, one);
    platform.connect(ada, two, two);
    platform.simulator.faults().killGrant(one);
    JsonNode body =
        platform
            .post(
                "/v1/metrics/fetch",
                service,
                Map.of(
                    "requests",
                    List.of(
                        Map.of("userId", ada, "channelId", one, "report", "channel-statistics"),
                        Map.of("userId", ada, "channelId", two, "report", "channel-statistics"))))
            .expect(200)
            .body();
    assertEquals(1, body.get("results").get(0).get("request").intValue(), body.toString());
    assertEquals("reconnect-needed", body.get("notFetched").get(0).get("reason").stringValue());
  }

  @Test
  void disconnecting_revokes_at_google_and_deletes_the_grant() {
    platform.connect(ada, one, one);
    platform
        .delete("/v1/users/%s/channels/%s/connection".formatted(ada, one), OPERATOR)
        .expect(204);
    assertEquals("not-connected", connection(one));
    assertEquals(0, platform.count("core.oauth_grants"));
    assertEquals(
        "not-connected",
        fetch(one, "channel-day").get("notFetched").get(0).get("reason").stringValue());
    platform
        .delete("/v1/users/%s/channels/%s/connection".formatted(ada, one), OPERATOR)
        .expect(204);
  }

  @Test
  void a_grant_copied_to_another_channel_does_not_decrypt() {
    platform.connect(ada, one, one);
    platform.connect(ada, two, two);
    platform.admin(
        "update core.oauth_grants set refresh_token_encrypted = (select refresh_token_encrypted from core.oauth_grants where channel_id = '%s') where channel_id = '%s' returning 1"
            .formatted(one, two));
    platform.clock.advance(Duration.ofHours(2));
    JsonNode missed = fetch(two, "channel-day").get("notFetched").get(0);
    assertEquals("unavailable", missed.get("reason").stringValue(), missed.toString());
  }

  @Test
  void an_access_token_that_has_expired_is_refreshed() {
    platform.connect(ada, one, one);
    assertEquals(1, fetch(one, "channel-day").get("results").size());
    platform.clock.advance(Duration.ofHours(2));
    assertEquals(1, fetch(one, "channel-day").get("results").size());
  }

  @Test
  void the_key_is_rotated_without_reconnecting_a_channel() {
    platform.connect(ada, one, one);
    platform.connect(ada, two, two);
    for (UnaryOperator<String> step :
        List.<UnaryOperator<String>>of(
            GrantCipher::added, GrantCipher::promoted, GrantCipher::pruned)) {
      platform.restart(step);
      platform.app.runJobs();
      assertEquals(1, fetch(one, "channel-day").get("results").size());
      assertEquals(1, fetch(two, "channel-day").get("results").size());
    }
  }
}
