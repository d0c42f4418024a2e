package com.ytempire.sidecar.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server: where it listens, and the address at which browsers reach it. Port 0: any free
 * one.
 *
 * @param metricsPort of {@code /metrics} for Prometheus, which the API's port does not have
 * @param trustedProxies whose {@code X-Forwarded-For} is believed; empty: nobody's
 * @param legal what the pages link to
 * @param shutdownDelay how long a stopping sidecar still serves while it is not ready any more, so
 *     that its proxy notices first
 */
public record HttpSettings(
    String host,
    int port,
    String publicUrl,
    int metricsPort,
    List<Network> trustedProxies,
    Legal legal,
    Duration shutdownDelay) {
  static HttpSettings read(SettingsReader reader) {
    return new HttpSettings(
        reader.text("HTTP_HOST", "127.0.0.1"),
        reader.number("HTTP_PORT", 8080, 0, 65_535),
        reader.address("PUBLIC_URL", "http://127.0.0.1:8080"),
        reader.number("METRICS_PORT", 9464, 0, 65_535),
        reader.list("TRUSTED_PROXIES", Network::parse),
        new Legal(reader.optionalAddress("PRIVACY_POLICY_URL"), reader.raw("CONTACT")),
        Duration.ofSeconds(reader.number("SHUTDOWN_DELAY_SECONDS", 0, 0, 60)));
  }

  /**
   * Our own pages that the connect page must link to (YouTube's Developer Policies III.A.2).
   *
   * @param privacyPolicyUrl null: the connect page says what it must in short
   */
  public record Legal(@Nullable String privacyPolicyUrl, @Nullable String contact) {}
}
