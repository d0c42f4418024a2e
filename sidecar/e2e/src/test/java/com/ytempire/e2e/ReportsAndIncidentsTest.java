package com.ytempire.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.platform.Customers.Customer;
import com.ytempire.platform.EventSubscriptions;
import com.ytempire.platform.Http;
import com.ytempire.platform.MailedReports;
import com.ytempire.platform.N8n;
import com.ytempire.platform.OutsideServices;
import com.ytempire.platform.Platform;
import com.ytempire.simulator.ReceivedMail;
import com.ytempire.simulator.StripeSimulator;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Reports by mail, incidents and changes of tiers in the running product. After the tests that
 * count the subscriptions of triggers.
 */
@EndToEnd
@Order(12)
final class ReportsAndIncidentsTest {
  private static final String REPORTS = "scheduled-reports.json";
  private static final String TIERS = "tier-change.json";
  private static final String QUALITY = "data-quality.json";

  private final Platform platform;
  private final N8n n8n;
  private final Workflows workflows;
  private final Customer customer;

  ReportsAndIncidentsTest(SyncedPlatform synced) {
    this.platform = synced.platform();
    this.n8n = platform.n8n();
    this.workflows = synced.workflows();
    // Earlier tests take the first one's grants.
    this.customer =
        synced.customers().stream()
            .skip(1)
            .filter(each ->
                each.account().channels().stream()
                    .noneMatch(platform.world()::closesAfterConnecting))
            .findFirst()
            .orElseThrow();
  }

  @Test
  void a_due_report_is_mailed_once_however_often_the_workflow_runs() throws Exception {
    MailedReports reports = new MailedReports(platform, customer.userId(), "office@example.com");
    reports.request();
    reports.verify();
    String workflow = workflows.id(REPORTS);
    List<String> beside = List.of(n8n.run(workflow, "Run Now"), n8n.run(workflow, "Run Now"));
    for (String execution : beside) {
      assertEquals("success", workflows.awaitEnd(workflow, execution));
    }
    assertEquals(1, reports.mails("daily").size(), "after two runs beside each other");
    assertEquals("success", workflows.run(REPORTS));
    assertEquals(1, reports.mails("daily").size(), "after another run");
    ReceivedMail mail = reports.mails("daily").getFirst();
    assertTrue(mail.text().contains("Daily report"), mail.text());
    assertTrue(mail.html().contains("Daily report"), mail.html());
    assertTrue(mail.header("List-Unsubscribe").startsWith("<" + platform.sidecarUrl()));
  }

  @Test
  @Tag(EndToEnd.ANY_HOUR)
  void an_outage_is_an_incident_in_the_operators_mail_until_it_ends() throws Exception {
    String user = customer.userId();
    makeStatisticsOld(user);
    assertTrue(
        Workflows.within(() -> hasFreshnessIncident(user, "open")),
        "old statistics opened no incident");
    String opened = operatorsMail();
    assertTrue(opened.contains("open freshness: "), opened);
    assertTrue(opened.contains(user), opened);
    fetchStatistics();
    assertTrue(
        Workflows.within(() -> !hasFreshnessIncident(user, "open")),
        "fresh statistics closed no incident");
    assertTrue(hasFreshnessIncident(user, "closed"));
    String closed = operatorsMail();
    assertTrue(closed.contains("closed freshness: "), closed);
  }

  /** As after two hours in which nothing could be fetched. */
  private void makeStatisticsOld(String user) throws SQLException {
    platform.execute(
        """
        update core.channel_statistics set observed_at = observed_at - interval '2 hours' where user_id = '%1$s';
        update core.oauth_grants set connected_at = connected_at - interval '2 hours' where user_id = '%1$s'
        """
            .formatted(user));
  }

  private void fetchStatistics() {
    List<Map<String, Object>> requests = new ArrayList<>();
    customer
        .account()
        .channels()
        .forEach(channel ->
            requests.add(
                Http.map(
                    "userId",
                    customer.userId(),
                    "channelId",
                    channel.id(),
                    "report",
                    "channel-statistics")));
    JsonNode fetched =
        platform
            .operator()
            .post(
                "/v1/metrics/fetch",
                Http.map("maxAgeMinutes", 0, "output", "references", "requests", requests));
    List<Map<String, Object>> references = new ArrayList<>();
    for (JsonNode result : fetched.get("results")) {
      references.add(
          Http.map(
              "userId",
              customer.userId(),
              "batchId",
              result.at("/reference/batchId").stringValue()));
    }
    JsonNode unused =
        platform.operator().post("/v1/metrics/store", Http.map("references", references));
  }

  private boolean hasFreshnessIncident(String user, String state) {
    return platform
        .operator()
        .get("/v1/users/%s/quality/incidents?state=%s".formatted(user, state))
        .get("incidents")
        .valueStream()
        .anyMatch(incident -> incident.get("check").stringValue().equals("freshness"));
  }

  /** The text that the workflow of data quality mails. */
  private String operatorsMail() throws Exception {
    String execution = workflows.runWithoutMail(QUALITY, "Run Now", "Send the List");
    return String.join("\n", n8n.texts(execution, "Send the List", "text"));
  }

  @Test
  @Tag(EndToEnd.ANY_HOUR)
  void a_subscription_at_stripe_changes_the_tier_and_starts_the_workflow() throws Exception {
    String user = workflows.createUser("payer@example.com", "Who pays");
    String workflow = workflows.id(TIERS);
    n8n.publish(workflow);
    assertTrue(
        Workflows.within(() -> EventSubscriptions.includes(platform.operator(), "tier-changed")),
        "the trigger did not subscribe");
    StripeSimulator stripe = platform.outside().stripe();
    Instant now = platform.clock().instant();
    Instant end = now.plus(Duration.ofDays(30));
    String payer = stripe.customer();
    String subscription = stripe.subscribe(payer, "active", OutsideServices.price("growth"), end);
    JsonNode unused =
        platform
            .operator()
            .patch("/v1/users/%s/billing".formatted(user), Http.map("customerId", payer));
    awaitTier(workflow, user, 1, "growth");

    stripe.changePrice(subscription, OutsideServices.price("scale"), end);
    JsonNode event = Http.JSON.readTree(stripe.event("customer.subscription.updated", now, payer));
    String signature =
        StripeSimulator.signature(
            Http.JSON.writeValueAsString(event),
            platform.clock().instant(),
            OutsideServices.STRIPE_SECRET);
    assertEquals(
        200,
        new Http(platform.sidecarUrl(), null)
            .with("Stripe-Signature", signature)
            .exchange("/v1/webhooks/stripe", event)
            .statusCode());
    awaitTier(workflow, user, 2, "scale");
  }

  /** Waits until so many changes were told, the last of them to this tier. */
  private void awaitTier(String workflow, String user, int changes, String tier) throws Exception {
    assertTrue(
        Workflows.within(() -> n8n.ended(workflow).size() == changes),
        () -> "executions: " + n8n.ended(workflow));
    assertEquals("success", n8n.ended(workflow).getFirst());
    assertEquals(
        List.of("Your tier is %s now".formatted(tier)),
        n8n.texts(n8n.newest(workflow), "Write the Mail", "subject"));
    assertEquals(
        changes,
        platform.number(
            "select count(*) from core.events where kind = 'tier.changed' and user_id = '%s'"
                .formatted(user)));
  }
}
