package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.FiguresDao.MonthResult;
import com.ytempire.sidecar.reports.FiguresDao.RevenueDay;
import com.ytempire.sidecar.reports.FiguresDao.Totals;
import com.ytempire.sidecar.reports.ReportPage.Headline;
import com.ytempire.sidecar.reports.ReportPage.Pair;
import com.ytempire.sidecar.reports.ReportPage.Section;
import com.ytempire.sidecar.reports.ReportPage.Statement;
import com.ytempire.sidecar.reports.ReportPage.Tile;
import com.ytempire.sidecar.reports.ReportPage.Tone;
import com.ytempire.sidecar.wording.FigureFormat;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The monthly statement: revenue, costs and net profit of the month that ended, channels by
 * revenue, and growth over the last months. On the 1st YouTube's newest days are missing; the
 * statement says which.
 */
final class MonthlyReport {
  private static final int MONTHS = 6;

  private final FiguresDao figures;
  private final ReportPeriod about;
  private final FigureFormat format;

  private MonthlyReport(FiguresDao figures, ReportPeriod about, FigureFormat format) {
    this.figures = figures;
    this.about = about;
    this.format = format;
  }

  static ReportPage of(FiguresDao figures, ReportPeriod about, FigureFormat format) {
    return new MonthlyReport(figures, about, format).page();
  }

  private ReportPage page() {
    LocalDate today = about.today();
    LocalDate first = about.period().minusMonths(1).withDayOfMonth(1);
    LocalDate last = first.plusMonths(1).minusDays(1);
    Optional<LocalDate> known =
        figures.revenueKnownUntil(today).filter(day -> !day.isBefore(first));
    LocalDate until = known.filter(day -> day.isBefore(last)).orElse(last);
    Totals totals = figures.totals(first, last);
    List<RevenueDay> days = figures.revenueDays(today, first, last);
    List<MonthResult> months = figures.months(today, first.minusMonths(MONTHS - 1L), first);
    String month = format.month(first);
    String missing = missing(known, last);
    @Nullable BigDecimal profit = totals.profitUsd();
    BigDecimal revenue = totals.revenueUsd();
    return new ReportPage(
        "%s: %s"
            .formatted(
                month, revenue == null ? "no revenue reported" : format.usd(revenue) + " revenue"),
        profit == null ? missing : "Net profit %s. %s".formatted(format.usd(profit), missing),
        "Monthly statement",
        month,
        List.of(),
        profit != null
            ? new Headline("Net profit, " + month, format.cents(profit), Tone.of(profit), missing)
            : new Headline("Revenue, " + month, format.cents(revenue), Tone.PLAIN, missing),
        null,
        Pair.of(tiles(totals)),
        statement(totals, until, last),
        ChannelBars.of(
            "Channels by revenue",
            "%s, and the change to the month before".formatted(month),
            figures.channels(first, until),
            format),
        List.of(growth(months, first, known.filter(day -> !day.isBefore(last)).isPresent())),
        RevenueCharts.of(days, format).orElse(null));
  }

  private String missing(Optional<LocalDate> known, LocalDate last) {
    if (known.isEmpty()) {
      return "YouTube has reported no revenue of this month.";
    }
    long days = ChronoUnit.DAYS.between(known.get(), last);
    return days <= 0
        ? "All days are reported; YouTube may still correct them."
        : "As of %s: YouTube has not reported the last %s yet, so the total will rise."
            .formatted(format.day(known.get()), days == 1 ? "day" : days + " days");
  }

  private List<Statement> statement(Totals totals, LocalDate until, LocalDate last) {
    return List.of(
        new Statement(
            "Total revenue",
            format.cents(totals.revenueUsd()),
            until.isBefore(last) ? "as of " + format.day(until) : "",
            false,
            Tone.PLAIN),
        new Statement(
            "Total costs",
            totals.costUsd() == null ? "none booked" : format.cents(totals.costUsd()),
            "as booked",
            false,
            Tone.PLAIN),
        new Statement(
            "Net profit",
            totals.profitUsd() == null ? "unknown without costs" : format.cents(totals.profitUsd()),
            "our calculation",
            true,
            Tone.of(totals.profitUsd())));
  }

  private List<Tile> tiles(Totals totals) {
    return List.of(
        new Tile("Views", format.count(totals.views()), ""),
        new Tile("Watch hours", format.count(totals.watchHours()), ""),
        new Tile("Subscribers", format.change(totals.netSubscribers()), "gained less lost"),
        new Tile(
            "Videos published", format.count(BigDecimal.valueOf(totals.videosPublished())), ""));
  }

  private Section growth(List<MonthResult> months, LocalDate first, boolean isWhole) {
    List<String> lines = new ArrayList<>();
    @Nullable BigDecimal before = null;
    for (MonthResult month : months) {
      @Nullable BigDecimal revenue = month.revenueUsd();
      boolean isSoFar = month.month().equals(first) && !isWhole;
      lines.add(
          "%s: %s%s"
              .formatted(
                  format.month(month.month()),
                  format.usd(revenue),
                  isSoFar ? " so far" : change(before, revenue)));
      before = revenue;
    }
    return new Section("Growth", "Revenue by month, and our calculation of its change", lines);
  }

  /** The change of a month against the one before, in parentheses; empty where there is none. */
  private String change(@Nullable BigDecimal before, @Nullable BigDecimal revenue) {
    return before == null || revenue == null || before.compareTo(BigDecimal.ONE) < 0
        ? ""
        : " (%s)"
            .formatted(
                format.growth(
                    revenue.divide(before, 4, RoundingMode.HALF_UP).subtract(BigDecimal.ONE)));
  }
}
