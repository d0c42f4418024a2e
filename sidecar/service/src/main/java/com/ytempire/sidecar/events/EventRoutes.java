package com.ytempire.sidecar.events;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.tenancy.ActivityLog;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.PageKey;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes that record a user's events and read how many there were. */
public final class EventRoutes {
  private static final int DEFAULT_DAYS = 7;

  private final TenantAccess tenantAccess;
  private final EventReader reader = new EventReader();
  private final int eventsPerDay;
  private final Clock clock;

  /**
   * @param eventsPerDay how many events are recorded of a user on a day (UTC)
   */
  public EventRoutes(TenantAccess tenantAccess, int eventsPerDay, Clock clock) {
    this.tenantAccess = tenantAccess;
    this.eventsPerDay = eventsPerDay;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post(
                "/v1/users/{userId}/events",
                "Record events of a user, up to 5,000 at a time; says of each what became of it, after the commit")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.SYNC)
            .takes("event-record-request")
            .answers("event-record-result")
            .with(this::record),
        Endpoint.get(
                "/v1/users/{userId}/event-counts",
                "Read how many events of a user were recorded, by hour, type and source, newest first")
            .by(OPERATOR, SERVICE, USER)
            .query("from", "First day, YYYY-MM-DD in UTC; when left out, six days before the last.")
            .query("to", "Last day, YYYY-MM-DD in UTC; today when left out.")
            .query("type", "Only events of this type.")
            .query("source", "Only events of this source.")
            .query("limit", "Counts a page, 1 to 1000; 100 when left out.")
            .query("after", "The `next` of the page before, all else the same.")
            .answers("event-count-page")
            .with(this::counts));
  }

  private Recorder.Result record(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Caller caller = request.caller();
    tenantAccess.require(caller, userId);
    Instant now = clock.instant();
    List<EventReader.ParsedEvent> batch =
        reader.readAll(request.body().path("events").values(), now);
    return tenantAccess.as(
        caller,
        userId,
        "events.record",
        handle ->
            Recorder.record(
                handle,
                batch,
                new DailyLimit(eventsPerDay, now),
                new ActivityLog.Origin(caller.workflowId(), caller.executionId())));
  }

  /** {@code schemas/event-count-page.json}. */
  record Page(LocalDate from, LocalDate to, List<EventCount> counts, @Nullable String next) {}

  private Page counts(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    LocalDate to =
        request.day("to").orElseGet(() -> LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
    LocalDate from = request.day("from").orElseGet(() -> to.minusDays(DEFAULT_DAYS - 1));
    if (from.isAfter(to)) {
      throw Problem.invalid(
          "The first day, %s, is after the last, %s.".formatted(from, to),
          List.of(new Fault("?from", "must not be after to")));
    }
    int limit = request.number("limit", 100, 1, 1000);
    @Nullable EventCount after = PageKey.decode(request, 3, EventRoutes::decoded).orElse(null);
    List<EventCount> found =
        tenantAccess.as(
            request.caller(),
            userId,
            "events.counts",
            handle ->
                new EventDao(handle)
                    .counts(
                        from.atStartOfDay().toInstant(ZoneOffset.UTC),
                        to.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC),
                        request.query("type").orElse(null),
                        request.query("source").orElse(null),
                        after,
                        limit + 1));
    boolean isMore = found.size() > limit;
    List<EventCount> page = isMore ? found.subList(0, limit) : found;
    return new Page(from, to, page, isMore ? encoded(page.getLast()) : null);
  }

  private static String encoded(EventCount last) {
    return PageKey.encode(last.hour().toString(), last.type(), last.source());
  }

  private static EventCount decoded(List<String> parts) {
    return new EventCount(
        PageKey.instant(parts.get(0)).truncatedTo(ChronoUnit.HOURS), parts.get(1), parts.get(2), 0);
  }
}
