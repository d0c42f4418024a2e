package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.BulkQuery;
import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTube.BulkSum;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;

/**
 * Fetches breakdowns of a channel's days, added up from the files of the Reporting API. Safe to
 * share between threads.
 */
final class BulkReports implements ReportSource {
  private final YouTube youTube;
  private final ReportFiles files;

  BulkReports(YouTube youTube, ReportFiles files) {
    this.youTube = youTube;
    this.files = files;
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.BULK);
  }

  @Override
  public List<Outcome> fetch(FetchContext context, List<PlannedRequest> requests) {
    return requests.stream()
        .map(request -> files.fetch(context, request, new Sums(context, request)))
        .toList();
  }

  /** Files that are added up by the query of a report. */
  private final class Sums implements ReportFiles.Format {
    private final FetchContext context;
    private final PlannedRequest request;
    private final BulkQuery query;

    Sums(FetchContext context, PlannedRequest request) {
      this.context = context;
      this.request = request;
      this.query = request.report().bulk();
    }

    @Override
    public String jobName() {
      return query.reportType() + "-job";
    }

    @Override
    public String job(YouTube.Call call) {
      return youTube.bulkJob(call, query);
    }

    @Override
    public List<FetchedRow> read(YouTube.Call call, BulkReport file) {
      return youTube.bulkSums(call, file, query).stream()
          .map(sum -> row(context, request, sum))
          .toList();
    }
  }

  private static FetchedRow row(FetchContext context, PlannedRequest request, BulkSum sum) {
    FetchedRow row =
        context
            .row(request)
            .set("dimension", sum.dimension())
            .set("value", sum.value())
            .set("day", sum.day());
    for (RowField field : request.report().rowKind().fields()) {
      BigDecimal figure = sum.figures().get(field.json());
      if (figure != null) {
        row.set(
            field.json(),
            field.type() == RowField.Type.COUNT
                ? (Object) figure.max(BigDecimal.ZERO).longValueExact()
                : figure);
      }
    }
    return row;
  }
}
