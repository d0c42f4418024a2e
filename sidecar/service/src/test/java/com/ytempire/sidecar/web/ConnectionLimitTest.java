package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many connections callers have open at a time. */
final class ConnectionLimitTest {
  private static final int LIMIT = 2;
  private static final int CALLERS = 6;

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server, 1, 1);
  private final NetworkConnectionLimit limit =
      com.ytempire.sidecar.web.Server.connectionLimit(server, LIMIT);
  private final AtomicInteger mostOpen = new AtomicInteger();

  /** Callers whose connection was taken. */
  private final CountDownLatch first = new CountDownLatch(LIMIT);

  private final CountDownLatch end = new CountDownLatch(1);

  @BeforeEach
  void start() throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.addBean(limit);
    server.setHandler(
        new Handler.Abstract.NonBlocking() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            mostOpen.accumulateAndGet(limit.getNetworkConnectionCount(), Math::max);
            response.setStatus(204);
            callback.succeeded();
            return true;
          }
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  /** Is answered when its connection is taken, and keeps it until the end. */
  private void call() {
    try (Socket caller = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort())) {
      caller
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      if (caller.getInputStream().read() >= 0) {
        first.countDown();
        end.await();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void others_are_taken_when_one_of_as_many_as_may_be_has_closed() throws Exception {
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      callers.add(Thread.ofVirtual().start(this::call));
    }
    assertTrue(first.await(60, TimeUnit.SECONDS), "so many are taken at once");
    end.countDown();
    for (Thread caller : callers) {
      caller.join();
    }
    assertEquals(LIMIT, mostOpen.get());
  }
}
