package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.quota.Bucket;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Routes by which a channel's history is fetched further back than the plan looks. */
final class BackfillRoutes {
  private static final String PATH = "/v1/users/{userId}/channels/{channelId}/backfill";

  /** YouTube's first day. */
  private static final LocalDate FIRST_DAY = LocalDate.of(2005, 2, 14);

  private final TenantAccess tenantAccess;
  private final Clock clock;

  BackfillRoutes(TenantAccess tenantAccess, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post(PATH, "Have a channel's history fetched back to a day, little by little")
            .by(OPERATOR, SERVICE)
            .takes("backfill-start")
            .answers("backfill")
            .with(this::start),
        Endpoint.get(PATH, "Read how far the backfill of a channel has come")
            .by(OPERATOR, SERVICE, USER)
            .answers("backfill")
            .with(this::read),
        Endpoint.delete(PATH, "End the backfill of a channel; what was stored stays")
            .by(OPERATOR, SERVICE)
            .answersNothing()
            .with(this::stop));
  }

  private record Start(LocalDate startDate) {}

  private record ReportProgress(
      String report,
      LocalDate startDate,
      LocalDate reachedDate,
      int daysLeft,
      @Nullable Instant advancedAt) {}

  private record Progress(String channelId, List<ReportProgress> reports) {}

  private Progress start(Request request) {
    LocalDate startDate = request.body(Start.class).startDate();
    LocalDate today = LocalDate.ofInstant(clock.instant(), Bucket.PACIFIC);
    if (startDate.isBefore(FIRST_DAY) || startDate.isAfter(today)) {
      throw Problem.invalid(
          "A backfill cannot start on %s.".formatted(startDate),
          List.of(
              new Fault(
                  "/startDate",
                  "must be from %s to today, %s on YouTube (Pacific time)"
                      .formatted(FIRST_DAY, today))));
    }
    String channelId = request.path("channelId");
    return tenantAccess.as(
        request.caller(),
        userId(request),
        "backfill.start",
        handle -> {
          Channels.require(handle, channelId);
          if (new StoreDao(handle).lockChannels(List.of(channelId)).isEmpty()) {
            throw Problem.of(
                Type.CHANNEL_INACTIVE,
                "The channel was disconnected, and what was fetched of it waits to be erased. Connect it again before starting a backfill.");
          }
          BackfillDao dao = handle.attach(BackfillDao.class);
          Backfill.REPORTS.forEach((report, window) ->
              dao.start(
                  channelId,
                  new String[] {report.label()},
                  startDate,
                  today.minusDays(window - 1L)));
          return progress(handle, channelId);
        });
  }

  private Progress read(Request request) {
    String channelId = request.path("channelId");
    return tenantAccess.as(
        request.caller(),
        userId(request),
        "backfill.read",
        handle -> {
          Channels.require(handle, channelId);
          return progress(handle, channelId);
        });
  }

  private @Nullable Object stop(Request request) {
    String channelId = request.path("channelId");
    tenantAccess.use(
        request.caller(),
        userId(request),
        "backfill.stop",
        handle -> {
          Channels.require(handle, channelId);
          handle.attach(BackfillDao.class).stop(channelId);
        });
    return null;
  }

  private static Progress progress(Handle handle, String channelId) {
    return new Progress(
        channelId,
        handle.attach(BackfillDao.class).of(channelId).stream()
            .map(stored ->
                new ReportProgress(
                    stored.report(),
                    stored.firstDay(),
                    stored.reached(),
                    (int) Math.max(0, ChronoUnit.DAYS.between(stored.firstDay(), stored.reached())),
                    stored.advancedAt()))
            .toList());
  }

  private static UUID userId(Request request) {
    return request.id("userId", Type.UNKNOWN_USER);
  }
}
