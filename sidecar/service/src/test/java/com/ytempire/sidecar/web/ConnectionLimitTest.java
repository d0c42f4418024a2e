package com.ytempire.sidecar.web;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many connections callers keep open. */
final class ConnectionLimitTest {
  private static final int LIMIT = 2;
  private static final int CALLERS = 6;

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server, 1, 1);

  @BeforeEach
  void start() throws Exception {
    connector.setHost("127.0.0.1");
    // By itself it closes none.
    connector.setIdleTimeout(Duration.ofHours(1).toMillis());
    server.addConnector(connector);
    server.addBean(
        com.ytempire.sidecar.web.Server.connectionLimit(server, LIMIT, Duration.ofMillis(1)));
    server.setHandler(
        new Handler.Abstract.NonBlocking() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
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

  private static boolean isClosed(Socket caller) {
    try {
      return caller.getInputStream().read() < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void at_the_limit_idle_connections_are_closed_for_new_ones() throws Exception {
    List<Socket> callers = new ArrayList<>();
    CountDownLatch closed = new CountDownLatch(CALLERS - LIMIT);
    try {
      for (int i = 0; i < CALLERS; i++) {
        Socket caller = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
        callers.add(caller);
        Thread.ofVirtual()
            .start(() -> {
              if (isClosed(caller)) {
                closed.countDown();
              }
            });
      }
      assertTrue(closed.await(60, TimeUnit.SECONDS), closed + " connections are open");
    } finally {
      for (Socket caller : callers) {
        caller.close();
      }
    }
  }
}
