package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * n8n's executions, by its public API (docs.n8n.io/api): listed, searched for a text, deleted. Safe
 * to share between threads.
 */
final class N8nExecutions implements AutoCloseable {
  private static final int PAGE = 100;
  private static final int BUFFER = 64 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Config.N8n settings;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  N8nExecutions(Config.N8n settings) {
    this.settings = settings;
  }

  /** n8n did not do what it was asked; the message has no secret. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    Failed(String message, int status) {
      super(message);
      this.status = status;
    }

    /** Whether n8n does not take the cursor, which it may have forgotten. */
    boolean isOfCursor() {
      return status == 400;
    }
  }

  /**
   * A page of executions that have ended or wait, newest first.
   *
   * @param next null: this was the last one
   */
  record Page(List<String> ids, @Nullable String next) {}

  /** The page at a cursor; null: the first one. */
  Page list(@Nullable String cursor) throws Failed, InterruptedException {
    String path =
        "?limit="
            + PAGE
            + (cursor == null
                ? ""
                : "&cursor=" + URLEncoder.encode(cursor, StandardCharsets.UTF_8));
    HttpResponse<InputStream> response = send("GET", path);
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw refused(response.statusCode());
      }
      JsonNode page = Json.MAPPER.readTree(body);
      List<String> ids = new ArrayList<>();
      page.path("data").forEach(execution -> ids.add(execution.path("id").asString("")));
      String next = page.path("nextCursor").asString("");
      return new Page(ids, next.isEmpty() ? null : next);
    } catch (IOException e) {
      throw new Failed("n8n broke off: " + e.getMessage(), 0);
    }
  }

  /** Whether an execution's data hold one of these texts; false when it is gone. */
  boolean mentions(String id, List<String> terms) throws Failed, InterruptedException {
    HttpResponse<InputStream> response = send("GET", "/" + id + "?includeData=true");
    try (InputStream body = response.body()) {
      if (response.statusCode() == 404) {
        return false;
      }
      if (response.statusCode() != 200) {
        throw refused(response.statusCode());
      }
      return contains(body, terms);
    } catch (IOException e) {
      throw new Failed("n8n broke off: " + e.getMessage(), 0);
    }
  }

  /** Deletes an execution; one that is gone already is no failure. */
  void delete(String id) throws Failed, InterruptedException {
    HttpResponse<InputStream> response = send("DELETE", "/" + id);
    try (InputStream body = response.body()) {
      body.readAllBytes();
    } catch (IOException e) {
      throw new Failed("n8n broke off: " + e.getMessage(), 0);
    }
    if (response.statusCode() != 404 && response.statusCode() / 100 != 2) {
      throw refused(response.statusCode());
    }
  }

  /** Looks for texts in a stream of any length, a buffer at a time. */
  static boolean contains(InputStream in, List<String> terms) throws IOException {
    List<String> wanted =
        terms.stream()
            .map(term ->
                new String(term.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
            .toList();
    int overlap = wanted.stream().mapToInt(String::length).max().orElse(1) - 1;
    String before = "";
    for (byte[] read = in.readNBytes(BUFFER); read.length > 0; read = in.readNBytes(BUFFER)) {
      String text = before + new String(read, StandardCharsets.ISO_8859_1);
      if (wanted.stream().anyMatch(text::contains)) {
        return true;
      }
      before = text.substring(Math.max(0, text.length() - overlap));
    }
    return false;
  }

  private static Failed refused(int status) {
    return new Failed(
        status == 401 || status == 403
            ? "n8n refuses the API key (%d); it needs the scopes execution:list, execution:read and execution:delete"
                .formatted(status)
            : "n8n answered " + status,
        status);
  }

  private HttpResponse<InputStream> send(String method, String path)
      throws Failed, InterruptedException {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(settings.url() + "/api/v1/executions" + path))
              .timeout(TIMEOUT)
              .header("X-N8N-API-KEY", settings.apiKey())
              .header("Accept", "application/json")
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build(),
          BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new Failed("n8n is not reachable", 0);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
