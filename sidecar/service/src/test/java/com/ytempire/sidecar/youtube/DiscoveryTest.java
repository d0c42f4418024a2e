package com.ytempire.sidecar.youtube;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import com.google.api.client.http.UrlEncodedParser;
import com.google.api.client.util.Key;
import com.google.api.services.youtube.YouTube.Channels;
import com.google.api.services.youtube.YouTube.PlaylistItems;
import com.google.api.services.youtube.YouTube.Videos;
import com.google.api.services.youtube.model.Channel;
import com.google.api.services.youtube.model.PlaylistItem;
import com.google.api.services.youtube.model.Video;
import com.google.api.services.youtubeAnalytics.v2.YouTubeAnalytics.Reports;
import com.google.api.services.youtubereporting.YouTubeReporting.Jobs;
import com.ytempire.engines.LocalRedis;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every request that goes out is one that Google documents. The client libraries are generated from
 * Google's discovery documents, so the parameters that their request classes declare are the
 * documents' own; a method that the library lacks is transcribed here.
 */
final class DiscoveryTest {
  private static final String CHANNEL = "UCaaaaaaaaaaaaaaaaaaaaaa";

  /**
   * A documented method.
   *
   * @param request class whose {@code @Key} fields are the parameters, or null
   * @param transcribed parameters, where there is no class
   * @param resource class whose {@code @Key} fields are the parts, or null
   */
  private record DocumentedMethod(
      @Nullable Class<?> request, Set<String> transcribed, @Nullable Class<?> resource) {}

  private static final Map<String, DocumentedMethod> METHODS =
      Map.of(
          "GET /youtube/v3/channels",
          new DocumentedMethod(Channels.List.class, Set.of(), Channel.class),
          "GET /youtube/v3/playlistItems",
          new DocumentedMethod(PlaylistItems.List.class, Set.of(), PlaylistItem.class),
          "GET /youtube/v3/videos",
          new DocumentedMethod(Videos.List.class, Set.of(), Video.class),
          // developers.google.com/youtube/v3/docs/videos/batchGetStats
          "GET /youtube/v3/videos:batchGetStats",
          new DocumentedMethod(null, Set.of("part", "id", "key"), Video.class),
          "GET /v2/reports",
          new DocumentedMethod(Reports.Query.class, Set.of(), null),
          "GET /v1/jobs",
          new DocumentedMethod(Jobs.List.class, Set.of(), null),
          "POST /v1/jobs",
          new DocumentedMethod(Jobs.Create.class, Set.of(), null),
          "GET /v1/jobs/j/reports",
          new DocumentedMethod(Jobs.Reports.List.class, Set.of(), null),
          "GET /v1/media/j/r",
          new DocumentedMethod(null, Set.of(), null));

  /** Queries of reports of Analytics that are asked for by their metrics together. */
  private static final Map<LegalReport, AnalyticsQuery> ANALYTICS =
      Map.of(
          LegalReport.CHANNEL_BY_DAY,
          query(List.of(AnalyticsQuery.DAY), Metric.CHANNEL_DAY),
          LegalReport.TOP_VIDEOS,
          query(List.of(AnalyticsQuery.VIDEO), Metric.TOP_VIDEOS)
              .top(Metric.VIEWS, LegalReport.MAX_ROWS),
          LegalReport.VIDEOS_BY_DAY,
          query(List.of(AnalyticsQuery.DAY, AnalyticsQuery.VIDEO), Metric.VIDEO_DAY)
              .ofVideos(List.of("aaaaaaaaaa1", "aaaaaaaaaa2"))
              .limit(AnalyticsQuery.MAX_ROWS),
          LegalReport.RETENTION,
          query(List.of(AnalyticsQuery.ELAPSED), Metric.RETENTION).ofVideos(List.of("aaaaaaaaaa1")),
          LegalReport.TRAFFIC_SOURCES_BY_DAY,
          query(List.of(AnalyticsQuery.DAY, AnalyticsQuery.TRAFFIC_SOURCE), Metric.TRAFFIC));

  private static AnalyticsQuery query(List<String> dimensions, List<Metric> metrics) {
    var day = java.time.LocalDate.of(2026, 11, 1);
    return AnalyticsQuery.of(CHANNEL, day, day, dimensions, metrics);
  }

  /** Metrics of developers.google.com/youtube/analytics/metrics, transcribed. */
  private static final Set<String> METRICS =
      Set.of(
          "views",
          "engagedViews",
          "viewerPercentage",
          "estimatedMinutesWatched",
          "averageViewDuration",
          "averageViewPercentage",
          "comments",
          "likes",
          "shares",
          "subscribersGained",
          "subscribersLost",
          "audienceWatchRatio",
          "relativeRetentionPerformance",
          "startedWatching",
          "stoppedWatching",
          "totalSegmentImpressions",
          "estimatedRevenue",
          "estimatedAdRevenue",
          "grossRevenue",
          "cpm",
          "adImpressions",
          "monetizedPlaybacks",
          "playbackBasedCpm");

