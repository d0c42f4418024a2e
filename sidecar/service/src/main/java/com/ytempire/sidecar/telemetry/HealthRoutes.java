package com.ytempire.sidecar.telemetry;

import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Request;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Routes that say whether the process answers and whether it can work. They need no token, so that
 * neither a check nor a warning may name a user or count them.
 */
public final class HealthRoutes {
  private final Map<String, Supplier<String>> checks;
  private final Map<String, Supplier<Optional<String>>> warnings;
  private volatile boolean isStopping;

  /**
   * Creates the routes.
   *
   * @param checks of each part that is needed, by its name: {@code up}, or what is wrong
   * @param warnings by what they concern: what is wrong and does not keep the sidecar from working;
   *     must answer at once
   */
  public HealthRoutes(
      Map<String, Supplier<String>> checks, Map<String, Supplier<Optional<String>>> warnings) {
    this.checks = new TreeMap<>(checks);
    this.warnings = new TreeMap<>(warnings);
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/health/live", "Whether the process answers")
            .answers("health")
            .with(request -> new Health("up", Map.of(), Map.of())),
        Endpoint.get(
                "/health/ready",
                "Whether all that is needed is there, 503 when not; and warnings of what else is wrong")
            .answers("health")
            .orAnswers(
                503,
                "A required service is unavailable, the disk is full, or the sidecar is about to stop.",
                "health")
            .with(this::ready));
  }

  /** Answers {@code /health/ready} with 503 from now on, as the process is about to end. */
  public void stop() {
    isStopping = true;
  }

  record Health(String status, Map<String, String> checks, Map<String, String> warnings) {}

  private Object ready(Request request) {
    Health health = health();
    return new Endpoint.Answer(health.status().equals("down") ? 503 : 200, health);
  }

  /** The state now. */
  Health health() {
    Map<String, String> states = new TreeMap<>();
    if (isStopping) {
      states.put("process", "stopping");
    }
    checks.forEach((name, state) -> states.put(name, state.get()));
    Map<String, String> raised = new TreeMap<>();
    warnings.forEach((name, warning) -> warning.get().ifPresent(text -> raised.put(name, text)));
    boolean isUp = states.values().stream().allMatch("up"::equals);
    return new Health(!isUp ? "down" : raised.isEmpty() ? "up" : "degraded", states, raised);
  }
}
