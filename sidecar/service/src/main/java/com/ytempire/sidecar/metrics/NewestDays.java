package com.ytempire.sidecar.metrics;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The newest day that YouTube has of a channel, as its traffic sources show. They are asked for
 * once a day, half a day after the channel's other reports, so that nothing else has to be asked to
 * know whether a day was finished meanwhile. Kept in the cache: where it is lost, the day itself is
 * asked for. Safe to share between threads.
 */
final class NewestDays {
  private static final Duration TTL = Duration.ofDays(1);

  private NewestDays() {}

  /** Notes what an answer to a request by plan shows, if it was asked for the newest day. */
  static void note(FetchContext context, PlannedRequest request, List<FetchedRow> rows) {
    LocalDate newestDue =
        ChannelSlots.pacificDay(context.now()).minusDays(Restatement.VIEWS.firstAge());
    if (request.report() != Report.TRAFFIC_SOURCE_DAY
        || request.isBackfill()
        || request.last().isBefore(newestDue)) {
      return;
    }
    Set<LocalDate> days = AnalyticsRows.days(rows);
    LocalDate newest =
        days.stream().max(LocalDate::compareTo).orElseGet(() -> request.first().minusDays(1));
    context.cache().putFor(TTL, key(request), List.of(newest));
  }

  /**
   * When days of a channel are to be asked for with the next one's, because YouTube was seen not to
   * have them since the channel's time of today; null: they may be there.
   */
  static @Nullable Instant nextDay(FetchContext context, PlannedRequest request) {
    if (request.report() != Report.CHANNEL_DAY || context.maxAge(request.report()).isZero()) {
      return null;
    }
    String channelId = request.channelId();
    LocalDate today = ChannelSlots.pacificDay(context.now().minus(ChannelSlots.spread(channelId)));
    boolean isMissing =
        context
            .cache()
            .findSince(key(request), ChannelSlots.opens(channelId, today), LocalDate.class)
            .map(CachedAnswer::rows)
            .filter(newest -> newest.getFirst().isBefore(request.first()))
            .isPresent();
    return isMissing ? ChannelSlots.opens(channelId, today.plusDays(1)) : null;
  }

  private static String key(PlannedRequest request) {
    return request.channelId() + ":newest-day";
  }
}
