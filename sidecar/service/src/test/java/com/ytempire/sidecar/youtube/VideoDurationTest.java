package com.ytempire.sidecar.youtube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.junit.jupiter.api.Test;

final class VideoDurationTest {
  @Test
  void weeks_days_and_nothing_are_read() {
    assertEquals(
        Duration.ofDays(24).plusHours(20).plusMinutes(31).plusSeconds(21),
        VideoDuration.parse("P3W3DT20H31M21S"));
    assertEquals(Duration.ofDays(14), VideoDuration.parse("P2W"));
    assertEquals(Duration.ofDays(7).plusSeconds(5), VideoDuration.parse("P1WT5S"));
    assertEquals(Duration.ZERO, VideoDuration.parse("P0D"));
    assertEquals(Duration.ofSeconds(63), VideoDuration.parse("PT1M3S"));
  }

  @Test
  void what_is_no_duration_is_refused() {
    for (String bad : new String[] {"", "P", "P1X", "P1WX", "1:03"}) {
      assertThrows(DateTimeParseException.class, () -> VideoDuration.parse(bad), bad);
    }
  }
}
