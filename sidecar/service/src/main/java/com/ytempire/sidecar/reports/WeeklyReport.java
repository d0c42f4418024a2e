package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.FiguresDao.ChannelFigures;
import com.ytempire.sidecar.reports.FiguresDao.Totals;
import com.ytempire.sidecar.reports.ReportPage.Headline;
import com.ytempire.sidecar.reports.ReportPage.Pair;
import com.ytempire.sidecar.reports.ReportPage.Section;
import com.ytempire.sidecar.reports.ReportPage.Tile;
import com.ytempire.sidecar.reports.ReportPage.Tone;
import com.ytempire.sidecar.wording.FigureFormat;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The weekly report: the newest 7 reported days against the 7 before, the user's own best channels,
 * and what to do next.
 */
final class WeeklyReport {
  private static final int CHART_DAYS = 56;
  private static final int WEEK = 7;

  private final FiguresDao figures;
  private final ReportPeriod about;
  private final FigureFormat format;

  private WeeklyReport(FiguresDao figures, ReportPeriod about, FigureFormat format) {
    this.figures = figures;
    this.about = about;
    this.format = format;
  }

  /** The first of the days that a report up to this day is about. */
  static LocalDate firstDay(LocalDate until) {
    return until.minusDays(WEEK - 1);
  }

  /**
   * @param until the newest reported day
   * @param sentences that introduce it
   */
  static ReportPage of(
      FiguresDao figures,
      ReportPeriod about,
      FigureFormat format,
      LocalDate until,
      List<String> sentences) {
    return new WeeklyReport(figures, about, format).page(until, sentences);
  }

  /** The report of a user of whom YouTube has reported nothing yet. */
  static ReportPage withoutFigures(FiguresDao figures, ReportPeriod about, FigureFormat format) {
    LocalDate today = about.today();
    GoalProgress goal = new GoalProgress(figures.month(today), figures.projection(today), format);
    return new ReportPage(
        "Your week: nothing reported yet",
        goal.preheader(),
        "Weekly report",
        format.longDay(about.period()),
        List.of(),
        new Headline(
            "Week over week", FigureFormat.UNKNOWN, Tone.PLAIN, "YouTube has reported no days."),
        goal.progress(),
        List.of(),
        List.of(),
        null,
        List.of(),
        null);
  }

  private ReportPage page(LocalDate until, List<String> sentences) {
    LocalDate today = about.today();
    GoalProgress goal = new GoalProgress(figures.month(today), figures.projection(today), format);
    LocalDate from = firstDay(until);
    Totals totals = figures.totals(from, until);
    List<ChannelFigures> channels = figures.channels(from, until);
    String period = format.days(from, until);
    Headline headline = headline(totals, period);
    return new ReportPage(
        subject(totals),
        "%s. %s".formatted(headline.note(), goal.progress().label()),
        "Weekly report",
        period,
        sentences,
        headline,
        goal.progress(),
        Pair.of(tiles(totals)),
        List.of(),
        ChannelBars.of(
            "Your channels",
            "Revenue, %s, and the change to the 7 days before".formatted(period),
            channels,
            format),
        advice(from, until, channels, sentences),
        RevenueCharts.of(figures.revenueDays(today, until.minusDays(CHART_DAYS - 1), until), format)
            .orElse(null));
  }

  /** What changed, or how much it was where there is nothing to compare with. */
  private String subject(Totals totals) {
    @Nullable BigDecimal revenue = totals.revenueChange();
    @Nullable BigDecimal views = totals.viewsChange();
    if (revenue != null) {
      return "Your week: %s revenue".formatted(format.growth(revenue));
    }
    return views == null
        ? "Your week: %s views".formatted(format.count(totals.views()))
        : "Your week: %s views".formatted(format.growth(views));
  }

  private Headline headline(Totals totals, String period) {
    @Nullable BigDecimal revenue = totals.revenueChange();
    if (revenue != null) {
      return new Headline(
          "Revenue, week over week",
          format.growth(revenue),
          Tone.of(revenue),
          "%s in %s, the newest days YouTube has reported, against %s in the 7 days before"
              .formatted(
                  format.usd(totals.revenueUsd()),
                  period,
                  format.usd(totals.previousRevenueUsd())));
    }
    @Nullable BigDecimal views = totals.viewsChange();
    return new Headline(
        "Views, week over week",
        views == null ? "No comparison yet" : format.growth(views),
        Tone.of(views),
        "%s views and %s of revenue in %s"
            .formatted(format.count(totals.views()), format.usd(totals.revenueUsd()), period));
  }

  private List<Tile> tiles(Totals totals) {
    return List.of(
        new Tile(
            "Views",
            format.count(totals.views()),
            totals.viewsChange() == null ? "" : format.growth(totals.viewsChange())),
        new Tile("Watch hours", format.count(totals.watchHours()), ""),
        new Tile("Subscribers", format.change(totals.netSubscribers()), "gained less lost"),
        new Tile(
            "Videos published", format.count(BigDecimal.valueOf(totals.videosPublished())), ""));
  }

  private List<Section> advice(
      LocalDate from, LocalDate until, List<ChannelFigures> channels, List<String> introduction) {
    WeeklyAdvice advice = new WeeklyAdvice(figures, about.today(), format);
    return Stream.of(
            new Section(
                "What works in your best channel",
                "",
                advice.bestPractices(channels, from, until, introduction)),
            new Section("Recommendations", "Our estimates", advice.recommendations(channels)),
            new Section("Opportunities", "Our estimates", advice.opportunities(until)))
        .filter(section -> !section.items().isEmpty())
        .toList();
  }
}
