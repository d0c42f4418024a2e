package com.ytempire.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The stand-in refuses what Google refuses, in Google's words, and charges what Google charges. */
final class SimulatorTest {
  private static final String SCOPES =
      "https://www.googleapis.com/auth/youtube.readonly https://www.googleapis.com/auth/yt-analytics.readonly https://www.googleapis.com/auth/yt-analytics-monetary.readonly";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Clock clock = Clock.fixed(Instant.parse("2026-11-20T18:00:00Z"), ZoneOffset.UTC);
  private final World world = new World(2, 5, 3, clock);
  private final Simulator simulator = Simulator.start(world, clock, 0);
  private final HttpClient http = HttpClient.newHttpClient();
  private final Catalog.Channel channel = world.accounts().getFirst().channels().getFirst();
  private String token = "";

  record Answer(int status, JsonNode body) {
    String reason() {
      return body.at("/error/errors/0/reason").asString();
    }
  }

  @BeforeEach
  void consent() throws Exception {
    token = tokens(channel, SCOPES).get("access_token").stringValue();
  }

  @AfterEach
  void close() {
    simulator.close();
  }

  private JsonNode tokens(Catalog.Channel picked, String scopes) throws Exception {
    return tokens(simulator, picked, scopes);
  }

  private JsonNode tokens(Simulator at, Catalog.Channel picked, String scopes) throws Exception {
    HttpResponse<String> back =
        form(
            at,
            "/o/oauth2/v2/auth",
            Map.of(
                "client_id",
                Simulator.CLIENT_ID,
                "redirect_uri",
                "http://app/callback",
                "state",
                "s",
                "scope",
                scopes,
                "access_type",
                "offline",
                "channel",
                picked.id()));
    String code = back.headers().firstValue("location").orElseThrow().replaceAll(".*code=", "");
    return JSON.readTree(
        form(
                at,
                "/token",
                Map.of(
                    "client_id",
                    Simulator.CLIENT_ID,
                    "client_secret",
                    Simulator.CLIENT_SECRET,
                    "grant_type",
                    "authorization_code",
                    "code",
                    URLDecoder.decode(code, StandardCharsets.UTF_8),
                    "redirect_uri",
                    "http://app/callback"))
            .body());
  }

  private HttpResponse<String> form(String path, Map<String, String> fields) throws Exception {
    return form(simulator, path, fields);
  }

