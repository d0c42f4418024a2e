package com.ytempire.sidecar.costs;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;

import com.ytempire.sidecar.costs.PlatformDao.StoredTotal;
import com.ytempire.sidecar.costs.PlatformRecords.Page;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Users;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.PageKey;
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
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Compares providers' own totals of a month with the ledgers of all users, and keeps the
 * comparisons. Safe to share between threads.
 */
public final class ProviderTotals {
  private static final String TOTALS = "/v1/provider-totals";

  /** Ledger and provider may differ by so much. */
  private static final BigDecimal LIMIT = new BigDecimal("0.02");

  /** Calendar months whose comparisons are watched, this one among them. */
  private static final int WATCHED_MONTHS = 3;

  private static final int MAX_WATCHED = 500;

  private final Database database;
  private final PlatformRecords records;
  private final Clock clock;

  /** Comparisons that are not within the limit; null: they were not counted yet. */
  private volatile @Nullable Integer outsideLimit;

  /**
   * Creates it.
   *
   * @param database by the second login
   */
  public ProviderTotals(Database database, TenantAccess tenantAccess, Clock clock) {
    this.database = database;
    this.records = new PlatformRecords(database, tenantAccess);
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(TOTALS, "List comparisons of the ledger with providers' totals")
            .by(OPERATOR, SERVICE)
            .query("after", "The `next` of the page before.")
            .query("limit", "Comparisons a page, 1 to 500; 100 when left out.")
            .answers("provider-total-list")
            .with(this::list),
        Endpoint.post(
                TOTALS, "Compare a provider's own total of a month with the ledger of all users")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("provider-total-record")
            .answers("provider-total")
            .with(this::record));
  }

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
          isWithin(stored),
          stored.checkedAt());
    }
  }

  private static boolean isWithin(StoredTotal stored) {
    BigDecimal off = stored.ledger().subtract(stored.total());
    return off.abs().compareTo(stored.total().multiply(LIMIT)) <= 0;
  }

  /** {@code schemas/provider-total-list.json}. */
  record TotalList(List<Total> totals, @Nullable String next) {}

  private TotalList list(Request request) {
    Page<StoredTotal> page =
        records.page(
            request,
            "provider-totals.read",
            3,
            PlatformDao::totals,
            total -> PageKey.encode(total.month() + "-01", total.provider(), total.unit()));
    return new TotalList(page.rows().stream().map(Total::of).toList(), page.next());
  }

  private Total record(Request request) {
    TotalRecord body = request.body(TotalRecord.class);
    LocalDate month = body.month().atDay(1);
    BigDecimal ledger = metered(body.provider(), body.unit(), month);
    StoredTotal total =
        new StoredTotal(
            body.provider(),
            body.month().toString(),
            body.unit(),
            body.total(),
            ledger,
            clock.instant());
    records.useAudited(
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
        });
    count();
    return Total.of(total);
  }

  /** What the ledgers of all users hold of a provider in a calendar month, UTC. */
  private BigDecimal metered(String provider, String unit, LocalDate month) {
    List<UUID> users = Users.all(database);
    return database
        .idempotent()
        .acrossTenants(handle -> {
          BigDecimal sum = BigDecimal.ZERO;
          for (UUID user : users) {
            Database.enter(handle, user);
            sum = sum.add(handle.attach(CostDao.class).metered(provider, unit, month));
          }
          return sum;
        });
  }

  /** Counts the comparisons that are not within the limit; once an hour, and after each. */
  public void count() {
    String first =
        YearMonth.from(clock.instant().atZone(ZoneOffset.UTC))
            .minusMonths(WATCHED_MONTHS - 1L)
            .toString();
    List<StoredTotal> newest =
        database
            .idempotent()
            .directory(handle ->
                handle.attach(PlatformDao.class).totals(null, new String[0], MAX_WATCHED));
    outsideLimit =
        (int)
            newest.stream()
                .filter(total -> total.month().compareTo(first) >= 0 && !isWithin(total))
                .count();
  }

  /**
   * Comparisons of this month and the two before that are not within the limit, when last counted;
   * NaN: they were not yet.
   */
  public double outsideLimit() {
    @Nullable Integer counted = outsideLimit;
    return counted == null ? Double.NaN : counted;
  }
}
