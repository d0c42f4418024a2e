package com.ytempire.sidecar.costs;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;

import com.ytempire.sidecar.costs.PlatformDao.PlatformCost;
import com.ytempire.sidecar.costs.PlatformDao.Price;
import com.ytempire.sidecar.costs.PlatformDao.StoredTotal;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Work;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Routes about what concerns all users' costs: prices, the platform's costs, providers' totals. */
public final class PlatformCostRoutes {
  /** Ledger and provider may differ by so much. */
  private static final BigDecimal LIMIT = new BigDecimal("0.02");

  private final Database database;
  private final TenantAccess tenantAccess;
  private final PlatformCosts platformCosts;
  private final Clock clock;

  /**
   * Creates the routes.
   *
   * @param database by the second login
   */
  public PlatformCostRoutes(
      Database database, TenantAccess tenantAccess, PlatformCosts platformCosts, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.platformCosts = platformCosts;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/prices", "List the prices by which quantities are booked")
            .by(OPERATOR, SERVICE)
            .query("after", "The `next` of the page before.")
            .query("limit", "Prices a page, 1 to 500; 100 when left out.")
            .answers("price-list")
            .with(this::prices),
        Endpoint.create("/v1/prices", "Add a price from a day on")
            .by(OPERATOR)
            .takes("price-create")
            .answers("price")
            .with(this::addPrice),
        Endpoint.delete("/v1/prices", "Delete a price that was added by mistake; booked costs stay")
            .by(OPERATOR)
            .query("provider", "Its provider.")
            .query("model", "Its model; left out: that of all models.")
            .query("unit", "Its unit.")
            .query("validFrom", "Its first day, YYYY-MM-DD.")
            .with(this::deletePrice),
        Endpoint.get("/v1/platform-costs", "List what the platform cost, by month")
            .by(OPERATOR)
            .query("after", "The `next` of the page before.")
            .query("limit", "Costs a page, 1 to 500; 100 when left out.")
            .answers("platform-cost-list")
            .with(this::platformCosts),
        Endpoint.post(
                "/v1/platform-costs",
                "Record what the platform cost in a month; it is shared when the month has ended")
            .by(OPERATOR)
            .takes("platform-cost-record")
            .answers("platform-cost-list")
            .with(this::recordPlatformCost),
        Endpoint.get("/v1/provider-totals", "List comparisons of the ledger with providers' totals")
            .by(OPERATOR, SERVICE)
            .query("after", "The `next` of the page before.")
            .query("limit", "Comparisons a page, 1 to 500; 100 when left out.")
            .answers("provider-total-list")
            .with(this::totals),
        Endpoint.post(
                "/v1/provider-totals",
                "Compare a provider's own total of a month with the ledger of all users")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("provider-total-record")
            .answers("provider-total")
            .with(this::recordTotal));
  }

  /** {@code schemas/price-list.json}. */
  record PriceList(List<Price> prices, @Nullable String next) {}

  /** {@code schemas/price-create.json}. */
  record PriceCreate(
      String provider,
      @Nullable String model,
      String unit,
      LocalDate validFrom,
      BigDecimal usd,
      @Nullable Integer per) {}

  /** {@code schemas/platform-cost-list.json}. */
  record PlatformCostList(List<PlatformCost> costs, @Nullable String next) {}

  /** {@code schemas/platform-cost-record.json}. */
  record PlatformCostRecord(YearMonth month, String category, BigDecimal usd) {}

  /** {@code schemas/provider-total-record.json}. */
  record TotalRecord(String provider, YearMonth month, String unit, BigDecimal total) {}

  /** {@code schemas/provider-total.json}. */
  record Total(
      String provider,
      String month,
      String unit,
      BigDecimal total,
      BigDecimal ledger,
      @Nullable Double difference,
      boolean isWithinLimit,
      Instant checkedAt) {
    static Total of(StoredTotal stored) {
      BigDecimal off = stored.ledger().subtract(stored.total());
      return new Total(
          stored.provider(),
          stored.month(),
          stored.unit(),
          stored.total(),
          stored.ledger(),
          stored.total().signum() == 0
              ? null
              : off.divide(stored.total(), MathContext.DECIMAL32).doubleValue(),
          off.abs().compareTo(stored.total().multiply(LIMIT)) <= 0,
          stored.checkedAt());
    }
  }

  /** {@code schemas/provider-total-list.json}. */
  record TotalList(List<Total> totals, @Nullable String next) {}

  private PriceList prices(Request request) {
    Page<Price> page =
        page(
            request,
            "prices.read",
            3,
            PlatformDao::prices,
            price ->
                new PageKey(
                    price.validFrom(),
                    List.of(
                        price.provider(),
                        price.model() == null ? "" : price.model(),
                        price.unit())));
    return new PriceList(page.rows(), page.next());
  }

  private Price addPrice(Request request) {
    PriceCreate body = request.body(PriceCreate.class);
    if (!Request.isOfOurTime(body.validFrom().atStartOfDay().toInstant(ZoneOffset.UTC))) {
      throw invalid("/validFrom", "must be a day from 2000 to 2999");
    }
    Price price =
        new Price(
            body.provider(),
            body.model(),
            body.unit(),
            body.validFrom(),
            body.usd(),
            body.per() == null ? 1 : body.per());
    boolean isSame =
        audited(
            request,
            "price.add",
            handle ->
                handle
                    .attach(PlatformDao.class)
                    .add(
                        price.provider(),
                        price.model(),
                        price.unit(),
                        price.validFrom(),
                        price.usd(),
                        price.per()));
    if (!isSame) {
      throw Problem.of(
          Type.PRICE_EXISTS,
          "There is another price of this unit from %s on. A change of a price is a price from another day on; delete the other where it was a mistake."
              .formatted(price.validFrom()));
    }
    return price;
  }

  private @Nullable Object deletePrice(Request request) {
    String provider = required(request, "provider");
    String unit = required(request, "unit");
    LocalDate validFrom = request.day("validFrom").orElseThrow(() -> missing("validFrom"));
    boolean isDeleted =
        audited(
            request,
            "price.delete",
            handle ->
                handle
                    .attach(PlatformDao.class)
                    .delete(provider, request.query("model").orElse(null), unit, validFrom));
    if (!isDeleted) {
      throw Problem.of(Type.NOT_FOUND, "There is no such price from %s on.".formatted(validFrom));
    }
    return null;
  }

  private PlatformCostList platformCosts(Request request) {
    Page<PlatformCost> page =
        page(
            request,
            "platform-costs.read",
            1,
            PlatformDao::platformCosts,
            cost -> new PageKey(firstDay(cost.month()), List.of(cost.category())));
    return new PlatformCostList(page.rows(), page.next());
  }

  private PlatformCostList recordPlatformCost(Request request) {
    PlatformCostRecord body = request.body(PlatformCostRecord.class);
    var _ =
        audited(
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
              return true;
            });
    // A month that has ended is due at once.
    platformCosts.allocate();
    return platformCosts(request);
  }

  private TotalList totals(Request request) {
    Page<StoredTotal> page =
        page(
            request,
            "provider-totals.read",
            2,
            PlatformDao::totals,
            total -> new PageKey(firstDay(total.month()), List.of(total.provider(), total.unit())));
    return new TotalList(page.rows().stream().map(Total::of).toList(), page.next());
  }

  private Total recordTotal(Request request) {
    TotalRecord body = request.body(TotalRecord.class);
    LocalDate month = body.month().atDay(1);
    BigDecimal ledger = platformCosts.metered(body.provider(), body.unit(), month);
    StoredTotal total =
        new StoredTotal(
            body.provider(),
            body.month().toString(),
            body.unit(),
            body.total(),
            ledger,
            clock.instant());
    audited(
        request,
        "provider-totals.record",
        handle -> {
          var _ =
              handle
                  .attach(PlatformDao.class)
                  .recordTotal(
                      total.provider(),
                      month,
                      total.unit(),
                      total.total(),
                      total.ledger(),
                      total.checkedAt());
          return true;
        });
    return Total.of(total);
  }

  private static LocalDate firstDay(String month) {
    return YearMonth.parse(month).atDay(1);
  }

  /** A page of rows, and what the next one is asked for with; null: it is the last. */
  private record Page<T>(List<T> rows, @Nullable String next) {}

  /** Reads at most so many rows after a key. */
  @FunctionalInterface
  private interface Query<T> {
    List<T> rows(PlatformDao dao, @Nullable LocalDate day, String[] names, int limit);
  }

  private <T> Page<T> page(
      Request request, String action, int names, Query<T> query, Function<T, PageKey> key) {
    int limit = request.number("limit", 100, 1, 500);
    PageKey after = PageKey.of(request, names);
    List<T> found =
        audited(
            request,
            action,
            handle ->
                query.rows(
                    handle.attach(PlatformDao.class), after.day(), after.nameArray(), limit + 1));
    boolean isMore = found.size() > limit;
    List<T> rows = isMore ? found.subList(0, limit) : found;
    return new Page<>(rows, isMore ? key.apply(rows.getLast()).encoded() : null);
  }

  private <T> T audited(Request request, String action, Work<T> work) {
    return database.directory(handle -> {
      tenantAccess.auditPlatform(handle, request.caller(), action, "costs");
      return work.run(handle);
    });
  }

  private static String required(Request request, String name) {
    return request.query(name).orElseThrow(() -> missing(name));
  }

  private static Problem missing(String name) {
    return Problem.invalid(
        "The query parameter " + name + " is missing.",
        List.of(new Fault("?" + name, "is missing")));
  }

  private static Problem invalid(String pointer, String message) {
    return Problem.invalid(
        "The body does not fit: %s %s.".formatted(pointer, message),
        List.of(new Fault(pointer, message)));
  }
}