  private HttpResponse<String> form(Simulator at, String path, Map<String, String> fields)
      throws Exception {
    String body =
        fields.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return http.send(
        HttpRequest.newBuilder(URI.create(at.url() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private Answer get(String path) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(simulator.url() + path))
                .header("Authorization", "Bearer " + token)
                .build(),
            BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  private Answer report(String query) throws Exception {
    return get("/v2/reports?ids=channel==" + channel.id() + "&" + query);
  }

  @Test
  void relative_dates_are_refused() throws Exception {
    assertEquals(
        400, report("startDate=7daysAgo&endDate=today&metrics=views&dimensions=day").status());
  }

  @Test
  void day_and_video_without_filter_is_not_supported() throws Exception {
    Answer answer =
        report("startDate=2026-11-01&endDate=2026-11-02&metrics=views&dimensions=day,video");
    assertEquals(400, answer.status());
    assertTrue(
        answer.body().at("/error/message").asString().startsWith("The query is not supported."));
  }

  private static final String MONTH = "startDate=2026-10-20&endDate=2026-11-15&metrics=views";

  private String videos(int count) {
    return world.videos(channel).stream()
        .limit(count)
        .map(Catalog.Video::id)
        .collect(Collectors.joining(","));
  }

  @Test
  void up_to_500_videos_by_day_are_answered_and_no_more() throws Exception {
    String query = MONTH + "&dimensions=day,video&filters=video==";
    Answer answer = report(query + videos(40));
    assertEquals(200, answer.status());
    assertEquals("day", answer.body().at("/columnHeaders/0/name").asString());
    assertTrue(answer.body().get("rows").size() > 40, answer.body().toString());
    String many = String.join(",", Collections.nCopies(500, videos(1)));
    assertEquals(200, report(query + many).status());
    assertEquals(400, report(query + many + "," + videos(1)).status());
  }

  @Test
  void more_than_10000_rows_are_refused_and_rows_beyond_the_limit_cut() throws Exception {
    String query = MONTH + "&dimensions=day,video&filters=video==" + videos(40);
    assertEquals(200, report(query + "&maxResults=10000").status());
    assertEquals(400, report(query + "&maxResults=25000").status());
    Answer first = report(query + "&maxResults=7");
    Answer next = report(query + "&maxResults=7&startIndex=8");
    assertEquals(7, first.body().get("rows").size());
    assertNotEquals(first.body().get("rows"), next.body().get("rows"));
  }

  @Test
  void a_day_without_views_is_left_out_of_an_answer() throws Exception {
    World wide = new World(100, 1, 3, clock);
    try (Simulator other = Simulator.start(wide, clock, 0)) {
      LocalDate first = LocalDate.parse("2026-10-20");
      LocalDate end = LocalDate.parse("2026-11-16");
      Catalog.Channel quiet =
          wide.accounts().stream()
              .map(account -> account.channels().getFirst())
              .filter(each -> first.datesUntil(end).anyMatch(day -> wide.isQuiet(each, day)))
              .findFirst()
              .orElseThrow();
      long days = first.datesUntil(end).filter(day -> !wide.isQuiet(quiet, day)).count();
      JsonNode body =
          answerOf(other, quiet, "/v2/reports?ids=channel==MINE&" + MONTH + "&dimensions=day");
      assertEquals(days, body.get("rows").size());
    }
  }

  @Test
  void percentages_may_be_no_numbers_and_revenue_negative() throws Exception {
    World wide = new World(100, 1, 3, clock);
    try (Simulator other = Simulator.start(wide, clock, 0)) {
      int notNumbers = 0;
      int negative = 0;
      for (Catalog.Account account : wide.accounts()) {
        Catalog.Channel each = account.channels().getFirst();
        if (!each.monetized()) {
          continue;
        }
        JsonNode body =
            answerOf(
                other,
                each,
                "/v2/reports?ids=channel==MINE&startDate=2026-10-20&endDate=2026-11-15&metrics=averageViewPercentage,estimatedRevenue&dimensions=day");
        for (JsonNode row : body.get("rows")) {
          notNumbers += row.get(1).isString() && row.get(1).stringValue().equals("NaN") ? 1 : 0;
          negative += row.get(2).doubleValue() < 0 ? 1 : 0;
        }
      }
      assertTrue(notNumbers > 10, notNumbers + " NaN");
      assertTrue(negative > 5, negative + " negative");
    }
  }

  @Test
  void a_deleted_video_is_refused_for_some_channels_and_left_out_for_others() throws Exception {
    World shrinking = new World(30, 1, 3, clock, 0.3);
    try (Simulator other = Simulator.start(shrinking, clock, 0)) {
      Set<Boolean> refused = new HashSet<>();
      for (Catalog.Account account : shrinking.accounts()) {
        Catalog.Channel each = account.channels().getFirst();
        String ids =
            shrinking.publishedVideos(each).stream()
                .filter(video ->
                    video.publishedAt().isBefore(clock.instant().minus(Duration.ofDays(25))))
                .limit(20)
                .map(Catalog.Video::id)
                .collect(Collectors.joining(","));
        JsonNode body =
            answerOf(
                other,
                each,
                "/v2/reports?ids=channel==MINE&"
                    + MONTH
                    + "&dimensions=day,video&filters=video=="
                    + ids);
        refused.add(body.has("error"));
      }
      assertEquals(Set.of(true, false), refused);
    }
  }

  /** The body of an answer to the owner of another simulator's channel. */
  private JsonNode answerOf(Simulator other, Catalog.Channel owned, String path) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(other.url() + path))
                .header(
                    "Authorization",
                    "Bearer " + tokens(other, owned, SCOPES).get("access_token").stringValue())
                .build(),
            BodyHandlers.ofString());
    return JSON.readTree(response.body());
  }

  @Test
  void top_videos_need_sort_and_max_results() throws Exception {
    String query = "startDate=2026-11-01&endDate=2026-11-01&metrics=views&dimensions=video";
    assertEquals(400, report(query + "&maxResults=10").status());
    assertEquals(400, report(query + "&sort=-views").status());
    assertEquals(400, report(query + "&sort=views&maxResults=10").status());
    assertEquals(400, report(query + "&sort=-views&maxResults=201").status());
    assertEquals(200, report(query + "&sort=-views&maxResults=10").status());
  }

