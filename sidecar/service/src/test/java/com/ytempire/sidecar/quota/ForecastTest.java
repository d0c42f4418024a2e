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
  void the_last_hours_pace_goes_on_to_the_reset() {
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
  void it_says_when_the_limit_is_reached() {
    Forecast forecast = Forecast.of(DAY, 1000, 500, Map.of(HOUR, 100L), HOUR.plusSeconds(3600 - 1));
    assertEquals(1600, forecast.usedAtReset(), 2);
    assertEquals(HOUR.plusSeconds(3600 - 1 + 5 * 3600), forecast.exhaustedAt());
  }

  @Test
  void what_is_used_up_is_used_up_now() {
    assertEquals(new Forecast(1000, HOUR), Forecast.of(DAY, 1000, 1000, Map.of(), HOUR));
  }

  @Test
  void yesterdays_pace_does_not_count() {
    Instant start = DAY.start();
    assertEquals(
        new Forecast(0, null),
        Forecast.of(DAY, 1000, 0, Map.of(start.minusSeconds(3600), 500L), start.plusSeconds(60)));
  }

  @Test
  void a_day_of_25_hours_is_forecast_to_25() {
    Bucket.Window longDay = Bucket.DATA_GENERAL.window(Instant.parse("2026-11-01T12:00:00Z"));
    assertEquals(
        2500,
        Forecast.of(longDay, 10_000, 0, Map.of(longDay.start(), 100L), longDay.start())
            .usedAtReset());
  }
}
