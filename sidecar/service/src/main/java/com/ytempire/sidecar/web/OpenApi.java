package com.ytempire.sidecar.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The OpenAPI 3.1 document, made from the endpoints and the contract, so that it cannot say what is
 * not so.
 */
final class OpenApi {
  private static final Pattern PARAMETER = Pattern.compile("\\{([a-zA-Z]+)}");

  private static final String SCRIPT =
      "SwaggerUIBundle({url: '/openapi.json', dom_id: '#page', persistAuthorization: false, validatorUrl: null})";

  /** Where the files of the page are; below it, the version and a file's name. */
  static final String ASSETS = "/webjars/swagger-ui/";

  private static final Set<String> ASSET_FILES = Set.of("swagger-ui.css", "swagger-ui-bundle.js");

  /** The page to read and try it. */
  static final String PAGE =
      """
      <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>YTEMPIRE Data API</title>
      <link rel="stylesheet" href="%s/swagger-ui.css">
      <div id="page"></div>
      <script src="%s/swagger-ui-bundle.js"></script>
      <script>%s</script></html>
      """
          .formatted(ASSETS + swaggerVersion(), ASSETS + swaggerVersion(), SCRIPT);

  /** What the page may load: our own files, and no script in it but its own. */
  static final String PAGE_POLICY =
      "default-src 'none'; script-src 'self' 'sha256-%s'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
          .formatted(sha256(SCRIPT));

  private final byte[] json;

  OpenApi(Contract contract, List<Endpoint> endpoints) {
    ObjectNode document = Json.MAPPER.createObjectNode();
    document.put("openapi", "3.1.0");
    ObjectNode info = document.putObject("info");
    info.put("title", "YTEMPIRE Data");
    info.put("version", "1");
    info.put(
        "description",
        "YouTube metrics of many users, fetched thriftily, stored apart. Days are YouTube's (Pacific); money is in USD, as decimal strings; errors are RFC 9457 problem documents.");
    ObjectNode components = document.putObject("components");
    components
        .putObject("securitySchemes")
        .putObject("token")
        .put("type", "http")
        .put("scheme", "bearer");
    ObjectNode schemas = components.putObject("schemas");
    contract.documents().forEach((name, schema) -> schemas.set(name, inlined(schema)));
    Map<String, ObjectNode> paths = new TreeMap<>();
    for (Endpoint endpoint : endpoints) {
      paths
          .computeIfAbsent(endpoint.path(), path -> Json.MAPPER.createObjectNode())
          .set(endpoint.method().toLowerCase(Locale.ROOT), operation(endpoint));
    }
    ObjectNode pathNode = document.putObject("paths");
    paths.forEach(pathNode::set);
    this.json = Json.MAPPER.writeValueAsBytes(document);
  }

  byte[] json() {
    return json.clone();
  }

  private static ObjectNode operation(Endpoint endpoint) {
    ObjectNode operation = Json.MAPPER.createObjectNode();
    operation.put("summary", endpoint.summary());
    operation.put("operationId", operationId(endpoint));
    operation.putArray("tags").add(tag(endpoint.path()));
    if (!endpoint.roles().isEmpty()) {
      operation.put(
          "description",
          "For tokens of kind "
              + String.join(", ", endpoint.roles().stream().map(Role::label).sorted().toList())
              + "."
              + (endpoint.roles().contains(Role.SERVICE)
                  ? " A service token needs the scope %s.".formatted(endpoint.scope().label())
                  : ""));
      operation.putArray("security").addObject().putArray("token");
    }
    describeParameters(endpoint, operation.putArray("parameters"));
    if (endpoint.body() != null) {
      reference(
          operation.putObject("requestBody").put("required", true),
          "application/json",
          endpoint.body());
    }
    describeResponses(endpoint, operation.putObject("responses"));
    return operation;
  }