  @Test
  void a_video_that_hardly_anybody_watched_has_no_retention_curve() throws Exception {
    Catalog.Video watched =
        world.videos(channel).stream()
            .max(Comparator.comparingLong(world::lifetimeViews))
            .orElseThrow();
    String curve =
        "metrics=audienceWatchRatio&dimensions=elapsedVideoTimeRatio&filters=video=="
            + watched.id();
    Answer month = report("startDate=2026-07-01&endDate=2026-11-15&" + curve);
    assertEquals(100, month.body().get("rows").size());
    // Before it was published.
    Answer before = report("startDate=2026-01-01&endDate=2026-01-31&" + curve);
    assertEquals(200, before.status());
    assertFalse(before.body().has("rows"), before.body().toString());
  }

  @Test
  void more_than_50_ids_are_refused_and_cost_a_unit_all_the_same() throws Exception {
    long before = simulator.usage().today().getOrDefault("data.general", 0L);
    assertEquals(
        400,
        get("/youtube/v3/channels?part=id&id="
                + String.join(",", Collections.nCopies(51, channel.id())))
            .status());
    assertEquals(before + 1, simulator.usage().today().get("data.general"));
  }

  @Test
  void search_brings_the_newest_videos_first_and_has_a_bucket_of_its_own() throws Exception {
    long before = simulator.usage().today().getOrDefault("data.general", 0L);
    Answer found =
        get(
            "/youtube/v3/search?part=id,snippet&order=date&type=video&maxResults=2&channelId="
                + channel.id());
    assertEquals(200, found.status());
    List<String> wanted =
        world.videos(channel).subList(0, 2).stream().map(Catalog.Video::id).toList();
    assertEquals(
        wanted,
        found
            .body()
            .get("items")
            .valueStream()
            .map(item -> item.at("/id/videoId").stringValue())
            .toList());
    assertEquals(1, simulator.usage().today().get("data.search"));
    assertEquals(before, simulator.usage().today().get("data.general"));
    simulator.usage().limit(Usage.Bucket.DATA_SEARCH, 1);
    Answer refused =
        get("/youtube/v3/search?part=id&order=date&type=video&channelId=" + channel.id());
    assertEquals(429, refused.status());
  }

  @Test
  void the_token_must_be_of_the_channel() throws Exception {
    String other = world.accounts().get(1).channels().getFirst().id();
    Answer answer =
        get(
            "/v2/reports?ids=channel=="
                + other
                + "&startDate=2026-11-01&endDate=2026-11-02&metrics=views&dimensions=day");
    assertEquals(403, answer.status());
    token = "forged";
    assertEquals(
        401,
        report("startDate=2026-11-01&endDate=2026-11-02&metrics=views&dimensions=day").status());
  }

  @Test
  void revenue_needs_the_monetary_scope_and_a_monetized_channel() throws Exception {
    String query =
        "startDate=2026-11-01&endDate=2026-11-02&metrics=estimatedRevenue&dimensions=day";
    Catalog.Channel plain =
        world.accounts().stream()
            .flatMap(a -> a.channels().stream())
            .filter(c -> !c.monetized())
            .findFirst()
            .orElseThrow();
    token = tokens(plain, SCOPES).get("access_token").stringValue();
    assertEquals("forbidden", get("/v2/reports?ids=channel==MINE&" + query).reason());
    token =
        tokens(channel, SCOPES.substring(0, SCOPES.lastIndexOf(' ')))
            .get("access_token")
            .stringValue();
    assertEquals("unauthorized", report(query).reason());
    assertEquals(401, report(query).status());
  }

  @Test
  void an_empty_bucket_is_refused_as_google_does() throws Exception {
    simulator.usage().limit(Usage.Bucket.DATA_GENERAL, 0);
    Answer general = get("/youtube/v3/channels?part=id&mine=true");
    assertEquals(403, general.status());
    assertEquals("quotaExceeded", general.reason());
    simulator.usage().limit(Usage.Bucket.DATA_BATCH_GET_STATS, 0);
    Answer own = get("/youtube/v3/videos:batchGetStats?part=id&id=x");
    assertEquals(429, own.status());
    assertTrue(own.body().at("/error/message").asString().contains("per day"));
  }

  @Test
  void parameters_that_google_does_not_know_are_refused() throws Exception {
    assertEquals(400, get("/youtube/v3/channels?part=id&mine=true&channelName=x").status());
    assertEquals(
        400,
        report("startDate=2026-11-01&endDate=2026-11-02&metrics=views&dimensions=day&period=week")
            .status());
  }

