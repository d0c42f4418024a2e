package com.ytempire.sidecar.metrics;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.cache.Cache;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.metrics.StoreDao.After;
import com.ytempire.sidecar.oauth.Grants;
import com.ytempire.sidecar.tenancy.Acting;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.youtube.YouTube;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Routes that fetch metrics from YouTube, store them and read what is stored. */
public final class MetricRoutes {
  private final Acting acting;
  private final Fetch fetch;
  private final Store store;

  public MetricRoutes(
      Database database,
      Acting acting,
      Grants grants,
      YouTube youTube,
      Cache cache,
      Contract contract,
      Clock clock) {
    this.acting = acting;
    this.fetch = new Fetch(acting, database, grants, youTube, cache, clock);
    this.store = new Store(database, acting, contract, clock);
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post(
                "/v1/metrics/fetch",
                "Fetch metrics of many channels from YouTube, thriftily and in fair turn")
            .by(OPERATOR, SERVICE, USER)
            .takes("fetch-request")
            .answers("fetch-result")
            .with(request -> fetch.fetch(request.caller(), request.body(Fetch.Asked.class))),
        Endpoint.post(
                "/v1/metrics/store", "Store rows; says of each what became of it, after the commit")
            .by(OPERATOR, SERVICE)
            .takes("store-request")
            .answers("store-result")
            .with(this::store),
        Endpoint.get(
                "/v1/users/{userId}/metrics/{kind}",
                "Read a user's stored rows of a kind, newest first")
            .by(OPERATOR, SERVICE, USER)
            .query("channelId", "Only this channel's.")
            .query("from", "First day, YYYY-MM-DD.")
            .query("to", "Last day, YYYY-MM-DD.")
            .query("after", "The `next` of the page before.")
            .query("limit", "Rows a page, 1 to 5000; 1000 when left out.")
            .answers("metric-page")
            .with(this::read));
  }

  private Store.Result store(Request request) {
    JsonNode rows = request.body().get("rows");
    return store.store(request.caller(), List.copyOf(rows.values()));
  }

  record Page(List<Map<String, @Nullable Object>> rows, @Nullable String next) {}

  private Page read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    RowKind kind =
        RowKind.of(request.path("kind"))
            .orElseThrow(() ->
                Problem.of(
                    Type.NOT_FOUND,
                    "There are no rows of kind '%s'; there are: %s."
                        .formatted(
                            request.path("kind"),
                            String.join(
                                ", ",
                                List.of(RowKind.values()).stream().map(RowKind::label).toList()))));
    @Nullable String channelId = request.query("channelId").orElse(null);
    @Nullable LocalDate from = request.day("from").orElse(null);
    @Nullable LocalDate to = request.day("to").orElse(null);
    int limit = request.number("limit", 1000, 1, 5000);
    @Nullable After after = request.query("after").map(MetricRoutes::open).orElse(null);
    List<Map<String, @Nullable Object>> rows =
        acting.as(
            request.caller(),
            userId,
            "metrics.read",
            handle -> {
              if (channelId != null) {
                Channels.require(handle, channelId);
              }
              return new StoreDao(handle)
                  .read(
                      kind,
                      userId.toString(),
                      channelId,
                      from == null ? null : from.toString(),
                      to == null ? null : to.plusDays(1).toString(),
                      after,
                      limit + 1);
            });
    boolean more = rows.size() > limit;
    List<Map<String, @Nullable Object>> page = more ? rows.subList(0, limit) : rows;
    return new Page(page, more ? seal(kind, page.getLast()) : null);
  }

  private static String seal(RowKind kind, Map<String, @Nullable Object> last) {
    String place = last.get(kind.time().json()) + " " + last.get(kind.fields().getFirst().json());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(place.getBytes(StandardCharsets.UTF_8));
  }

  private static After open(String sealed) {
    try {
      String[] parts =
          new String(Base64.getUrlDecoder().decode(sealed), StandardCharsets.UTF_8).split(" ", 2);
      if (parts.length == 2 && parts[0].matches("\\d{4}-\\d{2}-\\d{2}(T[0-9:.]+Z)?")) {
        return new After(parts[0], parts[1]);
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw Problem.invalid(
        "`after` is not the `next` of a page of this listing.",
        List.of(new Fault("?after", "must be the `next` of the page before")));
  }
}
