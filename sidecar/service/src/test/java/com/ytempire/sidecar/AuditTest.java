package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.testing.ApiRoute;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.simulator.Catalog;
import com.ytempire.simulator.StripeSimulator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a workflow does to a user is in the audit log, whichever route it takes. */
final class AuditTest {
  /** Every route that a workflow may take and that concerns users. */
  private static List<ApiRoute> routes(JsonNode openApi) {
    return ApiRoute.all(openApi).stream()
        .filter(route -> route.roles().contains("service") && !route.path().startsWith("/v1/quota"))
        // The connection ends before the user does.
        .sorted(
            Comparator.comparing((ApiRoute route) -> route.method().equals("DELETE"))
                .thenComparing(route -> -route.path().length()))
        .toList();
  }

  @Test
  void every_act_of_a_workflow_is_written_down_with_its_execution() {
    try (GrafanaStandIn grafana = new GrafanaStandIn();
        StripeSimulator stripe = new StripeSimulator();
        Platform platform =
            new Platform(
                1,
                2,
                Map.of(
                    "YTEMPIRE_GRAFANA_URL",
                    grafana.url(),
                    "YTEMPIRE_GRAFANA_PASSWORD",
                    GrafanaStandIn.PASSWORD,
                    "YTEMPIRE_SMTP_HOST",
                    "127.0.0.1",
                    "YTEMPIRE_SMTP_PORT",
                    "1",
                    "YTEMPIRE_MAIL_FROM",
                    "reports@example.com",
                    "YTEMPIRE_STRIPE_URL",
                    stripe.url(),
                    "YTEMPIRE_STRIPE_API_KEY",
                    StripeSimulator.API_KEY,
                    "YTEMPIRE_STRIPE_WEBHOOK_SECRETS",
                    "whsec_of_the_test",
                    "YTEMPIRE_STRIPE_PRICES",
                    "price_growth=growth"))) {
      String ada = platform.connectedUser(0);
      platform
          .post("/v1/users/" + ada + "/dashboards", Platform.OPERATOR_TOKEN, Map.of())
          .expect(200);
      String email = platform.world.accounts().getFirst().email();
      Catalog.Channel first = platform.world.accounts().getFirst().channels().getFirst();
      String channel = first.id();
      String handle = first.handle().replace("@", "");
      String service = platform.token("service", null);
      List<ApiRoute> routes = routes(platform.get("/openapi.json", null).body());
      assertTrue(routes.size() >= 14, routes.toString());
      String subscription =
          platform
              .post(
                  "/v1/subscriptions",
                  Platform.OPERATOR_TOKEN,
                  Map.of("url", "http://127.0.0.1:1/x", "events", List.of("new-video")))
              .expect(201)
              .body()
              .get("subscription")
              .get("subscriptionId")
              .stringValue();
      String customer = stripe.customer();
      long written = 0;
      int deletions = 0;
      for (ApiRoute route : routes) {
        String path =
            route
                    .path()
                    .replace("{userId}", ada)
                    .replace("{channelId}", channel)
                    .replace("{kind}", "channel-day")
                    .replace("{view}", "totals")
                    .replace("{subscriptionId}", subscription)
                + (route.method().equals("DELETE") && route.path().endsWith("{userId}")
                    ? "?confirm=" + email
                    : route.path().equals("/v1/channels")
                        ? "?userId=" + ada
                        : route.path().endsWith("/channel-lookup") ? "?handle=" + handle : "");
        int status =
            platform
                .send(
                    route.method(),
                    path,
                    service,
                    route.body() == null ? null : body(route, ada, channel, customer))
                .status();
        assertTrue(status < 300, route + " answered " + status);
        long now =
            platform.count(
                "core.audit_log where token_kind = 'service' and workflow_id = 'wfTest' and execution_id = '42'");
        // With the user goes what was done to it; that it went stays.
        boolean erased =
            route.path().equals("/v1/users/{userId}") && route.method().equals("DELETE");
        // A list over all users is written down for each whom it names: here nobody, and shares
        // never.
        boolean namesNobody =
            List.of("/v1/quality/incidents", "/v1/reports/due", "/v1/success")
                .contains(route.path());
        assertTrue(erased || namesNobody || now > written, route + " left no trace");
        written = now;
        if (route.path().equals("/v1/users/{userId}/channels/{channelId}")
            && route.method().equals("DELETE")) {
          // Which one it was is gone with all that is stored of it.
          assertEquals(
              1,
              platform.count(
                  "core.audit_log where action = 'channel.delete' and token_kind = 'service' and execution_id = '42' and details = '{}' and user_id = '"
                      + ada
                      + "'"));
          deletions++;
        }
      }
      assertEquals(1, deletions, "channels deleted");
      assertEquals(
          1,
          platform.count(
              "core.audit_log where action = 'user.erased' and user_id is null and details ->> 'about' = '"
                  + ada
                  + "'"));
    }
  }

  private static String body(ApiRoute route, String user, String channel, String customer) {
    JsonNode example = route.exampleBody();
    List<JsonNode> items = new ArrayList<>(List.of(example));
    for (String list : List.of("rows", "requests", "users")) {
      if (example.has(list)) {
        example.get(list).forEach(items::add);
      }
    }
    for (JsonNode item : items) {
      for (Map.Entry<String, String> id : Map.of("userId", user, "channelId", channel).entrySet()) {
        // A channel that is added is a new one.
        if (item.has(id.getKey()) && !"channel-create".equals(route.body())) {
          ((ObjectNode) item).put(id.getKey(), id.getValue());
        }
      }
      if (item.has("customerId")) {
        ((ObjectNode) item).put("customerId", customer);
      }
      if (item.has("channelIds")) {
        ((ObjectNode) item).putArray("channelIds").add(channel);
      }
    }
    return Platform.JSON.writeValueAsString(example);
  }
}
