package com.ytempire.bench;

import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Requests to a sidecar that may be away or refuse. Safe to share between threads. */
final class SidecarClient {
  private final String url;
  private final String token;
  private volatile int execution;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  SidecarClient(String url, String token) {
    this.url = url;
    this.token = token;
  }

  /** From here on requests are those of another execution of the workflow. */
  void beginExecution() {
    execution++;
  }

  /**
   * An answer of the sidecar.
   *
   * @param status 0: no answer
   * @param retryAfter the header of that name; null: none
   */
  record Answer(int status, JsonNode body, @Nullable String retryAfter) {
    boolean isOk() {
      return status / 100 == 2;
    }

    /** The last part of a problem's type; {@code no answer} without one. */
    String problem() {
      String type = body.path("type").asString("");
      return status == 0
          ? "no answer"
          : type.isEmpty() ? "status " + status : type.substring(type.lastIndexOf('/') + 1);
    }
  }

  Answer get(String path) {
    return send(HttpRequest.newBuilder(URI.create(url + path)).GET(), Duration.ofSeconds(60));
  }

  Answer post(String path, Object body, Duration timeout) {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .POST(BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body))),
        timeout);
  }

  private Answer send(HttpRequest.Builder request, Duration timeout) {
    try {
      HttpResponse<byte[]> answer =
          http.send(
              request
                  .timeout(timeout)
                  .header("Authorization", "Bearer " + token)
                  .header("X-N8n-Workflow-Id", "benchmark")
                  .header("X-N8n-Execution-Id", String.valueOf(execution))
                  .build(),
              BodyHandlers.ofByteArray());
      return new Answer(
          answer.statusCode(),
          answer.body().length == 0
              ? Json.MAPPER.createObjectNode()
              : Json.MAPPER.readTree(answer.body()),
          answer.headers().firstValue("Retry-After").orElse(null));
    } catch (IOException e) {
      return new Answer(0, Json.MAPPER.createObjectNode(), null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
