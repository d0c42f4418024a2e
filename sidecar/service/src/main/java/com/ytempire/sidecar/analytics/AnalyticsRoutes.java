package com.ytempire.sidecar.analytics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.LargeAnswer;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes that read a user's stored analytics, one view at a time. */
public final class AnalyticsRoutes {
  private final TenantAccess tenantAccess;
  private final Clock clock;

  public AnalyticsRoutes(TenantAccess tenantAccess, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/analytics/{view}",
                "Read a view of a user's stored metrics, revenue and costs, as JSON or CSV; 503 with Retry-After while sums of videos are filled after an upgrade")
            .by(OPERATOR, SERVICE, USER)
            .query(
                "period",
                "Complete Pacific days: last-7-days, last-28-days (when left out), last-30-days, last-90-days, last-365-days, last-week (Monday to Sunday), this-month, last-month or year-to-date.")
            .query("from", "Instead of period: first day, YYYY-MM-DD.")
            .query("to", "Last day, YYYY-MM-DD; today when left out.")
            .query("channelId", "Only this channel; may be repeated, up to 50 times.")
            .query("sort", "A column of the view; with - before it, the largest first.")
            .query("limit", "Rows a page, 1 to 1000; 100 when left out.")
            .query("cursor", "The `nextCursor` of the page before, all else the same.")
            .query("interval", "Of the view days: day (when left out), week or month.")
            .query(
                "compare",
                "previous-period adds the as many days before; of totals, channel-comparison and cost-analysis.")
            .query("format", "json or csv; when left out, as Accept has it, and else json.")
            .answers("analytics-page")
            .answersFile("text/csv")
            .in(Endpoint.Bulkhead.LARGE_READ)
            .with(this::read));
  }

  /** {@code schemas/analytics-page.json}. */
  record Page(
      String view,
      @Nullable LocalDate asOf,
      @Nullable LocalDate from,
      @Nullable LocalDate to,
      List<Column> columns,
      List<Map<String, @Nullable Object>> rows,
      @Nullable String nextCursor)
      implements LargeAnswer {}

  private Object read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    AnalyticsQuery query = AnalyticsQuery.of(request, clock.instant());
    boolean isCsv = AnalyticsQuery.wantsCsv(request);
    Page page =
        tenantAccess.as(
            request.caller(),
            userId,
            "analytics.read",
            handle -> {
              if (query.channels() != null) {
                query.channels().forEach(id -> Channels.require(handle, id));
              }
              CompleteRollups.require(handle);
              AnalyticsDao dao = new AnalyticsDao(handle);
              return page(query, dao.asOf(query).orElse(null), dao.rows(query));
            });
    if (!isCsv) {
      return page;
    }
    if (page.nextCursor() != null) {
      request.answerHeader("X-Next-Cursor", page.nextCursor());
    }
    return new Endpoint.Download(
        page.view() + ".csv",
        new ByteArrayInputStream(
            Csv.write(page.columns(), page.rows()).getBytes(StandardCharsets.UTF_8)));
  }

  private static Page page(
      AnalyticsQuery query, @Nullable LocalDate asOf, List<Map<String, @Nullable Object>> rows) {
    boolean isMore = rows.size() > query.page().limit();
    Period.@Nullable Days days = query.days();
    return new Page(
        query.view().label(),
        asOf,
        days == null ? null : days.from(),
        days == null ? null : days.to(),
        query.columns(),
        isMore ? rows.subList(0, query.page().limit()) : rows,
        isMore ? query.nextCursor() : null);
  }
}
