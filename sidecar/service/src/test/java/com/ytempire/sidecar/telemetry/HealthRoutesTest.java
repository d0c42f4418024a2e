package com.ytempire.sidecar.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class HealthRoutesTest {
  private static HealthRoutes.Health health(String check, Optional<String> warning) {
    return new HealthRoutes(Map.of("postgresql", () -> check), Map.of("disk", () -> warning))
        .health();
  }

  @Test
  void a_warning_alone_degrades_and_a_failed_check_is_down() {
    assertEquals("up", health("up", Optional.empty()).status());
    assertEquals(
        new HealthRoutes.Health(
            "degraded", Map.of("postgresql", "up"), Map.of("disk", "nearly full")),
        health("up", Optional.of("nearly full")));
    assertEquals("down", health("unavailable", Optional.of("nearly full")).status());
  }

  @Test
  void a_stopping_process_is_down_though_all_its_parts_are_up() {
    HealthRoutes routes = new HealthRoutes(Map.of("redis", () -> "up"), Map.of());
    routes.stop();
    assertEquals(
        new HealthRoutes.Health("down", Map.of("process", "stopping", "redis", "up"), Map.of()),
        routes.health());
  }
}