  @Test
  void a_code_works_once_and_a_revoked_or_dead_grant_no_more() throws Exception {
    String refreshToken = tokens(channel, SCOPES).get("refresh_token").stringValue();
    Map<String, String> refresh =
        Map.of(
            "client_id",
            Simulator.CLIENT_ID,
            "client_secret",
            Simulator.CLIENT_SECRET,
            "grant_type",
            "refresh_token",
            "refresh_token",
            refreshToken);
    assertEquals(200, form("/token", refresh).statusCode());
    assertEquals(200, form("/revoke", Map.of("token", refreshToken)).statusCode());
    HttpResponse<String> dead = form("/token", refresh);
    assertEquals(400, dead.statusCode());
    assertEquals("invalid_grant", JSON.readTree(dead.body()).get("error").stringValue());
    assertEquals(400, form("/revoke", Map.of("token", refreshToken)).statusCode());
  }

  @Test
  void revoking_a_token_ends_its_siblings_of_the_same_account_alone() throws Exception {
    List<Catalog.Channel> own = world.accounts().getFirst().channels();
    String first = tokens(own.get(0), SCOPES).get("refresh_token").stringValue();
    String sibling = tokens(own.get(1), SCOPES).get("refresh_token").stringValue();
    Catalog.Channel stranger = world.accounts().getLast().channels().getFirst();
    String other = tokens(stranger, SCOPES).get("refresh_token").stringValue();
    assertEquals(200, form("/revoke", Map.of("token", first)).statusCode());
    assertEquals(400, refresh(sibling));
    assertEquals(200, refresh(other));
  }

