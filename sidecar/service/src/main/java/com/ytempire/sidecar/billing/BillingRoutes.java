package com.ytempire.sidecar.billing;

import static com.ytempire.sidecar.web.Role.OPERATOR;
import static com.ytempire.sidecar.web.Role.SERVICE;
import static com.ytempire.sidecar.web.Role.USER;

import com.ytempire.sidecar.billing.BillingDao.Account;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.tenancy.TenantAccess;
import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Json;
import com.ytempire.sidecar.web.Problem;
import com.ytempire.sidecar.web.Problem.Fault;
import com.ytempire.sidecar.web.Problem.Type;
import com.ytempire.sidecar.web.Request;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Routes about which customer of Stripe a user is, and the one to which Stripe sends its events.
 */
public final class BillingRoutes {
  /** Bytes of an event. Those of a subscription with twenty items have a tenth of it. */
  private static final int MAX_EVENT = 512 * 1024;

  private static final Duration RETRY_AFTER = Duration.ofMinutes(1);
  private static final Pattern EVENT_ID = Pattern.compile("evt_[A-Za-z0-9_]{1,250}");
  private static final Pattern CUSTOMER_ID = Pattern.compile("cus_[A-Za-z0-9_]{1,250}");

  /** Events after which a subscription may be another than before. */
  private static final Pattern RELEVANT =
      Pattern.compile("(customer\\.subscription|invoice|checkout\\.session)\\..+");

  private final Billing billing;
  private final TenantAccess tenantAccess;
  private final Clock clock;

  public BillingRoutes(Billing billing, TenantAccess tenantAccess, Clock clock) {
    this.billing = billing;
    this.tenantAccess = tenantAccess;
    this.clock = clock;
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post("/v1/webhooks/stripe", "Where Stripe sends its events to, signed by it")
            .answers("billing-event-result")
            .with(this::event),
        Endpoint.get(
                "/v1/users/{userId}/billing",
                "Read which customer of Stripe a user is, and its tier")
            .by(OPERATOR, SERVICE, USER)
            .answers("billing-account")
            .with(this::read),
        Endpoint.patch(
                "/v1/users/{userId}/billing",
                "Link a user to a customer of Stripe and read its subscription now")
            .by(OPERATOR, SERVICE)
            .takes("billing-link")
            .answers("billing-account")
            .with(this::link),
        Endpoint.delete(
                "/v1/users/{userId}/billing", "Unlink a user from its customer; its tier stays")
            .by(OPERATOR, SERVICE)
            .with(this::unlink));
  }

  /** {@code schemas/billing-event-result.json}. */
  record EventResult(String outcome) {}

  private EventResult event(Request request) {
    if (!billing.isConfigured()) {
      throw Problem.of(Type.NOT_FOUND, "There is no billing here.");
    }
    byte[] body = request.raw(MAX_EVENT);
    Optional<String> fault =
        StripeSignature.fault(
            request.header("Stripe-Signature").orElse(""),
            body,
            billing.webhookSecrets(),
            clock.instant());
    if (fault.isPresent()) {
      throw Problem.of(Type.INVALID_REQUEST, fault.get());
    }
    JsonNode event;
    try {
      event = Json.BODIES.readTree(body);
    } catch (JacksonException e) {
      throw Problem.of(Type.MALFORMED_JSON, "The event is not JSON.");
    }
    String id = event.path("id").asString("");
    if (!EVENT_ID.matcher(id).matches()) {
      throw Problem.invalid(
          "The body is no event of Stripe's.", List.of(new Fault("/id", "must be evt_…")));
    }
    try {
      return new EventResult(billing.act(id, customerOf(event)).label());
    } catch (StripeException e) {
      // Stripe sends it again, for three days.
      throw unavailable(e);
    }
  }

  /** The customer whose subscription may have changed; null: none of an event of this type. */
  private static @Nullable String customerOf(JsonNode event) {
    if (!RELEVANT.matcher(event.path("type").asString("")).matches()) {
      return null;
    }
    JsonNode customer = event.at("/data/object/customer");
    String id = customer.isObject() ? customer.path("id").asString("") : customer.asString("");
    return CUSTOMER_ID.matcher(id).matches() ? id : null;
  }

  /** {@code schemas/billing-account.json}. */
  record Document(
      @Nullable String customerId,
      @Nullable String subscriptionId,
      @Nullable String status,
      @Nullable String priceId,
      @Nullable String tier,
      @Nullable Instant periodEndsAt,
      boolean isCanceledAtPeriodEnd,
      @Nullable Instant graceEndsAt,
      @Nullable Instant readAt) {}

  private Document read(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    return tenantAccess.as(
        request.caller(),
        userId,
        "billing.read",
        handle -> document(handle.attach(BillingDao.class).find()));
  }

  /** {@code schemas/billing-link.json}. */
  record Link(String customerId) {}

  private Document link(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    String customerId = request.body(Link.class).customerId();
    if (!billing.isConfigured()) {
      throw Problem.of(
          Type.BILLING_OFF,
          "There is no billing here; set YTEMPIRE_STRIPE_API_KEY and the others.");
    }
    tenantAccess.use(request.caller(), userId, "billing.link", handle -> {});
    try {
      if (!billing.isCustomer(customerId)) {
        throw Problem.invalid(
            "Stripe knows no customer %s.".formatted(customerId),
            List.of(new Fault("/customerId", "must be a customer of the Stripe account")));
      }
      tenantAccess.use(
          request.caller(),
          userId,
          "billing.linked",
          handle -> handle.attach(BillingDao.class).link(customerId, clock.instant()));
    } catch (StripeException e) {
      throw unavailable(e);
    } catch (JdbiException e) {
      if (Database.violates(e, "billing_accounts_customer")) {
        throw Problem.of(
            Type.CUSTOMER_TAKEN,
            "Another user is linked to the customer %s; unlink that user first."
                .formatted(customerId));
      }
      throw e;
    }
    readSubscription(userId, customerId);
    return tenantAccess.as(
        request.caller(),
        userId,
        "billing.read",
        handle -> document(handle.attach(BillingDao.class).find()));
  }

  private void readSubscription(UUID userId, String customerId) {
    try {
      var _ = billing.refresh(userId);
    } catch (StripeException e) {
      throw Problem.until(
          Type.UNAVAILABLE,
          "%s. The user is linked to the customer %s; its subscription is read within some minutes, or at once when you send it again."
              .formatted(e.getMessage(), customerId),
          clock.instant().plus(RETRY_AFTER));
    }
  }

  private @Nullable Object unlink(Request request) {
    UUID userId = request.id("userId", Type.UNKNOWN_USER);
    tenantAccess.use(
        request.caller(),
        userId,
        "billing.unlink",
        handle -> handle.attach(BillingDao.class).unlink());
    return null;
  }

  private Problem unavailable(StripeException e) {
    return Problem.until(
        Type.UNAVAILABLE,
        "%s. Nothing was changed; send it again.".formatted(e.getMessage()),
        clock.instant().plus(RETRY_AFTER));
  }

  private Document document(Optional<Account> found) {
    if (found.isEmpty()) {
      return new Document(null, null, null, null, null, null, false, null, null);
    }
    Account account = found.get();
    @Nullable Instant late = account.pastDueSince();
    return new Document(
        account.customerId(),
        account.subscriptionId(),
        account.status(),
        account.priceId(),
        account.tier(),
        account.periodEndsAt(),
        account.isCanceledAtPeriodEnd(),
        late == null ? null : late.plus(billing.grace()),
        account.readAt());
  }
}
