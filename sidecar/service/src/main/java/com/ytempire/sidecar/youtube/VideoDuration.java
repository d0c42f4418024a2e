package com.ytempire.sidecar.youtube;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lengths of videos as the Data API writes them: ISO 8601 durations, for long streams with weeks
 * beside days ({@code P3W3DT20H31M21S}), which {@link Duration#parse} does not take. {@code P0D} is
 * what a broadcast has that is upcoming or live.
 */
final class VideoDuration {
  private static final Pattern WEEKS = Pattern.compile("P(\\d{1,4})W(.*)");

  private VideoDuration() {}

  /**
   * Parses a duration.
   *
   * @throws DateTimeParseException when it is none
   */
  static Duration parse(String text) {
    Matcher weeks = WEEKS.matcher(text);
    if (!weeks.matches()) {
      return Duration.parse(text);
    }
    String rest = weeks.group(2);
    return Duration.ofDays(7 * Long.parseLong(weeks.group(1)))
        .plus(rest.isEmpty() ? Duration.ZERO : Duration.parse("P" + rest));
  }
}
