package com.ytempire.sidecar.youtube;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.LocalDate;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What Analytics would refuse is refused here, and it is said what would be legal. */
final class LegalReportTest {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 1);

  private static AnalyticsQuery query(List<String> dimensions, List<Metric> metrics) {
    return AnalyticsQuery.of("UCaaaaaaaaaaaaaaaaaaaaaa", DAY, DAY, dimensions, metrics);
  }

  private static void refused(AnalyticsQuery query, String... words) {
    Failure failure =
        assertThrows(YouTubeException.class, () -> LegalReport.check(query)).failure();
    assertInstanceOf(Failure.Refused.class, failure);
    for (String word : words) {
      assertTrue(failure.message().contains(word), word + " is not in: " + failure.message());
    }
  }

  @Test
  void what_google_answers_goes_through() {
    assertDoesNotThrow(() -> {
      LegalReport.check(query(List.of("day"), Metric.CORE));
      LegalReport.check(query(List.of("day"), Metric.REVENUE));
      LegalReport.check(query(List.of("day"), Metric.CORE).ofVideos(List.of("aaaaaaaaaa1")));
      LegalReport.check(query(List.of("video"), Metric.CORE).top(Metric.VIEWS, 200));
      LegalReport.check(
          query(List.of("video"), Metric.REVENUE_BY_VIDEO).top(Metric.ESTIMATED_REVENUE, 10));
      LegalReport.check(query(List.of("video", "day"), Metric.CORE).ofVideos(List.of("a", "b")));
      LegalReport.check(
          query(List.of("elapsedVideoTimeRatio"), Metric.RETENTION).ofVideos(List.of("a")));
      LegalReport.check(query(List.of("day", "insightTrafficSourceType"), Metric.TRAFFIC));
      LegalReport.check(query(List.of("day", "creatorContentType"), Metric.CONTENT_TYPE));
      LegalReport.check(query(List.of("day", "subscribedStatus"), Metric.PLAYBACK));
      LegalReport.check(query(List.of("day", "deviceType"), Metric.TRAFFIC));
      LegalReport.check(query(List.of("day", "operatingSystem"), Metric.TRAFFIC));
      LegalReport.check(query(List.of("day", "adType"), Metric.ADS));
      LegalReport.check(query(List.of("country"), Metric.GEOGRAPHY).ofVideos(List.of("a")));
      LegalReport.check(query(List.of("ageGroup", "gender"), Metric.DEMOGRAPHICS));
      LegalReport.check(
          query(List.of("insightTrafficSourceDetail"), Metric.TRAFFIC)
              .ofSource("YT_SEARCH")
              .top(Metric.VIEWS, 25));
    });
  }

  @Test
  void traffic_details_need_one_source_and_at_most_25_rows() {
    AnalyticsQuery details = query(List.of("insightTrafficSourceDetail"), Metric.TRAFFIC);
    refused(details.top(Metric.VIEWS, 25), "one type of traffic source");
    refused(details.ofSource("YT_SEARCH").top(Metric.VIEWS, 26), "1 to 25");
    refused(details.ofSource("YT_SEARCH"), "sorted");
    refused(query(List.of("day"), Metric.CORE).ofSource("YT_SEARCH"), "no filter of traffic");
  }

  @Test
  void countries_by_day_are_refused() {
    refused(query(List.of("day", "country"), Metric.GEOGRAPHY), "no report by day,country");
  }

  @Test
  void videos_by_day_of_the_whole_channel_are_refused() {
    refused(query(List.of("day", "video"), Metric.CORE), "1 to 500 videos");
  }

  @Test
  void videos_by_day_are_at_most_500_and_10000_rows() {
    AnalyticsQuery query = query(List.of("day", "video"), Metric.CORE);
    List<String> ids = IntStream.range(0, 501).mapToObj("video%06d"::formatted).toList();
    assertDoesNotThrow(() -> LegalReport.check(query.ofVideos(ids.subList(0, 500)).limit(10_000)));
    refused(query.ofVideos(ids), "1 to 500 videos");
    refused(query.ofVideos(ids.subList(0, 500)).limit(10_001), "10000");
  }

  @Test
  void ad_impressions_by_video_are_refused_and_the_others_are_named() {
    refused(
        query(List.of("video"), Metric.REVENUE).top(Metric.ESTIMATED_REVENUE, 200),
        "adImpressions",
        "estimatedRevenue");
  }

  @Test
  void top_videos_need_a_sort_of_their_own_and_a_number() {
    refused(query(List.of("video"), Metric.CORE), "sorted", "1 to 200");
    refused(query(List.of("video"), Metric.CORE).top(Metric.VIEWS, 201), "1 to 200");
    refused(query(List.of("video"), Metric.CORE).top(Metric.LIKES, 10), "views");
    refused(
        query(List.of("video"), List.of(Metric.LIKES)).top(Metric.VIEWS, 10), "one of its metrics");
  }

  @Test
  void a_retention_curve_is_of_one_video() {
    AnalyticsQuery curve = query(List.of("elapsedVideoTimeRatio"), Metric.RETENTION);
    refused(curve, "exactly one video");
    refused(curve.ofVideos(List.of("a", "b")), "exactly one video");
    refused(
        query(List.of("elapsedVideoTimeRatio"), Metric.CORE).ofVideos(List.of("a")),
        "audienceWatchRatio");
  }

  @Test
  void an_unknown_report_is_answered_with_the_known_ones() {
    refused(query(List.of("province"), Metric.CORE), "province", "day; video", "elapsedVideo");
    refused(query(List.of("day"), List.of()), "needs a metric");
    refused(
        AnalyticsQuery.of(
            "UCaaaaaaaaaaaaaaaaaaaaaa", DAY, DAY.minusDays(1), List.of("day"), Metric.CORE),
        "comes after");
  }
}
