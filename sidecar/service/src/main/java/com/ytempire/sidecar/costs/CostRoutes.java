package com.ytempire.sidecar.costs;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.costs.BookingReader.ParsedRow;
import com.ytempire.sidecar.costs.CostDao.ChannelCosts;
import com.ytempire.sidecar.costs.CostDao.Cost;
import com.ytempire.sidecar.costs.CostDao.Entry;
import com.ytempire.sidecar.costs.CostDao.VideoCosts;
import com.ytempire.sidecar.db.CompleteRollups;
import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes that book a user's costs and read them. */
public final class CostRoutes {
  private static final String COSTS = "/v1/users/{userId}/costs";

  private final TenantAccess tenantAccess;
  private final BookingReader reader;
  private final Clock clock;

  public CostRoutes(TenantAccess tenantAccess, Contract contract, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.reader = new BookingReader(contract);
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post(COSTS, "Book costs of a user, each once; answers for each row")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("cost-record")
            .answers("cost-record-result")
            .with(this::record),
        Endpoint.get(COSTS, "List booked costs of a user, newest first")
            .by(OPERATOR, SERVICE, USER)
            .query("from", "First Pacific day, YYYY-MM-DD.")
            .query("to", "Last Pacific day.")
            .query("channelId", "Only costs of this channel.")
            .query("videoId", "Only costs of this video.")
            .query("category", "Only costs of this category.")
            .query("after", "The `next` of the page before.")
            .query("limit", "Costs a page, 1 to 500; 100 when left out.")
            .answers("cost-page")
            .with(this::list),
        Endpoint.get(
                COSTS + "/summary",
                "Read what the videos of a month cost beside the limits, by channel and by video")
            .by(OPERATOR, SERVICE, USER)
            .query("month", "The Pacific month, YYYY-MM; the running one when left out.")
            .answers("cost-summary")
            .in(Endpoint.Bulkhead.LARGE_READ)
            .with(this::summary));
  }

  /** A row of {@code schemas/cost-record-result.json}. */
  record RowResult(
      int row,
      String outcome,
      @Nullable UUID costId,
      @Nullable BigDecimal amountUsd,
      @Nullable String message,
      List<Fault> faults) {}

  /** {@code schemas/cost-record-result.json}. */
  record Result(long booked, long unchanged, long rejected, List<RowResult> rows) {
    static Result of(List<RowResult> rows) {
      return new Result(
          count(rows, "booked"), count(rows, "unchanged"), count(rows, "rejected"), rows);
    }

    private static long count(List<RowResult> rows, String outcome) {
      return rows.stream().filter(row -> row.outcome().equals(outcome)).count();
    }
  }

  private Result record(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Instant now = clock.instant();
    List<ParsedRow> rows =
        request.body().get("rows").valueStream().map(row -> reader.read(row, now)).toList();
    List<Booking> bookings = new ArrayList<>();
    for (ParsedRow row : rows) {
      if (row.booking() != null) {
        bookings.add(row.booking());
      }
    }
    return tenantAccess.as(
        request.caller(),
        userId,
        "costs.record",
        handle -> {
          List<Ledger.Outcome> outcomes = new Ledger(handle, userId).book(bookings, now);
          return Result.of(results(rows, bookings, outcomes));
        });
  }

  private static List<RowResult> results(
      List<ParsedRow> rows, List<Booking> bookings, List<Ledger.Outcome> outcomes) {
    List<RowResult> results = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).booking() == null) {
        results.add(new RowResult(i, "rejected", null, null, null, rows.get(i).faults()));
      } else {
        results.add(result(i, bookings.get(next), outcomes.get(next)));
        next++;
      }
    }
    return results;
  }

  private static RowResult result(int row, Booking sent, Ledger.Outcome outcome) {
    if (!outcome.faults().isEmpty()) {
      return new RowResult(row, "rejected", null, null, null, outcome.faults());
    }
    @Nullable Entry entry = outcome.entry();
    if (entry == null) {
      return new RowResult(row, "unchanged", null, null, null, List.of());
    }
    BigDecimal usd = sent.amountUsd();
    boolean differs = !outcome.isNew() && usd != null && usd.compareTo(entry.amountUsd()) != 0;
    return new RowResult(
        row,
        outcome.isNew() ? "booked" : "unchanged",
        entry.costId(),
        entry.amountUsd(),
        differs
            ? "It was booked before with %s USD, and a booked cost stays. Book the difference with another externalId."
                .formatted(entry.amountUsd().stripTrailingZeros().toPlainString())
            : null,
        List.of());
  }

  /** {@code schemas/cost-page.json}. */
  record Page(List<Cost> costs, @Nullable UUID next) {}

  private Page list(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    int limit = request.number("limit", 100, 1, 500);
    @Nullable Instant from = request.day("from").map(CostRoutes::start).orElse(null);
    @Nullable Instant until = request.day("to").map(day -> start(day.plusDays(1))).orElse(null);
    List<Cost> found =
        tenantAccess.as(
            request.caller(),
            userId,
            "costs.read",
            handle ->
                handle
                    .attach(CostDao.class)
                    .list(
                        from,
                        until,
                        request.query("channelId").orElse(null),
                        request.query("videoId").orElse(null),
                        request.query("category").orElse(null),
                        request.uuid("after").orElse(null),
                        limit + 1));
    boolean more = found.size() > limit;
    List<Cost> page = more ? found.subList(0, limit) : found;
    return new Page(page, more ? page.getLast().costId() : null);
  }

  private static Instant start(LocalDate day) {
    return day.atStartOfDay(PacificTime.ZONE).toInstant();
  }

  /** A group of {@code schemas/cost-summary.json}. */
  record GroupCosts(
      String group,
      @Nullable BigDecimal costUsd,
      @Nullable BigDecimal costPerVideoUsd,
      BigDecimal limitUsd,
      boolean isPassed) {}

  /** {@code schemas/cost-summary.json}. */
  record Summary(
      String month,
      long videos,
      @Nullable BigDecimal bookedUsd,
      List<GroupCosts> groups,
      List<ChannelCosts> channels,
      List<VideoCosts> topVideos) {}

  private Summary summary(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    LocalDate month =
        request
            .query("month")
            .map(CostRoutes::month)
            .orElseGet(() -> CostLimits.monthOf(clock.instant()));
    return tenantAccess.as(
        request.caller(),
        userId,
        "costs.read",
        handle -> {
          CompleteRollups.require(handle);
          CostDao dao = handle.attach(CostDao.class);
          List<CostDao.Group> groups = dao.groups(new LocalDate[] {month}, new String[0]);
          return new Summary(
              YearMonth.from(month).toString(),
              groups.getFirst().videos(),
              dao.booked(month),
              groups.stream()
                  .map(each ->
                      new GroupCosts(
                          each.costGroup(),
                          each.costUsd(),
                          each.costPerVideoUsd(),
                          each.limitUsd(),
                          each.isPassed()))
                  .toList(),
              dao.byChannel(month),
              dao.byVideo(month));
        });
  }

  private static LocalDate month(String text) {
    try {
      if (text.matches("20[0-9]{2}-[0-9]{2}")) {
        return YearMonth.parse(text).atDay(1);
      }
    } catch (DateTimeParseException e) {
      // reported below
    }
    String message = "must be a month of this century as YYYY-MM, not '%s'".formatted(text);
    throw Problem.invalid(
        "The query parameter month " + message + ".", List.of(new Fault("?month", message)));
  }
}
