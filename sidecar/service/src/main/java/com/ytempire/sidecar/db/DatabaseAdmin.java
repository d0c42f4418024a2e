package com.ytempire.sidecar.db;

import com.ytempire.sidecar.config.DatabaseAccess;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.postgresql.util.PasswordUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Acts of the database's administrator, whose password the running service does not hold. */
final class DatabaseAdmin {
  private static final Logger log = LoggerFactory.getLogger(DatabaseAdmin.class);

  /**
   * Before Flyway, whose search path would put TimescaleDB's functions into Flyway's own schema.
   */
  private static final String EXTENSION =
      """
      do $$
      begin
        if exists (select from pg_available_extensions where name = 'timescaledb')
           and current_setting('shared_preload_libraries') like '%timescaledb%' then
          create extension if not exists timescaledb schema public;
        end if;
      end $$
      """;

  /** A version before this one cannot say whether it was restored. */
  private static final String REQUIRE_OPENED_TIMELINE =
      """
      do $$
      begin
        if to_regprocedure('core.require_opened_timeline()') is not null then
          perform core.require_opened_timeline();
        end if;
      end $$
      """;

  /** What was revoked since the moment of a restore, and the restored version did not know. */
  private static final String REPLAY_POSTPONED =
      """
      do $$
      begin
        if to_regprocedure('core.replay_postponed_revocations(timestamptz)') is not null then
          perform core.replay_postponed_revocations(now());
        end if;
      end $$
      """;

  private DatabaseAdmin() {}

  /**
   * Runs the migrations that are still to run, all of them or none: what fails leaves the version
   * before, with which its sidecars go on. Two that start at once migrate once, by Flyway's lock.
   * Afterwards no tenant's login can connect to another database of the server. A database that was
   * restored is refused until the revocations since were replayed. On the database of a newer
   * version no migration runs: that is the way back from an upgrade.
   *
   * @param locations where the files are, as Flyway names places
   */
  static void migrate(DatabaseAccess access, List<String> locations) {
    asAdmin(access, REQUIRE_OPENED_TIMELINE);
    asAdmin(access, EXTENSION);
    boolean isOfThisVersion = Migration.run(access, locations);
    asAdmin(access, REQUIRE_OPENED_TIMELINE);
    asAdmin(access, REPLAY_POSTPONED);
    asAdmin(
        access,
        "alter role "
            + SidecarLogin.NAME
            + " password '"
            // The verifier, so that no statement carries the password into a log.
            + PasswordUtil.encodeScramSha256(access.password().toCharArray())
            + "'");
    asAdmin(
        access,
        """
        do $$
        begin
          -- A version before this one has none of them.
          if to_regprocedure('app.close_databases()') is not null then
            perform app.close_databases();
            call core.hide_statistics();
          end if;
          -- The server may be a newer one than at the last migration.
          if to_regprocedure('app.adopt_roles()') is not null then
            call app.adopt_roles();
          end if;
          if to_regprocedure('core.force_row_security()') is not null then
            set local role ytempire_owner;
            call core.force_row_security();
            reset role;
          end if;
          if to_regrole('%s') is not null then
            alter role %s password '%s';
          end if;
          grant usage on schema flyway to ytempire_app;
          grant select on flyway.flyway_schema_history to ytempire_app;
        end $$
        """
            .formatted(
                OperatorLogin.NAME,
                OperatorLogin.NAME,
                PasswordUtil.encodeScramSha256(
                    OperatorLogin.password(access.password()).toCharArray())));
    if (isOfThisVersion) {
      asAdmin(
          access, "comment on schema flyway is '%s'".formatted(MigrationFingerprint.of(locations)));
    }
  }

  /**
   * Lets retention believe a clock that was moved for a demo or a test. A clock that agrees with
   * the database's within the limit changes nothing.
   */
  static void liftClockLimit(DatabaseAccess access, Clock clock) {
    asAdmin(
        access,
        """
        do $$
        begin
          if exists (select from sec.clock_limit where '%s'::timestamptz > clock_timestamp() + max_ahead) then
            set local role ytempire_owner;
            update sec.clock_limit set max_ahead = '36525 days';
          end if;
        end $$
        """
            .formatted(clock.instant()));
  }

  /**
   * One transaction as the administrator, who is one at a time: two that start at once would
   * collide.
   */
  private static void asAdmin(DatabaseAccess access, String sql) {
    try (Connection connection =
            DriverManager.getConnection(access.url(), access.adminUser(), access.adminPassword());
        var statement = connection.createStatement()) {
      statement.execute("select pg_advisory_xact_lock(hashtext('ytempire.admin')); " + sql);
    } catch (SQLException e) {
      throw new DatabaseUnavailable(e);
    }
  }

  /** Drops what a retired login owns in a database of the server; logs what cannot be dropped. */
  static void dropOwned(DatabaseAccess access, String database, String login) {
    String url =
        access
            .url()
            .replaceFirst(
                "/[^/?]*(\\?|$)", "/" + URLEncoder.encode(database, StandardCharsets.UTF_8) + "$1");
    try (Connection connection =
            DriverManager.getConnection(url, access.adminUser(), access.adminPassword());
        var statement = connection.createStatement()) {
      statement.execute("drop owned by " + statement.enquoteIdentifier(login, true));
    } catch (SQLException e) {
      log.warn(
          "what {} owns in the database {} cannot be dropped: {}", login, database, e.getMessage());
    }
  }
}
