package com.ytempire.simulator;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

/**
 * Moments at which software that counts Pacific days goes wrong most easily. Whatever the product
 * does must hold at each; the end-to-end run and the time-dependent tests go through all of them.
 */
public final class Moments {
  /** Two minutes before quotas are reset. */
  public static final Moment BEFORE_MIDNIGHT = moment("before-midnight", "2026-11-25T23:58-08:00");

  /** Two minutes after quotas were reset, when most of the day's work is not due yet. */
  public static final Moment AFTER_MIDNIGHT = moment("after-midnight", "2026-11-26T00:02-08:00");

  /** When guarantees that nobody claimed are being released. */
  public static final Moment EVENING = moment("evening", "2026-11-25T20:30-08:00");

  /** A minute before a day of 23 hours loses its third one. */
  public static final Moment SPRING = moment("dst-begins", "2026-03-08T01:59-08:00");

  /** In the second 01:30 of a day of 25 hours. */
  public static final Moment AUTUMN = moment("dst-ends", "2026-11-01T01:30-08:00");

  public static final Moment NEW_YEARS_EVE = moment("year-end", "2026-12-31T23:30-08:00");

  public static final Moment LEAP_DAY = moment("leap-day", "2028-02-29T12:00-08:00");

  public static final Moment NOON = moment("noon", "2026-11-20T12:00-08:00");

  private Moments() {}

  /**
   * A moment with a name.
   *
   * @param text the moment as ISO-8601 with California's offset then
   */
  public record Moment(String name, String text, Instant instant) {
    @Override
    public String toString() {
      return name + " " + text;
    }
  }

  private static Moment moment(String name, String text) {
    return new Moment(name, text, OffsetDateTime.parse(text).toInstant());
  }

  public static List<Moment> all() {
    return List.of(
        BEFORE_MIDNIGHT, AFTER_MIDNIGHT, EVENING, SPRING, AUTUMN, NEW_YEARS_EVE, LEAP_DAY, NOON);
  }
}
