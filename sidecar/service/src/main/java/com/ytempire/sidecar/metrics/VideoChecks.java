package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.db.DatabaseBusy;
import com.ytempire.sidecar.db.DatabaseUnavailable;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records whether YouTube shows videos: to everybody, to their owner alone, or not at all. A video
 * that is missed three times, hours apart, is given up: it is asked for once a day, and erased
 * three days later (Developer Policies III.E.4.b) unless it is back. Safe to share between threads.
 */
final class VideoChecks {
  private static final Logger log = LoggerFactory.getLogger(VideoChecks.class);

  private final Database database;

  VideoChecks(Database database) {
    this.database = database;
  }

  /** The result of asking for a video. */
  enum Result {
    PUBLIC,
    /** Its owner alone is shown it, or it has no figures. */
    HIDDEN,
    /** Not even its owner is shown it. */
    MISSED
  }

  /** A stored video that was asked for. */
  record Check(String videoId, Result result) {}

  /** Records the checks of a user's videos; what cannot be recorded now is checked again. */
  void note(UUID userId, List<Check> checks, Instant at) {
    if (checks.isEmpty()) {
      return;
    }
    UUID[] users = new UUID[checks.size()];
    Arrays.fill(users, userId);
    String[] ids = checks.stream().map(Check::videoId).toArray(String[]::new);
    String[] results =
        checks.stream()
            .map(check -> check.result().name().toLowerCase(Locale.ROOT))
            .toArray(String[]::new);
    try {
      // Idempotent: misses of one moment count once.
      database
          .idempotent()
          .useTenants(handle ->
              handle
                  .attach(PlanDao.class)
                  .videosChecked(Database.tenants(handle, users), ids, results, at));
    } catch (DatabaseBusy | DatabaseUnavailable e) {
      log.warn("what YouTube shows of {} videos is not recorded: {}", ids.length, e.getMessage());
    }
  }
}