  private static void describeParameters(Endpoint endpoint, ArrayNode parameters) {
    Matcher matcher = PARAMETER.matcher(endpoint.path());
    while (matcher.find()) {
      parameters
          .addObject()
          .put("name", matcher.group(1))
          .put("in", "path")
          .put("required", true)
          .putObject("schema")
          .put("type", "string");
    }
    endpoint
        .query()
        .forEach((name, description) ->
            parameters
                .addObject()
                .put("name", name)
                .put("in", "query")
                .put("description", description)
                .putObject("schema")
                .put("type", "string"));
  }

  private static void describeResponses(Endpoint endpoint, ObjectNode responses) {
    ObjectNode success =
        responses.putObject(String.valueOf(endpoint.status())).put("description", "Done.");
    if (endpoint.answer() != null) {
      reference(success, "application/json", endpoint.answer());
    }
    if (endpoint.mediaType() != null) {
      // Beside JSON, where it answers either.
      text(success, endpoint.mediaType());
    }
    for (Endpoint.Alternative alternative : endpoint.alternatives()) {
      ObjectNode response =
          responses
              .putObject(String.valueOf(alternative.status()))
              .put("description", alternative.description());
      @Nullable String mediaType = alternative.mediaType();
      if (mediaType != null && alternative.schema() != null) {
        reference(response, mediaType, alternative.schema());
      } else if (mediaType != null) {
        text(response, mediaType);
      }
    }
    reference(
        responses.putObject("default").put("description", "What went wrong, and what to do."),
        "application/problem+json",
        "problem");
  }

  /** Describes content that is text without a schema, beside what is described already. */
  private static void text(ObjectNode where, String mediaType) {
    where
        .withObjectProperty("content")
        .putObject(mediaType)
        .putObject("schema")
        .put("type", "string");
  }

  private static void reference(ObjectNode where, String mediaType, String schema) {
    where
        .putObject("content")
        .putObject(mediaType)
        .putObject("schema")
        .put("$ref", "#/components/schemas/" + schema);
  }

  private static String operationId(Endpoint endpoint) {
    List<String> words = new ArrayList<>();
    for (String part : endpoint.path().split("/")) {
      if (!part.isEmpty() && !part.equals("v1")) {
        words.add(
            part.startsWith("{")
                ? "By"
                    + part.substring(1, 2).toUpperCase(Locale.ROOT)
                    + part.substring(2, part.length() - 1)
                : part);
      }
    }
    return endpoint.method().toLowerCase(Locale.ROOT) + "-" + String.join("-", words);
  }

  private static String tag(String path) {
    String rest = path.startsWith("/v1/") ? path.substring(4) : path.substring(1);
    return rest.contains("/channels")
        ? "channels"
        : rest.contains("/metrics") ? "metrics" : rest.split("[/.]")[0];
  }

  /** The schema with its references to other files turned into references within the document. */
  private static JsonNode inlined(JsonNode schema) {
    String text = Json.MAPPER.writeValueAsString(schema);
    ObjectNode copy =
        (ObjectNode)
            Json.MAPPER.readTree(
                text.replaceAll(
                    "\"\\$ref\":\"([a-z-]+)\\.json\"", "\"\\$ref\":\"#/components/schemas/$1\""));
    copy.remove("$id");
    copy.remove("$schema");
    return copy;
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A file of the page; empty when it is none of them, or another version's. */
  static Optional<InputStream> asset(String version, String file) {
    return ASSET_FILES.contains(file) && version.equals(swaggerVersion())
        ? Optional.ofNullable(
            OpenApi.class.getResourceAsStream(
                "/META-INF/resources" + ASSETS + version + "/" + file))
        : Optional.empty();
  }

  private static String swaggerVersion() {
    try (var in =
        OpenApi.class.getResourceAsStream(
            "/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
      Properties properties = new Properties();
      properties.load(Objects.requireNonNull(in, "swagger-ui is not on the class path"));
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
