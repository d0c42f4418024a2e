package com.ytempire.sidecar.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.quality.AnomalyDetector.Judgment;
import java.time.LocalDate;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AnomalyDetectorTest {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 16);

  /**
   * Weeks with strong weekends, a trend, and noise of a tenth, up to and including {@link #DAY}.
   */
  private static TreeMap<LocalDate, Long> noisy(long seed) {
    Random random = new Random(seed);
    TreeMap<LocalDate, Long> views = new TreeMap<>();
    for (int back = 0; back <= 80; back++) {
      LocalDate day = DAY.minusDays(back);
      double weekend = day.getDayOfWeek().getValue() >= 6 ? 1.8 : 1;
      views.put(
          day, Math.round(5000 * weekend * Math.exp(-0.002 * back + 0.1 * random.nextGaussian())));
    }
    return views;
  }

  private static Judgment judge(TreeMap<LocalDate, Long> views) {
    return AnomalyDetector.judge(views, DAY).orElseThrow();
  }

  private static long at(TreeMap<LocalDate, Long> views, LocalDate day) {
    return Objects.requireNonNull(views.get(day));
  }

  @Test
  void even_weeks_are_exactly_as_expected() {
    TreeMap<LocalDate, Long> views = new TreeMap<>();
    for (int back = 0; back <= 80; back++) {
      LocalDate day = DAY.minusDays(back);
      views.put(day, day.getDayOfWeek().getValue() >= 6 ? 9000L : 5000L);
    }
    Judgment judgment = judge(views);
    assertEquals(0, judgment.deviations(), 1e-9);
    assertEquals(at(views, DAY), judgment.expected(), 1);
    assertTrue(judgment.low() < judgment.expected() && judgment.expected() < judgment.high());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void a_channel_ten_times_as_large_is_judged_alike(long seed) {
    TreeMap<LocalDate, Long> views = noisy(seed);
    TreeMap<LocalDate, Long> larger = new TreeMap<>();
    views.forEach((day, value) -> larger.put(day, value * 10));
    assertEquals(judge(views).deviations(), judge(larger).deviations(), 1e-9);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void fewer_views_are_never_judged_higher(long seed) {
    TreeMap<LocalDate, Long> views = noisy(seed);
    double last = Double.POSITIVE_INFINITY;
    for (long value : new long[] {50_000, 10_000, 5_000, 1_000, 100, 0}) {
      views.put(DAY, value);
      double deviations = judge(views).deviations();
      assertTrue(deviations <= last);
      last = deviations;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void later_days_change_nothing(long seed) {
    TreeMap<LocalDate, Long> views = noisy(seed);
    Judgment before = judge(views);
    for (int ahead = 1; ahead < 30; ahead++) {
      views.put(DAY.plusDays(ahead), 1_000_000L * ahead);
    }
    assertEquals(before, judge(views));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void a_spike_before_does_not_hide_a_fall(long seed) {
    TreeMap<LocalDate, Long> views = noisy(seed);
    views.put(DAY.minusDays(5), at(views, DAY.minusDays(5)) * 30);
    views.put(DAY, at(views, DAY) / 5);
    assertTrue(judge(views).isAnomaly());
  }

  @Test
  void two_strange_days_in_a_row_count_from_fewer_deviations_on() {
    TreeMap<LocalDate, Long> views = new TreeMap<>();
    for (int back = 0; back <= 80; back++) {
      views.put(DAY.minusDays(back), 5000L);
    }
    // Even days have a spread of a tenth: 4 deviations are a factor of exp(0.4).
    long four = Math.round(5000 * Math.exp(-0.4));
    views.put(DAY, four);
    assertFalse(judge(views).isAnomaly());
    views.put(DAY.minusDays(1), four);
    assertTrue(judge(views).isAnomaly());
    views.put(DAY.minusDays(1), Math.round(5000 * Math.exp(0.4)));
    assertFalse(judge(views).isAnomaly(), "to the other side");
  }

  @Test
  void a_short_history_or_a_small_channel_is_not_judged() {
    TreeMap<LocalDate, Long> views = noisy(1);
    assertEquals(
        Optional.empty(),
        AnomalyDetector.judge(new TreeMap<>(views.tailMap(DAY.minusDays(41))), DAY));
    assertTrue(
        AnomalyDetector.judge(new TreeMap<>(views.tailMap(DAY.minusDays(42))), DAY).isPresent());
    TreeMap<LocalDate, Long> small = new TreeMap<>();
    views.forEach((day, value) -> small.put(day, value / 200));
    assertEquals(Optional.empty(), AnomalyDetector.judge(small, DAY));
    views.remove(DAY);
    assertEquals(Optional.empty(), AnomalyDetector.judge(views, DAY));
    assertEquals(Optional.empty(), AnomalyDetector.judge(new TreeMap<>(), DAY));
  }
}
