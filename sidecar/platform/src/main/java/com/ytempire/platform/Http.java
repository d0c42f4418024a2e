package com.ytempire.platform;

import com.ytempire.simulator.ConsentPage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client that talks JSON, and, where people would, opens links and submits forms. Keeps cookies.
 * Safe to share between threads.
 */
public final class Http {
  /** Reads and writes JSON. */
  public static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpClient client =
      HttpClient.newBuilder()
          // n8n takes the offer of HTTP/2 that this client makes by default for a web socket, and
          // never answers.
          .version(HttpClient.Version.HTTP_1_1)
          .cookieHandler(new CookieManager())
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String base;
  private final Map<String, String> headers;
  private final Retry retry;

  /**
   * Which answers are passing failures, for which nothing was done, so that the request is sent
   * again.
   *
   * @param isPassing decides by status and body
   * @param pause between two requests
   * @param timeout after which such an answer is answered as it is
   */
  record Retry(BiPredicate<Integer, String> isPassing, Duration pause, Duration timeout) {
    private static final Retry NONE =
        new Retry((status, body) -> false, Duration.ZERO, Duration.ZERO);
  }

  /**
   * Makes a client.
   *
   * @param base the address that paths are appended to
   * @param token sent as a bearer token; null: none
   */
  public Http(String base, @Nullable String token) {
    this(base, token == null ? Map.of() : Map.of("Authorization", "Bearer " + token), Retry.NONE);
  }

  /** Returns a client without a token that sends requests again after passing failures. */
  static Http retrying(String base, Retry retry) {
    return new Http(base, Map.of(), retry);
  }

  private Http(String base, Map<String, String> headers, Retry retry) {
    this.base = base;
    this.headers = headers;
    this.retry = retry;
  }

  /** The same address with one header more, and no cookies. */
  public Http with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Http(base, more, retry);
  }

  /** An answer whose status is not of success. */
  public static final class UnexpectedAnswer extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnexpectedAnswer(String message) {
      super(message);
    }
  }

  HttpClient client() {
    return client;
  }

  /**
   * Returns the body of an answer.
   *
   * @throws UnexpectedAnswer unless its status is of success
   */
  public JsonNode get(String path) {
    return json("GET", path, null);
  }

  /**
   * Posts JSON; returns the body of the answer.
   *
   * @throws UnexpectedAnswer unless its status is of success
   */
  public JsonNode post(String path, Object body) {
    return json("POST", path, body);
  }

  /**
   * Changes a part of something by JSON; returns the body of the answer.
   *
   * @throws UnexpectedAnswer unless its status is of success
   */
  public JsonNode patch(String path, Object body) {
    return json("PATCH", path, body);
  }

  /** Posts JSON; returns the answer as it came. */
  public HttpResponse<String> exchange(String path, Object body) {
    return send(request("POST", path, body));
  }

  /** The body of an answer as it comes; the caller closes it. */
  InputStream stream(String path) {
    HttpResponse<InputStream> response =
        send(request("GET", path, null), BodyHandlers.ofInputStream(), Http::text);
    if (response.statusCode() / 100 != 2) {
      throw new UnexpectedAnswer(
          "GET %s answered %d".formatted(base + path, response.statusCode()));
    }
    return response.body();
  }

  /** Submits a form as a browser does; answers the status. */
  public int submit(String path, Map<String, String> fields) {
    String boundary = "----fields-of-the-form";
    StringBuilder body = new StringBuilder();
    fields.forEach((name, value) ->
        body.append(
            "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                .formatted(boundary, name, value)));
    body.append("--").append(boundary).append("--\r\n");
    return send(request("POST", path, "multipart/form-data; boundary=" + boundary, body.toString()))
        .statusCode();
  }

  /** Presses the button of a page at an address elsewhere; answers the status. */
  public int press(String url) {
    return send(HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofMinutes(1))
            .POST(BodyPublishers.noBody())
            .build())
        .statusCode();
  }

  /** Returns the status of an answer. */
  public int status(String path) {
    return send(request("GET", path, null)).statusCode();
  }

  private JsonNode json(String method, String path, @Nullable Object body) {
    HttpResponse<String> response = send(request(method, path, body));
    if (response.statusCode() / 100 != 2) {
      throw new UnexpectedAnswer(
          "%s %s answered %d: %s"
              .formatted(method, base + path, response.statusCode(), shortened(response.body())));
    }
    return JSON.readTree(response.body());
  }

  private HttpRequest request(String method, String path, @Nullable Object body) {
    return request(
        method, path, "application/json", body == null ? null : JSON.writeValueAsString(body));
  }

  private HttpRequest request(
      String method, String path, String contentType, @Nullable String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofMinutes(5))
            .header("Content-Type", contentType)
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    headers.forEach(request::header);
    return request.build();
  }

  /**
   * Opens a consent page, picks a channel and follows back to the app, as the channel's owner
   * would.
   */
  public void consent(String link, String channelId) {
    URI back;
    try {
      back = ConsentPage.pick(client, link, channelId);
    } catch (IOException e) {
      throw new UnexpectedAnswer("connecting %s: %s".formatted(channelId, e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    HttpResponse<String> end = send(HttpRequest.newBuilder(back).build());
    if (end.statusCode() != 200) {
      throw new UnexpectedAnswer(
          "connecting %s ended with %d: %s"
              .formatted(channelId, end.statusCode(), shortened(end.body())));
    }
  }

  private HttpResponse<String> send(HttpRequest request) {
    return send(request, BodyHandlers.ofString(), body -> body);
  }

  /** Reads and closes the body of a failure. */
  private static String text(InputStream body) {
    try (body) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Sends a request, and again after passing failures.
   *
   * @param text reads the body of an answer that is not of success
   */
  private <T> HttpResponse<T> send(
      HttpRequest request, HttpResponse.BodyHandler<T> handler, Function<T, String> text) {
    long until = System.nanoTime() + retry.timeout().toNanos();
    try {
      while (true) {
        HttpResponse<T> response = client.send(request, handler);
        if (response.statusCode() / 100 == 2
            || !retry.isPassing().test(response.statusCode(), text.apply(response.body()))
            || System.nanoTime() > until) {
          return response;
        }
        Thread.sleep(retry.pause());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(request.uri() + " cannot be reached: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String shortened(String text) {
    return text.length() > 500 ? text.substring(0, 500) + " …" : text;
  }

  /** Returns a map of keys and values, in this order. */
  public static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
