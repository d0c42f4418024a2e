package com.ytempire.sidecar.billing;

import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Client of Stripe's API. It reads subscriptions, which a restricted key may do, and nothing else.
 * A call ends at a deadline that covers its body, and reads a bounded number of bytes. Safe to
 * share between threads.
 */
final class StripeApi implements AutoCloseable {
  /** Stripe waits for the answer to its event meanwhile. */
  static final Duration TIMEOUT = Duration.ofSeconds(8);

  /** Pinned, so that an upgrade of the account does not change the shape of answers. */
  private static final String VERSION = "2025-03-31.basil";

  /** Part of what Stripe says of an object when the key is of the other mode. */
  private static final String OTHER_MODE = "similar object exists in";

  private static final int MAX_BYTES = 4 * 1024 * 1024;

  /** The most that Stripe lists in a page. A customer has one or two. */
  private static final String MAX_LISTED = "100";

  private final HttpUrl root;
  private final String key;
  private final OkHttpClient client;

  StripeApi(String url, String key, Duration timeout) {
    this.root = HttpUrl.get(url);
    this.key = key;
    this.client =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .callTimeout(timeout)
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
  }

  /**
   * The subscriptions of a customer, canceled ones too, newest first
   * (docs.stripe.com/api/subscriptions/list).
   *
   * @return empty: there is no such customer, or none any more
   * @throws StripeException when Stripe does not answer, or refuses, or says that the customer is
   *     of the other mode, test or live, than the key
   */
  Optional<List<StripeSubscription>> subscriptions(String customerId) throws StripeException {
    HttpUrl url =
        root.newBuilder()
            .addPathSegments("v1/subscriptions")
            .addQueryParameter("customer", customerId)
            .addQueryParameter("status", "all")
            .addQueryParameter("limit", MAX_LISTED)
            .build();
    Request request =
        new Request.Builder()
            .url(url)
            .header("Authorization", "Bearer " + key)
            .header("Stripe-Version", VERSION)
            .build();
    try (Response response = client.newCall(request).execute()) {
      JsonNode body = read(response);
      if (response.code() == 200 && body.path("data").isArray()) {
        return Optional.of(body.path("data").valueStream().map(StripeApi::subscription).toList());
      }
      if ((response.code() == 400 || response.code() == 404)
          && body.at("/error/code").asString("").equals("resource_missing")) {
        if (body.at("/error/message").asString("").contains(OTHER_MODE)) {
          throw new StripeException(
              "The customer is of Stripe's other mode, test or live, than YTEMPIRE_STRIPE_API_KEY");
        }
        return Optional.empty();
      }
      throw new StripeException(sentence(response.code()));
    } catch (IOException e) {
      throw new StripeException("Stripe does not answer");
    }
  }

  private static JsonNode read(Response response) throws IOException, StripeException {
    byte[] bytes = response.body().byteStream().readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw new StripeException("Stripe answered too much");
    }
    try {
      return Json.BODIES.readTree(new String(bytes, StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      throw new StripeException("Stripe answered no JSON, with status " + response.code());
    }
  }

  private static String sentence(int status) {
    return switch (status) {
      case 401, 403 ->
          "Stripe refuses the key: YTEMPIRE_STRIPE_API_KEY must be allowed to read subscriptions";
      case 429 -> "Stripe is asked too often";
      default -> "Stripe answered with status " + status;
    };
  }

  private static StripeSubscription subscription(JsonNode node) {
    List<String> prices = new ArrayList<>();
    long end = node.path("current_period_end").asLong(0);
    for (JsonNode item : node.at("/items/data")) {
      prices.add(item.at("/price/id").asString(""));
      // Of each item since 2025-03-31, of the subscription before.
      end = Math.max(end, item.path("current_period_end").asLong(0));
    }
    return new StripeSubscription(
        node.path("id").asString(""),
        node.path("status").asString(""),
        prices,
        instant(end),
        node.path("cancel_at_period_end").asBoolean(false));
  }

  private static @Nullable Instant instant(long seconds) {
    Instant at = Instant.ofEpochSecond(Math.clamp(seconds, 0, 32_503_680_000L));
    return com.ytempire.sidecar.web.Request.isOfOurTime(at) ? at : null;
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
