package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.FiguresDao.ChannelFigures;
import com.ytempire.sidecar.reports.FiguresDao.ObservedViews;
import com.ytempire.sidecar.reports.FiguresDao.RevenueDay;
import com.ytempire.sidecar.reports.FiguresDao.Video;
import com.ytempire.sidecar.reports.ReportPage.Headline;
import com.ytempire.sidecar.reports.ReportPage.Pair;
import com.ytempire.sidecar.reports.ReportPage.Section;
import com.ytempire.sidecar.reports.ReportPage.Tile;
import com.ytempire.sidecar.reports.ReportPage.Tone;
import com.ytempire.sidecar.wording.FigureFormat;
import com.ytempire.sidecar.wording.UntrustedText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The daily report: revenue of the newest day that YouTube has reported, the way to the goal, views
 * of yesterday, the best video, and channels that need attention.
 */
final class DailyReport {
  private static final int CHART_DAYS = 28;
  private static final int COMPARED_DAYS = 7;

  /** Views that fell by more than this share need attention. */
  private static final BigDecimal FALL = new BigDecimal("-0.3");

  private final FiguresDao figures;
  private final ReportPeriod about;
  private final FigureFormat format;

  private DailyReport(FiguresDao figures, ReportPeriod about, FigureFormat format) {
    this.figures = figures;
    this.about = about;
    this.format = format;
  }

  static ReportPage of(FiguresDao figures, ReportPeriod about, FigureFormat format) {
    return new DailyReport(figures, about, format).page();
  }

  private ReportPage page() {
    LocalDate today = about.today();
    Optional<LocalDate> known = figures.revenueKnownUntil(today);
    List<RevenueDay> days =
        known
            .map(until -> figures.revenueDays(today, until.minusDays(CHART_DAYS - 1), until))
            .orElse(List.of());
    Optional<RevenueDay> newest = days.isEmpty() ? Optional.empty() : Optional.of(days.getLast());
    GoalProgress goal = new GoalProgress(figures.month(today), figures.projection(today), format);
    String revenue = newest.map(day -> format.usd(day.revenueUsd())).orElse("No revenue yet");
    return new ReportPage(
        newest
                .map(day -> "%s on %s".formatted(revenue, format.longDay(day.date())))
                .orElse("Your channels")
            + goal.inSubject(),
        goal.preheader(),
        "Daily report",
        format.longDay(about.period()),
        List.of(),
        headline(newest, revenue),
        goal.progress(),
        Pair.of(tiles(today)),
        List.of(),
        null,
        List.of(attention(today)),
        RevenueCharts.of(days, format).orElse(null));
  }

  private Headline headline(Optional<RevenueDay> newest, String revenue) {
    if (newest.isEmpty()) {
      return new Headline(
          "Revenue", revenue, Tone.PLAIN, "YouTube has reported no revenue of your channels yet.");
    }
    RevenueDay day = newest.get();
    @Nullable BigDecimal mean = day.mean7dUsd();
    String label =
        "Revenue on %s, the newest day YouTube has reported".formatted(format.longDay(day.date()));
    if (mean == null || mean.signum() <= 0) {
      return new Headline(label, revenue, Tone.PLAIN, "");
    }
    BigDecimal change =
        day.revenueUsd().divide(mean, 4, RoundingMode.HALF_UP).subtract(BigDecimal.ONE);
    return new Headline(
        label,
        revenue,
        Tone.PLAIN,
        format.isUnchanged(change)
            ? "As much as your mean of 7 days, %s".formatted(format.usd(mean))
            : "%s against your mean of 7 days, %s"
                .formatted(format.growth(change), format.usd(mean)));
  }

  private List<Tile> tiles(LocalDate today) {
    List<Tile> tiles = new ArrayList<>();
    LocalDate yesterday = today.minusDays(1);
    ObservedViews observed =
        figures.observedViews(ReportPeriod.startOf(yesterday), ReportPeriod.startOf(today));
    tiles.add(
        new Tile(
            "Views yesterday",
            observed.channels() == 0 ? FigureFormat.UNKNOWN : format.count(observed.views()),
            observed.channels() == 0
                ? "The counters of %s were not all read.".formatted(format.day(yesterday))
                : "%s, from the current statistics of %d of %d channels"
                    .formatted(
                        format.longDay(yesterday),
                        observed.channels(),
                        observed.activeChannels())));
    Optional<LocalDate> known = figures.viewsKnownUntil(today);
    Optional<Video> best =
        known.flatMap(day -> figures.topVideos(day, day, 1).stream().findFirst());
    tiles.add(
        best.map(video ->
                new Tile(
                    "Top video on " + format.longDay(known.orElseThrow()),
                    UntrustedText.quoted(video.title()),
                    "%s views · %s".formatted(format.count(video.views()), video.channel())))
            .orElseGet(() ->
                new Tile("Top video", FigureFormat.UNKNOWN, "No views by video are there yet.")));
    return tiles;
  }

  private Section attention(LocalDate today) {
    List<String> items = new ArrayList<>();
    List<ChannelFigures> channels = figures.lastDays(COMPARED_DAYS, today);
    for (ChannelFigures channel : channels) {
      switch (channel.state()) {
        case "stopped" -> {}
        case "active", "not monetized" -> {
          @Nullable BigDecimal change = channel.viewsChange();
          if (change != null && change.compareTo(FALL) < 0) {
            items.add(
                "%s: views %s in the 7 days up to %s, against the 7 days before."
                    .formatted(
                        channel.channel(),
                        format.growth(change),
                        channel.asOf() == null ? "now" : format.day(channel.asOf())));
          }
        }
        default ->
            items.add(
                "%s: %s."
                    .formatted(
                        channel.channel(),
                        channel.state().equals("reconnect-needed")
                            ? "Google no longer lets us read it; connect it again"
                            : "it is not connected"));
      }
    }
    return new Section(
        "Channels that need attention", "", items.isEmpty() ? List.of(none(channels)) : items);
  }

  /** What is said where no channel needs attention; none may be without a comparison. */
  private static String none(List<ChannelFigures> channels) {
    long unknown =
        channels.stream()
            .filter(channel -> !channel.state().equals("stopped"))
            .filter(channel -> channel.viewsChange() == null)
            .count();
    if (channels.isEmpty()) {
      return "No channel is connected yet.";
    }
    return unknown == 0
        ? "None: all are connected, and none lost many views."
        : "None that is known yet: all are connected, and views of %d of %d cannot be compared with earlier days."
            .formatted(unknown, channels.size());
  }
}
