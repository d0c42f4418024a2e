package com.ytempire.sidecar.events;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/**
 * The forms of the texts of an event. Loops rather than patterns: each is asked thousands of times
 * a second, and patterns took several times as long as reading the JSON.
 */
final class EventText {
  /** Characters of a channel's id. */
  static final int CHANNEL_LENGTH = 24;

  private static final int VIDEO_LENGTH = 11;
  private static final int UUID_LENGTH = 36;
  private static final int MAX_TYPE = 100;
  private static final int MAX_SOURCE = 200;
  private static final int MAX_TIME = 40;

  /** Of the form 2026-01-31T12:00:00Z, without a fraction. */
  private static final int SECONDS_LENGTH = 20;

  private static final int MAX_FRACTION = 9;
  private static final int DECIMAL = 10;

  private static final Pattern TIME =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d\\d:\\d\\d)");

  private EventText() {}

  static boolean isUuid(String text) {
    if (text.length() != UUID_LENGTH) {
      return false;
    }
    for (int i = 0; i < UUID_LENGTH; i++) {
      char c = text.charAt(i);
      boolean isFit =
          i == 8 || i == 13 || i == 18 || i == 23
              ? c == '-'
              : isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
      if (!isFit) {
        return false;
      }
    }
    return true;
  }

  static boolean isType(String text) {
    if (text.isEmpty() || text.length() > MAX_TYPE || !isLetterOrDigit(text.charAt(0))) {
      return false;
    }
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  static boolean isSource(String text) {
    if (text.isEmpty() || text.length() > MAX_SOURCE) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '!' || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  /** Whether it names a channel, or a channel and a video with a slash between. */
  static boolean isSubject(String text) {
    int length = text.length();
    boolean hasVideo = length == CHANNEL_LENGTH + 1 + VIDEO_LENGTH;
    if (length != CHANNEL_LENGTH && !hasVideo || !text.startsWith("UC")) {
      return false;
    }
    for (int i = 2; i < length; i++) {
      char c = text.charAt(i);
      boolean isFit = i == CHANNEL_LENGTH ? c == '/' : isLetterOrDigit(c) || c == '_' || c == '-';
      if (!isFit) {
        return false;
      }
    }
    return true;
  }

  /** Whether it has the form of a time; the calendar may not have it all the same. */
  static boolean isTime(String text) {
    return isUtc(text) || text.length() <= MAX_TIME && TIME.matcher(text).matches();
  }

  /**
   * The moment of a text that {@link #isTime}.
   *
   * @throws DateTimeException when the calendar does not have it
   */
  static Instant time(String text) {
    if (!isUtc(text)) {
      return OffsetDateTime.parse(text).toInstant();
    }
    int nanos = 0;
    int end = text.length() - 1;
    if (end >= SECONDS_LENGTH) {
      nanos = number(text, SECONDS_LENGTH, end);
      for (int digits = end - SECONDS_LENGTH; digits < MAX_FRACTION; digits++) {
        nanos *= DECIMAL;
      }
    }
    return LocalDateTime.of(
            number(text, 0, 4),
            number(text, 5, 7),
            number(text, 8, 10),
            number(text, 11, 13),
            number(text, 14, 16),
            number(text, 17, 19),
            nanos)
        .toInstant(ZoneOffset.UTC);
  }

  /**
   * Whether it has the form that nearly all have: 2026-01-31T12:00:00Z, perhaps with a fraction.
   */
  private static boolean isUtc(String text) {
    int end = text.length() - 1;
    if (end != SECONDS_LENGTH - 1
        && (end <= SECONDS_LENGTH || end > SECONDS_LENGTH + MAX_FRACTION)) {
      return false;
    }
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean isFit =
          switch (i) {
            case 4, 7 -> c == '-';
            case 10 -> c == 'T';
            case 13, 16 -> c == ':';
            case SECONDS_LENGTH - 1 -> c == '.';
            default -> isDigit(c);
          };
      if (!isFit) {
        return false;
      }
    }
    return text.charAt(end) == 'Z';
  }

  private static int number(String text, int begin, int end) {
    return Integer.parseInt(text, begin, end, DECIMAL);
  }

  /** Whether it has what JSON can hold and PostgreSQL cannot: NUL, or half of a surrogate pair. */
  static boolean isUnstorable(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return true;
      }
      if (Character.isSurrogate(c)) {
        if (Character.isLowSurrogate(c)
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetterOrDigit(char c) {
    return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }
}
