package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.db.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/**
 * Watches whether YouTube's hub pushes the new videos that it was asked to push. Where it does not,
 * the feeds are read hourly, which costs no quota; so this is for the operator to know, not to fix.
 * Safe to share between threads.
 */
public final class HubMonitor {
  private final Database database;
  private final Clock clock;
  private volatile UploadWatchDao.HubWatches watches = new UploadWatchDao.HubWatches(0, 0);

  public HubMonitor(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Counts anew. */
  public void run() {
    Instant now = clock.instant();
    watches =
        database.directory(handle ->
            handle.attach(UploadWatchDao.class).hubWatches(now, now.minus(UploadPlan.HUB_SILENCE)));
  }

  /** Channels for which the hub did not push a video that it should have pushed. */
  public long silentChannels() {
    return watches.silent();
  }

  /** What is wrong; empty while the hub pushes. */
  public Optional<String> warning() {
    UploadWatchDao.HubWatches counted = watches;
    return counted.silent() == 0
        ? Optional.empty()
        : Optional.of(
            "YouTube's hub did not push new videos of %d of %d channels; their feeds are read hourly until it does"
                .formatted(counted.silent(), counted.leased()));
  }
}
