package com.ytempire.sidecar.telemetry;

import static org.junit.jupiter.api.Assertions.assertTrue;

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
}
