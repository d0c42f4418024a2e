package com.ytempire.engines;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server on the loopback address. Unlike the embedded library's defaults, it syncs its
 * commits to disk and asks every login for a password, without which a tenant's database login
 * would prove nothing.
 *
 * <p>Safe to share between threads.
 */
public final class LocalPostgres implements AutoCloseable {
  /** The cluster's administrator. */
  public static final String ADMIN = "postgres";

  private final Path folder;
  private final int port;
  private final String password;
  private volatile @Nullable EmbeddedPostgres server;

  private LocalPostgres(Path folder, @Nullable EmbeddedPostgres server, int port, String password) {
    this.folder = folder;
    this.server = server;
    this.port = port;
    this.password = password;
  }

  /**
   * A server that somebody else runs on the loopback address, and goes on running after {@link
   * #close}: another version, or one with TimescaleDB.
   */
  public static LocalPostgres running(int port, String password) {
    return new LocalPostgres(Path.of(""), null, port, password);
  }

  /**
   * Starts a server on an empty folder.
   *
   * @param folder where the data goes; made if absent, and left there on close
   * @param port 0 for any free one
   * @throws UncheckedIOException if the binaries cannot be unpacked, the disk is full or the port
   *     is taken
   */
  public static LocalPostgres start(Path folder, int port) {
    byte[] secret = new byte[24];
    new SecureRandom().nextBytes(secret);
    String password = HexFormat.of().formatHex(secret);
    try {
      Files.createDirectories(folder);
      Path data = folder.resolve("data");
      EmbeddedPostgres server = configured(folder, port).start();
      try {
        requirePasswords(server, data, password);
      } catch (SQLException | IOException e) {
        server.close();
        throw e;
      }
      return new LocalPostgres(folder, server, server.getPort(), password);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "PostgreSQL did not start in " + folder + ": " + e.getMessage(), e);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "PostgreSQL started in " + folder + " but refused its first commands: " + e.getMessage(),
          e);
    }
  }

  /**
   * Where the binaries are unpacked, once for all servers that share the folder: the system
   * property {@code ytempire.engines}, else a folder below the temporary one.
   */
  private static Path binaries() {
    String named = System.getProperty("ytempire.engines");
    return named == null
        ? Path.of(
            System.getProperty("java.io.tmpdir"),
            "ytempire-engines-" + System.getProperty("user.name"))
        : Path.of(named);
  }

  private static EmbeddedPostgres.Builder configured(Path folder, int port) {
    return EmbeddedPostgres.builder()
        .setDataDirectory(folder.resolve("data"))
        .setCleanDataDirectory(false)
        .setPort(port)
        .setOverrideWorkingDirectory(binaries().toFile())
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("max_connections", "100")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setPGStartupWait(Duration.ofSeconds(60));
  }

  /**
   * Ends the server as a crash does: every process of it at once ({@code kill -9}), with nothing
   * written that was not written already. Returns when they are gone.
   */
  public void kill() {
    ProcessHandle postmaster = process();
    List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
    all.addFirst(postmaster);
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
  }

  /** The server's first process, which the others are children of. */
  public ProcessHandle process() {
    try {
      long pid =
          Long.parseLong(
              Files.readAllLines(folder.resolve("data/postmaster.pid")).getFirst().strip());
      return ProcessHandle.of(pid).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Ends processes that outlived the server's first one. They hold its shared memory, and the
   * server does not start on the same data before they are gone.
   */
  private void endOrphans() throws IOException {
    Path data = folder.resolve("data").toRealPath();
    for (ProcessHandle each : ProcessHandle.allProcesses().toList()) {
      if (data.equals(workingDirectory(each))) {
        each.destroyForcibly();
        each.onExit().join();
      }
    }
  }

  /** Null when it has ended, or is another user's. PostgreSQL's is its data folder. */
  private static @Nullable Path workingDirectory(ProcessHandle process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", String.valueOf(process.pid()), "cwd"));
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Starts again after {@link #kill}, or after its first process alone has died, on the same data
   * and port; what was committed is there.
   */
  public void restart() {
    try {
      endOrphans();
      // Nothing is left to stop, but the library's lock on the folder.
      close();
      server = configured(folder, port).setConnectConfig("password", password).start();
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL did not start again: " + e.getMessage(), e);
    }
  }

  private static void requirePasswords(EmbeddedPostgres server, Path data, String password)
      throws SQLException, IOException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("alter role postgres password '" + password + "'");
      Files.writeString(data.resolve("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
      statement.execute("select pg_reload_conf()");
    }
  }

  public int port() {
    return port;
  }

  /** The administrator's password, random at each start. */
  public String password() {
    return password;
  }

  /** The JDBC address of a database of this server. */
  public String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
  }

  /** Makes an empty database. */
  public void createDatabase(String name) throws SQLException {
    execute("postgres", "create database \"" + name + "\"");
  }

  /** Runs statements as the administrator. */
  public void execute(String database, String sql) throws SQLException {
    try (Connection connection = connect(database, ADMIN, password);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Connects as anybody. */
  public Connection connect(String database, String user, String userPassword) throws SQLException {
    return DriverManager.getConnection(url(database), user, userPassword);
  }

  @Override
  public void close() {
    EmbeddedPostgres started = server;
    if (started == null) {
      return;
    }
    try {
      started.close();
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL did not stop: " + e.getMessage(), e);
    }
  }
}
