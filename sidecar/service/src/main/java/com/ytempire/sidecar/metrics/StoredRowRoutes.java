package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.metrics.StoredRowDao.After;
import com.ytempire.sidecar.metrics.StoredRowDao.Filter;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.EncodedAnswer;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.PageKey;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Routes that read a user's stored rows, page by page. Safe to share between threads. */
final class StoredRowRoutes {
  /** A key between 0 and 1 in a page's last row. */
  private static final Pattern RATE = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,9})?");

  /** A page ends with the row that comes to so many bytes: descriptions may be long. */
  private static final int PAGE_BYTES = 4 << 20;

  private final TenantAccess tenantAccess;

  StoredRowRoutes(TenantAccess tenantAccess) {
    this.tenantAccess = tenantAccess;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get(
                "/v1/users/{userId}/metric-breaks",
                "Read on which days YouTube changed what a figure means")
            .by(OPERATOR, SERVICE, USER)
            .answers("metric-breaks")
            .with(this::breaks),
        Endpoint.get(
                "/v1/users/{userId}/metrics/{kind}",
                "Read a user's stored rows of a kind, newest first")
            .by(OPERATOR, SERVICE, USER)
            .query("channelId", "Only this channel's.")
            .query("from", "First day, YYYY-MM-DD.")
            .query("to", "Last day, YYYY-MM-DD.")
            .query("after", "The `next` of the page before.")
            .query(
                "limit",
                "Rows a page at most, 1 to 5000; 1000 when left out. A page of about 4 MB has fewer.")
            .answers("metric-page")
            .in(Endpoint.Bulkhead.LARGE_READ)
            .with(this::read));
  }

  record Breaks(List<PlanDao.Break> breaks) {}

  private Breaks breaks(Request request) {
    return new Breaks(
        tenantAccess.as(
            request.caller(),
            request.id("userId", Type.UNKNOWN_USER),
            "metrics.read",
            handle -> handle.attach(PlanDao.class).breaks()));
  }

  private EncodedAnswer read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    RowKind kind =
        RowKind.of(request.path("kind"))
            .filter(RowKind::isStored)
            .orElseThrow(() ->
                Problem.of(
                    Type.NOT_FOUND,
                    "There are no rows of kind '%s'; there are: %s."
                        .formatted(
                            request.path("kind"),
                            String.join(
                                ", ", RowKind.STORED.stream().map(RowKind::label).toList()))));
    @Nullable String channelId = request.query("channelId").orElse(null);
    @Nullable LocalDate from = request.day("from").orElse(null);
    @Nullable LocalDate to = request.day("to").orElse(null);
    int limit = request.number("limit", 1000, 1, 5000);
    @Nullable After after =
        PageKey.decode(
                request, 1 + StoredRowDao.otherKeys(kind).size(), parts -> place(kind, parts))
            .orElse(null);
    Filter filter =
        new Filter(
            kind,
            channelId,
            from == null ? null : from.toString(),
            to == null ? null : to.plusDays(1).toString(),
            after,
            limit);
    return tenantAccess.as(
        request.caller(),
        userId,
        "metrics.read",
        handle -> {
          if (channelId != null) {
            Channels.require(handle, channelId);
          }
          return page(new StoredRowDao(handle), filter, userId);
        });
  }

  /** {@code schemas/metric-page.json}. A transaction that is run again begins a new one. */
  private static EncodedAnswer page(StoredRowDao dao, Filter filter, UUID userId) {
    EncodedAnswer page = new EncodedAnswer();
    try (JsonGenerator json = page.generator()) {
      json.writeStartObject();
      json.writeName("rows");
      @Nullable After last =
          dao.write(filter, userId.toString(), json, () -> page.size() >= PAGE_BYTES);
      json.writeName("next");
      json.writePOJO(last == null ? null : key(last));
      json.writeEndObject();
    }
    return page;
  }

  private static String key(After last) {
    return PageKey.encode(
        Stream.concat(Stream.of(last.time()), last.keys().stream()).toArray(String[]::new));
  }

  /** The place that the parts of a page's key name. */
  private static After place(RowKind kind, List<String> parts) {
    try {
      String time =
          kind.time().type() == RowField.Type.DAY
              ? Timestamps.day(parts.getFirst()).toString()
              : Timestamps.instant(parts.getFirst()).toString();
      List<String> keys = parts.subList(1, parts.size());
      List<RowField> fields = StoredRowDao.otherKeys(kind);
      for (int key = 0; key < keys.size(); key++) {
        check(fields.get(key).type(), keys.get(key));
      }
      return new After(time, keys);
    } catch (InvalidValue e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Checks a key of a page's last row, which the database is to take as its column's type. */
  private static void check(RowField.Type type, String key) throws InvalidValue {
    if (type == RowField.Type.DAY) {
      var _ = Timestamps.day(key);
    } else if (type == RowField.Type.RATE && !RATE.matcher(key).matches()) {
      throw new InvalidValue("must be a number");
    }
  }
}