  /** Dimensions of developers.google.com/youtube/analytics/dimensions, transcribed. */
  private static final Set<String> DIMENSIONS =
      Set.of(
          "day",
          "video",
          "country",
          "insightTrafficSourceType",
          "insightTrafficSourceDetail",
          "creatorContentType",
          "subscribedStatus",
          "deviceType",
          "operatingSystem",
          "ageGroup",
          "gender",
          "adType",
          "insightPlaybackLocationType",
          "elapsedVideoTimeRatio");

  private final StubbedGoogle google;

  DiscoveryTest(@TempDir Path folder) {
    google = new StubbedGoogle(LocalRedis.start(folder, 0));
  }

  /**
   * Asks everything that can be asked, each as fully as it can be; what comes of it is no matter.
   */
  private void askEverything() {
    google.server.stubFor(
        any(anyUrl())
            .willReturn(
                aResponse()
                    .withHeader("Content-Type", "application/json")
                    .withBody("{\"kind\": \"any\"}")));
    var day = java.time.LocalDate.of(2026, 11, 1);
    List<Runnable> questions = new ArrayList<>();
    for (YouTube.Call call : List.of(StubbedGoogle.call(), StubbedGoogle.call(null))) {
      questions.add(() -> google.youTube.channelTotals(call, List.of(CHANNEL)));
      questions.add(() -> google.youTube.videoTotals(call, List.of("aaaaaaaaaa1", "aaaaaaaaaa2")));
      questions.add(() -> google.youTube.videoDetails(call, List.of("aaaaaaaaaa1"), "etag"));
    }
    YouTube.Call call = StubbedGoogle.call();
    questions.add(() -> google.youTube.ownChannel(call));
    questions.add(() -> google.youTube.uploads(call, "UUa", 50, "page", "etag"));
    questions.add(() -> google.youTube.reachJob(call));
    for (BulkQuery query : List.of(BulkQuery.COUNTRIES, BulkQuery.REACH_SOURCES)) {
      questions.add(() -> google.youTube.bulkJob(call, query));
      questions.add(() ->
          google.youTube.bulkSums(
              call,
              new YouTube.BulkReport(
                  "r", day, StubbedGoogle.NOW, google.server.baseUrl() + "/v1/media/j/r"),
              query));
    }
    questions.add(() -> google.youTube.reachReports(call, "j"));
    questions.add(() ->
        google.youTube.reach(
            call,
            new YouTube.BulkReport(
                "r", day, StubbedGoogle.NOW, google.server.baseUrl() + "/v1/media/j/r")));
    for (LegalReport report : LegalReport.values()) {
      // Each metric by itself, so that those which the report takes are sent.
      for (Metric metric : Metric.values()) {
        questions.add(() ->
            google.youTube.analytics(
                call, AnalyticsQuery.of(CHANNEL, day, day, report.dimensions(), List.of(metric))));
      }
    }
    questions.add(() ->
        google.youTube.analytics(
            call,
            AnalyticsQuery.of(
                    CHANNEL, day, day, List.of(AnalyticsQuery.TRAFFIC_DETAIL), Metric.TRAFFIC)
                .ofSource("YT_SEARCH")
                .ofVideos(List.of("aaaaaaaaaa1"))
                .top(Metric.VIEWS, 25)));
    AnalyticsQuery byVideo =
        AnalyticsQuery.of(CHANNEL, day, day, List.of(AnalyticsQuery.VIDEO), Metric.CORE);
    questions.add(() -> google.youTube.analytics(call, byVideo.top(Metric.VIEWS, 200)));
    questions.add(() ->
        google.youTube.analytics(
            call,
            AnalyticsQuery.of(CHANNEL, day, day, List.of(AnalyticsQuery.ELAPSED), Metric.RETENTION)
                .ofVideos(List.of("aaaaaaaaaa1"))));
    for (AnalyticsQuery query : ANALYTICS.values()) {
      questions.add(() -> google.youTube.analytics(call, query));
    }
    questions.add(() ->
        google.youTube.analytics(
            call, query(List.of(AnalyticsQuery.DAY), Metric.REVENUE).in("EUR")));
    questions.add(() ->
        google.youTube.videoDays(
            call, Objects.requireNonNull(ANALYTICS.get(LegalReport.VIDEOS_BY_DAY))));
    for (Runnable question : questions) {
      try {
        question.run();
      } catch (RuntimeException e) {
        // an empty answer is no good answer; the question is what counts
      }
    }
  }

