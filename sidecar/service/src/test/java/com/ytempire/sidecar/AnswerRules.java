package com.ytempire.sidecar;

import com.ytempire.sidecar.testing.RawHttp.Response;
import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Problem.Fault;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What holds of every answer, whatever was asked: no failure of ours, a status, type and body that
 * the OpenAPI document promises, and the headers that keep browsers safe. Safe to share between
 * threads.
 */
final class AnswerRules {
  private static final Pattern INTERNALS =
      Pattern.compile(
          "Exception\\b|\\bat (com|io|java|org|tools)\\.|SQLSTATE|(?i)select .{0,200}\\bfrom\\b|ytempire_app|org\\.postgresql");

  /** Differ between any two answers, or say no more than what the body does. */
  private static final Set<String> OF_THE_MOMENT = Set.of("date", "content-length");

  /** Characters of what is too short to be an id. */
  private static final int SHORT = 8;

  private record Operation(String method, Pattern path, JsonNode responses) {}

  private final Contract contract = Contract.load();
  private final List<Operation> operations = new ArrayList<>();

  AnswerRules(JsonNode openApi) {
    openApi
        .get("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation ->
                    operations.add(
                        new Operation(
                            operation.getKey().toUpperCase(Locale.ROOT),
                            Pattern.compile(path.getKey().replaceAll("\\{[a-zA-Z]+}", "[^/]*")),
                            operation.getValue().get("responses")))));
  }

  /** What is wrong with an answer; empty when nothing is. */
  List<String> violations(FuzzRequest request, Response response) {
    List<String> violations = new ArrayList<>();
    int status = response.status();
    if (status >= 500 && !(status == 503 && response.headers().containsKey("retry-after"))) {
      violations.add("failure of ours: " + status);
    }
    if (!"nosniff".equals(response.headers().get("x-content-type-options"))) {
      violations.add("no X-Content-Type-Options: nosniff");
    }
    if (response.headers().containsKey("x-injected")) {
      violations.add("a header of the caller's making");
    }
    boolean isHead = request.method().equals("HEAD");
    if (status >= 300 && status < 400) {
      if (response.headers().containsKey("location")) {
        undocumented(request, response).ifPresent(violations::add);
      }
      return violations;
    }
    if (status >= 400) {
      if (!isHead) {
        isProblem(request, response, violations);
      }
      return violations;
    }
    undocumented(request, response).ifPresent(violations::add);
    if (status == 204 && !response.body().isEmpty()) {
      violations.add("a body with 204");
    }
    return violations;
  }

  private void isProblem(FuzzRequest request, Response response, List<String> violations) {
    String type = mediaType(response);
    if (type.equals("text/html")) {
      // Pages for people say in words what is wrong.
      undocumented(request, response).ifPresent(violations::add);
      return;
    }
    if (!type.equals("application/problem+json")) {
      violations.add("a refusal of type '%s'".formatted(type));
      return;
    }
    faults("problem", response, violations);
    if (INTERNALS.matcher(withoutEcho(response, request)).find()) {
      violations.add("shows internals");
    }
    JsonNode said = json(response);
    if (said != null && said.path("status").asInt(0) != response.status()) {
      violations.add("another status in the body");
    }
  }

  /** What a refusal says by itself: an error may repeat what was asked. */
  private static String withoutEcho(Response response, FuzzRequest request) {
    JsonNode said = json(response);
    if (said == null) {
      return response.body();
    }
    String all = said.path("title").asString("") + " " + said.path("detail").asString("");
    return request.toString().contains("select") || request.toString().contains("Exception")
        ? ""
        : all;
  }

  private Optional<String> undocumented(FuzzRequest request, Response response) {
    String path = request.target().replaceAll("[?#].*", "").replaceAll("^http://[^/]*", "");
    if (path.matches("(?s)/+|/docs/?|/openapi\\.json/?|/webjars/.*|")) {
      return Optional.empty();
    }
    String method = request.method().equals("HEAD") ? "GET" : request.method();
    String plain = path.replaceAll(";[^/]*", "").replaceAll("/+$", "");
    List<String> promised = new ArrayList<>();
    for (Operation operation : operations) {
      if (operation.method().equals(method) && operation.path().matcher(plain).matches()) {
        String fault = unlike(operation.responses(), response, request.method().equals("HEAD"));
        if (fault == null) {
          return Optional.empty();
        }
        promised.add(fault);
      }
    }
    return Optional.of(
        promised.isEmpty()
            ? "%d from no operation of the document".formatted(response.status())
            : promised.getFirst());
  }

  private @Nullable String unlike(JsonNode responses, Response response, boolean isHead) {
    JsonNode promised = responses.get(String.valueOf(response.status()));
    if (promised == null) {
      return "%d is not documented".formatted(response.status());
    }
    JsonNode content = promised.get("content");
    if (isHead) {
      return null;
    }
    if (content == null) {
      return response.body().isEmpty() ? null : "a body where none is documented";
    }
    JsonNode promise = content.get(mediaType(response));
    if (promise == null) {
      return "type '%s' is not documented".formatted(mediaType(response));
    }
    JsonNode schema = promise.at("/schema/$ref");
    if (schema.isString()) {
      List<String> faults = new ArrayList<>();
      faults(schema.stringValue().replaceAll(".*/", ""), response, faults);
      return faults.isEmpty() ? null : faults.getFirst();
    }
    return null;
  }

  private void faults(String schema, Response response, List<String> violations) {
    JsonNode body = json(response);
    if (body == null) {
      violations.add("no JSON");
      return;
    }
    List<Fault> faults = contract.faults(schema, body);
    if (!faults.isEmpty()) {
      violations.add("no %s: %s".formatted(schema, faults.getFirst()));
    }
  }

  private static @Nullable JsonNode json(Response response) {
    try {
      return response.json();
    } catch (JacksonException e) {
      return null;
    }
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static String mediaType(Response response) {
    return response.headers().getOrDefault("content-type", "").replaceAll(";.*", "").strip();
  }

  /**
   * An answer with all that may differ between two ids taken out: the ids themselves, the moment,
   * and figures of the whole platform.
   */
  static String shape(FuzzRequest request, Response response, Map<String, String> ids) {
    Map<String, String> headers = new TreeMap<>(response.headers());
    headers.keySet().removeAll(OF_THE_MOMENT);
    // An archive has the sender's own data, which other requests change meanwhile.
    String body = mediaType(response).equals("application/zip") ? "" : response.body();
    String text = response.status() + " " + headers + " " + body;
    for (String id : ids.values()) {
      text = withoutId(text, id);
    }
    // Refusals repeat what was asked.
    for (String sent : request.target().split("[/?&=]", -1)) {
      String decoded = decoded(sent);
      if (decoded.length() > SHORT) {
        text = withoutId(text, decoded);
      }
    }
    return text.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>")
        .replaceAll("[0-9]+", "9");
  }

  /** An id may be sent in capitals, or in some, and is answered as it is stored. */
  private static String withoutId(String text, String id) {
    return Pattern.compile(Pattern.quote(id), Pattern.CASE_INSENSITIVE)
        .matcher(text)
        .replaceAll("<id>");
  }
}
