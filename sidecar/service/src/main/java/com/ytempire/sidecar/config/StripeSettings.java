package com.ytempire.sidecar.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Stripe account by which users pay for their tiers.
 *
 * @param url root address of its API
 * @param apiKey that may read subscriptions
 * @param webhookSecrets by any of which an event may be signed: two while one is rolled
 * @param prices tier by the id of a price
 * @param grace how long a late payment changes nothing
 */
public record StripeSettings(
    String url,
    String apiKey,
    List<String> webhookSecrets,
    Map<String, String> prices,
    Duration grace) {
  private static final Set<String> TIERS = Set.of("starter", "growth", "scale");

  static @Nullable StripeSettings read(SettingsReader reader) {
    String key = reader.optionalSecret("STRIPE_API_KEY");
    String secrets = reader.optionalSecret("STRIPE_WEBHOOK_SECRETS");
    List<Map.Entry<String, String>> prices = reader.list("STRIPE_PRICES", StripeSettings::price);
    String url = reader.address("STRIPE_URL", "https://api.stripe.com");
    Duration grace = Duration.ofDays(reader.number("STRIPE_GRACE_DAYS", 7, 0, 60));
    if ((key == null) != (secrets == null) || (key == null) != prices.isEmpty()) {
      reader.fault(
          "YTEMPIRE_STRIPE_API_KEY, YTEMPIRE_STRIPE_WEBHOOK_SECRETS and YTEMPIRE_STRIPE_PRICES belong together; set all or none.");
    }
    if (key == null || secrets == null) {
      return null;
    }
    Map<String, String> tiers = new TreeMap<>();
    for (Map.Entry<String, String> price : prices) {
      if (tiers.put(price.getKey(), price.getValue()) != null) {
        reader.fault("YTEMPIRE_STRIPE_PRICES has %s twice.".formatted(price.getKey()));
      }
    }
    return new StripeSettings(url, key, List.of(secrets.split("[,\\s]+")), tiers, grace);
  }

  private static Map.Entry<String, String> price(String text) {
    String[] parts = text.split("=", 2);
    if (parts.length != 2
        || !parts[0].matches("price_[A-Za-z0-9_]{1,250}")
        || !TIERS.contains(parts[1])) {
      throw new IllegalArgumentException(
          "'%s' must be a price and its tier, such as price_123=growth; tiers are starter, growth and scale"
              .formatted(text));
    }
    return Map.entry(parts[0], parts[1]);
  }

  @Override
  public String toString() {
    return "StripeSettings[" + url + "]";
  }
}
