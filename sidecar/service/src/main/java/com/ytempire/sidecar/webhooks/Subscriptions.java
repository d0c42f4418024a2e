package com.ytempire.sidecar.webhooks;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.Channels;
import com.ytempire.sidecar.tenancy.SecretCipher;
import com.ytempire.sidecar.tenancy.Secrets;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.tenancy.Users;
import com.ytempire.sidecar.web.Caller;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Scope;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of webhook subscriptions. Subscribers are workflows and operators, never a user's
 * own token: the sidecar would call whatever address the caller names.
 */
public final class Subscriptions {
  private final Database database;
  private final TenantAccess tenantAccess;
  private final Deliveries deliveries;
  private final SecretCipher cipher;
  private final Clock clock;

  public Subscriptions(
      Database database,
      TenantAccess tenantAccess,
      Deliveries deliveries,
      SecretCipher cipher,
      Clock clock) {
    this.cipher = cipher;
    this.database = database;
    this.tenantAccess = tenantAccess;
    this.deliveries = deliveries;
    this.clock = clock;
  }

  record SubscriptionRequest(
      String url, List<String> events, @Nullable UUID userId, @Nullable Boolean sendSample) {}

  /** {@code schemas/subscription-created.json}: with the secret, this once. */
  record SubscriptionWithSecret(String secret, Subscription subscription) {}

