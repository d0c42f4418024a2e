package com.ytempire.sidecar.quality;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Users;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.PageKey;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes that read incidents. */
public final class IncidentRoutes {
  private static final int USERS_AT_ONCE = 100;

  /** As PostgreSQL orders them: IDs by their text, which is the order of their bytes. */
  private static final Comparator<QualityDao.Incident> NEWEST_FIRST =
      Comparator.comparing(QualityDao.Incident::openedAt)
          .thenComparing(incident -> incident.incidentId().toString())
          .reversed();

  private final Database database;
  private final TenantAccess tenantAccess;
  private final Clock clock;

  public IncidentRoutes(Database database, TenantAccess tenantAccess, Clock clock) {
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/quality/incidents", "Read a user's incidents, the newest first")
            .by(OPERATOR, SERVICE, USER)
            .query("state", "open or closed; left out: both.")
            .query("days", "Closed ones of so many days, 1 to 400; 30 when left out.")
            .query("limit", "Incidents a page, 1 to 500; 100 when left out.")
            .query("after", "The `next` of the page before, all else the same.")
            .answers("incident-list")
            .with(this::ofUser),
        Endpoint.get(
                "/v1/quality/incidents", "Read the incidents of all active users, the newest first")
            .by(OPERATOR, SERVICE)
            .query("state", "open or closed; left out: both.")
            .query("days", "Closed ones of so many days, 1 to 400; 30 when left out.")
            .query("limit", "Incidents a page, 1 to 500; 100 when left out.")
            .query("after", "The `next` of the page before, all else the same.")
            .answers("incident-list")
            .with(this::ofAll));
  }

  /** {@code schemas/incident.json}. */
  record Incident(
      UUID incidentId,
      UUID userId,
      String check,
      String state,
      Instant openedAt,
      Instant updatedAt,
      @Nullable Instant closedAt,
      @Nullable Double value,
      String unit,
      double threshold,
      int channels) {}

  record IncidentList(List<Incident> incidents, @Nullable String next) {}

  /** The key of an incident. */
  private record IncidentKey(Instant openedAt, UUID incidentId) {
    static IncidentKey of(List<String> parts) {
      return new IncidentKey(PageKey.instant(parts.get(0)), UUID.fromString(parts.get(1)));
    }

    static String encode(QualityDao.Incident row) {
      return PageKey.encode(row.openedAt().toString(), row.incidentId().toString());
    }
  }

  /** The choice of incidents that a request asks for. */
  private record Filter(
      boolean open, boolean closed, int days, int limit, @Nullable IncidentKey after) {
    static Filter of(Request request) {
      @Nullable String state = request.query("state").orElse(null);
      if (state != null && !state.equals("open") && !state.equals("closed")) {
        throw Problem.invalid(
            "There is no state '%s' of incidents.".formatted(state.length() > 40 ? "…" : state),
            List.of(new Fault("?state", "must be open or closed")));
      }
      return new Filter(
          !"closed".equals(state),
          !"open".equals(state),
          request.number("days", 30, 1, 400),
          request.number("limit", 100, 1, 500),
          PageKey.decode(request, 2, IncidentKey::of).orElse(null));
    }

    List<QualityDao.Incident> read(QualityDao dao, Instant now) {
      return dao.incidents(
          open,
          now.minus(closed ? Duration.ofDays(days) : Duration.ofDays(-1)),
          after == null ? null : after.openedAt(),
          after == null ? null : after.incidentId(),
          limit + 1);
    }

    /** The page of what was read, which is one more where others are behind it. */
    IncidentList page(List<QualityDao.Incident> read) {
      boolean isMore = read.size() > limit;
      List<QualityDao.Incident> rows = isMore ? read.subList(0, limit) : read;
      return new IncidentList(
          rows.stream().flatMap(row -> incident(row).stream()).toList(),
          isMore ? IncidentKey.encode(rows.getLast()) : null);
    }
  }

  private IncidentList ofUser(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    Filter filter = Filter.of(request);
    return filter.page(
        tenantAccess.as(
            request.caller(),
            userId,
            "quality.incidents",
            handle -> filter.read(handle.attach(QualityDao.class), clock.instant())));
  }

  private IncidentList ofAll(Request request) {
    Filter filter = Filter.of(request);
    List<UUID> users = List.copyOf(Users.weights(database).keySet());
    List<QualityDao.Incident> found = new ArrayList<>();
    for (int from = 0; from < users.size(); from += USERS_AT_ONCE) {
      List<UUID> some = users.subList(from, Math.min(users.size(), from + USERS_AT_ONCE));
      found.addAll(
          database.acrossTenants(handle -> {
            List<QualityDao.Incident> theirs = new ArrayList<>();
            Set<UUID> affected = new LinkedHashSet<>();
            for (UUID userId : some) {
              Database.enter(handle, userId);
              List<QualityDao.Incident> incidents =
                  filter.read(handle.attach(QualityDao.class), clock.instant());
              if (!incidents.isEmpty()) {
                affected.add(userId);
                theirs.addAll(incidents);
              }
            }
            tenantAccess.auditEach(handle, request.caller(), affected, "quality.incidents");
            return theirs;
          }));
      found.sort(NEWEST_FIRST);
      found.subList(Math.min(found.size(), filter.limit() + 1), found.size()).clear();
    }
    return filter.page(found);
  }

  private static List<Incident> incident(QualityDao.Incident row) {
    return Check.find(row.checkName())
        .map(check ->
            new Incident(
                row.incidentId(),
                row.userId(),
                check.label(),
                row.closedAt() == null ? "open" : "closed",
                row.openedAt(),
                row.updatedAt(),
                row.closedAt(),
                QualityRoutes.number(row.value()),
                check.unit(),
                check.errorAt().doubleValue(),
                row.channels()))
        .stream()
        .toList();
  }
}
