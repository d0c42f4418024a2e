package com.ytempire.sidecar.billing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Receiver;
import com.ytempire.simulator.StripeSimulator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import tools.jackson.databind.JsonNode;

/** A subscription at Stripe decides the tier, whatever comes of its events, how often and when. */
@TestInstance(Lifecycle.PER_CLASS)
final class BillingTest {
  private static final String OPERATOR = Platform.OPERATOR_TOKEN;
  private static final String OLD_SECRET = "whsec_ofBefore";
  private static final String SECRET = "whsec_ofNow";

  private final StripeSimulator stripe = new StripeSimulator();
  private final Platform platform =
      new Platform(
          1,
          1,
          Map.of(
              "YTEMPIRE_STRIPE_URL",
              stripe.url(),
              "YTEMPIRE_STRIPE_API_KEY",
              StripeSimulator.API_KEY,
              "YTEMPIRE_STRIPE_WEBHOOK_SECRETS",
              OLD_SECRET + "," + SECRET,
              "YTEMPIRE_STRIPE_PRICES",
              "price_growth=growth,price_scale=scale"));
  private final HttpClient http = HttpClient.newHttpClient();
  private String user = "";
  private String customer = "";
  private int users;

  @BeforeEach
  void makeUser() {
    stripe.failWith(0);
    stripe.setOtherMode(false);
    user = platform.createUser("payer%d@example.com".formatted(users++));
    customer = stripe.customer();
  }

  @AfterAll
  void close() {
    platform.close();
    stripe.close();
  }

  private Instant now() {
    return platform.clock.instant();
  }

  private Instant periodEnd() {
    return now().plus(Duration.ofDays(30));
  }

  private Answer link() {
    return platform.patch(
        "/v1/users/" + user + "/billing", OPERATOR, Map.of("customerId", customer));
  }

  private String subscribed(String status, String price) {
    String subscription = stripe.subscribe(customer, status, price, periodEnd());
    link().expect(200);
    return subscription;
  }

