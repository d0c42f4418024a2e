package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.ytempire.engines.LocalPostgres;
import com.ytempire.sidecar.config.DatabaseAccess;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PasswordUtil;

/**
 * What changed of roles in PostgreSQL 16 and later, on a server of such a version: {@code
 * target/postgres} has its binaries, or the system property {@code ytempire.newer-postgres} names
 * the jar.
 */
final class NewerPostgresTest {
  private static final Path SQL_TESTS = Path.of("../../sql/tests");
  private static final String TENANT_PASSWORD = "the-tenant-of-the-tests";

  private static @Nullable LocalPostgres started;

  private static int databases;

  @BeforeAll
  static void start() throws IOException {
    @Nullable Path binaries = binaries();
    assumeTrue(
        binaries != null,
        "no newer PostgreSQL in target/postgres, where Maven copies it before the tests");
    started =
        LocalPostgres.start(
            Engines.folder("newer-postgres"), 0, LocalPostgres.Profile.QUICK, binaries);
  }

  private static @Nullable Path binaries() throws IOException {
    String named = System.getProperty("ytempire.newer-postgres");
    if (named != null) {
      return Path.of(named);
    }
    Path folder = Path.of("target/postgres");
    if (!Files.isDirectory(folder)) {
      return null;
    }
    try (var jars = Files.list(folder)) {
      return jars.filter(jar -> jar.toString().endsWith(".jar")).max(Path::compareTo).orElse(null);
    }
  }

  @AfterAll
  static void stop() {
    LocalPostgres server = started;
    if (server != null) {
      server.close();
    }
  }

  private static LocalPostgres server() {
    return Objects.requireNonNull(started);
  }

  private static DatabaseAccess access(String database) {
    return new DatabaseAccess(
        server().url(database),
        LocalPostgres.ADMIN,
        server().password(),
        "the-sidecar-of-the-tests",
        4);
  }

  private static String fresh() throws SQLException {
    String name = "newer" + ++databases;
    server().createDatabase(name);
    return name;
  }

  private static DatabaseAccess migrated() throws SQLException {
    DatabaseAccess access = access(fresh());
    Database.migrate(access);
    return access;
  }

