package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.reports.FiguresDao.Month;
import com.ytempire.sidecar.reports.FiguresDao.Projection;
import com.ytempire.sidecar.reports.ReportPage.Fill;
import com.ytempire.sidecar.reports.ReportPage.Progress;
import com.ytempire.sidecar.wording.FigureFormat;
import java.math.BigDecimal;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** Words and bar for a month on its way to the user's goal. */
final class GoalProgress {
  private static final String GREEN = "#137333";
  private static final String BLUE = "#0b57d0";

  private final Month month;
  private final Projection projection;
  private final FigureFormat format;

  GoalProgress(Month month, Projection projection, FigureFormat format) {
    this.month = month;
    this.projection = projection;
    this.format = format;
  }

  /** For the end of a subject; may be empty. */
  String inSubject() {
    @Nullable BigDecimal share = month.progress();
    return share == null ? "" : ", %s of your month's goal".formatted(format.share(share));
  }

  String preheader() {
    return progress().label() + ". " + progress().note();
  }

  Progress progress() {
    @Nullable BigDecimal share = month.progress();
    String target = format.dollars(month.targetUsd());
    @Nullable LocalDate until = month.knownUntil();
    if (share == null || until == null) {
      return new Progress(
          "Goal: %s in %s".formatted(target, format.month(month.month())),
          Fill.of(null, BLUE),
          words());
    }
    return new Progress(
        "%s of %s in %s, %s of your goal"
            .formatted(
                format.usd(month.revenueUsd()),
                target,
                format.month(month.month()),
                format.share(share)),
        Fill.of(share, "reached".equals(month.status()) ? GREEN : BLUE),
        "As of %s, %d of %d days. %s"
            .formatted(format.day(until), month.knownDays(), month.daysInMonth(), words()));
  }

  private String words() {
    return switch (month.status()) {
      case "reached" -> "Reached.";
      case "not-monetized" -> "None of your channels is monetized.";
      case "no-revenue-yet" -> "No revenue has been reported yet.";
      case "not-reported-yet" -> "YouTube has reported no day of this month yet.";
      default ->
          "Our estimate: at this pace %s by the end of the month%s."
              .formatted(
                  month.expectedUsd() == null
                      ? FigureFormat.UNKNOWN
                      : format.dollars(month.expectedUsd()),
                  outlook());
    };
  }

  /** When a month's goal is reached, if growth goes on. */
  private String outlook() {
    @Nullable Integer days = projection.daysLeft();
    return switch (projection.projection()) {
      case "reached" -> ", and on the way to the goal";
      case "too little history", "no revenue reported" -> "";
      case "not at this pace" -> "; revenue is not growing towards the goal";
      case "more than a year" -> "; the goal is more than a year away at the growth of 8 weeks";
      default ->
          days == null
              ? ""
              : "; the goal's daily pace in %d days at the growth of 8 weeks".formatted(days);
    };
  }
}
