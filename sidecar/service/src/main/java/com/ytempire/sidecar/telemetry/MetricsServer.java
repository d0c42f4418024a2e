package com.ytempire.sidecar.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The HTTP server of {@code GET /metrics} for Prometheus, on a port of its own, so that whoever
 * reaches the API does not reach the meters. Each scrape has a thread of its own, so that one
 * half-sent request stops no other. Safe to share between threads.
 */
public final class MetricsServer implements AutoCloseable {
  private static final String PATH = "/metrics";

  /** The JDK's server reads this once, when its first instance is made; in seconds. */
  private static final String REQUEST_TIMEOUT = "sun.net.httpserver.maxReqTime";

  static {
    if (System.getProperty(REQUEST_TIMEOUT) == null) {
      System.setProperty(REQUEST_TIMEOUT, "10");
    }
  }

  private final HttpServer server;
  private final ExecutorService threads;

  private MetricsServer(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Starts to listen.
   *
   * @param port 0: any free one
   * @param page the meters in Prometheus' text format, rendered for each scrape
   * @throws IllegalStateException when the port is taken
   */
  public static MetricsServer start(String host, int port, Supplier<String> page) {
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 0);
    } catch (IOException e) {
      throw new IllegalStateException(
          "the port of the meters, %d, is taken; choose another YTEMPIRE_METRICS_PORT"
              .formatted(port),
          e);
    }
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("metrics-", 0).factory());
    server.setExecutor(threads);
    server.createContext("/", exchange -> serve(exchange, page));
    server.start();
    return new MetricsServer(server, threads);
  }

  private static void serve(HttpExchange exchange, Supplier<String> page) throws IOException {
    try (exchange) {
      boolean isScrape =
          exchange.getRequestMethod().equals("GET")
              && exchange.getRequestURI().getPath().equals(PATH);
      byte[] body = isScrape ? page.get().getBytes(StandardCharsets.UTF_8) : new byte[0];
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(isScrape ? 200 : 404, body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
