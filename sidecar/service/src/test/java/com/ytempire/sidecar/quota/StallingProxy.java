package com.ytempire.sidecar.quota;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * Forwards connections to a port of this machine until {@link #stall}: from then on, those that are
 * open stay open and carry nothing, as after a firewall has forgotten them. Later ones work.
 */
final class StallingProxy implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final List<Link> links = new CopyOnWriteArrayList<>();

  /** A connection, in both directions. */
  private static final class Link {
    final Socket client;
    final Socket target;
    final CountDownLatch leftByClient = new CountDownLatch(1);
    volatile boolean isStalled;
    volatile boolean hasLostSomething;

    Link(Socket client, Socket target) {
      this.client = client;
      this.target = target;
    }
  }

  StallingProxy(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), target));
        links.add(link);
        Thread.ofVirtual().start(() -> pump(link, link.client, link.target));
        Thread.ofVirtual().start(() -> pump(link, link.target, link.client));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private static void pump(Link link, Socket from, Socket to) {
    byte[] buffer = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (link.isStalled) {
          link.hasLostSomething = true;
        } else {
          out.write(buffer, 0, read);
          out.flush();
        }
      }
    } catch (IOException e) {
      // Ended by either side.
    }
    if (from == link.client) {
      link.leftByClient.countDown();
    }
    if (!link.isStalled) {
      close(link);
    }
  }

  private static void close(Link link) {
    try {
      link.client.close();
      link.target.close();
    } catch (IOException e) {
      // Closed already.
    }
  }

  /** Carries nothing any more on the connections that are open. */
  void stall() {
    links.forEach(link -> link.isStalled = true);
  }

  /** Waits until the client has given up the connections on which it sent something in vain. */
  void awaitGivenUp() throws InterruptedException {
    for (Link link : links) {
      if (link.isStalled && link.hasLostSomething) {
        link.leftByClient.await();
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    links.forEach(StallingProxy::close);
  }
}
