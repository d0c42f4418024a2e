package com.ytempire.platform.week;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.Fault;
import com.ytempire.platform.Http;
import com.ytempire.platform.OutsideServices;
import com.ytempire.platform.Platform;
import com.ytempire.simulator.StripeSimulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The subscription of one user at Stripe in a week: paid, then late, over the grace period, and
 * paid again. Each time Stripe sends its event, and the tier follows. Used by one thread.
 */
final class WeekPayments {
  private static final String PAID_TIER = "scale";
  private static final String LOWEST_TIER = "starter";

  private final Platform platform;
  private final Customer payer;
  private final StripeSimulator stripe;
  private final String stripeCustomer;
  private final String subscription;
  private final List<String> steps = new ArrayList<>();
  private final List<Fault> faults = new ArrayList<>();
  private int changes;

  /** Subscribes a user at Stripe and links the two, by which the subscription is read. */
  WeekPayments(Platform platform, Customer payer) {
    this.platform = platform;
    this.payer = payer;
    this.stripe = platform.outside().stripe();
    this.stripeCustomer = stripe.customer();
    this.subscription =
        stripe.subscribe(
            stripeCustomer,
            "active",
            OutsideServices.price(PAID_TIER),
            platform.clock().instant().plus(Duration.ofDays(30)));
  }

  /** Links the user with the customer at Stripe: the tier is that of the subscription. */
  void link() {
    String before = tier();
    JsonNode unused =
        platform
            .operator()
            .patch(
                "/v1/users/%s/billing".formatted(payer.userId()),
                Http.map("customerId", stripeCustomer));
    note("subscribed", before, PAID_TIER);
  }

  /** A payment fails: the tier stays for the grace period. */
  void failPayment() {
    String before = tier();
    send("past_due", "invoice.payment_failed");
    note("payment late", before, PAID_TIER);
  }

  /** Stripe has tried again in vain, after the grace period: the tier is the lowest. */
  void failPaymentAgain() {
    String before = tier();
    send("past_due", "invoice.payment_failed");
    note("grace period over", before, LOWEST_TIER);
  }

  /** The payment comes: the tier is back. */
  void pay() {
    String before = tier();
    send("active", "customer.subscription.updated");
    note("paid", before, PAID_TIER);
  }

  private void send(String status, String type) {
    stripe.change(subscription, "status", status);
    // Signed as it goes out: over the bytes of the body.
    JsonNode event =
        Http.JSON.readTree(stripe.event(type, platform.clock().instant(), stripeCustomer));
    String signature =
        StripeSimulator.signature(
            Http.JSON.writeValueAsString(event),
            platform.clock().instant(),
            OutsideServices.STRIPE_SECRET);
    int answer =
        new Http(platform.sidecarUrl(), null)
            .with("Stripe-Signature", signature)
            .exchange("/v1/webhooks/stripe", event)
            .statusCode();
    if (answer != 200) {
      faults.add(
          Fault.of(
              Fault.Kind.WORKFLOW, "Stripe's event %s was answered %d".formatted(type, answer)));
    }
  }

  private String tier() {
    return platform
        .operator()
        .get("/v1/users/" + payer.userId())
        .get("subscriptionTier")
        .stringValue();
  }

  private void note(String step, String before, String wanted) {
    String tier = tier();
    steps.add("%s: %s".formatted(step, tier));
    changes += tier.equals(before) ? 0 : 1;
    if (!tier.equals(wanted)) {
      faults.add(
          Fault.of(
              Fault.Kind.WORKFLOW,
              "after '%s' the tier is %s instead of %s".formatted(step, tier, wanted)));
    }
  }

  /** The tier after each step, in words. */
  String line() {
    return payer.account().email() + ": " + String.join(", ", steps);
  }

  /** How often the tier has changed. */
  int changes() {
    return changes;
  }

  List<Fault> faults() {
    return faults;
  }
}
