package com.ytempire.sidecar.privacy;

import com.ytempire.sidecar.config.N8nSettings;
import com.ytempire.sidecar.db.Database;
import com.ytempire.sidecar.privacy.ExecutionErasureDao.Erasure;
import com.ytempire.sidecar.privacy.ExecutionErasureDao.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes n8n's executions that name an erased user. All executions are gone through twice: at
 * once, and after an hour, when those that ran meanwhile have ended. Where n8n is unavailable, or a
 * restart interrupts, a pass goes on from the last page a minute later. An execution that n8n
 * cannot show or delete is passed over and remembered: it alone is tried again with the next pass,
 * then after an hour, two, four, and so on, up to once a day. After 30 days an erasure is given up
 * with a warning, also when no n8n is configured any more: the words that it searches for name the
 * user. Safe to share between threads; replicas do one erasure each.
 */
public final class ExecutionErasures implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ExecutionErasures.class);

  /** Renewed after each execution once a minute has passed; longer than two calls take. */
  private static final Duration LEASE = Duration.ofMinutes(10);

  private static final Duration LEASE_RENEWED_AFTER = Duration.ofMinutes(1);
  private static final Duration PAUSE_WHILE_AWAY = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE_BEFORE_REPEAT = Duration.ofHours(1);
  private static final Duration LONGEST_PAUSE_BEFORE_REPEAT = Duration.ofDays(1);

  private final Database database;
  private final @Nullable N8nExecutions n8n;
  private final Clock clock;

  /**
   * @param settings null: n8n is not to be asked
   */
  public ExecutionErasures(Database database, @Nullable N8nSettings settings, Clock clock) {
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
      handle.attach(ExecutionErasureDao.class).request(terms.toArray(String[]::new), now());
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
    Progress progress =
        database
            .directory(
                handle -> handle.attach(ExecutionErasureDao.class).progress(erasure.erasureId()))
            .orElse(null);
    if (progress == null) {
      return;
    }
    @Nullable String cursor = erasure.pageCursor();
    Instant renewAt = clock.instant().plus(LEASE_RENEWED_AFTER);
    Set<String> tried = new HashSet<>(progress.executionIds());
    int deleted = 0;
    try {
      if (cursor == null) {
        for (String id : progress.executionIds()) {
          Outcome outcome = erase(executions, erasure, id);
          deleted += outcome == Outcome.DELETED ? 1 : 0;
          if (outcome != Outcome.PASSED_OVER) {
            forget(erasure, id);
          }
          renewAt = renew(erasure, cursor, renewAt);
        }
      }
      boolean goesOn = progress.passesLeft() > 0;
      while (goesOn) {
        N8nExecutions.Page page = executions.list(cursor);
        for (String id : page.ids()) {
          if (!tried.contains(id)) {
            deleted += erase(executions, erasure, id) == Outcome.DELETED ? 1 : 0;
            renewAt = renew(erasure, cursor, renewAt);
          }
        }
        cursor = page.next();
        goesOn = cursor != null;
        proceed(erasure, cursor, leaseEnd());
      }
    } catch (N8nException e) {
      proceed(erasure, e.isOfCursor() ? null : cursor, now().plus(PAUSE_WHILE_AWAY));
      throw e;
    }
    database.useDirectory(handle ->
        handle
            .attach(ExecutionErasureDao.class)
            .endPass(erasure.erasureId(), now().plus(pauseAfter(progress.repeats()))));
    log.info("{} executions of n8n that named an erased user were deleted", deleted);
  }

  /** The pause before something is tried again, having been so many times. */
  static Duration pauseAfter(int repeats) {
    Duration pause = FIRST_PAUSE_BEFORE_REPEAT.multipliedBy(1L << Math.min(repeats, 10));
    return pause.compareTo(LONGEST_PAUSE_BEFORE_REPEAT) < 0 ? pause : LONGEST_PAUSE_BEFORE_REPEAT;
  }

  /** Keeps other replicas away; returns when to do so again. */
  private Instant renew(Erasure erasure, @Nullable String cursor, Instant renewAt) {
    if (!clock.instant().isAfter(renewAt)) {
      return renewAt;
    }
    proceed(erasure, cursor, leaseEnd());
    return clock.instant().plus(LEASE_RENEWED_AFTER);
  }

  private void forget(Erasure erasure, String id) {
    database.useDirectory(handle ->
        handle.attach(ExecutionErasureDao.class).forgetPassedOver(erasure.erasureId(), id));
  }

  /** The outcome of an execution. */
  private enum Outcome {
    DELETED,
    /** It is gone, or does not name the user. */
    OF_OTHERS,
    PASSED_OVER
  }

  /**
   * Deletes an execution if it names the user. One that fails is noted, so that it is tried again,
   * and does not keep those after it from being deleted.
   *
   * @throws N8nException when n8n as a whole is unavailable, or refuses the API key
   */
  private Outcome erase(N8nExecutions executions, Erasure erasure, String id)
      throws N8nException, InterruptedException {
    try {
      if (!executions.mentions(id, erasure.terms())) {
        return Outcome.OF_OTHERS;
      }
      executions.delete(id);
      return Outcome.DELETED;
    } catch (N8nException e) {
      if (e.isOfKey()) {
        throw e;
      }
      // Fails as well where the fault is not of this execution alone.
      var _ = executions.list(null);
      database.useDirectory(handle ->
          handle.attach(ExecutionErasureDao.class).notePassedOver(erasure.erasureId(), id));
      log.warn(
          "execution {} of n8n, which may name an erased user, is passed over and tried again later: {}",
          id,
          e.getMessage());
      return Outcome.PASSED_OVER;
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

  private void proceed(Erasure erasure, @Nullable String cursor, Instant dueAt) {
    database.useDirectory(handle ->
        handle.attach(ExecutionErasureDao.class).proceed(erasure.erasureId(), cursor, dueAt));
  }

  private Instant now() {
    return clock.instant();
  }

  private Instant leaseEnd() {
    return now().plus(LEASE);
  }

  @Override
  public void close() {
    if (n8n != null) {
      n8n.close();
    }
  }
}
