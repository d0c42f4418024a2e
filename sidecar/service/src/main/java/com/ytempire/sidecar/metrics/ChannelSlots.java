package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.quota.Bucket;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * The minutes of a Pacific day and the days of a week that are a channel's own: derived from its
 * id, so that the requests of all channels spread over day and week.
 */
final class ChannelSlots {
  /** Analytics does its day's work after midnight; channels ask spread over this time. */
  private static final Duration SPREAD = Duration.ofHours(4);

  /**
   * Traffic sources are asked for this long after a channel's other days, just before days that
   * were not finished would be asked for again: {@link NewestDays}.
   */
  private static final Duration TRAFFIC_SOURCES_LATER = Duration.ofMinutes(10 * 60 + 40);

  /**
   * What people do not wait for, backfills and retention curves, is spread over this time, which
   * begins after {@link #SPREAD}.
   */
  private static final Duration BACKGROUND_SPREAD = Duration.ofHours(16);

  /** Files of all channels are read spread over this time. */
  private static final Duration FILE_SPREAD = Duration.ofHours(20);

  /** Minutes between the times at which a channel's files of two reports are read. */
  private static final int FILE_REPORTS_APART = 67;

  private ChannelSlots() {}

  /** The time after Pacific midnight from which a channel's days are asked for. */
  static Duration spread(String channelId) {
    return Duration.ofMinutes(Math.floorMod(channelId.hashCode(), SPREAD.toMinutes()));
  }

  /** The moment of a Pacific day from which a channel's days are asked for. */
  static Instant opens(String channelId, LocalDate day) {
    return day.atStartOfDay(Bucket.PACIFIC).toInstant().plus(spread(channelId));
  }

  /** The moment of a Pacific day from which a channel's days of a report are asked for. */
  static Instant opens(Report report, String channelId, LocalDate day) {
    Instant opens = opens(channelId, day);
    return report == Report.TRAFFIC_SOURCE_DAY ? opens.plus(TRAFFIC_SOURCES_LATER) : opens;
  }

  /**
   * The moment of a day from which a channel's backfill and retention curves are fetched, after the
   * day's work.
   */
  static Instant backgroundOpens(String channelId, LocalDate day) {
    return day.atStartOfDay(Bucket.PACIFIC)
        .toInstant()
        .plus(SPREAD)
        .plus(
            Duration.ofMinutes(Math.floorMod(channelId.hashCode(), BACKGROUND_SPREAD.toMinutes())));
  }

  /** The moment of today from which a channel's file of a report is read. */
  static Instant fileOpens(Report report, String channelId, Instant now) {
    int offset = report == Report.THUMBNAIL_DAY ? 0 : FILE_REPORTS_APART * report.ordinal();
    return midnight(now)
        .plus(
            Duration.ofMinutes(
                Math.floorMod(channelId.hashCode() + offset, (int) FILE_SPREAD.toMinutes())));
  }

  /**
   * The first day on which a channel asks for a report, on this day or after it.
   *
   * @param cycle days from one such day to the next, a multiple of 7
   */
  static LocalDate reportDay(Report report, String channelId, LocalDate from, long cycle) {
    long own = channelId.hashCode() + 3L * report.ordinal();
    return from.plusDays(Math.floorMod(own - from.toEpochDay(), cycle));
  }

  /**
   * A day's part of what a channel asks for in a week: the parts of any seven days in a row add up
   * to it, and on each day those of all channels are about as many.
   */
  static int shareOfWeek(Report report, String channelId, LocalDate day, int count) {
    int place = Math.floorMod(channelId.hashCode() + 3L * report.ordinal() + day.toEpochDay(), 7);
    return count * (place + 1) / 7 - count * place / 7;
  }

  static LocalDate pacificDay(Instant at) {
    return LocalDate.ofInstant(at, Bucket.PACIFIC);
  }

  /** The Pacific day of a moment; null: there is none. */
  static @Nullable LocalDate pacificDayOrNull(@Nullable Instant at) {
    return at == null ? null : pacificDay(at);
  }

  private static Instant midnight(Instant now) {
    return pacificDay(now).atStartOfDay(Bucket.PACIFIC).toInstant();
  }
}
