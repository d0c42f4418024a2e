package com.ytempire.sidecar.quota;

import com.ytempire.sidecar.quota.Bucket.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of a day's bucket when it resets, if units go on being taken as fast as in the last
 * hour; {@code schemas/quota-bucket.json}.
 *
 * @param usedAtReset units, may be more than the limit
 * @param exhaustedAt when the limit is reached; null: not before the reset
 */
public record Forecast(long usedAtReset, @Nullable Instant exhaustedAt) {
  /**
   * Reckons it.
   *
   * @param byHour units taken in each hour, by the moment it began
   */
  static Forecast of(Window window, long limit, long used, Map<Instant, Long> byHour, Instant now) {
    Instant hour = now.truncatedTo(ChronoUnit.HOURS);
    double elapsed = Duration.between(hour, now).toSeconds() / 3600.0;
    // What is left of the hour before slides out as this one fills; nothing of yesterday counts.
    Instant before = hour.minus(1, ChronoUnit.HOURS);
    double pace =
        byHour.getOrDefault(hour, 0L)
            + (before.isBefore(window.start()) ? 0 : byHour.getOrDefault(before, 0L))
                * (1 - elapsed);
    double hoursLeft = Duration.between(now, window.end()).toSeconds() / 3600.0;
    long usedAtReset = used + Math.max(0, Math.round(pace * hoursLeft));
    if (used >= limit) {
      return new Forecast(usedAtReset, now);
    }
    return new Forecast(
        usedAtReset,
        usedAtReset <= limit ? null : now.plusSeconds((long) ((limit - used) / pace * 3600)));
  }
}
