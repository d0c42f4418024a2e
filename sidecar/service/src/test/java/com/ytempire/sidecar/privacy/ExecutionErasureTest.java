package com.ytempire.sidecar.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.ytempire.sidecar.testing.Platform;
import com.ytempire.sidecar.testing.Polling;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Erasure in n8n, whose public API is played by a server with a few executions. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ExecutionErasureTest {
  private static final String KEY = "n8n-api-key-of-the-tests";
  private static final int PAGE = 100;

  /** Data by id; n8n lists the newest first. */
  private final ConcurrentSkipListMap<Integer, String> executions = new ConcurrentSkipListMap<>();

  private final AtomicBoolean isAway = new AtomicBoolean();

  /** Executions that n8n does not delete, and those that it does not show. */
  private final Set<Integer> undeletable = ConcurrentHashMap.newKeySet();

  private final Set<Integer> unreadable = ConcurrentHashMap.newKeySet();

  /** How often n8n was asked for an execution's data. */
  private final AtomicInteger reads = new AtomicInteger();

  private Instant requestedAt = Instant.EPOCH;
  private HttpServer n8n;
  private Platform platform;
  private String ada = "";

  @BeforeEach
  void start() throws IOException {
    n8n = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    n8n.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    n8n.createContext("/api/v1/executions", this::answer);
    n8n.start();
    platform =
        new Platform(
            1,
            2,
            Map.of(
                "YTEMPIRE_N8N_URL",
                "http://127.0.0.1:" + n8n.getAddress().getPort(),
                "YTEMPIRE_N8N_API_KEY",
                KEY));
    ada = platform.createUser("ada@example.com");
  }

  @AfterEach
  void stop() {
    platform.close();
    n8n.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (isAway.get()) {
      send(exchange, 503, "{}");
      return;
    }
    if (!KEY.equals(exchange.getRequestHeaders().getFirst("X-N8N-API-KEY"))) {
      send(exchange, 401, "{\"message\":\"unauthorized\"}");
      return;
    }
    String path = exchange.getRequestURI().getPath().substring("/api/v1/executions".length());
    if (path.isEmpty()) {
      String query = exchange.getRequestURI().getQuery();
      int below =
          query.contains("cursor=")
              ? Integer.parseInt(query.replaceAll(".*cursor=", ""))
              : Integer.MAX_VALUE;
      StringBuilder page = new StringBuilder();
      int last = 0;
      int count = 0;
      for (int id : executions.headMap(below).descendingKeySet()) {
        if (count++ == PAGE) {
          break;
        }
        page.append(page.isEmpty() ? "" : ",").append("{\"id\":\"").append(id).append("\"}");
        last = id;
      }
      String next = count > PAGE ? "\"" + last + "\"" : "null";
      send(exchange, 200, "{\"data\":[" + page + "],\"nextCursor\":" + next + "}");
      return;
    }
    int id = Integer.parseInt(path.substring(1));
    boolean isDelete = exchange.getRequestMethod().equals("DELETE");
    if ((isDelete ? undeletable : unreadable).contains(id)) {
      reads.addAndGet(isDelete ? 0 : 1);
      send(exchange, 500, "{\"message\":\"broken\"}");
      return;
    }
    if (!isDelete) {
      reads.incrementAndGet();
    }
    String data = isDelete ? executions.remove(id) : executions.get(id);
    send(exchange, data == null ? 404 : 200, data == null ? "{}" : data);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static String holding(String text) {
    return "{\"data\":\"" + "x".repeat(65_530) + text + "\"}";
  }

  private void erase() {
    requestedAt = platform.clock.instant();
    assertEquals(
        "pending",
        platform
            .delete("/v1/users/" + ada + "?confirm=ada@example.com", Platform.OPERATOR_TOKEN)
            .expect(200)
            .text("n8nExecutions"));
  }

  private void await(Set<Integer> left) {
    Polling.until("the executions " + left + " to be left", () -> executions.keySet().equals(left));
  }

  private long passesLeft() {
    return Long.parseLong(
        String.valueOf(
            platform
                .admin("select coalesce(sum(passes_left), 0) as n from core.execution_erasures")
                .getFirst()
                .get("n")));
  }

  private void awaitPasses(long left) {
    Polling.until(left + " passes to be left", () -> passesLeft() == left);
  }

  @Test
  void erasure_deletes_executions_that_name_the_user() {
    platform.addChannel(ada, "UCabcdefghijklmnopqrstuv");
    Set<Integer> others = new TreeSet<>();
    for (int id = 1; id <= 250; id++) {
      executions.put(id, holding("of somebody else " + id));
      others.add(id);
    }
    // The text lies across the border of what is read at a time.
    executions.put(17, holding(ada));
    executions.put(120, holding("mail to ada@example.com"));
    executions.put(250, holding("UCabcdefghijklmnopqrstuv"));
    executions.put(30, holding("typed as Ada@Example.COM"));
    executions.put(31, holding("/v1/users/x?confirm=ada%40example.com"));
    executions.put(32, holding(ada.toUpperCase(Locale.ROOT)));
    others.removeAll(Set.of(17, 30, 31, 32, 120, 250));
    erase();
    await(others);
    awaitPasses(1);
    // What ran while the user was erased ends later.
    executions.put(251, holding(ada));
    platform.clock.advance(Duration.ofHours(1));
    awaitPasses(0);
    assertEquals(others, executions.keySet());
  }

  @Test
  void erasure_in_n8n_goes_on_when_n8n_is_back() {
    executions.put(1, holding(ada));
    isAway.set(true);
    erase();
    awaitDue("requested_at + interval '1 minute'");
    platform.restart();
    assertTrue(executions.containsKey(1));
    isAway.set(false);
    platform.clock.advance(Duration.ofMinutes(1));
    await(Set.of());
    awaitPasses(1);
  }

  @Test
  void an_execution_that_is_not_deleted_blocks_none_after_it() {
    for (int id = 1; id <= 4; id++) {
      executions.put(id, holding(ada));
    }
    undeletable.add(4);
    unreadable.add(3);
    erase();
    await(Set.of(3, 4));
    awaitDue(
        "requested_at + interval '1 hour' and passed_over = '{4,3}' and passes_left = 1 and page_cursor is null");
    undeletable.clear();
    unreadable.clear();
    platform.clock.advance(Duration.ofHours(1));
    await(Set.of());
    awaitPasses(0);
  }

  @Test
  void an_execution_that_cannot_be_read_is_tried_ever_more_rarely() {
    for (int id = 1; id <= 250; id++) {
      executions.put(id, holding("of somebody else " + id));
    }
    executions.put(1, holding(ada));
    unreadable.add(1);
    erase();
    awaitDue("requested_at + interval '1 hour'");
    platform.clock.advance(Duration.ofHours(1));
    // The second pass; after it that execution alone is left.
    awaitDue("requested_at + interval '2 hours'");
    int shown = reads.get();
    assertEquals(2 * 250, shown);
    int hours = 2;
    for (int pause : new int[] {2, 4, 8, 16, 24, 24}) {
      platform.clock.advance(Duration.ofHours(hours).minus(sinceRequest()));
      hours += pause;
      awaitDue("requested_at + interval '%d hours'".formatted(hours));
      assertEquals(++shown, reads.get());
    }
    unreadable.clear();
    platform.clock.advance(Duration.ofHours(24));
    Polling.until(
        "the erasures to be given up", () -> platform.count("core.execution_erasures") == 0);
    assertEquals(249, executions.size());
  }

  private Duration sinceRequest() {
    return Duration.between(requestedAt, platform.clock.instant());
  }

  private void awaitDue(String moment) {
    Polling.until(
        "an erasure due at " + moment,
        () ->
            !platform
                .admin("select 1 as n from core.execution_erasures where due_at = " + moment)
                .isEmpty());
  }

  @Test
  void an_erasure_is_given_up_after_30_days_without_n8n() {
    try (Platform without = new Platform(1, 1)) {
      without.execute(
          "insert into core.execution_erasures (terms, requested_at, due_at, passes_left) select '{ada@example.com}', t, t, 2 from (values (timestamptz '%s')) as v (t)"
              .formatted(without.clock.instant()));
      without.clock.advance(Duration.ofDays(30).minusMinutes(1));
      without.app.runJobs();
      assertEquals(1, without.count("core.execution_erasures"));
      without.clock.advance(Duration.ofMinutes(1));
      without.app.runJobs();
      assertEquals(0, without.count("core.execution_erasures"));
    }
  }
}
