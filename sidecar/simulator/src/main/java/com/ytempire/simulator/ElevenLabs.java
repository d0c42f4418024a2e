package com.ytempire.simulator;

import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.json.JavalinJackson3;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stands in for what ElevenLabs says of its own use: {@code POST
 * /v1/workspace/analytics/query/usage-by-product-over-time}, with the credits that a test has
 * counted for it.
 *
 * <p>Parameters, the table of columns with their types and units, and the refusal of a wrong key
 * are those of ElevenLabs' API reference and of its client for JavaScript 2.73. Safe to share
 * between threads.
 */
public final class ElevenLabs implements AutoCloseable {
  /** The key that it knows. */
  public static final String API_KEY = "simulated-elevenlabs-key";

  private static final long FIRST_MILLIS = 1_577_836_800_000L;
  private static final long DAY_SECONDS = Duration.ofDays(1).toSeconds();

  private final Javalin server;
  private final Map<Long, Double> credits = new TreeMap<>();

  private ElevenLabs(int port) {
    this.server =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.concurrency.useVirtualThreads = true;
          config.jetty.host = "127.0.0.1";
          config.jsonMapper(new JavalinJackson3());
          config.routes.post(
              "/v1/workspace/analytics/query/usage-by-product-over-time", this::usage);
        });
    server.start(port);
  }

  /**
   * Starts the server on the loopback address.
   *
   * @param port 0 for any free one
   */
  public static ElevenLabs start(int port) {
    return new ElevenLabs(port);
  }

  /** Its root address. */
  public String url() {
    return "http://127.0.0.1:" + server.port();
  }

  /** Counts credits that were used at a moment. */
  public void count(Instant at, double used) {
    synchronized (credits) {
      credits.merge(at.toEpochMilli(), used, Double::sum);
    }
  }

  private void usage(Context ctx) {
    if (!API_KEY.equals(ctx.header("xi-api-key"))) {
      ctx.status(401)
          .json(
              Map.of("detail", Map.of("status", "invalid_api_key", "message", "Invalid API key")));
      return;
    }
    JsonNode request = JsonMapper.shared().readTree(ctx.body());
    long start = request.path("start_time").asLong(0);
    long end = request.path("end_time").asLong(0);
    if (start < FIRST_MILLIS || end < FIRST_MILLIS) {
      ctx.status(422)
          .json(
              Map.of(
                  "detail",
                  List.of(
                      Map.of(
                          "loc", List.of("body", "start_time"),
                          "msg", "Input should be greater than or equal to 1577836800000",
                          "type", "greater_than_equal"))));
      return;
    }
    long interval = 1000 * request.path("interval_seconds").asLong(DAY_SECONDS);
    List<List<Object>> rows = new ArrayList<>();
    synchronized (credits) {
      for (long at = start; at < end; at += interval) {
        long from = at;
        double used =
            credits.entrySet().stream()
                .filter(each -> each.getKey() >= from && each.getKey() < from + interval)
                .mapToDouble(Map.Entry::getValue)
                .sum();
        if (used > 0) {
          rows.add(List.of(Instant.ofEpochMilli(at).toString(), "text_to_speech", used));
        }
      }
    }
    ctx.json(
        Map.of(
            "columns", List.of("time", "product_type", "total_usage"),
            "column_types", List.of("DateTime", "String", "Float"),
            "column_units", Arrays.asList(null, null, "credits"),
            "rows", rows));
  }

  @Override
  public void close() {
    server.stop();
  }
}
