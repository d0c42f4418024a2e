package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where a bucket will stand tonight. */
final class ForecastTest {
  /** A day from 08:00 to 08:00 UTC. */
  private static final Bucket.Window DAY =
      Bucket.DATA_GENERAL.window(Instant.parse("2026-11-20T20:30:00Z"));

  private static final Instant HOUR = Instant.parse("2026-11-20T20:00:00Z");

  @Test
  void theLastHoursPaceGoesOnToTheReset() {
    // Half an hour into this hour: 60, and half of the 80 of the hour before.
    Forecast forecast =
        Forecast.of(
            DAY,
            10_000,
            500,
            Map.of(HOUR, 60L, HOUR.minusSeconds(3600), 80L),
            HOUR.plusSeconds(1800));
    assertEquals(new Forecast(500 + Math.round(100 * 11.5), null), forecast);
  }

  @Test
  void itSaysWhenTheLimitIsReached() {
    Forecast forecast = Forecast.of(DAY, 1000, 500, Map.of(HOUR, 100L), HOUR.plusSeconds(3600 - 1));
    assertEquals(1600, forecast.usedAtReset(), 2);
    assertEquals(HOUR.plusSeconds(3600 - 1 + 5 * 3600), forecast.exhaustedAt());
  }

  @Test
  void whatIsUsedUpIsUsedUpNow() {
    assertEquals(new Forecast(1000, HOUR), Forecast.of(DAY, 1000, 1000, Map.of(), HOUR));
  }

  @Test
  void yesterdaysPaceDoesNotCount() {
    Instant start = DAY.start();
    assertEquals(
        new Forecast(0, null),
        Forecast.of(DAY, 1000, 0, Map.of(start.minusSeconds(3600), 500L), start.plusSeconds(60)));
  }

  @Test
  void aDayOf25HoursIsForecastTo25() {
    Bucket.Window longDay = Bucket.DATA_GENERAL.window(Instant.parse("2026-11-01T12:00:00Z"));
    assertEquals(
        2500,
        Forecast.of(longDay, 10_000, 0, Map.of(longDay.start(), 100L), longDay.start())
            .usedAtReset());
  }
}
