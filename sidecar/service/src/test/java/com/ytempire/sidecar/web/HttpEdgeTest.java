package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Platform.Answer;
import com.ytempire.sidecar.testing.Polling;
import com.ytempire.sidecar.testing.RawHttp;
import com.ytempire.sidecar.testing.RawHttp.Response;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.LoggerFactory;

/** What strangers can send over HTTP: what is answered, and that nothing of it is kept. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HttpEdgeTest {
  private static final String OPERATOR = Platform.OPERATOR_TOKEN;

  /** Requests without a token; {@code -Dytempire.hostile=450000} sends as many as once sufficed. */
  private static final int HOSTILE = Integer.getInteger("ytempire.hostile", 20_000);

  private static final int AT_ONCE = 50;
  private static final long HEAP_GROWTH = 24L * 1024 * 1024;

  private static final int OPEN_CONNECTIONS = 400;

  /** Both ends of it, of which the one here takes about 10 KB. */
  private static final long HEAP_OF_A_CONNECTION = 48L * 1024;

  private final Platform platform = new Platform(1, 1);

  @BeforeAll
  void knownRoutesHaveTheirMeters() {
    platform.get("/v1/users", OPERATOR).expect(200);
  }

  @AfterAll
  void close() {
    platform.close();
  }

  private List<String> meters() {
    return platform
        .get("/metrics", null)
        .expect(200)
        .body()
        .stringValue()
        .lines()
        .filter(line -> line.startsWith("ytempire_http_requests_seconds_count"))
        .toList();
  }

  private static long heap() {
    System.gc();
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static String hostile(int i) {
    String name = Integer.toString(i, 26).toUpperCase(Locale.ROOT).replaceAll("[0-9]", "Z");
    return switch (i % 4) {
      case 0 ->
          "X%sX%d / HTTP/1.1\r\nHost: x\r\n\r\n".formatted(name, i).replaceFirst("\\d+ ", " ");
      case 1 -> "GET /v1/%s%d HTTP/1.1\r\nHost: x\r\n\r\n".formatted(name, i);
      case 2 ->
          "GET /v1/quota/shares?bucket=b%d HTTP/1.1\r\nHost: x\r\nX-N8n-Workflow-Id: w%d\r\n\r\n"
              .formatted(i, i);
      default -> "m%sQ /v1/users HTTP/1.1\r\nHost: x\r\nX-Q: %d\r\n\r\n".formatted(name, i);
    };
  }

  private void attack(int from, int to) throws IOException {
    for (int i = from; i < to; ) {
      try (RawHttp raw = new RawHttp(platform.app.port())) {
        boolean isOpen = true;
        while (isOpen && i < to) {
          StringBuilder several = new StringBuilder();
          int count = Math.min(AT_ONCE, to - i);
          for (int j = 0; j < count; j++) {
            several.append(hostile(i + j));
          }
          raw.send(several.toString());
          for (int j = 0; j < count && isOpen; j++, i++) {
            Response response = raw.read(false);
            assertTrue(response.status() >= 400 && response.status() < 500, response.body());
            isOpen = !response.closes();
          }
        }
      }
    }
  }

  @Test
  void hostile_requests_leave_meters_and_memory_where_they_were() throws IOException {
    attack(0, 2000);
    List<String> before = meters();
    long heapBefore = heap();
    attack(2000, 2000 + HOSTILE);
    long heapAfter = heap();
    List<String> after = meters();
    assertEquals(before.size(), after.size(), after.toString());
    assertTrue(
        after.stream().anyMatch(line -> line.contains("method=\"other\",path=\"other\"")),
        after.toString());
    assertTrue(
        heapAfter - heapBefore < HEAP_GROWTH,
        "%,d bytes of heap after %,d hostile requests, %,d before"
            .formatted(heapAfter, HOSTILE, heapBefore));
    System.out.printf(
        Locale.ROOT,
        "Hostile requests: %,d, meters %d before and after, heap %+,d bytes%n",
        HOSTILE,
        after.size(),
        heapAfter - heapBefore);
  }

  @Test
  void an_open_connection_takes_little_memory() throws IOException {
    List<RawHttp> open = new ArrayList<>();
    try {
      long before = heap();
      for (int i = 0; i < OPEN_CONNECTIONS; i++) {
        RawHttp connection = new RawHttp(platform.app.port());
        open.add(connection);
        // What a server keeps of a request for the next one, it keeps from the second on.
        for (int j = 0; j < 3; j++) {
          assertEquals(
              200,
              connection
                  .exchange(
                      "GET /health/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nX-Q: "
                          + i
                          + "\r\n\r\n")
                  .status());
        }
      }
      long each = (heap() - before) / OPEN_CONNECTIONS;
      assertTrue(each < HEAP_OF_A_CONNECTION, "%,d bytes a connection".formatted(each));
    } finally {
      for (RawHttp connection : open) {
        connection.close();
      }
    }
  }

  @Test
  void an_unknown_method_is_refused_before_it_is_routed() throws IOException {
    try (RawHttp raw = new RawHttp(platform.app.port())) {
      for (String method : List.of("BREW", "get", "PROPFIND", "TRACE")) {
        Response response = raw.exchange(method + " /v1/users HTTP/1.1\r\nHost: x\r\n\r\n");
        response.expectProblem(405, "method-not-allowed");
        assertTrue(response.headers().containsKey("allow"), response.headers().toString());
      }
    }
    Answer known = platform.send("PUT", "/v1/users", OPERATOR, "{}");
    known.expectProblem(405, "method-not-allowed");
    assertTrue(
        known.headers().getOrDefault("allow", List.of("")).getFirst().contains("POST"),
        known.headers().toString());
  }

  @Test
  void no_header_chooses_another_method() throws IOException {
    String user = platform.createUser("override@example.com");
    try (RawHttp raw = new RawHttp(platform.app.port())) {
      Response response =
          raw.exchange(
              "GET /v1/users/%s?confirm=override@example.com HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nX-HTTP-Method-Override: DELETE\r\n\r\n"
                  .formatted(user, OPERATOR));
      assertEquals(200, response.status(), response.body());
    }
    platform.get("/v1/users/" + user, OPERATOR).expect(200);
    String method = "MADE-UP-" + System.nanoTime();
    try (RawHttp raw = new RawHttp(platform.app.port())) {
      raw.exchange(
          "GET /v1/users HTTP/1.1\r\nHost: x\r\nX-HTTP-Method-Override: %s\r\n\r\n"
              .formatted(method));
    }
    assertTrue(
        HandlerType.values().stream().noneMatch(each -> each.name().equals(method)),
        "the router keeps every method that it is asked for");
  }

  @Test
  void an_address_that_the_router_cannot_read_is_refused() throws IOException {
    try (RawHttp raw = new RawHttp(platform.app.port())) {
      for (String path : List.of("/v1/users/%u0041", "/v1/users/%C0%AF", "/%u0041")) {
        raw.exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")
            .expectProblem(400, "invalid-request");
      }
    }
  }

  @Test
  void an_answer_of_500_carries_the_id_of_its_log_line() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger root = (Logger) LoggerFactory.getLogger("com.ytempire.sidecar.web");
    root.addAppender(log);
    platform.execute("alter table core.users rename to users_away");
    try {
      Answer answer = platform.get("/v1/users", OPERATOR).expectProblem(500, "internal");
      String id = answer.text("instance").substring("urn:uuid:".length());
      assertTrue(
          log.list.stream().anyMatch(line -> line.getFormattedMessage().contains(id)),
          log.list.toString());
    } finally {
      platform.execute("alter table core.users_away rename to users");
      root.detachAppender(log);
    }
  }

  @Test
  void the_meters_are_not_on_the_port_of_the_api() throws IOException {
    try (RawHttp raw = new RawHttp(platform.app.port())) {
      raw.exchange("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").expectProblem(404, "not-found");
    }
    try (RawHttp raw = new RawHttp(platform.app.metricsPort())) {
      assertEquals(404, raw.exchange("GET /v1/users HTTP/1.1\r\nHost: x\r\n\r\n").status());
    }
  }

  @Test
  void what_jetty_refuses_by_itself_is_a_problem_document_too() throws IOException {
    List<String[]> refused = new ArrayList<>();
    refused.add(
        new String[] {"GET /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", "400"});
    refused.add(new String[] {"GET /v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400"});
    refused.add(new String[] {"GET /v1/users HTTP/1.1\r\n\r\n", "400"});
    refused.add(new String[] {"GET /v1/users HTTP/7.3\r\nHost: x\r\n\r\n", "400"});
    refused.add(new String[] {"\u0000\u0001 nonsense\r\n\r\n", "400"});
    refused.add(
        new String[] {
          "GET /v1/users?x=" + "y".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"
        });
    refused.add(
        new String[] {
          "GET /v1/users HTTP/1.1\r\nHost: x\r\nX-A: " + "y".repeat(20_000) + "\r\n\r\n", "431"
        });
    refused.add(
        new String[] {
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "400"
        });
    for (String[] each : refused) {
      try (RawHttp raw = new RawHttp(platform.app.port())) {
        Response response = raw.exchange(each[0]);
        assertEquals(
            each[1], String.valueOf(response.status()), each[0].substring(0, 14) + response);
        assertEquals(
            "application/problem+json",
            response.headers().get("content-type"),
            response.toString());
        assertTrue(response.json().has("detail"), response.body());
      }
    }
  }

  @Test
  void a_dripping_body_holds_up_nobody_else() throws IOException {
    String mebibyte = "100000\r\n" + " ".repeat(0x100000) + "\r\n";
    String head =
        "POST /v1/metrics/store HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer ";
    try (RawHttp dripping = new RawHttp(platform.app.port());
        RawHttp other = new RawHttp(platform.app.port())) {
      dripping.send(head + platform.token("service", null) + "\r\n\r\n");
      // More than fits into the connection's buffers, so that the sidecar is reading it.
      for (int i = 0; i < 9; i++) {
        dripping.send(mebibyte);
      }
      other.send(head + platform.token("service", null) + "\r\nPrefer: wait=20\r\n\r\n");
      for (int i = 0; i < 4; i++) {
        other.send(mebibyte);
      }
      other.exchange("2\r\n{}\r\n0\r\n\r\n").expectProblem(400, "invalid-request");
    }
  }

  @Test
  void who_leaves_in_the_middle_of_a_body_is_no_failure_of_ours() throws IOException {
    try (RawHttp leaving = new RawHttp(platform.app.port())) {
      leaving.send(
          "POST /v1/metrics/store HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer "
              + OPERATOR
              + "\r\n\r\n8\r\n{\"rows\":\r\n");
    }
    Polling.until("the request to be counted", () -> statusesOfStore().contains("499"));
    assertTrue(
        statusesOfStore().stream().noneMatch(status -> status.startsWith("5")),
        statusesOfStore().toString());
  }

  private List<String> statusesOfStore() {
    return meters().stream()
        .filter(line -> line.contains("path=\"/v1/metrics/store\""))
        .map(line -> line.replaceAll(".*status=\"(\\d+)\".*", "$1"))
        .toList();
  }

  @Test
  void no_answer_may_be_framed_or_taken_for_another_type() {
    Platform.Answer page = platform.get("/docs", null);
    String style = page.body().stringValue().replaceAll("(?s).*href=\"([^\"]+css)\".*", "$1");
    for (Platform.Answer answer :
        List.of(
            page,
            platform.get("/openapi.json", null),
            platform.get("/v1/connect?state=x", null),
            platform.get("/v1/users", Platform.OPERATOR_TOKEN),
            platform.get("/v1/users", null),
            platform.get("/nowhere", null),
            platform.get(style, null).expect(200))) {
      String headers = answer.headers().toString();
      assertEquals(List.of("nosniff"), answer.headers().get("x-content-type-options"), headers);
      assertEquals(List.of("DENY"), answer.headers().get("x-frame-options"), headers);
      assertTrue(
          String.valueOf(answer.headers().get("content-security-policy"))
              .contains("frame-ancestors 'none'"),
          headers);
    }
    // The page's own script is the only one that is not a file of ours.
    String policy = String.valueOf(page.headers().get("content-security-policy"));
    assertTrue(policy.contains("script-src 'self' 'sha256-"), policy);
  }
}
