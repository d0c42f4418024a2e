package com.ytempire.sidecar.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.ytempire.sidecar.config.N8nSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** The client of n8n's API against answers that are late, endless or odd. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class N8nExecutionsTest {
  private static final List<String> TERMS = List.of("ada@example.com");
  private static final long MAX_BYTES = 1 << 20;

  private final CountDownLatch ended = new CountDownLatch(1);
  private HttpServer n8n;
  private N8nExecutions executions;

  @BeforeEach
  void start() throws IOException {
    n8n = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    n8n.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    n8n.start();
    executions = client(Duration.ofSeconds(20));
  }

  private N8nExecutions client(Duration timeout) {
    return new N8nExecutions(
        new N8nSettings("http://127.0.0.1:" + n8n.getAddress().getPort(), "key"),
        timeout,
        MAX_BYTES);
  }

  private static void assertFails(String why, Executable call) {
    N8nException failure = assertThrows(N8nException.class, call);
    assertTrue(String.valueOf(failure.getMessage()).contains(why), failure.toString());
  }

  @AfterEach
  void stop() {
    ended.countDown();
    executions.close();
    n8n.stop(0);
  }

  private void answers(HttpHandler handler) {
    n8n.createContext("/api/v1/executions", handler);
  }

  private static void send(HttpExchange exchange, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Sends the head and one byte, and then nothing until the test ends. */
  private void stall(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 1000);
    exchange.getResponseBody().write('{');
    exchange.getResponseBody().flush();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_body_that_stalls_ends_at_the_deadline() {
    answers(this::stall);
    executions.close();
    executions = client(Duration.ofMillis(500));
    assertFails("did not finish", () -> executions.list(null));
    assertFails("did not finish", () -> executions.mentions("1", TERMS));
  }

  @Test
  void a_body_without_end_is_not_read_to_the_end() {
    answers(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      byte[] block = new byte[1 << 16];
      while (ended.getCount() > 0) {
        exchange.getResponseBody().write(block);
      }
    });
    assertFails("too large", () -> executions.mentions("1", TERMS));
  }

  @Test
  void a_text_is_found_before_the_limit_in_data_beyond_it() throws Exception {
    answers(exchange -> send(exchange, TERMS.getFirst() + " " + "x".repeat((int) MAX_BYTES)));
    assertTrue(executions.mentions("1", TERMS));
  }

  private static boolean holds(String data, String term) throws Exception {
    return ExecutionSearch.contains(
        new ByteArrayInputStream(data.getBytes(StandardCharsets.UTF_8)), List.of(term), MAX_BYTES);
  }

  @Test
  void an_email_inside_a_longer_one_is_not_the_users() throws Exception {
    for (String others :
        List.of(
            "jo@b.co",
            "j.o@b.co",
            "j-o@b.co",
            "j+o@b.co",
            "éo@b.co",
            "o@b.com",
            "o@b.co.uk",
            "o@b.co-op.net")) {
      assertFalse(holds("mail to " + others + " now", "o@b.co"), others);
    }
    assertFalse(holds("?confirm=jo%40b.co", "o%40b.co"));
  }

  @Test
  void an_email_is_found_whatever_stands_around_it() throws Exception {
    for (String around :
        List.of(
            "%s",
            "\"%s\"",
            "to %s.",
            "<%s>",
            "\\n%s\\n",
            "\\\\n%s\\\\n",
            "\\u003c%s\\u003e",
            "confirm=%s&x",
            "mailto%%3A%s%%20",
            "jo@b.co, %s",
            "(%s)",
            "mailto:%s?x",
            "'%s'",
            "%s, and %s.",
            "%s...")) {
      String data = around.replace("%s", "O@b.co").replace("%%", "%");
      assertTrue(holds(data, "o@b.co"), data);
    }
    assertTrue(holds("?confirm=O%40b.co", "o%40b.co"));
  }

  @Test
  void an_email_is_judged_alike_wherever_a_buffer_ends() throws Exception {
    for (int before = 65_500; before <= 65_560; before++) {
      String start = "x".repeat(before - 1);
      assertTrue(holds(start + " o@b.co ", "o@b.co"), "at " + before);
      assertTrue(holds(start + " o@b.co", "o@b.co"), "at the end, " + before);
      assertTrue(holds(start + "\\u003co@b.co.", "o@b.co"), "escaped, " + before);
      assertFalse(holds(start + "jo@b.co ", "o@b.co"), "longer before, " + before);
      assertFalse(holds(start + " o@b.com ", "o@b.co"), "longer after, " + before);
      assertFalse(holds(start + " o@b.co.uk ", "o@b.co"), "longer domain, " + before);
    }
  }

  @Test
  void the_api_key_follows_no_redirect() {
    AtomicInteger followed = new AtomicInteger();
    n8n.createContext(
        "/elsewhere",
        exchange -> {
          followed.incrementAndGet();
          send(exchange, "{}");
        });
    answers(exchange -> {
      exchange.getResponseHeaders().set("Location", "/elsewhere");
      exchange.sendResponseHeaders(302, -1);
      exchange.close();
    });
    assertFails("302", () -> executions.list(null));
    assertEquals(0, followed.get());
  }

  @Test
  void an_id_that_would_change_the_address_is_refused() {
    answers(exchange -> send(exchange, "{\"data\":[{\"id\":\"../users\"}]}"));
    assertFails("without a usable id", () -> executions.list(null));
  }

  @Test
  void a_list_that_is_not_json_is_a_failure_of_n8n() {
    answers(exchange -> send(exchange, "<html>"));
    assertFails("is not JSON", () -> executions.list(null));
  }
}
