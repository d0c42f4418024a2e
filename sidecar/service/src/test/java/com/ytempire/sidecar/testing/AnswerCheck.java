package com.ytempire.sidecar.testing;

import static com.ytempire.sidecar.testing.Platform.JSON;

import com.ytempire.sidecar.web.Contract;
import com.ytempire.sidecar.web.Problem.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Holds every answer that any test gets against what the OpenAPI document promises for it, so that
 * the contract is kept on the way out as well as on the way in.
 */
public final class AnswerCheck {
  private record Promise(String method, Pattern path, String status, String schema) {}

  private final Contract contract = Contract.load();
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
    List<Fault> faults = contract.faults(schema, body);
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "%s %s answered %d with what is no %s: %s%n%s"
              .formatted(method, address, status, schema, faults, body));
    }
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
