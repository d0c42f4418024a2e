package com.ytempire.sidecar.quality;

import com.ytempire.sidecar.youtube.AnalyticsQuery;
import com.ytempire.sidecar.youtube.Metric;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTubeException;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Asks YouTube once more for the revenue of a channel of the acting tenant: one query, paid from
 * the user's quota and queued with its weight, behind whatever a person waits for.
 */
final class RevenueReader {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final YouTube youTube;
  private final Clock clock;

  RevenueReader(YouTube youTube, Clock clock) {
    this.youTube = youTube;
    this.clock = clock;
  }

  /**
   * Revenue by day.
   *
   * @throws YouTubeException when there is no answer
   */
  Map<LocalDate, BigDecimal> read(
      UUID userId, int weight, String channelId, LocalDate first, LocalDate last) {
    YouTube.Call call =
        new YouTube.Call(
            userId,
            weight,
            false,
            new YouTube.Credential.ChannelGrant(channelId),
            clock.instant().plus(TIMEOUT),
            new YouTube.Spending());
    Map<LocalDate, BigDecimal> days = new HashMap<>();
    for (YouTube.Line line :
        youTube.analytics(
            call,
            new AnalyticsQuery(
                channelId,
                new AnalyticsQuery.Days(first, last),
                List.of(AnalyticsQuery.DAY),
                List.of(Metric.ESTIMATED_REVENUE),
                new AnalyticsQuery.Filter(List.of(), null),
                new AnalyticsQuery.Order(null, null),
                null))) {
      String day = line.dimensions().get(AnalyticsQuery.DAY);
      BigDecimal revenue = line.metrics().get(Metric.ESTIMATED_REVENUE);
      if (day != null && revenue != null) {
        days.put(LocalDate.parse(day), revenue);
      }
    }
    return days;
  }
}
