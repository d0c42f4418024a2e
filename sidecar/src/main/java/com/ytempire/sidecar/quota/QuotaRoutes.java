package com.ytempire.sidecar.quota;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.quota.Quota.BucketStatus;
import com.ytempire.sidecar.quota.Quota.Reservation;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Routes about the quota. */
public final class QuotaRoutes {
  private final Quota quota;
  private final Clock clock;

  public QuotaRoutes(Quota quota, Clock clock) {
    this.quota = quota;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/quota", "Read how all buckets stand")
            .by(OPERATOR, SERVICE, USER)
            .answers("quota-status")
            .with(this::status),
        Endpoint.post("/v1/quota/check", "Ask whether units are left; takes nothing")
            .by(OPERATOR, SERVICE, USER)
            .takes("quota-check")
            .answers("quota-check-result")
            .with(this::check),
        Endpoint.create(
                "/v1/quota/reservations", "Take units for calls that you make to Google yourself")
            .by(OPERATOR, SERVICE)
            .takes("quota-reserve")
            .answers("quota-reservation")
            .with(this::reserve),
        Endpoint.delete("/v1/quota/reservations/{reservationId}", "Give reserved units back")
            .by(OPERATOR, SERVICE)
            .with(this::release));
  }

  record Status(Instant asOf, List<BucketStatus> buckets) {}

  record Amount(String bucket, long units) {
    Bucket known() {
      return Bucket.of(bucket)
          .orElseThrow(() ->
              new IllegalStateException("the contract let the bucket '" + bucket + "' through"));
    }
  }

  record CheckResult(boolean enough, @Nullable Instant waitUntil, BucketStatus bucket) {}

  record Reserved(UUID reservationId, long units, BucketStatus bucket) {}

  private Status status(Request request) {
    return new Status(clock.instant(), Stream.of(Bucket.values()).map(quota::status).toList());
  }

  private CheckResult check(Request request) {
    Amount amount = request.body(Amount.class);
    BucketStatus status = quota.status(amount.known());
    boolean enough = status.remaining() >= amount.units();
    return new CheckResult(enough, enough ? null : status.resetsAt(), status);
  }

  private Reserved reserve(Request request) {
    Amount amount = request.body(Amount.class);
    Reservation reservation = quota.reserve(List.of(amount.known()), amount.units()).getFirst();
    return new Reserved(quota.keep(reservation), amount.units(), quota.status(amount.known()));
  }

  private @Nullable Object release(Request request) {
    UUID id = request.id("reservationId", Type.UNKNOWN_RESERVATION);
    if (!quota.release(id)) {
      throw Problem.of(
          Type.UNKNOWN_RESERVATION,
          "There is no reservation " + id + ", or it was given back, or its window has ended.");
    }
    return null;
  }
}
