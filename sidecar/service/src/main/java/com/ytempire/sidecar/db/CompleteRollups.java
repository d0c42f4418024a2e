package com.ytempire.sidecar.db;

import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Requires that sums of videos hold all days of a tenant. After an upgrade they are filled beside
 * the running service; until then they are too low.
 */
public final class CompleteRollups {
  /** Object not in prerequisite state, as {@code sec.are_rollups_filled} raises it. */
  private static final String SQL_STATE = "55000";

  private CompleteRollups() {}

  /**
   * From here on the transaction refuses to read {@code analytics.video_totals} and {@code
   * analytics.video_weeks} while they are being filled.
   */
  public static void require(Handle handle) {
    var _ =
        handle
            .createQuery("select set_config('ytempire.complete_rollups', 'on', true)")
            .mapTo(String.class)
            .one();
  }

  /** Whether a failure is that refusal. */
  public static boolean isRefusal(Throwable failure) {
    for (@Nullable Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof SQLException e && SQL_STATE.equals(e.getSQLState())) {
        return true;
      }
    }
    return false;
  }
}
