package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.Schedule.ByVideo;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plans retention curves: those of a week are spread over its seven days, and those of a day over
 * the channels' own minutes of it, after the reports that people wait for.
 */
final class CurvePlan {
  private CurvePlan() {}

  /**
   * Plans the curves of a channel; its days are the period's last and first. A day on which they
   * were not asked for is not made up for: the oldest curves come first on the next.
   */
  static DuePart due(Report report, ByVideo schedule, KnownChannel channel, Instant now) {
    String channelId = channel.source().channelId();
    LocalDate day = openDay(channelId, now);
    Instant opened = ChannelSlots.backgroundOpens(channelId, day);
    LocalDate last = WeekPlan.settled(now);
    Map<LocalDate, Instant> checks = channel.checks().getOrDefault(report, Map.of());
    // The day's may be of the period before; curves of others were asked for by hand.
    @Nullable Instant stored =
        Stream.of(last, last.minusWeeks(1))
            .flatMap(end -> Stream.ofNullable(checks.get(end)))
            .max(Comparator.naturalOrder())
            .orElse(null);
    // What failed or was never stored stays due, and so does what was stored by hand alone.
    boolean isDone =
        stored != null
            && !stored.isBefore(opened)
            && !checks.getOrDefault(PlanDao.ANSWERED_TO_PLAN, Instant.MIN).isBefore(opened);
    // The first sync asks for the history that people wait for, of many channels at once.
    @Nullable LocalDate connected =
        ChannelSlots.pacificDayOrNull(channel.source().access().connectedAt());
    LocalDate earliest = connected == null ? day : connected.plusDays(1);
    boolean isDue = !day.isBefore(earliest) && !isDone;
    LocalDate next = day.isBefore(earliest) ? earliest : day.plusDays(1);
    return new DuePart(
        isDue,
        isDue ? now : ChannelSlots.backgroundOpens(channelId, next),
        isDue ? List.of(last, schedule.first(last)) : List.of(),
        List.of(),
        "asked for each day for at most %d of the channel's %d most viewed videos, those with the oldest curves first: the newest %d weeks, Monday to Sunday, that YouTube has settled"
            .formatted(
                ChannelSlots.shareOfWeek(report, channelId, day, schedule.videos()),
                schedule.videos(),
                schedule.weeks()));
  }

  /** The day whose curves can be asked for: today, or yesterday while its minute is to come. */
  static LocalDate openDay(String channelId, Instant now) {
    LocalDate today = ChannelSlots.pacificDay(now);
    return ChannelSlots.backgroundOpens(channelId, today).isAfter(now) ? today.minusDays(1) : today;
  }
}
