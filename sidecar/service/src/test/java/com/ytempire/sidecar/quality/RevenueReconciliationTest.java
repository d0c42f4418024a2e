package com.ytempire.sidecar.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.ytempire.sidecar.quality.QualityDao.RevenueDay;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RevenueReconciliationTest {
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 20);

  private static List<RevenueDay> stored(LocalDate first, LocalDate last, String usd) {
    List<RevenueDay> days = new ArrayList<>();
    for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
      days.add(new RevenueDay(day, new BigDecimal(usd)));
    }
    return days;
  }

  private static Map<LocalDate, BigDecimal> answered(List<RevenueDay> days) {
    Map<LocalDate, BigDecimal> answer = new HashMap<>();
    days.forEach(day -> answer.put(day.day(), day.revenueUsd()));
    return answer;
  }

  private static double difference(List<RevenueDay> ours, Map<LocalDate, BigDecimal> theirs) {
    return RevenueReconciliation.difference(ours, theirs, TODAY).orElseThrow().doubleValue();
  }

  @ParameterizedTest
  @CsvSource({
    // A month is closed on the 18th of the next.
    "2026-11-17, 2026-09-01",
    "2026-11-18, 2026-10-01",
    "2026-01-18, 2025-12-01",
    "2026-01-05, 2025-11-01",
    "2026-03-31, 2026-02-01"
  })
  void asks_from_the_first_day_of_the_last_closed_month(LocalDate today, LocalDate first) {
    assertEquals(first, RevenueReconciliation.first(today));
  }

  @Test
  void the_same_figures_do_not_differ() {
    List<RevenueDay> days = stored(LocalDate.of(2026, 10, 1), TODAY.minusDays(3), "10");
    assertEquals(0, difference(days, answered(days)));
  }

  @Test
  void a_wrong_day_of_the_closed_month_is_found_there() {
    List<RevenueDay> days = stored(LocalDate.of(2026, 10, 1), TODAY.minusDays(3), "10");
    Map<LocalDate, BigDecimal> answer = answered(days);
    answer.put(LocalDate.of(2026, 10, 3), new BigDecimal("16.20"));
    assertEquals(1.96, difference(days, answer), "6.20 of 316.20");
  }

  @Test
  void a_day_that_youtube_leaves_out_earned_nothing() {
    List<RevenueDay> days = stored(LocalDate.of(2026, 10, 1), TODAY.minusDays(3), "10");
    Map<LocalDate, BigDecimal> answer = answered(days);
    answer.remove(LocalDate.of(2026, 11, 2));
    assertEquals(6.25, difference(days, answer), "10 of the 160 of the month so far");
  }

  @Test
  void up_to_a_dollar_does_not_count() {
    List<RevenueDay> days = stored(LocalDate.of(2026, 11, 1), TODAY.minusDays(3), "0.10");
    Map<LocalDate, BigDecimal> answer = answered(days);
    answer.put(LocalDate.of(2026, 11, 2), new BigDecimal("1.10"));
    assertEquals(0, difference(days, answer));
    answer.put(LocalDate.of(2026, 11, 2), new BigDecimal("1.11"));
    assertEquals(50.25, difference(days, answer), "of the ten days that have settled");
  }

  @Test
  void days_under_revision_and_before_the_first_stored_are_left_out() {
    List<RevenueDay> days = stored(LocalDate.of(2026, 11, 1), TODAY.minusDays(3), "10");
    Map<LocalDate, BigDecimal> answer = answered(days);
    answer.put(TODAY.minusDays(3), new BigDecimal("90"));
    answer.put(LocalDate.of(2026, 10, 31), new BigDecimal("90"));
    assertEquals(0, difference(days, answer));
    assertEquals(Optional.empty(), RevenueReconciliation.difference(List.of(), answer, TODAY));
  }
}