  private static Set<String> keys(Class<?> of) {
    Set<String> keys = new TreeSet<>();
    for (Class<?> each = of; each != null; each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        Key key = field.getAnnotation(Key.class);
        if (key != null) {
          keys.add(key.value().equals("##default") ? field.getName() : key.value());
        }
      }
    }
    return keys;
  }

  /** What stands in a parameter, which may be missing. */
  private static List<String> values(@Nullable Object parameter, String separator) {
    List<String> values = new ArrayList<>();
    if (parameter instanceof List<?> all) {
      all.forEach(each -> values.addAll(List.of(each.toString().split(separator))));
    }
    return values;
  }

  private static Map<String, Object> query(LoggedRequest request) {
    Map<String, Object> query = new TreeMap<>();
    String raw = URI.create(request.getUrl()).getRawQuery();
    if (raw != null) {
      UrlEncodedParser.parse(raw, query);
    }
    return query;
  }

  @Test
  void every_request_and_every_parameter_is_in_googles_documents() {
    try (google) {
      askEverything();
      Set<String> asked = new TreeSet<>();
      Set<String> metrics = new TreeSet<>();
      Set<String> dimensions = new TreeSet<>();
      for (var event : google.server.getAllServeEvents()) {
        LoggedRequest request = event.getRequest();
        String method =
            request.getMethod().getName() + " " + URI.create(request.getUrl()).getPath();
        asked.add(method);
        DocumentedMethod documented = METHODS.get(method);
        assertTrue(documented != null, method + " is in no document of Google's");
        Set<String> known =
            documented.request() == null ? documented.transcribed() : keys(documented.request());
        for (String parameter : query(request).keySet()) {
          assertTrue(
              known.contains(parameter), method + " has no parameter " + parameter + ": " + known);
        }
        if (method.equals("GET /v2/reports")) {
          Map<String, Object> query = query(request);
          metrics.addAll(values(query.get("metrics"), ","));
          dimensions.addAll(values(query.get("dimensions"), ","));
          for (String filter : values(query.get("filters"), ";")) {
            String name = filter.substring(0, filter.indexOf("=="));
            assertTrue(DIMENSIONS.contains(name), "there is no filter " + name);
          }
        }
        if (documented.resource() != null) {
          for (Object value : (List<?>) Objects.requireNonNull(query(request).get("part"))) {
            for (String part : value.toString().split(",")) {
              assertTrue(
                  part.equals("id") || keys(documented.resource()).contains(part),
                  method + " has no part " + part);
            }
          }
        }
      }
      assertEquals(METHODS.keySet(), asked, "not everything was asked");
      assertEquals(METRICS, metrics);
      assertEquals(DIMENSIONS, dimensions);
    }
  }

  private static Set<String> documentedNames(String kind) {
    Set<String> names = new TreeSet<>();
    JsonMapper.builder()
        .build()
        .readTree(StubbedGoogle.recorded("analytics-names.json"))
        .get(kind)
        .forEach(name -> names.add(name.stringValue()));
    return names;
  }

  @Test
  void every_metric_and_dimension_that_is_sent_is_documented() {
    try (google) {
      askEverything();
      Set<Set<String>> reports = new HashSet<>();
      Set<String> metrics = new TreeSet<>();
      Set<String> dimensions = new TreeSet<>();
      for (var event : google.server.getAllServeEvents()) {
        LoggedRequest request = event.getRequest();
        if (URI.create(request.getUrl()).getPath().equals("/v2/reports")) {
          Map<String, Object> query = query(request);
          metrics.addAll(values(query, "metrics"));
          dimensions.addAll(values(query, "dimensions"));
          reports.add(Set.copyOf(values(query, "dimensions")));
          Object sort = query.get("sort");
          if (sort != null) {
            metrics.add(((List<?>) sort).getFirst().toString().substring(1));
          }
        }
      }
      assertEquals(
          Stream.of(LegalReport.values())
              .map(report -> Set.copyOf(report.dimensions()))
              .collect(Collectors.toSet()),
          reports,
          "not every report was asked for");
      assertEquals(
          Stream.of(Metric.values()).map(Metric::label).collect(Collectors.toSet()),
          metrics,
          "not every metric was sent");
      metrics.removeAll(documentedNames("metrics"));
      dimensions.removeAll(documentedNames("dimensions"));
      assertEquals(Set.of(), metrics, "metrics that are not documented");
      assertEquals(Set.of(), dimensions, "dimensions that are not documented");
    }
  }

  private static List<String> values(Map<String, Object> query, String name) {
    return List.of(
        ((List<?>) Objects.requireNonNull(query.get(name))).getFirst().toString().split(","));
  }

  @Test
  void a_parameter_that_google_does_not_know_would_be_found() {
    try (google) {
      assertTrue(keys(Channels.List.class).containsAll(Set.of("part", "id", "mine", "maxResults")));
      assertTrue(!keys(Channels.List.class).contains("channelId"));
      assertTrue(!keys(Reports.Query.class).contains("part"));
    }
  }
}
