package com.ytempire.sidecar.testing;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An address that receives events; keeps what it was sent, taken or not. */
public final class Receiver implements AutoCloseable {
  private static final int LONGEST_WAIT_SECONDS = 20;

  private final HttpServer server;
  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final CountDownLatch arrived = new CountDownLatch(1);
  private volatile int status = 200;
  private volatile @Nullable String location;
  private volatile String refused = "none";
  private volatile CountDownLatch held = new CountDownLatch(0);

  /** One delivery as it came in. */
  public record Call(String id, long sentAt, String signature, String body) {
    public JsonNode json() {
      return Platform.JSON.readTree(body);
    }

    public String text(String field) {
      return json().get(field).asString();
    }

    /** Checks the signature as a receiver elsewhere would, by the text of Standard Webhooks. */
    public boolean isSignedWith(String secret) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(
            new SecretKeySpec(Base64.getDecoder().decode(secret.split("_", 2)[1]), "HmacSHA256"));
        byte[] hash =
            mac.doFinal((id + "." + sentAt + "." + body).getBytes(StandardCharsets.UTF_8));
        return signature.equals("v1," + Base64.getEncoder().encodeToString(hash));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  public Receiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          arrived.countDown();
          hold();
          var headers = exchange.getRequestHeaders();
          int answer = body.contains(refused) ? 422 : status;
          if (location != null) {
            exchange.getResponseHeaders().set("Location", location);
          }
          exchange.sendResponseHeaders(answer, -1);
          exchange.close();
          calls.add(
              new Call(
                  headers.getFirst("webhook-id"),
                  Long.parseLong(headers.getFirst("webhook-timestamp")),
                  headers.getFirst("webhook-signature"),
                  body));
        });
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  /** From now on it answers so. */
  public void answer(int wanted) {
    status = wanted;
  }

  /** From now on it sends everybody elsewhere. */
  public void redirect(String elsewhere) {
    location = elsewhere;
    status = 307;
  }

  private void hold() {
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From now on it answers nobody, until what this answers is counted down. */
  public CountDownLatch beSlow() {
    held = new CountDownLatch(1);
    return held;
  }

  /** Waits until somebody has called. */
  public void awaitArrival() {
    try {
      if (!arrived.await(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody called in " + LONGEST_WAIT_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From now on it takes nothing in which this stands. */
  public void refuse(String text) {
    refused = text;
  }

  /** The next delivery, which must come. */
  public Call next() {
    try {
      Call call = calls.poll(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
      if (call == null) {
        throw new AssertionError("nothing was sent in " + LONGEST_WAIT_SECONDS + " s");
      }
      return call;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** How many have come that nobody has looked at. */
  public int more() {
    return calls.size();
  }

  @Override
  public void close() {
    held.countDown();
    server.stop(0);
  }
}
