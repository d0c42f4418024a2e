package com.ytempire.sidecar.quota;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.quota.Quota.Reservation;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Role;
import com.ytempire.sidecar.web.Scope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Routes that show the quota and its shares, and reserve, settle and release units. */
public final class QuotaRoutes {
  private static final int LEASE_MINUTES = 15;

  private final Quota quota;
  private final Auditor auditor;
  private final Clock clock;

  /** Writes into the audit log that somebody acts for a user, which it may or may not. */
  @FunctionalInterface
  public interface Auditor {
    void act(Caller caller, UUID userId, String action);
  }

  public QuotaRoutes(Quota quota, Auditor auditor, Clock clock) {
    this.quota = quota;
    this.auditor = auditor;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/v1/quota", "Read how all buckets stand, and where they will stand tonight")
            .by(OPERATOR, SERVICE, USER)
            .answers("quota-status")
            .with(this::status),
        Endpoint.get("/v1/quota/shares", "Read how a day's bucket is shared out among the users")
            .by(OPERATOR, SERVICE, USER)
            .query("bucket", "A bucket of the day; data.general when left out.")
            .query("userId", "One user's share; with a user's own token always that user's.")
            .answers("quota-shares")
            .with(this::shares),
        Endpoint.post("/v1/quota/check", "Ask whether units are left; takes nothing")
            .by(OPERATOR, SERVICE, USER)
            .needs(Scope.READ)
            .takes("quota-check")
            .answers("quota-check-result")
            .with(this::check),
        Endpoint.create(
                "/v1/quota/reservations",
                "Reserve units for calls that you make to Google yourself")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("quota-reserve")
            .answers("quota-reservation")
            .with(this::reserve),
        Endpoint.post(
                "/v1/quota/reservations/{reservationId}/settle",
                "Say what was spent of a reservation; the rest goes back")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("quota-settle")
            .answers("quota-settled")
            .with(this::settle),
        Endpoint.delete("/v1/quota/reservations/{reservationId}", "Release reserved units")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .with(this::release));
  }

  record Status(Instant asOf, List<BucketStatus> buckets) {}

  record ShareListing(Instant asOf, BucketStatus bucket, List<Share> shares) {}

  /** {@code schemas/quota-check.json} and {@code schemas/quota-reserve.json}. */
  record Amount(
      String bucket,
      long units,
      @Nullable UUID userId,
      @Nullable Boolean interactive,
      @Nullable Integer leaseMinutes) {}

  record CheckResult(
      boolean enough, long available, @Nullable Instant waitUntil, BucketStatus bucket) {}

  record NewReservation(UUID reservationId, long units, Instant expiresAt, BucketStatus bucket) {}

  record Settle(long unitsSpent) {}

  record Settlement(long unitsSpent, long unitsReturned, BucketStatus bucket) {}

  private Status status(Request request) {
    List<BucketStatus> all = quota.report().status(List.of(Bucket.values()));
    RateLimitHeaders.put(request, all, clock.instant());
    return new Status(clock.instant(), all);
  }

  private ShareListing shares(Request request) {
    String label = request.query("bucket").orElse(Bucket.DATA_GENERAL.label());
    Bucket bucket =
        Bucket.of(label)
            .filter(known -> !known.isPerMinute())
            .orElseThrow(() ->
                Problem.invalid(
                    "There is no bucket of the day '" + label + "'.",
                    List.of(new Fault("?bucket", "must be a bucket of the day"))));
    Caller caller = request.caller();
    @Nullable UUID userId =
        caller.role() == Role.USER ? caller.userId() : request.uuid("userId").orElse(null);
    List<Share> shares =
        quota.report().shares(bucket).stream()
            .filter(share -> userId == null || share.payer().equals(userId.toString()))
            .toList();
    return new ShareListing(clock.instant(), quota.report().status(bucket), shares);
  }

  private CheckResult check(Request request) {
    Amount amount = request.body(Amount.class);
    Bucket bucket = known(amount);
    Payer payer = payer(request.caller(), amount);
    // Who names no user asks for a workflow that works for all of them.
    long available =
        payer.account().equals(Payer.PLATFORM_ACCOUNT)
            ? quota.report().availableToAll(bucket, payer.isInteractive())
            : quota.report().available(bucket, payer);
    BucketStatus status = seen(request, bucket);
    boolean enough = available >= amount.units();
    return new CheckResult(enough, available, enough ? null : status.resetsAt(), status);
  }

  private NewReservation reserve(Request request) {
    Amount amount = request.body(Amount.class);
    Bucket bucket = known(amount);
    if (amount.userId() != null) {
      auditor.act(request.caller(), amount.userId(), "quota.reserve");
    }
    try {
      Reservation reservation =
          quota.reserve(
              bucket,
              amount.units(),
              payer(request.caller(), amount),
              Duration.ofMinutes(Objects.requireNonNullElse(amount.leaseMinutes(), LEASE_MINUTES)));
      return new NewReservation(
          reservation.id(), amount.units(), reservation.expiresAt(), seen(request, bucket));
    } catch (QuotaExhausted e) {
      seen(request, bucket);
      throw e;
    }
  }

  private Settlement settle(Request request) {
    UUID id = request.id("reservationId", Type.UNKNOWN_RESERVATION);
    long spent = request.body(Settle.class).unitsSpent();
    QuotaLedger.OpenReservation open = quota.find(id).orElseThrow(() -> unknown(id));
    if (spent > open.units()) {
      throw Problem.invalid(
          "%d units were reserved, so %d cannot have been spent of them. Reserve before you call Google."
              .formatted(open.units(), spent),
          List.of(new Fault("/unitsSpent", "must be at most " + open.units())));
    }
    QuotaLedger.Settlement settled = quota.settle(id, spent).orElseThrow(() -> unknown(id));
    return new Settlement(
        settled.units() - settled.returned(), settled.returned(), seen(request, settled.bucket()));
  }

  private @Nullable Object release(Request request) {
    UUID id = request.id("reservationId", Type.UNKNOWN_RESERVATION);
    var _ = quota.settle(id, 0).orElseThrow(() -> unknown(id));
    return null;
  }

  /** How the bucket stands now; also in the answer's headers. */
  private BucketStatus seen(Request request, Bucket bucket) {
    BucketStatus status = quota.report().status(bucket);
    RateLimitHeaders.put(request, List.of(status), clock.instant());
    return status;
  }

  private static Bucket known(Amount amount) {
    return Bucket.of(amount.bucket())
        .orElseThrow(() ->
            new IllegalStateException("the contract let the bucket '" + amount.bucket() + "' in"));
  }

  private Payer payer(Caller caller, Amount amount) {
    boolean isUser = caller.role() == Role.USER;
    boolean isInteractive = amount.interactive() == null ? isUser : amount.interactive();
    @Nullable UUID own = caller.userId();
    @Nullable UUID userId = amount.userId() == null ? own : amount.userId();
    if (userId == null) {
      return new Payer(Payer.PLATFORM_ACCOUNT, isInteractive);
    }
    if ((isUser && !userId.equals(own)) || !quota.report().hasShare(userId)) {
      throw Problem.of(
          Type.UNKNOWN_USER,
          "There is no active user " + userId + ", so there is no share to pay from.");
    }
    return Payer.user(userId, isInteractive);
  }

  private static Problem unknown(UUID id) {
    return Problem.of(
        Type.UNKNOWN_RESERVATION,
        "There is no reservation " + id + ", or it was ended, or it ran out.");
  }
}
