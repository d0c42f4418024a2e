package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.FiguresDao.RevenueDay;
import com.ytempire.sidecar.reports.ReportPage.Chart;
import com.ytempire.sidecar.wording.FigureFormat;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The chart of a report with its title, and in words for whoever does not see it. */
final class RevenueCharts {
  private static final int FEWEST_DAYS = 3;

  private RevenueCharts() {}

  /** Empty where there are too few days to draw. */
  static Optional<Chart> of(List<RevenueDay> days, FigureFormat format) {
    if (days.size() < FEWEST_DAYS) {
      return Optional.empty();
    }
    BigDecimal sum =
        days.stream().map(RevenueDay::revenueUsd).reduce(BigDecimal.ZERO, BigDecimal::add);
    RevenueDay best = days.stream().max(Comparator.comparing(RevenueDay::revenueUsd)).orElseThrow();
    String period = format.days(days.getFirst().date(), days.getLast().date());
    return Optional.of(
        new Chart(
            "Revenue by day, " + period,
            "Revenue by day, %s: %s together; the best day was %s with %s."
                .formatted(
                    period,
                    format.usd(sum),
                    format.longDay(best.date()),
                    format.usd(best.revenueUsd())),
            RevenueChart.png(days, format)));
  }
}
