package com.ytempire.sidecar.quality;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.PacificTime;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.PageKey;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Routes that read results of checks. */
public final class QualityRoutes {
  private static final int DAYS_OF_NEWEST = 3;
  private static final int DEFAULT_DAYS = 7;

  private final TenantAccess tenantAccess;
  private final Clock clock;

  public QualityRoutes(TenantAccess tenantAccess, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/quality",
                "Read what the checks of a user's data found, the newest result of each check and channel or those of some days")
            .by(OPERATOR, SERVICE, USER)
            .query("check", "Only this check.")
            .query(
                "results",
                "newest: the newest of each check and channel, of the last 3 days; all: those of `days`. newest when both are left out.")
            .query("days", "Days of all results, 1 to 90; 7 when left out.")
            .query("limit", "Results a page, 1 to 500; 100 when left out.")
            .query("after", "The `next` of the page before, all else the same.")
            .answers("quality-result-list")
            .with(this::results));
  }

  /** {@code schemas/quality-result.json}. */
  record Result(
      String check,
      @Nullable String channelId,
      @Nullable String channelName,
      LocalDate day,
      Instant checkedAt,
      String level,
      @Nullable Double value,
      String unit,
      double warnAt,
      double errorAt,
      String worstLevel,
      @Nullable Double worstValue) {}

  record Results(List<Result> results, @Nullable String next) {}

  /** A figure as the contract writes it. */
  static @Nullable Double number(@Nullable BigDecimal value) {
    return value == null ? null : value.doubleValue();
  }

  private Results results(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    @Nullable String check = request.query("check").map(QualityRoutes::known).orElse(null);
    boolean isNewest = isNewest(request);
    int days = request.number("days", DEFAULT_DAYS, 1, QualityMonitor.RESULT_DAYS);
    int limit = request.number("limit", 100, 1, 500);
    @Nullable ResultKey after = PageKey.decode(request, 3, ResultKey::of).orElse(null);
    @Nullable String afterCheck = after == null ? null : after.check();
    @Nullable String afterChannel = after == null ? null : after.channelId();
    LocalDate today = PacificTime.day(clock.instant());
    List<QualityDao.Result> found =
        tenantAccess.as(
            request.caller(),
            userId,
            "quality.read",
            handle -> {
              QualityDao dao = handle.attach(QualityDao.class);
              return isNewest
                  ? dao.newest(
                      today.minusDays(DAYS_OF_NEWEST), check, afterCheck, afterChannel, limit + 1)
                  : dao.history(
                      today.minusDays(days - 1L),
                      check,
                      after == null ? null : after.day(),
                      afterCheck,
                      afterChannel,
                      limit + 1);
            });
    boolean isMore = found.size() > limit;
    List<QualityDao.Result> page = isMore ? found.subList(0, limit) : found;
    return new Results(
        page.stream().flatMap(row -> result(row).stream()).toList(),
        isMore ? ResultKey.encode(page.getLast()) : null);
  }

  /** Whether the newest results alone are asked for; `days` by itself asks for all of them. */
  private static boolean isNewest(Request request) {
    boolean hasDays = request.query("days").isPresent();
    String results = request.query("results").orElse(hasDays ? "all" : "newest");
    if (!results.equals("newest") && !results.equals("all")) {
      throw Problem.invalid(
          "There are no such results.", List.of(new Fault("?results", "must be newest or all")));
    }
    boolean isNewest = results.equals("newest");
    if (isNewest && hasDays) {
      throw Problem.invalid(
          "The newest results are those of the last days, however many are asked for.",
          List.of(new Fault("?days", "needs results=all; leave it out")));
    }
    return isNewest;
  }

  private static List<Result> result(QualityDao.Result row) {
    return Check.find(row.checkName())
        .map(check ->
            new Result(
                check.label(),
                row.channelId(),
                row.channelName(),
                row.day(),
                row.checkedAt(),
                row.level(),
                number(row.value()),
                check.unit(),
                check.warnAt().doubleValue(),
                check.errorAt().doubleValue(),
                row.worstLevel(),
                number(row.worstValue())))
        .stream()
        .toList();
  }

  /** The key of a result; {@code channelId} is empty for a user's own. */
  private record ResultKey(LocalDate day, String check, String channelId) {
    static ResultKey of(List<String> parts) {
      return new ResultKey(PageKey.day(parts.get(0)), parts.get(1), parts.get(2));
    }

    static String encode(QualityDao.Result row) {
      @Nullable String channelId = row.channelId();
      return PageKey.encode(
          row.day().toString(), row.checkName(), channelId == null ? "" : channelId);
    }
  }

  private static String known(String name) {
    return Check.find(name)
        .orElseThrow(() ->
            Problem.invalid(
                "There is no such check.",
                List.of(
                    new Fault(
                        "?check",
                        "must be one of "
                            + Arrays.stream(Check.values())
                                .map(Check::label)
                                .collect(Collectors.joining(", "))))))
        .label();
  }
}
