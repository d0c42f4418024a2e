package com.ytempire.sidecar.telemetry;

import com.ytempire.sidecar.web.Endpoint;
import com.ytempire.sidecar.web.Request;
import com.ytempire.sidecar.web.Server;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Routes that say whether the process answers and whether it can work. */
public final class HealthRoutes {
  private final Map<String, Supplier<String>> parts;

  /**
   * Takes each part that is needed by its name, and how to ask after it: {@code up}, or what is
   * wrong.
   */
  public HealthRoutes(Map<String, Supplier<String>> parts) {
    this.parts = new TreeMap<>(parts);
  }

  public List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/health/live", "Whether the process answers")
            .answers("health")
            .with(request -> new Health("up", Map.of())),
        Endpoint.get("/health/ready", "Whether all that is needed is there; 503 when not")
            .answers("health")
            .orAnswers(503, "A part is away, or its disk is full.", "health")
            .with(this::ready));
  }

  record Health(String status, Map<String, String> checks) {}

  private Object ready(Request request) {
    Map<String, String> checks = new TreeMap<>();
    parts.forEach((name, state) -> checks.put(name, state.get()));
    boolean up = checks.values().stream().allMatch("up"::equals);
    return new Server.Answer(up ? 200 : 503, new Health(up ? "up" : "down", checks));
  }
}
