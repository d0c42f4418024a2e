package com.ytempire.sidecar;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.sidecar.config.Config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One real PostgreSQL for all tests of this JVM, with a fresh database for whoever asks, and a
 * Redis for whoever asks.
 */
public final class Engines {
  private static final AtomicInteger DATABASES = new AtomicInteger();
  private static @Nullable LocalPostgres postgres;

  private static final String NAMED =
      Objects.requireNonNullElse(System.getenv("YTEMPIRE_TEST_POSTGRES"), "");

  private Engines() {}

  static boolean isEmbedded() {
    return NAMED.isEmpty();
  }

  /**
   * The embedded server, or the one that {@code YTEMPIRE_TEST_POSTGRES=port:password} names: then
   * every test runs on that.
   */
  static synchronized LocalPostgres postgres() {
    if (postgres == null) {
      LocalPostgres started =
          isEmbedded()
              ? LocalPostgres.start(folder("postgres"), 0)
              : LocalPostgres.running(
                  Integer.parseInt(NAMED.substring(0, NAMED.indexOf(':'))),
                  NAMED.substring(NAMED.indexOf(':') + 1));
      Runtime.getRuntime().addShutdownHook(new Thread(started::close));
      postgres = started;
    }
    return postgres;
  }

  /** A server that goes on running has those of earlier runs. */
  private static String freshName() {
    return "test"
        + (isEmbedded() ? "" : ProcessHandle.current().pid() + "_")
        + DATABASES.incrementAndGet();
  }

  /** A database that nobody else uses, migrated and open. */
  public static Database openDatabase() {
    return Database.open(
        new DatabaseAccess(
            postgres().url(freshDatabase()),
            LocalPostgres.ADMIN,
            postgres().password(),
            "the-sidecar-of-the-tests",
            8));
  }

  /** The name of a database that nobody else uses. */
  static String freshDatabase() {
    String name = freshName();
    try {
      postgres().createDatabase(name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return name;
  }

  /** A copy of a database that nobody is connected to, with the same rights on it. */
  static String copyOf(String original) {
    String name = freshName();
    try {
      postgres()
          .execute(
              "postgres",
              "select pg_terminate_backend(pid) from pg_stat_activity where datname = '"
                  + original
                  + "'");
      postgres().execute("postgres", "create database %s template %s".formatted(name, original));
      // These are the database's own, which a copy does not take along.
      postgres()
          .execute(
              name,
              """
              revoke all on database %1$s from public;
              grant connect on database %1$s to ytempire_app, ytempire_reader, ytempire_owner;
              grant temporary on database %1$s to ytempire_app
              """
                  .formatted(name));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return name;
  }

  static LocalRedis redis() {
    return LocalRedis.start(folder("redis"), 0);
  }

  static Path folder(String name) {
    try {
      return Files.createTempDirectory("ytempire-" + name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
