package com.ytempire.simulator;

import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.json.JavalinJackson3;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stands in for OpenAI: answers {@code POST /v1/responses} with sentences that use the slots of the
 * question, and {@code GET /v1/organization/costs} with what these answers cost, by UTC day.
 *
 * <p>Shapes and names are those of OpenAI's API reference: the response object with {@code output}
 * and {@code usage}, the page of cost buckets, the error object of a wrong key, and of 503 as its
 * guide to error codes lists it for an overloaded engine. Four characters are counted as a token,
 * as OpenAI's help says of English. Safe to share between threads.
 */
public final class OpenAi implements AutoCloseable {
  /** The key that it knows. */
  public static final String API_KEY = "sk-simulated";

  private static final Pattern SLOT = Pattern.compile("\\\\?\"id\\\\?\":\\\\?\"([a-z_]+)\\\\?\"");
  private static final int CHARACTERS_A_TOKEN = 4;
  private static final double USD_PER_INPUT = 0.75e-6;
  private static final double USD_PER_OUTPUT = 4.50e-6;
  private static final long DAY = Duration.ofDays(1).toSeconds();

  private final Clock clock;
  private final Javalin server;
  private final AtomicLong answers = new AtomicLong();
  private final Map<Long, Double> costs = new TreeMap<>();
  private volatile @Nullable String nextAnswer;
  private volatile boolean isUnavailable;

  private OpenAi(Clock clock, int port) {
    this.clock = clock;
    this.server =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.concurrency.useVirtualThreads = true;
          config.jetty.host = "127.0.0.1";
          config.jsonMapper(new JavalinJackson3());
          config.routes.post("/v1/responses", this::respond);
          config.routes.get("/v1/organization/costs", this::costs);
          config.routes.get(
              "/v1/models", ctx -> ctx.json(Map.of("object", "list", "data", List.of())));
        });
    server.start(port);
  }

  /**
   * Starts the server on the loopback address.
   *
   * @param port 0 for any free one
   */
  public static OpenAi start(Clock clock, int port) {
    return new OpenAi(clock, port);
  }

  /** The address to be used as the Base URL. */
  public String url() {
    return "http://127.0.0.1:" + server.port() + "/v1";
  }

  /** The text that the next response carries; null: sentences that fit the question. */
  public void answerNext(@Nullable String text) {
    nextAnswer = text;
  }

  /** Sets whether every question is answered with 503. */
  public void setUnavailable(boolean isUnavailable) {
    this.isUnavailable = isUnavailable;
  }

  /** How many responses were made. */
  public long responses() {
    return answers.get();
  }

  /** Refuses a wrong key as OpenAI does. */
  private static boolean isRefused(Context ctx) {
    if (("Bearer " + API_KEY).equals(ctx.header("Authorization"))) {
      return false;
    }
    fail(ctx, 401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key");
    return true;
  }

  private static void fail(
      Context ctx, int status, String message, String type, @Nullable String code) {
    Map<String, @Nullable Object> error = new LinkedHashMap<>();
    error.put("message", message);
    error.put("type", type);
    error.put("param", null);
    error.put("code", code);
    ctx.status(status).json(Map.of("error", error));
  }

  private void respond(Context ctx) {
    if (isRefused(ctx)) {
      return;
    }
    if (isUnavailable) {
      fail(
          ctx,
          503,
          "The engine is currently overloaded, please try again later",
          "server_error",
          null);
      return;
    }
    JsonNode request = JsonMapper.shared().readTree(ctx.body());
    String question = request.path("input").toString();
    @Nullable String given = nextAnswer;
    nextAnswer = null;
    String text = given == null ? sentences(question) : given;
    long input = question.length() / CHARACTERS_A_TOKEN;
    long output = text.length() / CHARACTERS_A_TOKEN + 1;
    long number = answers.incrementAndGet();
    Instant now = clock.instant();
    long day = now.getEpochSecond() / DAY * DAY;
    synchronized (costs) {
      costs.merge(day, input * USD_PER_INPUT + output * USD_PER_OUTPUT, Double::sum);
    }
    Map<String, @Nullable Object> response = new LinkedHashMap<>();
    response.put("id", "resp_simulated_%d_%d".formatted(now.toEpochMilli(), number));
    response.put("object", "response");
    response.put("created_at", now.getEpochSecond());
    response.put("status", "completed");
    response.put("error", null);
    response.put("incomplete_details", null);
    response.put("model", request.path("model").asString(""));
    response.put(
        "output",
        List.of(
            Map.of(
                "type", "message",
                "id", "msg_simulated_" + number,
                "status", "completed",
                "role", "assistant",
                "content",
                    List.of(
                        Map.of("type", "output_text", "text", text, "annotations", List.of())))));
    response.put(
        "usage",
        Map.of(
            "input_tokens",
            input,
            "input_tokens_details",
            Map.of("cached_tokens", 0),
            "output_tokens",
            output,
            "output_tokens_details",
            Map.of("reasoning_tokens", 0),
            "total_tokens",
            input + output));
    ctx.json(response);
  }

  /** A sentence about each of the first facts of a question. */
  private static String sentences(String question) {
    List<String> sentences = new ArrayList<>();
    Matcher slot = SLOT.matcher(question);
    while (slot.find() && sentences.size() < 3) {
      sentences.add("This week shows {{%s}} for your channels.".formatted(slot.group(1)));
    }
    return JsonMapper.shared().writeValueAsString(Map.of("sentences", sentences));
  }

  private void costs(Context ctx) {
    if (isRefused(ctx)) {
      return;
    }
    long start = Long.parseLong(String.valueOf(ctx.queryParam("start_time"))) / DAY * DAY;
    @Nullable String end = ctx.queryParam("end_time");
    long until = end == null ? clock.instant().getEpochSecond() : Long.parseLong(end);
    int limit = Integer.parseInt(ctx.queryParamAsClass("limit", String.class).getOrDefault("7"));
    List<Map<String, ?>> buckets = new ArrayList<>();
    long day = start;
    for (; day < until && buckets.size() < limit; day += DAY) {
      double usd;
      synchronized (costs) {
        usd = costs.getOrDefault(day, 0.0);
      }
      buckets.add(
          Map.of(
              "object",
              "bucket",
              "start_time",
              day,
              "end_time",
              day + DAY,
              "results",
              usd == 0
                  ? List.of()
                  : List.of(
                      Map.of(
                          "object",
                          "organization.costs.result",
                          "amount",
                          Map.of("value", usd, "currency", "usd")))));
    }
    Map<String, @Nullable Object> page = new LinkedHashMap<>();
    page.put("object", "page");
    page.put("data", buckets);
    page.put("has_more", day < until);
    page.put("next_page", day < until ? "page_" + day : null);
    ctx.json(page);
  }

  @Override
  public void close() {
    server.stop();
  }
}
