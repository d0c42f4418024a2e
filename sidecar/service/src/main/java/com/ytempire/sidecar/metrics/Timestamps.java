package com.ytempire.sidecar.metrics;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;

/**
 * Reads the dates and times of RFC 3339, section 5.6, as far as PostgreSQL and {@code java.time}
 * hold them: years 1 to 9999, no leap second, at most nine digits of a second's fraction, offsets
 * up to 18 hours.
 */
final class Timestamps {
  private static final int MAX_FRACTION = 9;
  private static final int MAX_OFFSET_MINUTES = 18 * 60;

  private Timestamps() {}

  /** Reads a {@code full-date}: YYYY-MM-DD. */
  static LocalDate day(String text) throws InvalidValue {
    if (text.length() != 10 || text.charAt(4) != '-' || text.charAt(7) != '-') {
      throw new InvalidValue("must be a day as YYYY-MM-DD");
    }
    return day(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
  }

  private static LocalDate day(int year, int month, int day) throws InvalidValue {
    if (year == 0) {
      throw new InvalidValue("must be in the years 0001 to 9999");
    }
    try {
      return LocalDate.of(year, month, day);
    } catch (DateTimeException e) {
      throw new InvalidValue("must be a day that is in the calendar");
    }
  }

  /** Reads a {@code date-time}. What is finer than a microsecond is cut off. */
  static Instant instant(String text) throws InvalidValue {
    if (text.length() < 20
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || (text.charAt(10) != 'T' && text.charAt(10) != 't')
        || text.charAt(13) != ':'
        || text.charAt(16) != ':') {
      throw new InvalidValue("must be a time as 2026-01-31T12:00:00Z (RFC 3339)");
    }
    LocalDate day = day(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2));
    int hour = digits(text, 11, 2);
    int minute = digits(text, 14, 2);
    int second = digits(text, 17, 2);
    if (second == 60) {
      throw new InvalidValue("is a leap second, which cannot be stored; write the second after it");
    }
    if (hour > 23 || minute > 59 || second > 59) {
      throw new InvalidValue("must be a time of day from 00:00:00 to 23:59:59");
    }
    int at = 19;
    int nanos = 0;
    if (text.charAt(at) == '.') {
      int first = ++at;
      while (at < text.length() && isDigit(text.charAt(at))) {
        at++;
      }
      int length = at - first;
      if (length == 0 || length > MAX_FRACTION) {
        throw new InvalidValue("must have 1 to 9 digits after the second's point, or no point");
      }
      nanos = digits(text, first, length);
      for (int i = length; i < MAX_FRACTION; i++) {
        nanos *= 10;
      }
    }
    int micros = nanos / 1_000;
    return LocalDateTime.of(day, LocalTime.of(hour, minute, second, micros * 1_000))
        .toInstant(offset(text, at));
  }

  private static ZoneOffset offset(String text, int at) throws InvalidValue {
    int left = text.length() - at;
    if (left == 1 && (text.charAt(at) == 'Z' || text.charAt(at) == 'z')) {
      return ZoneOffset.UTC;
    }
    if (left == 6
        && (text.charAt(at) == '+' || text.charAt(at) == '-')
        && text.charAt(at + 3) == ':') {
      int hours = digits(text, at + 1, 2);
      int minutes = digits(text, at + 4, 2);
      if (minutes < 60 && hours * 60 + minutes <= MAX_OFFSET_MINUTES) {
        int all = hours * 60 + minutes;
        return ZoneOffset.ofTotalSeconds((text.charAt(at) == '-' ? -all : all) * 60);
      }
    }
    throw new InvalidValue("must end with Z or an offset from -18:00 to +18:00");
  }

  private static int digits(String text, int from, int length) throws InvalidValue {
    int value = 0;
    for (int i = from; i < from + length; i++) {
      char digit = text.charAt(i);
      if (!isDigit(digit)) {
        throw new InvalidValue("must be written with digits where a date or time has them");
      }
      value = value * 10 + (digit - '0');
    }
    return value;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
