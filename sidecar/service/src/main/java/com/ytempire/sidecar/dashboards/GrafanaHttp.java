package com.ytempire.sidecar.dashboards;

import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Client of Grafana's HTTP API (grafana.com/docs/grafana/latest/developers/http_api) as a server
 * administrator with basic authentication, since service accounts may not make organizations. Every
 * call ends at a deadline that covers its body, and reads a bounded number of bytes. Safe to share
 * between threads.
 */
final class GrafanaHttp implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int MAX_BYTES = 4 * 1024 * 1024;
  private static final MediaType JSON =
      Objects.requireNonNull(MediaType.parse("application/json; charset=utf-8"));

  private final HttpUrl root;
  private final String authorization;
  private final OkHttpClient client;

  /**
   * @param url root address
   * @param user a server administrator
   */
  GrafanaHttp(String url, String user, String password) {
    this(url, user, password, TIMEOUT);
  }

  GrafanaHttp(String url, String user, String password, Duration timeout) {
    this.root = HttpUrl.get(url);
    this.authorization = Credentials.basic(user, password, StandardCharsets.UTF_8);
    this.client =
        new OkHttpClient.Builder()
            .protocols(List.of(Protocol.HTTP_1_1))
            .callTimeout(timeout)
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
  }

  record Answer(String call, int status, JsonNode body) {
    /** The body where the status is one of these; missing where it is not found. */
    JsonNode require(Integer... statuses) throws GrafanaException {
      if (!Set.of(statuses).contains(status)) {
        String said = body.path("message").asString("");
        throw new GrafanaException(
            switch (status) {
              case 401 -> "Grafana does not know our administrator, or its password is another";
              case 403 -> "Grafana's user is no server administrator (%s)".formatted(call);
              default ->
                  "Grafana answered %s with %d%s"
                      .formatted(
                          call,
                          status,
                          said.isEmpty()
                              ? ""
                              : ": " + said.substring(0, Math.min(200, said.length())));
            },
            status);
      }
      return status == 404 ? Json.MAPPER.missingNode() : body;
    }
  }

  static long idOf(JsonNode body, String field) throws GrafanaException {
    long id = body.path(field).asLong(0);
    if (id <= 0) {
      throw new GrafanaException("Grafana's answer has no " + field + "; is it a Grafana?", 0);
    }
    return id;
  }

  JsonNode get(@Nullable Long organization, String... path) throws GrafanaException {
    return send("GET", organization, null, path).require(200);
  }

  /** A GET with parameters in the address. */
  Answer query(@Nullable Long organization, Map<String, String> parameters, String... path)
      throws GrafanaException {
    HttpUrl.Builder address = address(path);
    parameters.forEach(address::addQueryParameter);
    return send("GET", organization, null, address.build(), path);
  }

  Answer send(String method, @Nullable Long organization, @Nullable Object body, String... path)
      throws GrafanaException {
    return send(method, organization, body, address(path).build(), path);
  }

  private HttpUrl.Builder address(String... path) {
    HttpUrl.Builder address = root.newBuilder();
    for (String segment : path) {
      address.addPathSegment(segment);
    }
    return address;
  }

  private Answer send(
      String method,
      @Nullable Long organization,
      @Nullable Object body,
      HttpUrl address,
      String... path)
      throws GrafanaException {
    Request.Builder request =
        new Request.Builder()
            .url(address)
            .header("Authorization", authorization)
            .header("Accept", "application/json")
            .method(
                method,
                body == null
                    ? (method.equals("PUT") || method.equals("POST") || method.equals("PATCH")
                        ? RequestBody.create(new byte[0], JSON)
                        : null)
                    : RequestBody.create(Json.MAPPER.writeValueAsBytes(body), JSON));
    if (organization != null) {
      request.header("X-Grafana-Org-Id", String.valueOf(organization));
    }
    String call = method + " /" + String.join("/", path);
    try (Response response = client.newCall(request.build()).execute();
        InputStream in = response.body().byteStream()) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new GrafanaException("Grafana's answer to " + call + " has more than 4 MiB", 0);
      }
      return new Answer(call, response.code(), json(call, response.code(), bytes));
    } catch (IOException e) {
      throw new GrafanaException(
          "Grafana does not answer at %s (%s)".formatted(root, e.getClass().getSimpleName()), 0);
    }
  }

  private static JsonNode json(String call, int status, byte[] bytes) throws GrafanaException {
    try {
      return bytes.length == 0 ? Json.MAPPER.createObjectNode() : Json.MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      if (status >= 400) {
        return Json.MAPPER.createObjectNode();
      }
      throw new GrafanaException(
          "what answers " + call + " is no Grafana: its answer is not JSON", 0);
    }
  }

  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }
}
