package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.privacy.ExecutionErasureDao.Erasure;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes n8n's executions that name an erased user. All executions are gone through twice: at
 * once, and after an hour, when those that ran meanwhile have ended. What n8n refuses, or what a
 * restart interrupts, goes on from the last page a minute later. Safe to share between threads;
 * replicas do one erasure each.
 */
public final class ExecutionErasures implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ExecutionErasures.class);

  /** Longer than a page of the largest executions takes. */
  private static final Duration LEASE = Duration.ofMinutes(10);

  private final Database database;
  private final @Nullable N8nExecutions n8n;
  private final Clock clock;

  /**
   * @param settings null: n8n is not to be asked
   */
  public ExecutionErasures(Database database, Config.@Nullable N8n settings, Clock clock) {
    this.database = database;
    this.n8n = settings == null ? null : new N8nExecutions(settings);
    this.clock = clock;
  }

  /** Whether there is an n8n to erase in. */
  boolean isConfigured() {
    return n8n != null;
  }

  /** Has the executions deleted that hold one of these texts, if this transaction commits. */
  void request(Handle handle, List<String> terms) {
    if (isConfigured()) {
      var _ = handle.attach(ExecutionErasureDao.class).request(terms.toArray(String[]::new), now());
    }
  }

  /** Goes on with all erasures that are due. */
  public void run() {
    N8nExecutions executions = n8n;
    if (executions == null) {
      return;
    }
    try {
      for (List<Erasure> due = claim(); !due.isEmpty(); due = claim()) {
        carryOut(executions, due.getFirst());
      }
    } catch (N8nExecutions.Failed e) {
      log.warn("executions of an erased user are deleted later: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Erasure> claim() {
    return database.directory(
        handle -> handle.attach(ExecutionErasureDao.class).claim(now(), leaseEnd()));
  }

  private void carryOut(N8nExecutions executions, Erasure erasure)
      throws N8nExecutions.Failed, InterruptedException {
    @Nullable String cursor = erasure.pageCursor();
    int deleted = 0;
    try {
      do {
        N8nExecutions.Page page = executions.list(cursor);
        for (String id : page.ids()) {
          if (executions.mentions(id, erasure.terms())) {
            executions.delete(id);
            deleted++;
          }
        }
        cursor = page.next();
        proceed(erasure, cursor, leaseEnd());
      } while (cursor != null);
    } catch (N8nExecutions.Failed e) {
      proceed(erasure, e.isOfCursor() ? null : cursor, now().plusMinutes(1));
      throw e;
    }
    database.directory(handle -> {
      var _ = handle.attach(ExecutionErasureDao.class).endPass(erasure.erasureId());
      return true;
    });
    log.info("{} executions of n8n that named an erased user were deleted", deleted);
  }

  private void proceed(Erasure erasure, @Nullable String cursor, OffsetDateTime dueAt) {
    database.directory(handle -> {
      var _ = handle.attach(ExecutionErasureDao.class).proceed(erasure.erasureId(), cursor, dueAt);
      return true;
    });
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC);
  }

  private OffsetDateTime leaseEnd() {
    return now().plus(LEASE);
  }

  @Override
  public void close() {
    if (n8n != null) {
      n8n.close();
    }
  }
}
