package com.ytempire.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/**
 * A Redis server on the loopback address that keeps its data over a restart (append-only file,
 * synced every second).
 */
public final class LocalRedis implements AutoCloseable {
  private static final String MEMORY = "appendonly.aof";
  private static final String PID = "redis.pid";

  private final Path folder;
  private final int port;
  private final @Nullable String password;
  private RedisServer server;

  private LocalRedis(Path folder, RedisServer server, int port, @Nullable String password) {
    this.folder = folder;
    this.server = server;
    this.port = port;
    this.password = password;
  }

  /**
   * Starts a server.
   *
   * @param folder where its data goes; made if absent, and left there on close
   * @param port 0 for any free one
   * @throws UncheckedIOException if the binary cannot be unpacked or the port is taken
   */
  public static LocalRedis start(Path folder, int port) {
    return start(folder, port, null);
  }

  /**
   * Starts a server as {@link #start(Path, int)}.
   *
   * @param password without which it serves nobody, of letters and digits; null: none is needed
   */
  public static LocalRedis start(Path folder, int port, @Nullable String password) {
    try {
      Files.createDirectories(folder);
      int chosen = port == 0 ? freePort() : port;
      return new LocalRedis(folder, started(folder, chosen, password), chosen, password);
    } catch (IOException e) {
      throw new UncheckedIOException("Redis did not start in " + folder + ": " + e.getMessage(), e);
    }
  }

  private static RedisServer started(Path folder, int port, @Nullable String password)
      throws IOException {
    RedisServerBuilder settings =
        RedisServer.newRedisServer()
            .executableProvider(Binaries::redis)
            .port(port)
            .setting("bind 127.0.0.1")
            .setting("dir " + folder.toAbsolutePath())
            .setting("pidfile " + folder.resolve(PID).toAbsolutePath())
            .setting("appendonly yes")
            .setting("save \"\"");
    if (password != null) {
      // Not among the other settings, whose file others may read.
      settings.setting("include " + passwordFile(folder, password).toAbsolutePath());
    }
    RedisServer server = settings.build();
    server.start();
    return server;
  }

  private static Path passwordFile(Path folder, String password) throws IOException {
    Path file = folder.resolve("password.conf");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, "requirepass " + password + "\n");
    return file;
  }

  /** Ends the server as a crash does ({@code kill -9}). Returns when it is gone. */
  public void kill() {
    ProcessHandle process = process();
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Starts again after {@link #kill}, on the same port, with what it had written. */
  public void restart() {
    try {
      server.stop();
      server = started(folder, port, password);
    } catch (IOException e) {
      throw new UncheckedIOException("Redis did not start again: " + e.getMessage(), e);
    }
  }

  /** Stops every thread of the server, which then answers nobody, until {@link #resume}. */
  public void pause() {
    signal("-STOP");
  }

  /** Goes on after {@link #pause}. */
  public void resume() {
    signal("-CONT");
  }

  /** Copies what the server has written by now. */
  public Path copyMemory() {
    Path copy = folder.resolve("copy");
    replace(folder.resolve(MEMORY), copy);
    return copy;
  }

  /** Between {@link #kill} and {@link #restart}: back to a copy of what it had written. */
  public void putMemory(Path copy) {
    replace(copy, folder.resolve(MEMORY));
  }

  /** Between {@link #kill} and {@link #restart}: all is forgotten. */
  public void loseMemory() {
    delete(folder.resolve(MEMORY));
  }

  private static void replace(Path from, Path to) {
    delete(to);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The server's process. */
  public ProcessHandle process() {
    try {
      long pid = Long.parseLong(Files.readString(folder.resolve(PID)).strip());
      return ProcessHandle.of(pid).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void signal(String signal) {
    try {
      int status =
          new ProcessBuilder("kill", signal, String.valueOf(process().pid())).start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill " + signal + " ended with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
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
