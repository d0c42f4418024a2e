package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.metrics.ReportQuery.Form;
import com.ytempire.sidecar.metrics.Schedule.ByDay;
import com.ytempire.sidecar.quota.Bucket;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A backfill of a report of a channel: days that are older than its plan looks back.
 *
 * @param firstDay down to which days are fetched
 * @param reached this day and all later ones have been fetched
 * @param advancedAt when a part was last stored; null: none yet
 */
record Backfill(LocalDate firstDay, LocalDate reached, @Nullable Instant advancedAt) {
  /** Days of one part, which is one query. */
  static final int PART_DAYS = 90;

  /** The reports that are backfilled, with the days that their plans look back. */
  static final Map<Report, Integer> REPORTS = new EnumMap<>(Report.class);

  static {
    for (Report report : Report.values()) {
      if (report.schedule() instanceof ByDay days && report.hasForm(Form.DAYS)) {
        REPORTS.put(report, days.window());
      }
    }
  }

  static Backfill of(BackfillDao.StoredBackfill stored) {
    return new Backfill(stored.firstDay(), stored.reached(), stored.advancedAt());
  }

  /**
   * The days of the next part, newest first; empty while another part is due. One part a channel
   * and Pacific day is fetched, and the report that has come the least far is next.
   *
   * @param all backfills of the channel that are not done and can be fetched
   */
  static List<LocalDate> next(Report report, Map<Report, Backfill> all, Instant now) {
    @Nullable Backfill own = all.get(report);
    if (own == null || !own.reached().isAfter(own.firstDay())) {
      return List.of();
    }
    LocalDate today = LocalDate.ofInstant(now, Bucket.PACIFIC);
    boolean isDoneToday = all.values().stream().anyMatch(each -> each.hasAdvancedOn(today));
    Report first =
        all.entrySet().stream()
            .max(
                Comparator.comparing(
                        (Map.Entry<Report, Backfill> each) -> each.getValue().reached())
                    .thenComparing(Map.Entry::getKey, Comparator.reverseOrder()))
            .orElseThrow()
            .getKey();
    if (isDoneToday || first != report) {
      return List.of();
    }
    LocalDate last = own.reached().minusDays(1);
    return Stream.iterate(last, day -> day.minusDays(1))
        .limit(PART_DAYS)
        .takeWhile(day -> !day.isBefore(own.firstDay()))
        .toList();
  }

  /** Whether a part was stored on this Pacific day or later. */
  private boolean hasAdvancedOn(LocalDate day) {
    return advancedAt != null && !LocalDate.ofInstant(advancedAt, Bucket.PACIFIC).isBefore(day);
  }
}
