package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.config.Config;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.privacy.ExecutionErasureDao.Erasure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes n8n's executions that name an erased user. All executions are gone through twice: at
 * once, and after an hour, when those that ran meanwhile have ended. Where n8n is away, or a
 * restart interrupts, a pass goes on from the last page a minute later. An execution that n8n
 * cannot show or delete is passed over, and the pass is repeated after an hour. After 30 days an
 * erasure is given up with a warning, also when no n8n is configured any more: the words that it
 * searches for name the user. Safe to share between threads; replicas do one erasure each.
 */
public final class ExecutionErasures implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ExecutionErasures.class);

  /** Renewed after each execution once a minute has passed; longer than two calls take. */
  private static final Duration LEASE = Duration.ofMinutes(10);

  private static final Duration LEASE_RENEWED_AFTER = Duration.ofMinutes(1);
  private static final Duration PAUSE_WHILE_AWAY = Duration.ofMinutes(1);
  private static final Duration PAUSE_BEFORE_REPEAT = Duration.ofHours(1);

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
    } catch (N8nException e) {
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
      throws N8nException, InterruptedException {
    @Nullable String cursor = erasure.pageCursor();
    Instant renewAt = clock.instant().plus(LEASE_RENEWED_AFTER);
    int deleted = 0;
    try {
      do {
        N8nExecutions.Page page = executions.list(cursor);
        for (String id : page.ids()) {
          deleted += erase(executions, erasure, id) ? 1 : 0;
          if (clock.instant().isAfter(renewAt)) {
            proceed(erasure, cursor, leaseEnd());
            renewAt = clock.instant().plus(LEASE_RENEWED_AFTER);
          }
        }
        cursor = page.next();
        proceed(erasure, cursor, leaseEnd());
      } while (cursor != null);
    } catch (N8nException e) {
      proceed(erasure, e.isOfCursor() ? null : cursor, now().plus(PAUSE_WHILE_AWAY));
      throw e;
    }
    database.directory(handle -> {
      var _ =
          handle
              .attach(ExecutionErasureDao.class)
              .endPass(erasure.erasureId(), now().plus(PAUSE_BEFORE_REPEAT));
      return true;
    });
    log.info("{} executions of n8n that named an erased user were deleted", deleted);
  }

  /**
   * Deletes an execution if it names the user. One that fails is noted, so that the pass is
   * repeated, and does not keep those after it from being deleted.
   *
   * @return whether it was deleted
   * @throws N8nException when n8n as a whole is away, or refuses the API key
   */
  private boolean erase(N8nExecutions executions, Erasure erasure, String id)
      throws N8nException, InterruptedException {
    try {
      if (!executions.mentions(id, erasure.terms())) {
        return false;
      }
      executions.delete(id);
      return true;
    } catch (N8nException e) {
      if (e.isOfKey()) {
        throw e;
      }
      // Fails as well where the fault is not of this execution alone.
      var _ = executions.list(null);
      database.directory(handle -> {
        var _ = handle.attach(ExecutionErasureDao.class).notePassedOver(erasure.erasureId());
        return true;
      });
      log.warn(
          "execution {} of n8n, which may name an erased user, is passed over and tried again in an hour: {}",
          id,
          e.getMessage());
      return false;
    }
  }

  /** Gives up erasures that did not end within 30 days; every hour. */
  public void sweep() {
    long givenUp =
        database.directory(handle -> handle.attach(ExecutionErasureDao.class).sweep(now()));
    if (givenUp > 0) {
      log.warn(
          "{} erasures did not end in n8n within 30 days and are given up: executions there that name the users stay until n8n prunes them or somebody deletes them",
          givenUp);
    }
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
