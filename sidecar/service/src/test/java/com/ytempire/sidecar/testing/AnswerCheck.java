package com.ytempire.sidecar.testing;

import static com.ytempire.sidecar.testing.Platform.JSON;

import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Problem.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * Holds every answer that any test gets against what the OpenAPI document promises for it, so that
 * the contract is kept on the way out as well as on the way in.
 */
public final class AnswerCheck {
  private record Promise(String method, Pattern path, String status, String schema) {}

  private static final Contract CONTRACT = Contract.load();

  /** The kinds of rows by the schema that holds their list; see {@link #takeRows}. */
  private static final Map<String, Set<String>> KINDS =
      Map.of("fetch-result", kinds("fetched-row"), "metric-page", kinds("metric-row"));

  private final List<Promise> promises = new ArrayList<>();

  public AnswerCheck(JsonNode openApi) {
    openApi
        .get("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation ->
                    operation
                        .getValue()
                        .get("responses")
                        .properties()
                        .forEach(response -> {
                          JsonNode content = response.getValue().get("content");
                          JsonNode shown =
                              content == null
                                  ? JSON.getNodeFactory().missingNode()
                                  : content.values().iterator().next().at("/schema/$ref");
                          // Files have no schema.
                          if (shown.isString()) {
                            String reference = shown.stringValue();
                            promises.add(
                                new Promise(
                                    operation.getKey().toUpperCase(Locale.ROOT),
                                    Pattern.compile(
                                        path.getKey().replaceAll("\\{[a-zA-Z]+}", "[^/]+")),
                                    response.getKey(),
                                    reference.substring(reference.lastIndexOf('/') + 1)));
                          }
                        })));
  }

  /** Fails when a JSON answer is not what was promised. */
  public void check(String method, String path, int status, JsonNode body) {
    String address = path.replaceAll("\\?.*", "");
    String schema =
        status >= 400 && body.has("detail") ? "problem" : promised(method, address, status);
    List<Fault> faults = faults(schema, body);
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "%s %s answered %d with what is no %s: %s%n%s"
              .formatted(method, address, status, schema, faults, body));
    }
  }

  private static List<Fault> faults(String schema, JsonNode body) {
    Set<String> kinds = KINDS.get(schema);
    if (kinds == null) {
      return CONTRACT.faults(schema, body);
    }
    JsonNode rest = body.deepCopy();
    List<JsonNode> rows = new ArrayList<>();
    takeRows(rest, rows);
    List<Fault> faults = new ArrayList<>(CONTRACT.faults(schema, rest));
    for (JsonNode row : rows) {
      String kind = row.path("kind").asString("");
      if (kinds.contains(kind)) {
        faults.addAll(CONTRACT.faults(kind, row));
      } else {
        faults.add(new Fault("/kind", "is none of " + kinds));
      }
    }
    return faults;
  }

  /**
   * Takes the rows out of an answer. Their schema says that each is one of a dozen kinds, and a
   * validator tries every kind on every row, which is most of the time of a test that fetches
   * thousands; the schema of its own kind says as much.
   */
  private static void takeRows(JsonNode answer, List<JsonNode> rows) {
    if (answer.get("rows") instanceof ArrayNode list) {
      list.forEach(rows::add);
      list.removeAll();
    }
    answer.path("results").forEach(result -> takeRows(result, rows));
  }

  /** The schemas of which a row fits exactly one: each fixes the kind as its own name. */
  private static Set<String> kinds(String rowSchema) {
    Set<String> kinds = new TreeSet<>();
    for (JsonNode one : CONTRACT.document(rowSchema).get("oneOf")) {
      String kind = one.get("$ref").stringValue().replace(".json", "");
      JsonNode schema = CONTRACT.document(kind);
      if (!schema.at("/properties/kind/const").asString("").equals(kind)
          || !schema.get("required").toString().contains("\"kind\"")) {
        throw new AssertionError("the schema " + kind + " does not require the kind " + kind);
      }
      kinds.add(kind);
    }
    return kinds;
  }

  private String promised(String method, String address, int status) {
    return promises.stream()
        .filter(
            promise -> promise.method().equals(method) && promise.path().matcher(address).matches())
        .filter(promise ->
            promise.status().equals(String.valueOf(status))
                || (status == 503 && promise.schema().equals("health")))
        .map(Promise::schema)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                "%s %s answered %d with JSON, which nothing promises"
                    .formatted(method, address, status)));
  }
}