  private Answer deliver(String body, @Nullable String signature) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(platform.url("/v1/webhooks/stripe")))
            .POST(BodyPublishers.ofString(body));
    if (signature != null) {
      request.header("Stripe-Signature", signature);
    }
    try {
      HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
      return new Answer(
          answer.statusCode(),
          Platform.JSON.readTree(answer.body()),
          new LinkedHashMap<>(answer.headers().map()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Answer deliver(String body) {
    return deliver(body, StripeSimulator.signature(body, now(), SECRET));
  }

  private String updated() {
    return stripe.event("customer.subscription.updated", now(), customer);
  }

  private void assertOutcome(String outcome, Answer answer) {
    assertEquals(outcome, answer.expect(200).text("outcome"));
  }

  private String tier() {
    return platform.get("/v1/users/" + user, OPERATOR).expect(200).text("subscriptionTier");
  }

  private JsonNode account() {
    return platform.get("/v1/users/" + user + "/billing", OPERATOR).expect(200).body();
  }

  @Test
  void linking_a_customer_reads_its_subscription() {
    subscribed("active", "price_growth");
    assertEquals("growth", tier());
    JsonNode account = account();
    assertEquals("active", account.get("status").asString());
    assertEquals("price_growth", account.get("priceId").asString());
    assertEquals(
        periodEnd().getEpochSecond(),
        Instant.parse(account.get("periodEndsAt").asString()).getEpochSecond());
    assertTrue(account.get("graceEndsAt").isNull());
  }

  @Test
  void an_event_changes_the_tier_and_its_share_of_the_quota_at_once() {
    String subscription = subscribed("active", "price_growth");
    platform.post("/v1/quota/check", OPERATOR, Map.of("bucket", "data.general", "userId", user));
    long before = guaranteed();
    stripe.changePrice(subscription, "price_scale", periodEnd());
    assertOutcome("applied", deliver(updated()));
    assertEquals("scale", tier());
    assertTrue(guaranteed() > before, before + " units before, now " + guaranteed());
  }

  private long guaranteed() {
    for (JsonNode share :
        platform
            .get("/v1/quota/shares?bucket=data.general", OPERATOR)
            .expect(200)
            .body()
            .get("shares")) {
      if (share.get("payer").asString().equals(user)) {
        return share.get("guaranteed").asLong();
      }
    }
    throw new AssertionError("no share of " + user);
  }

  @Test
  void a_tier_change_is_an_event_for_workflows() {
    try (Receiver receiver = new Receiver()) {
      platform
          .post(
              "/v1/subscriptions",
              OPERATOR,
              Map.of("url", receiver.url(), "events", List.of("tier-changed"), "userId", user))
          .expect(201);
      subscribed("active", "price_scale");
      JsonNode told = receiver.next().json();
      assertEquals(
          "starter scale subscription",
          "%s %s %s"
              .formatted(
                  told.get("previousTier").asString(),
                  told.get("tier").asString(),
                  told.get("reason").asString()));
    }
  }

  @Test
  void an_event_that_comes_twice_is_acted_on_once() {
    String subscription = subscribed("active", "price_growth");
    stripe.changePrice(subscription, "price_scale", periodEnd());
    String event = updated();
    assertOutcome("applied", deliver(event));
    int asked = stripe.requests.size();
    assertOutcome("unchanged", deliver(event));
    assertEquals(asked, stripe.requests.size(), "Stripe was asked again");
    assertEquals("scale", tier());
  }

  @Test
  void a_request_of_yesterday_is_refused_though_signed() {
    String subscription = subscribed("active", "price_growth");
    stripe.changePrice(subscription, "price_scale", periodEnd());
    String event = updated();
    String signature = StripeSimulator.signature(event, now(), SECRET);
    platform.clock.advance(Duration.ofSeconds(301));
    Answer refused = deliver(event, signature).expectProblem(400, "invalid-request");
    assertTrue(refused.text("detail").contains("more than 300 seconds"), refused.text("detail"));
    assertEquals("growth", tier(), "nothing was acted on");
    assertOutcome("applied", deliver(event));
    assertEquals("scale", tier(), "as Stripe signs anew when it sends again");
  }

  @Test
  void an_event_of_yesterday_sent_again_today_changes_nothing_that_is_newer() {
    String subscription = subscribed("active", "price_growth");
    String old = updated();
    stripe.changePrice(subscription, "price_scale", periodEnd());
    assertOutcome("applied", deliver(updated()));
    platform.clock.advance(Duration.ofDays(1));
    assertOutcome("applied", deliver(old));
    assertEquals("scale", tier());
  }

  @Test
  void an_unsigned_event_is_refused_and_changes_nothing() {
    String subscription = subscribed("active", "price_growth");
    stripe.changePrice(subscription, "price_scale", periodEnd());
    String event = updated();
    deliver(event, null).expectProblem(400, "invalid-request");
    deliver(event, StripeSimulator.signature(event, now(), "whsec_ofSomebody"))
        .expectProblem(400, "invalid-request");
    deliver(event + " ", StripeSimulator.signature(event, now(), SECRET))
        .expectProblem(400, "invalid-request");
    deliver(event, "t=99999999999999,v1=" + "0".repeat(64)).expectProblem(400, "invalid-request");
    assertEquals("growth", tier());
    assertOutcome("applied", deliver(event));
    assertEquals("scale", tier(), "what was refused is not taken for one that came before");
  }

  @Test
  void either_secret_signs_while_one_is_rolled() {
    subscribed("active", "price_growth");
    String first = updated();
    assertOutcome("applied", deliver(first, StripeSimulator.signature(first, now(), OLD_SECRET)));
    String second = updated();
    assertOutcome(
        "applied",
        deliver(second, StripeSimulator.signature(second, now(), "whsec_ofSomebody", SECRET)));
  }

  @Test
  void an_event_of_an_unknown_customer_counts_once_it_is_linked() {
    stripe.subscribe(customer, "active", "price_scale", periodEnd());
    assertOutcome("unknown-customer", deliver(updated()));
    assertEquals("starter", tier());
    link().expect(200);
    assertEquals("scale", tier());
  }

  @Test
  void an_event_about_something_else_is_taken_and_ignored() {
    assertOutcome(
        "ignored", deliver(stripe.event("payment_method.attached", now(), Map.of("id", "pm_1"))));
  }

  @Test
  void a_body_that_is_no_event_is_refused() {
    deliver("{}").expectProblem(400, "invalid-request");
    deliver("<html>").expectProblem(400, "malformed-json");
    deliver("x".repeat(600_000)).expectProblem(413, "too-large");
  }

  @Test
  void while_stripe_is_unavailable_the_event_is_to_be_sent_again() {
    String subscription = subscribed("active", "price_growth");
    stripe.changePrice(subscription, "price_scale", periodEnd());
    String event = updated();
    stripe.failWith(500);
    deliver(event).expectProblem(503, "unavailable");
    assertEquals("growth", tier());
    stripe.failWith(0);
    assertOutcome("applied", deliver(event));
    assertEquals("scale", tier());
  }

  @Test
  void an_older_answer_never_replaces_a_newer_one() {
    String subscription = subscribed("active", "price_growth");
    String first = updated();
    String second = updated();
    // What the first reads is of before; while it is on its way, the second is acted on.
    stripe.beforeAnswer(() -> {
      stripe.changePrice(subscription, "price_scale", periodEnd());
      assertOutcome("applied", deliver(second));
    });
    assertOutcome("applied", deliver(first));
    assertEquals("scale", tier());
  }

  @Test
  void a_late_payment_leaves_the_tier_for_the_grace_period() {
    String subscription = subscribed("active", "price_growth");
    stripe.change(subscription, "status", "past_due");
    assertOutcome("applied", deliver(stripe.event("invoice.payment_failed", now(), customer)));
    assertEquals("growth", tier());
    assertEquals(
        now().plus(Duration.ofDays(7)), Instant.parse(account().get("graceEndsAt").asString()));
    for (int day = 1; day <= 6; day++) {
      platform.clock.advance(Duration.ofDays(1));
      assertOutcome("applied", deliver(updated()));
    }
    assertEquals("growth", tier());
    platform.clock.advance(Duration.ofDays(1));
    platform.app.runBilling();
    assertEquals("starter", tier());
    stripe.change(subscription, "status", "active");
    assertOutcome("applied", deliver(stripe.event("invoice.paid", now(), customer)));
    assertEquals("growth", tier());
    assertTrue(account().get("graceEndsAt").isNull());
  }

  @Test
  void a_canceled_subscription_ends_its_tier_once_stripe_ends_it() {
    String subscription = subscribed("active", "price_growth");
    stripe.change(subscription, "cancel_at_period_end", true);
    assertOutcome("applied", deliver(updated()));
    assertEquals("growth", tier());
    assertTrue(account().get("isCanceledAtPeriodEnd").asBoolean());
    stripe.change(subscription, "status", "canceled");
    assertOutcome(
        "applied", deliver(stripe.event("customer.subscription.deleted", now(), customer)));
    assertEquals("starter", tier());
  }

  @Test
  void the_end_of_an_old_subscription_takes_nothing_that_a_new_one_grants() {
    String old = subscribed("active", "price_growth");
    stripe.subscribe(customer, "active", "price_scale", periodEnd());
    stripe.change(old, "status", "canceled");
    assertOutcome("applied", deliver(updated()));
    assertEquals("scale", tier());
  }

  @Test
  void a_price_of_no_tier_and_no_subscription_leave_the_tier() {
    platform.patch("/v1/users/" + user, OPERATOR, Map.of("subscriptionTier", "scale")).expect(200);
    link().expect(200);
    assertEquals("scale", tier());
    stripe.subscribe(customer, "active", "price_of_something_else", periodEnd());
    assertOutcome("applied", deliver(updated()));
    assertEquals("scale", tier());
    assertEquals("price_of_something_else", account().get("priceId").asString());
  }

  @Test
  void a_customer_that_stripe_has_no_more_keeps_its_tier_for_the_grace_period() {
    subscribed("active", "price_growth");
    String event = stripe.event("customer.subscription.deleted", now(), customer);
    stripe.delete(customer);
    assertOutcome("applied", deliver(event));
    assertEquals("growth", tier());
    JsonNode missing = account();
    assertEquals("customer-missing", missing.get("status").asString());
    assertTrue(missing.get("subscriptionId").isNull());
    assertEquals(
        now().plus(Duration.ofDays(7)), Instant.parse(missing.get("graceEndsAt").asString()));
    platform.clock.advance(Duration.ofDays(6));
    platform.app.runBilling();
    assertEquals("growth", tier());
    platform.clock.advance(Duration.ofDays(1));
    platform.app.runBilling();
    assertEquals("starter", tier());
    assertEquals("customer-missing", account().get("status").asString());
  }

  @Test
  void a_missing_customer_that_no_subscription_gave_a_tier_keeps_it() {
    platform.patch("/v1/users/" + user, OPERATOR, Map.of("subscriptionTier", "scale")).expect(200);
    link().expect(200);
    stripe.delete(customer);
    platform.clock.advance(Duration.ofDays(1));
    platform.app.runBilling();
    platform.clock.advance(Duration.ofDays(8));
    platform.app.runBilling();
    assertEquals("customer-missing", account().get("status").asString());
    assertEquals("scale", tier());
  }

  @Test
  void a_price_of_no_tier_keeps_no_tier_of_a_subscription_that_ended() {
    String ended = subscribed("active", "price_growth");
    stripe.subscribe(customer, "active", "price_of_something_else", periodEnd());
    stripe.change(ended, "status", "canceled");
    assertOutcome("applied", deliver(updated()));
    assertEquals("starter", tier());
  }

  @Test
  void a_subscription_at_a_price_of_no_tier_takes_no_tier_when_it_ends() {
    platform.patch("/v1/users/" + user, OPERATOR, Map.of("subscriptionTier", "scale")).expect(200);
    String other = subscribed("active", "price_of_something_else");
    stripe.change(other, "status", "past_due");
    assertOutcome("applied", deliver(updated()));
    assertTrue(account().get("graceEndsAt").isNull());
    stripe.change(other, "status", "canceled");
    assertOutcome("applied", deliver(updated()));
    assertEquals("scale", tier());
  }

  @Test
  void a_key_of_the_other_mode_ends_no_tier() {
    subscribed("active", "price_growth");
    String event = updated();
    stripe.delete(customer);
    stripe.setOtherMode(true);
    Answer refused = deliver(event).expectProblem(503, "unavailable");
    assertTrue(refused.text("detail").contains("YTEMPIRE_STRIPE_API_KEY"), refused.text("detail"));
    assertEquals("active", account().get("status").asString());
    assertEquals("growth", tier());
  }

  @Test
  void a_granted_tier_ends_with_the_last_subscription_at_whatever_price() {
    String subscription = subscribed("active", "price_growth");
    stripe.changePrice(subscription, "price_of_something_else", periodEnd());
    assertOutcome("applied", deliver(updated()));
    assertEquals("growth", tier());
    stripe.change(subscription, "status", "canceled");
    assertOutcome("applied", deliver(updated()));
    assertEquals("starter", tier());
  }

  @Test
  void a_link_whose_subscription_cannot_be_read_is_kept_and_the_answer_says_so() {
    stripe.subscribe(customer, "active", "price_scale", periodEnd());
    // Stripe says that there is such a customer, and is unavailable when it is asked again.
    stripe.beforeAnswer(() -> stripe.failWith(500));
    Answer answer = link().expectProblem(503, "unavailable");
    assertTrue(answer.text("detail").contains("The user is linked"), answer.text("detail"));
    assertEquals(customer, account().get("customerId").asString());
    stripe.failWith(0);
    platform.app.runBilling();
    assertEquals("scale", tier());
  }

  @Test
  void an_event_that_never_came_is_made_up_for_within_a_day() {
    String subscription = subscribed("active", "price_growth");
    stripe.changePrice(subscription, "price_scale", periodEnd());
    platform.clock.advance(Duration.ofHours(25));
    platform.app.runBilling();
    assertEquals("scale", tier());
  }

  @Test
  void a_customer_is_one_users_and_one_of_stripes() {
    subscribed("active", "price_growth");
    String another = platform.createUser("another%d@example.com".formatted(users++));
    platform
        .patch("/v1/users/" + another + "/billing", OPERATOR, Map.of("customerId", customer))
        .expectProblem(409, "customer-taken");
    platform
        .patch("/v1/users/" + another + "/billing", OPERATOR, Map.of("customerId", "cus_none"))
        .expectProblem(400, "invalid-request");
    platform
        .get("/v1/users/" + user + "/billing", platform.token("user", another))
        .expectProblem(404, "unknown-user");
  }

  @Test
  void no_card_data_is_stored() {
    subscribed("active", "price_growth");
    String card = "4242424242424242";
    assertOutcome(
        "applied",
        deliver(
            stripe.event(
                "invoice.payment_failed",
                now(),
                Map.of(
                    "customer",
                    customer,
                    "payment_method_details",
                    Map.of(
                        "card",
                        Map.of("number", card, "last4", "4242", "fingerprint", "FpOfTheCard99")),
                    "customer_email",
                    "card-holder@example.net"))));
    for (Map<String, Object> table :
        platform.admin(
            "select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('core', 'sec') and c.relkind = 'r'")) {
      for (String secret : List.of(card, "FpOfTheCard99", "card-holder@example.net", "4242\"")) {
        assertEquals(
            0,
            platform.count("%s t where t::text like '%%%s%%'".formatted(table.get("name"), secret)),
            secret + " in " + table.get("name"));
      }
    }
  }

  @Test
  void erasure_takes_the_customer_and_export_has_it() {
    subscribed("active", "price_growth");
    platform
        .delete(
            "/v1/users/%s?confirm=%s"
                .formatted(user, platform.get("/v1/users/" + user, OPERATOR).text("email")),
            OPERATOR)
        .expect(200);
    assertEquals(0, platform.count("core.billing_accounts where customer_id = '" + customer + "'"));
    assertOutcome("unknown-customer", deliver(updated()));
  }

  @Test
  void without_settings_there_is_no_billing() {
    try (Platform without = new Platform(1, 1)) {
      String id = without.createUser("free@example.com");
      without
          .patch("/v1/users/" + id + "/billing", OPERATOR, Map.of("customerId", customer))
          .expectProblem(409, "billing-off");
      without.post("/v1/webhooks/stripe", null, Map.of()).expectProblem(404, "not-found");
      assertFalse(
          without.get("/v1/users/" + id + "/billing", OPERATOR).body().get("tier").isString());
    }
  }
}
