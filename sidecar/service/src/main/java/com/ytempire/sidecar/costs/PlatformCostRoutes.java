package com.ytempire.sidecar.costs;

import static com.ytempire.sidecar.web.Role.OPERATOR;

import com.ytempire.sidecar.costs.PlatformDao.PlatformCost;
import com.ytempire.sidecar.costs.PlatformRecords.Page;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.PageKey;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Routes about what the platform itself costs. */
public final class PlatformCostRoutes {
  private static final String COSTS = "/v1/platform-costs";

  private final PlatformRecords records;
  private final PlatformCosts platformCosts;

  /**
   * Creates the routes.
   *
   * @param database by the second login
   */
  public PlatformCostRoutes(
      Database database, TenantAccess tenantAccess, PlatformCosts platformCosts) {
    this.records = new PlatformRecords(database, tenantAccess);
    this.platformCosts = platformCosts;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(COSTS, "List what the platform cost, by month")
            .by(OPERATOR)
            .query("after", "The `next` of the page before.")
            .query("limit", "Costs a page, 1 to 500; 100 when left out.")
            .answers("platform-cost-list")
            .with(this::list),
        Endpoint.post(
                COSTS,
                "Record what the platform cost in a month; it is shared when the month has ended")
            .by(OPERATOR)
            .takes("platform-cost-record")
            .answers("platform-cost-list")
            .with(this::record));
  }

  /** {@code schemas/platform-cost-list.json}. */
  record PlatformCostList(List<PlatformCost> costs, @Nullable String next) {}

  /** {@code schemas/platform-cost-record.json}. */
  record PlatformCostRecord(YearMonth month, String category, BigDecimal usd) {}

  private PlatformCostList list(Request request) {
    Page<PlatformCost> page =
        records.page(
            request,
            "platform-costs.read",
            2,
            PlatformDao::platformCosts,
            cost -> PageKey.encode(cost.month() + "-01", cost.category()));
    return new PlatformCostList(page.rows(), page.next());
  }

  private PlatformCostList record(Request request) {
    PlatformCostRecord body = request.body(PlatformCostRecord.class);
    records.useAudited(
        request,
        "platform-costs.record",
        handle -> {
          PlatformDao dao = handle.attach(PlatformDao.class);
          if (!dao.record(body.month().atDay(1), body.category(), body.usd())) {
            throw Problem.of(
                Type.MONTH_BOOKED,
                "The costs of %s in %s are in the ledgers of the users already, and booked costs stay. Record the difference with the running month."
                    .formatted(body.category(), body.month()));
          }
        });
    // A month that has ended is due at once.
    platformCosts.allocate();
    return list(request);
  }
}
