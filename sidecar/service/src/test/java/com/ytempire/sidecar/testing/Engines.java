package com.ytempire.sidecar.testing;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.engines.LocalRedis;
import com.ytempire.engines.ScratchFolder;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.OperatorLogin;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
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
  private static @Nullable String template;

  private static final String NAMED =
      Objects.requireNonNullElse(System.getenv("YTEMPIRE_TEST_POSTGRES"), "");

  private Engines() {}

  public static boolean isEmbedded() {
    return NAMED.isEmpty();
  }

  /**
   * The embedded server, or the one that {@code YTEMPIRE_TEST_POSTGRES=port:password} names: then
   * every test runs on that.
   */
  public static synchronized LocalPostgres postgres() {
    if (postgres == null) {
      LocalPostgres started =
          isEmbedded()
              ? LocalPostgres.start(folder("postgres"), 0, LocalPostgres.Profile.QUICK)
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
    return openDatabase(8, new SimpleMeterRegistry());
  }

  /** As {@link #openDatabase()}, with so many connections, counted by these meters. */
  public static Database openDatabase(int poolSize, MeterRegistry meters) {
    return Database.open(access(migratedDatabase(), poolSize), meters, Clock.systemUTC());
  }

  /** A connection by the sidecar's second login. */
  public static Connection asOperator(String database) throws SQLException {
    return postgres()
        .connect(database, "ytempire_operator", OperatorLogin.password("the-sidecar-of-the-tests"));
  }

  /** The name of an open database. */
  public static String nameOf(Database database) {
    return database.directory(
        handle -> handle.createQuery("select current_database()").mapTo(String.class).one());
  }

  /** A connection of the administrator to a database of this name. */
  public static Connection admin(String name) throws SQLException {
    return postgres().connect(name, LocalPostgres.ADMIN, postgres().password());
  }

  /** Runs statements as the administrator of a database of this name. */
  public static void asAdmin(String name, String sql) {
    try {
      postgres().execute(name, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static DatabaseAccess access(String database, int poolSize) {
    return new DatabaseAccess(
        postgres().url(database),
        LocalPostgres.ADMIN,
        postgres().password(),
        "the-sidecar-of-the-tests",
        poolSize);
  }

  /**
   * The name of a migrated database that nobody else uses. The migrations run once in this JVM;
   * each database is a copy of that one.
   */
  public static synchronized String migratedDatabase() {
    String migrated = template;
    if (migrated == null) {
      migrated = freshDatabase();
      Database.migrate(access(migrated, 8));
      // Tests move the clock by months.
      asAdmin(migrated, "update sec.clock_limit set max_ahead = '36525 days'");
      template = migrated;
    }
    return copyOf(migrated);
  }

  /** The name of an empty database that nobody else uses. */
  public static String freshDatabase() {
    String name = freshName();
    try {
      postgres().createDatabase(name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return name;
  }

  /** A copy of a database that nobody is connected to, with the same rights on it. */
  public static String copyOf(String original) {
    String name = freshName();
    try (Connection server = admin("postgres");
        Statement statement = server.createStatement()) {
      statement.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'"
              .formatted(original));
      // Block by block through the log, as is usual, it takes twice as long and writes it twice;
      // but a copy of files waits for the disk, where the server syncs.
      statement.execute(
          "create database %s template %s strategy %s"
              .formatted(name, original, isEmbedded() ? "file_copy" : "wal_log"));
      // Rights on a database are the database's own, which a copy does not take along.
      statement.execute(
          """
          do $$
          declare
            copied record;
          begin
            if (select datacl from pg_database where datname = '%2$s') is null then
              return;
            end if;
            revoke all on database %1$s from public;
            for copied in
              select x.privilege_type, x.grantee, x.is_grantable
                from pg_database d, aclexplode(d.datacl) x
               where d.datname = '%2$s' and x.grantee <> d.datdba
            loop
              execute format(
                'grant %%s on database %1$s to %%s%%s',
                copied.privilege_type,
                case when copied.grantee = 0 then 'public' else copied.grantee::regrole::text end,
                case when copied.is_grantable then ' with grant option' else '' end);
            end loop;
          end $$
          """
              .formatted(name, original));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return name;
  }

  public static LocalRedis redis() {
    return LocalRedis.start(folder("redis"), 0);
  }

  /** An empty folder, which is gone when this JVM is. */
  public static Path folder(String name) {
    return ScratchFolder.create(name);
  }
}
