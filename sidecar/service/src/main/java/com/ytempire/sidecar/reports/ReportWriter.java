package com.ytempire.sidecar.reports;

import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.reports.ReportPage.Chart;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads the figures of a report and renders it. Safe to share between threads. */
final class ReportWriter {
  private final Database database;
  private final WeeklySentences sentences;
  private final ReportTemplates templates;
  private final @Nullable String dashboardsUrl;

  /**
   * @param dashboardsUrl where the button leads; null: there is none
   */
  ReportWriter(
      Database database,
      WeeklySentences sentences,
      ReportTemplates templates,
      @Nullable String dashboardsUrl) {
    this.database = database;
    this.sentences = sentences;
    this.templates = templates;
    this.dashboardsUrl = dashboardsUrl;
  }

  /**
   * Reads a report.
   *
   * @param language of its numbers
   */
  ReportPage page(ReportPeriod about, String language) {
    List<String> introduction =
        about.kind() == ReportKind.WEEKLY ? sentences.sentences(about.userId()) : List.of();
    return Tenant.as(
        about.userId(),
        () -> database.asTenant(handle -> page(handle, about, language, introduction)));
  }

  private static ReportPage page(
      Handle handle, ReportPeriod about, String language, List<String> introduction) {
    CompleteRollups.require(handle);
    FiguresDao figures = handle.attach(FiguresDao.class);
    FigureFormat format = new FigureFormat(language);
    return switch (about.kind()) {
      case DAILY -> DailyReport.of(figures, about, format);
      case WEEKLY -> WeeklyReport.of(figures, about, format, introduction);
      case MONTHLY -> MonthlyReport.of(figures, about, format);
    };
  }

  /**
   * Renders a report for one recipient.
   *
   * @param customer whose report it is
   */
  Mail.Content render(ReportPage page, ReportKind kind, String customer, String unsubscribeUrl) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("page", page);
    values.put("kind", kind.label());
    values.put("customer", customer);
    values.put("unsubscribeUrl", unsubscribeUrl);
    values.put("dashboardsUrl", dashboardsUrl);
    values.put("pictureId", Mail.PICTURE_ID);
    Chart chart = page.chart();
    return new Mail.Content(
        page.subject(),
        templates.html("report", values),
        templates.text("report", values),
        chart == null ? null : chart.png());
  }
}
