package com.ytempire.sidecar.db;

import com.ytempire.sidecar.config.DatabaseAccess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs Flyway beside sidecars that are at work. A migration never waits longer than {@link
 * #LOCK_TIMEOUT} for a lock, because every reader who comes later waits behind it; it is rolled
 * back and retried instead. Sessions of tenants that hold what it waits for are ended, and sessions
 * of the sidecar's first login that hold it for longer than the sidecar does.
 */
final class Migration {
  /** Where this version's migrations are. */
  static final List<String> LOCATIONS =
      List.of("classpath:sql/migrations", "classpath:sql/repeatable");

  private static final Logger log = LoggerFactory.getLogger(Migration.class);

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration CHECK_INTERVAL = Duration.ofMillis(250);
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 30;

  /** lock_not_available; and deadlock_detected, which PostgreSQL may find before that. */
  private static final Set<String> RETRIED = Set.of("55P03", "40P01");

  private static final String APPLICATION = "ytempire-migration";

  /**
   * From PostgreSQL 16 on, an administrator who is no superuser may become a role that it makes, as
   * the migrations do, only if this says so.
   */
  private static final String ROLES_OF_OWN =
      """
      do $$
      begin
        if current_setting('server_version_num')::integer >= 160000 then
          perform set_config('createrole_self_grant', 'set, inherit', false);
        end if;
      end $$
      """;

  /**
   * How long a transaction of the sidecar may be idle in a migration's way, and a statement run:
   * longer than any of its own. Beyond that, somebody else's SQL holds the lock.
   */
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(60);

  private static final Duration STATEMENT_LIMIT = Duration.ofSeconds(120);

  /** By membership as it is written down: a superuser counts as a member of every role. */
  private static final String END_BLOCKING_SESSIONS =
      """
      with blocking as materialized (
        select distinct session.pid
          from pg_stat_activity waiting
         cross join unnest(pg_blocking_pids(waiting.pid)) as blocker (pid)
          join pg_stat_activity session on session.pid = blocker.pid
         where waiting.datname = current_database() and waiting.application_name = '%s'
           and waiting.wait_event_type = 'Lock'
           and (exists (select from pg_auth_members membership
                          join pg_roles readers on readers.oid = membership.roleid and readers.rolname = 'ytempire_reader'
                         where membership.member = session.usesysid)
                or session.usename = 'ytempire_app'
                   and clock_timestamp() > case when session.state like 'idle in transaction%%%%' then session.state_change + interval '%%1$d seconds'
                                                else session.query_start + interval '%%2$d seconds' end))
      select count(*) filter (where pg_terminate_backend(pid)) from blocking
      """
          .formatted(APPLICATION);

  private Migration() {}

  /**
   * Runs the migrations that are still to run, all of them or none; none on the database of a newer
   * version, which stays as that left it.
   *
   * @param locations where the files are, as Flyway names places
   * @return whether the database is now as these files make it, and not a newer version's
   * @throws IllegalStateException if others held the locks at every attempt, or a newer version's
   *     database lacks migrations of this one; nothing has changed
   * @throws FlywayException if a migration fails; nothing has changed
   */
  static boolean run(DatabaseAccess access, List<String> locations) {
    return run(access, locations, IDLE_LIMIT);
  }

  /**
   * As {@link #run(DatabaseAccess, List)}.
   *
   * @param idleLimit how long a transaction of the sidecar may be idle in its way
   */
  static boolean run(DatabaseAccess access, List<String> locations, Duration idleLimit) {
    Flyway flyway =
        configured(locations)
            .dataSource(withLockTimeout(access.url()), access.adminUser(), access.adminPassword())
            .group(true)
            .createSchemas(true)
            .initSql(ROLES_OF_OWN)
            .load();
    PendingMigrations pending = PendingMigrations.of(flyway);
    pending.requireNonePassedOver();
    if (pending.isOfNewerVersion()) {
      log.warn("the database is of a newer version, which keeps what this one needs: nothing runs");
      return false;
    }
    try (ScheduledExecutorService watch =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("migration-locks").factory())) {
      watch.scheduleWithFixedDelay(
          () -> endBlockingSessions(access, idleLimit),
          CHECK_INTERVAL.toMillis(),
          CHECK_INTERVAL.toMillis(),
          TimeUnit.MILLISECONDS);
      try {
        migrate(flyway);
        return true;
      } finally {
        watch.shutdownNow();
      }
    }
  }

  /**
   * Checks that no migration is still to run, as on the database of this version or a newer one.
   *
   * @param login who may read Flyway's history
   * @throws IllegalStateException if one is
   */
  static void requireNone(DatabaseAccess access, String login, List<String> locations) {
    PendingMigrations pending;
    try {
      pending =
          PendingMigrations.of(
              configured(locations).dataSource(access.url(), login, access.password()).load());
    } catch (FlywayException e) {
      throw new IllegalStateException(
          "The database cannot be opened as "
              + login
              + ": "
              + e.getMessage()
              + " If it is new, run ./ytempire migrate with YTEMPIRE_DATABASE_ADMIN_PASSWORD first.",
          e);
    }
    pending.requireNonePassedOver();
    if (pending.count() > 0) {
      throw new IllegalStateException(
          "%d migrations are still to run on the database. Run ./ytempire migrate with YTEMPIRE_DATABASE_ADMIN_PASSWORD, or start the sidecar with it."
              .formatted(pending.count()));
    }
  }

  /** For every connection that Flyway makes. */
  private static String withLockTimeout(String url) {
    return url
        + (url.contains("?") ? "&" : "?")
        + "ApplicationName=%s&options=-c%%20lock_timeout=%d"
            .formatted(APPLICATION, LOCK_TIMEOUT.toMillis());
  }

  private static FluentConfiguration configured(List<String> locations) {
    return Flyway.configure()
        .locations(locations.toArray(String[]::new))
        .defaultSchema("flyway")
        // A script is renamed or split by subject: what it made is replaced by those that follow.
        .ignoreMigrationPatterns("repeatable:missing", "*:future")
        .validateMigrationNaming(true);
  }

  private static void migrate(Flyway flyway) {
    Duration backoff = FIRST_BACKOFF;
    for (int attempt = 1; ; attempt++) {
      try {
        flyway.migrate();
        return;
      } catch (FlywayException e) {
        if (!isRetried(e)) {
          throw e;
        }
        if (attempt == ATTEMPTS) {
          throw new IllegalStateException(
              "The database was not migrated: other sessions held its tables at each of "
                  + ATTEMPTS
                  + " attempts. Find them in pg_locks, end them and start again. Nothing was changed.",
              e);
        }
        log.info(
            "a migration waited for a lock in vain and was rolled back; attempt {} follows in {} ms",
            attempt + 1,
            backoff.toMillis());
        pause(backoff);
        backoff =
            backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) < 0
                ? backoff.multipliedBy(2)
                : LONGEST_BACKOFF;
      }
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting to migrate", e);
    }
  }

  static boolean isRetried(@Nullable Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException e
          && e.getSQLState() != null
          && RETRIED.contains(e.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  private static void endBlockingSessions(DatabaseAccess access, Duration idleLimit) {
    try (Connection connection =
            DriverManager.getConnection(access.url(), access.adminUser(), access.adminPassword());
        var statement = connection.createStatement();
        var ended =
            statement.executeQuery(
                END_BLOCKING_SESSIONS.formatted(
                    idleLimit.toSeconds(), STATEMENT_LIMIT.toSeconds()))) {
      if (ended.next() && ended.getInt(1) > 0) {
        log.warn("ended {} sessions that held up the migration", ended.getInt(1));
      }
    } catch (SQLException e) {
      if (Thread.currentThread().isInterrupted()) {
        // The migration has just ended.
        return;
      }
      log.warn("sessions that hold up the migration cannot be looked for: {}", e.getMessage());
    }
  }
}
