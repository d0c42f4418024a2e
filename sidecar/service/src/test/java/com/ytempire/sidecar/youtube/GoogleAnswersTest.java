package com.ytempire.sidecar.youtube;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.quota.Bucket;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers of Google as recorded, played back at the wire, and what becomes of each. */
final class GoogleAnswersTest {
  private static final String CHANNEL = "UCaaaaaaaaaaaaaaaaaaaaaa";
  private static final LocalDate DAY = LocalDate.of(2026, 11, 1);
  private static final AnalyticsQuery VIEWS =
      AnalyticsQuery.of(CHANNEL, DAY, DAY, List.of(AnalyticsQuery.DAY), List.of(Metric.VIEWS));

  private final StubbedGoogle google;

  GoogleAnswersTest(@TempDir Path folder) {
    google = new StubbedGoogle(LocalRedis.start(folder, 0));
  }

  @AfterEach
  void close() {
    google.close();
  }

  /** Whether a call is tried again, and whether its bucket is shut for the day. */
  private enum Reaction {
    STOPS,
    TRIES_AGAIN,
    SHUTS_THE_BUCKET
  }

  private record Effect(String file, int status, Class<? extends Failure> failure, Reaction then) {
    @Override
    public String toString() {
      return file;
    }
  }

  static List<Effect> effects() {
    return List.of(
        new Effect(
            "403-quota-exceeded", 403, Failure.QuotaExhausted.class, Reaction.SHUTS_THE_BUCKET),
        new Effect(
            "403-daily-limit-exceeded",
            403,
            Failure.QuotaExhausted.class,
            Reaction.SHUTS_THE_BUCKET),
        new Effect("429-per-day", 429, Failure.QuotaExhausted.class, Reaction.SHUTS_THE_BUCKET),
        new Effect(
            "429-reporting-per-day", 429, Failure.QuotaExhausted.class, Reaction.SHUTS_THE_BUCKET),
        new Effect("429-per-minute", 429, Failure.RateLimited.class, Reaction.TRIES_AGAIN),
        new Effect("403-rate-limit-exceeded", 403, Failure.RateLimited.class, Reaction.TRIES_AGAIN),
        new Effect(
            "403-user-rate-limit-exceeded", 403, Failure.RateLimited.class, Reaction.TRIES_AGAIN),
        new Effect("500-backend-error", 500, Failure.Unavailable.class, Reaction.TRIES_AGAIN),
        new Effect("503-unavailable", 503, Failure.Unavailable.class, Reaction.TRIES_AGAIN),
        new Effect("401-auth-error", 401, Failure.Unauthenticated.class, Reaction.STOPS),
        new Effect("401-insufficient-permission", 401, Failure.ScopeMissing.class, Reaction.STOPS),
        new Effect("403-insufficient-permissions", 403, Failure.ScopeMissing.class, Reaction.STOPS),
        new Effect(
            "403-caller-does-not-have-permission", 403, Failure.Refused.class, Reaction.STOPS),
        new Effect("403-forbidden", 403, Failure.Refused.class, Reaction.STOPS),
        new Effect("403-account-delegation-forbidden", 403, Failure.Refused.class, Reaction.STOPS),
        new Effect("403-account-closed", 403, Failure.AccountClosed.class, Reaction.STOPS),
        new Effect("403-account-suspended", 403, Failure.AccountClosed.class, Reaction.STOPS),
        new Effect("403-access-not-configured", 403, Failure.ApiDisabled.class, Reaction.STOPS),
        new Effect("400-query-not-supported", 400, Failure.Refused.class, Reaction.STOPS),
        new Effect("400-incompatible-parameters", 400, Failure.Refused.class, Reaction.STOPS),
        new Effect("400-invalid-filters", 400, Failure.Refused.class, Reaction.STOPS),
        new Effect("400-invalid-page-token", 400, Failure.Refused.class, Reaction.STOPS),
        new Effect("400-missing-required-parameter", 400, Failure.Refused.class, Reaction.STOPS),
        new Effect("400-unexpected-parameter", 400, Failure.Refused.class, Reaction.STOPS),
        new Effect("400-key-invalid", 400, Failure.Refused.class, Reaction.STOPS));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("effects")
  void every_recorded_error_has_its_effect(Effect effect) {
    google.server.stubFor(
        any(anyUrl())
            .willReturn(
                aResponse()
                    .withStatus(effect.status())
                    .withHeader("Content-Type", "application/json; charset=UTF-8")
                    .withBody(StubbedGoogle.recorded("errors/" + effect.file() + ".json"))));
    YouTubeException failure =
        assertThrows(
            YouTubeException.class,
            () -> google.youTube.channelTotals(StubbedGoogle.call(), List.of(CHANNEL)));
    assertInstanceOf(effect.failure(), failure.failure());
    assertFalse(failure.failure().message().contains("<"), failure.failure().message());
    int sent = google.server.getAllServeEvents().size();
    switch (effect.then()) {
      case STOPS -> {
        assertEquals(1, sent);
        assertEquals(99, google.left(Bucket.DATA_GENERAL));
      }
      case TRIES_AGAIN -> {
        assertEquals(4, sent);
        assertEquals(96, google.left(Bucket.DATA_GENERAL), "every try is paid for");
      }
      case SHUTS_THE_BUCKET -> {
        assertEquals(1, sent);
        assertEquals(0, google.left(Bucket.DATA_GENERAL));
        assertEquals(
            Instant.parse("2026-11-21T08:00:00Z"),
            ((Failure.QuotaExhausted) failure.failure()).resetsAt(),
            "Pacific midnight");
        assertThrows(
            YouTubeException.class,
            () -> google.youTube.channelTotals(StubbedGoogle.call(), List.of(CHANNEL)));
        assertEquals(1, google.server.getAllServeEvents().size(), "nobody knocks again");
        assertEquals(100, google.left(Bucket.DATA_BATCH_GET_STATS), "the others stay open");
      }
    }
  }

  @Test
  void every_recorded_error_is_in_the_table() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/google/errors"))) {
      Set<String> recorded =
          files
              .map(file -> String.valueOf(file.getFileName()).replace(".json", ""))
              .filter(name -> !name.startsWith("oauth-"))
              .collect(Collectors.toSet());
      assertEquals(recorded, effects().stream().map(Effect::file).collect(Collectors.toSet()));
    }
  }

  private void answer(String path, String file) {
    google.server.stubFor(
        get(urlPathEqualTo(path))
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", "application/json")
                    .withBody(StubbedGoogle.recorded("answers/" + file + ".json"))));
  }

  private void fail(String path, int status, String file) {
    google.server.stubFor(
        get(urlPathEqualTo(path))
            .willReturn(
                aResponse()
                    .withStatus(status)
                    .withHeader("Content-Type", "application/json")
                    .withBody(StubbedGoogle.recorded("errors/" + file + ".json"))));
  }

  @Test
  void a_bare_forbidden_means_not_monetized_for_revenue_and_nothing_else() {
    AnalyticsQuery revenue =
        AnalyticsQuery.of(CHANNEL, DAY, DAY, List.of(AnalyticsQuery.DAY), Metric.REVENUE);
    fail("/v2/reports", 403, "403-forbidden");
    assertInstanceOf(
        Failure.Refused.class,
        assertThrows(
                YouTubeException.class,
                () -> google.youTube.analytics(StubbedGoogle.call(), revenue))
            .failure(),
        "an account that does not own the channel sees no views either");
    assertInstanceOf(
        Failure.Refused.class,
        assertThrows(
                YouTubeException.class, () -> google.youTube.analytics(StubbedGoogle.call(), VIEWS))
            .failure());
    google.server.stubFor(
        get(urlPathEqualTo("/v2/reports"))
            .withQueryParam("metrics", equalTo("views"))
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", "application/json")
                    .withBody("{\"kind\": \"youtubeAnalytics#resultTable\"}")));
    assertInstanceOf(
        Failure.NotMonetized.class,
        assertThrows(
                YouTubeException.class,
                () -> google.youTube.analytics(StubbedGoogle.call(), revenue))
            .failure());
    fail("/v2/reports", 403, "403-insufficient-permissions");
    assertInstanceOf(
        Failure.ScopeMissing.class,
        assertThrows(
                YouTubeException.class,
                () -> google.youTube.analytics(StubbedGoogle.call(), revenue))
            .failure());
  }

  @Test
  void an_uploads_playlist_that_is_not_found_is_empty() {
    google.server.stubFor(
        get(urlPathEqualTo("/youtube/v3/playlistItems"))
            .willReturn(
                aResponse()
                    .withStatus(404)
                    .withHeader("Content-Type", "application/json")
                    .withBody(
                        """
                        {"error": {"code": 404, "message": "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.",
                          "errors": [{"message": "not found", "domain": "youtube.playlistItem", "reason": "playlistNotFound"}]}}
                        """)));
    YouTube.UploadPage none = new YouTube.UploadPage(List.of(), null);
    assertEquals(
        none, google.youTube.uploads(StubbedGoogle.call(), "UUa", 50, null, null).content());
    int sent = google.server.getAllServeEvents().size();
    assertEquals(none, google.youTube.uploads(StubbedGoogle.call(), "", 50, null, null).content());
    assertEquals(
        sent, google.server.getAllServeEvents().size(), "nothing to ask without a playlist");
  }

  @Test
  void one_odd_video_does_not_cost_the_others() {
    String odd =
        StubbedGoogle.recorded("answers/videos.json").replace("P1DT2H3M4S", "a day and two hours");
    assertNotEquals(StubbedGoogle.recorded("answers/videos.json"), odd);
    google.server.stubFor(
        get(urlPathEqualTo("/youtube/v3/videos"))
            .willReturn(aResponse().withHeader("Content-Type", "application/json").withBody(odd)));
    List<YouTube.VideoDetails> left =
        Objects.requireNonNull(
            google
                .youTube
                .videoDetails(StubbedGoogle.call(), List.of("aaaaaaaaaa1"), null)
                .content());
    assertEquals(List.of("aaaaaaaaaa2"), left.stream().map(YouTube.VideoDetails::videoId).toList());
  }

  @Test
  void a_report_file_may_begin_with_a_byte_order_mark() {
    google.server.stubFor(
        get(urlPathEqualTo("/file"))
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", "text/csv")
                    .withBody(
                        "\uFEFFdate,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n20261101,%s,aaaaaaaaaa1,12,0.5\n"
                            .formatted(CHANNEL))));
    assertEquals(
        List.of(new YouTube.Reach("aaaaaaaaaa1", DAY, 12, new BigDecimal("0.5"))),
        google.youTube.reach(
            StubbedGoogle.call(),
            new YouTube.BulkReport(
                "r", DAY, StubbedGoogle.NOW, google.server.baseUrl() + "/file")));
  }

  private List<YouTube.Reach> reach(String csv) {
    google.server.stubFor(
        get(urlPathEqualTo("/file"))
            .willReturn(aResponse().withHeader("Content-Type", "text/csv").withBody(csv)));
    return google.youTube.reach(
        StubbedGoogle.call(),
        new YouTube.BulkReport("r", DAY, StubbedGoogle.NOW, google.server.baseUrl() + "/file"));
  }

  private static final String HEADER =
      "date,channel_id,video_id,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n";

  @Test
  void a_report_file_may_be_a_header_and_nothing_else() {
    assertEquals(List.of(), reach(HEADER));
    assertEquals(List.of(), reach("\uFEFF" + HEADER));
    assertEquals(List.of(), reach(""));
  }

  @Test
  void an_odd_row_of_a_report_costs_no_other() {
    assertEquals(
        List.of(
            new YouTube.Reach("aaaaaaaaaa2", DAY, 4, new BigDecimal("1.25")),
            new YouTube.Reach("aaaaaaaaaa4", DAY, 5, null)),
        reach(
                HEADER
                    + "20261101,%1$s,aaaaaaaaaa1,NaN,0.5\n20261101,%1$s,aaaaaaaaaa2,4,1.25\n"
                        .formatted(CHANNEL)
                    + "yesterday,%1$s,aaaaaaaaaa3,4,0.5\n20261101,%1$s,aaaaaaaaaa4,5,NaN\n"
                        .formatted(CHANNEL))
            .stream()
            .sorted(Comparator.comparing(YouTube.Reach::videoId))
            .toList());
  }

  @Test
  void a_report_that_breaks_off_is_asked_for_again_and_never_half_read() {
    YouTubeException failure =
        assertThrows(
            YouTubeException.class,
            () ->
                reach(
                    HEADER + "20261101,%s,aaaaaaaaaa1,12,0.5\n20261101,UCaaa".formatted(CHANNEL)));
    assertInstanceOf(Failure.Unavailable.class, failure.failure());
    assertEquals(4, google.server.getAllServeEvents().size());
    assertEquals(96, google.left(Bucket.REPORTING_DAY), "every try is paid for");
  }

  @Test
  void a_report_without_its_columns_is_refused_and_says_which() {
    YouTubeException failure =
        assertThrows(YouTubeException.class, () -> reach("date,video_id\n20261101,aaaaaaaaaa1\n"));
    assertInstanceOf(Failure.Refused.class, failure.failure());
    assertTrue(
        failure.failure().message().contains("video_thumbnail_impressions"),
        failure.failure().message());
    assertEquals(1, google.server.getAllServeEvents().size());
  }

  @Test
  void an_empty_document_is_no_answer_without_rows() {
    google.server.stubFor(
        get(urlPathEqualTo("/v2/reports"))
            .willReturn(aResponse().withHeader("Content-Type", "application/json").withBody("{}")));
    YouTubeException failure =
        assertThrows(
            YouTubeException.class, () -> google.youTube.analytics(StubbedGoogle.call(), VIEWS));
    assertInstanceOf(Failure.Unavailable.class, failure.failure());
  }

  @Test
  void a_page_in_place_of_figures_is_no_answer() {
    google.server.stubFor(
        get(urlPathEqualTo("/v2/reports"))
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", "text/html; charset=UTF-8")
                    .withBody("<html><body>Sign in to the network</body></html>")));
    YouTubeException failure =
        assertThrows(
            YouTubeException.class, () -> google.youTube.analytics(StubbedGoogle.call(), VIEWS));
    assertInstanceOf(Failure.Unavailable.class, failure.failure());
    assertTrue(failure.failure().message().contains("a page of HTML"), failure.failure().message());
    assertFalse(failure.failure().message().contains("Sign in"), failure.failure().message());
    assertEquals(1, google.server.getAllServeEvents().size(), "what is asked next");
    assertEquals(99, google.left(Bucket.ANALYTICS_DAY), "what it costs");
  }

  @Test
  void text_that_only_says_it_is_json_is_no_answer() {
    google.server.stubFor(
        get(urlPathEqualTo("/v2/reports"))
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", "application/json")
                    .withBody("<html></html>")));
    assertInstanceOf(
        Failure.Unavailable.class,
        assertThrows(
                YouTubeException.class, () -> google.youTube.analytics(StubbedGoogle.call(), VIEWS))
            .failure());
  }

  private static AnalyticsQuery ofVideos(List<String> ids) {
    return AnalyticsQuery.of(
            CHANNEL,
            DAY,
            DAY,
            List.of(AnalyticsQuery.DAY, AnalyticsQuery.VIDEO),
            List.of(Metric.VIEWS))
        .ofVideos(ids)
        .limit(AnalyticsQuery.MAX_ROWS);
  }

  /** Answers a row for each video, and 400 where one of the dead is among them. */
  private void answerVideos(Set<String> dead) {
    String header =
        "{\"columnHeaders\": [{\"name\": \"day\"}, {\"name\": \"video\"}, {\"name\": \"views\"}]";
    google.server.stubFor(
        get(urlPathEqualTo("/v2/reports"))
            .atPriority(5)
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", "application/json")
                    .withBody(header + ", \"rows\": [[\"2026-11-01\", \"aaaaaaaaaaa\", 1]]}")));
    for (String id : dead) {
      google.server.stubFor(
          get(urlPathEqualTo("/v2/reports"))
              .withQueryParam("filters", containing(id))
              .atPriority(1)
              .willReturn(
                  aResponse()
                      .withStatus(400)
                      .withHeader("Content-Type", "application/json")
                      .withBody(StubbedGoogle.recorded("errors/400-query-not-supported.json"))));
    }
  }

  private static List<String> ids(int count) {
    return IntStream.range(0, count).mapToObj("video%06d"::formatted).toList();
  }

  @Test
  void a_dead_video_among_many_is_found_by_halving() {
    answerVideos(Set.of("video000033"));
    YouTube.VideoDays answer = google.youTube.videoDays(StubbedGoogle.call(), ofVideos(ids(120)));
    assertEquals(YouTube.VideoDays.Extent.COMPLETE, answer.extent());
    assertEquals(List.of("video000033"), answer.refused());
    assertFalse(answer.lines().isEmpty());
    int sent = google.server.getAllServeEvents().size();
    assertTrue(sent <= 18, sent + " queries for one dead video");
  }

  @Test
  void a_shape_that_is_refused_costs_four_queries_to_know() {
    fail("/v2/reports", 400, "400-query-not-supported");
    YouTube.VideoDays answer = google.youTube.videoDays(StubbedGoogle.call(), ofVideos(ids(120)));
    assertEquals(YouTube.VideoDays.Extent.SHAPE_REFUSED, answer.extent());
    assertEquals(4, google.server.getAllServeEvents().size());
  }

  @Test
  void too_many_dead_videos_end_the_search() {
    answerVideos(
        ids(120).stream()
            .filter(id -> id.endsWith("7") || id.endsWith("2") || id.endsWith("9"))
            .collect(Collectors.toSet()));
    YouTube.VideoDays answer = google.youTube.videoDays(StubbedGoogle.call(), ofVideos(ids(120)));
    assertEquals(YouTube.VideoDays.Extent.TOO_MANY_REFUSED, answer.extent());
    assertFalse(answer.refused().isEmpty(), "what was found is kept");
    assertTrue(google.server.getAllServeEvents().size() <= 70);
  }

  @Test
  void days_that_are_missing_from_an_answer_are_no_error() {
    answer("/v2/reports", "analytics-month-of-two-days");
    List<YouTube.Line> lines =
        google.youTube.analytics(
            StubbedGoogle.call(),
            AnalyticsQuery.of(
                CHANNEL,
                DAY,
                DAY.plusDays(29),
                List.of(AnalyticsQuery.DAY),
                List.of(Metric.VIEWS, Metric.AVERAGE_VIEW_PERCENTAGE)));
    assertEquals(
        List.of("2026-11-01", "2026-11-19"),
        lines.stream().map(line -> line.dimensions().get("day")).toList());
    assertFalse(lines.getLast().metrics().containsKey(Metric.AVERAGE_VIEW_PERCENTAGE));
  }

  @Test
  void videos_by_day_are_read_with_negative_revenue() {
    answer("/v2/reports", "analytics-videos-by-day");
    List<YouTube.Line> lines =
        google
            .youTube
            .videoDays(
                StubbedGoogle.call(),
                AnalyticsQuery.of(
                        CHANNEL,
                        DAY,
                        DAY.plusDays(1),
                        List.of(AnalyticsQuery.DAY, AnalyticsQuery.VIDEO),
                        List.of(Metric.VIEWS, Metric.ESTIMATED_REVENUE))
                    .ofVideos(List.of("aaaaaaaaaa1", "aaaaaaaaaa2")))
            .lines();
    assertEquals("aaaaaaaaaa1", lines.getFirst().dimensions().get("video"));
    assertEquals(
        new BigDecimal("-0.031"), lines.getFirst().metrics().get(Metric.ESTIMATED_REVENUE));
  }

  /** A written answer of each report of Analytics, by the name of its file. */
  private static final Map<LegalReport, String> WRITTEN =
      Map.ofEntries(
          Map.entry(LegalReport.COUNTRIES, "analytics-countries"),
          Map.entry(LegalReport.DEMOGRAPHICS, "analytics-demographics"),
          Map.entry(LegalReport.CONTENT_TYPES_BY_DAY, "analytics-content-types"),
          Map.entry(LegalReport.TRAFFIC_DETAILS, "analytics-traffic-details"),
          Map.entry(LegalReport.DEVICE_TYPES_BY_DAY, "analytics-devices"),
          Map.entry(LegalReport.OPERATING_SYSTEMS_BY_DAY, "analytics-operating-systems"),
          Map.entry(LegalReport.SUBSCRIBED_STATUS_BY_DAY, "analytics-subscribed-status"),
          Map.entry(LegalReport.PLAYBACK_LOCATIONS_BY_DAY, "analytics-playback-locations"),
          Map.entry(LegalReport.AD_TYPES_BY_DAY, "analytics-ad-types"),
          Map.entry(LegalReport.RETENTION, "analytics-retention"));

  static Stream<LegalReport> reportsWithAnAnswer() {
    return WRITTEN.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("reportsWithAnAnswer")
  void an_answer_of_each_breakdown_is_read_whole(LegalReport report) {
    answer("/v2/reports", Objects.requireNonNull(WRITTEN.get(report)));
    AnalyticsQuery query =
        AnalyticsQuery.of(CHANNEL, DAY, DAY.plusDays(27), report.dimensions(), metricsOf(report));
    query =
        switch (report) {
          case RETENTION -> query.ofVideos(List.of("aaaaaaaaaa1"));
          case TRAFFIC_DETAILS -> query.ofSource("YT_SEARCH").top(Metric.VIEWS, 25);
          default -> query;
        };
    List<YouTube.Line> lines = google.youTube.analytics(StubbedGoogle.call(), query);
    assertTrue(lines.size() >= 2, "rows were left out");
    for (YouTube.Line line : lines) {
      assertEquals(Set.copyOf(report.dimensions()), line.dimensions().keySet());
      assertEquals(Set.copyOf(query.metrics()), line.metrics().keySet());
    }
  }

  private static List<Metric> metricsOf(LegalReport report) {
    return switch (report) {
      case COUNTRIES -> Metric.GEOGRAPHY;
      case DEMOGRAPHICS -> Metric.DEMOGRAPHICS;
      case CONTENT_TYPES_BY_DAY -> Metric.CONTENT_TYPE;
      case SUBSCRIBED_STATUS_BY_DAY -> Metric.PLAYBACK;
      case AD_TYPES_BY_DAY -> Metric.ADS;
      case RETENTION -> Metric.RETENTION;
      default -> Metric.TRAFFIC;
    };
  }

  @Test
  void amounts_are_asked_for_in_the_currency_of_the_query() {
    answer("/v2/reports", "analytics-revenue-in-yen");
    AnalyticsQuery usd =
        AnalyticsQuery.of(CHANNEL, DAY, DAY, List.of(AnalyticsQuery.DAY), Metric.REVENUE);
    List<YouTube.Line> lines = google.youTube.analytics(StubbedGoogle.call(), usd.in("JPY"));
    assertEquals(
        0,
        new BigDecimal("156")
            .compareTo(
                Objects.requireNonNull(lines.getFirst().metrics().get(Metric.ESTIMATED_REVENUE))));
    google.server.verify(
        getRequestedFor(urlPathEqualTo("/v2/reports")).withQueryParam("currency", equalTo("JPY")));
    var _ = google.youTube.analytics(StubbedGoogle.call(), usd);
    google.server.verify(
        1, getRequestedFor(urlPathEqualTo("/v2/reports")).withQueryParam("currency", absent()));
  }

  @Test
  void a_file_of_each_breakdown_is_added_up() {
    for (BulkQuery query : List.of(BulkQuery.COUNTRIES, BulkQuery.REACH_SOURCES)) {
      google.server.stubFor(
          get(urlPathEqualTo("/file"))
              .willReturn(
                  aResponse()
                      .withHeader("Content-Type", "text/csv")
                      .withBody(StubbedGoogle.recorded("answers/" + query.reportType() + ".csv"))));
      List<YouTube.BulkSum> sums =
          google.youTube.bulkSums(
              StubbedGoogle.call(),
              new YouTube.BulkReport(
                  "r", DAY, StubbedGoogle.NOW, google.server.baseUrl() + "/file"),
              query);
      assertEquals(
          Set.copyOf(query.dimensions()),
          sums.stream().map(YouTube.BulkSum::dimension).collect(Collectors.toSet()));
      assertTrue(sums.stream().allMatch(sum -> sum.day().equals(DAY)));
    }
  }

  @Test
  void a_number_that_is_none_is_unknown() {
    google.server.stubFor(
        get(urlPathEqualTo("/v2/reports"))
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", "application/json")
                    .withBody(
                        """
                        {"columnHeaders": [{"name": "day"}, {"name": "views"}, {"name": "averageViewPercentage"}],
                         "rows": [["2026-11-01", 7, "NaN"]]}
                        """)));
    AnalyticsQuery query =
        AnalyticsQuery.of(CHANNEL, DAY, DAY, List.of(AnalyticsQuery.DAY), List.of(Metric.VIEWS));
    assertEquals(
        List.of(
            new YouTube.Line(Map.of("day", "2026-11-01"), Map.of(Metric.VIEWS, new BigDecimal(7)))),
        google.youTube.analytics(StubbedGoogle.call(), query));
  }

  @Test
  void a_dead_grant_is_recognized_by_its_error_alone() {
    String recorded = StubbedGoogle.recorded("errors/oauth-invalid-grant.json");
    for (String body :
        List.of(recorded, recorded.replace("Token has been expired or revoked.", "Bad Request"))) {
      google.server.stubFor(
          post(urlPathEqualTo("/token"))
              .willReturn(
                  aResponse()
                      .withStatus(400)
                      .withHeader("Content-Type", "application/json")
                      .withBody(body)));
      assertInstanceOf(
          Failure.GrantDead.class,
          assertThrows(YouTubeException.class, () -> google.oauth.refresh("token")).failure());
    }
    google.server.stubFor(post(urlPathEqualTo("/token")).willReturn(aResponse().withStatus(503)));
    assertInstanceOf(
        Failure.Unavailable.class,
        assertThrows(YouTubeException.class, () -> google.oauth.refresh("token")).failure());
  }

  @Test
  void a_request_to_wait_longer_than_the_caller_may_is_passed_on_at_once() {
    for (String retryAfter : List.of("3600", "Fri, 20 Nov 2026 19:00:00 GMT")) {
      google.server.resetRequests();
      google.server.stubFor(
          any(anyUrl())
              .willReturn(
                  aResponse()
                      .withStatus(429)
                      .withHeader("Content-Type", "application/json")
                      .withHeader("Retry-After", retryAfter)
                      .withBody(StubbedGoogle.recorded("errors/429-per-minute.json"))));
      Failure.RateLimited limited =
          assertInstanceOf(
              Failure.RateLimited.class,
              assertThrows(
                      YouTubeException.class,
                      () -> google.youTube.channelTotals(StubbedGoogle.call(), List.of(CHANNEL)))
                  .failure());
      assertFalse(
          limited.retryAt().isBefore(StubbedGoogle.NOW.plus(Duration.ofHours(1))), retryAfter);
      assertEquals(1, google.server.getAllServeEvents().size(), retryAfter);
    }
  }

  @Test
  void what_is_not_safe_to_repeat_is_not_repeated() {
    google.server.stubFor(
        get(urlPathEqualTo("/v1/jobs"))
            .willReturn(aResponse().withHeader("Content-Type", "application/json").withBody("{}")));
    google.server.stubFor(
        post(urlPathEqualTo("/v1/jobs"))
            .willReturn(
                aResponse()
                    .withStatus(503)
                    .withHeader("Content-Type", "application/json")
                    .withBody(StubbedGoogle.recorded("errors/503-unavailable.json"))));
    assertThrows(YouTubeException.class, () -> google.youTube.reachJob(StubbedGoogle.call()));
    assertEquals(
        1,
        google.server.getAllServeEvents().stream()
            .filter(event -> event.getRequest().getMethod().getName().equals("POST"))
            .count());
  }

  @Test
  void an_api_key_that_google_refuses_kills_nobodys_grant() {
    fail("/youtube/v3/channels", 401, "401-auth-error");
    assertInstanceOf(
        Failure.Refused.class,
        assertThrows(
                YouTubeException.class,
                () -> google.youTube.channelTotals(StubbedGoogle.call(null), List.of(CHANNEL)))
            .failure());
  }

  @Test
  void recorded_channels_are_read() {
    answer("/youtube/v3/channels", "channels");
    assertEquals(
        List.of(
            new YouTube.ChannelTotals(CHANNEL, 160_361_638L, 1_880_000L, 1036),
            new YouTube.ChannelTotals("UCbbbbbbbbbbbbbbbbbbbbbb", 9_007_199_254_740_993L, null, 0),
            new YouTube.ChannelTotals("UCcccccccccccccccccccccc", null, null, 0)),
        google.youTube.channelTotals(StubbedGoogle.call(), List.of(CHANNEL)));
    answer("/youtube/v3/channels", "nothing");
    assertEquals(List.of(), google.youTube.channelTotals(StubbedGoogle.call(), List.of(CHANNEL)));
  }

  @Test
  void recorded_uploads_are_read_without_what_is_private() {
    answer("/youtube/v3/playlistItems", "playlist-items");
    var page = google.youTube.uploads(StubbedGoogle.call(), "UUa", 50, null, null);
    assertEquals("e3", page.etag());
    assertEquals(
        new YouTube.UploadPage(
            List.of(
                new YouTube.Upload(
                    "aaaaaaaaaa1",
                    CHANNEL,
                    "Public & <fine>",
                    Instant.parse("2026-10-02T10:00:00Z"))),
            "CAUQAA"),
        page.content());
  }

  @Test
  void what_has_not_changed_comes_without_content_and_is_paid_for() {
    google.server.stubFor(
        get(urlPathEqualTo("/youtube/v3/playlistItems"))
            .withHeader("If-None-Match", containing("e3"))
            .willReturn(aResponse().withStatus(304)));
    var page = google.youTube.uploads(StubbedGoogle.call(), "UUa", 50, null, "e3");
    assertNull(page.content());
    assertEquals("e3", page.etag());
    assertEquals(99, google.left(Bucket.DATA_GENERAL));
    assertEquals(List.of("playlistItems.list unchanged"), google.outcomes);
  }

  @Test
  void recorded_videos_are_read_with_whatever_they_lack() {
    answer("/youtube/v3/videos", "videos");
    assertEquals(
        List.of(
            new YouTube.VideoDetails(
                "aaaaaaaaaa1",
                CHANNEL,
                "T",
                "D\nE",
                List.of("a", "b"),
                Instant.parse("2026-10-02T10:00:00Z"),
                93_784L,
                "https://i.ytimg.com/f.jpg"),
            new YouTube.VideoDetails(
                "aaaaaaaaaa2",
                CHANNEL,
                "Upcoming",
                "",
                List.of(),
                Instant.parse("2026-10-01T10:00:00Z"),
                null,
                null)),
        google.youTube.videoDetails(StubbedGoogle.call(), List.of("aaaaaaaaaa1"), null).content());
  }

  @Test
  void statistics_of_a_batch_are_read_as_text_or_number_and_partly() {
    answer("/youtube/v3/videos:batchGetStats", "batch-get-stats");
    assertEquals(
        List.of(
            new YouTube.VideoTotals("aaaaaaaaaa1", 98_765_432_109_876L, 12L, 3L),
            new YouTube.VideoTotals("aaaaaaaaaa2", 7L, null, null),
            new YouTube.VideoTotals("aaaaaaaaaa3", null, null, null)),
        google.youTube.videoTotals(StubbedGoogle.call(), List.of("aaaaaaaaaa1")));
  }

  @Test
  void an_empty_answer_of_success_says_nothing_about_any_video() {
    google.server.stubFor(get(anyUrl()).willReturn(okJson("{}")));
    for (Executable question :
        List.<Executable>of(
            () -> google.youTube.videoTotals(StubbedGoogle.call(), List.of("aaaaaaaaaa1")),
            () -> google.youTube.videoDetails(StubbedGoogle.call(), List.of("aaaaaaaaaa1"), null),
            () -> google.youTube.channelTotals(StubbedGoogle.call(), List.of(CHANNEL)),
            () -> google.youTube.ownChannel(StubbedGoogle.call()))) {
      YouTubeException failure = assertThrows(YouTubeException.class, question);
      assertTrue(failure.failure() instanceof Failure.Unavailable, failure.getMessage());
    }
  }

  @Test
  void a_report_that_lies_elsewhere_is_not_fetched() {
    var report =
        new YouTube.BulkReport("r", DAY, StubbedGoogle.NOW, "https://evil.example.com/v1/media/r");
    YouTubeException refused =
        assertThrows(
            YouTubeException.class, () -> google.youTube.reach(StubbedGoogle.call(), report));
    assertTrue(refused.failure().message().contains("outside"), refused.getMessage());
    assertEquals(List.of(), google.server.getAllServeEvents());
  }
}
