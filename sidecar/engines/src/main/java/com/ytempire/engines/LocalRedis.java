package com.ytempire.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import redis.embedded.RedisServer;

/**
 * A Redis server on the loopback address that keeps what it is told over a restart (append-only
 * file, synced every second).
 */
public final class LocalRedis implements AutoCloseable {
  private final RedisServer server;
  private final int port;

  private LocalRedis(RedisServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * Starts a server.
   *
   * @param folder where its data goes; made if absent, and left there on close
   * @param port 0 for any free one
   * @throws UncheckedIOException if the binary cannot be unpacked or the port is taken
   */
  public static LocalRedis start(Path folder, int port) {
    try {
      Files.createDirectories(folder);
      int chosen = port == 0 ? freePort() : port;
      RedisServer server =
          RedisServer.newRedisServer()
              .port(chosen)
              .setting("bind 127.0.0.1")
              .setting("dir " + folder.toAbsolutePath())
              .setting("appendonly yes")
              .setting("save \"\"")
              .build();
      server.start();
      return new LocalRedis(server, chosen);
    } catch (IOException e) {
      throw new UncheckedIOException("Redis did not start in " + folder + ": " + e.getMessage(), e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public int port() {
    return port;
  }

  /** The address as Lettuce takes it. */
  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (IOException e) {
      throw new UncheckedIOException("Redis did not stop: " + e.getMessage(), e);
    }
  }
}