  @Test
  void a_later_simulator_restores_tokens_and_jobs() throws Exception {
    String refreshToken = tokens(channel, SCOPES).get("refresh_token").stringValue();
    HttpRequest job =
        HttpRequest.newBuilder(URI.create(simulator.url() + "/v1/jobs"))
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofString("{\"reportTypeId\": \"channel_reach_basic_a1\"}"))
            .build();
    assertEquals(200, http.send(job, BodyHandlers.ofString()).statusCode());
    try (Simulator later = Simulator.start(world, clock, 0)) {
      assertEquals(400, refresh(later, refreshToken));
      later.restore(simulator.state());
      assertEquals(200, refresh(later, refreshToken));
      assertEquals(simulator.state().jobs(), later.state().jobs());
      assertEquals(1, later.state().jobs().size());
    }
  }

  @Test
  void a_subscriber_that_has_moved_is_told_at_its_new_address() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    HttpServer subscriber =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    subscriber.createContext(
        "/",
        exchange -> {
          told.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    subscriber.start();
    String address = "http://127.0.0.1:" + subscriber.getAddress().getPort();
    Instant now = clock.instant();
    SimulatorState earlier =
        new SimulatorState(
            List.of(),
            List.of(),
            List.of(
                new SimulatorState.FeedSubscription(
                    "http://127.0.0.1:1/push/a",
                    channel.id(),
                    "secret",
                    now.plus(Duration.ofDays(1)),
                    Instant.EPOCH),
                new SimulatorState.FeedSubscription(
                    "http://127.0.0.1:10/push/b", channel.id(), "secret", now, now)));
    SimulatorState moved = earlier.movedTo("http://127.0.0.1:1", address);
    assertEquals(
        List.of(address + "/push/a", "http://127.0.0.1:10/push/b"),
        moved.subscriptions().stream().map(SimulatorState.FeedSubscription::callback).toList());
    try {
      simulator.restore(moved);
      int taken = simulator.push();
      assertTrue(taken > 0);
      assertEquals(Collections.nCopies(taken, "/push/a"), told);
    } finally {
      subscriber.stop(0);
    }
  }

  @Test
  void what_was_given_in_another_world_is_refused_as_a_whole() {
    SimulatorState state = simulator.state();
    SimulatorState.GrantedToken foreign =
        new SimulatorState.GrantedToken("1//x", "UC-of-another-world", Set.of(), null);
    try (Simulator later = Simulator.start(world, clock, 0)) {
      SimulatorState other =
          new SimulatorState(
              Stream.concat(state.tokens().stream(), Stream.of(foreign)).toList(),
              state.jobs(),
              state.subscriptions());
      String message =
          String.valueOf(
              assertThrows(IllegalStateException.class, () -> later.restore(other)).getMessage());
      assertTrue(message.contains("UC-of-another-world"), message);
      assertEquals(List.of(), later.state().tokens());
    }
  }

  private int refresh(String refreshToken) throws Exception {
    return refresh(simulator, refreshToken);
  }

  private int refresh(Simulator at, String refreshToken) throws Exception {
    return form(
            at,
            "/token",
            Map.of(
                "client_id",
                Simulator.CLIENT_ID,
                "client_secret",
                Simulator.CLIENT_SECRET,
                "grant_type",
                "refresh_token",
                "refresh_token",
                refreshToken))
        .statusCode();
  }

  @Test
  void a_private_video_is_shown_to_its_owner_and_a_deleted_one_to_nobody() throws Exception {
    Catalog.Video video =
        world.publicVideos(channel).stream()
            .filter(each -> world.deletedAt(each).isEmpty())
            .findFirst()
            .orElseThrow();
    String path = "/youtube/v3/videos:batchGetStats?part=id,statistics&id=" + video.id();
    world.hide(video);
    assertEquals(1, get(path).body().get("items").size());
    token =
        tokens(world.accounts().getFirst().channels().get(1), SCOPES)
            .get("access_token")
            .stringValue();
    Answer hidden = get(path);
    assertEquals(200, hidden.status());
    assertEquals(0, hidden.body().get("items").size());
    world.show(video);
    assertEquals(1, get(path).body().get("items").size());
    world.delete(video);
    assertEquals(0, get(path).body().get("items").size());
    assertEquals(1, get(path).body().at("/summary/failedVideoCount").intValue());
  }

  @Test
  void a_world_of_several_users_has_channels_without_videos() throws Exception {
    World larger = new World(4, 2, 1, clock);
    try (Simulator other = Simulator.start(larger, clock, 0)) {
      List<Catalog.Channel> without =
          larger.accounts().stream()
              .flatMap(account -> account.channels().stream())
              .filter(larger::isWithoutVideos)
              .toList();
      assertEquals(2, without.size());
      assertTrue(without.stream().allMatch(each -> larger.videos(each).isEmpty()));
      assertEquals(
          1,
          without.stream().filter(each -> larger.publishedVideos(each).isEmpty()).count(),
          "the other one had videos");
      for (Catalog.Channel each : without) {
        HttpResponse<String> list =
            http.send(
                HttpRequest.newBuilder(
                        URI.create(
                            other.url()
                                + "/youtube/v3/playlistItems?part=snippet&key="
                                + Simulator.API_KEY
                                + "&playlistId="
                                + each.uploadsPlaylistId()))
                    .build(),
                BodyHandlers.ofString());
        assertEquals(404, list.statusCode());
        assertEquals(
            "playlistNotFound",
            JSON.readTree(list.body()).at("/error/errors/0/reason").stringValue());
      }
    }
  }

  @Test
  void faults_can_be_switched_on() throws Exception {
    simulator.faults().next(Faults.Kind.SERVER_ERROR, 1);
    assertEquals(503, get("/youtube/v3/channels?part=id&mine=true").status());
    simulator.faults().next(Faults.Kind.RATE_LIMIT, 1);
    assertEquals(429, get("/youtube/v3/channels?part=id&mine=true").status());
    assertEquals(200, get("/youtube/v3/channels?part=id&mine=true").status());
  }

  @Test
  void one_call_in_so_many_fails_until_that_is_switched_off() throws Exception {
    simulator.faults().oneIn(Faults.Kind.SERVER_ERROR, 2);
    int failed = 0;
    for (int call = 0; call < 6; call++) {
      failed += get("/youtube/v3/channels?part=id&mine=true").status() == 503 ? 1 : 0;
    }
    assertEquals(3, failed);
    simulator.faults().oneIn(Faults.Kind.SERVER_ERROR, 0);
    assertEquals(200, get("/youtube/v3/channels?part=id&mine=true").status());
    assertEquals(200, get("/youtube/v3/channels?part=id&mine=true").status());
  }

  @Test
  void a_slow_call_lets_simulated_time_pass_and_nobody_waits() throws Exception {
    AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);
    simulator
        .faults()
        .delay(Duration.ofDays(1), more -> passed.updateAndGet(before -> before.plus(more)));
    assertEquals(200, get("/youtube/v3/channels?part=id&mine=true").status());
    assertEquals(Duration.ofDays(1), passed.get());
  }

  @Test
  void units_of_a_minute_are_told_from_those_of_a_day() {
    Map<String, Boolean> isOfDay = new TreeMap<>();
    for (Usage.Bucket bucket : Usage.Bucket.values()) {
      isOfDay.put(bucket.label(), Usage.Bucket.isOfDay(bucket.label()));
    }
    assertEquals(
        Map.of(
            "data.general", true,
            "data.batchGetStats", true,
            "data.search", true,
            "analytics.day", true,
            "analytics.minute", false,
            "reporting.day", true,
            "reporting.minute", false),
        isOfDay);
    assertFalse(Usage.Bucket.isOfDay("analytics.userMinute"), "the sidecar's own");
  }
}
