package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.youtube.YouTube;
import com.ytempire.sidecar.youtube.YouTube.BulkReport;
import com.ytempire.sidecar.youtube.YouTube.Reach;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fetches thumbnail impressions and click-through rates from the files of the Reporting API. Safe
 * to share between threads.
 */
final class Thumbnails implements ReportSource {
  /** As the contract has it: clicks may exceed impressions a little, percents are no shares. */
  private static final BigDecimal MAX_RATE = BigDecimal.TWO;

  private final YouTube youTube;
  private final ReportFiles files;

  Thumbnails(YouTube youTube, ReportFiles files) {
    this.youTube = youTube;
    this.files = files;
  }

  @Override
  public Set<Report> reports() {
    return Report.of(Report.Provider.THUMBNAILS);
  }

  @Override
  public List<Outcome> fetch(FetchContext context, List<PlannedRequest> requests) {
    return requests.stream()
        .map(request -> files.fetch(context, request, new Reaches(context, request)))
        .toList();
  }

  /** Files of the reach of thumbnails. */
  private final class Reaches implements ReportFiles.Format {
    private final FetchContext context;
    private final PlannedRequest request;

    Reaches(FetchContext context, PlannedRequest request) {
      this.context = context;
      this.request = request;
    }

    @Override
    public String jobName() {
      return "reach-job";
    }

    @Override
    public String job(YouTube.Call call) {
      return youTube.reachJob(call);
    }

    @Override
    public List<FetchedRow> read(YouTube.Call call, BulkReport file) {
      return youTube.reach(call, file).stream().map(reach -> row(context, request, reach)).toList();
    }
  }

  private static FetchedRow row(FetchContext context, PlannedRequest request, Reach reach) {
    FetchedRow row =
        context
            .row(request)
            .set("videoId", reach.videoId())
            .set("day", reach.day())
            .set("impressions", reach.impressions());
    @Nullable BigDecimal rate = reach.clickThroughRate();
    return rate == null || rate.compareTo(MAX_RATE) > 0 || rate.signum() < 0
        ? row
        : row.set("clickThroughRate", rate.doubleValue());
  }
}
