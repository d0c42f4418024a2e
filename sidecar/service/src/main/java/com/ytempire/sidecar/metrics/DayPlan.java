package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.Schedule.ByDay;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plans reports of single days: each day is asked for when YouTube can have restated it, and where
 * none is due, a part of the backfill is.
 */
final class DayPlan {
  private DayPlan() {}

  static DuePart due(Report report, ByDay schedule, KnownChannel channel, Instant now) {
    if (schedule.restatement().isRevenue()) {
      if (!channel.source().revenue().allowsRevenue()) {
        return DuePart.never("the owner did not allow revenue to be read");
      }
      if (channel.source().revenue().isKnownToBeNone(now)) {
        return DuePart.never(
            "YouTube shows no revenue of this channel; it is asked again after a week");
      }
    }
    return days(report, schedule, channel, now);
  }

  private static DuePart days(Report report, ByDay schedule, KnownChannel channel, Instant now) {
    Restatement rule = schedule.restatement();
    List<LocalDate> due = new ArrayList<>();
    @Nullable Instant next = null;
    for (Map.Entry<LocalDate, Instant> each : moments(report, schedule, channel, now)) {
      Instant at = each.getValue();
      if (!at.isAfter(now)) {
        due.add(each.getKey());
      }
      if (next == null || at.isBefore(next)) {
        next = at;
      }
    }
    if (due.isEmpty()) {
      List<LocalDate> older = backfillDays(report, channel, now);
      if (!older.isEmpty()) {
        return new DuePart(
            true, now, older, List.of(), "the backfill: 90 days a channel and day, newest first");
      }
    }
    return new DuePart(
        !due.isEmpty(),
        next != null && next.isBefore(now) ? now : next,
        due.subList(0, Math.min(schedule.batchSize(), due.size())),
        List.of(),
        rule.words());
  }

  /** The days that are to be asked for again, newest first, each with the moment from which. */
  private static List<Map.Entry<LocalDate, Instant>> moments(
      Report report, ByDay schedule, KnownChannel channel, Instant now) {
    Restatement rule = schedule.restatement();
    LocalDate today = ChannelSlots.pacificDay(now);
    Map<LocalDate, Instant> checks = channel.checks().getOrDefault(report, Map.of());
    String channelId = channel.source().channelId();
    int phase = Math.floorMod(channelId.hashCode(), Restatement.STRIDE);
    List<Map.Entry<LocalDate, Instant>> moments = new ArrayList<>();
    int end = Math.max(schedule.window(), rule.lastAge() + 1);
    for (int age = rule.firstAge() - 1; age < end; age++) {
      LocalDate day = today.minusDays(age);
      @Nullable LocalDate checked = ChannelSlots.pacificDayOrNull(checks.get(day));
      if (checked != null || age < schedule.window()) {
        rule.next(day, checked, phase)
            .ifPresent(
                date -> moments.add(Map.entry(day, ChannelSlots.opens(report, channelId, date))));
      }
    }
    return moments;
  }

  /** The days of the next part of a report's backfill, newest first; empty while none is due. */
  static List<LocalDate> backfillDays(Report report, KnownChannel channel, Instant now) {
    return now.isBefore(ChannelSlots.backfillOpens(channel.source().channelId(), now))
        ? List.of()
        : Backfill.next(report, backfills(channel, now), now);
  }

  /** The channel's backfills that can be fetched. */
  private static Map<Report, Backfill> backfills(KnownChannel channel, Instant now) {
    PlanDao.Source.Revenue revenue = channel.source().revenue();
    Map<Report, Backfill> open = new HashMap<>(channel.backfills());
    open.keySet()
        .removeIf(report ->
            report.isRevenue() && (!revenue.allowsRevenue() || revenue.isKnownToBeNone(now)));
    return open;
  }
}
