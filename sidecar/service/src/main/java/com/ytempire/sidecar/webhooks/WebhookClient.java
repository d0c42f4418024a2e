package com.ytempire.sidecar.webhooks;

import com.ytempire.sidecar.config.AllowedTarget;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.SocketFactory;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls subscribers, at allowed addresses only. Safe to share between threads. */
final class WebhookClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WebhookClient.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String NOT_ALLOWED = "address not allowed";

  private final TargetPolicy policy;
  private final Clock clock;

  /** Connects to allowed addresses only. */
  private final LazyClient http;

  /** For the hosts that the operator allows by name, whose addresses are not checked. */
  private final LazyClient unchecked;

  /**
   * Makes no connection.
   *
   * @param allowed targets outside the public Internet that may be called
   */
  WebhookClient(List<AllowedTarget> allowed, Clock clock) {
    this.policy = new TargetPolicy(allowed);
    this.http = new LazyClient(policy.sockets());
    this.unchecked = new LazyClient(SocketFactory.getDefault());
    this.clock = clock;
  }

  /** The reason for which an event did not arrive. {@code status}: 0 where there was no answer. */
  record Failure(int status, String why) {}

  TargetPolicy policy() {
    return policy;
  }

  /** Sends a signed event; null when it was taken. */
  @Nullable Failure send(String url, String secret, String id, String body) {
    Instant now = clock.instant();
    HttpUrl address = HttpUrl.parse(url);
    if (address == null) {
      return new Failure(0, NOT_ALLOWED);
    }
    Request request =
        new Request.Builder()
            .url(address)
            .header("Content-Type", "application/json")
            .header("User-Agent", "ytempire-sidecar")
            .header("webhook-id", id)
            .header("webhook-timestamp", String.valueOf(now.getEpochSecond()))
            .header("webhook-signature", Signature.of(secret, id, now, body))
            .post(RequestBody.create(body.getBytes(StandardCharsets.UTF_8)))
            .build();
    OkHttpClient client =
        (policy.allowsByName(address.host(), address.port()) ? unchecked : http).get();
    // Nobody reads the body of the answer: it may drip or never end.
    try (Response response = client.newCall(request).execute()) {
      int status = response.code();
      return status / 100 == 2 ? null : new Failure(status, "answered " + status);
    } catch (TargetPolicy.DisallowedAddressException e) {
      return new Failure(0, NOT_ALLOWED);
    } catch (InterruptedIOException e) {
      return new Failure(0, "timed out");
    } catch (IOException e) {
      // No more than this: the error of a connection would disclose our network to a subscriber.
      log.debug("a subscriber was not reachable", e);
      return new Failure(0, "not reachable");
    }
  }

  /** A client that is made for its first call, since it reads the certificates that it trusts. */
  private static final class LazyClient {
    private final SocketFactory sockets;
    private @Nullable OkHttpClient client;

    LazyClient(SocketFactory sockets) {
      this.sockets = sockets;
    }

    synchronized OkHttpClient get() {
      OkHttpClient made = client;
      if (made == null) {
        made = client(sockets);
        client = made;
      }
      return made;
    }

    synchronized void close() {
      if (client != null) {
        client.dispatcher().cancelAll();
        client.connectionPool().evictAll();
      }
    }
  }

  private static OkHttpClient client(SocketFactory sockets) {
    return new OkHttpClient.Builder()
        // The address that is checked must be the subscriber's, not a proxy's.
        .proxy(Proxy.NO_PROXY)
        .socketFactory(sockets)
        .protocols(List.of(Protocol.HTTP_1_1))
        // A delivery is retried by our own schedule, which counts its attempts.
        .retryOnConnectionFailure(false)
        .followRedirects(false)
        .followSslRedirects(false)
        // From resolving the name to the head of the answer, however slowly it drips.
        .callTimeout(TIMEOUT)
        .build();
  }

  @Override
  public void close() {
    http.close();
    unchecked.close();
  }
}
