package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.Schedule.ByDay;
import com.ytempire.sidecar.metrics.Schedule.ByPeriod;
import com.ytempire.sidecar.metrics.Schedule.Rule;
import com.ytempire.sidecar.metrics.Schedule.Weekly;
import java.time.Instant;

/**
 * Decides what is due of a channel at a moment, and why: a pure function of what is stored. What
 * was fetched but never stored stays due; the cache sees to it that it is not paid for again.
 */
final class Planner {
  private final UploadPlan uploads;

  Planner(UploadPlan uploads) {
    this.uploads = uploads;
  }

  DuePart due(Report report, KnownChannel channel, Instant now) {
    return switch (report.schedule()) {
      case ByDay days -> DayPlan.due(report, days, channel, now);
      case Weekly weekly -> WeekPlan.days(report, weekly, channel, now);
      case ByPeriod period -> WeekPlan.period(report, period, channel, now);
      case Rule.EVERY_TICK -> ChannelStatisticsPlan.due(channel.source().statistics(), now);
      case Rule.VIDEO_STATISTICS -> VideoPlan.statistics(channel, now);
      case Rule.VIDEO_DETAILS -> VideoPlan.details(channel, now);
      case Rule.UPLOADS -> uploads.due(channel, now);
      case Rule.DAILY_FILE -> FilePlan.due(report, channel, now);
      case Rule.ON_DEMAND -> DuePart.never("asked for by people, not by plan; ask without onlyDue");
    };
  }
}
