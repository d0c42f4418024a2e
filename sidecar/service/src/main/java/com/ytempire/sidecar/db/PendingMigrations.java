package com.ytempire.sidecar.db;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;

/**
 * The migrations of this version that are still to run on a database.
 *
 * @param count how many
 * @param isOfNewerVersion whether migrations that follow the last one of this version ran on it.
 *     The repeatable scripts that ran are the newer ones then, and keep what this version's
 *     sidecars call: they are not to be run over by ours
 */
record PendingMigrations(long count, boolean isOfNewerVersion) {
  /**
   * Asks Flyway.
   *
   * @throws org.flywaydb.core.api.FlywayException if the database does not answer it
   */
  static PendingMigrations of(Flyway flyway) {
    MigrationInfoService found = flyway.info();
    boolean isNewer =
        Arrays.stream(found.all())
            .anyMatch(each -> each.getState() == MigrationState.FUTURE_SUCCESS);
    long count =
        Arrays.stream(found.pending()).filter(each -> each.isVersioned() || !isNewer).count();
    return new PendingMigrations(count, isNewer);
  }
}
