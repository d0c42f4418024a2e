package com.ytempire.simulator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stripe's API at the wire, as far as subscriptions are read, and events with its signature. From
 * Stripe's documents; where each behavior is known from is said at it. Money never moves here.
 */
public final class StripeSimulator implements AutoCloseable {
  public static final String API_KEY = "rk_test_ofTheSimulator";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpServer server;
  private final Map<String, List<Map<String, Object>>> customers = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private volatile int failure;
  private volatile boolean isOtherMode;
  private volatile @Nullable Runnable beforeAnswer;

  /** Requests that were answered, by their path and query. */
  public final List<String> requests = new CopyOnWriteArrayList<>();

  public StripeSimulator() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext("/v1/subscriptions", this::list);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** A new customer, without a subscription. */
  public String customer() {
    String id = "cus_simulated%04d".formatted(numbers.incrementAndGet());
    customers.put(id, new CopyOnWriteArrayList<>());
    return id;
  }

  /**
   * Deletes a customer, with its subscriptions (docs.stripe.com/api/customers/delete). What the
   * list of its subscriptions answers then is documented nowhere; users report resource_missing, as
   * of one that never was.
   */
  public void delete(String customer) {
    customers.remove(customer);
  }

  /**
   * Answers about customers that are none as Stripe does when they exist in live mode and the key
   * is of test mode; the sentence is in many users' logs.
   */
  public void setOtherMode(boolean isOther) {
    isOtherMode = isOther;
  }

  /** A new subscription of a customer to one price; the newest of its list. */
  public String subscribe(String customer, String status, String price, Instant periodEnd) {
    String id = "sub_simulated%04d".formatted(numbers.incrementAndGet());
    Objects.requireNonNull(customers.get(customer))
        .addFirst(subscription(id, customer, status, price, periodEnd));
    return id;
  }

  /** Changes a subscription, as its customer, its card or its time do. */
  public void change(String subscriptionId, String field, Object value) {
    customers
        .values()
        .forEach(all ->
            all.replaceAll(each -> {
              if (!subscriptionId.equals(each.get("id"))) {
                return each;
              }
              Map<String, Object> changed = new LinkedHashMap<>(each);
              changed.put(field, value);
              return changed;
            }));
  }

  /** Moves a subscription to another price. */
  public void changePrice(String subscriptionId, String price, Instant periodEnd) {
    change(subscriptionId, "items", items(subscriptionId, price, periodEnd));
  }

  /** Answers every request with this status; 0: as usual. */
  public void failWith(int status) {
    failure = status;
  }

  /** Does something once, between what a request reads and its answer. */
  public void beforeAnswer(Runnable act) {
    beforeAnswer = act;
  }

  /**
   * docs.stripe.com/api/subscriptions/object, version 2025-03-31: the period is of each item.
   * Fields that nobody here reads stand for the many that the original has.
   */
  private static Map<String, Object> subscription(
      String id, String customer, String status, String price, Instant periodEnd) {
    Map<String, Object> subscription = new LinkedHashMap<>();
    subscription.put("id", id);
    subscription.put("object", "subscription");
    subscription.put("cancel_at_period_end", false);
    subscription.put("customer", customer);
    subscription.put("default_payment_method", "pm_simulated");
    subscription.put("items", items(id, price, periodEnd));
    subscription.put("latest_invoice", "in_simulated");
    subscription.put("livemode", false);
    subscription.put("status", status);
    return subscription;
  }

  private static Map<String, Object> items(String id, String price, Instant periodEnd) {
    return Map.of(
        "object",
        "list",
        "data",
        List.of(
            Map.of(
                "id",
                "si_of_" + id,
                "object",
                "subscription_item",
                "current_period_end",
                periodEnd.getEpochSecond(),
                "price",
                Map.of("id", price, "object", "price", "currency", "usd", "unit_amount", 9900),
                "quantity",
                1)),
        "has_more",
        false,
        "url",
        "/v1/subscription_items?subscription=" + id);
  }

  /**
   * docs.stripe.com/api/subscriptions/list: newest first; without {@code status=all} no canceled
   * ones. docs.stripe.com/api/errors and /error-codes: 401 for another key, 400 resource_missing
   * for a customer that is none.
   */
  private void list(HttpExchange exchange) throws IOException {
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    requests.add(exchange.getRequestURI().toString());
    String customer = query.getOrDefault("customer", "");
    @Nullable List<Map<String, Object>> known = customers.get(customer);
    int status = 200;
    Object body;
    if (!("Bearer " + API_KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      status = 401;
      body =
          Map.of(
              "error",
              Map.of("message", "Invalid API Key provided", "type", "invalid_request_error"));
    } else if (failure != 0) {
      status = failure;
      body = Map.of("error", Map.of("message", "An unknown error occurred", "type", "api_error"));
    } else if (known == null) {
      status = 400;
      body =
          Map.of(
              "error",
              Map.of(
                  "code",
                  "resource_missing",
                  "message",
                  "No such customer: '"
                      + customer
                      + "'"
                      + (isOtherMode
                          ? "; a similar object exists in live mode, but a test mode key was used to make this request."
                          : ""),
                  "param",
                  "customer",
                  "type",
                  "invalid_request_error"));
    } else {
      List<Map<String, Object>> listed = new ArrayList<>(known);
      if (!"all".equals(query.get("status"))) {
        listed.removeIf(each -> "canceled".equals(each.get("status")));
      }
      body =
          Map.of("object", "list", "data", listed, "has_more", false, "url", "/v1/subscriptions");
    }
    byte[] json = JSON.writeValueAsBytes(body);
    @Nullable Runnable act = beforeAnswer;
    beforeAnswer = null;
    if (act != null) {
      act.run();
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, json.length);
    try (exchange) {
      exchange.getResponseBody().write(json);
    }
  }

  private static Map<String, String> query(@Nullable String raw) {
    Map<String, String> query = new LinkedHashMap<>();
    for (String part : raw == null ? new String[0] : raw.split("&", -1)) {
      String[] pair = part.split("=", 2);
      query.put(pair[0], pair.length < 2 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  /** An event as docs.stripe.com/api/events/object has it, with this object in it. */
  public String event(String type, Instant created, Map<String, ?> object) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("id", "evt_simulated%04d".formatted(numbers.incrementAndGet()));
    event.put("object", "event");
    event.put("api_version", "2025-03-31.basil");
    event.put("created", created.getEpochSecond());
    event.put("data", Map.of("object", object));
    event.put("livemode", false);
    event.put("pending_webhooks", 1);
    event.put("request", Map.of("id", "req_simulated"));
    event.put("type", type);
    return JSON.writeValueAsString(event);
  }

  /** An event about a customer's subscription, with the state that it has now. */
  public String event(String type, Instant created, String customer) {
    return event(type, created, Objects.requireNonNull(customers.get(customer)).getFirst());
  }

  /**
   * The header {@code Stripe-Signature} (docs.stripe.com/webhooks/signature): the time, one v1 for
   * each secret that is valid, and, as in test mode, a v0 that must be ignored.
   */
  public static String signature(String body, Instant at, String... secrets) {
    StringBuilder header = new StringBuilder("t=" + at.getEpochSecond());
    for (String secret : secrets) {
      header.append(",v1=").append(hmac(secret, at.getEpochSecond() + "." + body));
    }
    return header + ",v0=" + "0".repeat(64);
  }

  private static String hmac(String secret, String signed) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
