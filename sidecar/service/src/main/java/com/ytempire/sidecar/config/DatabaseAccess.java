package com.ytempire.sidecar.config;

import org.jspecify.annotations.Nullable;

/**
 * How PostgreSQL is reached, and by which logins.
 *
 * @param url JDBC address
 * @param adminUser who migrates: may make roles
 * @param adminPassword null: the database has been migrated, and the sidecar never is its
 *     administrator
 * @param password that the sidecar's own login gets and uses
 * @param poolSize connections, 2 to 100
 */
public record DatabaseAccess(
    String url, String adminUser, @Nullable String adminPassword, String password, int poolSize) {
  static final String DEFAULT_URL = "jdbc:postgresql://127.0.0.1:5432/ytempire";

  static DatabaseAccess read(SettingsReader reader) {
    return new DatabaseAccess(
        reader.text("DATABASE_URL", DEFAULT_URL),
        reader.text("DATABASE_ADMIN_USER", "postgres"),
        reader.optionalSecret("DATABASE_ADMIN_PASSWORD"),
        reader.secret("DATABASE_PASSWORD"),
        reader.number("DATABASE_POOL_SIZE", 16, 2, 100));
  }

  /** Without the secrets, which must not reach a log. */
  @Override
  public String toString() {
    return "DatabaseAccess[" + url + "]";
  }
}
