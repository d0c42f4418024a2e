package com.ytempire.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests to n8n are sent again while it does not reach its database. */
final class HttpTest {
  /** As n8n 2 answers it. */
  private static final String NOT_READY = "{\"code\":503,\"message\":\"Database is not ready!\"}";

  private final AtomicInteger requests = new AtomicInteger();
  private int failures;
  private String failure = NOT_READY;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean fails = requests.incrementAndGet() <= failures;
          byte[] body = (fails ? failure : "{\"data\":1}").getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(fails ? 503 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Http client(Duration timeout) {
    return Http.retrying(
        "http://127.0.0.1:" + server.getAddress().getPort(),
        new Http.Retry(N8n.DATABASE_NOT_READY.isPassing(), Duration.ofMillis(1), timeout));
  }

  @Test
  void a_request_is_sent_again_until_n8n_reaches_its_database() throws IOException {
    failures = 3;
    assertEquals(1, client(Duration.ofMinutes(1)).post("/rest", Http.map()).get("data").intValue());
    assertEquals(4, requests.get());
    requests.set(0);
    try (InputStream body = client(Duration.ofMinutes(1)).with("X", "y").stream("/rest")) {
      assertTrue(new String(body.readAllBytes(), StandardCharsets.UTF_8).contains("data"));
    }
    assertEquals(4, requests.get());
  }

  @Test
  void a_database_that_stays_unavailable_is_reported() {
    failures = Integer.MAX_VALUE;
    String message =
        String.valueOf(
            assertThrows(
                    Http.UnexpectedAnswer.class, () -> client(Duration.ZERO).get("/rest/workflows"))
                .getMessage());
    assertTrue(message.contains("Database is not ready!"), message);
  }

  @Test
  void another_failure_is_not_sent_again() {
    failures = Integer.MAX_VALUE;
    failure = "{\"message\":\"Service unavailable\"}";
    assertThrows(
        Http.UnexpectedAnswer.class, () -> client(Duration.ofMinutes(1)).post("/rest", Http.map()));
    assertEquals(1, requests.get());
  }
}