  private static Connection admin(DatabaseAccess access) throws SQLException {
    return DriverManager.getConnection(access.url(), LocalPostgres.ADMIN, server().password());
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static UUID createUser(Connection admin) throws SQLException {
    UUID userId = UUID.randomUUID();
    run(
        admin,
        "insert into core.users (user_id, email, display_name) values ('%s', 'ada@example.com', 'x')"
            .formatted(userId));
    return userId;
  }

  private static String provision(Database database, UUID userId) {
    return Tenant.as(
        userId,
        () ->
            database
                .operator()
                .asTenant(handle ->
                    handle
                        .createQuery("select app.provision_tenant_login(:verifier)")
                        .bind(
                            "verifier",
                            PasswordUtil.encodeScramSha256(TENANT_PASSWORD.toCharArray()))
                        .mapTo(String.class)
                        .one()));
  }

  private static Connection connect(DatabaseAccess access, String login) throws SQLException {
    return DriverManager.getConnection(access.url(), login, TENANT_PASSWORD);
  }

  @Test
  void isolation_and_behaviour_hold() throws Exception {
    DatabaseAccess access = migrated();
    try (Connection admin = admin(access)) {
      assertTrue(
          admin.getMetaData().getDatabaseMajorVersion() >= 16,
          admin.getMetaData().getDatabaseProductVersion());
      System.out.println(
          "SQL tests ran on PostgreSQL " + admin.getMetaData().getDatabaseProductVersion());
      for (String file : List.of("isolation.sql", "behaviour.sql", "analytics.sql")) {
        run(admin, Files.readString(SQL_TESTS.resolve(file)));
      }
      assertEquals(List.of(), Platform.rows(admin, "select * from app.isolation_faults()"));
    }
  }

  @Test
  void a_login_is_made_held_to_its_limits_and_dropped() throws Exception {
    DatabaseAccess access = migrated();
    try (Database database = Database.open(access, Clock.systemUTC());
        Connection admin = admin(access)) {
      UUID userId = createUser(admin);
      String login = provision(database, userId);
      try (Connection tenant = connect(access, login)) {
        assertEquals(1, Platform.rows(tenant, "select * from analytics.users").size());
        run(tenant, "set default_transaction_read_only = off");
        run(tenant, "alter role " + login + " set work_mem = '2GB'");
        run(tenant, "alter role " + login + " password 'of-its-own'");
      }
      Map<String, Long> enforced = database.enforceTenantLimits();
      assertEquals(1, enforced.get("password"), enforced.toString());
      try (Connection tenant = connect(access, login)) {
        assertEquals(List.of(Map.of("work_mem", "4MB")), Platform.rows(tenant, "show work_mem"));
        run(tenant, "set default_transaction_read_only = off");
        run(tenant, "alter default privileges grant select on tables to public");
        Tenant.as(
            userId,
            () ->
                database
                    .operator()
                    .asTenant(handle ->
                        String.valueOf(
                            handle
                                .createQuery("select app.erase_user(:now)")
                                .bind("now", OffsetDateTime.now())
                                .mapTo(String.class)
                                .one())));
        database.enforceTenantLimits();
      }
      assertEquals(
          List.of(),
          Platform.rows(admin, "select 1 as n from pg_roles where rolname = '" + login + "'"));
    }
  }

  @Test
  void what_the_sidecars_login_changes_of_its_own_role_is_put_back() throws Exception {
    DatabaseAccess access = migrated();
    try (Database database = Database.open(access, Clock.systemUTC());
        Connection injected =
            DriverManager.getConnection(access.url(), "ytempire_app", access.password())) {
      run(injected, "alter role ytempire_app set statement_timeout = '1s'");
      assertEquals(1, database.enforceTenantLimits().get("settings"));
      run(injected, "alter role ytempire_app password 'of-its-own'");
      assertEquals(1, database.enforceTenantLimits().get("password"));
      assertFalse(database.enforceTenantLimits().containsKey("password"));
    }
  }

  @Test
  void logins_of_an_earlier_server_are_adopted_by_the_migration() throws Exception {
    DatabaseAccess access = migrated();
    try (Database database = Database.open(access, Clock.systemUTC());
        Connection admin = admin(access)) {
      String login = provision(database, createUser(admin));
      // As pg_upgrade brings them from a server that gave whoever makes a role no membership.
      run(admin, "revoke %s, ytempire_app from ytempire_provisioner".formatted(login));
      run(admin, "alter role " + login + " set work_mem = '2GB'");
      database.enforceTenantLimits();
      try (Connection tenant = connect(access, login)) {
        assertEquals(List.of(Map.of("work_mem", "2GB")), Platform.rows(tenant, "show work_mem"));
      }
      assertTrue(
          database.isolationFaults().toString().contains("run ./ytempire migrate: " + login),
          database.isolationFaults().toString());
      Database.migrate(access);
      assertEquals(List.of(), database.isolationFaults());
      database.enforceTenantLimits();
      try (Connection tenant = connect(access, login)) {
        assertEquals(List.of(Map.of("work_mem", "4MB")), Platform.rows(tenant, "show work_mem"));
      }
    }
  }

  @Test
  void a_membership_granted_by_hand_is_a_fault_and_not_counted() throws Exception {
    DatabaseAccess access = migrated();
    try (Database database = Database.open(access, Clock.systemUTC());
        Connection admin = admin(access)) {
      String login = provision(database, createUser(admin));
      run(admin, "grant ytempire_app to " + login);
      try {
        assertFalse(database.enforceTenantLimits().containsKey("membership"));
        assertTrue(
            database.isolationFaults().toString().contains("revoke ytempire_app from it"),
            database.isolationFaults().toString());
        assertThrows(
            IllegalStateException.class, () -> Database.open(access, Clock.systemUTC()).close());
      } finally {
        run(admin, "revoke ytempire_app from " + login);
      }
      assertEquals(List.of(), database.isolationFaults());
    }
  }
}
