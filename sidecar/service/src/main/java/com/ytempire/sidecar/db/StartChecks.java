package com.ytempire.sidecar.db;

import com.ytempire.sidecar.config.DatabaseAccess;
import java.util.List;

/** The conditions that a database must meet before the sidecar works on it. */
record StartChecks(Pools pools, LoginEnforcement enforcement, DatabaseAccess access) {
  /**
   * Makes all checks.
   *
   * @throws IllegalStateException if a session is of another login than the sidecar's or a
   *     superuser's, if the catalog shows that isolation does not hold, or if the administrator's
   *     password is not set and the schema is not this version's
   */
  void run() {
    requireOwnLogin(pools.everyday(), SidecarLogin.NAME);
    requireOwnLogin(pools.operator(), OperatorLogin.NAME);
    if (access.adminPassword() == null) {
      requireMigrated();
    }
    requireIsolation();
    enforcement.readTenantKey(pools.operator());
  }

  /**
   * Refuses sessions of another login, such as a superuser, whom no policy binds: a user in the
   * database's address takes the place of the one that the sidecar names.
   */
  private static void requireOwnLogin(Transactions pool, String login) {
    String actual =
        pool.run(
            TransactionOptions.withoutTenant(false),
            handle ->
                handle
                    .createQuery(
                        "select session_user || case current_setting('is_superuser') when 'on' then ', a superuser' else '' end")
                    .mapTo(String.class)
                    .one());
    if (!actual.equals(login)) {
      throw new IllegalStateException(
          "The sidecar is logged in to PostgreSQL as %s, and must be %s. Take user and password out of YTEMPIRE_DATABASE_URL; YTEMPIRE_DATABASE_PASSWORD is enough. If %s itself is a superuser: alter role %s nosuperuser."
              .formatted(actual, login, login, login));
    }
  }

  /** Flyway is asked only when the migrations that ran last are not exactly this version's. */
  private void requireMigrated() {
    String last =
        pools
            .everyday()
            .run(
                TransactionOptions.withoutTenant(false),
                handle ->
                    handle
                        .createQuery(
                            "select coalesce((select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'flyway'), '')")
                        .mapTo(String.class)
                        .one());
    if (!last.equals(MigrationFingerprint.of(Migration.LOCATIONS))) {
      Migration.requireNone(access, SidecarLogin.NAME, Migration.LOCATIONS);
    }
  }

  private void requireIsolation() {
    List<String> faults = isolationFaults(pools.everyday());
    if (!faults.isEmpty()) {
      // A database that was made meanwhile is open until it is closed.
      var _ = enforcement.enforce();
      faults = isolationFaults(pools.everyday());
    }
    if (!faults.isEmpty()) {
      throw new IllegalStateException(
          "The database does not isolate its users:\n  " + String.join("\n  ", faults));
    }
  }

  /** As {@link Database#isolationFaults}. */
  static List<String> isolationFaults(Transactions pool) {
    return pool.run(
        TransactionOptions.withoutTenant(false),
        handle ->
            handle
                .createQuery("select fault || ': ' || object from app.isolation_faults()")
                .mapTo(String.class)
                .list());
  }
}
