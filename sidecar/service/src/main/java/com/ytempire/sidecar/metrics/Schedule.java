package com.ytempire.sidecar.metrics;

import java.time.DayOfWeek;
import java.time.LocalDate;

/** The rule by which a report is due. */
sealed interface Schedule {
  /** A rule of one report of its own. */
  enum Rule implements Schedule {
    EVERY_TICK,
    UPLOADS,
    VIDEO_STATISTICS,
    VIDEO_DETAILS,
    DAILY_FILE,
    /** Never by plan: people ask for it. */
    ON_DEMAND
  }

  /**
   * Each day, for as long as YouTube restates it.
   *
   * @param window days that are fetched when nothing of them is stored; those that are stored are
   *     restated for longer, as {@link Restatement#lastAge} says
   * @param batchSize days of one fetch at most
   */
  record ByDay(Restatement restatement, int window, int batchSize) implements Schedule {}

  /**
   * Days of a slowly moving dimension, several in one query, on one day of the week.
   *
   * @param everyWeeks weeks from one query to the next
   * @param firstDays days that the first query covers; later ones cover what is new or was not
   *     settled
   */
  record Weekly(int everyWeeks, int firstDays) implements Schedule {}

  /**
   * Periods of whole weeks, Monday to Sunday, on one day of the week; each once, when YouTube has
   * settled it.
   *
   * @param everyWeeks weeks from one query to the next
   * @param weeks length of a period
   */
  record ByPeriod(int everyWeeks, int weeks) implements Schedule {
    /** The first day of a period that ends on this day. */
    LocalDate first(LocalDate last) {
      return last.minusWeeks(weeks).plusDays(1);
    }
  }

  /**
   * The top videos of the newest period of whole weeks that YouTube has settled, a query a video: a
   * few on each day of the week.
   *
   * @param weeks length of a period
   * @param videos that are asked for in a week
   */
  record ByVideo(int weeks, int videos) implements Schedule {
    /** Of retention curves. */
    static final ByVideo RETENTION = new ByVideo(4, 20);

    /** The first day of a period that ends on this day. */
    LocalDate first(LocalDate last) {
      return last.minusWeeks(weeks).plusDays(1);
    }

    /** How many videos are asked for on a day at most: {@link ChannelSlots#shareOfWeek}. */
    int maxVideosPerDay() {
      return Math.ceilDiv(videos, DayOfWeek.values().length);
    }
  }
}
