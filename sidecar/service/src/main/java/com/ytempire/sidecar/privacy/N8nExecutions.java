package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.config.N8nSettings;
import com.ytempire.sidecar.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Client of n8n's public API for executions (docs.n8n.io/api): lists them, searches one for texts,
 * deletes one. Every call ends at a deadline that covers its body, and reads a bounded number of
 * bytes. Safe to share between threads.
 */
final class N8nExecutions implements AutoCloseable {
  private static final int PAGE = 100;
  private static final int MAX_LIST_BYTES = 16 * 1024 * 1024;

  private static final long MAX_DATA_BYTES = 512L * 1024 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** An id becomes part of an address. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private final N8nSettings settings;
  private final Duration timeout;
  private final long maxDataBytes;
  private @Nullable OkHttpClient client;

  N8nExecutions(N8nSettings settings) {
    this(settings, TIMEOUT, MAX_DATA_BYTES);
  }

  /**
   * Creates a client with other limits.
   *
   * @param timeout of a call, from resolving the name to the last byte of the body
   * @param maxDataBytes most bytes of an execution that are searched
   */
  N8nExecutions(N8nSettings settings, Duration timeout, long maxDataBytes) {
    this.settings = settings;
    this.timeout = timeout;
    this.maxDataBytes = maxDataBytes;
  }

  /**
   * A page of executions that have ended or wait, newest first.
   *
   * @param next null: this was the last one
   */
  record Page(List<String> ids, @Nullable String next) {}

  /** The page at a cursor; null: the first one. */
  Page list(@Nullable String cursor) throws N8nException, InterruptedException {
    HttpUrl.Builder address = address().addQueryParameter("limit", String.valueOf(PAGE));
    if (cursor != null) {
      address.addQueryParameter("cursor", cursor);
    }
    return call(
        "GET",
        address.build(),
        (status, body) -> {
          requireOk(status);
          byte[] bytes = body.readNBytes(MAX_LIST_BYTES + 1);
          if (bytes.length > MAX_LIST_BYTES) {
            throw new N8nException("n8n's list of executions has more than 16 MiB", 0);
          }
          return page(bytes);
        });
  }

  private static Page page(byte[] bytes) throws N8nException {
    try {
      JsonNode page = Json.MAPPER.readTree(bytes);
      List<String> ids = new ArrayList<>();
      for (JsonNode execution : page.path("data")) {
        String id = execution.path("id").asString("");
        if (!ID.matcher(id).matches()) {
          throw new N8nException("n8n lists an execution without a usable id", 0);
        }
        ids.add(id);
      }
      String next = page.path("nextCursor").asString("");
      return new Page(ids, next.isEmpty() ? null : next);
    } catch (JacksonException e) {
      throw new N8nException("n8n's list of executions is not JSON", 0);
    }
  }

  /** Whether an execution's data hold one of these texts; false when it is gone. */
  boolean mentions(String id, List<String> terms) throws N8nException, InterruptedException {
    HttpUrl address = address().addPathSegment(id).addQueryParameter("includeData", "true").build();
    return call(
        "GET",
        address,
        (status, body) -> {
          if (status == 404) {
            return false;
          }
          requireOk(status);
          return ExecutionSearch.contains(body, terms, maxDataBytes);
        });
  }

  /** Deletes an execution; one that is gone already is no failure. */
  void delete(String id) throws N8nException, InterruptedException {
    var _ =
        call(
            "DELETE",
            address().addPathSegment(id).build(),
            (status, body) -> {
              if (status != 404) {
                requireOk(status);
              }
              return true;
            });
  }

  private static void requireOk(int status) throws N8nException {
    if (status / 100 != 2) {
      throw new N8nException(
          status == 401 || status == 403
              ? "n8n refuses the API key (%d); it needs the scopes execution:list, execution:read and execution:delete"
                  .formatted(status)
              : "n8n answered " + status,
          status);
    }
  }

  /** Makes a result of an answer. */
  private interface Answer<T> {
    T read(int status, InputStream body) throws IOException, N8nException;
  }

  private HttpUrl.Builder address() {
    return HttpUrl.get(settings.url() + "/api/v1/executions").newBuilder();
  }

  private <T> T call(String method, HttpUrl address, Answer<T> answer)
      throws N8nException, InterruptedException {
    Request request =
        new Request.Builder()
            .url(address)
            .header("X-N8N-API-KEY", settings.apiKey())
            .header("Accept", "application/json")
            .method(method, null)
            .build();
    try (Response response = client().newCall(request).execute()) {
      return answer.read(response.code(), Objects.requireNonNull(response.body()).byteStream());
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException();
      }
      throw new N8nException(
          e instanceof InterruptedIOException
              ? "n8n did not finish its answer within %d seconds".formatted(timeout.toSeconds())
              : "n8n is not reachable, or broke off",
          0);
    }
  }

  /** Made for the first call, since it reads the certificates that it trusts. */
  private synchronized OkHttpClient client() {
    OkHttpClient made = client;
    if (made == null) {
      made =
          new OkHttpClient.Builder()
              .protocols(List.of(Protocol.HTTP_1_1))
              // The API key goes to n8n alone.
              .followRedirects(false)
              .followSslRedirects(false)
              .connectTimeout(Duration.ofSeconds(5))
              // The deadline of the call is the only one.
              .readTimeout(Duration.ZERO)
              .callTimeout(timeout)
              .build();
      client = made;
    }
    return made;
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.dispatcher().cancelAll();
      client.connectionPool().evictAll();
    }
  }
}
