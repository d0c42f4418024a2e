package com.ytempire.platform;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ports of the parts on the loopback address. */
record Ports(
    int n8n,
    int sidecar,
    int postgres,
    int redis,
    int simulator,
    int broker,
    int dashboards,
    int mailbox) {
  private static final int COUNT = 8;

  /** The base address of the sidecar's API. */
  String sidecarUrl() {
    return "http://127.0.0.1:" + sidecar;
  }

  /** These, if each of them is free now; else any that are. */
  Ports again() throws IOException {
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int port :
          List.of(n8n, sidecar, postgres, redis, simulator, broker, dashboards, mailbox)) {
        held.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
      }
      return this;
    } catch (BindException e) {
      return choose(null);
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
  }

  /**
   * Chooses ports that are free now.
   *
   * @param base the first of eight ports in a row; null: any
   * @throws ResourceUnavailable if one is taken
   */
  static Ports choose(@Nullable Integer base) throws IOException {
    List<Integer> ports = new ArrayList<>();
    List<ServerSocket> held = new ArrayList<>();
    try {
      for (int i = 0; i < COUNT; i++) {
        int wanted = base == null ? 0 : base + i;
        try {
          ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress());
          held.add(socket);
          ports.add(socket.getLocalPort());
        } catch (IOException e) {
          throw new ResourceUnavailable(
              "port %d is taken by another program. Stop it, or choose another --port-base."
                  .formatted(wanted),
              e);
        }
      }
    } finally {
      for (ServerSocket socket : held) {
        socket.close();
      }
    }
    return new Ports(
        ports.get(0),
        ports.get(1),
        ports.get(2),
        ports.get(3),
        ports.get(4),
        ports.get(5),
        ports.get(6),
        ports.get(7));
  }
}
