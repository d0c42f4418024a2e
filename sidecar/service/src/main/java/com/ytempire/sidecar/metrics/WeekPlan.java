package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.Schedule.ByPeriod;
import com.ytempire.sidecar.metrics.Schedule.Weekly;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Plans reports of what moves slowly: each report of a channel has a day of the week of its own, so
 * that all channels and reports together ask about the same each day.
 */
final class WeekPlan {
  /** Days after which a report on a day of the week is due again. */
  private static final int DAYS_AFTER_STORE = 4;

  /** Weeks that are caught up on when they were missed. */
  private static final int MISSED_WEEKS = 8;

  private WeekPlan() {}

  /** Plans a report of many days. */
  static DuePart days(Report report, Weekly schedule, KnownChannel channel, Instant now) {
    Slot slot = slot(report, schedule.everyWeeks(), channel, now);
    LocalDate today = ChannelSlots.pacificDay(now);
    int days =
        slot.last() == null
            ? schedule.firstDays()
            : (int)
                Math.min(
                    schedule.firstDays(),
                    ChronoUnit.DAYS.between(slot.last(), today) + Restatement.SETTLED_AGE);
    return new DuePart(
        slot.isDue(),
        slot.nextDueAt(),
        slot.isDue()
            ? IntStream.range(Restatement.VIEWS.firstAge(), days)
                .mapToObj(today::minusDays)
                .toList()
            : List.of(),
        List.of(),
        "asked for on one day of the week, every %s: what moves slowly, many days in one query"
            .formatted(weeks(schedule.everyWeeks())));
  }

  /** Plans a report of one period of whole weeks; its days are the period's last and first. */
  static DuePart period(Report report, ByPeriod schedule, KnownChannel channel, Instant now) {
    LocalDate settled =
        ChannelSlots.pacificDay(now)
            .minusDays(Restatement.SETTLED_AGE)
            .with(TemporalAdjusters.previousOrSame(DayOfWeek.SUNDAY));
    @Nullable LocalDate stored =
        channel.checks().getOrDefault(report, Map.of()).keySet().stream()
            .max(Comparator.naturalOrder())
            .orElse(null);
    LocalDate last = stored == null ? settled : nextPeriod(schedule, stored, settled);
    Instant opens =
        stored == null
            ? slot(report, schedule.everyWeeks(), channel, now).nextDueAt()
            : opens(report, channel, last.plusDays(Restatement.SETTLED_AGE), 7);
    boolean isDue = !opens.isAfter(now);
    return new DuePart(
        isDue,
        isDue ? now : opens,
        isDue ? List.of(last, schedule.first(last)) : List.of(),
        List.of(),
        "asked for from one day of the week on, every %s: the next %s, Monday to Sunday, that YouTube has settled"
            .formatted(weeks(schedule.everyWeeks()), weeks(schedule.weeks())));
  }

  /** The last day of the period after one that is stored; of those missed the last few weeks. */
  private static LocalDate nextPeriod(ByPeriod schedule, LocalDate stored, LocalDate settled) {
    LocalDate next = stored.plusWeeks(schedule.everyWeeks());
    LocalDate earliest = settled.minusWeeks(MISSED_WEEKS - 1);
    return next.isBefore(earliest) ? earliest : next;
  }

  /**
   * The time at which a report is due on its day of the week.
   *
   * @param last the day on which it was last stored; null: never
   */
  private record Slot(boolean isDue, Instant nextDueAt, @Nullable LocalDate last) {}

  /** The next slot of a report. One that was missed waits for the next. */
  private static Slot slot(Report report, int everyWeeks, KnownChannel channel, Instant now) {
    LocalDate today = ChannelSlots.pacificDay(now);
    @Nullable LocalDate last =
        ChannelSlots.pacificDayOrNull(
            channel.checks().getOrDefault(report, Map.of()).values().stream()
                .max(Comparator.naturalOrder())
                .orElse(null));
    // What is fetched on its day may be stored a little later.
    LocalDate earliest =
        last == null ? dayAfterConnecting(channel, today) : last.plusDays(DAYS_AFTER_STORE);
    // Half of the channels one week, half the other, from the first time on.
    Instant opens =
        opens(report, channel, earliest.isBefore(today) ? today : earliest, 7L * everyWeeks);
    boolean isDue = !opens.isAfter(now);
    return new Slot(isDue, isDue ? now : opens, last);
  }

  /**
   * The day after a channel was connected: its first sync asks for the history that people wait
   * for, and many channels may be connected at once.
   */
  private static LocalDate dayAfterConnecting(KnownChannel channel, LocalDate today) {
    @Nullable LocalDate connected =
        ChannelSlots.pacificDayOrNull(channel.source().access().connectedAt());
    return connected == null ? today : connected.plusDays(1);
  }

  /** The channel's minute of the report's own day, on this day or after it. */
  private static Instant opens(Report report, KnownChannel channel, LocalDate from, long cycle) {
    String channelId = channel.source().channelId();
    return ChannelSlots.opens(channelId, ChannelSlots.reportDay(report, channelId, from, cycle));
  }

  private static String weeks(int count) {
    return count == 1 ? "week" : count + " weeks";
  }
}