  record Listing(List<Subscription> subscriptions) {}

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.create("/v1/subscriptions", "Create a subscription; its secret is shown this once")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .takes("subscription-create")
            .answers("subscription-created")
            .with(this::create),
        Endpoint.get("/v1/subscriptions", "List subscriptions and the state of their deliveries")
            .by(OPERATOR, SERVICE)
            .answers("subscription-list")
            .with(this::list),
        Endpoint.get("/v1/subscriptions/{subscriptionId}", "Read a subscription")
            .by(OPERATOR, SERVICE)
            .answers("subscription")
            .with(this::read),
        Endpoint.post(
                "/v1/subscriptions/{subscriptionId}/resume",
                "Send waiting events at once, without the pause after failures")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .answers("subscription")
            .with(this::resume),
        Endpoint.delete("/v1/subscriptions/{subscriptionId}", "Delete a subscription")
            .by(OPERATOR, SERVICE)
            .needs(Scope.SYNC)
            .with(this::delete));
  }

  private SubscriptionWithSecret create(Request request) {
    SubscriptionRequest body = request.body(SubscriptionRequest.class);
    Caller caller = request.caller();
    requireAddress(body.url());
    @Nullable UUID userId = body.userId();
    if (userId != null) {
      tenantAccess.use(caller, userId, "subscription.create", handle -> {});
    }
    List<String> events = List.copyOf(new TreeSet<>(body.events()));
    boolean sendsSample = Boolean.TRUE.equals(body.sendSample());
    // All that may fail comes before anything is stored: the secret is shown once, by this answer.
    try (SampleSender.Reservation samples =
        deliveries.samples().reserve(sendsSample ? events.size() : 0)) {
      Samples.Subject subject = sendsSample ? subject(caller, userId) : Samples.Subject.INVENTED;
      SubscriptionWithSecret created = store(caller, userId, body.url(), events);
      if (sendsSample) {
        events.forEach(kind -> samples.send(body.url(), created.secret(), kind, subject));
      }
      return created;
    }
  }

  private SubscriptionWithSecret store(
      Caller caller, @Nullable UUID userId, String url, List<String> events) {
    String secret = Signature.PREFIX + Base64.getEncoder().encodeToString(Secrets.key());
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    UUID id =
        database
            .operator()
            .directory(handle -> {
              UUID made =
                  handle
                      .attach(WebhookDao.class)
                      .create(
                          userId,
                          url,
                          events,
                          cipher.encrypt(secret, Deliveries.boundTo(url)),
                          caller.workflowId(),
                          now)
                      .orElseThrow(() -> tooMany(userId));
              tenantAccess.auditPlatform(handle, caller, "subscription.create", made.toString());
              return made;
            });
    return new SubscriptionWithSecret(
        secret,
        new Subscription(id, userId, url, events, caller.workflowId(), now, null, null, null, 0));
  }

  /** The user asked for or any other, with one of its channels, if there are such. */
  private Samples.Subject subject(Caller caller, @Nullable UUID userId) {
    Samples.Subject invented = Samples.Subject.INVENTED;
    UUID user = userId != null ? userId : Users.any(database).orElse(invented.userId());
    if (user.equals(invented.userId())) {
      return invented;
    }
    return tenantAccess.as(
        caller,
        user,
        "subscription.sample",
        handle -> {
          Optional<WebhookDao.StoredVideo> newest = handle.attach(WebhookDao.class).newestVideo();
          if (newest.isPresent()) {
            WebhookDao.StoredVideo video = newest.get();
            return new Samples.Subject(user, video.channelId(), video.channelName(), video);
          }
          return Channels.active(handle).stream()
              .findFirst()
              .map(each -> new Samples.Subject(user, each.channelId(), each.channelName(), null))
              .orElse(
                  new Samples.Subject(user, invented.channelId(), invented.channelName(), null));
        });
  }

  /** Refuses what can never be called; what a name resolves to is checked at each delivery. */
  private void requireAddress(String url) {
    try {
      URI address = new URI(url);
      @Nullable HttpUrl callable = HttpUrl.parse(url);
      if (address.getHost() != null && address.getUserInfo() == null && callable != null) {
        if (deliveries.policy().refusesLiteral(callable.host(), callable.port())) {
          throw Problem.invalid(
              "Webhooks are not sent to this address.",
              List.of(
                  new Fault(
                      "/url",
                      "must be on the public Internet, on port 80, 443 or above 1023, unless YTEMPIRE_WEBHOOK_ALLOWED_NETWORKS allows it")));
        }
        return;
      }
    } catch (URISyntaxException e) {
      // reported below
    }
    throw Problem.invalid(
        "The address cannot be called.",
        List.of(new Fault("/url", "must be http:// or https://, a host, and no name or password")));
  }

  private Listing list(Request request) {
    return database
        .operator()
        .directory(handle -> {
          tenantAccess.auditPlatform(
              handle, request.caller(), "subscription.list", "subscriptions");
          return new Listing(handle.attach(WebhookDao.class).list());
        });
  }

  private Subscription read(Request request) {
    UUID id = id(request);
    return database
        .operator()
        .directory(handle -> {
          tenantAccess.auditPlatform(handle, request.caller(), "subscription.read", id.toString());
          return handle.attach(WebhookDao.class).find(id).orElseThrow(() -> unknown(id));
        });
  }

  /** Makes failed deliveries due at once, without their backoff. */
  private Subscription resume(Request request) {
    UUID id = id(request);
    return database
        .operator()
        .directory(handle -> {
          tenantAccess.auditPlatform(
              handle, request.caller(), "subscription.resume", id.toString());
          WebhookDao dao = handle.attach(WebhookDao.class);
          if (!dao.resume(id, clock.instant())) {
            throw unknown(id);
          }
          return dao.find(id).orElseThrow(() -> unknown(id));
        });
  }

  private @Nullable Object delete(Request request) {
    UUID id = id(request);
    boolean deleted =
        database
            .operator()
            .directory(handle -> {
              tenantAccess.auditPlatform(
                  handle, request.caller(), "subscription.delete", id.toString());
              return handle.attach(WebhookDao.class).delete(id);
            });
    if (!deleted) {
      throw unknown(id);
    }
    return null;
  }

  private static UUID id(Request request) {
    return request.id("subscriptionId", Type.UNKNOWN_SUBSCRIPTION);
  }

  private static Problem tooMany(@Nullable UUID userId) {
    return Problem.of(
        Type.TOO_MANY_SUBSCRIPTIONS,
        "There are 200 subscriptions %s already, or 1,000 in all. Delete those that nobody needs: GET /v1/subscriptions lists them."
            .formatted(userId == null ? "for all users" : "for this user"));
  }

  private static Problem unknown(UUID id) {
    return Problem.of(Type.UNKNOWN_SUBSCRIPTION, "There is no subscription " + id + ".");
  }
}
