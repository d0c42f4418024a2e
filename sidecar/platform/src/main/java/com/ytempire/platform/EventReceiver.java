package com.ytempire.platform;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber to the sidecar's events: takes every delivery, and can hold one back before it
 * answers, so that something can happen in the midst of it. Safe to share between threads.
 */
final class EventReceiver implements AutoCloseable {
  /** Longer than the sidecar waits for an answer. */
  private static final long HELD_SECONDS = 30;

  private static final int NO_CONTENT = 204;
  private static final int NO_BODY = -1;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, String> users = new ConcurrentHashMap<>();
  private final AtomicInteger repeats = new AtomicInteger();
  private volatile @Nullable Hold hold;

  /** One delivery to a user that is not answered until {@link #release}. */
  static final class Hold {
    private final String userId;
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    private Hold(String userId) {
      this.userId = userId;
    }

    /** Waits for the delivery; false when it did not come in time. */
    boolean await(long seconds) throws InterruptedException {
      return arrived.await(seconds, TimeUnit.SECONDS);
    }

    /** Lets it be answered, now or when it comes. */
    void release() {
      released.countDown();
    }
  }

  private EventReceiver(HttpServer server) {
    this.server = server;
  }

  /** Starts to listen on a free port of the loopback address. */
  static EventReceiver start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    EventReceiver receiver = new EventReceiver(server);
    server.setExecutor(receiver.threads);
    server.createContext("/", receiver::take);
    server.start();
    return receiver;
  }

  /** The address to subscribe with. */
  String url() {
    return "http://127.0.0.1:%d/events".formatted(server.getAddress().getPort());
  }

  /** Holds back the next delivery of an event of this user. */
  Hold holdNext(String userId) {
    Hold next = new Hold(userId);
    hold = next;
    return next;
  }

  /** Ids of the events that arrived. */
  Set<String> events() {
    return new HashSet<>(users.keySet());
  }

  /** Users whose events arrived. */
  Set<String> users() {
    return new HashSet<>(users.values());
  }

  /** Deliveries of events that had arrived before. */
  int repeats() {
    return repeats.get();
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      String userId = Http.JSON.readTree(exchange.getRequestBody()).get("userId").stringValue();
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      if (users.put(id, userId) != null) {
        repeats.incrementAndGet();
      }
      Hold held = hold;
      if (held != null && held.userId.equals(userId)) {
        hold = null;
        held.arrived.countDown();
        boolean unused = held.released.await(HELD_SECONDS, TimeUnit.SECONDS);
      }
      exchange.sendResponseHeaders(NO_CONTENT, NO_BODY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
