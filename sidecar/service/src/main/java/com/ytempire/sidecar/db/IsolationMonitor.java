package com.ytempire.sidecar.db;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats the check of the catalog that the start demands, so that isolation that is broken while
 * sidecars run is seen: by a superuser's statement, by a restore, by another tool's migration. Safe
 * to share between threads.
 */
public final class IsolationMonitor {
  private static final Logger log = LoggerFactory.getLogger(IsolationMonitor.class);

  private final Database database;
  private volatile int faults;

  public IsolationMonitor(Database database) {
    this.database = database;
  }

  /** Checks anew; what was found before stays while the database does not answer. */
  public void run() {
    List<String> found = database.isolationFaults();
    if (!found.isEmpty()) {
      log.error("The database does not isolate its users: {}", String.join("; ", found));
    }
    faults = found.size();
  }

  /** Number of faults that the last check found; 0 when all is well. */
  public int faults() {
    return faults;
  }
}
