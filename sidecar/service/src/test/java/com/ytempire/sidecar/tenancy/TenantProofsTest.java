package com.ytempire.sidecar.tenancy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.Tenant;
import com.ytempire.sidecar.testing.Engines;
import com.ytempire.sidecar.testing.Platform;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What SQL of the sidecar's first login can do without the key that the sidecar knows. */
final class TenantProofsTest {
  private final Database database = Engines.openDatabase();
  private final String name = Engines.nameOf(database);
  private final UUID ada = user("ada@example.com");
  private final UUID bob = user("bob@example.com");
  private Connection injected;

  TenantProofsTest() throws SQLException {
    injected = asSidecar();
  }

  private Connection asSidecar() throws SQLException {
    Connection connection =
        Engines.postgres().connect(name, "ytempire_app", "the-sidecar-of-the-tests");
    connection.setAutoCommit(false);
    return connection;
  }

  @BeforeEach
  void requireTwoUsers() {
    assertEquals(List.of("ada@example.com"), emails(ada));
    assertEquals(List.of("bob@example.com"), emails(bob));
  }

  @AfterEach
  void close() throws SQLException {
    injected.close();
    database.close();
  }

  private UUID user(String email) {
    return database.directory(handle ->
        handle
            .createQuery(
                "select app.create_user(:email, 'x', 'starter', 10000, 'UTC', '2026-01-01')")
            .bind("email", email)
            .mapTo(UUID.class)
            .one());
  }

  private List<String> emails(UUID user) {
    return Tenant.as(
        user,
        () ->
            database.asTenant(handle ->
                handle
                    .createQuery("select email from analytics.users")
                    .mapTo(String.class)
                    .list()));
  }

  /** The value of app.tenant_id by which the sidecar enters a user, and the session it is for. */
  private Map<String, Object> entered(UUID user) {
    return Tenant.as(
        user,
        () ->
            database.asTenant(handle ->
                handle
                    .createQuery(
                        "select current_setting('app.tenant_id') as value, pg_backend_pid() as pid")
                    .mapToMap()
                    .one()));
  }

  private static List<Map<String, Object>> look(Connection connection, String tenant)
      throws SQLException {
    try {
      Platform.rows(connection, "select set_config('app.tenant_id', '" + tenant + "', true)");
      return Platform.rows(connection, "select email from analytics.users");
    } finally {
      connection.rollback();
    }
  }

  private static void assertRefused(Connection connection, String tenant) {
    SQLException refusal = assertThrows(SQLException.class, () -> look(connection, tenant), tenant);
    assertEquals("42501", refusal.getSQLState());
    assertTrue(String.valueOf(refusal.getMessage()).contains("has no proof"), refusal.getMessage());
  }

  @Test
  void sql_of_the_first_login_cannot_choose_a_tenant() {
    assertRefused(injected, ada.toString());
    assertRefused(injected, ada + ":");
    assertRefused(injected, ada + ":" + "0".repeat(64));
  }

  @Test
  void a_proof_of_another_session_is_refused() {
    assertRefused(injected, String.valueOf(entered(ada).get("value")));
  }

  @Test
  void a_proof_of_another_tenant_is_refused() {
    String refused =
        Tenant.as(
            ada,
            () ->
                database.asTenant(handle -> {
                  // As an injected statement would, in the sidecar's own transaction.
                  handle.execute(
                      "select set_config('app.tenant_id', '"
                          + bob
                          + "' || substr(current_setting('app.tenant_id'), 37), true)");
                  try {
                    return handle
                        .createQuery("select email from analytics.users")
                        .mapTo(String.class)
                        .one();
                  } catch (RuntimeException e) {
                    return String.valueOf(e.getMessage());
                  }
                }));
    assertTrue(refused.contains("has no proof"), refused);
  }

  @Test
  void an_injected_plan_of_many_users_is_refused() {
    for (String call :
        List.of(
            "select * from app.plan_users('{%s}'::uuid[])",
            "select * from app.plan_users('{%s}'::text[])",
            "select * from app.plan_channels('{%s}'::uuid[])",
            "select app.record_acts('{%s}'::uuid[], now(), null, 'x', 'x', null, null, '{}')")) {
      SQLException refusal =
          assertThrows(
              SQLException.class, () -> Platform.rows(injected, call.formatted(ada)), call);
      assertEquals("42501", refusal.getSQLState(), call);
      assertThrows(SQLException.class, () -> Platform.rows(injected, "select 1 as one"));
      try {
        injected.rollback();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void the_first_login_cannot_read_the_key_of_proofs() throws SQLException {
    for (String sql :
        List.of(
            "select secret from sec.tenant_key",
            "select app.tenant_key()",
            "select app.rotate_tenant_key()",
            "select sec.prove_tenant('" + ada + "')")) {
      assertEquals(
          "42501",
          assertThrows(SQLException.class, () -> Platform.rows(injected, sql), sql).getSQLState());
      injected.rollback();
    }
  }

  @Test
  void the_key_of_proofs_is_changed_while_the_sidecar_runs() throws SQLException {
    try (Connection operator = Engines.asOperator(name)) {
      Platform.rows(operator, "select app.rotate_tenant_key()");
    }
    // By the key before, which is good for a day.
    assertEquals(List.of("ada@example.com"), emails(ada));
    String before = String.valueOf(entered(ada).get("value"));
    var _ = database.enforceTenantLimits();
    Engines.asAdmin(name, "update sec.tenant_key set ends_at = now() where ends_at is not null");
    assertEquals(List.of("ada@example.com"), emails(ada));
    String after = String.valueOf(entered(ada).get("value"));
    assertTrue(!before.equals(after), "the same proof after the key was changed");
  }

  @Test
  void a_query_of_a_tenant_may_run_in_parallel() {
    List<String> plan =
        Tenant.as(
            ada,
            () ->
                database.asTenant(handle -> {
                  handle.execute(
                      "set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0;"
                          + " set local min_parallel_table_scan_size = 0; set local min_parallel_index_scan_size = 0;"
                          + " set local enable_indexscan = off; set local enable_bitmapscan = off");
                  assertEquals(
                      0L,
                      handle
                          .createQuery("select count(*) from analytics.video_metrics")
                          .mapTo(Long.class)
                          .one());
                  return handle
                      .createQuery("explain select count(*) from analytics.video_metrics")
                      .mapTo(String.class)
                      .list();
                }));
    assertTrue(String.join("\n", plan).contains("Parallel"), String.join("\n", plan));
  }
}
