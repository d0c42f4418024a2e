package com.ytempire.sidecar.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A route as the OpenAPI document has it, so that what is tested of every route is tested of a new
 * one too.
 *
 * @param roles what its description says of who may take it; empty: anybody
 * @param body name of the schema of its body
 */
public record ApiRoute(
    String method, String path, List<String> query, String roles, @Nullable String body) {

  public static List<ApiRoute> all(JsonNode openApi) {
    List<ApiRoute> routes = new ArrayList<>();
    openApi
        .get("paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation ->
                    routes.add(of(path.getKey(), operation.getKey(), operation.getValue()))));
    return routes;
  }

  private static ApiRoute of(String path, String method, JsonNode operation) {
    List<String> query = new ArrayList<>();
    operation
        .get("parameters")
        .forEach(parameter -> {
          if (parameter.get("in").stringValue().equals("query")) {
            query.add(parameter.get("name").stringValue());
          }
        });
    JsonNode body = operation.at("/requestBody/content/application~1json/schema/$ref");
    return new ApiRoute(
        method.toUpperCase(Locale.ROOT),
        path,
        query,
        operation.has("security") ? operation.get("description").stringValue() : "",
        body.isString() ? body.stringValue().replaceAll(".*/", "") : null);
  }

  public boolean isOpen() {
    return roles.isEmpty();
  }

  /** The contract's good example of its body; every body needs one, or nobody tests with it. */
  public JsonNode exampleBody() {
    Path example = Path.of("../../schemas/examples", String.valueOf(body), "good.json");
    try {
      return Platform.JSON.readTree(Files.readString(example));
    } catch (IOException e) {
      throw new UncheckedIOException("there is no good example of a body: " + example, e);
    }
  }
}
