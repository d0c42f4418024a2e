package com.ytempire.sidecar.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.QuotaSettings.Sharing;
import com.ytempire.simulator.Moments;
import com.ytempire.simulator.Moments.Moment;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows and shares at the moments at which counting Pacific days goes wrong most easily. */
final class QuotaMomentsTest {
  private static final Sharing SHARING = new Sharing(50, 10, Duration.ofHours(4));
  private static final ZoneId CALIFORNIA = ZoneId.of("America/Los_Angeles");

  static List<Moment> moments() {
    return Moments.all();
  }

  @ParameterizedTest
  @MethodSource("moments")
  void a_days_window_is_the_pacific_day_at(Moment moment) {
    Bucket.Window window = Bucket.DATA_GENERAL.window(moment.instant());
    LocalDate day = LocalDate.parse(moment.text().substring(0, 10));
    assertEquals(day.atStartOfDay(CALIFORNIA).toInstant(), window.start());
    assertEquals(day.plusDays(1).atStartOfDay(CALIFORNIA).toInstant(), window.end());
    long hours = Duration.between(window.start(), window.end()).toHours();
    assertEquals(moment == Moments.SPRING ? 23 : moment == Moments.AUTUMN ? 25 : 24, hours);
    Bucket.Window minute = Bucket.ANALYTICS_MINUTE.window(moment.instant().plusSeconds(59));
    assertEquals(moment.instant(), minute.start());
    assertEquals(moment.instant().plusSeconds(60), minute.end());
  }

  @ParameterizedTest
  @MethodSource("moments")
  void guarantees_are_kept_until_four_hours_before_reset_at(Moment moment) {
    Bucket.Window window = Bucket.DATA_GENERAL.window(moment.instant());
    double kept = Shares.kept(moment.instant(), window.end(), SHARING.release());
    Map<String, Long> allotted =
        Shares.allot(1000, SHARING, Map.of("ada", 1, "bob", 1), Map.of(), kept);
    assertEquals(1000, allotted.values().stream().mapToLong(Long::longValue).sum());
    Instant release = window.end().minus(SHARING.release());
    if (moment.instant().isBefore(release)) {
      assertEquals(
          Map.of("ada", 250L, "bob", 250L, Shares.COMMON, 400L, Shares.INTERACTIVE, 100L),
          allotted);
    } else {
      assertTrue(
          List.of(Moments.EVENING, Moments.BEFORE_MIDNIGHT, Moments.NEW_YEARS_EVE).contains(moment),
          moment.toString());
      assertTrue(allotted.getOrDefault("bob", 0L) < 250, allotted.toString());
      assertTrue(allotted.getOrDefault(Shares.COMMON, 0L) > 400, allotted.toString());
    }
  }
}
