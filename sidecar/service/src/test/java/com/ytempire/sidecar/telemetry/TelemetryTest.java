package com.ytempire.sidecar.telemetry;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TelemetryTest {
  @Test
  void deliveries_of_each_outcome_are_counted_from_zero() {
    try (Telemetry telemetry = new Telemetry()) {
      for (String outcome : List.of("delivered", "failed", "given-up")) {
        String line = "ytempire_webhooks_deliveries_total{outcome=\"%s\"} 0.0".formatted(outcome);
        assertTrue(telemetry.scrape().contains(line), line);
      }
    }
  }

  @Test
  void refused_tokens_are_counted_from_zero_limited_or_not() {
    try (Telemetry telemetry = new Telemetry()) {
      for (boolean limited : List.of(false, true)) {
        String line = "ytempire_auth_failures_total{limited=\"%s\"} 0.0".formatted(limited);
        assertTrue(telemetry.scrape().contains(line), line);
      }
    }
  }

  @Test
  void requests_are_counted_by_how_long_they_took() {
    try (Telemetry telemetry = new Telemetry()) {
      telemetry.recordRequest("GET", "/v1/quota", 200, Duration.ofMillis(90));
      telemetry.recordRequest("GET", "/v1/quota", 200, Duration.ofMillis(800));
      for (String bucket : List.of("0.1\"} 1", "0.5\"} 1", "1.0\"} 2", "60.0\"} 2", "+Inf\"} 2")) {
        String line =
            "ytempire_http_requests_seconds_bucket{method=\"GET\",path=\"/v1/quota\",status=\"200\",le=\""
                + bucket;
        assertTrue(telemetry.scrape().contains(line), () -> line + "\n" + telemetry.scrape());
      }
    }
  }
}
