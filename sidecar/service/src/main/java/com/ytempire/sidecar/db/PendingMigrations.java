package com.ytempire.sidecar.db;

import java.util.Arrays;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;

/**
 * The migrations of this version that are still to run on a database.
 *
 * @param count how many; one that another version passed over counts, though Flyway never runs it
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
    long passedOver =
        Arrays.stream(found.all())
            .filter(each -> each.getState() == MigrationState.IGNORED && each.isVersioned())
            .count();
    // None that is versioned is pending on a newer database: Flyway ignores what is below its last.
    long pending = isNewer ? 0 : found.pending().length;
    return new PendingMigrations(pending + passedOver, isNewer);
  }

  /**
   * Checks that a newer version's database has what this one needs.
   *
   * @throws IllegalStateException if that version passed migrations of this one over, as when this
   *     one is a correction that came out after it
   */
  void requireNonePassedOver() {
    if (isOfNewerVersion && count > 0) {
      throw new IllegalStateException(
          "The database is of a newer version that lacks %d migrations of this one, and they cannot follow. Install the version that migrated it, or a newer one that has them. Nothing was changed."
              .formatted(count));
    }
  }
}
