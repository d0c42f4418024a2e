package com.ytempire.sidecar;

import com.ytempire.sidecar.CommandLineSetup.InvalidArgument;
import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The tokens of a running sidecar, over its API, by an operator's token of the environment. */
final class TokenApi {
  private final Map<String, String> environment;

  TokenApi(Map<String, String> environment) {
    this.environment = environment;
  }

  /** The sidecar refused or did not answer; the message says why. */
  static final class RequestFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    RequestFailure(String message) {
      super(message);
    }
  }

  /**
   * Asks the sidecar.
   *
   * @param path below {@code /v1/tokens}
   * @throws RequestFailure when it refuses or does not answer
   * @throws InvalidArgument when the environment does not say where it is, or has no token
   */
  JsonNode ask(String method, String path, @Nullable JsonNode body) {
    String address = environment.getOrDefault("YTEMPIRE_URL", "http://127.0.0.1:8080");
    String token = token();
    try (HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(address + "/v1/tokens" + path))
                  .timeout(Duration.ofSeconds(30))
                  .header("Authorization", "Bearer " + token)
                  .method(
                      method,
                      body == null
                          ? BodyPublishers.noBody()
                          : BodyPublishers.ofString(Json.MAPPER.writeValueAsString(body)))
                  .build(),
              BodyHandlers.ofString());
      JsonNode json =
          answer.body().isEmpty()
              ? Json.MAPPER.createObjectNode()
              : Json.MAPPER.readTree(answer.body());
      if (answer.statusCode() >= 400) {
        throw new RequestFailure(json.path("detail").asString("-"));
      }
      return json;
    } catch (IOException e) {
      throw new RequestFailure(
          "No sidecar answers at " + address + "; set YTEMPIRE_URL to its address.");
    } catch (IllegalArgumentException e) {
      throw new InvalidArgument("YTEMPIRE_URL is no address: " + address);
    } catch (JacksonException e) {
      throw new RequestFailure("What answers at " + address + " is no sidecar.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RequestFailure("Interrupted.");
    }
  }

  private String token() {
    String value = environment.get("YTEMPIRE_API_TOKEN");
    String file = environment.get("YTEMPIRE_API_TOKEN_FILE");
    try {
      String token = value != null ? value : file != null ? Files.readString(Path.of(file)) : "";
      if (token.isBlank()) {
        throw new InvalidArgument("YTEMPIRE_API_TOKEN is missing; it holds an operator's token.");
      }
      return token.strip();
    } catch (IOException e) {
      throw new InvalidArgument("YTEMPIRE_API_TOKEN_FILE: cannot read " + file + ".");
    }
  }
}
